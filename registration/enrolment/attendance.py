"""Whether the holder of a place came, as the trainer says it: a change of the place's status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
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
