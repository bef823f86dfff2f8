"""When the answers about one day of an event go, and what goes with them (P4).

An event of several days may be told to delete each day's answers after the day. Precisely: a day
is a local date of the event's zone on which a meal is served. It ends at local midnight; after the
event's own period (``erase_diets_after``) from there its answers are due, but never later than the
event's deadline. The last day has no moment of its own: it goes with the event. When a day is due:

- a guest who takes no meal on a later day has nothing left to be kept for: all they said goes;
- of every other guest, what they chose about the meals of that day and before goes; what they
  cannot eat stays, for it is needed on the days to come;
- the counts of those days go from the kitchen sheets that were handed out.

So that no old copy of the store tells more, what stays is sealed anew under a new key and the old
key is destroyed. The receipt says how many guests' answers went or were cut down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class DayEnd:
    """``day`` is over, and its answers are due at ``due_at`` (UTC)."""

    day: date
    due_at: datetime


def day_ends(
    meal_days: Iterable[date], *, zone: ZoneInfo, grace: timedelta, latest: datetime
) -> list[DayEnd]:
    """The days that go before the event does, in order; none where there are meals on one only."""
    found = [DayEnd(day, _due(day, zone, grace)) for day in sorted(set(meal_days))[:-1]]
    return [each for each in found if each.due_at < latest]


def _due(day: date, zone: ZoneInfo, grace: timedelta) -> datetime:
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
    return midnight.astimezone(UTC) + grace  # in UTC: a local day may have 23 hours or 25


def cut_down(
    skipped: Iterable[UUID], served: Mapping[UUID, date], *, gone: date
) -> tuple[UUID, ...] | None:
    """What stays of the meals that a guest skips when all days up to ``gone`` are over; None when
    the guest takes no meal after it. ``served``: the day of each meal of the event."""
    left_out = set(skipped)
    later = {meal for meal, day in served.items() if day > gone}
    if later <= left_out:
        return None
    return tuple(meal for meal in skipped if meal in later)
