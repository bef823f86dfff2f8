"""Diets delete themselves: at their deadline, and when what they were for has ended (P4)."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from registration import clock
from registration.catalogue.service import on_deadline_changed
from registration.catering.daily import delete_days, next_day
from registration.catering.deletion import delete_due, delete_unheld, pause_after
from registration.catering.queries import due_deletions, next_deletion
from registration.catering.steady import SteadyClock
from registration.enrolment.placing import on_diet_unheld
from registration.schedule import Job
from registration.settings import Settings


class _Backoff:
    """When to try again what failed without a vault that could say so, as when the store itself
    is out of reach. Of this process only: one that starts tries at once."""

    def __init__(self) -> None:
        self.tries = 0
        self.not_before: datetime | None = None

    def failed(self, *, now: datetime) -> None:
        self.tries += 1
        self.not_before = now + pause_after(self.tries)

    def succeeded(self) -> None:
        self.tries, self.not_before = 0, None


_backoff = _Backoff()


@cache
def steady_clock(folder: Path) -> SteadyClock:
    return SteadyClock(folder, wall=lambda: clock.now())


def leapt_by(settings: Settings) -> timedelta | None:
    """By how much the system's clock has stepped, while that is not believed. Blocks."""
    return steady_clock(settings.data).leapt_by()


async def delete_diets(settings: Settings) -> int:
    """What is due by the steady clock is gone; see ``steady``."""
    now = await asyncio.to_thread(steady_clock(settings.data).now)
    try:
        try:
            days = await delete_days(settings, now=now)
        finally:
            events = await delete_due(settings, now=now)
    except Exception:  # counted for the pause, then the scheduler's to log
        _backoff.failed(now=clock.now())
        raise
    _backoff.succeeded()
    return days + events


async def delete_unheld_diets(settings: Settings) -> int:
    return await delete_unheld(settings, now=clock.now())


async def next_due() -> datetime | None:
    """The earliest deadline, which is past while a deletion has not finished; the next try of one
    that failed."""
    now = clock.now()
    moments = [max(due.due_at, due.next_try_at or due.due_at) for due in await due_deletions(now)]
    if moments and _backoff.not_before is not None:
        moments = [max(min(moments), _backoff.not_before)]
    moments += [each for each in (await next_deletion(now), await next_day(now)) if each]
    return min(moments, default=None)


JOBS = (
    Job(
        "delete-diets",
        delete_diets,
        every=timedelta(seconds=30),
        wake_on=on_deadline_changed,
        due_at=next_due,
    ),
    Job(
        "delete-unheld-diets",
        delete_unheld_diets,
        every=timedelta(minutes=5),
        wake_on=on_diet_unheld,
    ),
)
