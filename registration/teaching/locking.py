"""Results that are final: locked by the trainer or by staff, reopened by staff with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BeforeValidator, Field

from registration.accounts.queries import names_of
from registration.catalogue import queries as catalogue
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.forms import Command
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.people.rules import clean_text
from registration.teaching.deciding import SHORTEST_REASON
from registration.teaching.models import ResultLock
from registration.teaching.rules import NotLocked, ResultsLocked


class ReopenGiven(Command):
    """Why the results are reopened, to read for the trainer: nothing private."""

    because: Annotated[
        str, BeforeValidator(clean_text), Field(min_length=SHORTEST_REASON, max_length=200)
    ]


@dataclass(frozen=True, slots=True)
class LockLine:
    """``reopened_at`` None: the results are final now. Names are empty for accounts that are gone
    and, of who reopened, while nobody has."""

    locked_at: datetime
    locked_by: str
    reopened_at: datetime | None
    reopened_by: str
    because: str


async def locks_of(session_id: UUID) -> tuple[LockLine, ...]:
    """The newest first."""
    rows = await ResultLock.filter(session_id=session_id).order_by("-locked_at")
    who = [row.locked_by for row in rows] + [row.reopened_by for row in rows if row.reopened_by]
    names = await names_of(who)
    return tuple(
        LockLine(
            row.locked_at,
            names.get(row.locked_by, ""),
            row.reopened_at,
            names.get(row.reopened_by, "") if row.reopened_by else "",
            row.reopened_because,
        )
        for row in rows
    )


async def is_locked(session_id: UUID) -> bool:
    return await ResultLock.filter(session_id=session_id, reopened_at__isnull=True).exists()


async def check_open(session_id: UUID) -> None:
    """Raises ``ResultsLocked``. The seating's lock is the caller's, so that it stays so."""
    if await is_locked(session_id):
        raise ResultsLocked


async def lock(session_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """Staff say that the results are final, decided or not. Raises ``SessionNotFound``,
    ``ResultsLocked``."""
    async with transaction():
        session = await catalogue.session(session_id)
        await lock_seating(session.seating_id, turns=0)
        await write_lock(session_id, actor_id=actor_id, now=now)


async def write_lock(session_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """For ``lock`` and the trainer's own, under the seating's lock. Raises ``ResultsLocked``."""
    await check_open(session_id)
    await ResultLock.create(id=uuid4(), session_id=session_id, locked_at=now, locked_by=actor_id)
    await record(Act.RESULTS_LOCKED, now=now, actor_id=actor_id, object_id=session_id)


async def reopen(session_id: UUID, given: ReopenGiven, *, actor_id: UUID, now: datetime) -> None:
    """Results can be recorded again by who may; why stands on the session's pages. Raises
    ``SessionNotFound``, ``NotLocked``."""
    async with transaction():
        session = await catalogue.session(session_id)
        await lock_seating(session.seating_id, turns=0)
        open_now = await ResultLock.filter(session_id=session_id, reopened_at__isnull=True).update(
            reopened_at=now, reopened_by=actor_id, reopened_because=given.because
        )
        if not open_now:
            raise NotLocked
        await record(Act.RESULTS_REOPENED, now=now, actor_id=actor_id, object_id=session_id)
