"""Who asks to become a customer: looked at, accepted with one press, or refused with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.companies import applications
from registration.companies import queries as companies
from registration.companies.applications import ApplicationLine
from registration.companies.queries import CompanyLine
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
from registration.errors import DomainError
from registration.forms import Command, Form, parse
from registration.i18n import _
from registration.people.rules import clean_text
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk


class ReasonGiven(Command):
    reason: Annotated[str, Field(min_length=1, max_length=300), BeforeValidator(clean_text)]


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """``known`` is the company on record with the same number."""

    desk: Desk
    line: ApplicationLine
    known: CompanyLine | None
    form: Form


async def show(request: Request) -> Response:
    line = await applications.application(path_id(request))
    return await _answer(request, line, clean(Form()))


async def decide(request: Request) -> Response:
    line = await applications.application(path_id(request))
    posted, who, now = await read_form(request), require(request), clock.now()
    known = await companies.same_number(line.number)
    try:
        if posted.get("do") == "accept":
            await applications.accept(
                line.id,
                company_id=known.id if known else None,
                granter=who,
                reason=_("asked to become a customer"),
                settings=settings(request),
                now=now,
            )
            text = _("{name} may enrol people and has a mail with a link.", name=line.name)
        else:
            reason = parse(ReasonGiven, {"reason": posted.get("reason", "")}).reason
            await applications.refuse(
                line.id, actor_id=who.account_id, reason=reason, settings=settings(request), now=now
            )
            text = _("The application is refused, and {name} has a mail.", name=line.name)
    except DomainError as refused:
        return await _answer(request, line, again(posted.form(), refused))
    flash(request, "good", text)
    return redirect("/staff/companies")


async def _answer(request: Request, line: ApplicationLine, shown: Again) -> Response:
    known = await companies.same_number(line.number)
    page = ApplicationPage(desk(request, shown.trouble), line, known, shown.form)
    return page_response(request, "staff/application.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/companies/applications/{id}", show, STAFF),
    post("/staff/companies/applications/{id}", decide, STAFF, fresh=True),
)
