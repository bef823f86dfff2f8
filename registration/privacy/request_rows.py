"""One row of the register of requests: found and held, numbered, and each act on it on record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from registration.db import connection
from registration.i18n import DEFAULT_ZONE
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.privacy.models import RightsRequest
from registration.privacy.request_rules import (
    CLOSED,
    UNDECIDED,
    AlreadyDecided,
    MovedOn,
    RequestNotFound,
    State,
    number_text,
)


async def locked(request_id: UUID) -> RightsRequest:
    """The row, held until the transaction ends. Raises ``RequestNotFound``."""
    row = await RightsRequest.filter(id=request_id).select_for_update().first()
    if row is None:
        raise RequestNotFound
    return row


async def undecided(request_id: UUID) -> RightsRequest:
    """Likewise, as long as nothing is decided. Raises ``AlreadyDecided``, ``MovedOn``."""
    row = await locked(request_id)
    state = State(row.state)
    if state in UNDECIDED:
        return row
    raise MovedOn if state in CLOSED and not row.decision else AlreadyDecided


async def next_reference(now: datetime) -> str:
    """The next number of the year; the series is this transaction's until it ends, so that numbers
    have no gaps and nobody gets the same."""
    year = now.astimezone(DEFAULT_ZONE).year
    db = connection()
    server = db.capabilities.support_for_update
    marks = "$1, $2, 1" if server else "?, ?, 1"
    new_id = uuid4()
    rows = await db.execute_query_dict(
        f"INSERT INTO request_series (id, year, issued) VALUES ({marks}) "  # noqa: S608 -- placeholders
        "ON CONFLICT (year) DO UPDATE SET issued = request_series.issued + 1 RETURNING issued",
        [new_id if server else str(new_id), year],
    )
    return number_text(year, int(rows[0]["issued"]))


async def record_act(
    act: Act,
    row: RightsRequest,
    actor_id: UUID | None,
    *,
    now: datetime,
    codes: tuple[str, ...] = (),
) -> None:
    """Inside the caller's transaction."""
    await record(
        act,
        now=now,
        actor_id=actor_id,
        subject_id=row.person_id,
        object_id=row.id,
        note=Note(codes=codes),
    )
