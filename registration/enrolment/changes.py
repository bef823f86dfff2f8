"""Changing and calling off what people hold places on: they are told, and the waiting list moves.

The catalogue keeps what is offered; these verbs wrap its own in the seating's lock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.rules import EventGiven, Offering, SessionGiven, TooFewSeats
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.enrolment.service import fill, numbers_of
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record_many
from registration.mail.service import queue_many
from registration.settings import Settings


async def change_session(
    session_id: UUID,
    given: SessionGiven,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    """The session is as given; who holds a place hears of a new time or place, and new seats go
    to those who wait. Raises ``TooFewSeats`` and what the catalogue raises."""
    before = catalogue.session_offering(await catalogue.session(session_id))
    change = partial(
        catalogue_service.change_session, session_id, given, actor_id=actor_id, now=now
    )
    await _change(before, given.capacity, change, settings=settings, now=now)


async def change_event(
    event_id: UUID,
    given: EventGiven,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
    past: bool = False,
) -> None:
    """As ``change_session``; the deadline of the diets moves with the event, at most to seven days
    after the end that the first guest was told (P4). ``past``: it may be moved to the past."""
    before = catalogue.event_offering(await catalogue.event(event_id))

    async def change() -> None:
        told = await Place.filter(seating_id=before.seating_id).exists()
        await catalogue_service.change_event(
            event_id, given, actor_id=actor_id, now=now, told=told, past=past
        )

    await _change(before, given.capacity, change, settings=settings, now=now)


async def _change(
    before: Offering,
    seats: int,
    change: Callable[[], Awaitable[None]],
    *,
    settings: Settings,
    now: datetime,
) -> None:
    async with transaction():
        seating = await lock_seating(before.seating_id)
        taken, _waiting = await numbers_of(seating.id)
        if seats < taken and seats < seating.seats:
            raise TooFewSeats(taken=taken)
        before = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        await change()
        after = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        if (before.days, before.venue, before.link) != (after.days, after.venue, after.link):
            await _tell_all(News.CHANGED, after, settings=settings, now=now)
        await fill(replace(seating, seats=seats), after, settings=settings, now=now)


async def cancel_session(
    session_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """The session is off, everybody on it is told, and no place stands."""
    before = catalogue.session_offering(await catalogue.session(session_id))
    call_off = partial(catalogue_service.cancel_session, session_id, actor_id=actor_id, now=now)
    await _call_off(before, call_off, actor_id=actor_id, settings=settings, now=now)


async def cancel_event(
    event_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """The event is off; its diets are deleted at once (P4)."""
    before = catalogue.event_offering(await catalogue.event(event_id))
    call_off = partial(catalogue_service.cancel_event, event_id, actor_id=actor_id, now=now)
    await _call_off(before, call_off, actor_id=actor_id, settings=settings, now=now)


async def _call_off(
    before: Offering,
    call_off: Callable[[], Awaitable[None]],
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    async with transaction():
        seating = await lock_seating(before.seating_id)
        await call_off()
        after = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        await _tell_all(News.CALLED_OFF, after, settings=settings, now=now)
        places = await Place.filter(seating_id=seating.id, current=True).values_list(
            "id", "person_id"
        )
        await Place.filter(seating_id=seating.id, current=True).update(
            status=PlaceStatus.CANCELLED.value, current=None, ended_at=now, changed_at=now
        )
        await record_many(
            [
                entry(
                    Act.PLACE_CHANGED,
                    now=now,
                    actor_id=actor_id,
                    subject_id=person_id,
                    object_id=place_id,
                    note=Note(codes=(PlaceStatus.CANCELLED.value,)),
                )
                for place_id, person_id in places
            ]
        )


async def _tell_all(news: News, offering: Offering, *, settings: Settings, now: datetime) -> None:
    places: Sequence[Place] = await Place.filter(
        seating_id=offering.seating_id, current=True
    ).select_related("person")
    await queue_many(
        [
            letter(
                news,
                offering,
                Told.of(place.id, place.person),
                settings=settings,
                now=now,
                seated=place.status != PlaceStatus.WAITING,
            )
            for place in places
        ]
    )
