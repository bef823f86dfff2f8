"""A company's people with what they have earned and what ends when (P6, P8, P9).

Only those who work for it now, by its own word; of their places only those that it took; of their
certificates those earned on such places, and all once the person agreed to one and did not object
to being told of. The number of queries is the same for one and for thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.companies.models import Employment
from registration.companies.queries import working
from registration.db import connection
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.i18n import DEFAULT_ZONE, collation_key, language
from registration.people.models import Person
from registration.people.rules import PersonNotFound
from registration.qualifications.queries import Qualification, qualifications_of_company
from registration.teaching.models import Outcome

Row = Mapping[str, object]

PAGE = 25
LONGEST_DAYS = 3_650
MONTHS = 12

_THEIRS = """
    FROM certificate c JOIN employment e ON e.person_id = c.person_id
    JOIN place o ON o.id = c.place_id
    WHERE e.company_id = {0} AND (e.until IS NULL OR e.until > {1}) AND c."current"
    AND (o.company_id = {0} OR (EXISTS (
        SELECT 1 FROM place y WHERE y.person_id = c.person_id AND y.company_id = {0}
        AND y.agreed_at IS NOT NULL
    ) AND NOT EXISTS (
        SELECT 1 FROM place n WHERE n.person_id = c.person_id AND n.company_id = {0}
        AND n.objected_at IS NOT NULL
    ) AND NOT EXISTS (
        SELECT 1 FROM person u WHERE u.id = c.person_id AND u.untold_at IS NOT NULL
    )))
"""
_VALID = (
    "SELECT DISTINCT c.person_id AS person_id, c.training_id AS training_id"
    + _THEIRS
    + "AND (c.valid_until IS NULL OR c.valid_until >= {2})"
)
# What ends in a stretch of time and nothing lasts longer: it was not renewed.
_ENDING = (
    _THEIRS  # noqa: S608 -- constants, and marks for values
    + """
    AND c.valid_until >= {2} AND c.valid_until < {3} AND NOT EXISTS (
        SELECT 1 FROM certificate n
        WHERE n.person_id = c.person_id AND n.training_id = c.training_id AND n."current"
        AND (n.valid_until IS NULL OR n.valid_until > c.valid_until))
"""
)
_ENDING_PEOPLE = "SELECT c.person_id AS person_id, c.training_id AS training_id" + _ENDING
_ENDING_DAYS = (
    "SELECT c.valid_until AS ends, COUNT(*) AS number" + _ENDING + "GROUP BY c.valid_until"
)
_PEOPLE = """
    SELECT p.id AS id, p.first_name AS first_name, p.last_name AS last_name, p.email AS email
    FROM person p JOIN employment e ON e.person_id = p.id
    WHERE e.company_id = {0} AND (e.until IS NULL OR e.until > {1})
"""
_OPEN = "AND p.restricted_at IS NULL"


class Qualified(StrEnum):
    """Whom to show: with a valid qualification, with one that ends soon, with none."""

    ANY = ""
    VALID = "valid"
    EXPIRING = "expiring"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """``days``: how soon ``EXPIRING`` is. With ``training`` only its qualifications count.
    ``to_enrol``: without those who want nothing done with their data."""

    words: str = ""
    training: UUID | None = None
    qualified: Qualified = Qualified.ANY
    days: int = 90
    to_enrol: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody who works for the company, as lists are ordered and searched."""

    person_id: UUID
    first_name: str
    last_name: str
    email: str

    @property
    def full(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A place that the company took. ``completed`` None: nothing is recorded yet."""

    id: UUID
    offering: Offering
    status: PlaceStatus
    completed: bool | None = None
    order_number: str = ""

    @property
    def current(self) -> bool:
        return self.status is not PlaceStatus.CANCELLED


@dataclass(frozen=True, slots=True)
class Worker:
    """``places`` are the current ones, the next first; ``leaves_at`` None: no end is known."""

    name: Name
    leaves_at: datetime | None
    places: tuple[HeldPlace, ...]
    qualifications: tuple[Qualification, ...]


@dataclass(frozen=True, slots=True)
class Workers:
    """``number`` counts pages from 1; ``total`` people were found on all of them."""

    people: tuple[Worker, ...]
    total: int
    number: int
    pages: int


async def number(company_id: UUID, *, now: datetime) -> int:
    """How many work for the company."""
    return await Employment.filter(working(now), company_id=company_id).count()


async def names(company_id: UUID, wanted: Wanted, *, now: datetime) -> list[Name]:
    """Those who work for the company and are wanted, by name. Two statements at the most."""
    return [_name(row) for row in await _found(company_id, wanted, now=now)]


def _name(row: Row) -> Name:
    return Name(_uuid(row["id"]), str(row["first_name"]), str(row["last_name"]), str(row["email"]))


async def _found(company_id: UUID, wanted: Wanted, *, now: datetime) -> list[Row]:
    """Their rows in order: thousands are looked at, and few of them shown."""
    people = _PEOPLE + _OPEN if wanted.to_enrol else _PEOPLE
    found = list(await _ask(people, company_id, now))
    words = wanted.words.casefold().split()[:6]
    if words:
        found = [row for row in found if _has(row, words)]
    if wanted.training is not None or wanted.qualified is not Qualified.ANY:
        qualified = await _qualified(company_id, wanted, now=now)
        keep = wanted.qualified is not Qualified.NONE
        found = [row for row in found if (str(row["id"]) in qualified) is keep]
    spoken = language()
    found.sort(
        key=lambda row: (_key(str(row["last_name"]), spoken), _key(str(row["first_name"]), spoken))
    )
    return found


@lru_cache(maxsize=20_000)
def _key(name: str, _language: str) -> tuple[str, str]:
    """Names are the same from page to page; what they are sorted by depends on the language."""
    return collation_key(name)


def forget_sorted() -> None:
    """No name that was sorted is remembered by this process."""
    _key.cache_clear()


def _has(row: Row, words: Sequence[str]) -> bool:
    whole = f"{row['first_name']} {row['last_name']} {row['email']}".casefold()
    return all(word in whole for word in words)


async def _qualified(company_id: UUID, wanted: Wanted, *, now: datetime) -> set[str]:
    """Who has what ``wanted`` looks for, by id: of ``NONE`` those who have something valid."""
    today = _today(now)
    if wanted.qualified is Qualified.EXPIRING:
        last = today + timedelta(days=min(max(wanted.days, 0), LONGEST_DAYS) + 1)
        rows = await _ask(_ENDING_PEOPLE, company_id, now, today, last)
    else:
        rows = await _ask(_VALID, company_id, now, today)
    training = str(wanted.training or "")
    return {
        str(row["person_id"]) for row in rows if not training or str(row["training_id"]) == training
    }


async def workers(company_id: UUID, wanted: Wanted, *, number: int = 1, now: datetime) -> Workers:
    """One page of those who are wanted, each with places and qualifications."""
    found = await _found(company_id, wanted, now=now)
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), pages)
    shown = [_name(row) for row in found[(number - 1) * PAGE : number * PAGE]]
    return Workers(tuple(await workers_of(company_id, shown, now=now)), len(found), number, pages)


async def workers_of(company_id: UUID, shown: Sequence[Name], *, now: datetime) -> list[Worker]:
    """These, in their order, with current places and qualifications."""
    ids = [name.person_id for name in shown]
    ends = await _leaving(company_id, ids, now=now)
    rows = await Place.filter(person_id__in=ids, company_id=company_id, current=True)
    places = await _places(rows)
    earned: dict[UUID, list[Qualification]] = {}
    for each in await qualifications_of_company(company_id, ids, now=now):
        earned.setdefault(each.person_id, []).append(each)
    return [
        Worker(
            name,
            ends.get(name.person_id),
            tuple(
                place for place in places.get(name.person_id, ()) if place.offering.ends_at >= now
            ),
            tuple(earned.get(name.person_id, ())),
        )
        for name in shown
    ]


async def worker(company_id: UUID, person_id: UUID, *, now: datetime) -> Worker:
    """One of them with every place that the company took, the last first, and each training's
    qualification. Raises ``PersonNotFound`` for who does not work for the company now."""
    person = await Person.get_or_none(id=person_id)
    ends = await _leaving(company_id, [person_id], now=now)
    if person is None or person_id not in ends:
        raise PersonNotFound
    rows = await Place.filter(person_id=person_id, company_id=company_id)
    places = (await _places(rows)).get(person_id, [])
    return Worker(
        Name(person.id, person.first_name, person.last_name, person.email),
        ends[person_id],
        tuple(reversed(places)),
        tuple(await qualifications_of_company(company_id, [person_id], now=now)),
    )


async def ending(company_id: UUID, *, now: datetime) -> dict[date, int]:
    """How many qualifications end in each of the next ``MONTHS`` months, by its first day; the
    present month from today. One that was renewed is not counted."""
    today = _today(now)
    months = [_month(today.replace(day=1), at) for at in range(MONTHS + 1)]
    counts = {month.isoformat()[:7]: 0 for month in months}
    for row in await _ask(_ENDING_DAYS, company_id, now, today, months[-1]):
        counts[str(row["ends"])[:7]] += int(str(row["number"]))
    return {month: counts[month.isoformat()[:7]] for month in months[:-1]}


async def _leaving(
    company_id: UUID, person_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, datetime | None]:
    rows = await Employment.filter(
        working(now), company_id=company_id, person_id__in=list(person_ids)
    )
    return {row.person_id: row.until for row in rows}


async def _places(rows: Sequence[Place]) -> dict[UUID, list[HeldPlace]]:
    """By person, in the order of what they are on."""
    offerings = await catalogue.offerings_by_seating([row.seating_id for row in rows])
    outcomes = await Outcome.filter(place_id__in=[row.id for row in rows])
    completed = {row.place_id: row.completed for row in outcomes}
    held: dict[UUID, list[HeldPlace]] = {}
    for row in sorted(rows, key=lambda row: (offerings[row.seating_id].starts_at, row.id)):
        one = HeldPlace(
            row.id,
            offerings[row.seating_id],
            PlaceStatus(row.status),
            completed.get(row.id),
            row.order_number,
        )
        held.setdefault(row.person_id, []).append(one)
    return held


async def _ask(statement: str, company_id: UUID, now: datetime, *days: date) -> Sequence[Row]:
    db = connection("reader")
    server = db.capabilities.support_for_update
    marks = [f"${at}" if server else f"?{at}" for at in range(1, 5)]
    values: list[object] = [company_id if server else str(company_id), now, *days]
    rows: Sequence[Row] = await db.execute_query_dict(statement.format(*marks), values)
    return rows


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))


def _today(now: datetime) -> date:
    return now.astimezone(DEFAULT_ZONE).date()


def _month(first: date, after: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + after, 12)
    return date(year, month + 1, 1)
