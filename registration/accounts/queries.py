"""Reading accounts into plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.assurance import has_ended, is_strict
from registration.accounts.models import Account, ApiToken, Grant, Login
from registration.accounts.rules import (
    AccountNotFound,
    Held,
    Role,
    closes_at,
    counts,
    in_force,
)
from registration.i18n import collation_key

FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LoginLine:
    """A browser that is logged in; ``device`` as ``Firefox, Linux``, ``how`` it was opened."""

    id: UUID
    device: str
    how: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class GrantLine:
    """``in_force``: whether it counts now (dates, and the agreement where one is needed);
    ``closes_at``: when it ends if nobody reviews it."""

    id: UUID
    role: Role
    scope_id: UUID | None
    reason: str
    granted_by: UUID | None
    starts_at: datetime
    ends_at: datetime | None
    end_reason: str
    reviewed_at: datetime | None
    reviewed_by: UUID | None
    closes_at: datetime
    in_force: bool


@dataclass(frozen=True, slots=True)
class AccountLine:
    id: UUID
    email: str
    name: str
    language: str
    nda_on: date | None
    ended_at: datetime | None
    grants: tuple[GrantLine, ...]


@dataclass(frozen=True, slots=True)
class TokenLine:
    id: UUID
    scope: str
    name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


async def logins_of(account_id: UUID, *, now: datetime) -> list[LoginLine]:
    """The logins that count now, the latest seen first."""
    owner = await Account.get_or_none(id=account_id)
    if owner is None:
        return []
    strict = is_strict(await held_by(owner, now=now))
    rows = await Login.filter(account_id=account_id, revoked_at=None).order_by("-seen_at", "id")
    return [
        LoginLine(row.id, row.device, row.how, row.created_at, row.seen_at)
        for row in rows
        if not has_ended(
            created_at=row.created_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            strict=strict,
            now=now,
        )
    ]


async def tokens_of(account_id: UUID, *, now: datetime) -> list[TokenLine]:
    rows = await ApiToken.filter(
        account_id=account_id, revoked_at=None, expires_at__gt=now
    ).order_by("-created_at", "id")
    return [
        TokenLine(row.id, row.scope, row.name, row.created_at, row.expires_at, row.used_at)
        for row in rows
    ]


async def held_by(account: Account, *, now: datetime, role: Role | None = None) -> tuple[Held, ...]:
    """The roles in force now, each as long as it lasts; only ``role`` if given. One query."""
    found = Grant.filter(account_id=account.id, starts_at__lte=now).filter(
        Q(ends_at=None) | Q(ends_at__gt=now)
    )
    if role is not None:
        found = found.filter(role=role.value)
    rows = await found.order_by("role", "scope_id")
    rows.sort(key=lambda row: row.ends_at or FOREVER, reverse=True)
    kept = [
        Held(Role(row.role), row.scope_id, row.ends_at)
        for row in rows
        if in_force(Role(row.role), nda_on=account.nda_on, today=now.date())
    ]
    return tuple(dict.fromkeys(kept))


async def account(account_id: UUID, *, now: datetime) -> AccountLine:
    """Raises ``AccountNotFound``."""
    row = await Account.get_or_none(id=account_id)
    if row is None:
        raise AccountNotFound
    return (await _lines([row], now=now))[0]


async def accounts(
    *, after: UUID | None = None, limit: int = 50, now: datetime
) -> list[AccountLine]:
    """Accounts other than participants', in order of id; two queries however many."""
    found = Account.filter(person_id=None).order_by("id")
    if after is not None:
        found = found.filter(id__gt=after)
    return await _lines(await found.limit(limit), now=now)


def lines_of(grants: Sequence[Grant], *, now: datetime) -> list[AccountLine]:
    """Each account (read with its grant) with these of its grants, by name."""
    by_account: dict[UUID, list[Grant]] = {}
    owners = {row.account_id: row.account for row in grants}
    for row in grants:
        by_account.setdefault(row.account_id, []).append(row)
    lines = [_line(owners[each], rows, now=now) for each, rows in by_account.items()]
    return sorted(lines, key=lambda line: (collation_key(line.name), line.id))


async def account_ids(email: str) -> list[UUID]:
    """The accounts other than participants' with this e-mail address that have not ended."""
    rows = await Account.filter(email=email, person_id=None, ended_at=None).order_by("created_at")
    return [row.id for row in rows]


async def names_of(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = await Account.filter(id__in=list(set(account_ids))).only("id", "name")
    return {row.id: row.name for row in rows if row.name}


async def grants_over(scope_id: UUID, role: Role, *, now: datetime) -> list[tuple[UUID, str]]:
    """Account and name of those who hold ``role`` over ``scope_id`` now, by name."""
    rows = (
        await Grant.filter(scope_id=scope_id, role=role.value, starts_at__lte=now)
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .select_related("account")
    )
    held = [
        row.account
        for row in rows
        if row.account.ended_at is None
        and in_force(role, nda_on=row.account.nda_on, today=now.date())
    ]
    return sorted({(each.id, each.name) for each in held}, key=lambda pair: (pair[1], pair[0]))


async def _lines(rows: list[Account], *, now: datetime) -> list[AccountLine]:
    grants = await Grant.filter(account_id__in=[row.id for row in rows]).order_by("starts_at", "id")
    by_account: dict[UUID, list[Grant]] = {}
    for grant in grants:
        by_account.setdefault(grant.account_id, []).append(grant)
    return [_line(row, by_account.get(row.id, []), now=now) for row in rows]


def _line(row: Account, grants: Sequence[Grant], *, now: datetime) -> AccountLine:
    return AccountLine(
        row.id,
        row.email,
        row.name,
        row.language,
        row.nda_on,
        row.ended_at,
        tuple(_grant(each, row, now=now) for each in grants),
    )


def _grant(row: Grant, owner: Account, *, now: datetime) -> GrantLine:
    return GrantLine(
        row.id,
        Role(row.role),
        row.scope_id,
        row.reason,
        row.granted_by,
        row.starts_at,
        row.ends_at,
        row.end_reason,
        row.reviewed_at,
        row.reviewed_by,
        closes_at(
            row.starts_at,
            reviewed_at=row.reviewed_at,
            reminded_at=row.reminded_at,
            ends_at=row.ends_at,
        ),
        counts(
            Role(row.role),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            nda_on=owner.nda_on,
            now=now,
        ),
    )
