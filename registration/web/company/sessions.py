"""Sessions to choose from, one of them with our people on it, and two ways to enrol more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine, Sought
from registration.catalogue.queries import session_offering
from registration.companies import queries as companies
from registration.edge import (
    UPLOAD_BODY,
    Stop,
    flash,
    get,
    page_response,
    post,
    read_form,
    read_upload,
    redirect,
    require,
    settings,
)
from registration.enrolment import employees, roster, uploads
from registration.enrolment.desk import DESK
from registration.enrolment.holds import held_on
from registration.enrolment.listing import people_on
from registration.enrolment.queries import Occupancy, PlaceLine, occupancies
from registration.enrolment.rules import PlaceStatus
from registration.errors import Conflict, FieldError, Invalid
from registration.forms import Form, Refused
from registration.i18n import _, format_moment
from registration.web.cards import Card, session_card
from registration.web.company.home import LONGEST_SEARCH
from registration.web.company.order import order_number
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.contact_form import Option, contact_given, countries, flat, languages
from registration.web.offered import occupancy_of, seen_session
from registration.web.paging import page_number
from registration.web.said import Said, said_of
from registration.web.standing import Standing, standing_of, standing_text

ON_PAGE = 100
MOST = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """A session to choose; ``ours`` counts our people on it."""

    card: Card
    path: str
    ours: int


@dataclass(frozen=True, slots=True)
class SessionsPage:
    portal: Portal
    choices: tuple[Choice, ...]
    words: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A seat without a name; ``until`` is when it goes to others."""

    number: int
    id: str
    until: str
    order_number: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    """``people`` are those of one page; ``total`` of all of ours here."""

    portal: Portal
    said: Said
    path: str
    occupancy: Occupancy
    standing: Standing
    standing_text: str
    form: Form
    people: tuple[PlaceLine, ...]
    total: int
    waiting: int
    refused: str
    next_url: str
    prev_url: str
    held: tuple[HeldRow, ...]
    seats: Form
    order_needed: bool


@dataclass(frozen=True, slots=True)
class EnrolPage:
    portal: Portal
    said: Said
    action: str
    back: str
    heading: str
    lead: str
    button: str
    form: Form
    countries: tuple[Option, ...]
    languages: tuple[Option, ...]
    refused: str
    order_needed: bool


async def choose(request: Request) -> Response:
    """The sessions that take people now, or have some of ours."""
    portal = await portal_of(request)
    now = clock.now()
    words = " ".join(request.query_params.get("q", "")[:LONGEST_SEARCH].split())
    lines = await catalogue.sessions(Sought(words=words, since=now), limit=MOST)
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    ours = {
        one.session.id: one.seated + one.waiting
        for one in await roster.coming_sessions(portal.id, now=now)
    }
    choices = [
        Choice(
            session_card(line, seats[line.seating_id], now=now),
            portal.url(f"/company/sessions/{line.id}"),
            ours.get(line.id, 0),
        )
        for line in lines
    ]
    open_ones = [one for one in choices if one.card.standing.takes_people or one.ours]
    page = SessionsPage(portal, tuple(open_ones), words)
    return page_response(request, "company/sessions.html", page)


async def session(request: Request) -> Response:
    portal, line = await portal_of(request), await seen_session(request)
    DESK.warm()
    return await session_page(request, portal, line)


async def session_page(
    request: Request,
    portal: Portal,
    line: SessionLine,
    *,
    errors: Sequence[FieldError] = (),
    seats: Form | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    """``errors`` are about the file, ``seats`` is the form of seats without names."""
    ours = await people_on(
        line.seating_id, size=ON_PAGE, number=page_number(request), company_id=portal.id
    )
    occupancy = await occupancy_of(line)
    standing = standing_of(line, occupancy, now=clock.now())
    path = f"/company/sessions/{line.id}"
    page = SessionPage(
        portal=portal,
        said=said_of(line),
        path=path,
        occupancy=occupancy,
        standing=standing,
        standing_text=standing_text(standing, line),
        form=Form().with_errors(errors),
        people=ours.people,
        total=ours.total,
        waiting=ours.counts.get(PlaceStatus.WAITING, 0),
        refused=refused,
        next_url=portal.url(f"{path}?page={ours.number + 1}#people")
        if ours.number < ours.pages
        else "",
        prev_url=portal.url(f"{path}?page={ours.number - 1}#people") if ours.number > 1 else "",
        held=await _held(portal, line),
        seats=seats or Form(),
        order_needed=(await companies.company(portal.id)).order_needed,
    )
    return page_response(request, "company/session.html", page, status=status)


async def _held(portal: Portal, line: SessionLine) -> tuple[HeldRow, ...]:
    """Our seats without names here."""
    zone = ZoneInfo(line.zone)
    return tuple(
        HeldRow(number, str(each.id), format_moment(each.until, zone=zone), each.order_number)
        for number, each in enumerate(
            (each for each in await held_on(line.seating_id) if each.company_id == portal.id), 1
        )
    )


async def upload(request: Request) -> Response:
    """A file is read; what is wrong with it stands beside the field, on the session's page."""
    portal, line = await portal_of(request), await seen_session(request)
    try:
        sent = await read_upload(request, "file")
        made = await uploads.receive(
            sent.content,
            sent.filename,
            company_id=portal.id,
            account_id=require(request).account_id,
            session_id=line.id,
            now=clock.now(),
        )
    except Stop as stopped:
        wrong = FieldError("file", stopped.code, stopped.message)
        return await session_page(request, portal, line, errors=[wrong], status=stopped.status)
    except Invalid as wrong_file:
        errors = wrong_file.errors or (
            FieldError("file", wrong_file.code, wrong_file.message, wrong_file.params),
        )
        return await session_page(request, portal, line, errors=errors, status=422)
    except Conflict as closed:
        text = _(closed.message, **closed.params)
        return await session_page(request, portal, line, refused=text, status=409)
    return redirect(f"/company/uploads/{made}")


async def enrol_form(request: Request) -> Response:
    portal, line = await portal_of(request), await seen_session(request)
    start = Form(values={"language": require(request).language})
    return await _enrol_page(request, portal, line, start)


async def enrol(request: Request) -> Response:
    portal, line = await portal_of(request), await seen_session(request)
    who = require(request)
    given = await read_form(request, max_fields=30)
    try:
        contact = contact_given(given, known=None, language=who.language)
        order = await order_number(portal.id, given)
        answer = await employees.enrol_one(
            session_offering(line),
            contact,
            company_id=portal.id,
            actor_id=who.account_id,
            order_number=order,
            settings=settings(request),
            now=clock.now(),
        )
    except Refused as wrong:
        form = given.form().with_errors(flat(wrong.errors))
        return await _enrol_page(request, portal, line, form, status=422)
    except Conflict as refused:
        text = _(refused.message, **refused.params)
        return await _enrol_page(request, portal, line, given.form(), refused=text, status=409)
    if answer.awaits:
        text = _("The seat is kept for {name} until it is approved.", name=contact.full_name)
        flash(request, "wait", text)
    elif answer.status is PlaceStatus.WAITING:
        text = _("{name} is on the waiting list.", name=contact.full_name)
        flash(request, "wait", text)
    else:
        flash(request, "good", _("{name} has a place.", name=contact.full_name))
    return redirect(portal.url(f"/company/sessions/{line.id}"))


async def _enrol_page(
    request: Request,
    portal: Portal,
    line: SessionLine,
    form: Form,
    *,
    refused: str = "",
    status: int = 200,
) -> Response:
    back = f"/company/sessions/{line.id}"
    page = EnrolPage(
        portal=portal,
        said=said_of(line),
        action=portal.url(f"{back}/enrol"),
        back=portal.url(back),
        heading=_("Enrol one person"),
        lead=_(
            "The person gets a mail that says that {company} enrolled them.", company=portal.name
        ),
        button=_("Enrol"),
        form=form,
        countries=countries(form.values.get("country", "")),
        languages=languages(settings(request)),
        refused=refused,
        order_needed=(await companies.company(portal.id)).order_needed,
    )
    return page_response(request, "company/enrol.html", page, status=status)


ROUTES = (
    get("/company/sessions", choose, COORDINATORS),
    get("/company/sessions/{id}", session, COORDINATORS),
    post("/company/sessions/{id}/upload", upload, COORDINATORS, max_body=UPLOAD_BODY),
    get("/company/sessions/{id}/enrol", enrol_form, COORDINATORS),
    post("/company/sessions/{id}/enrol", enrol, COORDINATORS),
)
