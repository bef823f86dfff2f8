"""Ends that rows name: offers, holds and unnamed seats whose time has passed are over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from registration.catalogue.rules import Offering
from registration.enrolment.company_letters import CompanyNews, company_letters
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.placing import changed_entry, is_told, mark_ended
from registration.enrolment.rules import ENDING, PlaceStatus
from registration.enrolment.telling import tell_refused
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record_many
from registration.mail.service import queue_many
from registration.settings import Settings


async def end_lapsed(
    seating_id: UUID, offering: Offering, *, settings: Settings, now: datetime
) -> None:
    """Nothing on the seating is overdue any more, and all whom that concerns are told."""
    places = await Place.filter(
        seating_id=seating_id, current=True, status__in=list(ENDING), until__lte=now
    ).select_related("person")
    offers = {place.id for place in places if place.status == PlaceStatus.OFFERED}
    for place in places:
        mark_ended(place, now=now)
    await write_ended(places, now=now)
    await record_many([changed_entry(place, now=now) for place in places])
    await queue_many(
        [
            letter(
                News.OFFER_ENDED if place.id in offers else News.REFUSED,
                offering,
                Told.of(place.id, place.person),
                settings=settings,
                now=now,
                seated=False,
            )
            for place in places
            if is_told(place)
        ]
    )
    untold = [place for place in places if not is_told(place)]
    await tell_refused(untold, offering, reason="", settings=settings, now=now)
    await end_held_seats(
        await HeldSeat.filter(seating_id=seating_id, until__lte=now),
        offering,
        settings=settings,
        now=now,
    )


async def write_ended(places: Sequence[Place], *, now: datetime) -> None:
    """Saves places that ``mark_ended`` was asked for."""
    if places:
        await Place.filter(id__in=[place.id for place in places]).update(
            status=PlaceStatus.CANCELLED.value, current=None, ended_at=now, changed_at=now
        )


async def end_held_seats(
    seats: Sequence[HeldSeat],
    offering: Offering,
    *,
    settings: Settings,
    now: datetime,
    called_off: bool = False,
) -> None:
    """These seats without names are free again, and who held them is told."""
    if not seats:
        return
    await HeldSeat.filter(id__in=[seat.id for seat in seats]).delete()
    by_holder: dict[UUID, int] = {}
    for seat in seats:
        by_holder[seat.held_by] = by_holder.get(seat.held_by, 0) + 1
    for account_id, number in by_holder.items():
        mails = await company_letters(
            CompanyNews.SEATS_ENDED,
            offering,
            [account_id],
            number=number,
            called_off=called_off,
            path=offering.path,
            settings=settings,
            now=now,
        )
        await queue_many(mails)
    await record_many([seat_entry(seat, "ended", actor_id=None, now=now) for seat in seats])


def seat_entry(seat: HeldSeat, what: str, *, actor_id: UUID | None, now: datetime) -> Entry:
    """What the ledger says of a seat without a name: no person is concerned yet."""
    return entry(
        Act.PLACE_CHANGED,
        now=now,
        actor_id=actor_id,
        object_id=seat.id,
        note=Note(purpose="seat", codes=(what,)),
    )


async def next_end() -> datetime | None:
    """The earliest end of an offer, a hold or a seat without a name."""
    place = (
        await Place.filter(current=True, status__in=list(ENDING))
        .exclude(until=None)
        .order_by("until")
        .first()
    )
    seat = await HeldSeat.all().order_by("until").first()
    ends = [place.until if place else None, seat.until if seat else None]
    return min((end for end in ends if end is not None), default=None)
