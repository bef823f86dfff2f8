"""Reading places into frozen values, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.db import reading
from registration.enrolment.models import Place
from registration.enrolment.rules import (
    Awaits,
    InLine,
    PlaceNotFound,
    PlaceStatus,
    next_in_line,
)
from registration.enrolment.seats import SEATED_VALUES, UNNAMED, seats_of_companies
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
    """``position`` counts from 1 on the waiting list, else None; ``until`` is the end of an offer
    or a hold; ``awaits`` what the place still needs; ``price_cents`` what it was taken at."""

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
    until: datetime | None = None
    awaits: Awaits = Awaits.NOTHING
    enrolled_by: UUID | None = None
    order_number: str = ""
    price_cents: int = 0
    vat_basis_points: int = 0
    moved_from: UUID | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


_IN_PLACES = (
    "SELECT seating_id, status, COUNT(*) AS number FROM place "
    'WHERE seating_id {these} AND "current" = 1 GROUP BY seating_id, status'
)
# Seating by seating, by the index: a plan made for any list would read the whole table.
_IN_PLACES_EACH = (
    "SELECT s.id AS seating_id, p.status, p.number FROM unnest($1::uuid[]) AS s(id) "
    "CROSS JOIN LATERAL (SELECT status, COUNT(*) AS number FROM place "
    'WHERE seating_id = s.id AND "current" GROUP BY status) AS p'
)
_BESIDE = (
    " UNION ALL SELECT seating_id, 'unnamed', COUNT(*) FROM held_seat WHERE seating_id {these} "
    "GROUP BY seating_id "
    "UNION ALL SELECT seating_id, status, number FROM kept_count WHERE seating_id {these}"
)


async def counts(seating_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """(taken, waiting) by seating, in one query, without a lock. Seats without a name are taken,
    and places of past seatings that are deleted count as they stood; seatings with nobody are
    absent."""
    if not seating_ids:
        return {}
    db = reading()
    wanted = list(dict.fromkeys(seating_ids))
    if db.capabilities.support_for_update:
        asked = _IN_PLACES_EACH + _BESIDE.format(these="= ANY($1)")
        given: list[object] = [wanted]
    else:
        marks = ", ".join(f"?{number}" for number in range(1, len(wanted) + 1))
        asked = (_IN_PLACES + _BESIDE).format(these=f"IN ({marks})")
        given = [str(each) for each in wanted]
    found: dict[UUID, tuple[int, int]] = {}
    for row in await db.execute_query_dict(asked, given):
        seating = UUID(str(row["seating_id"]))
        taken, waiting = found.get(seating, (0, 0))
        if row["status"] == PlaceStatus.WAITING.value:
            waiting += row["number"]
        elif row["status"] == UNNAMED or row["status"] in SEATED_VALUES:
            taken += row["number"]
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
    lines = await lines_of(await Place.filter(id=place_id).select_related("person"))
    if not lines:
        raise PlaceNotFound
    return lines[0]


async def places_by_id(place_ids: Sequence[UUID]) -> dict[UUID, PlaceLine]:
    """Those of the places that there are."""
    ids = list(dict.fromkeys(place_ids))
    rows = await Place.filter(id__in=ids).select_related("person") if ids else []
    return {line.id: line for line in await lines_of(rows)}


async def places_of_person(person_id: UUID) -> list[PlaceLine]:
    """The newest first, the cancelled ones too."""
    rows = Place.filter(person_id=person_id).order_by("-created_at").select_related("person")
    return await lines_of(await rows)


async def places_on(seating_id: UUID, *, current_only: bool = True) -> list[PlaceLine]:
    """Seated by name, then waiting in their order."""
    found = Place.filter(seating_id=seating_id)
    if current_only:
        found = found.filter(current=True)
    lines = await lines_of(await found.select_related("person").order_by("turn", "id"))
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
    company_id: UUID, *, after: UUID | None = None, limit: int = 200
) -> list[PlaceLine]:
    """Places that the company took, by id (for paging)."""
    found = Place.filter(company_id=company_id).order_by("id")
    if after is not None:
        found = found.filter(id__gt=after)
    return await lines_of(await found.limit(limit).select_related("person"))


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
        lines += [line for line in await lines_of(rows) if line.offering.kind == kind]
        after = rows[-1].id
    return lines[:limit]


async def diet_tokens(seating_id: UUID) -> dict[str, PlaceLine]:
    """The current places of an event that hold a diet, by its token."""
    rows = (
        await Place.filter(seating_id=seating_id, current=True)
        .exclude(diet_token=None)
        .select_related("person")
    )
    return {line.diet_token: line for line in await lines_of(rows) if line.diet_token}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One person on a waiting list, in the order of ``position``. ``passed_over``: were a seat
    freed now, somebody behind them would have it, because their company has as many seats as it
    may."""

    place_id: UUID
    person_id: UUID
    name: str
    company_id: UUID | None
    company_name: str
    position: int
    since: datetime
    awaits: Awaits
    passed_over: bool


async def queue(seating_id: UUID) -> list[QueueLine]:
    """The waiting list as it would move: who is next, and who is passed over for what reason."""
    rows = (
        await Place.filter(seating_id=seating_id, status=PlaceStatus.WAITING.value)
        .order_by("turn", "id")
        .select_related("person")
    )
    lines = await lines_of(rows)
    offerings = [line.offering for line in lines[:1]]
    quota = offerings[0].terms.company_quota if offerings else None
    could: set[UUID] = {line.id for line in lines}
    if quota is not None:
        held = await seats_of_companies(seating_id)
        could = {
            line.id
            for line in lines
            if next_in_line([InLine(line.id, line.company_id)], 1, quota=quota, held=held)
        }
    return [
        QueueLine(
            place_id=line.id,
            person_id=line.person_id,
            name=line.name,
            company_id=line.company_id,
            company_name=line.company_name,
            position=line.position or 0,
            since=line.created_at,
            awaits=line.awaits,
            passed_over=line.id not in could,
        )
        for line in lines
    ]


async def lines_of(rows: Sequence[Place]) -> list[PlaceLine]:
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
            until=row.until,
            awaits=Awaits(row.awaits),
            enrolled_by=row.enrolled_by,
            order_number=row.order_number,
            price_cents=row.price_cents,
            vat_basis_points=row.vat_basis_points,
            moved_from=row.moved_from,
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
