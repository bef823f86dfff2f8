"""Who may enrol for the company: its coordinators see each other, invite, and end (P14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.overview import Holder
from registration.accounts.rules import AccountExists
from registration.accounts.service import invite
from registration.companies import queries as companies
from registration.companies.coordinators import coordinators, end_coordinator, name_approvers
from registration.companies.rules import ApproverNotCoordinator
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
    settings,
)
from registration.errors import Conflict, FieldError
from registration.forms import Command, Form, Refused, parse
from registration.i18n import _
from registration.people.rules import Email, Language, Line, clean_text
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.contact_form import Option, languages


class InviteGiven(Command):
    email: Email
    name: Annotated[Line, Field(min_length=1, max_length=202)]
    reason: Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=200)]
    language: Language = "fi"


@dataclass(frozen=True, slots=True)
class AccessPage:
    """``me``: the reader. ``approvers`` are accounts; ``trouble`` says why nothing was done."""

    portal: Portal
    people: tuple[Holder, ...]
    approvers: frozenset[UUID]
    me: UUID
    trouble: str
    form: Form
    languages: tuple[Option, ...]


async def show(request: Request) -> Response:
    portal = await portal_of(request)
    return await _answer(request, portal, Form(values={"language": require(request).language}))


async def add(request: Request) -> Response:
    portal, posted = await portal_of(request), await read_form(request)
    try:
        given = parse(
            InviteGiven, {name: posted.get(name, "") for name in InviteGiven.model_fields}
        )
        await invite(
            given.email,
            given.name,
            company_id=portal.id,
            company=portal.name,
            language=given.language,
            granter=require(request),
            reason=given.reason,
            settings=settings(request),
            now=clock.now(),
        )
    except Refused as refused:
        form = posted.form().with_errors(refused.errors)
        return await _answer(request, portal, form, status=422)
    except AccountExists as refused:
        error = FieldError("email", refused.code, refused.message)
        return await _answer(request, portal, posted.form().with_errors([error]), status=409)
    flash(request, "good", _("The invitation is on its way. It says how to log in."))
    return redirect(portal.url("/company/access"))


async def end(request: Request) -> Response:
    """A colleague's access or one's own; the last one's is for staff."""
    portal, who, now = await portal_of(request), require(request), clock.now()
    known = await coordinators(portal.id, now=now)
    grant_id = path_id(request, "grant")
    own = grant_id in {each.grant_id for each in known if each.account_id == who.account_id}
    try:
        await end_coordinator(portal.id, grant_id, actor_id=who.account_id, now=now)
    except Conflict as refused:
        start = Form(values={"language": who.language})
        trouble = _(refused.message, **refused.params)
        return await _answer(request, portal, start, trouble=trouble, status=409)
    if own:
        flash(request, "good", _("You no longer enrol for {company}.", company=portal.name))
        return redirect("/")
    flash(request, "good", _("This person no longer enrols for you."))
    return redirect(portal.url("/company/access"))


async def approvers(request: Request) -> Response:
    """Those who are ticked approve what the others book."""
    portal, who = await portal_of(request), require(request)
    posted = await read_form(request)
    try:
        ids = {UUID(text) for text in posted.many("approver")}
        await name_approvers(portal.id, ids, actor_id=who.account_id, now=clock.now())
    except ValueError:
        raise ApproverNotCoordinator from None
    if ids:
        text = _("What others book waits from now on until it is approved.")
    else:
        text = _("Nothing that is booked from now on waits for approval.")
    flash(request, "good", text)
    return redirect(portal.url("/company/access"))


async def _answer(
    request: Request, portal: Portal, form: Form, *, trouble: str = "", status: int = 200
) -> Response:
    now = clock.now()
    page = AccessPage(
        portal,
        tuple(await coordinators(portal.id, now=now)),
        await companies.approvers(portal.id, now=now),
        require(request).account_id,
        trouble,
        form,
        languages(settings(request)),
    )
    return page_response(request, "company/access.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/company/access", show, COORDINATORS),
    post("/company/access", add, COORDINATORS, fresh=True),
    post("/company/access/approvers", approvers, COORDINATORS, fresh=True),
    post("/company/access/{grant}/end", end, COORDINATORS, fresh=True),
)
