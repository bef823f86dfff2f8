"""How often one address may ask: generous for people, tiresome for guessing.

Counted in this process's memory; addresses and e-mail addresses are kept nowhere else.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from registration.edge.call import settings
from registration.edge.refusals import Stop
from registration.i18n import N_
from registration.settings import Settings

UNSAFE = RateLimitItemPerMinute(120)
LOGIN_ASKS = RateLimitItemPerMinute(5)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Limiter:
    """The counts of one application."""

    def __init__(self) -> None:
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    def hit(self, item: RateLimitItem, *keys: str) -> None:
        """Count one. Raises ``Stop`` (429) when it is one too many."""
        if self._windows.hit(item, *keys):
            return
        ends = self._windows.get_window_stats(item, *keys).reset_time
        wait = max(1, math.ceil(ends - time.time()))
        raise Stop(
            429,
            "too_many_requests",
            N_("That was too often in a short time. Wait a minute and try again."),
            {"Retry-After": str(wait)},
        )


def client_address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "-"


def limit(request: Request, item: RateLimitItem, what: str, key: str = "") -> None:
    """Count one ``what`` by this address (and ``key``). Raises ``Stop`` (429)."""
    if settings(request).rate_limit == "off":
        return
    limiter = request.app.state.limiter
    assert isinstance(limiter, Limiter)  # noqa: S101 -- narrows the type for mypy
    limiter.hit(item, what, client_address(request.scope), key)


class RateLimits:
    """Requests that change something are counted by address before anything else is done."""

    def __init__(self, app: ASGIApp, *, settings: Settings, limiter: Limiter) -> None:
        self.app, self.limiter = app, limiter
        self.off = settings.rate_limit == "off"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        if counted and not self.off:
            self.limiter.hit(UNSAFE, "unsafe", client_address(scope))
        await self.app(scope, receive, send)
