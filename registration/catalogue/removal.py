"""Taking back what was added by mistake. Whether anybody holds a place is the caller's to know."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.catalogue.models import Event, Meal, Seating, Session, SessionDay
from registration.catalogue.rules import EventNotFound, SessionNotFound
from registration.db import announce, transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record


async def remove_session(session_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The session, its days and its seating are gone. Raises ``SessionNotFound``."""
    async with transaction():
        session = await Session.get_or_none(id=session_id)
        if session is None:
            raise SessionNotFound
        await SessionDay.filter(session_id=session_id).delete()
        await session.delete()
        await Seating.filter(id=session.seating_id).delete()
        await _record("session", session_id, actor_id=actor_id, now=now)


async def remove_event(event_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The event, its meals and its seating are gone. Raises ``EventNotFound``."""
    async with transaction():
        event = await Event.get_or_none(id=event_id)
        if event is None:
            raise EventNotFound
        await Meal.filter(event_id=event_id).delete()
        await event.delete()
        await Seating.filter(id=event.seating_id).delete()
        await _record("event", event_id, actor_id=actor_id, now=now)


async def _record(kind: str, about: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    announce()
    await record(
        Act.CATALOGUE_CHANGED,
        now=now,
        actor_id=actor_id,
        object_id=about,
        note=Note(purpose=kind, codes=("deleted",)),
    )
