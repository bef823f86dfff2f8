"""What is left of a request when whoever made it is erased: that it was made, and answered."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.i18n import DEFAULT_ZONE
from registration.ledger.rules import Act
from registration.privacy.models import Redaction, RightsPart, RightsRequest
from registration.privacy.request_rows import record_act
from registration.privacy.request_rules import CLOSED, State, drop_at

TABLES = frozenset({"rights_request", "rights_part", "redaction"})
# What a person or staff wrote in words: it goes with the person.
BLANKED = (
    "asked", "asker_name", "asker_email", "asker_contact", "identity_seen", "mandate_seen",
    "extended_because", "fee_because", "decision_because",
)  # fmt: skip


async def forget(person_id: UUID, *, now: datetime, decided: bool = False) -> int:
    """No words, names or addresses are left in what an erased person ever asked, and what still
    waited is closed, since nobody is left to answer; says how many requests that were.

    What the desk has decided and not answered yet it closes itself, for it still has to answer;
    with ``decided`` what it has not carried out goes too. Inside the caller's transaction.
    """
    changed = 0
    for row in await RightsRequest.filter(person_id=person_id).select_for_update():
        in_hand = row.state == State.DECIDED and (row.carried_out_at is not None or not decided)
        closed = State(row.state) in CLOSED
        if in_hand or (closed and not await _says_anything(row)):
            continue
        if not closed:
            row.state = State.WITHDRAWN.value
            row.drop_at = drop_at(now, DEFAULT_ZONE)
            await record_act(Act.REQUEST_WITHDRAWN, row, None, now=now, codes=("erased",))
        await blank(row)
        changed += 1
    return changed


async def _says_anything(row: RightsRequest) -> bool:
    return (
        any(getattr(row, name) for name in BLANKED)
        or await RightsPart.filter(request_id=row.id).exists()
        or await Redaction.filter(request_id=row.id).exists()
    )


async def blank(row: RightsRequest) -> None:
    for name in BLANKED:
        setattr(row, name, "")
    await row.save()
    await RightsPart.filter(request_id=row.id).delete()
    await Redaction.filter(request_id=row.id).delete()
