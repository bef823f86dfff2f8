"""What stands around every answer: headers for the browser, and requests that are not let in."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registration.edge.call import call_of, is_api
from registration.edge.limits import SAFE_METHODS
from registration.edge.refusals import Stop
from registration.i18n import N_
from registration.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PUBLIC_PATHS = ("/static/", "/brand.css", "/brand/logo", "/favicon.svg")
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """Each answer carries the headers, unless its handler set a stricter or other one itself.

    What a logged-in person sees is stored by no cache, whatever the handler said.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if settings.base_url.startswith("https:"):
            self.headers["Strict-Transport-Security"] = STRICT_TRANSPORT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith(PUBLIC_PATHS):
                    headers.setdefault("Cache-Control", "private, no-store")
                    if call_of(scope).identity is not None:
                        headers["Cache-Control"] = "private, no-store"
            await send(message)

        await self.app(scope, receive, guarded)


def host_of(netloc: str) -> str:
    """The host without its port, in lower case; an IPv6 address keeps its brackets."""
    host, _colon, port = netloc.rpartition(":")
    return (host if host and port.isdecimal() else netloc).lower()


class TrustedHosts:
    """Only requests for a name of ours: links in mails and redirects cannot be led elsewhere."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.hosts = OWN_HOSTS | {host_of(urlsplit(settings.base_url).netloc)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if host_of(host) not in self.hosts:
                raise Stop(400, "unknown_host", N_("This service has another address."))
        await self.app(scope, receive, send)


class SameSite:
    """A request that changes something comes from our own pages, or brings no cookie.

    Browsers say where a request comes from (Fetch Metadata; else Origin), and pages cannot forge
    it. Programs say nothing; the API takes no cookie at all, so that there is nothing to abuse.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.own = urlsplit(settings.base_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            bearer = is_api(scope) and headers.get("authorization", "")[:7].lower() == "bearer "
            if not bearer and not self._ours(headers):
                raise Stop(
                    403,
                    "cross_site",
                    N_(
                        "This was sent from another site, so it was not done. "
                        "Open the page here and try again."
                    ),
                )
        await self.app(scope, receive, send)

    def _ours(self, headers: Headers) -> bool:
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        return urlsplit(origin).netloc.lower() in {headers.get("host", "").lower(), self.own}
