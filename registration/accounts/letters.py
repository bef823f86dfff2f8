"""Mails on an account's security: whatever changes, its owner hears of it at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registration.accounts.models import Account
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.people.models import Person
from registration.settings import Settings


class News(StrEnum):
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_COPIED = "passkey-copied"
    APP_ADDED = "app-added"
    APP_REMOVED = "app-removed"
    CODES_MADE = "codes-made"
    RECOVERY_USED = "recovery-used"
    OUTSIDE_BOUND = "outside-bound"


@dataclass(frozen=True, slots=True)
class SecurityMail:
    """What ``mail/login-changed`` shows; ``left``: recovery codes that still work."""

    news: str
    left: int
    device: str
    url: str


async def address_of(account: Account) -> str:
    """Where the account's mail goes: to the person's present address, if it is a participant's."""
    if account.person_id is not None:
        person = await Person.get_or_none(id=account.person_id)
        if person is not None:
            return person.email
    return account.email


async def tell(
    account: Account,
    news: News,
    *,
    settings: Settings,
    now: datetime,
    left: int = 0,
    device: str = "",
) -> None:
    """A mail on it is on its way to the account's own address."""
    mail = compose(
        "login-changed",
        Addressee(
            await address_of(account),
            account.name,
            account.language,
            person_id=account.person_id,
            account_id=account.id,
        ),
        SecurityMail(news.value, left, device, f"{settings.base_url}/me/security"),
        settings=settings,
        purpose=MailPurpose.LOGIN,
        now=now,
    )
    await queue(mail)
