"""Results that are final, and how each of them came to stand."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    redirect,
    require,
    roles,
    settings,
)
from registration.errors import Conflict
from registration.i18n import _, text_in
from registration.qualifications import service as qualifications
from registration.teaching import queries as teaching
from registration.teaching import service
from registration.teaching.history import shown_history
from registration.web.outcome_words import Told, changes_told
from registration.web.trainer.session import tell_issued


@dataclass(frozen=True, slots=True)
class FinalPage:
    """``missing``: how many have no result; ``refused``: why it was not done, or empty."""

    title: str
    path: str
    people: int
    missing: int
    refused: str = ""


async def ask(request: Request) -> Response:
    return page_response(request, "trainer/final.html", await _page(request))


async def _page(request: Request, refused: str = "") -> FinalPage:
    session_id, who = path_id(request), require(request)
    assigned = await teaching.assigned_session(session_id, who.account_id, now=clock.now())
    return FinalPage(
        text_in(assigned.session.training.title),
        f"/trainer/sessions/{session_id}",
        assigned.people,
        assigned.people - assigned.decided,
        refused,
    )


async def make_final(request: Request) -> Response:
    """Nothing is recorded from now on; whoever has completed has the certificate."""
    session_id, who, now = path_id(request), require(request), clock.now()
    try:
        await service.lock_results(session_id, identity=who, now=now)
    except Conflict as refused:
        page = await _page(request, _(refused.message, **refused.params))
        return page_response(request, "trainer/final.html", page, status=409)
    done = await qualifications.issue_for_session(
        session_id, actor_id=who.account_id, settings=settings(request), now=now
    )
    flash(request, "good", _("The results are final."))
    tell_issued(request, done)
    return redirect(f"/trainer/sessions/{session_id}")


@dataclass(frozen=True, slots=True)
class HistoryPage:
    title: str
    path: str
    name: str
    company: str
    changes: tuple[Told, ...]


async def history(request: Request) -> Response:
    session_id, who, now = path_id(request), require(request), clock.now()
    shown = await shown_history(session_id, path_id(request, "place"), identity=who, now=now)
    assigned = await teaching.assigned_session(session_id, who.account_id, now=now)
    training = assigned.session.training
    page = HistoryPage(
        text_in(training.title),
        f"/trainer/sessions/{session_id}",
        shown.name,
        shown.company,
        changes_told(shown.changes, training.grade_scale, ZoneInfo(assigned.session.zone)),
    )
    return page_response(request, "trainer/history.html", page)


TRAINER = roles(Role.TRAINER)

ROUTES: tuple[Endpoint, ...] = (
    get("/trainer/sessions/{id}/final", ask, TRAINER),
    post("/trainer/sessions/{id}/final", make_final, TRAINER),
    get("/trainer/sessions/{id}/places/{place}", history, TRAINER),
)
