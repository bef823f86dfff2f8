"""Which trainer reads what was said of a session."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.catalogue.lines import SessionLine
from registration.teaching.queries import assigned_session
from registration.teaching.rules import AssignmentEnded, Invitation, NotAccepted


async def taught_session(session_id: UUID, account_id: UUID, *, now: datetime) -> SessionLine:
    """The session, to a trainer who has accepted it and whose access did not end before it did.
    When the access to its people ends later, the figures stay: they are about the teaching, and
    nobody's. Raises ``SessionNotFound``, ``NotAccepted``, ``AssignmentEnded``."""
    assigned = await assigned_session(session_id, account_id, now=now)
    if assigned.invitation is not Invitation.ACCEPTED:
        raise NotAccepted
    if assigned.ends_at < min(now, assigned.session.ends_at):
        raise AssignmentEnded
    return assigned.session
