from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.overview import holders
from registration.accounts.rules import Role
from registration.companies.models import Company, CompanyApprover, Employment
from registration.companies.numbers import vat_of
from registration.companies.rules import CompanyNotFound
from registration.i18n import collation_key


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """``business_id`` is the Finnish one with its hyphen, or empty; ``vat_number`` the one that
    invoices bear, which for a Finnish company follows from it. ``verified_at``: since when, and by
    which account, the number is known to be the company's own. ``ended_at``: until when it is, or
    was, a customer."""

    id: UUID
    name: str
    business_id: str
    street: str
    postal_code: str
    city: str
    country: str
    invoice_email: str
    einvoice_address: str
    einvoice_operator: str
    reference: str
    vat_number: str = ""
    order_needed: bool = False
    cost_centre: str = ""
    verified_at: datetime | None = None
    verified_by: UUID | None = None
    ended_at: datetime | None = None


async def companies() -> list[CompanyLine]:
    lines = [_line(row) for row in await Company.all()]
    return sorted(lines, key=lambda line: (collation_key(line.name), line.id))


async def unverified(*, limit: int = 20) -> list[CompanyLine]:
    """Whose number nobody has checked yet, by name."""
    numbered = Q(business_id__not_isnull=True) | ~Q(vat_number="")
    rows = await Company.filter(numbered, verified_at=None).order_by("name").limit(limit)
    return [_line(row) for row in rows]


async def company(company_id: UUID) -> CompanyLine:
    """Raises ``CompanyNotFound``."""
    row = await Company.get_or_none(id=company_id)
    if row is None:
        raise CompanyNotFound
    return _line(row)


async def names(company_ids: Sequence[UUID]) -> dict[UUID, str]:
    ids = list(dict.fromkeys(company_ids))
    rows = await Company.filter(id__in=ids).values_list("id", "name") if ids else []
    return {UUID(str(made)): str(name) for made, name in rows}


def working(now: datetime) -> Q:
    """The employments that have not ended."""
    return Q(until=None) | Q(until__gt=now)


async def employees(company_id: UUID, *, now: datetime | None = None) -> list[UUID]:
    """The persons who work for the company at ``now``; without it, those with no end on record."""
    still = working(now) if now else Q(until=None)
    rows = await Employment.filter(still, company_id=company_id).values_list("person_id", flat=True)
    return [UUID(str(row)) for row in rows]


async def is_employed(company_id: UUID, person_id: UUID, *, now: datetime) -> bool:
    found = Employment.filter(working(now), company_id=company_id, person_id=person_id)
    return await found.exists()


async def same_number(number: str) -> CompanyLine | None:
    """The company on record with this business ID or VAT number."""
    found = Company.filter(Q(business_id=number) | Q(vat_number=number))
    if number.startswith("FI"):
        found = Company.filter(Q(vat_number=number) | Q(business_id=f"{number[2:9]}-{number[9:]}"))
    row = await found.first() if number else None
    return _line(row) if row else None


async def approvers(company_id: UUID, *, now: datetime) -> frozenset[UUID]:
    """The accounts that approve what others book for the company, as far as they are its
    coordinators now. Empty: nothing needs approval."""
    rows = await CompanyApprover.filter(company_id=company_id).values_list("account_id", flat=True)
    named = {UUID(str(row)) for row in rows}
    if not named:
        return frozenset()
    known = await holders(Role.COORDINATOR, scope_id=company_id, now=now)
    return frozenset(each.account_id for each in known if each.account_id in named)


def _line(row: Company) -> CompanyLine:
    return CompanyLine(
        row.id,
        row.name,
        row.business_id or "",
        row.street,
        row.postal_code,
        row.city,
        row.country,
        row.invoice_email,
        row.einvoice_address,
        row.einvoice_operator,
        row.reference,
        row.vat_number or vat_of(row.business_id or ""),
        row.order_needed,
        row.cost_centre,
        row.verified_at,
        row.verified_by,
        row.ended_at,
    )
