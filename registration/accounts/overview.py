"""Who holds a role, who organises an event, who gave what: as staff look it up and review it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from registration.accounts.models import Grant
from registration.accounts.queries import AccountLine, lines_of
from registration.accounts.rules import Role, closes_at, in_force


@dataclass(frozen=True, slots=True)
class Holder:
    """An account with a grant that has not ended; ``until``: when it ends if nobody reviews it;
    ``in_force`` False: no agreement yet (P14)."""

    grant_id: UUID
    account_id: UUID
    name: str
    email: str
    reason: str
    since: datetime
    until: datetime
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
            closes_at(
                row.starts_at,
                reviewed_at=row.reviewed_at,
                reminded_at=row.reminded_at,
                ends_at=row.ends_at,
            ),
            in_force(role, nda_on=row.account.nda_on, today=now.date()),
        )
        for row in rows
    ]
    return sorted(found, key=lambda holder: (holder.name.casefold(), holder.email))


async def given_by(granter_id: UUID, *, now: datetime) -> list[AccountLine]:
    """Who holds what this account has given and what has not ended, by name; one query."""
    return await _standing(Grant.filter(granted_by=granter_id).exclude(account_id=granter_id), now)


async def standing(*, now: datetime) -> list[AccountLine]:
    """Everybody with a grant that has not ended, by name, each with those grants; one query."""
    return await _standing(Grant.all(), now)


async def _standing(found: QuerySet[Grant], now: datetime) -> list[AccountLine]:
    rows = (
        await found.filter(account__ended_at=None)
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .select_related("account")
        .order_by("starts_at", "id")
    )
    return lines_of(rows, now=now)
