"""What is to be invoiced, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.catalogue import queries as catalogue
from registration.companies import queries as companies
from registration.companies.queries import CompanyLine
from registration.enrolment.invoiced import open_charges
from registration.i18n import collation_key
from registration.invoicing.models import Invoice, InvoiceLine
from registration.invoicing.rules import (
    InvoiceNotFound,
    Line,
    RateTotal,
    month_of,
    totals,
)


@dataclass(frozen=True, slots=True)
class ToInvoice:
    """What one company owes for one month (``2026-10``), without VAT."""

    company_id: UUID
    company: str
    month: str
    people: int
    sessions: int
    net_cents: int


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """``undone_at`` None: it stands."""

    id: UUID
    number: str
    company_id: UUID
    company: str
    month: str
    issued_on: date
    made_at: datetime
    made_by: UUID | None
    people: int
    net_cents: int
    vat_cents: int
    undone_at: datetime | None
    undone_because: str
    credit_number: str


@dataclass(frozen=True, slots=True)
class InvoiceDetail:
    row: InvoiceRow
    company: CompanyLine
    lines: tuple[Line, ...]
    rates: tuple[RateTotal, ...]


async def to_invoice(*, zone: ZoneInfo, now: datetime) -> list[ToInvoice]:
    """The newest month first, in it by company; a constant number of queries."""
    charges = await open_charges(until=now)
    offerings = await catalogue.offerings_by_seating([each.seating_id for each in charges])
    names = await companies.names([each.company_id for each in charges])
    people: dict[tuple[UUID, str], int] = {}
    cents: dict[tuple[UUID, str], int] = {}
    seatings: dict[tuple[UUID, str], set[UUID]] = {}
    for each in charges:
        key = each.company_id, month_of(offerings[each.seating_id].starts_at, zone)
        people[key] = people.get(key, 0) + each.people
        cents[key] = cents.get(key, 0) + each.people * each.price_cents
        seatings.setdefault(key, set()).add(each.seating_id)
    found = [
        ToInvoice(company, names.get(company, ""), month, number, len(seatings[key]), cents[key])
        for key, number in people.items()
        for company, month in (key,)
    ]
    found.sort(key=lambda each: (collation_key(each.company), each.company_id))
    return sorted(found, key=lambda each: each.month, reverse=True)


async def invoices(*, before: str = "", limit: int = 50) -> list[InvoiceRow]:
    """The newest first; ``before`` is the number of the last one that was seen."""
    found = Invoice.all().order_by("-number").limit(limit)
    rows = await (found.filter(number__lt=before) if before else found)
    names = await companies.names([row.company_id for row in rows])
    return [_row(row, names) for row in rows]


async def invoice(invoice_id: UUID) -> InvoiceDetail:
    """Raises ``InvoiceNotFound``."""
    row = await Invoice.get_or_none(id=invoice_id)
    if row is None:
        raise InvoiceNotFound
    company = await companies.company(row.company_id)
    lines = tuple(
        _line(each) for each in await InvoiceLine.filter(invoice_id=row.id).order_by("position")
    )
    return InvoiceDetail(_row(row, {company.id: company.name}), company, lines, totals(lines))


def _row(row: Invoice, names: Mapping[UUID, str]) -> InvoiceRow:
    return InvoiceRow(
        row.id,
        row.number,
        row.company_id,
        names.get(row.company_id, ""),
        row.month,
        row.issued_on,
        row.made_at,
        row.made_by,
        row.people,
        row.net_cents,
        row.vat_cents,
        row.undone_at,
        row.undone_because,
        row.credit_number or "",
    )


def _line(row: InvoiceLine) -> Line:
    return Line(
        row.position,
        row.session_id,
        row.title,
        row.first_day,
        row.last_day,
        row.order_number,
        row.people,
        row.price_cents,
        row.vat_basis_points,
    )
