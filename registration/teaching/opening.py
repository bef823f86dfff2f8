"""A session opened to its trainer: the assignment in force, who is taught, what was shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from registration.accounts.rules import Identity, Role
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import SessionNotFound
from registration.enrolment import queries as enrolment
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceStatus
from registration.ledger.rules import Basis
from registration.ledger.service import Shown
from registration.teaching.models import Assignment
from registration.teaching.queries import OutcomeLine, outcomes_of, terms_of
from registration.teaching.rules import TAUGHT, Recorded, may_teach


async def opened(
    session_id: UUID, *, identity: Identity, now: datetime
) -> tuple[Assignment, SessionLine]:
    """The trainer's assignment, in force. Raises ``SessionNotFound`` for a session that is not
    theirs, and what ``may_teach`` raises."""
    row = None
    if Role.TRAINER in identity.roles:
        row = await Assignment.get_or_none(
            session_id=session_id, account_id=identity.account_id
        ).select_related("recipient")
    if row is None:
        raise SessionNotFound
    session = await catalogue.session(session_id)
    may_teach(terms_of(row, session), now=now)
    return row, session


async def taught(session: SessionLine) -> list[PlaceLine]:
    return [line for line in await enrolment.places_on(session.seating_id) if line.status in TAUGHT]


async def with_no_show(lines: Sequence[PlaceLine]) -> dict[UUID, tuple[Recorded, int]]:
    outcomes = await outcomes_of([line.id for line in lines])
    return {line.id: _recorded(line, outcomes[line.id]) for line in lines}


def _recorded(line: PlaceLine, outcome: OutcomeLine) -> tuple[Recorded, int]:
    stands = outcome.recorded
    absent = line.status is PlaceStatus.NO_SHOW
    return replace(stands, no_show=absent), outcome.version


def shown(
    lines: Iterable[PlaceLine],
    assignment: Assignment,
    fields: tuple[str, ...],
    purpose: str,
    *,
    road: str,
) -> list[Shown]:
    return [
        Shown(
            person_id=line.person_id,
            fields=fields,
            purpose=purpose,
            basis=Basis.CONTRACT,
            road=road,
            actor_id=assignment.account_id,
            recipient_id=assignment.recipient_id,
            object_id=assignment.session_id,
        )
        for line in lines
    ]
