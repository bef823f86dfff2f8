"""Changing and calling off what people hold places on: they are told, and the waiting list moves.

The catalogue keeps what is offered; these verbs wrap its own in the seating's lock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.removal import remove_session
from registration.catalogue.rules import EventGiven, Offering, SessionGiven, TooFewSeats
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment.ending import end_held_seats, write_ended
from registration.enrolment.filling import settle
from registration.enrolment.letters import News
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.placing import changed_entry, end_was_set, is_told, mark_ended
from registration.enrolment.rules import ENDING, PeopleOnIt, names_end
from registration.enrolment.seats import numbers_of
from registration.enrolment.sureness import sure_with
from registration.enrolment.telling import tell_all, tell_refused
from registration.ledger.service import record_many
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
        taken = (await numbers_of(seating.id, now=now)).taken
        if seats < taken and seats < seating.seats:
            raise TooFewSeats(taken=taken)
        before = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        await change()
        after = (await catalogue.offerings_by_seating([seating.id]))[seating.id]
        await _shorten_ends(after)
        if (before.days, before.venue, before.link) != (after.days, after.venue, after.link):
            await tell_all(News.CHANGED, after, settings=settings, now=now)
        # A minimum that was lowered may be reached, and a quota that was raised lets people in.
        confirmed = (await numbers_of(seating.id, now=now)).confirmed
        after = await sure_with(after, confirmed=confirmed, besides=(), settings=settings, now=now)
        await settle(replace(seating, seats=seats), after, settings=settings, now=now)


async def _shorten_ends(offering: Offering) -> None:
    """No offer, hold or unnamed seat outlasts the start, which may be earlier now."""
    ending = Place.filter(
        seating_id=offering.seating_id,
        current=True,
        status__in=list(ENDING),
        until__gt=offering.starts_at,
    )
    end = names_end(offering)
    seats = HeldSeat.filter(seating_id=offering.seating_id, until__gt=end)
    if await ending.update(until=offering.starts_at) + await seats.update(until=end):
        end_was_set()


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
        await tell_all(News.CALLED_OFF, after, settings=settings, now=now)
        places = await Place.filter(seating_id=seating.id, current=True)
        for place in places:
            mark_ended(place, now=now)
        untold = [place for place in places if not is_told(place)]
        await tell_refused(untold, after, reason="", called_off=True, settings=settings, now=now)
        await write_ended(places, now=now)
        await record_many([changed_entry(each, actor_id=actor_id, now=now) for each in places])
        await end_held_seats(
            await HeldSeat.filter(seating_id=seating.id),
            after,
            called_off=True,
            settings=settings,
            now=now,
        )


async def delete_session(session_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Nothing is left of a session that nobody ever had a place on, as of one added by mistake.

    Raises ``PeopleOnIt``: what people had stays on record, so it can only be called off.
    """
    before = catalogue.session_offering(await catalogue.session(session_id))
    async with transaction():
        seating = await lock_seating(before.seating_id)
        people = await Place.filter(seating_id=seating.id).count()
        people += await HeldSeat.filter(seating_id=seating.id).count()
        if people:
            raise PeopleOnIt(people=people)
        await remove_session(session_id, actor_id=actor_id, now=now)
