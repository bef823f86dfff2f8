"""Tokens for programs: one role each, a name, an end. Every act is in the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from registration.accounts.models import Account, ApiToken
from registration.accounts.queries import held_by
from registration.accounts.rules import (
    LONGEST_TOKEN,
    SCOPE_ROLES,
    TOKEN_PREFIX,
    AccountNotFound,
    RoleMissing,
    Scope,
    TokenTooLong,
    new_secret,
)
from registration.db import transaction
from registration.errors import NotFound
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.rules import clean_email


class TokenNotFound(NotFound):
    message = N_("There is no such token, or it has ended.")


async def add_token(email: str, scope: Scope, *, days: int, name: str = "", now: datetime) -> str:
    """A token for programs, shown once, with the one role of its scope and no other.

    Raises ``AccountNotFound``, and ``RoleMissing`` if the role is not in force.
    """
    row = await Account.get_or_none(login_email=clean_email(email))
    if row is None:
        raise AccountNotFound
    return await add_token_to(row.id, scope, days=days, name=name, now=now)


async def add_own_token(
    account_id: UUID, scope: Scope, *, days: int, name: str, now: datetime
) -> str:
    """As ``add_token``, by the person: a year at the most. Raises ``TokenTooLong`` too."""
    if not timedelta() < timedelta(days=days) <= LONGEST_TOKEN:
        raise TokenTooLong
    return await add_token_to(account_id, scope, days=days, name=name, now=now)


async def add_token_to(
    account_id: UUID, scope: Scope, *, days: int, name: str, now: datetime
) -> str:
    """The text of a new token of the account. Raises ``AccountNotFound``, ``RoleMissing``."""
    async with transaction():
        row = await Account.get_or_none(id=account_id, ended_at=None)
        if row is None:
            raise AccountNotFound
        if not await held_by(row, now=now, role=SCOPE_ROLES[scope]):
            raise RoleMissing
        token_id = uuid4()
        secret = new_secret(token_id, prefix=TOKEN_PREFIX)
        await ApiToken.create(
            id=token_id,
            account_id=row.id,
            secret_hash=secret.digest,
            scope=scope.value,
            name=name,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        await record(
            Act.TOKEN_ADDED,
            now=now,
            actor_id=row.id,
            subject_id=row.id,
            object_id=token_id,
            note=Note(codes=(scope.value,)),
        )
    return secret.text


async def revoke_token(
    token_id: UUID, *, account_id: UUID, actor_id: UUID | None = None, now: datetime
) -> None:
    """The account's token opens nothing any more, revoked by ``actor_id`` (absent: the person).

    Raises ``TokenNotFound``.
    """
    async with transaction():
        ended = await ApiToken.filter(
            id=token_id, account_id=account_id, revoked_at=None, expires_at__gt=now
        ).update(revoked_at=now)
        if not ended:
            raise TokenNotFound
        await record(
            Act.TOKEN_REVOKED,
            now=now,
            actor_id=actor_id or account_id,
            subject_id=account_id,
            object_id=token_id,
        )
