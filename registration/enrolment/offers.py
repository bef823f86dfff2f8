"""A freed seat is offered to who waits first, for a time; then to the next."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.db import transaction
from registration.enrolment.filling import fill
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.placing import answer_of, changed_entry, end_place
from registration.enrolment.rules import (
    NotCancellable,
    NotOffered,
    OfferEnded,
    PlaceStatus,
    Taken,
)
from registration.enrolment.seats import numbers_of
from registration.enrolment.service import locked_place
from registration.enrolment.sureness import sure_with
from registration.mail.service import queue
from registration.settings import Settings


async def accept_offer(
    place_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> Taken:
    """The place is confirmed, at the price it was taken at, and a mail says so; accepted twice, it
    is accepted once.

    The offer's end is kept to the second, whether the job that ends offers has run or not. Raises
    ``OfferEnded``, ``NotOffered``, ``PlaceNotFound``.
    """
    async with transaction():
        try:
            seating, place, offering = await locked_place(place_id)
        except NotCancellable:
            raise OfferEnded from None
        if place.status == PlaceStatus.CONFIRMED:
            return await answer_of(place, repeated=True)
        if place.status != PlaceStatus.OFFERED:
            raise NotOffered
        if place.until is None or now >= place.until:
            raise OfferEnded
        place.status, place.until, place.changed_at = PlaceStatus.CONFIRMED.value, None, now
        await place.save()
        numbers = await numbers_of(seating.id, now=now)
        offering = await sure_with(
            offering,
            confirmed=numbers.confirmed,
            besides=[place.id],
            settings=settings,
            now=now,
        )
        told = Told.of(place.id, place.person)
        await queue(letter(News.CONFIRMED, offering, told, settings=settings, now=now))
        await changed_entry(place, actor_id=actor_id, now=now).save(force_create=True)
        return await answer_of(place)


async def decline_offer(
    place_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """The place is over, its person is told so, and the seat goes to whoever waits next.

    Raises ``OfferEnded`` when it was over before, ``NotOffered``, ``PlaceNotFound``.
    """
    async with transaction():
        try:
            seating, place, offering = await locked_place(place_id)
        except NotCancellable:
            raise OfferEnded from None
        if place.status != PlaceStatus.OFFERED:
            raise NotOffered
        await end_place(place, actor_id=actor_id, now=now)
        told = Told.of(place.id, place.person)
        await queue(
            letter(News.CANCELLED, offering, told, settings=settings, now=now, seated=False)
        )
        await fill(seating, offering, settings=settings, now=now)
