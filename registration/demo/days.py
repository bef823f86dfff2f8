"""When things are in the demo, counted from today, and numbers that look right."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from registration.catalogue.rules import at_local

SATURDAY = 5


def working_day(day: int, days: int, *, now: datetime, zone: ZoneInfo) -> int:
    """``day``, or the Monday after it when a weekend would come in between. Today stays, so
    that a trainer has something to record."""
    today = now.astimezone(zone).date()
    weekdays = [(today + timedelta(days=day + n)).weekday() for n in range(days)]
    if day == 0 or max(weekdays) < SATURDAY:
        return day
    return day + (7 - weekdays[0])


def local_hour(day: int, hour: int, *, now: datetime, zone: ZoneInfo) -> datetime:
    on: date = now.astimezone(zone).date() + timedelta(days=day)
    return at_local(on, time(hour), zone)


def business_id(number: int) -> str:
    """A number in the form of a Finnish business ID whose check digit is right."""
    while True:
        digits = f"{number:07}"
        weights = (7, 9, 10, 5, 8, 4, 2)
        rest = sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
        if rest != 1:
            return f"{digits}-{0 if rest == 0 else 11 - rest}"
        number += 11
