"""Whether the holder of a place came, as the trainer says it: a change of the place's status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import NotAbsent, NotBegun, PlaceNotFound, PlaceStatus
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry, record_many

OPEN_TO_CHANGE = (PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED, PlaceStatus.NO_SHOW)


async def mark(
    statuses: Mapping[UUID, PlaceStatus], *, actor_id: UUID | None, now: datetime
) -> None:
    """Each place has the status given for it, and the change is in the ledger.

    Only seats that are held move, between confirmed, attended and no-show; the seating's lock is
    the caller's to take. No mail: the outcome has its own.
    """
    async with transaction():
        changed: list[Place] = []
        for place in await Place.filter(id__in=list(statuses)):
            wanted = statuses[place.id].value
            if place.status in OPEN_TO_CHANGE and place.status != wanted:
                place.status, place.changed_at = wanted, now
                changed.append(place)
        if changed:
            await Place.bulk_update(changed, ["status", "changed_at"], batch_size=100)
        await record_many(
            [
                entry(
                    Act.PLACE_CHANGED,
                    now=now,
                    actor_id=actor_id,
                    subject_id=place.person_id,
                    object_id=place.id,
                    note=Note(codes=(place.status,)),
                )
                for place in changed
            ]
        )


async def no_show(place_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Who held the place did not come; the seat stays theirs. Possible once it has begun, and to
    be taken back. Raises ``NotBegun``, ``NotAbsent``, ``PlaceNotFound``."""
    await _say(place_id, PlaceStatus.NO_SHOW, actor_id=actor_id, now=now)


async def came_after_all(place_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The place is not missed any more: confirmed, as it was. Raises as ``no_show``."""
    await _say(place_id, PlaceStatus.CONFIRMED, actor_id=actor_id, now=now)


async def _say(
    place_id: UUID, status: PlaceStatus, *, actor_id: UUID | None, now: datetime
) -> None:
    async with transaction():
        found = await Place.get_or_none(id=place_id)
        if found is None:
            raise PlaceNotFound
        await lock_seating(found.seating_id)
        place = await Place.get(id=place_id)
        offering = (await catalogue.offerings_by_seating([place.seating_id]))[place.seating_id]
        if now < offering.starts_at:
            raise NotBegun
        if place.status not in OPEN_TO_CHANGE:
            raise NotAbsent
        await mark({place_id: status}, actor_id=actor_id, now=now)
