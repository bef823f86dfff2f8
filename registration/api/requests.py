"""What staff's programs may call of the privacy desk: a request comes in from a system of letters,
and its way is followed. What deletes or copies a person's data is done on the pages alone."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api import paging
from registration.api.exchange import answer, asked, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page, PageQuery
from registration.api.shapes import Shape, in_zone
from registration.api.wanted import unknown
from registration.edge import path_id, require, roles, settings
from registration.forms import Command, parse
from registration.i18n import N_
from registration.people.rules import PersonNotFound
from registration.privacy import answering
from registration.privacy.request_given import (
    DecisionGiven,
    IdentityGiven,
    RequestGiven,
    Short,
)
from registration.privacy.request_lines import RequestDetail, RequestLine, Sought, found
from registration.privacy.request_lines import request as find
from registration.privacy.request_next import NextStep
from registration.privacy.request_rules import (
    Behalf,
    Channel,
    Decision,
    Ground,
    Identity,
    Matched,
    RequestKind,
    State,
)
from registration.privacy.requests import decide, identify, match, withdraw

STAFF = roles(Role.STAFF)


class RequestWanted(RequestGiven):
    """``person``: whose data it is about, if that is known already."""

    person: UUID | None = None


class PersonWanted(Command):
    """``person`` null: there is no such person here."""

    person: UUID | None


class ExtensionWanted(Command):
    """``until``: the new last day. ``because`` is told to whoever asked."""

    until: date
    because: Annotated[Short, Field(min_length=1)]


class RequestQuery(PageQuery):
    """``late``: only those that should have had an answer by now."""

    state: Literal["received", "waiting", "in-hand", "decided", "answered", "withdrawn"] | None = (
        None
    )
    kind: (
        Literal[
            "access",
            "portability",
            "rectification",
            "erasure",
            "restriction",
            "objection",
            "no-marketing",
            "withdraw-consent",
            "complaint",
            "other",
        ]
        | None
    ) = None
    person: UUID | None = None
    late: bool = False


class RightsRequest(Shape):
    """Ids, states and times; what somebody wrote is shown by the request's own call. ``until``: by
    when it must be answered; ``next``: what is to be done."""

    id: UUID
    reference: str
    kind: RequestKind
    channel: Channel
    state: State
    language: str
    person: UUID | None
    matched: Matched
    behalf: Behalf
    identity: Identity
    received_at: datetime
    until: datetime
    extended: bool
    late: bool
    decision: Decision | None
    answered_at: datetime | None

    @classmethod
    def of(cls, line: RequestLine, zone: ZoneInfo, *, now: datetime) -> RightsRequest:
        return cls(
            id=line.id,
            reference=line.reference,
            kind=line.kind,
            channel=line.channel,
            state=line.state,
            language=line.language,
            person=line.person_id,
            matched=line.matched,
            behalf=line.behalf,
            identity=line.identity,
            received_at=line.received_at.astimezone(zone),
            until=line.until.astimezone(zone),
            extended=line.extended,
            late=line.late(now),
            decision=line.decision,
            answered_at=in_zone(line.answered_at, zone),
        )


class PartShown(Shape):
    what: str
    decision: Decision
    because: str


class RequestShown(Shape):
    """One request with its words. ``may_cost``: a copy was given less than twelve months before;
    it is free all the same unless a human says otherwise."""

    request: RightsRequest
    next: NextStep
    asked: str
    asker: str
    asker_email: str
    may_cost: bool
    ground: Ground
    because: str
    parts: tuple[PartShown, ...]
    carried_out_at: datetime | None

    @classmethod
    def of(cls, it: RequestDetail, zone: ZoneInfo, *, now: datetime) -> RequestShown:
        return cls(
            request=RightsRequest.of(it.line, zone, now=now),
            next=it.next_step,
            asked=it.asked,
            asker=it.line.asker,
            asker_email=it.asker_email,
            may_cost=it.note.may_cost,
            ground=it.ground,
            because=it.because,
            parts=tuple(
                PartShown(what=part.what, decision=part.decision, because=part.because)
                for part in it.parts
            ),
            carried_out_at=in_zone(it.carried_out_at, zone),
        )


async def list_requests(request: Request) -> Response:
    query, now = asked(request, RequestQuery), clock.now()
    sought = Sought(
        states=(State(query.state),) if query.state else (),
        kind=RequestKind(query.kind) if query.kind else None,
        late=query.late,
        person_id=query.person,
    )
    after = paging.read(query.cursor, 1)[0] if query.cursor else ""
    lines = await found(sought, after=after, limit=query.limit + 1, now=now)
    part = paging.page(lines, query.limit, key=lambda line: (line.reference,))
    zone = settings(request).time_zone
    items = tuple(RightsRequest.of(line, zone, now=now) for line in part.items)
    return answer(Page[RightsRequest](items=items, next=part.next))


async def show_request(request: Request) -> Response:
    it = await find(path_id(request))
    return answer(RequestShown.of(it, settings(request).time_zone, now=clock.now()))


async def open_request(request: Request) -> Response:
    given = parse(RequestWanted, await read_body(request))
    return await once(request, partial(_opened, request, given))


async def _opened(request: Request, given: RequestWanted) -> tuple[int, BaseModel]:
    plain = RequestGiven.model_validate(given.model_dump(exclude={"person"}))
    try:
        made = await answering.take_in(
            plain,
            person_id=given.person,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except PersonNotFound:
        raise unknown("person", PersonNotFound.message) from None
    return 201, await _line(request, made)


async def _line(request: Request, request_id: UUID) -> RightsRequest:
    it = await find(request_id)
    return RightsRequest.of(it.line, settings(request).time_zone, now=clock.now())


async def name_person(request: Request) -> Response:
    given = parse(PersonWanted, await read_body(request))
    return await once(request, partial(_matched, request, path_id(request), given))


async def _matched(
    request: Request, request_id: UUID, given: PersonWanted
) -> tuple[int, BaseModel]:
    me = require(request).account_id
    try:
        await match(request_id, given.person, actor_id=me, now=clock.now())
    except PersonNotFound:
        raise unknown("person", PersonNotFound.message) from None
    return 200, await _line(request, request_id)


async def note_identity(request: Request) -> Response:
    given = parse(IdentityGiven, await read_body(request))
    return await once(request, partial(_identified, request, path_id(request), given))


async def _identified(
    request: Request, request_id: UUID, given: IdentityGiven
) -> tuple[int, BaseModel]:
    me = require(request).account_id
    await identify(request_id, given, actor_id=me, now=clock.now())
    return 200, await _line(request, request_id)


async def make_longer(request: Request) -> Response:
    given = parse(ExtensionWanted, await read_body(request))
    return await once(request, partial(_longer, request, path_id(request), given))


async def _longer(
    request: Request, request_id: UUID, given: ExtensionWanted
) -> tuple[int, BaseModel]:
    await answering.prolong(
        request_id,
        given.until,
        given.because,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 200, await _line(request, request_id)


async def decide_request(request: Request) -> Response:
    given = parse(DecisionGiven, await read_body(request))
    return await once(request, partial(_decided, request, path_id(request), given))


async def _decided(
    request: Request, request_id: UUID, given: DecisionGiven
) -> tuple[int, BaseModel]:
    me = require(request).account_id
    await decide(request_id, given, actor_id=me, now=clock.now())
    return 200, await _line(request, request_id)


async def withdraw_request(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_withdrawn, request, path_id(request)))


async def _withdrawn(request: Request, request_id: UUID) -> tuple[int, BaseModel]:
    await withdraw(request_id, actor_id=require(request).account_id, now=clock.now())
    return 200, await _line(request, request_id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/requests",
        handler=list_requests,
        access=STAFF,
        who="staff",
        summary=N_("Requests about personal data, the newest first"),
        query=RequestQuery,
        answers=(Page[RightsRequest],),
    ),
    Operation(
        method="POST",
        path="/requests",
        handler=open_request,
        access=STAFF,
        who="staff",
        summary=N_("Put a request that came into the register"),
        text=N_("Its month runs from “received_on”, else from today."),
        bodies=(RequestWanted,),
        answers=(RightsRequest,),
        status=201,
    ),
    Operation(
        method="GET",
        path="/requests/{id}",
        handler=show_request,
        access=STAFF,
        who="staff",
        summary=N_("One request, with what was asked and decided"),
        answers=(RequestShown,),
    ),
    Operation(
        method="POST",
        path="/requests/{id}/person",
        handler=name_person,
        access=STAFF,
        who="staff",
        summary=N_("Say whose data a request is about, or that there is no such person"),
        bodies=(PersonWanted,),
        answers=(RightsRequest,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/requests/{id}/identity",
        handler=note_identity,
        access=STAFF,
        who="staff",
        summary=N_("Note how it was made sure who asks"),
        text=N_("“seen” says what was looked at; the number of a document is refused."),
        bodies=(IdentityGiven,),
        answers=(RightsRequest,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/requests/{id}/extension",
        handler=make_longer,
        access=STAFF,
        who="staff",
        summary=N_("Make the time for the answer longer, once, by two months at most"),
        bodies=(ExtensionWanted,),
        answers=(RightsRequest,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/requests/{id}/decision",
        handler=decide_request,
        access=STAFF,
        who="staff",
        summary=N_("Decide on a request, as a whole or part by part"),
        text=N_("What was granted is carried out and answered on the pages of the desk."),
        bodies=(DecisionGiven,),
        answers=(RightsRequest,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/requests/{id}/withdraw",
        handler=withdraw_request,
        access=STAFF,
        who="staff",
        summary=N_("Close a request: they no longer ask"),
        answers=(RightsRequest,),
        conflicts=True,
    ),
)
