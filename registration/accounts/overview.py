"""Who holds a role, and who organises an event, as staff look it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.models import Grant
from registration.accounts.rules import Role, in_force


@dataclass(frozen=True, slots=True)
class Holder:
    """An account with a grant that has not ended; ``in_force`` False: no agreement yet (P14)."""

    grant_id: UUID
    account_id: UUID
    name: str
    email: str
    reason: str
    since: datetime
    in_force: bool


async def holders(role: Role, *, scope_id: UUID | None = None, now: datetime) -> list[Holder]:
    """Those who hold ``role`` over ``scope_id`` (None: over the organisation), by name."""
    rows = (
        await Grant.filter(role=role.value, scope_id=scope_id, starts_at__lte=now)
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .filter(account__ended_at=None)
        .select_related("account")
    )
    found = [
        Holder(
            row.id,
            row.account_id,
            row.account.name,
            row.account.email,
            row.reason,
            row.starts_at,
            in_force(role, nda_on=row.account.nda_on, today=now.date()),
        )
        for row in rows
    ]
    return sorted(found, key=lambda holder: (holder.name.casefold(), holder.email))
