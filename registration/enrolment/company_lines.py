"""What a company sees before it books, who it may put in a place, and what it has not paid yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.companies.models import Employment
from registration.companies.queries import working
from registration.enrolment.admission import lacks_seen_by
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.overlaps import other_places, overlaps_of, visible
from registration.enrolment.queries import PlaceLine, lines_of
from registration.enrolment.rules import (
    HeldSeatNotFound,
    Lack,
    Overlap,
    PlaceNotFound,
    PlaceStatus,
    ShownTo,
)
from registration.i18n import collation_key
from registration.people.models import Person
from registration.people.rules import Contact, PersonNotFound
from registration.people.service import contact_of

CHUNK = 500
BILLED = (PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED, PlaceStatus.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Before:
    """What stands in the way of one employee, as far as their company may know: a place that it
    took on this very session, places that it took on the same days, what is not completed."""

    has: PlaceStatus | None = None
    overlaps: tuple[Overlap, ...] = ()
    lacks: tuple[Lack, ...] = ()


async def before_booking(
    offering: Offering, person_ids: Sequence[UUID], *, company_id: UUID, now: datetime
) -> dict[UUID, Before]:
    """By person; the same number of queries for one and for hundreds."""
    held: dict[UUID, PlaceStatus] = {}
    for chunk in _chunks(person_ids):
        rows = Place.filter(
            seating_id=offering.seating_id, company_id=company_id, current=True, person_id__in=chunk
        )
        for person_id, status in await rows.values_list("person_id", "status"):
            held[UUID(str(person_id))] = PlaceStatus(status)
    others = [
        place
        for place in await other_places(person_ids, offering)
        if place.company_id == company_id
    ]
    found = await overlaps_of(others, offering)
    lacks = (await lacks_seen_by(company_id, person_ids, offering, now=now)).told
    return {
        person_id: Before(
            held.get(person_id),
            visible(found.get(person_id, ()), ShownTo.COMPANY, company_id=company_id),
            lacks.get(person_id, ()),
        )
        for person_id in person_ids
    }


async def contacts(
    company_id: UUID, person_ids: Collection[UUID], *, now: datetime
) -> dict[UUID, Contact]:
    """The employees' contact data, for the company's own bookings. Raises ``PersonNotFound`` for
    anybody who does not work for it."""
    wanted = list(dict.fromkeys(person_ids))
    own: set[UUID] = set()
    found: dict[UUID, Contact] = {}
    for chunk in _chunks(wanted):
        rows = Employment.filter(working(now), company_id=company_id, person_id__in=chunk)
        own |= {UUID(str(row)) for row in await rows.values_list("person_id", flat=True)}
        for person in await Person.filter(id__in=chunk):
            found[person.id] = contact_of(person)
    if set(wanted) - own or set(wanted) - set(found):
        raise PersonNotFound
    return {each: found[each] for each in wanted}


async def places_found(
    company_id: UUID,
    *,
    after: UUID | None = None,
    limit: int,
    seating_id: UUID | None = None,
    status: PlaceStatus | None = None,
    person_id: UUID | None = None,
    order_number: str = "",
) -> list[PlaceLine]:
    """Places that the company took, by id; what is absent or empty does not narrow."""
    narrowed = {
        "id__gt": after,
        "seating_id": seating_id,
        "status": status.value if status else None,
        "person_id": person_id,
        "order_number": order_number or None,
    }
    wanted = {name: value for name, value in narrowed.items() if value is not None}
    rows = Place.filter(company_id=company_id, **wanted).order_by("id").limit(limit)
    return await lines_of(await rows.select_related("person"))


async def own_places(
    place_ids: Sequence[UUID], *, company_ids: Collection[UUID]
) -> list[PlaceLine]:
    """These places on sessions, in the order of the names; each was taken by one of the companies.
    Raises ``PlaceNotFound`` when one was not."""
    found: list[Place] = []
    for chunk in _chunks(place_ids):
        found += await Place.filter(id__in=chunk).select_related("person")
    lines = await lines_of(found)
    own = [
        line for line in lines if line.company_id in company_ids and line.offering.kind == "session"
    ]
    if len(own) < len(set(place_ids)):
        raise PlaceNotFound
    return sorted(
        own, key=lambda line: (collation_key(line.last_name), collation_key(line.first_name))
    )


async def own_seat(held_id: UUID, *, company_ids: Collection[UUID]) -> tuple[Offering, UUID]:
    """What a seat without a name is on, and the company that keeps it. Raises
    ``HeldSeatNotFound`` for others' seats."""
    row = await HeldSeat.get_or_none(id=held_id)
    if row is None or row.company_id not in company_ids:
        raise HeldSeatNotFound
    offering = (await catalogue.offerings_by_seating([row.seating_id]))[row.seating_id]
    return offering, row.company_id


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Places of one session at one price that are not on an invoice yet. ``net_cents`` is their
    sum without VAT; ``vat_basis_points`` the rate of the day of the training."""

    offering: Offering
    price_cents: int
    vat_basis_points: int
    order_number: str
    number: int

    @property
    def net_cents(self) -> int:
        return self.price_cents * self.number


async def not_invoiced(company_id: UUID) -> list[Unpaid]:
    """What the company took and has no invoice for: places that are confirmed or were used, with a
    price, by the start of the session."""
    rows = await Place.filter(
        company_id=company_id,
        invoice_id=None,
        price_cents__gt=0,
        status__in=[status.value for status in BILLED],
    ).values_list("seating_id", "price_cents", "vat_basis_points", "order_number")
    numbers: dict[tuple[UUID, int, int, str], int] = {}
    for seating_id, price, points, order in rows:
        key = UUID(str(seating_id)), int(price), int(points), str(order)
        numbers[key] = numbers.get(key, 0) + 1
    offerings = await catalogue.offerings_by_seating([key[0] for key in numbers])
    lines = [
        Unpaid(offerings[seating_id], price, points, order, number)
        for (seating_id, price, points, order), number in numbers.items()
    ]
    return sorted(lines, key=lambda line: (line.offering.starts_at, line.order_number))


def vat_sums(lines: Iterable[Unpaid]) -> dict[int, tuple[int, int]]:
    """By rate (basis points, the highest first): the sum without VAT and its VAT, in cents. VAT is
    counted on the sum of a rate, and rounded half up to a cent once."""
    sums: dict[int, int] = {}
    for line in lines:
        sums[line.vat_basis_points] = sums.get(line.vat_basis_points, 0) + line.net_cents
    return {
        points: (net, (net * points + 5_000) // 10_000)
        for points, net in sorted(sums.items(), reverse=True)
    }


def _chunks(ids: Sequence[UUID]) -> Iterable[list[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield list(ids[start : start + CHUNK])
