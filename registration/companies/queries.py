from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from registration.companies.models import Company, Employment
from registration.companies.rules import CompanyNotFound
from registration.i18n import collation_key


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """``business_id`` is the Finnish one with its hyphen, or empty."""

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


async def companies() -> list[CompanyLine]:
    lines = [_line(row) for row in await Company.all()]
    return sorted(lines, key=lambda line: (collation_key(line.name), line.id))


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


async def employees(company_id: UUID) -> list[UUID]:
    """The persons who work for the company now."""
    rows = await Employment.filter(company_id=company_id, until=None).values_list(
        "person_id", flat=True
    )
    return [UUID(str(row)) for row in rows]


async def employers(person_id: UUID) -> list[str]:
    rows = await Employment.filter(person_id=person_id, until=None).select_related("company")
    return sorted(row.company.name for row in rows)


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
    )
