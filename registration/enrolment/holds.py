"""Seats that a company keeps without saying for whom: taken as much as any, until they end (P6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering, vat_basis_points
from registration.catalogue.service import lock_seating
from registration.companies import queries as companies
from registration.companies.service import employ
from registration.db import transaction
from registration.enrolment.ending import seat_entry
from registration.enrolment.filling import current, fill, settle
from registration.enrolment.groups import Admission, Group, RowAnswer, admit_all, tell_group
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.overlaps import other_places, overlaps_of, visible
from registration.enrolment.placing import end_was_set, new_place
from registration.enrolment.rules import (
    AlreadySignedUp,
    HeldSeatNotFound,
    NamesClosed,
    NotEnoughSeats,
    PlaceStatus,
    PrerequisitesMissing,
    QuotaReached,
    SeatEnded,
    ShownTo,
    check_open,
    names_end,
    seats_to_fill,
)
from registration.enrolment.sureness import sure_with
from registration.enrolment.telling import ask_approvers
from registration.i18n import format_moment
from registration.ledger.service import record_many
from registration.people.rules import Contact, Source
from registration.people.service import know, once_more
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One seat without a name; ``held_by`` is the account of the coordinator who keeps it."""

    id: UUID
    offering: Offering
    company_id: UUID
    company_name: str
    held_by: UUID
    order_number: str
    price_cents: int
    vat_basis_points: int
    until: datetime
    created_at: datetime


async def hold_seats(
    offering: Offering,
    *,
    company_id: UUID,
    actor_id: UUID,
    number: int,
    settings: Settings,
    now: datetime,
    until: datetime | None = None,
    order_number: str = "",
) -> list[HeldLine]:
    """The company keeps ``number`` seats at the price of this moment, until ``until`` or the last
    moment to name people, whichever comes first.

    Never more than are free, nor past the quota: nobody waits without a name. All or none. Raises
    ``NotEnoughSeats``, ``QuotaReached``, ``NamesClosed`` and what ``check_open`` raises.
    """
    async with transaction():
        seating = await lock_seating(offering.seating_id)
        offering = await current(offering, seating)
        check_open(
            offering.state, opens_at=offering.opens_at, closes_at=offering.closes_at, now=now
        )
        end = names_end(offering, until)
        if end <= now:
            raise NamesClosed
        settled = await settle(seating, offering, settings=settings, now=now)
        offering = settled.offering
        free = 0 if settled.ahead else seats_to_fill(seating.seats, settled.numbers.taken)
        left = settled.quota_left(company_id)
        if number < 1 or number > free:
            raise NotEnoughSeats(free=free)
        if left is not None and number > left:
            raise QuotaReached(left=left)
        seats = [
            HeldSeat(
                id=uuid4(),
                seating_id=seating.id,
                company_id=company_id,
                held_by=actor_id,
                order_number=order_number,
                price_cents=offering.price_cents,
                vat_basis_points=vat_basis_points(offering.starts_at.date()),
                until=end,
                created_at=now,
            )
            for _each in range(number)
        ]
        await HeldSeat.bulk_create(seats, batch_size=500)
        end_was_set()
        await record_many([seat_entry(each, "held", actor_id=actor_id, now=now) for each in seats])
        return await _lines(seats)


@once_more
async def name_seat(
    held_id: UUID,
    contact: Contact,
    *,
    company_id: UUID,
    actor_id: UUID,
    settings: Settings,
    now: datetime,
) -> RowAnswer:
    """The seat is ``contact``'s, at the price and order number it was kept at: a confirmed place,
    or one held for an approval or a look by staff as if it were taken now. They are told (P6).

    Raises ``HeldSeatNotFound`` (others' too), ``SeatEnded``, ``AlreadySignedUp``,
    ``PrerequisitesMissing``.
    """
    async with transaction():
        seat, offering, turn = await _locked_seat(held_id, company_id, now=now)
        person, _is_new = await know(contact, source=Source.COMPANY, now=now, company_id=company_id)
        if await Place.filter(
            seating_id=seat.seating_id, person_id=person.id, current=True
        ).exists():
            raise AlreadySignedUp
        company = await companies.company(company_id)
        group = Group(company_id, company.name, actor_id, Source.COMPANY, (contact,))
        admission = (await admit_all(offering, group, [person.id], now=now))[person.id]
        if admission.lacks:
            raise PrerequisitesMissing(admission.lacks)
        await employ(company_id, [person.id], source=Source.COMPANY, now=now)
        place = _place_of(
            seat, offering, person.id, admission, turn=turn, actor_id=actor_id, now=now
        )
        await seat.delete()
        await place.save(force_create=True)
        await record_many([seat_entry(seat, "named", actor_id=actor_id, now=now)])
        offering = await sure_with(
            offering,
            confirmed=await _confirmed(seat.seating_id),
            besides=[place.id],
            settings=settings,
            now=now,
        )
        others = await other_places([person.id], offering)
        found = await overlaps_of(others, offering)
        await tell_group(offering, group, [person], [place], {}, found, settings=settings, now=now)
        await ask_approvers([place], offering, settings=settings, now=now)
    return RowAnswer(
        0,
        place.id,
        PlaceStatus(place.status),
        until=place.until,
        awaits=admission.awaits,
        overlaps=visible(found.get(person.id, ()), ShownTo.COMPANY, company_id=company_id),
    )


def _place_of(
    seat: HeldSeat,
    offering: Offering,
    person_id: UUID,
    admission: Admission,
    *,
    turn: int,
    actor_id: UUID,
    now: datetime,
) -> Place:
    """Unsaved; at the price and order number that the seat was kept at."""
    place = new_place(
        offering,
        person_id,
        status=PlaceStatus.CONFIRMED,
        awaits=admission.awaits,
        turn=turn,
        source=Source.COMPANY,
        company_id=seat.company_id,
        actor_id=actor_id,
        order_number=seat.order_number,
        now=now,
    )
    place.price_cents, place.vat_basis_points = seat.price_cents, seat.vat_basis_points
    return place


async def _confirmed(seating_id: UUID) -> int:
    return await Place.filter(
        seating_id=seating_id, current=True, status=PlaceStatus.CONFIRMED.value
    ).count()


async def _locked_seat(
    held_id: UUID, company_id: UUID, *, now: datetime
) -> tuple[HeldSeat, Offering, int]:
    """The company's seat, its seating's lock, and a turn. Raises as ``name_seat`` says."""
    found = await HeldSeat.get_or_none(id=held_id, company_id=company_id)
    if found is None:
        raise HeldSeatNotFound
    locked = await lock_seating(found.seating_id)
    seat = await HeldSeat.get_or_none(id=held_id)
    if seat is None:
        raise HeldSeatNotFound
    offering = (await catalogue.offerings_by_seating([seat.seating_id]))[seat.seating_id]
    end = names_end(offering, seat.until)
    if now >= end:
        raise SeatEnded(until=format_moment(end))
    return seat, offering, locked.turn


async def give_back(
    held_ids: Sequence[UUID],
    *,
    company_id: UUID,
    actor_id: UUID,
    settings: Settings,
    now: datetime,
) -> int:
    """These seats are free for others, and who waits has them; says how many. Those that have
    gone already are left out. Raises ``HeldSeatNotFound`` for others' seats."""
    async with transaction():
        found = await HeldSeat.filter(id__in=list(held_ids))
        if any(seat.company_id != company_id for seat in found):
            raise HeldSeatNotFound
        given = 0
        for seating_id in sorted({seat.seating_id for seat in found}):
            seating = await lock_seating(seating_id)
            seats = await HeldSeat.filter(id__in=list(held_ids), seating_id=seating_id)
            await HeldSeat.filter(id__in=[seat.id for seat in seats]).delete()
            await record_many(
                [seat_entry(seat, "given-back", actor_id=actor_id, now=now) for seat in seats]
            )
            offering = (await catalogue.offerings_by_seating([seating_id]))[seating_id]
            await fill(seating, offering, settings=settings, now=now)
            given += len(seats)
    return given


async def held_of_company(company_id: UUID) -> list[HeldLine]:
    """The seats that the company keeps, what ends first before the others."""
    return await _lines(await HeldSeat.filter(company_id=company_id).order_by("until", "id"))


async def held_on(seating_id: UUID) -> list[HeldLine]:
    """All seats without a name on one seating, what ends first before the others."""
    return await _lines(await HeldSeat.filter(seating_id=seating_id).order_by("until", "id"))


async def _lines(rows: Sequence[HeldSeat]) -> list[HeldLine]:
    offerings = await catalogue.offerings_by_seating([row.seating_id for row in rows])
    names = await companies.names([row.company_id for row in rows])
    return [
        HeldLine(
            id=row.id,
            offering=offerings[row.seating_id],
            company_id=row.company_id,
            company_name=names.get(row.company_id, ""),
            held_by=row.held_by,
            order_number=row.order_number,
            price_cents=row.price_cents,
            vat_basis_points=row.vat_basis_points,
            until=row.until,
            created_at=row.created_at,
        )
        for row in rows
    ]
