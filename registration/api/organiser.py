"""Events: made and changed by staff and by who organises them; food restrictions by the latter
alone (P3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import queries as accounts
from registration.accounts.grants import delegate, grant
from registration.accounts.rules import AccountNotFound, Identity, NotToOneself, Role
from registration.api.changes import changed, event_now
from registration.api.exchange import answer, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page
from registration.api.public import event_named, occupancy
from registration.api.records import GuestWithDiet, Kitchen
from registration.api.shapes import Event
from registration.api.wanted import EventWanted, parse_between, unknown
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.lines import EventLine
from registration.catalogue.rules import AlreadyCancelled, State
from registration.catering import service as catering
from registration.catering.sheets import sheet_of
from registration.db import transaction
from registration.edge import NotYours, path_text, require, roles, settings
from registration.enrolment import changes as enrolment
from registration.errors import FieldError
from registration.forms import Refused
from registration.i18n import N_

EVENT_OFFICE = roles(Role.STAFF, Role.ORGANISER)
ORGANISERS = roles(Role.ORGANISER)
STAFF_ONLY = N_("Only staff say who organises an event. Leave it out; you organise it yourself.")


async def add(request: Request) -> Response:
    who = require(request)
    if Role.STAFF not in who.roles and not who.holds(Role.ORGANISER):
        raise NotYours
    wanted = parse_between(EventWanted, await read_body(request))
    organisers = await _organisers(who, wanted)
    if who.holds(Role.ORGANISER):
        organisers = [*organisers, who.account_id]
    return await once(request, partial(_added, request, wanted, organisers))


async def _organisers(who: Identity, wanted: EventWanted) -> list[UUID]:
    """The accounts named. Raises ``Refused``."""
    if wanted.organisers and Role.STAFF not in who.roles:
        raise Refused(FieldError("organisers", "not_yours", STAFF_ONLY))
    found: list[UUID] = []
    for index, name in enumerate(wanted.organisers):
        account_id = await account_named(name, field=f"organisers.{index}")
        if account_id == who.account_id:
            raise Refused(FieldError(f"organisers.{index}", "oneself", NotToOneself.message))
        found.append(account_id)
    return found


async def account_named(name: str, *, field: str) -> UUID:
    """An account by id or e-mail address. Raises ``Refused`` at ``field``."""
    try:
        found = UUID(name)
    except ValueError:
        ids = await accounts.account_ids(name.lower())
        if not ids:
            raise unknown(field, AccountNotFound.message) from None
        return ids[0]
    try:
        line = await accounts.account(found, now=clock.now())
    except AccountNotFound:
        raise unknown(field, AccountNotFound.message) from None
    if line.ended_at is not None:
        raise unknown(field, AccountNotFound.message)
    return line.id


async def _added(
    request: Request, wanted: EventWanted, organisers: Sequence[UUID]
) -> tuple[int, BaseModel]:
    """The event and the grants of its organisers stand together."""
    who, now = require(request), clock.now()
    async with transaction():
        made = await catalogue_service.add_event(wanted, actor_id=who.account_id, now=now)
        await _give(made, organisers, who)
        line = await catalogue.event(made)
        shown = Event.of(line, await occupancy(line))
    return 201, shown


async def _give(event_id: UUID, organisers: Sequence[UUID], who: Identity) -> None:
    """Who makes an event organises it, if that is their role; the others are given it by staff."""
    now = clock.now()
    for account_id in dict.fromkeys(organisers):
        if account_id == who.account_id:
            await grant(
                account_id,
                Role.ORGANISER,
                scope_id=event_id,
                granted_by=account_id,
                reason="organises",
                now=now,
            )
        else:
            await delegate(
                who, account_id, Role.ORGANISER, scope_id=event_id, reason="organises", now=now
            )


async def own_event(request: Request) -> EventLine:
    """The event, if the caller may change it. Raises ``EventNotFound``, ``NotYours``."""
    line = await event_named(path_text(request, "id"))
    who = require(request)
    if Role.STAFF not in who.roles and not who.organises(line.id):
        raise NotYours
    return line


async def change(request: Request) -> Response:
    line, who = await own_event(request), require(request)
    given = await read_body(request)
    if line.state is State.CANCELLED:
        raise AlreadyCancelled
    wanted = parse_between(EventWanted, changed(request, event_now(line), given))
    organisers = await _organisers(who, wanted)
    async with transaction():
        await enrolment.change_event(
            line.id,
            wanted,
            actor_id=who.account_id,
            settings=settings(request),
            now=clock.now(),
        )
        await _give(line.id, organisers, who)
    after = await catalogue.event(line.id)
    return answer(Event.of(after, await occupancy(after)))


async def cancel(request: Request) -> Response:
    await read_nothing(request)
    line = await own_event(request)
    return await once(request, partial(_cancelled, request, line.id))


async def _cancelled(request: Request, event_id: UUID) -> tuple[int, BaseModel]:
    await enrolment.cancel_event(
        event_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    line = await catalogue.event(event_id)
    return 200, Event.of(line, await occupancy(line))


async def list_diets(request: Request) -> Response:
    """All guests with food restrictions, in one page: by name. On record."""
    line = await event_named(path_text(request, "id"))
    guests = await catering.diets_of_event(
        line.id,
        identity=require(request),
        road="api",
        settings=settings(request),
        now=clock.now(),
    )
    items = tuple(GuestWithDiet.of(guest) for guest in guests)
    return answer(Page[GuestWithDiet](items=items, next=None))


async def show_kitchen(request: Request) -> Response:
    line = await event_named(path_text(request, "id"))
    who, house, now = require(request), settings(request), clock.now()
    counts = await catering.kitchen_counts(line.id, identity=who, settings=house, now=now)
    sheet, _untold = await sheet_of(line.id, identity=who, settings=house, now=now)
    return answer(Kitchen.of(counts, sheet))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/events",
        handler=add,
        access=EVENT_OFFICE,
        who="organiser",
        summary=N_("Add an event"),
        text=N_("An organiser who adds an event organises it; staff name its organisers."),
        bodies=(EventWanted,),
        answers=(Event,),
        status=201,
        conflicts=True,
    ),
    *(
        Operation(
            method=method,
            path="/events/{id}",
            handler=change,
            access=EVENT_OFFICE,
            who="organiser",
            summary=summary,
            text=N_("Guests are told of a new time or place; the deletion of diets moves along."),
            bodies=(EventWanted,),
            answers=(Event,),
            conflicts=True,
        )
        for method, summary in (
            ("PATCH", N_("Change some of an event")),
            ("PUT", N_("Change all of an event")),
        )
    ),
    Operation(
        method="POST",
        path="/events/{id}/cancel",
        handler=cancel,
        access=EVENT_OFFICE,
        who="organiser",
        summary=N_("Call an event off"),
        text=N_("Everybody is told, and food restrictions are deleted at once."),
        answers=(Event,),
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/events/{id}/diets",
        handler=list_diets,
        access=ORGANISERS,
        who="organiser",
        summary=N_("Food restrictions of an event that you organise"),
        text=N_("Each look is on record. After the deletion there is nothing to show: 409."),
        answers=(Page[GuestWithDiet],),
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/events/{id}/kitchen",
        handler=show_kitchen,
        access=ORGANISERS,
        who="organiser",
        summary=N_("What the kitchen cooks by: counts, no names"),
        answers=(Kitchen,),
        conflicts=True,
    ),
)
