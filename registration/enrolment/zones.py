"""A zone's clock changes as calendars need them: a VTIMEZONE (RFC 5545, 3.6.5).

Found by looking at the zone itself. Each change is said in the local time that is left behind, as
the standard asks, and by a yearly rule where the zone has one: that is what Outlook reads.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

FIRST_YEAR, LAST_YEAR = 2020, 2037
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Change:
    """At ``local``, by the clock until then, the offset ``before`` becomes ``after``."""

    before: timedelta
    after: timedelta
    name: str
    local: datetime


def changes(zone: ZoneInfo) -> list[Change]:
    """All changes of the offset from ``FIRST_YEAR`` to ``LAST_YEAR``, in order."""
    found: list[Change] = []
    day, end = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    while day < end:
        if _offset(zone, day) != _offset(zone, day + DAY):
            found.append(_change(zone, day, day + DAY))
        day += DAY
    return found


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> Change:
    old = _offset(zone, before)
    while after - before > SECOND:
        middle = before + ((after - before) / 2 // SECOND) * SECOND
        before, after = (middle, after) if _offset(zone, middle) == old else (before, middle)
    name = after.astimezone(zone).tzname() or ""
    return Change(old, _offset(zone, after), name, (after + old).replace(tzinfo=None))


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


@lru_cache(maxsize=16)
def timezone(name: str) -> Timezone:
    """The VTIMEZONE of an IANA zone."""
    zone = ZoneInfo(name)
    made = Timezone()
    made.add("tzid", name)
    found = sorted(changes(zone), key=lambda each: (each.before, each.after, each.name))
    groups = [
        list(group) for _kind, group in groupby(found, lambda each: (each.before, each.after))
    ]
    rules = [_rule([each.local for each in group]) for group in groups]
    if not all(rules) or not rules:
        start = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
        offset, said = _offset(zone, start), start.astimezone(zone).tzname() or ""
        begin = Change(offset, offset, said, datetime(1970, 1, 1))  # noqa: DTZ001 -- local time
        made.add_component(_part([begin], None))
    for group, rule in zip(groups, rules, strict=True):
        made.add_component(_part(group, rule))
    return made


def _part(group: Sequence[Change], rule: str | None) -> TimezoneDaylight | TimezoneStandard:
    first = group[0]
    part = TimezoneDaylight() if first.after > first.before else TimezoneStandard()
    part.add("dtstart", first.local)
    part.add("tzoffsetfrom", first.before)
    part.add("tzoffsetto", first.after)
    part.add("tzname", first.name)
    if rule:
        part.add("rrule", {"freq": "yearly", "bymonth": first.local.month, "byday": rule})
    elif len(group) > 1:
        part.add("rdate", [each.local for each in group[1:]])
    return part


def _rule(moments: Sequence[datetime]) -> str | None:
    """The weekday of its month on which a change is every year (``-1SU``: the last Sunday), or
    None when these follow no such rule."""
    years = [moment.year for moment in moments]
    alike = {(moment.month, moment.weekday(), moment.time()) for moment in moments}
    if years != list(range(FIRST_YEAR, LAST_YEAR + 1)) or len(alike) != 1:
        return None
    weekday = WEEKDAYS[moments[0].weekday()]
    if all(moment.day + 7 > monthrange(moment.year, moment.month)[1] for moment in moments):
        return f"-1{weekday}"
    weeks = {(moment.day - 1) // 7 + 1 for moment in moments}
    return f"{weeks.pop()}{weekday}" if len(weeks) == 1 else None
