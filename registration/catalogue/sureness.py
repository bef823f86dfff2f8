"""That something runs which was tentative: of the seating, so it is the catalogue's to write."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.expressions import F

from registration.catalogue.models import Seating
from registration.db import announce
from registration.ledger.rules import Act, Note
from registration.ledger.service import record


async def mark_sure(seating_id: UUID, *, actor_id: UUID | None, now: datetime) -> bool:
    """It is certain from now on that it takes place; False when it was before. Inside the caller's
    transaction, which holds the seating."""
    tentative = Seating.filter(id=seating_id, sure_at=None)
    if not await tentative.update(sure_at=now, revision=F("revision") + 1):
        return False
    announce()
    await record(
        Act.CATALOGUE_CHANGED,
        now=now,
        actor_id=actor_id,
        object_id=seating_id,
        note=Note(purpose="seating", codes=("sure",)),
    )
    return True
