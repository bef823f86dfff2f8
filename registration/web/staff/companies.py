"""Companies that enrol their people, and where their invoices go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
from registration.companies import applications, service
from registration.companies import queries as companies
from registration.companies.applications import ApplicationLine
from registration.companies.queries import CompanyLine
from registration.companies.rules import BETWEEN, CompanyGiven, CompanyKnown, VatKnown
from registration.edge import (
    Endpoint,
    Posted,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
)
from registration.errors import Conflict, DomainError
from registration.forms import Form
from registration.i18n import _
from registration.web.contact_form import Option, countries
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading

FIELDS = (
    "name",
    "business_id",
    "vat_number",
    "street",
    "postal_code",
    "city",
    "country",
    "invoice_email",
    "einvoice_address",
    "einvoice_operator",
    "reference",
    "cost_centre",
)
CONFLICTS: Mapping[type[Conflict], str] = {CompanyKnown: "business_id", VatKnown: "vat_number"}


@dataclass(frozen=True, slots=True)
class CompaniesPage:
    """``waiting`` are applications; of ``rows`` those that nobody has checked come first."""

    desk: Desk
    waiting: tuple[ApplicationLine, ...]
    rows: tuple[CompanyLine, ...]


@dataclass(frozen=True, slots=True)
class CompanyPage:
    desk: Desk
    id: UUID | None
    title: str
    action: str
    form: Form
    countries: tuple[Option, ...]
    line: CompanyLine | None
    verified_by: str


async def show_all(request: Request) -> Response:
    rows = sorted(await companies.companies(), key=lambda line: line.verified_at is not None)
    page = CompaniesPage(desk(request), tuple(await applications.open_applications()), tuple(rows))
    return page_response(request, "staff/companies.html", page)


async def new(request: Request) -> Response:
    return await _answer(request, None, clean(Form(values={"country": "FI"})))


async def add(request: Request) -> Response:
    posted = await read_form(request)
    try:
        await service.add_company(
            _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, None, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(
        request,
        "good",
        _("The company is added. Give its coordinator an account, so that it can enrol people."),
    )
    return redirect("/staff/companies")


async def edit(request: Request) -> Response:
    line = await companies.company(path_id(request))
    return await _answer(request, line, clean(_form(line)))


async def change(request: Request) -> Response:
    line = await companies.company(path_id(request))
    posted = await read_form(request)
    try:
        await service.change_company(
            line.id, _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, line, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(request, "good", _("The company is saved."))
    return redirect("/staff/companies")


async def verify(request: Request) -> Response:
    """Somebody looked that the number is the company's own; or takes that back."""
    company_id, posted = path_id(request), await read_form(request)
    verified = posted.get("do") != "undo"
    try:
        await service.verify_company(
            company_id, verified=verified, actor_id=require(request).account_id, now=clock.now()
        )
    except Conflict as refused:
        line = await companies.company(company_id)
        return await _answer(request, line, again(_form(line), refused))
    flash(
        request,
        "good" if verified else "wait",
        _("The company is marked as checked.") if verified else _("The company is to be checked."),
    )
    return redirect("/staff/companies")


def _form(line: CompanyLine) -> Form:
    values = {name: str(getattr(line, name)) for name in FIELDS}
    return Form(values | {"order_needed": "1" if line.order_needed else ""})


def _given(posted: Posted) -> CompanyGiven:
    read = Reading(posted)
    given = read.some(**{name: name for name in FIELDS})
    return read.command(
        CompanyGiven,
        given | {"order_needed": posted.get("order_needed", "") == "1"},
        place=lambda error: error.field or BETWEEN.get(error.code, ""),
    )


async def _answer(request: Request, line: CompanyLine | None, shown: Again) -> Response:
    page = CompanyPage(
        desk(request, shown.trouble),
        line.id if line else None,
        line.name if line else _("New company"),
        f"/staff/companies/{line.id}" if line else "/staff/companies/new",
        shown.form,
        countries(shown.form.values.get("country", "")),
        line,
        await _checker(line),
    )
    return page_response(request, "staff/company.html", page, status=shown.status)


async def _checker(line: CompanyLine | None) -> str:
    if line is None or line.verified_by is None:
        return ""
    return (await names_of([line.verified_by])).get(line.verified_by, "")


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/companies", show_all, STAFF),
    get("/staff/companies/new", new, STAFF),
    post("/staff/companies/new", add, STAFF),
    get("/staff/companies/{id}", edit, STAFF),
    post("/staff/companies/{id}", change, STAFF),
    post("/staff/companies/{id}/verify", verify, STAFF),
)
