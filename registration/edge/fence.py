"""What stands around every answer: headers for the browser, and requests that are not let in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn._types import ASGI3Application
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from registration.accounts.rules import TOKEN_PREFIX
from registration.edge.call import call_of, is_api
from registration.edge.limits import SAFE_METHODS, is_among
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
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PUBLIC_PATHS = ("/static/", "/brand.css", "/brand/logo", "/favicon.svg")
OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
MAX_ADDRESS = 4 * 1024
MAX_HEADERS = 8 * 1024
TOKEN = re.compile(rf"{TOKEN_PREFIX}[0-9a-f]{{32}}\.")
TOKEN_NAMES = frozenset(
    {"token", "access_token", "api_token", "api_key", "apikey", "bearer", "authorization"}
)
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


class TrustedProxies:
    """Who asks, and by which scheme, is what our own proxies say (``X-Forwarded-For``, ``-Proto``);
    what anybody else says of it is not heard."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        if settings.trusted_proxies:
            inner = cast("ASGI3Application", app)
            proxied = ProxyHeadersMiddleware(inner, trusted_hosts=list(settings.trusted_proxies))
            self.app = cast("ASGIApp", proxied)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Addresses:
    """Addresses and headers that are too long, hold what no store takes, or show a token."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._check(scope)
        await self.app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        path, query = scope["path"], scope.get("query_string", b"")
        if len(path) + len(query) > MAX_ADDRESS:
            raise Stop(414, "address_too_long", N_("This address is too long."))
        if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEADERS:
            raise Stop(
                431,
                "headers_too_large",
                N_("The browser sends too much with its request. Delete this site's cookies."),
            )
        if "\0" in path or b"%00" in query or b"\0" in query:
            raise Stop(400, "address_unreadable", N_("This address cannot be read."))
        if is_api(scope) and _shows_token(path, query):
            raise Stop(
                400,
                "token_in_address",
                N_(
                    "Addresses are written down in many places: never put a token in one. "
                    "Send it as a header, Authorization: Bearer, and have this token replaced."
                ),
            )


def _shows_token(path: str, query: bytes) -> bool:
    if TOKEN.search(path):
        return True
    if not query:
        return False
    text = unquote_to_bytes(query.replace(b"+", b" ")).decode("latin-1")
    if TOKEN.search(text):
        return True
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return any(name.strip().lower().replace("-", "_") in TOKEN_NAMES for name, _value in pairs)


class SameSite:
    """A request that changes something comes from our own pages, or brings no cookie.

    Browsers say where a request comes from (Fetch Metadata; else Origin), and pages cannot forge
    it. Programs say nothing; the API takes no cookie at all, so that there is nothing to abuse.
    ``open_to_all``: paths whose own secret decides, whoever sends it.
    """

    def __init__(
        self, app: ASGIApp, *, settings: Settings, open_to_all: Sequence[re.Pattern[str]] = ()
    ) -> None:
        self.app, self.open_to_all = app, open_to_all
        own = urlsplit(settings.base_url)
        self.scheme, self.own = own.scheme, own.netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            bearer = is_api(scope) and headers.get("authorization", "")[:7].lower() == "bearer "
            if not bearer and not self._ours(headers) and not is_among(self.open_to_all, scope):
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
        return self._own_origin(origin, headers.get("host", "").lower())

    def _own_origin(self, origin: str, host: str) -> bool:
        """Our address is ours by its scheme only: on an unsafe line somebody else may answer under
        its name. Beside it, the name that a request for this very machine gives."""
        scheme, _colon, netloc = origin.lower().partition("://")
        if netloc == self.own:
            return scheme == self.scheme
        return netloc == host and scheme in {"http", "https"}
