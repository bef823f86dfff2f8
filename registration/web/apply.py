"""Who asks to become a customer: a public form with one answer for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.companies.applications import apply
from registration.companies.rules import ApplicationGiven
from registration.edge import (
    ANYONE,
    Endpoint,
    get,
    language,
    limit,
    page_response,
    post,
    read_form,
    redirect,
    settings,
)
from registration.edge.limits import Limit
from registration.forms import Form, Refused, parse
from registration.web.company.billing import placed
from registration.web.contact_form import Option, languages

APPLICATIONS = Limit("applications", 10, timedelta(hours=1))
FIELDS = ("company", "business_id", "vat_number", "name", "email", "language")


@dataclass(frozen=True, slots=True)
class ApplyPage:
    form: Form
    languages: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class AppliedPage:
    pass


async def show(request: Request) -> Response:
    return _answer(request, Form(values={"language": language(request)}))


async def send(request: Request) -> Response:
    """Kept for staff; a form that a program filled in is thanked for and thrown away."""
    await limit(request, APPLICATIONS)
    posted = await read_form(request, max_fields=20)
    try:
        given = parse(ApplicationGiven, {name: posted.get(name, "") for name in FIELDS})
    except Refused as refused:
        form = posted.form().with_errors(placed(refused.errors))
        return _answer(request, form, status=422)
    if not posted.get("website", ""):
        await apply(given, now=clock.now())
    return redirect("/company/apply/sent")


async def sent(request: Request) -> Response:
    return page_response(request, "company/applied.html", AppliedPage())


def _answer(request: Request, form: Form, *, status: int = 200) -> Response:
    page = ApplyPage(form, languages(settings(request)))
    return page_response(request, "company/apply.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/company/apply", show, ANYONE),
    post("/company/apply", send, ANYONE),
    get("/company/apply/sent", sent, ANYONE),
)
