"""Ending the relationship with a customer: what becomes of its people's places, and what goes when
after that (P13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.companies import queries as companies
from registration.companies.queries import CompanyLine
from registration.edge import (
    Endpoint,
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
from registration.enrolment.holds import held_of_company
from registration.enrolment.parting import FARTHEST, PartingGiven, part, places_to_come
from registration.errors import DomainError
from registration.forms import Form
from registration.i18n import DEFAULT_ZONE, N_, _, format_when, text_in
from registration.privacy.retention import BY_NAME, counted_from, period_of, title_of
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading

# What goes sooner or later because the relationship has ended.
AFTER = ("employment", "account_grant", "account", "training-place", "training-record", "person")


@dataclass(frozen=True, slots=True)
class ComingRow:
    person: str
    what: str
    when: str


@dataclass(frozen=True, slots=True)
class EndPage:
    """``after``: (what, how long, counted from)."""

    desk: Desk
    line: CompanyLine
    form: Form
    employees: int
    seats: int
    coming: tuple[ComingRow, ...]
    after: tuple[tuple[str, str, str], ...]
    first: date
    last: date


async def show(request: Request) -> Response:
    return await _answer(request, clean(Form({"last_day": _today().isoformat()})))


async def end(request: Request) -> Response:
    company_id, posted = path_id(request), await read_form(request)
    try:
        parted = await part(
            company_id,
            _given(Reading(posted)),
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        return await _answer(request, again(posted.form(), refused))
    flash(
        request,
        "good",
        _(
            "The relationship has its end. Employments ended: {employees}; accesses: "
            "{coordinators}; places cancelled: {places}; seats given back: {seats}.",
            employees=parted.employees,
            coordinators=parted.coordinators,
            places=parted.places,
            seats=parted.seats,
        ),
    )
    return redirect(f"/staff/companies/{company_id}")


def _given(read: Reading) -> PartingGiven:
    given: dict[str, object] = {}
    try:
        given["last_day"] = date.fromisoformat(read.text("last_day"))
    except ValueError:
        read.wrong("last_day", N_("Give a date, as 2026-04-01."), "date")
    choice = read.text("coming")
    if choice not in ("keep", "cancel"):
        read.wrong("coming", N_("Choose what becomes of the places."), "missing")
    return read.command(
        PartingGiven, given | {"cancel_places": choice == "cancel"}, rests=("last_day",)
    )


def _today() -> date:
    return clock.now().astimezone(DEFAULT_ZONE).date()


async def _answer(request: Request, shown: Again) -> Response:
    now, line = clock.now(), await companies.company(path_id(request))
    schedule = settings(request).organisation.retention
    rules = [BY_NAME[name] for name in AFTER]
    places = await places_to_come(line.id, since=now)
    today = _today()
    page = EndPage(
        desk(request, shown.trouble),
        line,
        shown.form,
        len(await companies.employees(line.id, now=now)),
        len(await held_of_company(line.id)),
        tuple(
            ComingRow(
                place.name,
                text_in(place.offering.title),
                format_when(place.offering.starts_at, place.offering.ends_at),
            )
            for place in places
        ),
        tuple(
            (title_of(each.name), period_of(each, schedule), counted_from(each)) for each in rules
        ),
        today - FARTHEST,
        today + FARTHEST,
    )
    return page_response(request, "staff/company_end.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/companies/{id}/end", show, STAFF, fresh=True),
    post("/staff/companies/{id}/end", end, STAFF, fresh=True),
)
