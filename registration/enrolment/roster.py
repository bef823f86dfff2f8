"""What a company sees of its people: who they are and where they have places, nothing else (P6).

Only those who work for it by its own word, and only places that it took for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.functions import Count

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.models import Session
from registration.catalogue.rules import Offering, State
from registration.companies.models import Employment
from registration.enrolment.models import Place
from registration.enrolment.queries import PlaceLine, place
from registration.enrolment.rules import SEATED, PlaceNotFound, PlaceStatus
from registration.i18n import collation_key
from registration.people.models import Person

PAGE = 50


@dataclass(frozen=True, slots=True)
class SessionTally:
    """A coming session that the company has people on, and how many."""

    session: SessionLine
    seated: int
    waiting: int


@dataclass(frozen=True, slots=True)
class HeldPlace:
    id: UUID
    offering: Offering
    status: PlaceStatus


@dataclass(frozen=True, slots=True)
class Employee:
    """``places`` are the current ones, the next first."""

    person_id: UUID
    name: str
    email: str
    places: tuple[HeldPlace, ...]


@dataclass(frozen=True, slots=True)
class EmployeesPage:
    """``number`` counts pages from 1; ``total`` people were found on all of them."""

    people: tuple[Employee, ...]
    total: int
    number: int
    pages: int


async def coming_sessions(company_id: UUID, *, now: datetime) -> list[SessionTally]:
    """In the order of their start; two queries and their parts, however many."""
    seatings = Session.filter(ends_at__gte=now).exclude(state=State.DRAFT.value)
    rows = await (
        Place.filter(
            company_id=company_id,
            current=True,
            seating_id__in=Subquery(seatings.values("seating_id")),
        )
        .annotate(number=Count("id"))
        .group_by("seating_id", "status")
        .values("seating_id", "status", "number")
    )
    seated: dict[UUID, int] = {}
    waiting: dict[UUID, int] = {}
    for row in rows:
        seating = UUID(str(row["seating_id"]))
        if row["status"] == PlaceStatus.WAITING.value:
            waiting[seating] = row["number"]
        elif row["status"] in {status.value for status in SEATED}:
            seated[seating] = seated.get(seating, 0) + row["number"]
    offerings = await catalogue.offerings_by_seating([*seated, *waiting])
    sessions = await catalogue.sessions_by_id([one.id for one in offerings.values()])
    tallies = [
        SessionTally(line, seated.get(line.seating_id, 0), waiting.get(line.seating_id, 0))
        for line in sessions.values()
    ]
    return sorted(tallies, key=lambda one: (one.session.starts_at, one.session.id))


async def employee_count(company_id: UUID) -> int:
    return await Employment.filter(company_id=company_id, until=None).count()


async def employees(company_id: UUID, *, words: str = "", number: int = 1) -> EmployeesPage:
    """Those who work for the company now, by name, ``PAGE`` at a time; each of ``words`` stands in
    the name or the address. The number of queries is the same for one and for thousands."""
    working = Employment.filter(company_id=company_id, until=None)
    found = Person.filter(id__in=Subquery(working.values("person_id")))
    for word in words.split()[:6]:
        found = found.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        )
    total = await found.count()
    pages = max(1, -(-total // PAGE))
    number = min(max(1, number), pages)
    # Names are put in order here: databases know nothing of where å, ä and ö stand.
    names = await found.values_list("last_name", "first_name", "id")
    ordered = sorted(names, key=lambda name: (collation_key(name[0]), collation_key(name[1])))
    shown = [name[2] for name in ordered[(number - 1) * PAGE : number * PAGE]]
    by_id = {person.id: person for person in await Person.filter(id__in=shown)}
    people = [by_id[each] for each in shown]
    places = await _places(company_id, [person.id for person in people])
    return EmployeesPage(
        people=tuple(
            Employee(
                person.id,
                f"{person.first_name} {person.last_name}",
                person.email,
                tuple(places.get(person.id, ())),
            )
            for person in people
        ),
        total=total,
        number=number,
        pages=pages,
    )


async def _places(company_id: UUID, person_ids: Sequence[UUID]) -> dict[UUID, list[HeldPlace]]:
    rows = await Place.filter(person_id__in=list(person_ids), company_id=company_id, current=True)
    offerings = await catalogue.offerings_by_seating([row.seating_id for row in rows])
    held: dict[UUID, list[HeldPlace]] = {}
    for row in sorted(rows, key=lambda row: (offerings[row.seating_id].starts_at, row.id)):
        one = HeldPlace(row.id, offerings[row.seating_id], PlaceStatus(row.status))
        held.setdefault(row.person_id, []).append(one)
    return held


async def own_place(place_id: UUID, *, company_ids: Sequence[UUID]) -> PlaceLine:
    """A place on a session that one of these companies took. Raises ``PlaceNotFound``, for
    others' places too."""
    line = await place(place_id)
    if line.company_id not in company_ids or line.offering.kind != "session":
        raise PlaceNotFound
    return line
