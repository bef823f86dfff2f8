"""Deleting what was made by mistake: a session or an event that nobody ever had a place on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catering.removing import delete_event
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    redirect,
    require,
)
from registration.enrolment.changes import delete_session
from registration.errors import Conflict
from registration.i18n import N_, _, text_in
from registration.web.said import Said, said_of
from registration.web.staff.desk import EITHER, STAFF, Desk, desk, said
from registration.web.staff.events import own_event

DELETED = {"session": N_("The session is deleted."), "event": N_("The event is deleted.")}


@dataclass(frozen=True, slots=True)
class DeletePage:
    """``kind`` is session or event."""

    desk: Desk
    kind: str
    title: str
    said: Said
    action: str
    back: str


async def ask_session(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    return _page(request, "session", line.id, text_in(line.training.title), said_of(line))


async def ask_event(request: Request) -> Response:
    line = await own_event(request)
    return _page(request, "event", line.id, text_in(line.title), said_of(line))


def _page(
    request: Request, kind: str, about: UUID, title: str, what: Said, trouble: str = ""
) -> Response:
    back = f"/staff/{kind}s/{about}"
    page = DeletePage(desk(request, trouble), kind, title, what, f"{back}/delete", back)
    return page_response(request, "staff/delete.html", page, status=409 if trouble else 200)


async def remove_session(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    try:
        await delete_session(line.id, actor_id=require(request).account_id, now=clock.now())
    except Conflict as refused:
        title = text_in(line.training.title)
        return _page(request, "session", line.id, title, said_of(line), said(refused))
    return _gone(request, "session")


async def remove_event(request: Request) -> Response:
    line = await own_event(request)
    try:
        await delete_event(line.id, actor_id=require(request).account_id, now=clock.now())
    except Conflict as refused:
        title = text_in(line.title)
        return _page(request, "event", line.id, title, said_of(line), said(refused))
    return _gone(request, "event")


def _gone(request: Request, kind: str) -> Response:
    flash(request, "good", _(DELETED[kind]))
    return redirect(f"/staff/{kind}s")


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/sessions/{id}/delete", ask_session, STAFF),
    post("/staff/sessions/{id}/delete", remove_session, STAFF),
    get("/staff/events/{id}/delete", ask_event, EITHER),
    post("/staff/events/{id}/delete", remove_event, EITHER),
)
