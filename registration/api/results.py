"""Results that are final, and how each result came to be, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.api.exchange import answer, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page
from registration.api.shapes import Shape, in_zone
from registration.api.staff import STAFF
from registration.catalogue import queries as catalogue
from registration.edge import path_id, require, settings
from registration.enrolment import queries as enrolment
from registration.enrolment.rules import PlaceNotFound
from registration.forms import parse
from registration.i18n import N_
from registration.teaching.history import ChangeLine, changes_of
from registration.teaching.locking import LockLine, ReopenGiven, lock, locks_of, reopen


class OutcomeStood(Shape):
    """What stood on record at a time; ``attendance`` by the date that the day had then."""

    attendance: Mapping[date, bool]
    grade: str
    completed: bool | None
    no_show: bool
    because: str


class OutcomeChange(Shape):
    """One save that changed a result after it was first recorded; ``by`` is an account."""

    changed_at: datetime
    by: UUID | None
    before: OutcomeStood
    after: OutcomeStood

    @classmethod
    def of(cls, line: ChangeLine, zone: ZoneInfo) -> OutcomeChange:
        return cls(
            changed_at=line.changed_at.astimezone(zone),
            by=line.changed_by,
            before=OutcomeStood.model_validate(line.before, from_attributes=True),
            after=OutcomeStood.model_validate(line.after, from_attributes=True),
        )


class ResultLock(Shape):
    """``reopened_at`` null: they are final now."""

    locked_at: datetime
    reopened_at: datetime | None
    because: str

    @classmethod
    def of(cls, line: LockLine, zone: ZoneInfo) -> ResultLock:
        return cls(
            locked_at=line.locked_at.astimezone(zone),
            reopened_at=in_zone(line.reopened_at, zone),
            because=line.because,
        )


class ResultsState(Shape):
    """Whether the results of a session are final; what was said of that, the newest first."""

    locked: bool
    history: tuple[ResultLock, ...]

    @classmethod
    def of(cls, lines: Sequence[LockLine], zone: ZoneInfo) -> ResultsState:
        return cls(
            locked=any(line.reopened_at is None for line in lines),
            history=tuple(ResultLock.of(line, zone) for line in lines),
        )


async def show(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    return answer(await _state(request, line.id))


async def _state(request: Request, session_id: UUID) -> ResultsState:
    return ResultsState.of(await locks_of(session_id), settings(request).time_zone)


async def make_final(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_locked, request, path_id(request)))


async def _locked(request: Request, session_id: UUID) -> tuple[int, BaseModel]:
    await lock(session_id, actor_id=require(request).account_id, now=clock.now())
    return 200, await _state(request, session_id)


async def open_again(request: Request) -> Response:
    given = parse(ReopenGiven, await read_body(request))
    return await once(request, partial(_reopened, request, path_id(request), given))


async def _reopened(
    request: Request, session_id: UUID, given: ReopenGiven
) -> tuple[int, BaseModel]:
    await reopen(session_id, given, actor_id=require(request).account_id, now=clock.now())
    return 200, await _state(request, session_id)


async def list_changes(request: Request) -> Response:
    line = await enrolment.place(path_id(request))
    if line.offering.kind != "session":
        raise PlaceNotFound
    zone = settings(request).time_zone
    items = tuple(OutcomeChange.of(each, zone) for each in await changes_of(line.id))
    return answer(Page[OutcomeChange](items=items, next=None))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/sessions/{id}/results",
        handler=show,
        access=STAFF,
        who="staff",
        summary=N_("Whether the results of a session are final"),
        answers=(ResultsState,),
    ),
    Operation(
        method="POST",
        path="/sessions/{id}/results/lock",
        handler=make_final,
        access=STAFF,
        who="staff",
        summary=N_("Make the results of a session final"),
        text=N_("Nothing more is recorded until they are reopened."),
        answers=(ResultsState,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/sessions/{id}/results/reopen",
        handler=open_again,
        access=STAFF,
        who="staff",
        summary=N_("Reopen the results of a session, with a reason"),
        bodies=(ReopenGiven,),
        answers=(ResultsState,),
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/enrolments/{id}/changes",
        handler=list_changes,
        access=STAFF,
        who="staff",
        summary=N_("How the result of an enrolment was corrected, the newest first"),
        answers=(Page[OutcomeChange],),
    ),
)
