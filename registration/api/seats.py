"""What is done with one place: it is moved, its offer answered, its holder let in or missed."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api.company import OFFICE
from registration.api.exchange import read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.organiser import EVENT_OFFICE
from registration.api.places import Place
from registration.api.shapes import AN_ID
from registration.api.staff import STAFF
from registration.api.wanted import unknown
from registration.catalogue import queries as catalogue
from registration.catalogue.queries import session_offering
from registration.catalogue.rules import Offering, SessionNotFound
from registration.edge import path_id, require, settings
from registration.edge.routes import Handler
from registration.enrolment import queries as enrolment
from registration.enrolment.approvals import approve, refuse
from registration.enrolment.moving import transfer
from registration.enrolment.offers import accept_offer, decline_offer
from registration.enrolment.queries import PlaceLine
from registration.enrolment.roster import own_place
from registration.enrolment.rules import By, PlaceNotFound, Why
from registration.forms import Command, parse
from registration.i18n import N_
from registration.people.rules import clean_text
from registration.teaching.absences import came_after_all, no_show


class TransferWanted(Command):
    """``session``: another date of the same training, with a free seat. ``why``: staff's reason
    when the last day to cancel has passed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"session": AN_ID}]})

    session: UUID
    why: Why | None = None


class AdmitWanted(Command):
    """``why``: the reason to let the person in although something is missing."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"why": "shown"}]})

    why: Why | None = None


class RefuseWanted(Command):
    """``reason``: the person reads it in the mail; it is kept nowhere else."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "First aid is missing."}]})

    reason: Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(clean_text)]


class NoShowWanted(Command):
    """``missed`` false takes it back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"missed": True}]})

    missed: bool = True


async def _enrolment(request: Request) -> tuple[PlaceLine, By]:
    """A place on a session, and in what part the caller acts: companies for what they took, staff
    for any. Raises ``PlaceNotFound``."""
    who = require(request)
    if Role.STAFF in who.roles:
        line = await enrolment.place(path_id(request))
        if line.offering.kind != "session":
            raise PlaceNotFound
        return line, By.STAFF
    return await own_place(path_id(request), company_ids=who.companies), By.COORDINATOR


async def _registration(request: Request) -> PlaceLine:
    """A place at an event, for staff and who organises it. Raises ``PlaceNotFound``."""
    line, who = await enrolment.place(path_id(request)), require(request)
    if line.offering.kind != "event":
        raise PlaceNotFound
    if Role.STAFF not in who.roles and not who.organises(line.offering.id):
        raise PlaceNotFound
    return line


async def move(request: Request) -> Response:
    wanted = parse(TransferWanted, await read_body(request))
    line, by = await _enrolment(request)
    try:
        to = session_offering(await catalogue.session(wanted.session))
    except SessionNotFound:
        raise unknown("session", SessionNotFound.message) from None
    return await once(request, partial(_moved, request, line, to, by, wanted.why))


async def _moved(
    request: Request, line: PlaceLine, to: Offering, by: By, why: Why | None
) -> tuple[int, BaseModel]:
    taken = await transfer(
        line.id,
        to,
        by=by,
        why=why if by is By.STAFF else None,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 201, Place.of(taken)


async def accept_enrolment(request: Request) -> Response:
    await read_nothing(request)
    line, _by = await _enrolment(request)
    return await once(request, partial(_accepted, request, line.id))


async def accept_registration(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_accepted, request, (await _registration(request)).id))


async def _accepted(request: Request, place_id: UUID) -> tuple[int, BaseModel]:
    who, house, now = require(request).account_id, settings(request), clock.now()
    return 200, Place.of(await accept_offer(place_id, actor_id=who, settings=house, now=now))


async def decline_enrolment(request: Request) -> Response:
    await read_nothing(request)
    line, _by = await _enrolment(request)
    return await once(request, partial(_declined, request, line.id))


async def decline_registration(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_declined, request, (await _registration(request)).id))


async def _declined(request: Request, place_id: UUID) -> tuple[int, BaseModel]:
    who, house, now = require(request).account_id, settings(request), clock.now()
    await decline_offer(place_id, actor_id=who, settings=house, now=now)
    return 200, await _place(place_id)


async def _place(place_id: UUID) -> Place:
    """The place as it is now."""
    line = await enrolment.place(place_id)
    return Place(
        id=line.id,
        status=line.status.value,
        position=line.position,
        until=line.until,
        awaits=line.awaits.value,
    )


async def note_absence(request: Request) -> Response:
    wanted = parse(NoShowWanted, await read_body(request))
    line, _by = await _enrolment(request)
    return await once(request, partial(_absence_noted, request, line.id, wanted.missed))


async def _absence_noted(request: Request, place_id: UUID, missed: bool) -> tuple[int, BaseModel]:
    say = no_show if missed else came_after_all
    await say(place_id, actor_id=require(request).account_id, now=clock.now())
    return 200, await _place(place_id)


async def admit(request: Request) -> Response:
    wanted = parse(AdmitWanted, await read_body(request))
    line, _by = await _enrolment(request)
    return await once(request, partial(_admitted, request, line.id, wanted.why))


async def _admitted(request: Request, place_id: UUID, why: Why | None) -> tuple[int, BaseModel]:
    who, house, now = require(request).account_id, settings(request), clock.now()
    await approve([place_id], actor_id=who, company_id=None, why=why, settings=house, now=now)
    return 200, await _place(place_id)


async def turn_away(request: Request) -> Response:
    wanted = parse(RefuseWanted, await read_body(request))
    line, _by = await _enrolment(request)
    return await once(request, partial(_turned_away, request, line.id, wanted.reason))


async def _turned_away(request: Request, place_id: UUID, reason: str) -> tuple[int, BaseModel]:
    who, house, now = require(request).account_id, settings(request), clock.now()
    await refuse([place_id], actor_id=who, company_id=None, reason=reason, settings=house, now=now)
    return 200, await _place(place_id)


def deed(
    path: str,
    handler: Handler,
    summary: str,
    shown: type[BaseModel],
    *,
    body: type[BaseModel] | None = None,
    text: str = "",
    status: int = 200,
) -> Operation:
    who, access = {
        "/enrolments": ("company", OFFICE),
        "/registrations": ("organiser", EVENT_OFFICE),
        "/events": ("organiser", EVENT_OFFICE),
    }.get(path.partition("/{")[0], ("staff", STAFF))
    if path.endswith(("/no-show", "/admit", "/refuse")):
        who, access = "staff", STAFF
    return Operation(
        method="POST",
        path=path,
        handler=handler,
        access=access,
        who=who,
        summary=summary,
        text=text,
        bodies=(body,) if body else (),
        answers=(shown,),
        status=status,
        conflicts=True,
    )


OPERATIONS: tuple[Operation, ...] = (
    deed(
        "/enrolments/{id}/transfer",
        move,
        N_("Move a place to another date of the same training"),
        Place,
        body=TransferWanted,
        text=N_("All of it or nothing: while the other date is full, the place stays."),
        status=201,
    ),
    deed(
        "/enrolments/{id}/accept",
        accept_enrolment,
        N_("Take the seat that is offered on a session"),
        Place,
    ),
    deed(
        "/enrolments/{id}/decline",
        decline_enrolment,
        N_("Decline the seat that is offered on a session; it goes on to the next"),
        Place,
    ),
    deed(
        "/registrations/{id}/accept",
        accept_registration,
        N_("Take the seat that is offered at an event"),
        Place,
    ),
    deed(
        "/registrations/{id}/decline",
        decline_registration,
        N_("Decline the seat that is offered at an event; it goes on to the next"),
        Place,
    ),
    deed(
        "/enrolments/{id}/no-show",
        note_absence,
        N_("Note that somebody did not come, or take it back"),
        Place,
        body=NoShowWanted,
    ),
    deed(
        "/enrolments/{id}/admit",
        admit,
        N_("Let in a person who was held for a check"),
        Place,
        body=AdmitWanted,
    ),
    deed(
        "/enrolments/{id}/refuse",
        turn_away,
        N_("Do not let in a person who was held for a check; they are told why"),
        Place,
        body=RefuseWanted,
    ),
)
