"""That somebody of the house looked at a list of people (P14, P15)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from registration.db import transaction
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
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


async def looked_up(
    actor_id: UUID, *, subject_id: UUID | None, object_id: UUID | None, purpose: str, now: datetime
) -> None:
    """That somebody searched the ledger itself is on record: who, for whose acts or data, for what.
    ``purpose`` is ``entries`` or ``disclosures``. The same search within an hour is one."""
    asked = Entry.filter(
        act=Act.LEDGER_SEARCHED.value,
        actor_id=actor_id,
        subject_id=subject_id,
        object_id=object_id,
        detail__contains=purpose,
        at__gt=now - ONE_LOOK,
    )
    if await asked.exists():
        return
    async with transaction():
        await record(
            Act.LEDGER_SEARCHED,
            now=now,
            actor_id=actor_id,
            subject_id=subject_id,
            object_id=object_id,
            note=Note(purpose=purpose),
        )
