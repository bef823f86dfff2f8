"""What is due by each rule, found in small steps so that no statement takes long.

Ids are walked in windows; each window's statement looks only at its own rows. The same statement,
asked for given ids under their lock, says what is still due then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.catalogue.models import Session
from registration.db import reading
from registration.enrolment.models import Place
from registration.periods import Schedule, goes_on
from registration.privacy.datamap import DATA_MAP
from registration.privacy.export import model_of
from registration.privacy.retention import Night, Rule, Sort
from registration.privacy.statement import Given
from registration.qualifications.rules import valid_until

WINDOW = 2_000
SEATINGS = 50
NIL = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Found:
    """One row that is due: ``person_id`` is whose it is, None where nobody's is known;
    ``ended_at`` when what it was for had ended."""

    id: UUID
    person_id: UUID | None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A part of what there is to look through: ids above ``after`` up to ``upto``, or the places
    of some seatings."""

    after: UUID = NIL
    upto: UUID | None = None
    seatings: tuple[UUID, ...] = ()


async def due_lists(
    rule: Rule, night: Night, schedule: Schedule, *, windows: int | None = None
) -> AsyncIterator[list[Found]]:
    """All that is due, in lists of at most ``WINDOW``, and an empty list where a window has
    nothing: between any two the caller may rest. ``windows``: how many are looked at, at most.
    """
    looked = 0
    async for window in _windows(rule, night, schedule):
        if looked == windows:
            return
        looked += 1
        after = (NIL, NIL)
        while True:
            rows = await _look(rule, night, schedule, window=window, after=after)
            yield [found for _seating, found in rows]
            if rule.table != "place" or len(rows) < WINDOW:
                break
            after = (rows[-1][0], rows[-1][1].id)


async def still_due(
    rule: Rule, night: Night, schedule: Schedule, ids: Sequence[UUID]
) -> list[Found]:
    """Which of these are due as things stand now."""
    return [found for _seating, found in await _look(rule, night, schedule, ids=ids)]


async def _windows(rule: Rule, night: Night, schedule: Schedule) -> AsyncIterator[Window]:
    if rule.table == "place":
        async for seatings in _seatings(rule, night.moment_before(rule.months(schedule))):
            yield Window(seatings=seatings)
        return
    model, after = model_of(rule.table), NIL
    while True:
        rows = model.filter(id__gt=after).order_by("id").offset(WINDOW - 1).limit(1)
        last = [UUID(str(each)) for each in await rows.values_list("id", flat=True)]
        if not last:
            yield Window(after)
            return
        yield Window(after, last[0])
        after = last[0]


async def _seatings(rule: Rule, before: datetime) -> AsyncIterator[tuple[UUID, ...]]:
    """Of the offerings that ended before and have places still."""
    offering, after = _offering(rule), NIL
    while True:
        given = Given()
        rows = await reading().execute_query_dict(
            f"SELECT x.id, x.seating_id FROM {offering} x "  # noqa: S608 -- our own words, values are parameters
            f"WHERE x.id > {given.one(after)} AND x.ends_at < {given.one(before)} AND EXISTS "
            "(SELECT 1 FROM place p WHERE p.seating_id = x.seating_id) "
            f"ORDER BY x.id LIMIT {given.one(SEATINGS)}",
            given.values,
        )
        if not rows:
            return
        yield tuple(UUID(str(row["seating_id"])) for row in rows)
        after = UUID(str(rows[-1]["id"]))


def _offering(rule: Rule) -> str:
    return "event" if rule.sort is Sort.EVENT else "session"


async def _look(
    rule: Rule,
    night: Night,
    schedule: Schedule,
    *,
    window: Window | None = None,
    ids: Sequence[UUID] = (),
    after: tuple[UUID, UUID] = (NIL, NIL),
) -> list[tuple[UUID, Found]]:
    """With the seating of each, or the nil id."""
    if window is None and not ids:
        return []
    if rule.sort in (Sort.ROW, Sort.ACCOUNT):
        found = await _rows(rule, night.moment_before(rule.months(schedule)), window, ids)
        return [(NIL, each) for each in found]
    given = Given()
    if rule.sort is Sort.PERSON:
        statement = _person_statement(given, rule, night, schedule, window, ids)
    else:
        bare: list[UUID] = []
        if rule.sort is Sort.RECORD:
            seatings = window.seatings if window else await _seatings_of(ids)
            bare = await _uncertified_over(seatings, night, schedule)
        statement = _place_statement(given, rule, night, schedule, window, ids, after, bare)
    rows = await reading().execute_query_dict(statement, given.values)
    return [
        (
            UUID(str(row["seating_id"])),
            Found(UUID(str(row["id"])), UUID(str(row["person_id"])), _moment(row["ended_at"])),
        )
        for row in rows
    ]


async def _seatings_of(place_ids: Sequence[UUID]) -> list[UUID]:
    rows = (
        await Place.filter(id__in=list(place_ids)).distinct().values_list("seating_id", flat=True)
    )
    return [UUID(str(each)) for each in rows]


async def _rows(
    rule: Rule, before: datetime, window: Window | None, ids: Sequence[UUID]
) -> list[Found]:
    subject = DATA_MAP[rule.table].subject
    rows = model_of(rule.table).filter(**{f"{rule.column}__lt": before})
    if window is None:
        rows = rows.filter(id__in=list(ids))
    else:
        rows = rows.filter(id__gt=window.after)
        rows = rows.filter(id__lte=window.upto) if window.upto else rows
    if rule.sort is Sort.ACCOUNT:
        rows = rows.exclude(name="")  # what other records refer to stays, without a name
    values = await rows.order_by("id").values_list("id", subject, rule.column)
    return [
        Found(UUID(str(made)), UUID(str(whose)) if whose else None, _moment(ended))
        for made, whose, ended in values
    ]


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) or value is None else _read(str(value))


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)


_CERTIFIED = "EXISTS (SELECT 1 FROM certificate c WHERE c.place_id = p.id{more})"
_COMPLETED = "EXISTS (SELECT 1 FROM outcome o WHERE o.place_id = p.id AND o.completed)"
_PROVES = f"({_CERTIFIED.format(more='')} OR {_COMPLETED})"


def _place_statement(
    given: Given,
    rule: Rule,
    night: Night,
    schedule: Schedule,
    window: Window | None,
    ids: Sequence[UUID],
    after: tuple[UUID, UUID],
    uncertified: Sequence[UUID],
) -> str:
    """Places whose offering has ended long enough ago."""
    over = f"x.ends_at < {given.one(night.moment_before(rule.months(schedule)))}"
    if rule.sort is Sort.TRAINING:
        over += f" AND NOT {_PROVES}"
    elif rule.sort is Sort.RECORD:
        over += f" AND {_record_over(given, night, schedule, uncertified)}"
    if window is None:
        where = f"p.id {given.many(ids)}"
    else:
        where = f"p.seating_id {given.many(window.seatings)}"
        where += f" AND (p.seating_id, p.id) > ({given.one(after[0])}, {given.one(after[1])})"
    return (
        "SELECT p.id, p.person_id, p.seating_id, x.ends_at AS ended_at FROM place p "  # noqa: S608 -- our own words, values are parameters
        f"JOIN {_offering(rule)} x ON x.seating_id = p.seating_id "
        f"WHERE {where} AND {over} ORDER BY p.seating_id, p.id LIMIT {given.one(WINDOW)}"
    )


def _record_over(
    given: Given, night: Night, schedule: Schedule, uncertified: Sequence[UUID]
) -> str:
    """A record that must stay provable is due when no certificate of it is in its period any more,
    and what bears no end is older than the period for that. Without a certificate it is as if one
    had been issued: that is so of the seatings in ``uncertified``."""
    last_day = given.one(night.day_before(schedule.qualification))
    lasting = given.one(night.moment_before(schedule.lasting_qualification))
    certified = _CERTIFIED.format(more="")
    valid = _CERTIFIED.format(more=f" AND c.valid_until >= {last_day}")
    endless = _CERTIFIED.format(more=" AND c.valid_until IS NULL")
    bare = f"p.seating_id {given.many(uncertified)}" if uncertified else "1 = 0"
    return (
        f"(({certified} AND NOT {valid} AND (x.ends_at < {lasting} OR NOT {endless})) "
        f"OR ({_COMPLETED} AND NOT {certified} AND {bare}))"
    )


async def _uncertified_over(
    seatings: Sequence[UUID], night: Night, schedule: Schedule
) -> list[UUID]:
    """The sessions of these whose completions, where no certificate says their end, are over."""
    rows = await Session.filter(seating_id__in=list(seatings)).select_related("training")
    found: list[UUID] = []
    for row in rows:
        last = row.ends_at.astimezone(ZoneInfo(row.time_zone)).date()
        end = valid_until(last, row.training.valid_months)
        gone = (
            goes_on(end, schedule.qualification)
            if end
            else goes_on(last, schedule.lasting_qualification)
        )
        if gone <= night.today:
            found.append(row.seating_id)
    return found


def _person_statement(
    given: Given,
    rule: Rule,
    night: Night,
    schedule: Schedule,
    window: Window | None,
    ids: Sequence[UUID],
) -> str:
    """Persons whom nothing has tied to us for the whole period. What has a period of its own goes
    by that first. Having read the notice is no tie; a login is one, by the ledger."""
    before = given.one(night.moment_before(rule.months(schedule)))
    if window is None:
        where = f"p.id {given.many(ids)}"
    else:
        where = f"p.id > {given.one(window.after)}"
        where += f" AND p.id <= {given.one(window.upto)}" if window.upto else ""
    none = (
        "place t WHERE t.person_id = p.id",
        "interest t WHERE t.person_id = p.id",
        "employment t WHERE t.person_id = p.id",
        "consent t WHERE t.person_id = p.id AND t.purpose <> 'notice'",
        "restriction t WHERE t.person_id = p.id AND t.lifted_at IS NOT NULL",
        f"account t WHERE t.person_id = p.id AND t.created_at >= {before}",
        "login t JOIN account a ON a.id = t.account_id WHERE a.person_id = p.id",
        f"ledger_entry t WHERE t.subject_id = p.id AND t.act = 'login' AND t.at >= {before}",
        f"rights_request t WHERE t.person_id = p.id AND t.answered_at >= {before}",
    )
    ties = " ".join(f"AND NOT EXISTS (SELECT 1 FROM {each})" for each in none)  # noqa: S608 -- as below
    return (
        "SELECT p.id, p.id AS person_id, p.id AS seating_id, p.changed_at AS ended_at "  # noqa: S608 -- our own words, values are parameters
        f"FROM person p WHERE {where} AND p.created_at < {before} AND p.changed_at < {before} "
        f"AND (p.tied_until IS NULL OR p.tied_until < {before}) {ties} ORDER BY p.id"
    )
