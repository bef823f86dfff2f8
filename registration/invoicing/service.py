"""Making an invoicing basis, undoing it, and handing it on as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.db import connection, transaction
from registration.enrolment.invoiced import Charge, Charged, charges_on, claim, people_on, release
from registration.invoicing.models import Invoice, InvoiceLine
from registration.invoicing.queries import InvoiceDetail, invoice
from registration.invoicing.rules import (
    AlreadyUndone,
    BasisGiven,
    InvoiceFormat,
    InvoiceNotFound,
    Line,
    NoNames,
    NothingToInvoice,
    number_text,
    span_of,
    totals,
)
from registration.invoicing.sheets import PersonRow, write_csv, write_xlsx
from registration.invoicing.ubl import write_ubl
from registration.ledger.rules import Act, Basis, Note
from registration.ledger.service import Shown, disclose, record
from registration.settings import Settings

PURPOSE = "invoicing"
FIELDS = ("company", "training", "dates")
MEDIA_TYPES = {
    InvoiceFormat.CSV: "text/csv; charset=utf-8",
    InvoiceFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    InvoiceFormat.UBL: "application/xml",
}


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    content: bytes
    media_type: str
    file_name: str


async def make_basis(
    given: BasisGiven, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> UUID:
    """All that the company owes for sessions that began in the month, until now, stands on one
    invoicing basis; a place stands on one at most, whoever asks at the same time.

    Raises ``CompanyNotFound``, ``NothingToInvoice``.
    """
    zone = settings.time_zone
    since, until = span_of(given.month, zone)
    company = await companies.company(given.company)
    made = uuid4()
    async with transaction():
        await claim(company.id, since=since, until=min(until, now), invoice_id=made)
        charges = await charges_on(made)
        if not charges:
            raise NothingToInvoice
        offerings = await catalogue.offerings_by_seating([each.seating_id for each in charges])
        lines = _lines(charges, offerings)
        sums, today = totals(lines), now.astimezone(zone).date()
        await Invoice.create(
            id=made,
            number=number_text(today.year, await _next(today.year)),
            company_id=company.id,
            month=given.month,
            issued_on=today,
            made_at=now,
            made_by=actor_id,
            people=sum(line.people for line in lines),
            net_cents=sum(each.net_cents for each in sums),
            vat_cents=sum(each.vat_cents for each in sums),
        )
        await InvoiceLine.bulk_create([_row(line, made) for line in lines], batch_size=500)
        await record(
            Act.INVOICE_MADE,
            now=now,
            actor_id=actor_id,
            object_id=made,
            note=Note(count=sum(line.people for line in lines), codes=(given.month,)),
        )
    return made


def _lines(charges: Sequence[Charge], offerings: dict[UUID, Offering]) -> tuple[Line, ...]:
    """By day, then by order number, so that the same places give the same lines."""

    def order(charge: Charge) -> tuple[datetime, UUID, str, int, int]:
        offering = offerings[charge.seating_id]
        rate = charge.vat_basis_points
        return offering.starts_at, offering.id, charge.order_number, charge.price_cents, rate

    return tuple(
        _line(position, charge, offerings[charge.seating_id])
        for position, charge in enumerate(sorted(charges, key=order), start=1)
    )


def _line(position: int, charge: Charge, offering: Offering) -> Line:
    zone = ZoneInfo(offering.zone)
    return Line(
        position,
        offering.id,
        offering.title,
        offering.starts_at.astimezone(zone).date(),
        offering.ends_at.astimezone(zone).date(),
        charge.order_number,
        charge.people,
        charge.price_cents,
        charge.vat_basis_points,
    )


def _row(line: Line, invoice_id: UUID) -> InvoiceLine:
    return InvoiceLine(
        id=uuid4(),
        invoice_id=invoice_id,
        position=line.position,
        session_id=line.session_id,
        title=dict(line.title),
        first_day=line.first_day,
        last_day=line.last_day,
        order_number=line.order_number,
        people=line.people,
        price_cents=line.price_cents,
        vat_basis_points=line.vat_basis_points,
    )


async def _next(year: int) -> int:
    """The next number of the year; the series is this transaction's until it ends, so that numbers
    have no gaps and nobody gets the same."""
    db = connection()
    server = db.capabilities.support_for_update
    marks = "$1, $2, 1" if server else "?, ?, 1"
    new_id = uuid4()
    rows = await db.execute_query_dict(
        f"INSERT INTO invoice_series (id, year, issued) VALUES ({marks}) "  # noqa: S608 -- placeholders
        "ON CONFLICT (year) DO UPDATE SET issued = invoice_series.issued + 1 RETURNING issued",
        [new_id if server else str(new_id), year],
    )
    return int(rows[0]["issued"])


async def undo_basis(
    invoice_id: UUID,
    reason: str,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    """The basis no longer stands: its places can be invoiced again, its number stays taken, and
    its credit note has the next one.

    Raises ``InvoiceNotFound``, ``AlreadyUndone``.
    """
    async with transaction():
        today = now.astimezone(settings.time_zone).date()
        done = await Invoice.filter(id=invoice_id, undone_at=None).update(
            undone_at=now, undone_by=actor_id, undone_because=reason
        )
        if not done:
            if await Invoice.exists(id=invoice_id):
                raise AlreadyUndone
            raise InvoiceNotFound
        credit = number_text(today.year, await _next(today.year))
        await Invoice.filter(id=invoice_id).update(credit_number=credit)
        people = await release(invoice_id)
        await record(
            Act.INVOICE_UNDONE,
            now=now,
            actor_id=actor_id,
            object_id=invoice_id,
            note=Note(count=people),
        )


async def hand_over(
    invoice_id: UUID,
    format: InvoiceFormat,
    *,
    names: bool = False,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> InvoiceFile:
    """The basis as a file for those in the group who invoice; each person on it can read that it
    went there (P15).

    Lines say the training, its days, the order number and how many people: that is what a buyer
    needs to check an invoice. Names are in a spreadsheet only when they were asked for, and never
    in an e-invoice, which passes through operators and stays in archives that no erasure reaches.
    Of one that was undone the e-invoice is its credit note.

    Raises ``InvoiceNotFound``, ``NoNames``, ``EInvoiceIncomplete``.
    """
    found = await invoice(invoice_id)
    named = names and format is not InvoiceFormat.UBL
    if named and found.row.undone_at is not None:
        raise NoNames
    people = await people_on(invoice_id)
    rows = await _named(found, people) if named else ()
    content = _written(found, format, rows, named=named, settings=settings)
    await disclose(
        [
            Shown(
                person_id=person_id,
                fields=("name", *FIELDS) if named else FIELDS,
                purpose=PURPOSE,
                basis=Basis.CONTRACT,
                road=format.value,
                actor_id=actor_id,
                object_id=invoice_id,
            )
            for person_id in dict.fromkeys(each.person_id for each in people)
        ],
        now=now,
    )
    await record(
        Act.DISCLOSED,
        now=now,
        actor_id=actor_id,
        object_id=invoice_id,
        note=Note(
            fields=("name", *FIELDS) if named else FIELDS, count=len(people), purpose=PURPOSE
        ),
    )
    return InvoiceFile(content, MEDIA_TYPES[format], _file_name(found, format))


async def _named(found: InvoiceDetail, people: Sequence[Charged]) -> tuple[PersonRow, ...]:
    sessions = {line.session_id: line for line in found.lines}
    offerings = await catalogue.offerings_by_seating([each.seating_id for each in people])
    return tuple(
        PersonRow(each.name, sessions[offerings[each.seating_id].id], each.order_number)
        for each in people
    )


def _written(
    found: InvoiceDetail,
    format: InvoiceFormat,
    rows: Sequence[PersonRow],
    *,
    named: bool,
    settings: Settings,
) -> bytes:
    if format is InvoiceFormat.UBL:
        return write_ubl(found, settings=settings)
    if format is InvoiceFormat.XLSX:
        return write_xlsx(found, rows, named=named)
    return write_csv(found, rows, named=named)


def _file_name(found: InvoiceDetail, format: InvoiceFormat) -> str:
    row = found.row
    number = row.credit_number or row.number if format is InvoiceFormat.UBL else row.number
    return f"{number}.{'xml' if format is InvoiceFormat.UBL else format.value}"
