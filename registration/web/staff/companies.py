"""Companies that enrol their people, and where their invoices go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.companies import queries as companies
from registration.companies import service
from registration.companies.queries import CompanyLine
from registration.companies.rules import CompanyGiven, CompanyKnown
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
    "street",
    "postal_code",
    "city",
    "country",
    "invoice_email",
    "einvoice_address",
    "einvoice_operator",
    "reference",
)
CONFLICTS: Mapping[type[Conflict], str] = {CompanyKnown: "business_id"}


@dataclass(frozen=True, slots=True)
class CompaniesPage:
    desk: Desk
    rows: tuple[CompanyLine, ...]


@dataclass(frozen=True, slots=True)
class CompanyPage:
    desk: Desk
    id: UUID | None
    title: str
    action: str
    form: Form
    countries: tuple[Option, ...]


async def show_all(request: Request) -> Response:
    page = CompaniesPage(desk(request), tuple(await companies.companies()))
    return page_response(request, "staff/companies.html", page)


async def new(request: Request) -> Response:
    return _answer(request, None, clean(Form(values={"country": "FI"})))


async def add(request: Request) -> Response:
    posted = await read_form(request)
    try:
        await service.add_company(
            _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return _answer(request, None, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(
        request,
        "good",
        _("The company is added. Give its coordinator an account, so that it can enrol people."),
    )
    return redirect("/staff/companies")


async def edit(request: Request) -> Response:
    line = await companies.company(path_id(request))
    return _answer(request, line, clean(Form({name: getattr(line, name) for name in FIELDS})))


async def change(request: Request) -> Response:
    line = await companies.company(path_id(request))
    posted = await read_form(request)
    try:
        await service.change_company(
            line.id, _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return _answer(request, line, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(request, "good", _("The company is saved."))
    return redirect("/staff/companies")


def _given(posted: Posted) -> CompanyGiven:
    read = Reading(posted)
    return read.command(CompanyGiven, read.some(**{name: name for name in FIELDS}))


def _answer(request: Request, line: CompanyLine | None, shown: Again) -> Response:
    page = CompanyPage(
        desk(request, shown.trouble),
        line.id if line else None,
        line.name if line else _("New company"),
        f"/staff/companies/{line.id}" if line else "/staff/companies/new",
        shown.form,
        countries(shown.form.values.get("country", "")),
    )
    return page_response(request, "staff/company.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/companies", show_all, STAFF),
    get("/staff/companies/new", new, STAFF),
    post("/staff/companies/new", add, STAFF),
    get("/staff/companies/{id}", edit, STAFF),
    post("/staff/companies/{id}", change, STAFF),
)
