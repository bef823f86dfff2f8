"""What is done with a whole seating: who waits and in which order, whether it runs, taking it back;
and who wants to hear of new dates."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.api.exchange import answer, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.organiser import own_event
from registration.api.paging import Page
from registration.api.places import AwaitsWord, CompanyName
from registration.api.public import occupancy, training_named
from registration.api.seats import deed
from registration.api.shapes import Event, Made, Session, Shape
from registration.api.staff import STAFF
from registration.api.wanted import A_PERSON, needed
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import TrainingNotFound
from registration.catering.removing import delete_event
from registration.edge import ANYONE, language, path_id, path_text, require, settings
from registration.enrolment.changes import delete_session
from registration.enrolment.interests import tell_me
from registration.enrolment.queries import QueueLine, queue
from registration.enrolment.sureness import run_anyway
from registration.forms import Command, parse
from registration.i18n import N_
from registration.ledger.looks import look
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.people.rules import Contact, PersonGiven, Source

SHOWN_FIELDS = ("name", "company")


class InterestWanted(Command):
    model_config = ConfigDict(json_schema_extra={"examples": [{"person": A_PERSON}]})

    person: PersonGiven


class Heard(Shape):
    """The same answer for everybody, known or not."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "noted"}]})

    status: Literal["noted"] = "noted"


class Queued(Shape):
    """One person on the waiting list. ``passed_over``: seats go to others before, since their
    company has as many as it may."""

    id: UUID
    position: int
    name: str
    company: CompanyName | None
    since: AwareDatetime
    awaits: AwaitsWord
    passed_over: bool

    @classmethod
    def of(cls, line: QueueLine, zone: ZoneInfo) -> Queued:
        company = line.company_id
        return cls(
            id=line.place_id,
            position=line.position,
            name=line.name,
            company=CompanyName(id=company, name=line.company_name) if company else None,
            since=line.since.astimezone(zone),
            awaits=line.awaits.value,
            passed_over=line.passed_over,
        )


async def list_queue(request: Request) -> Response:
    """All who wait, in one page: in the order of their turns. On record."""
    session = await catalogue.session(path_id(request))
    lines, now = await queue(session.seating_id), clock.now()
    who = require(request).account_id
    await look(who, session.id, now=now)
    await disclose(_shown(lines, session.id, who), now=now)
    zone = ZoneInfo(session.zone)
    items = tuple(Queued.of(line, zone) for line in lines)
    return answer(Page[Queued](items=items, next=None))


def _shown(lines: Sequence[QueueLine], session_id: UUID, actor_id: UUID) -> list[Shown]:
    return [
        Shown(
            person_id=line.person_id,
            fields=SHOWN_FIELDS,
            purpose="administration",
            basis=Basis.CONTRACT,
            road="api",
            actor_id=actor_id,
            object_id=session_id,
        )
        for line in lines
    ]


async def run_session(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_session_runs, request, path_id(request)))


async def _session_runs(request: Request, session_id: UUID) -> tuple[int, BaseModel]:
    line = await catalogue.session(session_id)
    await _run(request, line.seating_id)
    line = await catalogue.session(session_id)
    return 200, Session.of(line, await occupancy(line))


async def run_event(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_event_runs, request, (await own_event(request)).id))


async def _event_runs(request: Request, event_id: UUID) -> tuple[int, BaseModel]:
    await _run(request, (await catalogue.event(event_id)).seating_id)
    line = await catalogue.event(event_id)
    return 200, Event.of(line, await occupancy(line))


async def _run(request: Request, seating_id: UUID) -> None:
    who, house, now = require(request).account_id, settings(request), clock.now()
    await run_anyway(seating_id, actor_id=who, settings=house, now=now)


async def remove_session(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_session_removed, request, path_id(request)))


async def _session_removed(request: Request, session_id: UUID) -> tuple[int, BaseModel]:
    await delete_session(session_id, actor_id=require(request).account_id, now=clock.now())
    return 200, Made(id=session_id)


async def remove_event(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_event_removed, request, path_text(request, "id")))


async def _event_removed(request: Request, _name: str) -> tuple[int, BaseModel]:
    line = await own_event(request)
    await delete_event(line.id, actor_id=require(request).account_id, now=clock.now())
    return 200, Made(id=line.id)


async def hear(request: Request) -> Response:
    line = await training_named(path_text(request, "id"))
    if not line.published:
        raise TrainingNotFound
    given = await read_body(request)
    if "person" not in given:
        raise needed("person")
    wanted = parse(InterestWanted, given)
    contact = wanted.person.contact(language=language(request))
    return await once(request, partial(_heard, request, contact, line.id))


async def _heard(request: Request, contact: Contact, training_id: UUID) -> tuple[int, BaseModel]:
    house, now = settings(request), clock.now()
    await tell_me(contact, training_id, source=Source.API, settings=house, now=now)
    return 202, Heard()


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/sessions/{id}/queue",
        handler=list_queue,
        access=STAFF,
        who="staff",
        summary=N_("Who waits for a session, in the order of their turns"),
        text=N_("Each look is on record."),
        answers=(Page[Queued],),
    ),
    deed(
        "/sessions/{id}/run",
        run_session,
        N_("Decide that a tentative session takes place; everybody on it is told"),
        Session,
    ),
    deed(
        "/events/{id}/run",
        run_event,
        N_("Decide that a tentative event takes place; everybody on it is told"),
        Event,
    ),
    deed(
        "/sessions/{id}/delete",
        remove_session,
        N_("Delete a session that nobody ever had a place on"),
        Made,
    ),
    deed(
        "/events/{id}/delete",
        remove_event,
        N_("Delete an event that nobody was ever on"),
        Made,
    ),
    Operation(
        method="POST",
        path="/trainings/{id}/interest",
        handler=hear,
        access=ANYONE,
        who="anyone",
        summary=N_("Hear of new dates of a training by mail"),
        text=N_("The answer is the same for everybody. Each mail has a link by which it ends."),
        bodies=(InterestWanted,),
        answers=(Heard,),
        status=202,
    ),
)
