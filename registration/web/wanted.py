"""What somebody signs up for: a session or an event, read once a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from registration import clock, db
from registration.catalogue.lines import EventLine, SessionLine
from registration.catalogue.queries import event_offering, session_offering
from registration.catalogue.rules import Offering
from registration.catering.rules import may_give
from registration.web.kept import moment
from registration.web.offered import seen_event, seen_session

L = TypeVar("L", SessionLine, EventLine)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is signed up for: read once a request."""

    line: SessionLine | EventLine
    offering: Offering
    action: str
    now: datetime

    @property
    def asks_diet(self) -> bool:
        return may_give(self.offering, now=self.now)


async def wanted_session(request: Request, *, fresh: bool = False) -> Wanted:
    """As it was a moment ago, unless ``fresh``: who takes a place looks again under the lock."""
    line = await _kept_line(request, "sessions", SessionLine, seen_session, fresh=fresh)
    return Wanted(line, session_offering(line), f"/sessions/{line.id}/enrol", clock.now())


async def wanted_event(request: Request, *, fresh: bool = False) -> Wanted:
    line = await _kept_line(request, "events", EventLine, seen_event, fresh=fresh)
    return Wanted(line, event_offering(line), f"/events/{line.slug}/register", clock.now())


async def _kept_line(
    request: Request,
    name: str,
    kind: type[L],
    read: Callable[[Request], Awaitable[L]],
    *,
    fresh: bool,
) -> L:
    lines = moment(request, name, kind)
    key = request.url.path, db.generation()
    if fresh:
        return lines.keep(key, await read(request))
    return await lines.get(key, partial(read, request))
