"""What companies owe, by month, and the invoicing bases that were made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    PageNotFound,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import Conflict, DomainError, Invalid
from registration.forms import Form, parse
from registration.i18n import _
from registration.invoicing import queries, service
from registration.invoicing.queries import InvoiceDetail, InvoiceRow, ToInvoice
from registration.invoicing.rules import BasisGiven, InvoiceFormat, UndoGiven, due_on
from registration.invoicing.ubl import missing
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk, said

PAGE = 50
MOST_OPEN = 200


@dataclass(frozen=True, slots=True)
class InvoicingPage:
    """``months``: the month, and what is to be invoiced of it; ``more``: rows left out."""

    desk: Desk
    months: tuple[tuple[str, tuple[ToInvoice, ...]], ...]
    people: int
    net_cents: int
    more: int
    made: tuple[InvoiceRow, ...]
    next_url: str
    first: bool


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """``due`` is text; ``missing``: what the e-invoice lacks, in the reader's words."""

    desk: Desk
    detail: InvoiceDetail
    due: str
    missing: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"/staff/invoicing/{self.detail.row.id}"


@dataclass(frozen=True, slots=True)
class UndoPage:
    desk: Desk
    row: InvoiceRow
    action: str
    back: str
    form: Form


def month_text(month: str) -> str:
    """``2026-10`` as people here write it: ``10/2026``."""
    year, _dash, number = month.partition("-")
    return f"{int(number)}/{year}"


async def show_all(request: Request) -> Response:
    return await _list(request)


async def _list(request: Request, trouble: str = "", *, status: int = 200) -> Response:
    now_set, before = settings(request), request.query_params.get("before", "")[:20]
    found = await queries.to_invoice(zone=now_set.time_zone, now=clock.now())
    made = await queries.invoices(before=before, limit=PAGE + 1)
    shown = made[:PAGE]
    page = InvoicingPage(
        desk(request, trouble),
        _by_month(found[:MOST_OPEN]),
        sum(each.people for each in found),
        sum(each.net_cents for each in found),
        max(0, len(found) - MOST_OPEN),
        tuple(shown),
        f"/staff/invoicing?before={shown[-1].number}" if len(made) > PAGE else "",
        not before,
    )
    return page_response(request, "staff/invoicing.html", page, status=status)


def _by_month(found: Sequence[ToInvoice]) -> tuple[tuple[str, tuple[ToInvoice, ...]], ...]:
    months = dict.fromkeys(each.month for each in found)
    return tuple(
        (month_text(month), tuple(each for each in found if each.month == month))
        for month in months
    )


async def make(request: Request) -> Response:
    posted = await read_form(request)
    try:
        given = parse(
            BasisGiven, {"company": posted.get("company", ""), "month": posted.get("month", "")}
        )
        made = await service.make_basis(
            given,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        return await _list(request, said(refused), status=409)
    except Invalid as refused:
        first = refused.errors[0]
        return await _list(request, _(first.message, **first.params), status=422)
    flash(request, "good", _("The invoicing basis is made."))
    return redirect(f"/staff/invoicing/{made}")


async def show(request: Request) -> Response:
    return _detail(request, await queries.invoice(path_id(request)))


def _detail(
    request: Request, found: InvoiceDetail, trouble: str = "", *, status: int = 200
) -> Response:
    lacking = missing(found, settings(request).organisation)
    page = InvoicePage(
        desk(request, trouble),
        found,
        due_on(found.row.issued_on).isoformat(),
        tuple(_(what) for what in lacking),
    )
    return page_response(request, "staff/invoice.html", page, status=status)


async def file(request: Request) -> Response:
    """The basis as a file; that it was taken is on record for each person on it (P15)."""
    try:
        format = InvoiceFormat(request.query_params.get("format", ""))
    except ValueError:
        raise PageNotFound from None
    try:
        made = await service.hand_over(
            path_id(request),
            format,
            names=request.query_params.get("names") == "1",
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        found = await queries.invoice(path_id(request))
        return _detail(request, found, said(refused), status=409)
    return Response(
        made.content,
        media_type=made.media_type,
        headers={"Content-Disposition": f'attachment; filename="{made.file_name}"'},
    )


async def ask_undo(request: Request) -> Response:
    return _undo_page(request, (await queries.invoice(path_id(request))).row, clean(Form()))


async def undo(request: Request) -> Response:
    row = (await queries.invoice(path_id(request))).row
    posted = await read_form(request)
    try:
        given = parse(UndoGiven, {"reason": posted.get("reason", "")})
        await service.undo_basis(
            row.id,
            given.reason,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        return _undo_page(request, row, again(posted.form(), refused))
    flash(request, "good", _("The invoicing basis is undone. Its places can be invoiced again."))
    return redirect(f"/staff/invoicing/{row.id}")


def _undo_page(request: Request, row: InvoiceRow, shown: Again) -> Response:
    path = f"/staff/invoicing/{row.id}"
    page = UndoPage(desk(request, shown.trouble), row, f"{path}/undo", path, shown.form)
    return page_response(request, "staff/invoice_undo.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/invoicing", show_all, STAFF),
    post("/staff/invoicing", make, STAFF),
    get("/staff/invoicing/{id}", show, STAFF),
    get("/staff/invoicing/{id}/file", file, STAFF),
    get("/staff/invoicing/{id}/undo", ask_undo, STAFF),
    post("/staff/invoicing/{id}/undo", undo, STAFF),
)
