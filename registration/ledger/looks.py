"""That somebody of the house looked at a list of people (P14, P15)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from registration.db import transaction
from registration.ledger.models import Entry
from registration.ledger.rules import Act
from registration.ledger.service import record

ONE_LOOK = timedelta(hours=1)


async def look(actor_id: UUID, list_id: UUID | None, *, now: datetime) -> None:
    """The look is on record; looking again within an hour is the same look.

    ``list_id`` is the session or the event; None: a list over several of them.
    """
    seen = Entry.filter(
        act=Act.LIST_SEEN.value, actor_id=actor_id, object_id=list_id, at__gt=now - ONE_LOOK
    )
    if await seen.exists():
        return
    async with transaction():
        await record(Act.LIST_SEEN, now=now, actor_id=actor_id, object_id=list_id)
