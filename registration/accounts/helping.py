"""The way back in for somebody who has lost a second factor.

The person, or a colleague for them, asks. One of staff checks who it is, without copying anything;
another confirms; then the second factors are gone and the person sets up new ones at the next
login. A request ends after 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from registration.accounts.factors import reset_factors
from registration.accounts.models import Account, LoginHelp
from registration.accounts.rules import (
    HELP_LIFE,
    AccountNotFound,
    HelpNeedsAnother,
    HelpNotFound,
    IdentityCheck,
)
from registration.db import transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.settings import Settings

KEPT_AFTER_END = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A request for help that waits; ``checked_how`` empty: nobody has checked who asks."""

    id: UUID
    account_id: UUID
    name: str
    asked_by: UUID | None
    asked_at: datetime
    expires_at: datetime
    checked_by: UUID | None
    checked_how: str
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class HelpMail:
    """What ``mail/login-help`` shows: whose account, and where to log in."""

    name: str
    url: str


async def ask_help(account_id: UUID, *, asked_by: UUID | None = None, now: datetime) -> UUID:
    """A request for help with the account's login stands for 24 hours; a second one while it does
    changes nothing. ``asked_by`` absent: the person. Raises ``AccountNotFound``."""
    async with transaction():
        row = await Account.filter(id=account_id, ended_at=None).select_for_update().first()
        if row is None:
            raise AccountNotFound
        asked = LoginHelp.filter(account_id=account_id, closed_at=None, expires_at__gt=now)
        standing = await asked.first()
        if standing is not None:
            return standing.id
        made = await LoginHelp.create(
            id=uuid4(),
            account_id=account_id,
            asked_by=asked_by,
            asked_at=now,
            expires_at=now + HELP_LIFE,
        )
        await record(
            Act.HELP_ASKED,
            now=now,
            actor_id=asked_by or account_id,
            subject_id=account_id,
            object_id=made.id,
        )
    return made.id


async def check_identity(
    help_id: UUID, how: IdentityCheck, *, actor_id: UUID, now: datetime
) -> None:
    """One of staff has made sure who asks, and says how. Raises ``HelpNotFound``, and
    ``HelpNeedsAnother`` to the person themself."""
    async with transaction():
        row = await _standing(help_id, now=now)
        if actor_id == row.account_id:
            raise HelpNeedsAnother
        row.checked_by, row.checked_how, row.checked_at = actor_id, how.value, now
        await row.save(update_fields=["checked_by", "checked_how", "checked_at"])
        await record(
            Act.HELP_CHECKED,
            now=now,
            actor_id=actor_id,
            subject_id=row.account_id,
            object_id=row.id,
            note=Note(codes=(how.value,)),
        )


async def confirm_help(help_id: UUID, *, actor_id: UUID, settings: Settings, now: datetime) -> None:
    """The account's second factors are gone, and the person is told by mail.

    Raises ``HelpNotFound`` (also before the identity is checked), and ``HelpNeedsAnother`` to who
    checked it and to the person.
    """
    async with transaction():
        row = await _standing(help_id, now=now)
        if row.checked_by is None:
            raise HelpNotFound
        if actor_id in {row.checked_by, row.account_id}:
            raise HelpNeedsAnother
        row.closed_by, row.closed_at, row.done = actor_id, now, True
        await row.save(update_fields=["closed_by", "closed_at", "done"])
        await reset_factors(row.account_id, actor_id=actor_id, now=now)
        account = await Account.get(id=row.account_id)
        await queue(
            compose(
                "login-help",
                Addressee(account.email, account.name, account.language, account_id=account.id),
                HelpMail(account.name, f"{settings.base_url}/login"),
                settings=settings,
                purpose=MailPurpose.ACCESS,
                now=now,
            )
        )


async def refuse_help(help_id: UUID, *, actor_id: UUID, now: datetime) -> None:
    """The request is closed, and nothing changes. Raises ``HelpNotFound``."""
    async with transaction():
        row = await _standing(help_id, now=now)
        row.closed_by, row.closed_at = actor_id, now
        await row.save(update_fields=["closed_by", "closed_at"])
        await record(
            Act.HELP_REFUSED,
            now=now,
            actor_id=actor_id,
            subject_id=row.account_id,
            object_id=row.id,
        )


async def _standing(help_id: UUID, *, now: datetime) -> LoginHelp:
    found = LoginHelp.filter(id=help_id, closed_at=None, expires_at__gt=now)
    row = await found.select_for_update().first()
    if row is None:
        raise HelpNotFound
    return row


async def help_asked(*, account_id: UUID | None = None, now: datetime) -> tuple[HelpLine, ...]:
    """The requests that wait, the oldest first; of one account, or of all."""
    found = LoginHelp.filter(closed_at=None, expires_at__gt=now)
    if account_id is not None:
        found = found.filter(account_id=account_id)
    rows = await found.select_related("account").order_by("asked_at", "id")
    return tuple(
        HelpLine(
            row.id,
            row.account_id,
            row.account.name,
            row.asked_by,
            row.asked_at,
            row.expires_at,
            row.checked_by,
            row.checked_how,
            row.checked_at,
        )
        for row in rows
    )


async def purge_help(*, now: datetime) -> int:
    """Requests that ended a day ago or more are gone; what was done stays in the ledger."""
    async with transaction():
        return await LoginHelp.filter(expires_at__lte=now - KEPT_AFTER_END).delete()
