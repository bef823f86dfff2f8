"""What anyone may call: the catalogue, and signing one person up."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api import company
from registration.api.exchange import answer, asked, kept, read_body
from registration.api.idempotency import once, submission_of
from registration.api.operation import Operation
from registration.api.paging import Page, after_start, page, page_of
from registration.api.places import GroupPlaces, Place
from registration.api.shapes import Event, Session, Training
from registration.api.wanted import (
    EmployeeWanted,
    EnrolmentWanted,
    EventsQuery,
    PeopleWanted,
    RegistrationWanted,
    SessionsQuery,
    TrainingsQuery,
    beginning,
    end,
)
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine, Sought, TrainingLine
from registration.catalogue.prerequisites import needs_of
from registration.catalogue.queries import event_offering, session_offering
from registration.catalogue.rules import (
    EventNotFound,
    Offering,
    SessionNotFound,
    State,
    TrainingNotFound,
)
from registration.catering.rules import Diet, NotCatered, UnknownMeal
from registration.catering.service import register_guest
from registration.edge import (
    ANYONE,
    UPLOAD_BODY,
    LoginNeeded,
    NotYours,
    identity,
    language,
    path_id,
    path_text,
    settings,
)
from registration.edge.refusals import too_large
from registration.edge.routes import SMALL_BODY
from registration.enrolment.queries import Occupancy, occupancies
from registration.enrolment.rules import ShownTo
from registration.enrolment.service import SignUp, sign_up
from registration.errors import FieldError
from registration.forms import Refused, parse
from registration.i18n import N_
from registration.people.rules import PersonGiven, Purpose, Source


async def list_trainings(request: Request) -> Response:
    query = asked(request, TrainingsQuery)
    found = await catalogue.trainings(topic=query.topic)
    part = page_of(found, query, key=_training_key)
    needs = await needs_of([line.id for line in part.items])
    items = tuple(Training.of(line, needs.get(line.id, ())) for line in part.items)
    return answer(Page[Training](items=items, next=part.next))


async def shown_training(line: TrainingLine) -> Training:
    return Training.of(line, (await needs_of([line.id])).get(line.id, ()))


def _training_key(line: TrainingLine) -> tuple[str, ...]:
    return next(iter(line.title.values()), "").casefold(), str(line.id)


async def show_training(request: Request) -> Response:
    line = await training_named(path_text(request, "id"))
    if not line.published and not _is_staff(request):
        raise TrainingNotFound
    return answer(await shown_training(line))


async def training_named(name: str) -> TrainingLine:
    """By id or slug. Raises ``TrainingNotFound``."""
    found = _uuid(name)
    return await (catalogue.training(found) if found else catalogue.training_by_slug(name[:80]))


async def list_sessions(request: Request) -> Response:
    query = asked(request, SessionsQuery)
    training = await _training_id(query.training)
    if query.training and training is None:
        return answer(Page[Session](items=(), next=None))
    sought = _sought(request, query, language=query.language, training=training)
    lines = await catalogue.sessions(sought, limit=query.limit + 1)
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    part = page(lines, query.limit, key=lambda line: (line.starts_at.isoformat(), str(line.id)))
    items = tuple(Session.of(line, seats[line.seating_id]) for line in part.items)
    return answer(Page[Session](items=items, next=part.next))


async def _training_id(name: str) -> UUID | None:
    if not name:
        return None
    try:
        return (await training_named(name)).id
    except TrainingNotFound:
        return None


def _sought(
    request: Request, query: EventsQuery, *, language: str = "", training: UUID | None = None
) -> Sought:
    zone = settings(request).time_zone
    return Sought(
        language=language,
        training=training,
        since=beginning(query.since, zone) or clock.now(),
        until=end(query.until, zone),
        after=after_start(query),
    )


async def show_session(request: Request) -> Response:
    line = await _seen_session(request)
    return answer(Session.of(line, await occupancy(line)))


async def _seen_session(request: Request) -> SessionLine:
    line = await catalogue.session(path_id(request))
    if line.state is State.DRAFT and not _is_staff(request):
        raise SessionNotFound
    return line


async def occupancy(line: SessionLine | EventLine) -> Occupancy:
    return (await occupancies({line.seating_id: line.seats}))[line.seating_id]


async def list_events(request: Request) -> Response:
    query = asked(request, EventsQuery)
    lines = await catalogue.events(_sought(request, query), limit=query.limit + 1)
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    part = page(lines, query.limit, key=lambda line: (line.starts_at.isoformat(), str(line.id)))
    items = tuple(Event.of(line, seats[line.seating_id]) for line in part.items)
    return answer(Page[Event](items=items, next=part.next))


async def show_event(request: Request) -> Response:
    line = await _seen_event(request)
    return answer(Event.of(line, await occupancy(line)))


async def _seen_event(request: Request) -> EventLine:
    line = await event_named(path_text(request, "id"))
    who = identity(request)
    if line.state is State.DRAFT and not (
        _is_staff(request) or (who is not None and who.organises(line.id))
    ):
        raise EventNotFound
    return line


async def event_named(name: str) -> EventLine:
    """By id or slug. Raises ``EventNotFound``."""
    found = _uuid(name)
    return await (catalogue.event(found) if found else catalogue.event_by_slug(name[:80]))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _is_staff(request: Request) -> bool:
    who = identity(request)
    return who is not None and Role.STAFF in who.roles


async def enrol(request: Request) -> Response:
    """One person, by anyone; one or many employees, by their company."""
    who = identity(request)
    if who is not None and who.companies:
        return await company.enrol(request, await _seen_session(request))
    if len(await request.body()) > SMALL_BODY:
        raise too_large()
    given = await read_body(request)
    if "people" in given:
        raise NotYours if who else LoginNeeded
    wanted = parse(EnrolmentWanted, given)
    offering = session_offering(await _seen_session(request))
    wish = _wish(request, wanted.person, wanted.consents)
    return await once(request, partial(_enrolled, request, offering, wish))


async def _enrolled(request: Request, offering: Offering, wish: SignUp) -> tuple[int, BaseModel]:
    taken = await sign_up(offering, wish, settings=settings(request), now=clock.now())
    return 201, Place.of(taken)


async def register(request: Request) -> Response:
    given = await read_body(request)
    wanted = parse(RegistrationWanted, given)
    offering = event_offering(await _seen_event(request))
    who = identity(request)
    if wanted.diet is not None and not offering.catered:
        raise NotCatered
    if wanted.diet is not None and who is not None and who.companies:
        raise Refused(FieldError("diet", "not_yours", NOT_THE_GUEST))
    wish = _wish(request, wanted.person, wanted.consents)
    return await once(request, partial(_registered, request, offering, wish, wanted))


NOT_THE_GUEST = N_(
    "An employer cannot give food restrictions. Leave them out; the guest can add them."
)


async def _registered(
    request: Request, offering: Offering, wish: SignUp, wanted: RegistrationWanted
) -> tuple[int, BaseModel]:
    diet = _diet(wanted, offering)
    house, now = settings(request), clock.now()
    taken = await register_guest(offering, wish, diet, settings=house, now=now)
    return 201, Place.of(taken)


def _diet(wanted: RegistrationWanted, offering: Offering) -> Diet | None:
    """Raises ``Refused`` where a meal is not one of this event's."""
    try:
        return wanted.diet.diet(offering.meals) if wanted.diet else None
    except UnknownMeal as unknown:
        errors = [replace(each, field=f"diet.{each.field}") for each in unknown.errors]
        raise Refused(*errors) from None


def _wish(request: Request, person: PersonGiven, consents: tuple[Purpose, ...]) -> SignUp:
    who = identity(request)
    return SignUp(
        person.contact(language=language(request)),
        Source.STAFF if _is_staff(request) else Source.API,
        consents=consents,
        submission=submission_of(request),
        actor_id=who.account_id if who else None,
        shown_to=ShownTo.STAFF if _is_staff(request) else ShownTo.NOBODY,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/trainings",
        handler=kept(list_trainings),
        access=ANYONE,
        who="anyone",
        summary=N_("Trainings, by title"),
        query=TrainingsQuery,
        answers=(Page[Training],),
    ),
    Operation(
        method="GET",
        path="/trainings/{id}",
        handler=show_training,
        access=ANYONE,
        who="anyone",
        summary=N_("One training, by id or slug"),
        answers=(Training,),
    ),
    Operation(
        method="GET",
        path="/sessions",
        handler=kept(list_sessions),
        access=ANYONE,
        who="anyone",
        summary=N_("Sessions, by start"),
        text=N_("Without “from”: those that have not ended. A date in “to” is included."),
        query=SessionsQuery,
        answers=(Page[Session],),
    ),
    Operation(
        method="GET",
        path="/sessions/{id}",
        handler=show_session,
        access=ANYONE,
        who="anyone",
        summary=N_("One session"),
        answers=(Session,),
    ),
    Operation(
        method="POST",
        path="/sessions/{id}/enrolments",
        handler=enrol,
        access=ANYONE,
        who="anyone",
        summary=N_("Enrol one person; a company's token enrols one or many"),
        text=N_(
            "With “people” the answer is row by row: those that can be enrolled are, the others "
            "say why not. 201 if anybody was enrolled, else 422 with the same rows."
        ),
        query=company.CompanyQuery,
        bodies=(EnrolmentWanted, EmployeeWanted, PeopleWanted),
        answers=(Place, GroupPlaces),
        status=201,
        conflicts=True,
        max_body=UPLOAD_BODY,
    ),
    Operation(
        method="GET",
        path="/events",
        handler=kept(list_events),
        access=ANYONE,
        who="anyone",
        summary=N_("Events, by start"),
        text=N_("Without “from”: those that have not ended. A date in “to” is included."),
        query=EventsQuery,
        answers=(Page[Event],),
    ),
    Operation(
        method="GET",
        path="/events/{id}",
        handler=show_event,
        access=ANYONE,
        who="anyone",
        summary=N_("One event, by id or slug"),
        answers=(Event,),
    ),
    Operation(
        method="POST",
        path="/events/{id}/registrations",
        handler=register,
        access=ANYONE,
        who="anyone",
        summary=N_("Register one person"),
        text=N_(
            "For a catered event food restrictions can be given, with explicit consent. Only the "
            "event's organisers see them, and they delete themselves after it. “meals” are ids of "
            "the event's meals that the guest takes; without it, all of them. With a serious "
            "allergy, “contact_consent” allows the organisers and the kitchen to ask about it."
        ),
        bodies=(RegistrationWanted,),
        answers=(Place,),
        status=201,
        conflicts=True,
    ),
)
