"""Giving, freeing and changing places: the one engine behind sessions and events.

Every verb locks the seating, settles what is overdue, looks, decides by ``rules`` and writes, in
one transaction, with the mail that tells of it and the ledger's entry. Counts are read under the
lock; none is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating, lock_seating
from registration.db import joined, transaction
from registration.enrolment.arrivals import Arrival, place_all
from registration.enrolment.filling import fill
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.placing import end_place, is_told
from registration.enrolment.rules import (
    SURE,
    By,
    NotCancellable,
    PlaceNotFound,
    PlaceStatus,
    Taken,
    Why,
    check_cancels,
)
from registration.enrolment.turnstile import Turnstile
from registration.enrolment.wishes import SignUp as SignUp  # what ``sign_up`` is given
from registration.mail.service import queue
from registration.people.service import once_more
from registration.settings import Settings


async def sign_up(offering: Offering, wish: SignUp, *, settings: Settings, now: datetime) -> Taken:
    """The person holds a place, confirmed, waiting or held for a look by staff, and a mail says so
    (P1, P2).

    ``offering`` may have been read before; if it has changed since, it is read again under the
    lock. Where a training needs others first, who is logged in and staff are told at once what is
    missing (``PrerequisitesMissing``). Of a typed name nothing is told: the place is held for staff
    to check, whatever our records say, so that nobody learns from the answer what another person
    has completed. Raises also what ``check_open`` raises, ``SeatingFull``, ``AlreadySignedUp``,
    ``SubmissionReused``.

    Who comes at the same moment is placed in the same transaction, in the order of arrival, and
    answered when it has been committed. Inside a transaction of the caller's it is part of that.
    """
    arrival = Arrival(offering, wish, settings, now)
    if not joined():
        return await _turnstile.enter(offering.seating_id, arrival)
    answer = await _alone(arrival)
    if isinstance(answer, Exception):
        raise answer
    return answer


class _Undone(Exception):
    """Something went wrong before the commit, so nothing was done."""


async def _together(arrivals: Sequence[Arrival]) -> Sequence[Taken | Exception]:
    """What each is answered, or the exception that it is to hear.

    When they cannot be placed in one transaction, each has one of its own: who fails there, fails
    alone. Not so when the commit itself fails: then nobody knows whether their place stands.
    """
    if len(arrivals) > 1:
        try:
            async with transaction():  # which ``place_all`` joins
                try:
                    return await place_all(arrivals)
                except Exception as failure:  # whatever it is, each meets it again below or not
                    raise _Undone from failure
        except _Undone:
            pass
        except Exception as failure:  # handed to all who wait
            return [failure] * len(arrivals)
    return [await _alone(arrival) for arrival in arrivals]


async def _alone(arrival: Arrival) -> Taken | Exception:
    try:
        [answer] = await once_more(place_all)([arrival])
    except Exception as failure:  # handed to who waits for it
        return failure
    return answer


_turnstile: Turnstile[Arrival, Taken] = Turnstile(_together, marks=Arrival.marks)


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
