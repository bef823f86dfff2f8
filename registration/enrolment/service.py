"""Giving, freeing and changing places: the one engine behind sessions and events.

Every verb locks the seating, looks, decides by ``rules`` and writes, in one transaction, with the
mail that tells of it and the ledger's entry. Counts are read under the lock; none is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.functions import Count

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import (
    Offering,
    State,
    vat_basis_points,
)
from registration.catalogue.service import LockedSeating, lock_seating
from registration.db import after_commit, transaction
from registration.enrolment.letters import NEWS_OF, News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.rules import (
    SEATED,
    AlreadySignedUp,
    NotCancellable,
    PlaceNotFound,
    PlaceStatus,
    SubmissionReused,
    Taken,
    check_open,
    place_for,
    seats_to_fill,
)
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record, record_many
from registration.mail.models import Mail
from registration.mail.service import queue, queue_many
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import consent, know, once_more
from registration.settings import Settings

SEATED_VALUES = [status.value for status in SEATED]

_ended_listeners: list[Callable[[], None]] = []


def on_diet_unheld(wake: Callable[[], None]) -> None:
    """``wake`` is called when a place that held a diet has ended, after the commit (P4)."""
    _ended_listeners.append(wake)


def _diet_unheld() -> None:
    for listener in _ended_listeners:
        listener()


@dataclass(frozen=True, slots=True)
class SignUp:
    """One person's wish for a place. ``submission`` is the form's own id: sent twice, it is
    answered twice and done once. ``diet_token`` holds a diet that is stored already."""

    contact: Contact
    source: Source
    consents: tuple[Purpose, ...] = ()
    submission: str | None = None
    diet_token: str | None = None
    company_id: UUID | None = None
    company_name: str = ""
    actor_id: UUID | None = None


@once_more
async def sign_up(offering: Offering, wish: SignUp, *, settings: Settings, now: datetime) -> Taken:
    """The person holds a place, confirmed or waiting, and a mail says so (P1, P2).

    ``offering`` may have been read before; if it has changed since, it is read again under the
    lock. Raises what ``check_open`` raises, ``SeatingFull``, ``AlreadySignedUp``,
    ``SubmissionReused``.
    """
    async with transaction():
        seating = await lock_seating(offering.seating_id)
        offering = await _current(offering, seating)
        person, is_new = await know(
            wish.contact, source=wish.source, now=now, company_id=wish.company_id
        )
        before = None if is_new else await _found_before(seating.id, person.id, wish)
        if before is not None:
            return before
        check_open(
            offering.state, opens_at=offering.opens_at, closes_at=offering.closes_at, now=now
        )
        taken, waiting = await numbers_of(seating.id)
        status = place_for(seating.seats, taken, waiting=waiting, waiting_open=seating.waiting_open)
        place = _wished(offering, person.id, wish, status=status, turn=seating.turn, now=now)
        try:
            await place.save(force_create=True)
        except IntegrityError:
            raise SubmissionReused from None  # the only unique value that a caller chooses
        if wish.consents:
            await consent(person.id, wish.consents, source=wish.source, now=now)
        position = waiting + 1 if status is PlaceStatus.WAITING else None
        await queue(
            letter(
                NEWS_OF[status],
                offering,
                Told.of(place.id, person),
                settings=settings,
                now=now,
                position=position,
                enrolled_by=wish.company_name,
                source=wish.source,
            )
        )
        await _taken_entry(place, wish.actor_id, now=now).save(force_create=True)
    return Taken(place.id, status, position, person.id)


async def _current(offering: Offering, seating: LockedSeating) -> Offering:
    if offering.revision == seating.revision:
        return offering
    return (await catalogue.offerings_by_seating([seating.id]))[seating.id]


async def _found_before(seating_id: UUID, person_id: UUID, wish: SignUp) -> Taken | None:
    """The answer to the same submission, if it was made. Raises ``AlreadySignedUp`` when the
    person holds a place by another one."""
    same = Q(seating_id=seating_id, person_id=person_id, current=True)
    if wish.submission:
        same |= Q(submission=wish.submission)
    for place in await Place.filter(same):
        if place.submission is None or place.submission != wish.submission:
            raise AlreadySignedUp
        if place.person_id != person_id or place.seating_id != seating_id:
            raise SubmissionReused
        return replace(await _answer(place), repeated=True)
    return None


async def _answer(place: Place) -> Taken:
    status = PlaceStatus(place.status)
    position = None
    if status is PlaceStatus.WAITING:
        position = await Place.filter(
            seating_id=place.seating_id, status=PlaceStatus.WAITING.value, turn__lte=place.turn
        ).count()
    return Taken(place.id, status, position, place.person_id)


async def numbers_of(seating_id: UUID) -> tuple[int, int]:
    """(seats taken, people waiting), by the lock's holder."""
    rows = (
        await Place.filter(seating_id=seating_id, current=True)
        .group_by("status")
        .annotate(number=Count("id"))
        .values_list("status", "number")
    )
    numbers = dict(rows)
    waiting = numbers.get(PlaceStatus.WAITING.value, 0)
    return sum(numbers.get(value, 0) for value in SEATED_VALUES), waiting


def new_place(
    offering: Offering,
    person_id: UUID,
    *,
    status: PlaceStatus,
    turn: int,
    source: Source,
    now: datetime,
    company_id: UUID | None = None,
    actor_id: UUID | None = None,
) -> Place:
    """An unsaved place, at the price of this moment."""
    return Place(
        id=uuid4(),
        seating_id=offering.seating_id,
        person_id=person_id,
        status=status.value,
        turn=turn,
        source=source.value,
        company_id=company_id,
        enrolled_by=actor_id,
        price_cents=offering.price_cents,
        vat_basis_points=vat_basis_points(offering.starts_at.date()),
        created_at=now,
        changed_at=now,
    )


def _wished(
    offering: Offering,
    person_id: UUID,
    wish: SignUp,
    *,
    status: PlaceStatus,
    turn: int,
    now: datetime,
) -> Place:
    place = new_place(
        offering,
        person_id,
        status=status,
        turn=turn,
        source=wish.source,
        company_id=wish.company_id,
        actor_id=wish.actor_id,
        now=now,
    )
    place.submission, place.diet_token = wish.submission, wish.diet_token
    return place


def _taken_entry(place: Place, actor_id: UUID | None, *, now: datetime) -> Entry:
    return entry(
        Act.PLACE_TAKEN,
        now=now,
        actor_id=actor_id or place.person_id,
        subject_id=place.person_id,
        object_id=place.id,
        note=Note(codes=(place.status, place.source)),
    )


async def cancel(
    place_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """The place is free, its diet is due for deletion, and whoever waits first has the seat.

    Raises ``PlaceNotFound``, ``NotCancellable`` (it was cancelled or the days have passed).
    """
    async with transaction():
        found = await Place.get_or_none(id=place_id)
        if found is None:
            raise PlaceNotFound
        seating = await lock_seating(found.seating_id)
        place = await Place.get(id=place_id).select_related("person")
        offering = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        if not place.current or now >= offering.ends_at:
            raise NotCancellable
        seated = place.status != PlaceStatus.WAITING
        await _end(place, actor_id=actor_id, now=now)
        told = Told.of(place.id, place.person)
        await queue(
            letter(News.CANCELLED, offering, told, settings=settings, now=now, seated=seated)
        )
        await fill(seating, offering, settings=settings, now=now)


@once_more
async def substitute(place_id: UUID, wish: SignUp, *, settings: Settings, now: datetime) -> Taken:
    """Another person holds the place, with the same status and turn; the first one is told.

    Raises ``PlaceNotFound``, ``NotCancellable``, ``AlreadySignedUp``.
    """
    async with transaction():
        found = await Place.get_or_none(id=place_id)
        if found is None:
            raise PlaceNotFound
        seating = await lock_seating(found.seating_id)
        place = await Place.get(id=place_id).select_related("person")
        offering = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        if not place.current or now >= offering.ends_at:
            raise NotCancellable
        person, _is_new = await know(
            wish.contact, source=wish.source, now=now, company_id=wish.company_id
        )
        if await Place.filter(seating_id=seating.id, person_id=person.id, current=True).exists():
            raise AlreadySignedUp
        status = PlaceStatus(place.status)
        await _end(place, actor_id=wish.actor_id, now=now)
        heir = _wished(offering, person.id, wish, status=status, turn=place.turn, now=now)
        heir.price_cents, heir.vat_basis_points = place.price_cents, place.vat_basis_points
        await heir.save(force_create=True)
        compose_one = partial(letter, offering=offering, settings=settings, now=now)
        seated = status is not PlaceStatus.WAITING
        told = Told.of(place.id, place.person)
        await queue(compose_one(News.CANCELLED, told=told, seated=seated))
        answer = await _answer(heir)
        await queue(
            compose_one(
                NEWS_OF.get(status, News.CONFIRMED),
                told=Told.of(heir.id, person),
                position=answer.position,
                enrolled_by=wish.company_name,
                source=wish.source,
            )
        )
        await _taken_entry(heir, wish.actor_id, now=now).save(force_create=True)
    return answer


async def _end(place: Place, *, actor_id: UUID | None, now: datetime) -> None:
    place.status, place.current = PlaceStatus.CANCELLED.value, None
    place.ended_at = place.changed_at = now
    await place.save()
    if place.diet_token:
        after_commit(_diet_unheld)
    await record(
        Act.PLACE_CHANGED,
        now=now,
        actor_id=actor_id,
        subject_id=place.person_id,
        object_id=place.id,
        note=Note(codes=(place.status,)),
    )


async def fill(
    seating: LockedSeating, offering: Offering, *, settings: Settings, now: datetime
) -> int:
    """Those who wait have the free seats, in the order of their turns; says how many.

    Nobody moves up into what is cancelled or over.
    """
    if offering.state is not State.PUBLISHED or now >= offering.ends_at:
        return 0
    taken, waiting = await numbers_of(seating.id)
    free = min(seats_to_fill(seating.seats, taken), waiting)
    if not free:
        return 0
    first = (
        await Place.filter(seating_id=seating.id, status=PlaceStatus.WAITING.value)
        .order_by("turn")
        .limit(free)
        .select_related("person")
    )
    await Place.filter(id__in=[place.id for place in first]).update(
        status=PlaceStatus.CONFIRMED.value, changed_at=now
    )
    mails: list[Mail] = []
    entries: list[Entry] = []
    for place in first:
        told = Told.of(place.id, place.person)
        mails.append(letter(News.MOVED_UP, offering, told, settings=settings, now=now))
        entries.append(
            entry(
                Act.PLACE_CHANGED,
                now=now,
                subject_id=place.person_id,
                object_id=place.id,
                note=Note(codes=(PlaceStatus.CONFIRMED.value,)),
            )
        )
    await queue_many(mails)
    await record_many(entries)
    return len(first)


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
