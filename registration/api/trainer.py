"""What a trainer's program may call: the assigned sessions, and there names and companies (P7)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api.exchange import answer, asked, read_body
from registration.api.operation import Operation
from registration.api.paging import Page, PageQuery, page_of
from registration.api.records import (
    OutcomeShown,
    OutcomesShown,
    Participant,
    TaughtSession,
)
from registration.api.shapes import Session
from registration.api.wanted import OutcomesWanted, OutcomeWanted
from registration.edge import (
    path_id,
    require,
    roles,
    settings,
)
from registration.edge.routes import UPLOAD_BODY
from registration.enrolment.queries import Occupancy, occupancies
from registration.errors import FieldError
from registration.forms import parse
from registration.i18n import N_, _
from registration.qualifications import service as qualifications
from registration.teaching import queries as teaching
from registration.teaching import service
from registration.teaching.queries import AssignedSession, Stage
from registration.teaching.rules import (
    DayOf,
    OutcomeRow,
    OutcomesRefused,
    days_of,
)

TRAINERS = roles(Role.TRAINER)
ROAD = "api"
# The service's names of a row and its fields, and ours.
OUR_WORDS = {"rows": "outcomes", "place_id": "enrolment"}


async def list_sessions(request: Request) -> Response:
    query = asked(request, PageQuery)
    assigned = await teaching.assigned_sessions(require(request).account_id, now=clock.now())
    part = page_of(
        assigned,
        query,
        key=lambda each: (each.session.starts_at.isoformat(), str(each.session.id)),
    )
    seats = await occupancies({each.session.seating_id: each.session.seats for each in part.items})
    items = tuple(_taught(each, seats[each.session.seating_id]) for each in part.items)
    return answer(Page[TaughtSession](items=items, next=part.next))


def _taught(each: AssignedSession, occupancy: Occupancy) -> TaughtSession:
    ended = each.stage is Stage.CLOSED
    return TaughtSession(
        **dict(Session.of(each.session, occupancy)),
        recipient=each.recipient,
        access_ends_at=each.ends_at,
        people=0 if ended else each.people,
        decided=0 if each.refusal else each.decided,
        closed=_(each.refusal) if each.refusal else "",
        invitation=each.invitation.value,
        locked=each.locked,
    )


async def list_participants(request: Request) -> Response:
    """All of them, in one page: by name."""
    people = await service.participants(
        path_id(request), identity=require(request), now=clock.now(), road=ROAD
    )
    items = tuple(
        Participant(id=each.place_id, name=each.name, company=each.company) for each in people
    )
    return answer(Page[Participant](items=items, next=None))


async def list_outcomes(request: Request) -> Response:
    session_id = path_id(request)
    shown = await _outcomes(request, session_id)
    return answer(Page[OutcomeShown](items=shown, next=None))


async def _outcomes(
    request: Request, session_id: UUID, *, only: Sequence[UUID] = ()
) -> tuple[OutcomeShown, ...]:
    who, now = require(request), clock.now()
    people = await service.participants(session_id, identity=who, now=now, road=ROAD)
    days = _days(await teaching.assigned_session(session_id, who.account_id, now=now))
    return tuple(
        OutcomeShown.of(each, days) for each in people if not only or each.place_id in only
    )


def _days(assigned: AssignedSession) -> tuple[DayOf, ...]:
    session = assigned.session
    return days_of([(day.id, day.starts_at) for day in session.days], zone=session.zone)


async def record(request: Request) -> Response:
    """All rows are recorded or none; who has completed has the certificate with the answer."""
    session_id, who, now = path_id(request), require(request), clock.now()
    wanted = parse(OutcomesWanted, await read_body(request))
    rows = [_row(each) for each in wanted.outcomes]
    try:
        await service.record_outcomes(session_id, rows, identity=who, now=now)
    except OutcomesRefused as refused:
        raise OutcomesRefused(*(_in_our_words(error) for error in refused.errors)) from None
    done = await qualifications.issue_for_session(
        session_id, actor_id=who.account_id, settings=settings(request), now=now
    )
    recorded = [each.enrolment for each in wanted.outcomes]
    shown = OutcomesShown(
        outcomes=await _outcomes(request, session_id, only=recorded),
        certificates_issued=len(done.issued),
        certificates_revoked=len(done.revoked),
    )
    return answer(shown)


def _row(wanted: OutcomeWanted) -> OutcomeRow:
    """What was not given is not in the row: it stays as it stands."""
    given = wanted.model_dump(exclude_unset=True, exclude={"enrolment"})
    return parse(OutcomeRow, {"place_id": wanted.enrolment, **given})


def _in_our_words(error: FieldError) -> FieldError:
    words = [OUR_WORDS.get(part, part) for part in error.field.split(".")]
    return FieldError(".".join(words), error.code, error.message, error.params)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/teaching/sessions",
        handler=list_sessions,
        access=TRAINERS,
        who="trainer",
        summary=N_("The sessions given to you to teach, by start"),
        query=PageQuery,
        answers=(Page[TaughtSession],),
    ),
    Operation(
        method="GET",
        path="/teaching/sessions/{id}/participants",
        handler=list_participants,
        access=TRAINERS,
        who="trainer",
        summary=N_("Names and companies of those you teach"),
        text=N_("Each look is on record, and each participant can read it."),
        answers=(Page[Participant],),
    ),
    Operation(
        method="GET",
        path="/teaching/sessions/{id}/outcomes",
        handler=list_outcomes,
        access=TRAINERS,
        who="trainer",
        summary=N_("What is recorded of each enrolment"),
        answers=(Page[OutcomeShown],),
    ),
    Operation(
        method="PUT",
        path="/teaching/sessions/{id}/outcomes",
        handler=record,
        access=TRAINERS,
        who="trainer",
        summary=N_("Record attendance, grade and completion"),
        text=N_(
            "All rows are recorded, or none. Whoever has completed is issued a certificate at "
            "once. Where the training has a rule, the result follows from attendance and grade; "
            "another one needs “because”. Once results are final this is refused."
        ),
        bodies=(OutcomesWanted,),
        answers=(OutcomesShown,),
        conflicts=True,
        max_body=UPLOAD_BODY,
    ),
)
