"""What the privacy domain does by itself: the nightly sweep of what is due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from registration import clock
from registration.i18n import DEFAULT_ZONE
from registration.privacy.receipts import at_work, last_start
from registration.privacy.sweeping import sweep
from registration.schedule import Job
from registration.settings import Settings

# The hour of the night, here, when few people are at work.
HOUR = time(2, 15)


async def retention(settings: Settings) -> int | str:
    """Nothing while another process is at it."""
    now = clock.now()
    if await at_work(now=now):
        return 0
    swept = await sweep(settings, now=now)
    parts = [f"{rule} {number}" for rule, number in swept.deleted.items()]
    return ", ".join(parts) if parts else 0


async def next_night() -> datetime | None:
    """Tonight's hour, or the last one if no sweep has begun since."""
    return night_after(await last_start(), now=clock.now())


def night_after(begun: datetime | None, *, now: datetime) -> datetime:
    today = now.astimezone(DEFAULT_ZONE).date()
    hour = datetime.combine(today, HOUR, DEFAULT_ZONE)
    if now < hour:
        hour -= timedelta(days=1)
    if begun is None or begun >= hour:
        hour += timedelta(days=1)
    return hour.astimezone(UTC)


JOBS = (
    # Its own moment wakes it each night; the interval is for a clock that stood still.
    Job(
        "retention",
        retention,
        every=timedelta(days=7),
        at_start=False,
        due_at=next_night,
    ),
)
