"""The invitation to teach a session: what it is about, yes or no. No participant is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue.rules import State
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    roles,
)
from registration.i18n import NATIVE_NAMES, _, text_in
from registration.teaching import queries as teaching
from registration.teaching import service
from registration.teaching.queries import Stage
from registration.teaching.rules import Invitation
from registration.web.outcome_words import rule_words
from registration.web.said import Said, said_of


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """``closed`` says why it cannot be answered any more, or is empty."""

    title: str
    said: Said
    language: str
    rule: str
    recipient: str
    people: int
    path: str
    ends_at: datetime
    invitation: Invitation
    because: str
    closed: str


async def show(request: Request) -> Response:
    now, session_id = clock.now(), path_id(request)
    assigned = await teaching.assigned_session(session_id, require(request).account_id, now=now)
    session = assigned.session
    page = InvitationPage(
        title=text_in(session.training.title),
        said=said_of(session),
        language=NATIVE_NAMES.get(session.language, ""),
        rule=rule_words(session.training),
        recipient=assigned.recipient,
        people=assigned.people,
        path=f"/trainer/sessions/{session_id}",
        ends_at=assigned.ends_at,
        invitation=assigned.invitation,
        because=assigned.declined_because,
        closed=_closed(
            assigned.refusal, assigned.stage, cancelled=session.state is State.CANCELLED
        ),
    )
    return page_response(request, "trainer/invitation.html", page)


def _closed(refusal: str, stage: Stage, *, cancelled: bool) -> str:
    if cancelled:
        return _("This session has been cancelled")
    return _(refusal) if stage is Stage.CLOSED else ""


async def accept(request: Request) -> Response:
    session_id = path_id(request)
    await service.accept(session_id, identity=require(request), now=clock.now())
    flash(request, "good", _("You have accepted. You see now who takes part."))
    return redirect(f"/trainer/sessions/{session_id}")


async def decline(request: Request) -> Response:
    because = (await read_form(request)).get("because", "")
    await service.decline(path_id(request), because, identity=require(request), now=clock.now())
    flash(request, "info", _("You have declined, and the people who run the training are told."))
    return redirect("/trainer")


TRAINER = roles(Role.TRAINER)

ROUTES: tuple[Endpoint, ...] = (
    get("/trainer/sessions/{id}/invitation", show, TRAINER),
    post("/trainer/sessions/{id}/accept", accept, TRAINER),
    post("/trainer/sessions/{id}/decline", decline, TRAINER),
)
