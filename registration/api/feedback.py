"""What was said of a session, as figures: to staff, and to who taught it (P18)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.api.exchange import answer
from registration.api.operation import Operation
from registration.api.shapes import Shape, Texts
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.queries import session_offering
from registration.edge import path_id, require, roles
from registration.feedback.queries import Part, SurveyLine, results
from registration.feedback.rules import OWN, SCORES, Tally
from registration.feedback.teaching import taught_session
from registration.i18n import N_


class FeedbackTally(Shape):
    """How a question was answered; ``counts`` says how many gave each score from 1 to 5. ``text``
    is that of a question of one's own, else empty."""

    question: str
    text: Texts
    counts: dict[str, int]
    mean: float | None


class FeedbackPart(Shape):
    """What came by one way: from people's places (``place``), or by the code in the room
    (``code``). ``given`` have answered, ``read`` of them are in the figures."""

    way: str
    given: int
    read: int
    questions: tuple[FeedbackTally, ...]


class SessionFeedback(Shape):
    """``closed_at`` is null while answers are taken."""

    session: UUID
    closes_at: datetime
    closed_at: datetime | None
    parts: tuple[FeedbackPart, ...]


async def show(request: Request) -> Response:
    """Raises ``SessionNotFound``, ``NotAccepted``, ``AssignmentEnded``."""
    session = await _session(request)
    found = await results(session_offering(session))
    shown = SessionFeedback(
        session=session.id,
        closes_at=found.closes_at,
        closed_at=found.survey.closed_at,
        parts=tuple(_part(part, found.survey) for part in found.parts),
    )
    return answer(shown)


async def _session(request: Request) -> SessionLine:
    who, session_id = require(request), path_id(request)
    if Role.STAFF in who.roles:
        return await catalogue.session(session_id)
    return await taught_session(session_id, who.account_id, now=clock.now())


def _part(part: Part, survey: SurveyLine) -> FeedbackPart:
    return FeedbackPart(
        way=part.way.value,
        given=part.given,
        read=part.read,
        questions=tuple(_tally(each, survey) for each in part.tallies),
    )


def _tally(tally: Tally, survey: SurveyLine) -> FeedbackTally:
    own = tally.question in OWN
    return FeedbackTally(
        question=tally.question.value,
        text=survey.own[OWN.index(tally.question)] if own else {},
        counts={str(score): many for score, many in zip(SCORES, tally.counts, strict=True)},
        mean=tally.mean,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/sessions/{id}/feedback",
        handler=show,
        access=roles(Role.STAFF, Role.TRAINER),
        who="staff",
        summary=N_("What was said of a session, as figures"),
        text=N_(
            "Answers are counted in groups of three or more, so that nobody's can be told apart; "
            "the last of them when the survey closes. A trainer sees the sessions that they taught."
        ),
        answers=(SessionFeedback,),
    ),
)
