"""Who is asking, and in which language: read once per request, before any handler."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registration import clock
from registration.accounts.logins import identify, identify_token
from registration.accounts.rules import TOKEN_PREFIX
from registration.edge import cookies
from registration.edge.call import Call, call_of, is_api
from registration.edge.limits import (
    MISSED_TOKEN,
    MISSED_TOKENS,
    client_address,
    limiter_of,
)
from registration.edge.refusals import Stop
from registration.i18n import FALLBACK, N_, choose_language, speaking
from registration.settings import Settings

# So much of a token says which it is; the rest is its secret.
TOKEN_NAMED = len(TOKEN_PREFIX) + 32
# These know no person, and are asked for often: no look-up for them.
IMPERSONAL = ("/static/", "/brand", "/favicon.svg", "/healthz", "/readyz", "/metrics")


class Languages:
    """Pages speak the language asked for by ``?lang=`` (a cookie keeps it), else the cookie's,
    else the account's, else the browser's, and say which (``Content-Language``). The API speaks as
    ``Accept-Language`` asks."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = call_of(scope)
        asked = self._choose(call, scope)

        async def remembered(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.setdefault("Content-Language", call.language)
                if asked:
                    age = cookies.LANGUAGE_SECONDS
                    line = cookies.line(self.settings, cookies.LANGUAGE, asked, age=age)
                    cookies.add(message, line)
            await send(message)

        with speaking(call.language):
            await self.app(scope, receive, remembered)

    def _choose(self, call: Call, scope: Scope) -> str:
        """Sets the call's language; says which one to remember, if any."""
        offered = self.settings.languages
        accept = Headers(scope=scope).get("accept-language", "")
        if is_api(scope):
            ranked = sorted(offered, key=lambda code: code != FALLBACK)
            call.language = choose_language(accept=accept, offered=ranked)
            return ""
        query = scope.get("query_string", b"")
        wishes = parse_qs(query.decode("latin-1")).get("lang", []) if b"lang=" in query else []
        asked = wishes[-1] if wishes and wishes[-1] in offered else ""
        kept = cookies.read(scope).get(cookies.name_of(self.settings, cookies.LANGUAGE), "")
        call.chosen = bool(asked) or kept in offered
        call.language = choose_language(asked, kept, accept=accept, offered=offered)
        return asked


class Callers:
    """Pages know people by the login's cookie and nothing else, the API by a bearer token and
    nothing else; so no other site can make a browser use the API."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(IMPERSONAL):
            await self.app(scope, receive, send)
            return
        call = call_of(scope)
        if is_api(scope):
            await self._bearer(call, scope)
            await self.app(scope, receive, send)
            return
        given = cookies.read(scope)
        secret = given.get(cookies.name_of(self.settings, cookies.LOGIN), "")
        waiting = given.get(cookies.name_of(self.settings, cookies.FLASH))
        if secret:
            call.identity = await identify(secret, now=clock.now())
        if waiting is not None:
            call.shown = cookies.read_flash(self.settings, waiting)
        if call.identity and not call.chosen and call.identity.language in self.settings.languages:
            call.language = call.identity.language
        flashing = self._flashing(call, waiting is not None, send)
        with speaking(call.language):
            await self.app(scope, receive, flashing)

    async def _bearer(self, call: Call, scope: Scope) -> None:
        kind, _space, token = Headers(scope=scope).get("authorization", "").partition(" ")
        if not kind:
            return
        if kind.lower() == "bearer":
            limiter, address = limiter_of(scope), client_address(scope)
            claimed = f"{address} {token.strip()[:TOKEN_NAMED]}"
            limiter.check(MISSED_TOKENS, address)
            limiter.check(MISSED_TOKEN, claimed)
            call.identity = await identify_token(token.strip(), now=clock.now())
            if call.identity is None:
                await limiter.hit(MISSED_TOKENS, address)
                await limiter.hit(MISSED_TOKEN, claimed)
        if call.identity is None:
            raise Stop(
                401,
                "token_unknown",
                N_("This token is not known, or it has ended. Ask for a new one."),
                {"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )

    def _flashing(self, call: Call, given: bool, send: Send) -> Send:
        """Texts that no page has shown yet wait in a cookie; shown ones go."""

        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start":
                waiting = [] if call.rendered else call.shown + call.kept
                if (call.kept and not call.rendered) or (given and call.rendered):
                    cookies.add(message, cookies.flash_line(self.settings, waiting))
            await send(message)

        return kept
