"""What was said of a session, to who taught it: the same figures and comments as staff read, and
nobody's name (P7, P18)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue.queries import session_offering
from registration.edge import Endpoint, get, page_response, path_id, require, roles, settings
from registration.feedback.queries import results
from registration.feedback.teaching import taught_session
from registration.i18n import text_in
from registration.web.feedback_results import ResultsPart, results_part


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    title: str
    back: str
    part: ResultsPart


async def show(request: Request) -> Response:
    """Raises ``SessionNotFound``, ``NotAccepted``, ``AssignmentEnded``."""
    now = clock.now()
    session = await taught_session(path_id(request), require(request).account_id, now=now)
    offering = session_offering(session)
    page = FeedbackPage(
        text_in(offering.title),
        f"/trainer/sessions/{session.id}",
        results_part(offering, await results(offering), settings=settings(request), now=now),
    )
    return page_response(request, "trainer/feedback.html", page)


ROUTES: tuple[Endpoint, ...] = (get("/trainer/sessions/{id}/feedback", show, roles(Role.TRAINER)),)
