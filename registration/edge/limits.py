"""How often something may be tried: generous for people, tiresome for guessing.

Counted in one table for all processes (``tries``), under keyed hashes. What one process knows to be
over its limit it refuses without asking again.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from registration import clock
from registration.edge.refusals import Stop
from registration.i18n import N_
from registration.settings import Settings
from registration.tries.service import Counted, count, key_of

T = TypeVar("T")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# One household or office has at least so much of IPv6 (RFC 6177).
IPV6_PREFIX = 64
MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` tries in ``window``. Of these each process lets ``alone`` pass before it
    counts in the table, so that who does little costs nothing: with n processes the true limit is
    up to ``most + (n - 1) * alone``."""

    what: str
    most: int
    window: timedelta
    alone: int = 0


UNSAFE = Limit("unsafe", 120, timedelta(minutes=1), alone=20)
LOGIN_ASKS = Limit("login asks", 60, timedelta(minutes=15))
LOGIN_MAILS = Limit("login mails", 5, timedelta(minutes=15))
# Tries that missed, by kind of secret: links, tokens, what a certificate or a calendar is found by.
MISSED = timedelta(minutes=10)
MISSED_LINKS = Limit("missed links", 30, MISSED)
MISSED_TOKENS = Limit("missed tokens", 200, MISSED)
MISSED_TOKEN = Limit("missed token", 20, MISSED)
MISSED_LOOKUPS = Limit("missed look-ups", 60, MISSED)


class Limiter:
    """The counts of one application, as far as this process needs to know them."""

    def __init__(self, settings: Settings) -> None:
        self._secret, self.off = settings.secret, settings.rate_limit == "off"
        self._alone: OrderedDict[UUID, Counted] = OrderedDict()
        self._over: OrderedDict[UUID, datetime] = OrderedDict()

    async def hit(self, limit: Limit, of: str) -> None:
        """Count one. Raises ``Stop`` (429) when it is one too many."""
        if self.off:
            return
        key = key_of(self._secret, limit.what, of)
        now = clock.now()
        self._refuse_known(key, now)
        hits = self._to_tell(limit, key, now)
        if not hits:
            return
        found = await count(key, hits=hits, window=limit.window, now=now)
        if found.hits > limit.most:
            _know(self._over, key, found.ends_at)
            raise _too_often(found.ends_at - now)

    def check(self, limit: Limit, of: str) -> None:
        """Count nothing. Raises ``Stop`` (429) when this process has seen it over its limit."""
        if self._over and not self.off:
            self._refuse_known(key_of(self._secret, limit.what, of), clock.now())

    def _refuse_known(self, key: UUID, now: datetime) -> None:
        until = self._over.get(key)
        if until is None:
            return
        if until > now:
            raise _too_often(until - now)
        del self._over[key]

    def _to_tell(self, limit: Limit, key: UUID, now: datetime) -> int:
        """How many hits the table is to be told of: none while this process is within its own
        share, then the whole share at once, then each."""
        if not limit.alone:
            return 1
        before = self._alone.get(key)
        if before is None or before.ends_at <= now:
            before = Counted(0, now + limit.window)
        nth = before.hits + 1
        _know(self._alone, key, Counted(nth, before.ends_at))
        if nth <= limit.alone:
            return 0
        return nth if nth == limit.alone + 1 else 1


def _know(known: OrderedDict[UUID, T], key: UUID, value: T) -> None:
    """Of too many the oldest is forgotten."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > MOST_KNOWN:
        known.popitem(last=False)


def _too_often(wait: timedelta) -> Stop:
    return Stop(
        429,
        "too_many_requests",
        N_("That was too often in a short time. Wait a minute and try again."),
        {"Retry-After": str(max(1, math.ceil(wait.total_seconds())))},
    )


def limiter_of(scope: Scope) -> Limiter:
    found = scope["app"].state.limiter
    assert isinstance(found, Limiter)  # noqa: S101 -- narrows the type for mypy
    return found


def client_address(scope: Scope) -> str:
    """Who is asking, as far as the network tells: of IPv6 the part that one site has."""
    client = scope.get("client")
    if not client:
        return "-"
    try:
        address = ip_address(str(client[0]).partition("%")[0])
    except ValueError:
        return "-"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return str(int(address) >> (128 - IPV6_PREFIX))
        address = address.ipv4_mapped
    return str(address)


async def limit(request: Request, item: Limit, of: str = "") -> None:
    """Count one try ``of`` somebody or something; empty: of this address. Raises ``Stop`` (429)."""
    await limiter_of(request.scope).hit(item, of or client_address(request.scope))


def check_limit(request: Request, item: Limit, of: str = "") -> None:
    """Before work that only misses are counted of. Raises ``Stop`` (429) when there were too many;
    counts nothing."""
    limiter_of(request.scope).check(item, of or client_address(request.scope))


def is_among(paths: Sequence[re.Pattern[str]], scope: Scope) -> bool:
    return any(path.match(scope["path"]) for path in paths)


class RateLimits:
    """Requests that change something are counted by address before anything else is done, but for
    those ``uncounted``: a mailbox provider sends many people's from few addresses."""

    def __init__(
        self, app: ASGIApp, *, limiter: Limiter, uncounted: Sequence[re.Pattern[str]] = ()
    ) -> None:
        self.app, self.limiter, self.uncounted = app, limiter, uncounted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        counts = scope["type"] == "http" and scope["method"] not in SAFE_METHODS
        if counts and not is_among(self.uncounted, scope):
            await self.limiter.hit(UNSAFE, client_address(scope))
        await self.app(scope, receive, send)
