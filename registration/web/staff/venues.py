"""Where sessions and events are held."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import VenueLine
from registration.catalogue.rules import VenueGiven
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
from registration.errors import DomainError
from registration.forms import Form
from registration.i18n import _
from registration.web.contact_form import Option, countries
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading

FIELDS = ("name", "street", "postal_code", "city", "country")


@dataclass(frozen=True, slots=True)
class VenuesPage:
    desk: Desk
    rows: tuple[VenueLine, ...]


@dataclass(frozen=True, slots=True)
class VenuePage:
    desk: Desk
    id: UUID | None
    title: str
    action: str
    form: Form
    countries: tuple[Option, ...]


async def show_all(request: Request) -> Response:
    page = VenuesPage(desk(request), tuple(await catalogue.venues()))
    return page_response(request, "staff/venues.html", page)


async def new(request: Request) -> Response:
    return _answer(request, None, clean(Form(values={"country": "FI"})))


async def add(request: Request) -> Response:
    posted = await read_form(request)
    try:
        await service.add_venue(
            _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return _answer(request, None, again(posted.form(), refused))
    flash(request, "good", _("The venue is added."))
    return redirect("/staff/venues")


async def edit(request: Request) -> Response:
    line = await catalogue.venue(path_id(request))
    return _answer(request, line, clean(Form({name: getattr(line, name) for name in FIELDS})))


async def change(request: Request) -> Response:
    line = await catalogue.venue(path_id(request))
    posted = await read_form(request)
    try:
        await service.change_venue(
            line.id, _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return _answer(request, line, again(posted.form(), refused))
    flash(request, "good", _("The venue is saved, for everything that is held there."))
    return redirect("/staff/venues")


def _given(posted: Posted) -> VenueGiven:
    read = Reading(posted)
    return read.command(VenueGiven, read.some(**{name: name for name in FIELDS}))


def _answer(request: Request, line: VenueLine | None, shown: Again) -> Response:
    page = VenuePage(
        desk(request, shown.trouble),
        line.id if line else None,
        line.name if line else _("New venue"),
        f"/staff/venues/{line.id}" if line else "/staff/venues/new",
        shown.form,
        countries(shown.form.values.get("country", "")),
    )
    return page_response(request, "staff/venue.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/venues", show_all, STAFF),
    get("/staff/venues/new", new, STAFF),
    post("/staff/venues/new", add, STAFF),
    get("/staff/venues/{id}", edit, STAFF),
    post("/staff/venues/{id}", change, STAFF),
)
