"""Booking for many: tick employees, add new ones, see what stands in the way, then send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue.lines import SessionLine
from registration.catalogue.queries import session_offering
from registration.companies import queries as companies
from registration.edge import (
    Endpoint,
    Posted,
    get,
    page_response,
    post,
    read_form,
    require,
    settings,
)
from registration.enrolment import company_lines
from registration.enrolment.company_lines import Before
from registration.enrolment.groups import Group, RowAnswer, enrol_group
from registration.enrolment.queries import Occupancy
from registration.enrolment.rules import Awaits, PlaceStatus
from registration.errors import Conflict, FieldError
from registration.forms import Form, Refused
from registration.i18n import N_, _, format_date, format_money, text_in
from registration.people.rules import Contact, Source
from registration.qualifications import workforce
from registration.qualifications.workforce import Name, Wanted
from registration.web.company.chosen import (
    BYTES,
    FIELDS,
    Chosen,
    NewPerson,
    chosen_of,
    typed_person,
)
from registration.web.company.order import order_number
from registration.web.company.people import training_options, wanted_of
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.contact_form import Option
from registration.web.offered import occupancy_of, seen_session
from registration.web.said import Said, said_of

FOUND_ON_PAGE = 100
STANDS = ("lacks", "warns", "has", "ready")
NOBODY = N_("Tick at least one person, or add somebody new.")


@dataclass(frozen=True, slots=True)
class BookPage:
    """``found`` are on the list below, ``kept`` were ticked before and are not among them."""

    portal: Portal
    said: Said
    path: str
    action: str
    found: tuple[Name, ...]
    more: int
    kept: tuple[Name, ...]
    ticked: frozenset[UUID]
    new: tuple[NewPerson, ...]
    wanted: Wanted
    state: str
    trainings: tuple[Option, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class CheckRow:
    """``stands``: "lacks" (what is needed first), "warns", "has" (a place already) or "ready".
    ``notes`` say why."""

    name: str
    email: str
    stands: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckPage:
    portal: Portal
    said: Said
    path: str
    action: str
    rows: tuple[CheckRow, ...]
    chosen: Chosen
    booked: int
    left: int
    total: str
    order_needed: bool
    held: bool
    form: Form
    refused: str


@dataclass(frozen=True, slots=True)
class DoneRow:
    name: str
    email: str
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class DonePage:
    portal: Portal
    said: Said
    path: str
    rows: tuple[DoneRow, ...]
    confirmed: int
    held: int
    waiting: int
    refused: int


async def choose(request: Request) -> Response:
    portal, line = await portal_of(request), await seen_session(request)
    return await _choose_page(request, portal, line, Chosen(), request.query_params)


async def book(request: Request) -> Response:
    """One form with several buttons: find, tick all found, add a person, look, enrol."""
    portal, line = await portal_of(request), await seen_session(request)
    posted = await read_form(request, max_fields=FIELDS, max_bytes=BYTES)
    chosen, act = chosen_of(posted), posted.get("do", "find")
    known = await company_lines.contacts(portal.id, chosen.people, now=clock.now())
    if act == "add":
        return await _added(request, portal, line, chosen, posted)
    if act in ("check", "enrol"):
        if not len(chosen):
            form = posted.form().with_errors([FieldError("person", "missing", NOBODY)])
            return await _choose_page(request, portal, line, chosen, posted, form=form, status=422)
        if act == "enrol":
            return await _enrolled(request, portal, line, chosen, known, posted)
        return await _check_page(request, portal, line, chosen, known, Form())
    if act == "all":
        found = await workforce.names(portal.id, wanted_of(posted)[0], now=clock.now())
        chosen = chosen.with_people([name.person_id for name in found])
    return await _choose_page(request, portal, line, chosen, posted)


async def _added(
    request: Request, portal: Portal, line: SessionLine, chosen: Chosen, posted: Posted
) -> Response:
    try:
        made = typed_person(posted, require(request).language)
    except Refused as wrong:
        form = posted.form().with_errors(wrong.errors)
        return await _choose_page(request, portal, line, chosen, posted, form=form, status=422)
    new = tuple(dict.fromkeys([*chosen.new, made]))
    return await _choose_page(request, portal, line, replace(chosen, new=new), posted)


async def _choose_page(
    request: Request,
    portal: Portal,
    line: SessionLine,
    chosen: Chosen,
    given: Mapping[str, str],
    *,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    now = clock.now()
    wanted, state = wanted_of(given)
    everybody = await workforce.names(portal.id, Wanted(to_enrol=True), now=now)
    narrowed = everybody
    if wanted != Wanted():
        narrowed = await workforce.names(portal.id, replace(wanted, to_enrol=True), now=now)
    shown = narrowed[:FOUND_ON_PAGE]
    ticked, seen = frozenset(chosen.people), {name.person_id for name in shown}
    path = f"/company/sessions/{line.id}"
    page = BookPage(
        portal=portal,
        said=said_of(line),
        path=portal.url(path),
        action=portal.url(f"{path}/book"),
        found=tuple(shown),
        more=len(narrowed) - len(shown),
        kept=tuple(each for each in everybody if each.person_id in ticked - seen),
        ticked=ticked,
        new=chosen.new,
        wanted=wanted,
        state=state,
        trainings=await training_options(),
        form=form or Form(),
    )
    return page_response(request, "company/book.html", page, status=status)


async def _check_page(
    request: Request,
    portal: Portal,
    line: SessionLine,
    chosen: Chosen,
    known: Mapping[UUID, Contact],
    form: Form,
    *,
    refused: str = "",
    status: int = 200,
) -> Response:
    now, offering = clock.now(), session_offering(line)
    before = await company_lines.before_booking(
        offering, chosen.people, company_id=portal.id, now=now
    )
    rows = [_check_row(known[each], before[each]) for each in chosen.people]
    rows += [CheckRow(new.name, new.email, "ready", (_("New on your list"),)) for new in chosen.new]
    booked = sum(row.stands in ("ready", "warns") for row in rows)
    occupancy: Occupancy = await occupancy_of(line)
    company = await companies.company(portal.id)
    approvers = await companies.approvers(portal.id, now=now)
    path = f"/company/sessions/{line.id}"
    page = CheckPage(
        portal=portal,
        said=said_of(line),
        path=portal.url(path),
        action=portal.url(f"{path}/book"),
        rows=tuple(sorted(rows, key=lambda row: STANDS.index(row.stands))),
        chosen=chosen,
        booked=booked,
        left=occupancy.left,
        total=format_money(line.price_cents * booked),
        order_needed=company.order_needed,
        held=bool(approvers) and require(request).account_id not in approvers,
        form=form,
        refused=refused,
    )
    return page_response(request, "company/check.html", page, status=status)


def _check_row(contact: Contact, found: Before) -> CheckRow:
    notes = [lack.said() for lack in found.lacks]
    notes += [
        _(
            "On the same days: {title}, {day}",
            title=text_in(each.title),
            day=format_date(each.days[0][0]),
        )
        for each in found.overlaps
    ]
    stands = "lacks" if found.lacks else "warns" if notes else "ready"
    if found.has is not None:
        stands, notes = "has", [_("Has a place already")]
    return CheckRow(contact.full_name, contact.email, stands, tuple(notes))


async def _enrolled(
    request: Request,
    portal: Portal,
    line: SessionLine,
    chosen: Chosen,
    known: Mapping[UUID, Contact],
    posted: Posted,
) -> Response:
    who = require(request)
    try:
        order = await order_number(portal.id, posted)
        people = tuple(chosen.contacts(known, who.language))
        group = Group(portal.id, portal.name, who.account_id, Source.COMPANY, people, order)
        answers = await enrol_group(
            session_offering(line), group, settings=settings(request), now=clock.now()
        )
    except Refused as wrong:
        form = posted.form().with_errors(wrong.errors)
        return await _check_page(request, portal, line, chosen, known, form, status=422)
    except Conflict as stopped:
        text = _(stopped.message, **stopped.params)
        return await _check_page(
            request, portal, line, chosen, known, posted.form(), refused=text, status=409
        )
    return _done_page(request, portal, line, people, answers)


def _done_page(
    request: Request,
    portal: Portal,
    line: SessionLine,
    people: Sequence[Contact],
    answers: Iterable[RowAnswer],
) -> Response:
    rows = [_done_row(contact, answer) for contact, answer in zip(people, answers, strict=True)]
    states = [row.status for row in rows]
    page = DonePage(
        portal=portal,
        said=said_of(line),
        path=portal.url(f"/company/sessions/{line.id}"),
        rows=tuple(sorted(rows, key=lambda row: row.status != "failed")),
        confirmed=states.count(PlaceStatus.CONFIRMED),
        held=states.count(PlaceStatus.HELD),
        waiting=states.count(PlaceStatus.WAITING),
        refused=states.count("failed"),
    )
    return page_response(request, "company/booked.html", page)


def _done_row(contact: Contact, answer: RowAnswer) -> DoneRow:
    if answer.refused or answer.status is None:
        said = "; ".join(lack.said() for lack in answer.lacks) or _(answer.message)
        return DoneRow(contact.full_name, contact.email, "failed", said)
    note = _("{position}. in the queue", position=answer.position) if answer.position else ""
    if answer.awaits is Awaits.APPROVAL:
        note = _("Waits for your approval")
    elif answer.awaits is Awaits.CHECK:
        note = _("We check what the training needs first")
    return DoneRow(contact.full_name, contact.email, answer.status.value, note)


ROUTES: tuple[Endpoint, ...] = (
    get("/company/sessions/{id}/book", choose, COORDINATORS),
    post("/company/sessions/{id}/book", book, COORDINATORS),
)
