"""Who asks to become a customer. It waits for staff, who accept it or refuse it with a reason.

Who asks learns nothing of who is a customer: every application gets the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.accounts.logins import new_link
from registration.accounts.models import Grant
from registration.accounts.rules import PRINTED_LINK_LIFE, Identity, Role
from registration.accounts.service import add_account
from registration.companies.models import Application, Company
from registration.companies.rules import (
    APPLICATION_KEPT,
    MOST_OPEN_APPLICATIONS,
    ApplicationAnswered,
    ApplicationGiven,
    ApplicationNotFound,
    CompanyGiven,
    CompanyNotFound,
)
from registration.companies.service import add_company
from registration.db import transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.settings import Settings


@dataclass(frozen=True, slots=True)
class ApplicationLine:
    """``number`` is a business ID or a VAT number; ``decided_at`` None: it waits."""

    id: UUID
    company_name: str
    number: str
    name: str
    email: str
    language: str
    asked_at: datetime
    decided_at: datetime | None
    company_id: UUID | None
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerMail:
    """What ``mail/customer-accepted`` and ``mail/customer-refused`` show; ``url`` logs in."""

    name: str
    company: str
    reason: str
    url: str
    hours: int


async def apply(given: ApplicationGiven, *, now: datetime) -> None:
    """The application waits for staff. One that waits already, or one too many, adds nothing: the
    answer is the same."""
    async with transaction():
        waiting = Application.filter(decided_at=None)
        same = waiting.filter(business_id=given.number, email=given.email)
        if await same.exists() or await waiting.count() >= MOST_OPEN_APPLICATIONS:
            return
        made = await Application.create(
            id=uuid4(),
            company_name=given.company,
            business_id=given.number,
            name=given.name,
            email=given.email,
            language=given.language or "fi",
            asked_at=now,
            drop_at=now + APPLICATION_KEPT,
        )
        await record(Act.ACCOUNT_CHANGED, now=now, object_id=made.id, note=Note(purpose="applied"))


async def open_applications() -> list[ApplicationLine]:
    """Those that wait, the oldest first."""
    return [_line(row) for row in await Application.filter(decided_at=None).order_by("asked_at")]


async def open_count() -> int:
    return await Application.filter(decided_at=None).count()


async def application(application_id: UUID) -> ApplicationLine:
    """Raises ``ApplicationNotFound``."""
    row = await Application.get_or_none(id=application_id)
    if row is None:
        raise ApplicationNotFound
    return _line(row)


async def accept(
    application_id: UUID,
    *,
    company_id: UUID | None,
    granter: Identity,
    reason: str,
    settings: Settings,
    now: datetime,
) -> UUID:
    """The person who asked is a coordinator of the company, a new one unless ``company_id`` names
    one on record, and has a mail that logs them in; says the company's id.

    Raises ``ApplicationNotFound``, ``ApplicationAnswered``, ``CompanyKnown``, ``VatKnown``,
    ``CompanyNotFound`` and what ``delegate`` raises.
    """
    async with transaction():
        row = await _waiting(application_id)
        number = row.business_id
        if company_id is None:
            finnish = "-" in number
            given = CompanyGiven(
                name=row.company_name,
                business_id=number if finnish else "",
                vat_number="" if finnish else number,
                country=_country(number),
            )
            company_id = await add_company(given, actor_id=granter.account_id, now=now)
        company = await Company.get_or_none(id=company_id)
        if company is None:
            raise CompanyNotFound
        account_id = await _coordinator(row, company_id, granter, reason, now=now)
        path = await _way_in(account_id, now=now)
        url = settings.base_url + path
        await _answered(row, granter.account_id, company_id, reason, now=now)
        shown = AnswerMail(row.name, company.name, "", url, _HOURS)
        await _mail("customer-accepted", row, shown, settings, now=now)
    return company_id


async def _coordinator(
    row: Application, company_id: UUID, granter: Identity, reason: str, *, now: datetime
) -> UUID:
    return await add_account(
        row.email,
        row.name,
        Role.COORDINATOR,
        company_id=company_id,
        language=row.language,
        granter=granter,
        reason=reason,
        now=now,
    )


async def _way_in(account_id: UUID, *, now: datetime) -> str:
    """A link that logs in, for an account that opens nothing but this company; who holds more logs
    in as always."""
    if await Grant.filter(account_id=account_id).count() > 1:
        return "/login?next=/company"
    return await new_link(
        account_id, confirmed=True, life=PRINTED_LINK_LIFE, next_path="/company", now=now
    )


async def refuse(
    application_id: UUID, *, actor_id: UUID, reason: str, settings: Settings, now: datetime
) -> None:
    """Who asked hears why not. Raises ``ApplicationNotFound``, ``ApplicationAnswered``."""
    async with transaction():
        row = await _waiting(application_id)
        await _answered(row, actor_id, None, reason, now=now)
        shown = AnswerMail(row.name, row.company_name, reason, f"{settings.base_url}/", 0)
        await _mail("customer-refused", row, shown, settings, now=now)


async def drop_due(*, now: datetime) -> int:
    """Applications whose time is over are gone; says how many."""
    async with transaction():
        return await Application.filter(drop_at__lte=now).delete()


_HOURS = int(PRINTED_LINK_LIFE.total_seconds() // 3600)


async def _waiting(application_id: UUID) -> Application:
    row = await Application.filter(id=application_id).select_for_update().first()
    if row is None:
        raise ApplicationNotFound
    if row.decided_at is not None:
        raise ApplicationAnswered
    return row


async def _answered(
    row: Application, actor_id: UUID, company_id: UUID | None, reason: str, *, now: datetime
) -> None:
    row.decided_at, row.decided_by, row.company_id, row.reason = now, actor_id, company_id, reason
    row.drop_at = now + APPLICATION_KEPT
    await row.save()
    await record(
        Act.ACCOUNT_CHANGED,
        now=now,
        actor_id=actor_id,
        object_id=row.id,
        note=Note(purpose="application", codes=("accepted" if company_id else "refused",)),
    )


async def _mail(
    template: str, row: Application, shown: AnswerMail, settings: Settings, *, now: datetime
) -> None:
    await queue(
        compose(
            template,
            Addressee(row.email, row.name, row.language),
            shown,
            settings=settings,
            purpose=MailPurpose.ACCESS,
            now=now,
        )
    )


def _country(number: str) -> str:
    """The country that the number is of; a business ID is Finnish."""
    if "-" in number:
        return "FI"
    return {"EL": "GR", "XI": "GB"}.get(number[:2], number[:2])


def _line(row: Application) -> ApplicationLine:
    return ApplicationLine(
        row.id,
        row.company_name,
        row.business_id,
        row.name,
        row.email,
        row.language,
        row.asked_at,
        row.decided_at,
        row.company_id,
        row.reason,
    )
