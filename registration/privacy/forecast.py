"""What the sweep would delete: tonight, and in a month to come. Nothing is changed here.

On a page only so many windows are looked through; ``whole`` says whether that was all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from registration.periods import Schedule, goes_on
from registration.privacy.due import Found, due_lists
from registration.privacy.reasons import judged, reasons_for
from registration.privacy.retention import RULES, Night, Rule, Sort
from registration.privacy.rules import Why
from registration.qualifications.models import Certificate
from registration.settings import Settings

# Of 2,000 ids or 50 offerings each.
PAGE_WINDOWS = 40


@dataclass(frozen=True, slots=True)
class Planned:
    """By one rule: how many go, and how many that are due stay, by why."""

    rule: Rule
    goes: int
    left: Counter[Why]
    whole: bool


async def plan(settings: Settings, *, now: datetime, windows: int | None = None) -> list[Planned]:
    """What a sweep at ``now`` would do, rule by rule."""
    night, schedule = Night(now, settings.time_zone), settings.organisation.retention
    planned: list[Planned] = []
    for rule in RULES:
        goes, looked = 0, 0
        left: Counter[Why] = Counter()
        async for due in due_lists(rule, night, schedule, windows=windows):
            looked += 1
            reasons = await reasons_for([each.person_id for each in due if each.person_id])
            for each in due:
                said = judged(rule, each, reasons, today=night.today)
                goes += said.goes
                left.update([] if said.goes else [said.why])
        planned.append(Planned(rule, goes, left, windows is None or looked < windows))
    return planned


@dataclass(frozen=True, slots=True)
class Going:
    """So many go by a rule on a day; ``day`` None: on some day of the month."""

    rule: Rule
    day: date | None
    number: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """``whole``: all was looked through."""

    going: tuple[Going, ...]
    whole: bool


async def ahead(first: date, last: date, settings: Settings, *, now: datetime) -> Ahead:
    """What falls due from ``first`` to ``last``, if nothing changes and nothing is held. Days that
    have passed count for nothing: what was due then is gone, or goes tonight."""
    zone, schedule = settings.time_zone, settings.organisation.retention
    first = max(first, now.astimezone(zone).date() + timedelta(days=1))
    if last < first:
        return Ahead((), True)
    noon = time(12)
    end = Night(datetime.combine(last, noon, zone), zone)
    before = Night(datetime.combine(first - timedelta(days=1), noon, zone), zone)
    going: list[Going] = []
    whole = True
    for rule in RULES:
        already, all_before = await _due(rule, before, schedule)
        then, all_then = await _due(rule, end, schedule)
        whole = whole and all_before and all_then
        new = [each for key, each in then.items() if key not in already]
        days = await _days(rule, new, end, schedule)
        going += [Going(rule, day, number) for day, number in sorted(days.items(), key=_by_day)]
    return Ahead(tuple(going), whole)


def _by_day(pair: tuple[date | None, int]) -> date:
    return pair[0] or date.max


async def _due(rule: Rule, night: Night, schedule: Schedule) -> tuple[dict[UUID, Found], bool]:
    found: dict[UUID, Found] = {}
    looked = 0
    async for due in due_lists(rule, night, schedule, windows=PAGE_WINDOWS):
        looked += 1
        found |= {each.id: each for each in due}
    return found, looked < PAGE_WINDOWS


async def _days(
    rule: Rule, new: Sequence[Found], night: Night, schedule: Schedule
) -> Counter[date | None]:
    """How many go on which day; of persons only the month is known."""
    if rule.sort is Sort.PERSON:
        return Counter({None: len(new)}) if new else Counter()
    ends: dict[UUID, date] = {}
    if rule.sort is Sort.RECORD:
        rows = Certificate.filter(place_id__in=[each.id for each in new])
        for place, until in await rows.values_list("place_id", "valid_until"):
            if until is not None:
                made = UUID(str(place))
                ends[made] = max(until, ends.get(made, until))
    days: Counter[date | None] = Counter()
    for each in new:
        last = ends.get(each.id)
        if last is None and (rule.sort is Sort.RECORD or each.ended_at is None):
            days[None] += 1
            continue
        if last is None:
            assert each.ended_at is not None  # noqa: S101 -- narrows the type for mypy
            last = each.ended_at.astimezone(night.zone).date()
        days[goes_on(last, rule.months(schedule))] += 1
    return days
