"""One session: its people, its trainers, its certificates, and the sheet for the door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.overview import holders
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import DayLine, SessionLine
from registration.catalogue.queries import session_offering
from registration.catalogue.rules import State, at_local
from registration.edge import (
    Endpoint,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.edge import flash as tell
from registration.enrolment import queries as enrolment
from registration.enrolment.listing import people_on
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import SEATED, AlreadySignedUp
from registration.errors import DomainError, FieldError
from registration.forms import MESSAGES, Command, FieldRefused, Form, Refused
from registration.i18n import NATIVE_NAMES, _, format_time, format_weekday, text_in
from registration.ledger.looks import look
from registration.teaching import queries as teaching
from registration.teaching import service as teaching_service
from registration.teaching.overview import undecided
from registration.teaching.queries import AssignmentLine
from registration.teaching.rules import Invitation, NotATrainer, RecipientNotFound
from registration.web.contact_form import Option, flat, languages
from registration.web.paging import page_number
from registration.web.public import Needed, needed_before
from registration.web.said import Said, said_of
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.people import (
    PEOPLE_ON_PAGE,
    People,
    add_person,
    lacking,
    people_shown,
    why_options,
)
from registration.web.staff.results import ResultsPart, reopened, results_part
from registration.web.staff.seating import SeatingPart, seating_part
from registration.web.staff.sessions import shown_state
from registration.web.staff.typed import Reading


class AssignmentGiven(Command):
    """``agreed``: the trainer has said yes already, and is not asked."""

    account: UUID
    recipient: UUID
    until: date | None = None
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class TrainerRow:
    """``end`` is the address that ends it, empty when it has ended. ``invitation``: "invited",
    "accepted" or "declined", then ``because`` may say why."""

    name: str
    recipient: str
    ends_at: datetime
    end: str
    invitation: str
    because: str


@dataclass(frozen=True, slots=True)
class SessionPage:
    desk: Desk
    id: UUID
    title: str
    state: str
    said: Said
    language: str
    opens_at: datetime | None
    closes_at: datetime
    seating: SeatingPart
    over: bool
    undecided: int
    people: People
    person: Form
    needs: tuple[Needed, ...]
    whys: tuple[Option, ...]
    languages: tuple[Option, ...]
    trainers: tuple[TrainerRow, ...]
    assignment: Form
    results: ResultsPart
    reopening: Form
    accounts: tuple[Option, ...]
    recipients: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class SheetPage:
    """``days`` are the columns to sign in; ``people`` are (name, company)."""

    desk: Desk
    title: str
    said: Said
    trainers: tuple[str, ...]
    days: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    back: str


async def show(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    await look(require(request).account_id, line.id, now=clock.now())
    return await _answer(request, line)


async def add(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    posted = await read_form(request)
    try:
        await add_person(request, session_offering(line), posted)
    except Refused as refused:
        shown = again(posted.form(), Refused(*flat(refused.errors)))
        return await _answer(request, line, person=shown)
    except DomainError as refused:
        shown = again(posted.form(), lacking(refused), conflicts={AlreadySignedUp: "email"})
        return await _answer(request, line, person=shown)
    return redirect(f"/staff/sessions/{line.id}#people")


async def assign(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    posted = await read_form(request)
    try:
        read = Reading(posted)
        names = ("account", "recipient", "until")
        typed = read.some(**{name: name for name in names})
        given = read.command(AssignmentGiven, typed | {"agreed": "agreed" in posted})
        await teaching_service.assign(
            line.id,
            given.account,
            given.recipient,
            ends_at=_last_moment(given.until, ZoneInfo(line.zone)),
            agreed=given.agreed,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except RecipientNotFound as refused:
        wrong = Refused(FieldError("recipient", refused.code, refused.message))
        return await _answer(request, line, assignment=again(posted.form(), wrong))
    except DomainError as refused:
        shown = again(posted.form(), refused, conflicts={NotATrainer: "account"})
        return await _answer(request, line, assignment=shown)
    accepted = {
        each.account_id
        for each in await teaching.assignments_of_session(line.id)
        if each.invitation is Invitation.ACCEPTED
    }
    if given.account in accepted:
        tell(request, "good", _("The trainer sees this session now, and its people by name."))
    else:
        said = _("The trainer is asked by mail, and sees the people by name once they accept.")
        tell(request, "good", said)
    return redirect(f"/staff/sessions/{line.id}#trainers")


async def reopen(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    wrong = await reopened(request)
    if wrong is not None:
        return await _answer(request, line, reopening=wrong)
    return redirect(f"/staff/sessions/{line.id}#results")


def _last_moment(until: date | None, zone: ZoneInfo) -> datetime | None:
    """Access lasts to the end of that day."""
    if until is None:
        return None
    try:
        return at_local(until + timedelta(days=1), time(), zone)
    except (FieldRefused, OverflowError):
        raise Refused(FieldError("until", "date", MESSAGES["date_parsing"])) from None


async def end_assignment(request: Request) -> Response:
    session_id = path_id(request)
    await teaching_service.end_assignment(
        path_id(request, "assignment"), actor_id=require(request).account_id, now=clock.now()
    )
    tell(request, "good", _("The trainer no longer sees this session's people."))
    return redirect(f"/staff/sessions/{session_id}#trainers")


async def sheet(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    now, zone = clock.now(), ZoneInfo(line.zone)
    seated = [each for each in await enrolment.places_on(line.seating_id) if each.status in SEATED]
    trainers = [
        f"{each.trainer}, {each.recipient}"
        for each in await teaching.assignments_of_session(line.id)
        if each.ends_at > now and each.invitation is Invitation.ACCEPTED
    ]
    days = [_day_text(day, zone) for day in line.days]
    page = SheetPage(
        desk(request),
        text_in(line.training.title),
        said_of(line),
        tuple(trainers),
        tuple(days),
        tuple((_by_last_name(each), each.company_name) for each in seated),
        f"/staff/sessions/{line.id}",
    )
    return page_response(request, "staff/sheet.html", page)


def _day_text(day: DayLine, zone: ZoneInfo) -> str:
    """``Wed 1.4. 9.00–16.00``"""
    local = day.starts_at.astimezone(zone)
    hours = f"{format_time(day.starts_at, zone=zone)}–{format_time(day.ends_at, zone=zone)}"
    return f"{format_weekday(day.starts_at, zone=zone)} {local.day}.{local.month}. {hours}"


def _by_last_name(place: PlaceLine) -> str:
    return f"{place.last_name}, {place.first_name}"


NEW_PERSON = Form(values={"language": "fi"})


async def _answer(
    request: Request,
    line: SessionLine,
    *,
    person: Again | None = None,
    assignment: Again | None = None,
    reopening: Again | None = None,
) -> Response:
    now = clock.now()
    person, assignment = person or clean(NEW_PERSON), assignment or clean(Form())
    reopening = reopening or clean(Form())
    people = await people_on(line.seating_id, size=PEOPLE_ON_PAGE, number=page_number(request))
    seating, passed = await seating_part(line, people.counts)
    page = SessionPage(
        desk=desk(request, person.trouble or assignment.trouble or reopening.trouble),
        id=line.id,
        title=text_in(line.training.title),
        state=shown_state(line.state, line.ends_at, now=now),
        said=said_of(line),
        language=NATIVE_NAMES.get(line.language, ""),
        opens_at=line.opens_at,
        closes_at=line.closes_at,
        seating=seating,
        over=now >= line.ends_at or line.state is State.CANCELLED,
        undecided=(await undecided([line.seating_id])).get(line.seating_id, 0),
        people=await people_shown(request, people, passed=passed, now=now),
        person=person.form,
        needs=await needed_before(line.training.id),
        whys=why_options(),
        languages=languages(settings(request)),
        trainers=tuple(
            _trainer(each, now=now) for each in await teaching.assignments_of_session(line.id)
        ),
        assignment=assignment.form,
        results=await results_part(line, begun=now >= line.starts_at),
        reopening=reopening.form,
        accounts=await _trainers(now=now),
        recipients=tuple((str(each.id), each.name) for each in await teaching.recipients()),
    )
    status = max(person.status, assignment.status, reopening.status)
    return page_response(request, "staff/session.html", page, status=status)


async def _trainers(*, now: datetime) -> tuple[Option, ...]:
    found = await holders(Role.TRAINER, now=now)
    return tuple((str(each.account_id), f"{each.name} ({each.email})") for each in found)


def _trainer(each: AssignmentLine, *, now: datetime) -> TrainerRow:
    end = f"/staff/sessions/{each.session_id}/trainers/{each.id}/end"
    return TrainerRow(
        each.trainer,
        each.recipient,
        each.ends_at,
        end if each.ends_at > now else "",
        each.invitation.value,
        each.declined_because,
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/sessions/{id}", show, STAFF),
    post("/staff/sessions/{id}/people", add, STAFF),
    post("/staff/sessions/{id}/trainers", assign, STAFF),
    post("/staff/sessions/{id}/trainers/{assignment}/end", end_assignment, STAFF),
    post("/staff/sessions/{id}/results/reopen", reopen, STAFF),
    get("/staff/sessions/{id}/sheet", sheet, STAFF),
)
