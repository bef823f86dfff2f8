"""Diets delete themselves: at their deadline, and when what they were for has ended (P4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from registration import clock
from registration.catalogue.service import on_deadline_changed
from registration.catering.deletion import delete_due, delete_unheld
from registration.catering.queries import next_deletion, overdue
from registration.enrolment.service import on_diet_unheld
from registration.schedule import Job
from registration.settings import Settings

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=1)


class _Backoff:
    """When to try again what failed. Of this process only: one that starts tries at once."""

    def __init__(self) -> None:
        self.tries = 0
        self.not_before: datetime | None = None

    def failed(self, *, now: datetime) -> None:
        self.not_before = now + min(FIRST_PAUSE * (1 << min(self.tries, 10)), LONGEST_PAUSE)
        self.tries += 1

    def succeeded(self) -> None:
        self.tries, self.not_before = 0, None


_backoff = _Backoff()


async def delete_diets(settings: Settings) -> int:
    try:
        done = await delete_due(settings, now=clock.now())
    except Exception:  # counted for the pause, then the scheduler's to log
        _backoff.failed(now=clock.now())
        raise
    _backoff.succeeded()
    return done


async def delete_unheld_diets(settings: Settings) -> int:
    return await delete_unheld(settings, now=clock.now())


async def next_due() -> datetime | None:
    """The earliest deadline, which is past while a deletion has not finished; the next try of one
    that failed."""
    now = clock.now()
    moments = [line.due_at for line in await overdue(now)][:1]
    if moments and _backoff.not_before is not None:
        moments = [max(moments[0], _backoff.not_before)]
    following = await next_deletion(now)
    return min([*moments, following]) if following else min(moments, default=None)


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
