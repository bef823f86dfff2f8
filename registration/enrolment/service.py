"""Giving, freeing and changing places: the one engine behind sessions and events.

Every verb locks the seating, settles what is overdue, looks, decides by ``rules`` and writes, in
one transaction, with the mail that tells of it and the ledger's entry. Counts are read under the
lock; none is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating, lock_seating
from registration.db import transaction
from registration.enrolment.admission import lacks_of, needed
from registration.enrolment.filling import fill, settle
from registration.enrolment.letters import NEWS_OF, News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.overlaps import Found, overlaps_of, visible
from registration.enrolment.placing import (
    answer_of,
    end_place,
    is_told,
    new_place,
    taken_entry,
)
from registration.enrolment.rules import (
    SURE,
    AlreadySignedUp,
    Awaits,
    By,
    NotCancellable,
    PlaceNotFound,
    PlaceStatus,
    PrerequisitesMissing,
    ShownTo,
    SubmissionReused,
    Taken,
    Why,
    check_cancels,
    check_open,
    place_for,
)
from registration.enrolment.sureness import sure_with
from registration.mail.service import queue
from registration.people.models import Person
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import consent, know, once_more
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class SignUp:
    """One person's wish for a place. ``submission`` is the form's own id: sent twice, it is
    answered twice and done once. ``diet_token`` holds a diet that is stored already.

    ``shown_to`` reads the answer, which tells no more than that reader may know; it is ``PERSON``
    only while the person turns out to be the one ``logged_in``. ``waived``: staff take them though
    they lack what the training needs first, for this reason.
    """

    contact: Contact
    source: Source
    consents: tuple[Purpose, ...] = ()
    submission: str | None = None
    diet_token: str | None = None
    company_id: UUID | None = None
    company_name: str = ""
    actor_id: UUID | None = None
    shown_to: ShownTo = ShownTo.NOBODY
    logged_in: UUID | None = None
    order_number: str = ""
    waived: Why | None = None

    def reader(self, person_id: UUID) -> ShownTo:
        """Who reads the answer, now that it is known of whom it tells."""
        if self.shown_to is ShownTo.PERSON and self.logged_in != person_id:
            return ShownTo.NOBODY
        return self.shown_to


@once_more
async def sign_up(offering: Offering, wish: SignUp, *, settings: Settings, now: datetime) -> Taken:
    """The person holds a place, confirmed, waiting or held for a look by staff, and a mail says so
    (P1, P2).

    ``offering`` may have been read before; if it has changed since, it is read again under the
    lock. Where a training needs others first, who is logged in and staff are told at once what is
    missing (``PrerequisitesMissing``). Of a typed name nothing is told: the place is held for staff
    to check, whatever our records say, so that nobody learns from the answer what another person
    has completed. Raises also what ``check_open`` raises, ``SeatingFull``, ``AlreadySignedUp``,
    ``SubmissionReused``.
    """
    async with transaction():
        seating = await lock_seating(offering.seating_id)
        offering = await current(offering, seating)
        person, is_new = await know(
            wish.contact, source=wish.source, now=now, company_id=wish.company_id
        )
        others: list[Place] = []
        if not is_new:
            before, others = await found_before(seating.id, person.id, wish)
            if before is not None:
                return before
        check_open(
            offering.state, opens_at=offering.opens_at, closes_at=offering.closes_at, now=now
        )
        awaits = await admitted(offering, person.id, wish, now=now)
        settled = await settle(seating, offering, settings=settings, now=now)
        offering, numbers = settled.offering, settled.numbers
        status = place_for(
            seating.seats,
            numbers.taken,
            waiting=settled.ahead,
            waiting_open=seating.waiting_open,
            quota_left=settled.quota_left(wish.company_id),
        )
        place = wished_place(
            offering, person.id, wish, status=status, awaits=awaits, turn=seating.turn, now=now
        )
        try:
            await place.save(force_create=True)
        except IntegrityError:
            raise SubmissionReused from None  # the only unique value that a caller chooses
        if wish.consents:
            await consent(person.id, wish.consents, source=wish.source, now=now)
        if place.status == PlaceStatus.CONFIRMED:
            offering = await sure_with(
                offering,
                confirmed=numbers.confirmed + 1,
                besides=[place.id],
                settings=settings,
                now=now,
            )
        found = (await overlaps_of(others, offering)).get(person.id, ())
        position = numbers.waiting + 1 if status is PlaceStatus.WAITING else None
        await tell_person(
            place, person, offering, wish, found, position=position, settings=settings, now=now
        )
    return Taken(
        place.id,
        PlaceStatus(place.status),
        position,
        person.id,
        until=place.until,
        awaits=awaits,
        overlaps=visible(found, wish.reader(person.id), company_id=wish.company_id),
    )


async def current(offering: Offering, seating: LockedSeating) -> Offering:
    """The offering as it is under the lock."""
    if offering.revision == seating.revision:
        return offering
    return (await catalogue.offerings_by_seating([seating.id]))[seating.id]


async def found_before(
    seating_id: UUID, person_id: UUID, wish: SignUp
) -> tuple[Taken | None, list[Place]]:
    """The answer to the same submission, if it was made, and the person's current places on other
    seatings. Raises ``AlreadySignedUp`` when the person holds this one by another submission."""
    same = Q(person_id=person_id, current=True)
    if wish.submission:
        same |= Q(submission=wish.submission)
    others: list[Place] = []
    for place in await Place.filter(same):
        if place.submission is None or place.submission != wish.submission:
            if place.seating_id == seating_id:
                raise AlreadySignedUp
            others.append(place)
            continue
        if place.person_id != person_id or place.seating_id != seating_id:
            raise SubmissionReused
        return await answer_of(place, repeated=True), []
    return None, others


async def admitted(offering: Offering, person_id: UUID, wish: SignUp, *, now: datetime) -> Awaits:
    """What the place awaits. Raises ``PrerequisitesMissing`` to who may know that."""
    if wish.waived is not None or not await needed(offering):
        return Awaits.NOTHING
    if wish.reader(person_id) in (ShownTo.NOBODY, ShownTo.COMPANY):
        return Awaits.CHECK
    lacks = (await lacks_of([person_id], offering, now=now)).get(person_id, ())
    if lacks:
        raise PrerequisitesMissing(lacks)
    return Awaits.NOTHING


async def tell_person(
    place: Place,
    person: Person,
    offering: Offering,
    wish: SignUp,
    found: Found,
    *,
    position: int | None,
    settings: Settings,
    now: datetime,
) -> None:
    """The person's mail, which may say all that is theirs, and the ledger's entry."""
    if is_told(place):
        status = PlaceStatus(place.status)
        await queue(
            letter(
                NEWS_OF[status],
                offering,
                Told.of(place.id, person),
                settings=settings,
                now=now,
                position=position,
                enrolled_by=wish.company_name,
                seated=status is PlaceStatus.CONFIRMED,
                until=place.until,
                overlaps=[overlap for overlap, _by in found],
                source=wish.source,
            )
        )
    codes = (wish.waived.value,) if wish.waived else ()
    await taken_entry(place, wish.actor_id, now=now, codes=codes).save(force_create=True)


def wished_place(
    offering: Offering,
    person_id: UUID,
    wish: SignUp,
    *,
    status: PlaceStatus,
    awaits: Awaits,
    turn: int,
    now: datetime,
) -> Place:
    place = new_place(
        offering,
        person_id,
        status=status,
        awaits=awaits,
        turn=turn,
        source=wish.source,
        company_id=wish.company_id,
        actor_id=wish.actor_id,
        order_number=wish.order_number,
        now=now,
    )
    place.submission, place.diet_token = wish.submission, wish.diet_token
    return place


async def locked_place(place_id: UUID) -> tuple[LockedSeating, Place, Offering]:
    """A current place under its seating's lock, with its person. Raises ``PlaceNotFound``,
    ``NotCancellable`` when it is over already."""
    found = await Place.get_or_none(id=place_id)
    if found is None:
        raise PlaceNotFound
    seating = await lock_seating(found.seating_id)
    place = await Place.get(id=place_id).select_related("person")
    if not place.current:
        raise NotCancellable
    return seating, place, (await catalogue.offerings_by_seating([seating.id]))[seating.id]


async def cancel(
    place_id: UUID,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
    by: By = By.PERSON,
    why: Why | None = None,
) -> None:
    """The place is free, its diet is due for deletion, and whoever waits first has the seat.

    Leaving the waiting list or an offer is possible at any time. Raises ``PlaceNotFound``,
    ``NotCancellable`` (it was cancelled or the days have passed), ``TooLateToCancel``; staff are
    asked for a reason then (``WhyNeeded``), which the ledger keeps.
    """
    async with transaction():
        seating, place, offering = await locked_place(place_id)
        if now >= offering.ends_at:
            raise NotCancellable
        status = PlaceStatus(place.status)
        if status in SURE:
            check_cancels(offering, by, why=why, now=now)
        known = is_told(place)
        await end_place(place, actor_id=actor_id, now=now, why=why)
        if known:
            told = Told.of(place.id, place.person)
            seated = status in SURE
            await queue(
                letter(News.CANCELLED, offering, told, settings=settings, now=now, seated=seated)
            )
        await fill(seating, offering, settings=settings, now=now)


async def hold_diet(place_id: UUID, token: str) -> bool:
    """The place holds a diet that is stored under ``token``; False when it cannot: it was
    cancelled meanwhile, or holds one already."""
    async with transaction():
        held = Place.filter(id=place_id, current=True, diet_token=None)
        return bool(await held.update(diet_token=token))


TOKEN_BATCH = 500


async def drop_diet_tokens(place_ids: Sequence[UUID]) -> None:
    """Nothing in the register says any more that these places held a diet (P4)."""
    async with transaction():
        for start in range(0, len(place_ids), TOKEN_BATCH):
            batch = list(place_ids[start : start + TOKEN_BATCH])
            await Place.filter(id__in=batch).update(diet_token=None)
