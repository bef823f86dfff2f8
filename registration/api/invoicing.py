"""What staff's programs may call to invoice: what is owed, and the bases made of it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.api.exchange import answer, asked, read_body
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page, PageQuery, bad_cursor, page, page_of, read
from registration.api.shapes import Made, Shape, Texts
from registration.api.staff import STAFF
from registration.edge import path_id, require, settings
from registration.forms import Command, parse
from registration.i18n import N_
from registration.invoicing import queries, service
from registration.invoicing.queries import InvoiceDetail, InvoiceRow, ToInvoice
from registration.invoicing.rules import (
    BasisGiven,
    InvoiceFormat,
    Line,
    UndoGiven,
    due_on,
    reference_of,
)


class Owed(Shape):
    """What one company owes for one month, without VAT; ``month`` is ``2026-10``."""

    company: UUID
    company_name: str
    month: str
    people: int
    sessions: int
    net_cents: int

    @classmethod
    def of(cls, line: ToInvoice) -> Owed:
        return cls(
            company=line.company_id,
            company_name=line.company,
            month=line.month,
            people=line.people,
            sessions=line.sessions,
            net_cents=line.net_cents,
        )


class InvoiceShown(Shape):
    """``undone_at`` null: it stands. ``credit_number``: of its credit note, if it was undone."""

    id: UUID
    number: str
    company: UUID
    month: str
    issued_on: date
    people: int
    net_cents: int
    vat_cents: int
    undone_at: datetime | None
    credit_number: str | None

    @classmethod
    def of(cls, row: InvoiceRow) -> InvoiceShown:
        return cls(
            id=row.id,
            number=row.number,
            company=row.company_id,
            month=row.month,
            issued_on=row.issued_on,
            people=row.people,
            net_cents=row.net_cents,
            vat_cents=row.vat_cents,
            undone_at=row.undone_at,
            credit_number=row.credit_number or None,
        )


class InvoiceLineShown(Shape):
    """``price_cents`` is of one person, without VAT; days are local ones."""

    session: UUID
    title: Texts
    first_day: date
    last_day: date
    order_number: str
    people: int
    price_cents: int
    vat_percent: float
    net_cents: int

    @classmethod
    def of(cls, line: Line) -> InvoiceLineShown:
        return cls(
            session=line.session_id,
            title=line.title,
            first_day=line.first_day,
            last_day=line.last_day,
            order_number=line.order_number,
            people=line.people,
            price_cents=line.price_cents,
            vat_percent=line.vat_basis_points / 100,
            net_cents=line.net_cents,
        )


class RateShown(Shape):
    vat_percent: float
    net_cents: int
    vat_cents: int


class InvoiceWhole(Shape):
    """``reference`` is the payment reference, ``due_on`` the last day to pay."""

    invoice: InvoiceShown
    due_on: date
    reference: str
    lines: tuple[InvoiceLineShown, ...]
    rates: tuple[RateShown, ...]

    @classmethod
    def of(cls, found: InvoiceDetail) -> InvoiceWhole:
        return cls(
            invoice=InvoiceShown.of(found.row),
            due_on=due_on(found.row.issued_on),
            reference=reference_of(found.row.number),
            lines=tuple(InvoiceLineShown.of(line) for line in found.lines),
            rates=tuple(
                RateShown(
                    vat_percent=each.vat_basis_points / 100,
                    net_cents=each.net_cents,
                    vat_cents=each.vat_cents,
                )
                for each in found.rates
            ),
        )


class InvoiceQuery(Command):
    """``format``: a file, which is on record as handed on; without it, JSON without names.
    ``names``: in ``csv`` and ``xlsx``, who it was."""

    format: Literal["csv", "xlsx", "ubl"] | None = None
    names: bool = False


async def list_owed(request: Request) -> Response:
    found = await queries.to_invoice(zone=settings(request).time_zone, now=clock.now())
    part = page_of(
        found, asked(request, PageQuery), key=lambda line: (line.month, str(line.company_id))
    )
    return answer(Page[Owed](items=tuple(Owed.of(line) for line in part.items), next=part.next))


async def list_invoices(request: Request) -> Response:
    query = asked(request, PageQuery)
    before = read(query.cursor, 1)[0] if query.cursor else ""
    if len(before) > 20:
        raise bad_cursor()
    rows = await queries.invoices(before=before, limit=query.limit + 1)
    part = page(rows, query.limit, key=lambda row: (row.number,))
    items = tuple(InvoiceShown.of(row) for row in part.items)
    return answer(Page[InvoiceShown](items=items, next=part.next))


async def show_invoice(request: Request) -> Response:
    query = asked(request, InvoiceQuery)
    if query.format is None:
        return answer(InvoiceWhole.of(await queries.invoice(path_id(request))))
    made = await service.hand_over(
        path_id(request),
        InvoiceFormat(query.format),
        names=query.names,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return Response(
        made.content,
        media_type=made.media_type,
        headers={"Content-Disposition": f'attachment; filename="{made.file_name}"'},
    )


async def make_invoice(request: Request) -> Response:
    given = parse(BasisGiven, await read_body(request))
    return await once(request, partial(_made, request, given))


async def _made(request: Request, given: BasisGiven) -> tuple[int, BaseModel]:
    made = await service.make_basis(
        given, actor_id=require(request).account_id, settings=settings(request), now=clock.now()
    )
    return 201, Made(id=made)


async def undo_invoice(request: Request) -> Response:
    given = parse(UndoGiven, await read_body(request))
    return await once(request, partial(_undone, request, path_id(request), given))


async def _undone(request: Request, invoice_id: UUID, given: UndoGiven) -> tuple[int, BaseModel]:
    await service.undo_basis(
        invoice_id,
        given.reason,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, Made(id=invoice_id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/invoicing",
        handler=list_invoices,
        access=STAFF,
        who="staff",
        summary=N_("Invoicing bases that were made, the newest first"),
        query=PageQuery,
        answers=(Page[InvoiceShown],),
    ),
    Operation(
        method="GET",
        path="/invoicing/owed",
        handler=list_owed,
        access=STAFF,
        who="staff",
        summary=N_("What companies owe and is on no invoicing basis yet, by month"),
        query=PageQuery,
        answers=(Page[Owed],),
    ),
    Operation(
        method="POST",
        path="/invoicing",
        handler=make_invoice,
        access=STAFF,
        who="staff",
        summary=N_("Make the invoicing basis of a company for a month"),
        bodies=(BasisGiven,),
        answers=(Made,),
        status=201,
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/invoicing/{id}",
        handler=show_invoice,
        access=STAFF,
        who="staff",
        summary=N_("An invoicing basis, or a file of it"),
        text=N_("Files are on record, and those whose places are on it can read that."),
        query=InvoiceQuery,
        answers=(InvoiceWhole,),
        files=tuple(each.partition(";")[0] for each in service.MEDIA_TYPES.values()),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/invoicing/{id}/undo",
        handler=undo_invoice,
        access=STAFF,
        who="staff",
        summary=N_("Undo an invoicing basis: its places can be invoiced again"),
        bodies=(UndoGiven,),
        answers=(Made,),
        conflicts=True,
    ),
)
