"""What staff's programs may call to keep the catalogue: trainings, sessions, venues."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api.changes import changed, changed_session, training_now, venue_now
from registration.api.exchange import answer, asked, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.organiser import EVENT_OFFICE, account_named
from registration.api.paging import Page, PageQuery, page_of
from registration.api.public import occupancy, shown_training, training_named
from registration.api.records import Assignment
from registration.api.shapes import Made, Session, Training, Venue
from registration.api.wanted import AssignmentWanted, SessionWanted, parse_between, unknown
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.prerequisites import needs_of
from registration.catalogue.rules import AlreadyCancelled, State, TrainingGiven, VenueGiven
from registration.edge import Of, path_id, path_text, require, roles, settings
from registration.enrolment import changes as enrolment
from registration.forms import parse
from registration.i18n import N_
from registration.teaching import queries as teaching
from registration.teaching import service as teaching_service
from registration.teaching.rules import RecipientNotFound

STAFF = roles(Role.STAFF)


async def add_training(request: Request) -> Response:
    given = parse_between(TrainingGiven, await read_body(request))
    return await once(request, partial(_training_added, request, given))


async def _training_added(request: Request, given: TrainingGiven) -> tuple[int, BaseModel]:
    made = await catalogue_service.add_training(
        given, actor_id=require(request).account_id, now=clock.now()
    )
    return 201, await shown_training(await catalogue.training(made))


async def change_training(request: Request) -> Response:
    line = await training_named(path_text(request, "id"))
    given = await read_body(request)
    needs = (await needs_of([line.id])).get(line.id, ())
    wanted = parse_between(TrainingGiven, changed(request, training_now(line, needs), given))
    await catalogue_service.change_training(
        line.id, wanted, actor_id=require(request).account_id, now=clock.now()
    )
    return answer(await shown_training(await catalogue.training(line.id)))


async def list_venues(request: Request) -> Response:
    part = page_of(
        await catalogue.venues(),
        asked(request, PageQuery),
        key=lambda line: (line.name.casefold(), str(line.id)),
    )
    items = tuple(Venue.of(line) for line in part.items)
    return answer(Page[Venue](items=items, next=part.next))


async def show_venue(request: Request) -> Response:
    return answer(Venue.of(await catalogue.venue(path_id(request))))


async def add_venue(request: Request) -> Response:
    given = parse(VenueGiven, await read_body(request))
    return await once(request, partial(_venue_added, request, given))


async def _venue_added(request: Request, given: VenueGiven) -> tuple[int, BaseModel]:
    made = await catalogue_service.add_venue(
        given, actor_id=require(request).account_id, now=clock.now()
    )
    return 201, Venue.of(await catalogue.venue(made))


async def change_venue(request: Request) -> Response:
    line = await catalogue.venue(path_id(request))
    given = await read_body(request)
    wanted = parse(VenueGiven, changed(request, venue_now(line), given))
    await catalogue_service.change_venue(
        line.id, wanted, actor_id=require(request).account_id, now=clock.now()
    )
    return answer(Venue.of(await catalogue.venue(line.id)))


async def add_session(request: Request) -> Response:
    wanted = parse_between(SessionWanted, await read_body(request))
    return await once(request, partial(_session_added, request, wanted))


async def _session_added(request: Request, wanted: SessionWanted) -> tuple[int, BaseModel]:
    made = await catalogue_service.add_session(
        wanted, actor_id=require(request).account_id, now=clock.now()
    )
    return 201, await _session(made)


async def _session(session_id: UUID) -> Session:
    line = await catalogue.session(session_id)
    return Session.of(line, await occupancy(line))


async def change_session(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    given = await read_body(request)
    if line.state is State.CANCELLED:
        raise AlreadyCancelled
    wanted = parse_between(SessionWanted, changed_session(request, line, given))
    await enrolment.change_session(
        line.id,
        wanted,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return answer(await _session(line.id))


async def cancel_session(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_session_cancelled, request, path_id(request)))


async def _session_cancelled(request: Request, session_id: UUID) -> tuple[int, BaseModel]:
    await enrolment.cancel_session(
        session_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, await _session(session_id)


async def list_trainers(request: Request) -> Response:
    lines = await teaching.assignments_of_session(path_id(request))
    zone = settings(request).time_zone
    items = tuple(Assignment.of(line, zone) for line in lines)
    return answer(Page[Assignment](items=items, next=None))


async def assign_trainer(request: Request) -> Response:
    session_id = path_id(request)
    wanted = parse(AssignmentWanted, await read_body(request))
    account_id = await account_named(wanted.account, field="account")
    return await once(request, partial(_assigned, request, session_id, account_id, wanted))


async def _assigned(
    request: Request, session_id: UUID, account_id: UUID, wanted: AssignmentWanted
) -> tuple[int, BaseModel]:
    try:
        made = await teaching_service.assign(
            session_id,
            account_id,
            wanted.recipient,
            ends_at=wanted.ends_at,
            agreed=wanted.agreed,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except RecipientNotFound:
        raise unknown("recipient", RecipientNotFound.message) from None
    return 201, Made(id=made)


_WAYS = ("PATCH", "PUT")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/trainings",
        handler=add_training,
        access=STAFF,
        who="staff",
        summary=N_("Add a training"),
        bodies=(TrainingGiven,),
        answers=(Training,),
        status=201,
        conflicts=True,
    ),
    *(
        Operation(
            method=method,
            path="/trainings/{id}",
            handler=change_training,
            access=STAFF,
            who="staff",
            summary=N_("Change a training: PATCH some of it, PUT all of it"),
            bodies=(TrainingGiven,),
            answers=(Training,),
            conflicts=True,
        )
        for method in _WAYS
    ),
    Operation(
        method="POST",
        path="/sessions",
        handler=add_session,
        access=STAFF,
        who="staff",
        summary=N_("Add a session"),
        bodies=(SessionWanted,),
        answers=(Session,),
        status=201,
        conflicts=True,
    ),
    *(
        Operation(
            method=method,
            path="/sessions/{id}",
            handler=change_session,
            access=STAFF,
            who="staff",
            summary=N_("Change a session: PATCH some of it, PUT all of it"),
            text=N_("Those who hold a place are told of a new time or place."),
            bodies=(SessionWanted,),
            answers=(Session,),
            conflicts=True,
        )
        for method in _WAYS
    ),
    Operation(
        method="POST",
        path="/sessions/{id}/cancel",
        handler=cancel_session,
        access=STAFF,
        who="staff",
        summary=N_("Call a session off; everybody on it is told"),
        answers=(Session,),
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/sessions/{id}/trainers",
        handler=list_trainers,
        access=STAFF,
        who="staff",
        summary=N_("Who teaches a session, for whom, until when"),
        answers=(Page[Assignment],),
    ),
    Operation(
        method="POST",
        path="/sessions/{id}/trainers",
        handler=assign_trainer,
        access=STAFF,
        who="staff",
        summary=N_("Give a session to a trainer"),
        text=N_("With “agreed” false they are asked by mail first."),
        bodies=(AssignmentWanted,),
        answers=(Made,),
        status=201,
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/venues",
        handler=list_venues,
        access=EVENT_OFFICE,
        whose=Of.ALL,
        who="staff",
        summary=N_("Venues, by name"),
        query=PageQuery,
        answers=(Page[Venue],),
    ),
    Operation(
        method="POST",
        path="/venues",
        handler=add_venue,
        access=STAFF,
        who="staff",
        summary=N_("Add a venue"),
        bodies=(VenueGiven,),
        answers=(Venue,),
        status=201,
    ),
    Operation(
        method="GET",
        path="/venues/{id}",
        handler=show_venue,
        access=EVENT_OFFICE,
        whose=Of.ALL,
        who="staff",
        summary=N_("One venue"),
        answers=(Venue,),
    ),
    *(
        Operation(
            method=method,
            path="/venues/{id}",
            handler=change_venue,
            access=STAFF,
            who="staff",
            summary=N_("Change a venue: PATCH some of it, PUT all of it"),
            bodies=(VenueGiven,),
            answers=(Venue,),
        )
        for method in _WAYS
    ),
)
