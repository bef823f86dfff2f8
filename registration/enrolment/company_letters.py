"""What the coordinators of a company are told of places that it took: once a batch, not a place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.accounts.models import Account
from registration.catalogue.rules import Offering
from registration.enrolment.letters import whens_of
from registration.i18n import format_moment, speaking, text_in
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose
from registration.settings import Settings


class CompanyNews(StrEnum):
    """Each with its mail in ``templates/mail/company-<news>/``."""

    APPROVAL = "approval"
    REFUSED = "refused"
    SEATS_ENDED = "seats-ended"


@dataclass(frozen=True, slots=True)
class CompanyMail:
    """``number`` places or seats on ``title`` are concerned, until ``until`` or for ``reason``
    (either may be empty). ``called_off``: because all of it does not take place. No employee is
    named: the page at ``url``, behind the login, does that."""

    title: str
    whens: tuple[str, ...]
    number: int
    until: str
    reason: str
    called_off: bool
    url: str


async def company_letters(
    news: CompanyNews,
    offering: Offering,
    account_ids: Iterable[UUID],
    *,
    number: int,
    path: str,
    settings: Settings,
    now: datetime,
    until: datetime | None = None,
    reason: str = "",
    called_off: bool = False,
) -> list[Mail]:
    """An unsaved mail for each account that has not ended, in its own language."""
    accounts: Sequence[Account] = await Account.filter(id__in=list(set(account_ids)), ended_at=None)
    mails: list[Mail] = []
    for account in accounts:
        with speaking(account.language):
            page = CompanyMail(
                title=text_in(offering.title),
                whens=whens_of(offering, account.language),
                number=number,
                until=format_moment(until, zone=ZoneInfo(offering.zone)) if until else "",
                reason=reason,
                called_off=called_off,
                url=settings.base_url + path,
            )
        mails.append(
            compose(
                f"company-{news.value}",
                Addressee(account.email, account.name, account.language, account_id=account.id),
                page,
                settings=settings,
                purpose=MailPurpose.PLACE,
                now=now,
            )
        )
    return mails
