"""One employee's place: given up, or given to somebody else. Both ask first."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.enrolment import employees, roster, service
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceNotFound, PlaceStatus
from registration.errors import Conflict
from registration.forms import Form, Refused
from registration.i18n import _
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.company.sessions import EnrolPage
from registration.web.contact_form import contact_given, countries, flat, languages
from registration.web.said import Said, said


@dataclass(frozen=True, slots=True)
class CancelPage:
    portal: Portal
    said: Said
    name: str
    waiting: bool
    action: str
    back: str
    refused: str


async def _own(request: Request) -> tuple[Portal, PlaceLine]:
    """The place of the address and its company. Raises ``PlaceNotFound`` for others' places."""
    line = await roster.own_place(path_id(request), company_ids=require(request).companies)
    if line.company_id is None:
        raise PlaceNotFound
    return await portal_of(request, line.company_id), line


def _back(portal: Portal, line: PlaceLine) -> str:
    return portal.url(f"/company/sessions/{line.offering.id}")


async def cancel_form(request: Request) -> Response:
    portal, line = await _own(request)
    return _cancel_page(request, portal, line)


async def cancel(request: Request) -> Response:
    portal, line = await _own(request)
    try:
        await service.cancel(
            line.id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        text = _(refused.message, **refused.params)
        return _cancel_page(request, portal, line, refused=text, status=409)
    flash(request, "good", _("The place of {name} is cancelled.", name=line.name))
    return redirect(_back(portal, line))


def _cancel_page(
    request: Request, portal: Portal, line: PlaceLine, *, refused: str = "", status: int = 200
) -> Response:
    page = CancelPage(
        portal=portal,
        said=said(line.offering),
        name=line.name,
        waiting=line.status is PlaceStatus.WAITING,
        action=f"/company/places/{line.id}/cancel",
        back=_back(portal, line),
        refused=refused,
    )
    return page_response(request, "company/cancel.html", page, status=status)


async def substitute_form(request: Request) -> Response:
    portal, line = await _own(request)
    start = Form(values={"language": require(request).language})
    return _substitute_page(request, portal, line, start)


async def substitute(request: Request) -> Response:
    portal, line = await _own(request)
    who = require(request)
    given = await read_form(request, max_fields=30)
    try:
        contact = contact_given(given, known=None, language=who.language)
        await employees.substitute(
            line,
            contact,
            company_id=portal.id,
            actor_id=who.account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Refused as wrong:
        form = given.form().with_errors(flat(wrong.errors))
        return _substitute_page(request, portal, line, form, status=422)
    except Conflict as refused:
        text = _(refused.message, **refused.params)
        return _substitute_page(request, portal, line, given.form(), refused=text, status=409)
    text = _("{new} comes instead of {old}.", new=contact.full_name, old=line.name)
    flash(request, "good", text)
    return redirect(_back(portal, line))


def _substitute_page(
    request: Request,
    portal: Portal,
    line: PlaceLine,
    form: Form,
    *,
    refused: str = "",
    status: int = 200,
) -> Response:
    page = EnrolPage(
        portal=portal,
        said=said(line.offering),
        action=f"/company/places/{line.id}/substitute",
        back=_back(portal, line),
        heading=_("Somebody else instead of {name}", name=line.name),
        lead=_("The new person takes over the place, and both get a mail about it."),
        button=_("Give the place to this person"),
        form=form,
        countries=countries(form.values.get("country", "")),
        languages=languages(settings(request)),
        refused=refused,
    )
    return page_response(request, "company/enrol.html", page, status=status)


ROUTES = (
    get("/company/places/{id}/cancel", cancel_form, COORDINATORS),
    post("/company/places/{id}/cancel", cancel, COORDINATORS),
    get("/company/places/{id}/substitute", substitute_form, COORDINATORS),
    post("/company/places/{id}/substitute", substitute, COORDINATORS),
)
