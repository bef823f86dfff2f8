"""What a trainer's program says to an invitation, and that results are final."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api.exchange import answer, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page
from registration.api.results import OutcomeChange
from registration.api.shapes import Shape
from registration.edge import path_id, require, roles, settings
from registration.forms import Command, parse
from registration.i18n import N_
from registration.qualifications import service as qualifications
from registration.teaching import service
from registration.teaching.history import shown_history

TRAINERS = roles(Role.TRAINER)
ROAD = "api"


class DeclineWanted(Command):
    """``because``: why, if you like to say it; the people who run the training read it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"because": "I teach elsewhere on that day."}]}
    )

    because: Annotated[str, Field(max_length=200)] = ""


class InvitationAnswered(Shape):
    session: UUID
    invitation: Literal["accepted", "declined"]


class ResultsFinal(Shape):
    """``certificates_issued``: how many were issued with this call."""

    session: UUID
    locked: bool
    certificates_issued: int


async def accept(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_accepted, request, path_id(request)))


async def _accepted(request: Request, session_id: UUID) -> tuple[int, BaseModel]:
    await service.accept(session_id, identity=require(request), now=clock.now())
    return 200, InvitationAnswered(session=session_id, invitation="accepted")


async def decline(request: Request) -> Response:
    wanted = parse(DeclineWanted, await read_body(request))
    return await once(request, partial(_declined, request, path_id(request), wanted))


async def _declined(
    request: Request, session_id: UUID, wanted: DeclineWanted
) -> tuple[int, BaseModel]:
    await service.decline(session_id, wanted.because, identity=require(request), now=clock.now())
    return 200, InvitationAnswered(session=session_id, invitation="declined")


async def lock(request: Request) -> Response:
    await read_nothing(request)
    return await once(request, partial(_locked, request, path_id(request)))


async def _locked(request: Request, session_id: UUID) -> tuple[int, BaseModel]:
    who, now = require(request), clock.now()
    await service.lock_results(session_id, identity=who, now=now)
    done = await qualifications.issue_for_session(
        session_id, actor_id=who.account_id, settings=settings(request), now=now
    )
    issued = len(done.issued)
    return 200, ResultsFinal(session=session_id, locked=True, certificates_issued=issued)


async def list_changes(request: Request) -> Response:
    history = await shown_history(
        path_id(request),
        path_id(request, "enrolment"),
        identity=require(request),
        now=clock.now(),
        road=ROAD,
    )
    zone = settings(request).time_zone
    items = tuple(OutcomeChange.of(line, zone) for line in history.changes)
    return answer(Page[OutcomeChange](items=items, next=None))


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path="/teaching/sessions/{id}/accept",
        handler=accept,
        access=TRAINERS,
        who="trainer",
        summary=N_("Accept the invitation to teach a session"),
        text=N_("From then on you see who takes part. It can be done after declining, too."),
        answers=(InvitationAnswered,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/teaching/sessions/{id}/decline",
        handler=decline,
        access=TRAINERS,
        who="trainer",
        summary=N_("Decline the invitation, or say that you cannot come after all"),
        text=N_("The people who run the training are told; you see nobody who takes part then."),
        bodies=(DeclineWanted,),
        answers=(InvitationAnswered,),
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/teaching/sessions/{id}/lock",
        handler=lock,
        access=TRAINERS,
        who="trainer",
        summary=N_("Say that the results of a session are final"),
        text=N_(
            "From the last day on, and when everybody has a result. Nothing more is recorded then "
            "until the people who run the training reopen them."
        ),
        answers=(ResultsFinal,),
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/teaching/sessions/{id}/outcomes/{enrolment}/changes",
        handler=list_changes,
        access=TRAINERS,
        who="trainer",
        summary=N_("How a result was corrected: what stood before and after, the newest first"),
        text=N_("Each look is on record, and each participant can read it."),
        answers=(Page[OutcomeChange],),
    ),
)
