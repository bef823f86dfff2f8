"""Personal accounts, from the first role to the end. Every act is in the ledger.

What they may do is in ``grants``, how one gets in with them in ``logins``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from registration.accounts.grants import current, delegate, grant, keeping_an_administrator
from registration.accounts.models import Account, ApiToken, Login, LoginLink
from registration.accounts.rules import (
    AccountExists,
    AccountNotFound,
    Identity,
    NotToOneself,
    Role,
    SameAddress,
    ScopeNeeded,
)
from registration.db import transaction
from registration.errors import Invalid
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.models import Person
from registration.people.rules import clean_email
from registration.settings import Settings


class NotByHand(Invalid):
    message = N_("A participant's account comes with their first login, and is not added by hand.")


@dataclass(frozen=True, slots=True)
class AddressMail:
    """What ``mail/address-changed`` shows; ``there``: it went to the new address."""

    name: str
    there: bool


@dataclass(frozen=True, slots=True)
class InvitedMail:
    """What ``mail/invited`` shows."""

    name: str
    company: str
    by: str
    url: str


async def add_account(
    email: str,
    name: str,
    role: Role,
    *,
    company_id: UUID | None = None,
    nda_on: date | None = None,
    language: str = "fi",
    granter: Identity | None = None,
    reason: str = "",
    until: datetime | None = None,
    now: datetime,
) -> UUID:
    """The account with this address holds ``role`` (a coordinator's over the company), P14.

    A known account gets the role beside those it has, and the agreement's date if one is given.
    Of two who add one address at once, one makes the account. Without ``granter`` it is the
    command line, and the role has no end of its own. Raises ``AccountExists`` when it holds the
    role over that scope already, ``ScopeNeeded``, ``NotByHand``, what ``delegate`` raises, and
    ``FieldRefused`` for an address that cannot be.
    """
    if role is Role.PARTICIPANT:
        raise NotByHand
    if role is Role.COORDINATOR and company_id is None:
        raise ScopeNeeded
    address = clean_email(email)
    scope_id = company_id if role is Role.COORDINATOR else None
    by = granter.account_id if granter else None
    async with transaction():
        row, is_new = await _account_at(address, name, language, nda_on, now=now)
        if is_new:
            await record(Act.ACCOUNT_ADDED, now=now, actor_id=by, subject_id=row.id)
        elif await current(row.id, role, scope_id, now=now):
            raise AccountExists
        elif nda_on is not None and granter is not None and row.id == granter.account_id:
            raise NotToOneself
        elif nda_on is not None:
            row.nda_on = nda_on
            await row.save(update_fields=["nda_on"])
        if nda_on is not None:
            await record(Act.AGREEMENT_SIGNED, now=now, actor_id=by, subject_id=row.id)
        if granter is None:
            await grant(row.id, role, scope_id=scope_id, reason=reason, ends_at=until, now=now)
        else:
            await delegate(
                granter, row.id, role, scope_id=scope_id, reason=reason, until=until, now=now
            )
    return row.id


async def invite(
    email: str,
    name: str,
    *,
    company_id: UUID,
    company: str,
    language: str,
    granter: Identity,
    reason: str,
    settings: Settings,
    now: datetime,
) -> UUID:
    """The person may enrol for the company, as the granter may, and has a mail that says so.

    Raises what ``add_account`` raises.
    """
    async with transaction():
        made = await add_account(
            email,
            name,
            Role.COORDINATOR,
            company_id=company_id,
            language=language,
            granter=granter,
            reason=reason,
            now=now,
        )
        row = await Account.get(id=made)
        await queue(
            compose(
                "invited",
                Addressee(row.email, row.name, row.language, account_id=row.id),
                InvitedMail(row.name, company, granter.name, f"{settings.base_url}/login"),
                settings=settings,
                purpose=MailPurpose.ACCESS,
                now=now,
            )
        )
    return made


async def _account_at(
    address: str, name: str, language: str, nda_on: date | None, *, now: datetime
) -> tuple[Account, bool]:
    """The one account in use with this address, and whether it was made now. It is locked: whoever
    adds to it at the same time waits."""
    wanted = Account(
        id=uuid4(),
        email=address,
        login_email=address,
        name=name,
        language=language,
        nda_on=nda_on,
        created_at=now,
    )
    await Account.bulk_create([wanted], ignore_conflicts=True)
    row = await Account.filter(login_email=address).select_for_update().get()
    return row, row.id == wanted.id


async def sign_agreement(
    account_id: UUID, on: date, *, actor_id: UUID | None, now: datetime
) -> None:
    """The non-disclosure agreement's date is on record (P14). Nobody records their own.

    Raises ``AccountNotFound``, ``NotToOneself``, ``LastAdministrator``.
    """
    if actor_id == account_id:
        raise NotToOneself
    async with transaction(), keeping_an_administrator(now=now):
        if not await Account.filter(id=account_id).update(nda_on=on):
            raise AccountNotFound
        await record(Act.AGREEMENT_SIGNED, now=now, actor_id=actor_id, subject_id=account_id)


async def change_address(
    account_id: UUID, email: str, *, actor_id: UUID, settings: Settings, now: datetime
) -> None:
    """The same person logs in with another address from now on. Both addresses are told.

    Logins and links that went to the old address have ended; second factors and tokens stay, for
    they prove the person and not the address. An address that goes over to another person is
    another account: end this one. Nobody changes their own. Raises ``AccountNotFound``,
    ``AccountExists``, ``NotToOneself``, ``SameAddress``, ``FieldRefused``.
    """
    if actor_id == account_id:
        raise NotToOneself
    address = clean_email(email)
    async with transaction():
        rows = Account.filter(id=account_id, ended_at=None, person_id=None)
        row = await rows.select_for_update().first()
        if row is None:
            raise AccountNotFound
        before = row.email
        if before == address:
            raise SameAddress
        if await Account.filter(login_email=address).exists():
            raise AccountExists
        row.email = row.login_email = address
        await row.save(update_fields=["email", "login_email"])
        await Login.filter(account_id=account_id, revoked_at=None).update(revoked_at=now)
        await LoginLink.filter(account_id=account_id, used_at=None).update(used_at=now)
        await record(
            Act.ACCOUNT_CHANGED,
            now=now,
            actor_id=actor_id,
            subject_id=account_id,
            note=Note(fields=("email",)),
        )
        for to in (before, address):
            mail = compose(
                "address-changed",
                Addressee(to, row.name, row.language, account_id=row.id),
                AddressMail(row.name, to == address),
                settings=settings,
                purpose=MailPurpose.ACCESS,
                now=now,
            )
            await queue(mail)


async def end_account(account_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Nobody logs in to the account any more, its logins and tokens have ended, and its address
    may be another's. Raises ``AccountNotFound``, ``LastAdministrator``."""
    async with transaction(), keeping_an_administrator(now=now):
        ended = Account.filter(id=account_id, ended_at=None)
        if not await ended.update(ended_at=now, login_email=None):
            raise AccountNotFound
        await Login.filter(account_id=account_id, revoked_at=None).update(revoked_at=now)
        await ApiToken.filter(account_id=account_id, revoked_at=None).update(revoked_at=now)
        await record(Act.ACCOUNT_ENDED, now=now, actor_id=actor_id, subject_id=account_id)


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
