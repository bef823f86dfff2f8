"""The row of a place: made, ended, and what the ledger says of either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from registration.catalogue.rules import Offering, vat_basis_points
from registration.db import after_commit
from registration.enrolment.models import Place
from registration.enrolment.rules import Awaits, PlaceStatus, Taken, Why, hold_end
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry
from registration.people.rules import Source

_diet_listeners: list[Callable[[], None]] = []
_end_listeners: list[Callable[[], None]] = []


def on_diet_unheld(wake: Callable[[], None]) -> None:
    """``wake`` is called when a place that held a diet has ended, after the commit (P4)."""
    _diet_listeners.append(wake)


def on_end_set(wake: Callable[[], None]) -> None:
    """``wake`` is called when a place or a seat was given an end, after the commit."""
    _end_listeners.append(wake)


def _diet_unheld() -> None:
    for listener in _diet_listeners:
        listener()


def _end_set() -> None:
    for listener in _end_listeners:
        listener()


def end_was_set() -> None:
    """Whoever waits for ends hears of it when the present transaction has committed."""
    after_commit(_end_set)


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
    order_number: str = "",
    awaits: Awaits = Awaits.NOTHING,
) -> Place:
    """An unsaved place, at the price of this moment. What would be confirmed but awaits something
    is held for it, with an end."""
    place = Place(
        id=uuid4(),
        seating_id=offering.seating_id,
        person_id=person_id,
        status=status.value,
        awaits=awaits.value,
        turn=turn,
        source=source.value,
        company_id=company_id,
        enrolled_by=actor_id,
        price_cents=offering.price_cents,
        vat_basis_points=vat_basis_points(offering.starts_at.date()),
        order_number=order_number,
        created_at=now,
        changed_at=now,
    )
    if awaits and status is PlaceStatus.CONFIRMED:
        place.status, place.until = PlaceStatus.HELD.value, hold_end(offering, now=now)
        end_was_set()
    return place


def is_told(place: Place) -> bool:
    """Whether its person knows of the place: whom a company enrols hears of it when nothing stands
    in its way any more."""
    return place.company_id is None or not place.awaits


def taken_entry(
    place: Place, actor_id: UUID | None, *, now: datetime, codes: tuple[str, ...] = ()
) -> Entry:
    return entry(
        Act.PLACE_TAKEN,
        now=now,
        actor_id=actor_id or place.person_id,
        subject_id=place.person_id,
        object_id=place.id,
        note=Note(codes=(place.status, place.source, *codes)),
    )


def changed_entry(
    place: Place, *, now: datetime, actor_id: UUID | None = None, why: Why | None = None
) -> Entry:
    return entry(
        Act.PLACE_CHANGED,
        now=now,
        actor_id=actor_id,
        subject_id=place.person_id,
        object_id=place.id,
        note=Note(codes=(place.status, why.value) if why else (place.status,)),
    )


def mark_ended(place: Place, *, now: datetime) -> None:
    """Unsaved: the place is over, and its diet is due for deletion (P4)."""
    place.status, place.current = PlaceStatus.CANCELLED.value, None
    place.ended_at = place.changed_at = now
    if place.diet_token:
        after_commit(_diet_unheld)


async def end_place(
    place: Place, *, actor_id: UUID | None, now: datetime, why: Why | None = None
) -> None:
    """The place is over, and the ledger says so."""
    mark_ended(place, now=now)
    await place.save()
    await changed_entry(place, actor_id=actor_id, now=now, why=why).save(force_create=True)


async def answer_of(place: Place, *, repeated: bool = False) -> Taken:
    """The place as its sign-up is answered."""
    status = PlaceStatus(place.status)
    position = None
    if status is PlaceStatus.WAITING:
        position = await Place.filter(
            seating_id=place.seating_id, status=PlaceStatus.WAITING.value, turn__lte=place.turn
        ).count()
    taken = Taken(place.id, status, position, place.person_id)
    return replace(taken, repeated=repeated, until=place.until, awaits=Awaits(place.awaits))
