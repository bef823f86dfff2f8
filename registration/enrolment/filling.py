"""What has passed its end is over, and free seats go to who waits. Under the seating's lock.

Every verb settles the seating before it decides, so that an offer whose end has passed counts for
nobody, whether the job that ends it has run or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering, State
from registration.catalogue.service import LockedSeating, lock_seating
from registration.db import transaction
from registration.enrolment.ending import end_lapsed
from registration.enrolment.letters import NEWS_OF, News, Told, letter
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.placing import changed_entry, end_was_set, is_told
from registration.enrolment.rules import (
    ENDING,
    Numbers,
    PlaceStatus,
    hold_end,
    next_in_line,
    offer_end,
    seats_to_fill,
)
from registration.enrolment.seats import line_of, numbers_of, seats_of_companies
from registration.enrolment.sureness import sure_with
from registration.enrolment.telling import ask_approvers
from registration.ledger.service import record_many
from registration.mail.models import Mail
from registration.mail.service import queue_many
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class Settled:
    """A seating in which nothing is overdue. ``ahead`` of those who wait could have a seat before
    a newcomer; ``held`` are the seats of each company, known where there is a quota. ``offering``
    is as it is now: it may have become sure."""

    offering: Offering
    numbers: Numbers
    ahead: int
    held: dict[UUID, int]
    moved: int = 0

    def quota_left(self, company_id: UUID | None) -> int | None:
        """How many more seats the company may have; None: as many as there are."""
        quota = self.offering.terms.company_quota
        if quota is None or company_id is None:
            return None
        return max(0, quota - self.held.get(company_id, 0))


async def current(offering: Offering, seating: LockedSeating) -> Offering:
    """The offering as it is under the lock."""
    if offering.revision == seating.revision:
        return offering
    return (await catalogue.offerings_by_seating([seating.id]))[seating.id]


async def settle(
    seating: LockedSeating, offering: Offering, *, settings: Settings, now: datetime
) -> Settled:
    """What has passed its end is over, and who waits has the free seats, in their order.

    One statement when there is nothing to do. Nobody moves up into what is cancelled or over.
    """
    numbers = await numbers_of(seating.id, now=now)
    if numbers.lapsed:
        await end_lapsed(seating.id, offering, settings=settings, now=now)
        numbers = await numbers_of(seating.id, now=now)
    quota = offering.terms.company_quota
    held = await seats_of_companies(seating.id) if quota is not None else {}
    free = min(seats_to_fill(seating.seats, numbers.taken), numbers.waiting)
    if not free:
        return Settled(offering, numbers, numbers.waiting, held)
    line = await line_of(seating.id, most=free if quota is None else None)
    first = next_in_line(line, free, quota=quota, held=held)
    if not first:
        return Settled(offering, numbers, 0, held)
    if not _moves_on(offering, now=now):
        return Settled(offering, numbers, numbers.waiting, held)
    offering = await _give_seats(first, offering, numbers, settings=settings, now=now)
    numbers = await numbers_of(seating.id, now=now)
    held = await seats_of_companies(seating.id) if quota is not None else {}
    left = seats_to_fill(seating.seats, numbers.taken)
    return Settled(offering, numbers, 0 if left else numbers.waiting, held, len(first))


async def fill(
    seating: LockedSeating, offering: Offering, *, settings: Settings, now: datetime
) -> int:
    """As ``settle``; says how many moved up."""
    return (await settle(seating, offering, settings=settings, now=now)).moved


def _moves_on(offering: Offering, *, now: datetime) -> bool:
    if offering.state is not State.PUBLISHED or now >= offering.ends_at:
        return False
    return offering.terms.offer_hours is None or offer_end(offering, now=now) is not None


async def _give_seats(
    place_ids: Sequence[UUID],
    offering: Offering,
    numbers: Numbers,
    *,
    settings: Settings,
    now: datetime,
) -> Offering:
    """Each has a seat: confirmed, offered, or held for what it awaits.

    Returns the offering as it then is.
    """
    places = (
        await Place.filter(id__in=list(place_ids)).order_by("turn", "id").select_related("person")
    )
    confirmed = _seated(places, offering, now=now)
    for status in {place.status for place in places}:
        same = [place for place in places if place.status == status]
        await Place.filter(id__in=[place.id for place in same]).update(
            status=status, until=same[0].until, changed_at=now
        )
    if len(confirmed) < len(places):
        end_was_set()
    offering = await sure_with(
        offering,
        confirmed=numbers.confirmed + len(confirmed),
        besides=confirmed,
        settings=settings,
        now=now,
    )
    await queue_many(
        [
            _moved_up(place, offering, settings=settings, now=now)
            for place in places
            if is_told(place)
        ]
    )
    await ask_approvers(places, offering, settings=settings, now=now)
    await record_many([changed_entry(place, now=now) for place in places])
    return offering


def _seated(places: Sequence[Place], offering: Offering, *, now: datetime) -> list[UUID]:
    """Unsaved: each is held for what it awaits, offered, or confirmed; says which are confirmed."""
    offered_until = offer_end(offering, now=now)
    confirmed: list[UUID] = []
    for place in places:
        place.changed_at = now
        if place.awaits:
            place.status, place.until = PlaceStatus.HELD.value, hold_end(offering, now=now)
        elif offered_until is not None:
            place.status, place.until = PlaceStatus.OFFERED.value, offered_until
        else:
            place.status = PlaceStatus.CONFIRMED.value
            confirmed.append(place.id)
    return confirmed


def _moved_up(place: Place, offering: Offering, *, settings: Settings, now: datetime) -> Mail:
    seated = place.status == PlaceStatus.CONFIRMED
    return letter(
        News.MOVED_UP if seated else NEWS_OF[PlaceStatus(place.status)],
        offering,
        Told.of(place.id, place.person),
        settings=settings,
        now=now,
        seated=seated,
        until=place.until,
    )


async def settle_due(settings: Settings, *, now: datetime) -> int:
    """Each seating with an offer, a hold or an unnamed seat that has ended is settled, in a
    transaction of its own; says how many. What another process settled first is left as it is."""
    due = {
        *await Place.filter(
            current=True, status__in=list(ENDING), until__lte=now
        ).values_list("seating_id", flat=True),
        *await HeldSeat.filter(until__lte=now).values_list("seating_id", flat=True),
    }  # fmt: skip
    settled = 0
    for seating_id in sorted(UUID(str(each)) for each in due):
        async with transaction():
            seating = await lock_seating(seating_id)
            if not (await numbers_of(seating_id, now=now)).lapsed:
                continue
            offering = (await catalogue.offerings_by_seating([seating_id]))[seating_id]
            await settle(seating, offering, settings=settings, now=now)
            settled += 1
    return settled
