"""Who may do what, over what, until when. Every grant and every end is in the ledger.

By hand nobody gives more than they hold (``delegate``); ``grant`` itself is for what follows from
another act, as organising an event follows from creating it, and for the command line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

from tortoise.expressions import Q

from registration.accounts.models import Account, Grant
from registration.accounts.rules import (
    LONGEST_GRANT,
    AccountNotFound,
    EndNeeded,
    Identity,
    LastAdministrator,
    Role,
    TooLong,
    counts,
    granted_until,
    may_grant,
)
from registration.db import transaction
from registration.errors import NotFound
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record


class GrantNotFound(NotFound):
    message = N_("There is no such access, or it has ended.")


async def delegate(
    granter: Identity,
    account_id: UUID,
    role: Role,
    *,
    scope_id: UUID | None = None,
    reason: str,
    until: datetime | None = None,
    now: datetime,
) -> UUID:
    """The account holds ``role`` over ``scope_id``, given by hand: until ``until`` (absent: a
    year), and never longer than the granter's own; says the grant's id.

    Raises ``NotToOneself``, ``MayNotGrant``, ``EndNeeded``, ``TooLong``, ``AccountNotFound``.
    """
    rests_on = may_grant(granter.held, role, scope_id, to_oneself=account_id == granter.account_id)
    return await grant(
        account_id,
        role,
        scope_id=scope_id,
        granted_by=granter.account_id,
        reason=reason,
        ends_at=granted_until(rests_on, until, now=now),
        now=now,
    )


async def grant(
    account_id: UUID,
    role: Role,
    *,
    scope_id: UUID | None = None,
    granted_by: UUID | None = None,
    reason: str = "",
    ends_at: datetime | None = None,
    now: datetime,
) -> UUID:
    """The account holds ``role`` over ``scope_id`` from now on, until ``ends_at``; says the
    grant's id. One that is held already stays as it is. Raises ``AccountNotFound``."""
    async with transaction():
        if not await Account.filter(id=account_id, ended_at=None).exists():
            raise AccountNotFound
        known = await current(account_id, role, scope_id, now=now)
        if known is not None:
            return known.id
        made = await Grant.create(
            id=uuid4(),
            account_id=account_id,
            role=role.value,
            scope_id=scope_id,
            granted_by=granted_by,
            reason=reason,
            starts_at=now,
            ends_at=ends_at,
        )
        await record(
            Act.GRANT_GIVEN,
            now=now,
            actor_id=granted_by,
            subject_id=account_id,
            object_id=scope_id,
            note=Note(codes=(role.value,)),
        )
    return made.id


async def current(
    account_id: UUID, role: Role, scope_id: UUID | None, *, now: datetime
) -> Grant | None:
    return await (
        Grant.filter(account_id=account_id, role=role.value, scope_id=scope_id)
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .first()
    )


async def end_grant(
    grant_id: UUID,
    *,
    actor_id: UUID | None,
    reason: str = "",
    too: Collection[UUID] = (),
    now: datetime,
) -> None:
    """The grant gives nothing any more; nor do those of ``too`` that its holder had given.

    Raises ``GrantNotFound``, ``LastAdministrator``.
    """
    async with transaction(), keeping_an_administrator(now=now):
        row = await Grant.get_or_none(id=grant_id)
        if row is None or (row.ends_at is not None and row.ends_at <= now):
            raise GrantNotFound
        await _end(row, actor_id=actor_id, reason=reason, now=now)
        if too:
            given = Grant.filter(id__in=list(too), granted_by=row.account_id)
            for each in await given.filter(Q(ends_at=None) | Q(ends_at__gt=now)):
                await _end(each, actor_id=actor_id, reason=reason, now=now)


async def _end(row: Grant, *, actor_id: UUID | None, reason: str, now: datetime) -> None:
    row.ends_at, row.end_reason = now, reason
    await row.save(update_fields=["ends_at", "end_reason"])
    await record(
        Act.GRANT_ENDED,
        now=now,
        actor_id=actor_id,
        subject_id=row.account_id,
        object_id=row.scope_id,
        note=Note(codes=(row.role,)),
    )


async def end_grants_over(
    scope_id: UUID, role: Role, *, until: datetime, actor_id: UUID, reason: str, now: datetime
) -> int:
    """Nobody holds ``role`` over ``scope_id`` beyond ``until``; says how many accesses end earlier
    by that."""
    ended = 0
    rows = Grant.filter(scope_id=scope_id, role=role.value)
    async with transaction():
        for row in await rows.filter(Q(ends_at=None) | Q(ends_at__gt=until)):
            row.ends_at, row.end_reason = until, reason
            await row.save(update_fields=["ends_at", "end_reason"])
            await record(
                Act.GRANT_ENDED,
                now=now,
                actor_id=actor_id,
                subject_id=row.account_id,
                object_id=row.scope_id,
                note=Note(codes=(row.role,)),
            )
            ended += 1
    return ended


async def keep_grant(
    grant_id: UUID, *, actor: Identity, until: datetime | None = None, now: datetime
) -> None:
    """Somebody has looked at the grant, and it is still needed: until ``until``, if that is given.

    Nobody reviews their own. Raises ``GrantNotFound``, ``EndNeeded``, ``TooLong``, and what
    ``may_grant`` raises: one keeps only what one could give.
    """
    async with transaction(), keeping_an_administrator(now=now):
        row = await Grant.get_or_none(id=grant_id)
        if row is None or (row.ends_at is not None and row.ends_at <= now):
            raise GrantNotFound
        rests_on = may_grant(
            actor.held,
            Role(row.role),
            row.scope_id,
            to_oneself=row.account_id == actor.account_id,
        )
        if until is not None and until <= now:
            raise EndNeeded
        if until is not None and until > now + LONGEST_GRANT:
            raise TooLong
        row.ends_at = granted_until(rests_on, until, now=now) if until else row.ends_at
        row.reviewed_at, row.reviewed_by, row.reminded_at = now, actor.account_id, None
        await row.save(update_fields=["ends_at", "reviewed_at", "reviewed_by", "reminded_at"])
        await record(
            Act.GRANT_KEPT,
            now=now,
            actor_id=actor.account_id,
            subject_id=row.account_id,
            object_id=row.scope_id,
            note=Note(codes=(row.role,)),
        )


@asynccontextmanager
async def keeping_an_administrator(*, now: datetime) -> AsyncIterator[None]:
    """Inside a transaction: if somebody had staff access before the block, somebody has it after.

    Two who end each other's at once take turns, on the rows of all staff. Raises
    ``LastAdministrator``.
    """
    before = await staff_in_force(now=now, lock=True)
    yield
    if before and not await staff_in_force(now=now):
        raise LastAdministrator


async def staff_in_force(*, now: datetime, lock: bool = False) -> list[Grant]:
    """The grants of staff access that count now, each with its account."""
    if lock:
        await Grant.filter(role=Role.STAFF.value).select_for_update().order_by("id").values("id")
    found = await Grant.filter(role=Role.STAFF.value, scope_id=None).select_related("account")
    return [
        row
        for row in found
        if counts(
            Role.STAFF,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            nda_on=row.account.nda_on,
            account_ended=row.account.ended_at is not None,
            now=now,
        )
    ]
