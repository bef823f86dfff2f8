"""Accounts, their grants and their API tokens. Every act is in the ledger.

How one gets in with them is in ``logins``.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from tortoise.expressions import Q

from registration.accounts.models import Account, ApiToken, Grant, Login
from registration.accounts.queries import held_by
from registration.accounts.rules import (
    SCOPE_ROLES,
    TOKEN_PREFIX,
    AccountExists,
    AccountNotFound,
    Role,
    RoleMissing,
    Scope,
    ScopeNeeded,
    new_secret,
)
from registration.db import transaction
from registration.errors import Invalid, NotFound
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.models import Person
from registration.people.rules import clean_email


class NotByHand(Invalid):
    message = N_("A participant's account comes with their first login, and is not added by hand.")


class GrantNotFound(NotFound):
    message = N_("There is no such access, or it has ended.")


class TokenNotFound(NotFound):
    message = N_("There is no such token, or it has ended.")


async def add_account(
    email: str,
    name: str,
    role: Role,
    *,
    company_id: UUID | None = None,
    nda_on: date | None = None,
    language: str = "fi",
    granted_by: UUID | None = None,
    now: datetime,
) -> UUID:
    """The account with this address holds ``role`` (a coordinator's over the company), P14.

    A known account gets the role beside those it has, and the agreement's date if one is given.
    Raises ``AccountExists`` when it holds the role over that scope already, ``ScopeNeeded``,
    ``NotByHand``, and ``FieldRefused`` for an address that cannot be.
    """
    if role is Role.PARTICIPANT:
        raise NotByHand
    if role is Role.COORDINATOR and company_id is None:
        raise ScopeNeeded
    address = clean_email(email)
    scope_id = company_id if role is Role.COORDINATOR else None
    async with transaction():
        row = await Account.get_or_none(email=address, person_id=None, ended_at=None)
        if row is None:
            row = await Account.create(
                id=uuid4(),
                email=address,
                name=name,
                language=language,
                nda_on=nda_on,
                created_at=now,
            )
            await record(Act.ACCOUNT_ADDED, now=now, actor_id=granted_by, subject_id=row.id)
        elif await _current(row.id, role, scope_id, now=now):
            raise AccountExists
        elif nda_on is not None:
            row.nda_on = nda_on
            await row.save()
        await grant(row.id, role, scope_id=scope_id, granted_by=granted_by, now=now)
    return row.id


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
        known = await _current(account_id, role, scope_id, now=now)
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


async def end_grant(grant_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """The grant gives nothing any more. Raises ``GrantNotFound``."""
    async with transaction():
        row = await Grant.get_or_none(id=grant_id)
        if row is None or (row.ends_at is not None and row.ends_at <= now):
            raise GrantNotFound
        row.ends_at = now
        await row.save()
        await record(
            Act.GRANT_ENDED,
            now=now,
            actor_id=actor_id,
            subject_id=UUID(str(row.account_id)),
            object_id=row.scope_id,
            note=Note(codes=(row.role,)),
        )


async def sign_agreement(
    account_id: UUID, on: date, *, actor_id: UUID | None, now: datetime
) -> None:
    """The non-disclosure agreement's date is on record (P14). Raises ``AccountNotFound``."""
    async with transaction():
        if not await Account.filter(id=account_id).update(nda_on=on):
            raise AccountNotFound
        await record(
            Act.GRANT_GIVEN,
            now=now,
            actor_id=actor_id,
            subject_id=account_id,
            note=Note(codes=("nda",)),
        )


async def end_account(account_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Nobody logs in to the account any more, and its logins and tokens have ended."""
    async with transaction():
        if not await Account.filter(id=account_id, ended_at=None).update(ended_at=now):
            raise AccountNotFound
        await Login.filter(account_id=account_id, revoked_at=None).update(revoked_at=now)
        await ApiToken.filter(account_id=account_id, revoked_at=None).update(revoked_at=now)
        await record(Act.GRANT_ENDED, now=now, actor_id=actor_id, subject_id=account_id)


async def _current(
    account_id: UUID, role: Role, scope_id: UUID | None, *, now: datetime
) -> Grant | None:
    return await (
        Grant.filter(account_id=account_id, role=role.value, scope_id=scope_id)
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .first()
    )


async def participant_account(
    person_id: UUID, email: str, name: str, language: str, now: datetime
) -> UUID:
    """The person's own account, made if there is none, with their present name and address."""
    async with transaction():
        await Person.filter(id=person_id).select_for_update().first()
        row = await Account.get_or_none(person_id=person_id)
        if row is None:
            row = await Account.create(
                id=uuid4(),
                email=email,
                name=name[:202],
                language=language,
                person_id=person_id,
                created_at=now,
            )
            await record(Act.ACCOUNT_ADDED, now=now, subject_id=person_id, object_id=row.id)
        elif (row.email, row.name, row.language) != (email, name, language):
            row.email, row.name, row.language = email, name[:202], language
            await row.save()
    return row.id


async def add_token(email: str, scope: Scope, *, days: int, now: datetime) -> str:
    """A token for programs, shown once, with the one role of its scope and no other.

    Raises ``AccountNotFound``, and ``RoleMissing`` if the role is not in force.
    """
    role = SCOPE_ROLES[scope]
    async with transaction():
        row = await Account.get_or_none(email=clean_email(email), person_id=None, ended_at=None)
        if row is None:
            raise AccountNotFound
        if not await held_by(row, now=now, role=role):
            raise RoleMissing
        token_id = uuid4()
        secret = new_secret(token_id, prefix=TOKEN_PREFIX)
        await ApiToken.create(
            id=token_id,
            account_id=row.id,
            secret_hash=secret.digest,
            scope=scope.value,
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


async def revoke_token(token_id: UUID, *, account_id: UUID, now: datetime) -> None:
    """The token opens nothing any more. Raises ``TokenNotFound``."""
    async with transaction():
        ended = await ApiToken.filter(id=token_id, account_id=account_id, revoked_at=None).update(
            revoked_at=now
        )
        if not ended:
            raise TokenNotFound
        await record(
            Act.LOGIN_REVOKED,
            now=now,
            actor_id=account_id,
            subject_id=account_id,
            object_id=token_id,
        )
