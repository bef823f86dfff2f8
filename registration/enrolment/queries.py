"""Reading places into frozen values, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.functions import Count

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.enrolment.models import Place
from registration.enrolment.rules import SEATED, PlaceNotFound, PlaceStatus
from registration.i18n import collation_key


@dataclass(frozen=True, slots=True)
class Occupancy:
    seats: int
    taken: int
    waiting: int

    @property
    def left(self) -> int:
        """Seats that a newcomer can have now: none while somebody waits."""
        return 0 if self.waiting else max(0, self.seats - self.taken)


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """``position`` counts from 1 on the waiting list, else None."""

    id: UUID
    offering: Offering
    person_id: UUID
    first_name: str
    last_name: str
    email: str
    status: PlaceStatus
    position: int | None
    source: str
    company_id: UUID | None
    company_name: str
    diet_token: str | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


async def counts(seating_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """(taken, waiting) by seating, in one query; seatings without places are absent."""
    if not seating_ids:
        return {}
    rows = (
        await Place.filter(seating_id__in=list(seating_ids), current=True)
        .annotate(number=Count("id"))
        .group_by("seating_id", "status")
        .values("seating_id", "status", "number")
    )
    seated = {status.value for status in SEATED}
    found: dict[UUID, tuple[int, int]] = {}
    for row in rows:
        seating = UUID(str(row["seating_id"]))
        taken, waiting = found.get(seating, (0, 0))
        if row["status"] in seated:
            taken += row["number"]
        elif row["status"] == PlaceStatus.WAITING.value:
            waiting += row["number"]
        found[seating] = taken, waiting
    return found


async def occupancies(seats: Mapping[UUID, int]) -> dict[UUID, Occupancy]:
    """How full each seating is, given its seats."""
    found = await counts(list(seats))
    return {
        seating: Occupancy(number, *found.get(seating, (0, 0))) for seating, number in seats.items()
    }


async def place(place_id: UUID) -> PlaceLine:
    """Raises ``PlaceNotFound``."""
    lines = await _lines(await Place.filter(id=place_id).select_related("person"))
    if not lines:
        raise PlaceNotFound
    return lines[0]


async def places_by_id(place_ids: Sequence[UUID]) -> dict[UUID, PlaceLine]:
    """Those of the places that there are."""
    ids = list(dict.fromkeys(place_ids))
    rows = await Place.filter(id__in=ids).select_related("person") if ids else []
    return {line.id: line for line in await _lines(rows)}


async def places_of_person(person_id: UUID) -> list[PlaceLine]:
    """The newest first, the cancelled ones too."""
    rows = Place.filter(person_id=person_id).order_by("-created_at").select_related("person")
    return await _lines(await rows)


async def places_on(seating_id: UUID, *, current_only: bool = True) -> list[PlaceLine]:
    """Seated by name, then waiting in their order."""
    found = Place.filter(seating_id=seating_id)
    if current_only:
        found = found.filter(current=True)
    lines = await _lines(await found.select_related("person").order_by("turn", "id"))
    return sorted(
        lines,
        key=lambda line: (
            line.status is PlaceStatus.WAITING,
            0 if line.status is not PlaceStatus.WAITING else (line.position or 0),
            collation_key(line.last_name),
            collation_key(line.first_name),
        ),
    )


async def places_of_company(
    company_id: UUID,
    *,
    after: UUID | None = None,
    limit: int = 200,
    seating_id: UUID | None = None,
) -> list[PlaceLine]:
    """Places that the company took, by id (for paging)."""
    found = Place.filter(company_id=company_id).order_by("id")
    if after is not None:
        found = found.filter(id__gt=after)
    if seating_id is not None:
        found = found.filter(seating_id=seating_id)
    return await _lines(await found.limit(limit).select_related("person"))


async def places(
    *, kind: str, after: UUID | None = None, limit: int = 50, seating_id: UUID | None = None
) -> list[PlaceLine]:
    """All places of sessions (``kind`` "session") or events ("event"), by id."""
    found = Place.all().order_by("id")
    if seating_id is not None:
        found = found.filter(seating_id=seating_id)
    lines: list[PlaceLine] = []
    while len(lines) < limit:
        page = found.filter(id__gt=after) if after is not None else found
        rows = await page.limit(limit).select_related("person")
        if not rows:
            break
        lines += [line for line in await _lines(rows) if line.offering.kind == kind]
        after = rows[-1].id
    return lines[:limit]


async def diet_tokens(seating_id: UUID) -> dict[str, PlaceLine]:
    """The current places of an event that hold a diet, by its token."""
    rows = (
        await Place.filter(seating_id=seating_id, current=True)
        .exclude(diet_token=None)
        .select_related("person")
    )
    return {line.diet_token: line for line in await _lines(rows) if line.diet_token}


async def _lines(rows: Sequence[Place]) -> list[PlaceLine]:
    offerings = await catalogue.offerings_by_seating([row.seating_id for row in rows])
    company_names = await companies.names([row.company_id for row in rows if row.company_id])
    positions = await _positions(rows)
    return [
        PlaceLine(
            id=row.id,
            offering=offerings[row.seating_id],
            person_id=row.person_id,
            first_name=row.person.first_name,
            last_name=row.person.last_name,
            email=row.person.email,
            status=PlaceStatus(row.status),
            position=positions.get(row.id),
            source=row.source,
            company_id=row.company_id,
            company_name=company_names.get(row.company_id, "")
            if row.company_id
            else row.person.company_name,
            diet_token=row.diet_token,
            created_at=row.created_at,
            ended_at=row.ended_at,
        )
        for row in rows
    ]


async def _positions(rows: Sequence[Place]) -> dict[UUID, int]:
    """Where the waiting ones of ``rows`` stand, each on its own list."""
    seatings = {row.seating_id for row in rows if row.status == PlaceStatus.WAITING.value}
    if not seatings:
        return {}
    waiting = (
        await Place.filter(seating_id__in=list(seatings), status=PlaceStatus.WAITING.value)
        .order_by("turn")
        .values_list("seating_id", "id")
    )
    found: dict[UUID, int] = {}
    numbers: dict[str, int] = {}
    for seating, made in waiting:
        numbers[str(seating)] = numbers.get(str(seating), 0) + 1
        found[UUID(str(made))] = numbers[str(seating)]
    return found
