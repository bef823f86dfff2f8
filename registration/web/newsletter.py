"""Newsletters for anyone: asking for them, and confirming what was ticked here or elsewhere.

The answer to the form is the same for everybody, so that it tells nothing of who is known (P11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    Posted,
    get,
    identity,
    language,
    page_response,
    path_text,
    post,
    read_form,
    redirect,
    settings,
)
from registration.errors import Invalid
from registration.forms import Form
from registration.i18n import _
from registration.people.allowing import AskNotFound
from registration.people.rules import Purpose
from registration.people.subscribing import AskedLine, asked, confirm_asked, subscribe
from registration.people.wording import CURRENT
from registration.web.contact_form import Option, contact_given, flat, languages
from registration.web.signup import check_trap, without_trap
from registration.web.unsubscribe import HEADERS, NAMES

MAX_FIELDS = 20
FIELDS = ("first_name", "last_name", "email", "language")


@dataclass(frozen=True, slots=True)
class SubscribePage:
    """``words``: what one says yes to."""

    form: Form
    words: str
    languages: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class SubscribedPage:
    title: str


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """``asked`` are the ticks to confirm. Without any: ``done`` says what counts now, else the link
    has ended."""

    asked: tuple[AskedLine, ...]
    done: tuple[str, ...]
    action: str


async def show(request: Request) -> Response:
    who = identity(request)
    if who and who.person_id:
        return redirect("/me/consents")
    return _form(request, Form(values={"language": language(request)}))


async def ask(request: Request) -> Response:
    posted = await read_form(request, max_fields=MAX_FIELDS)
    try:
        check_trap(posted)
        given = Posted([(name, posted.get(name, "")) for name in FIELDS])
        contact = contact_given(given, known=None, language=language(request))
    except Invalid as wrong:
        form = without_trap(posted.form()).with_errors(flat(wrong.errors))
        return _form(request, form, status=422)
    await subscribe(
        contact,
        [Purpose.NEWSLETTER],
        read_in=language(request),
        settings=settings(request),
        now=clock.now(),
    )
    return redirect("/newsletter/asked")


async def was_asked(request: Request) -> Response:
    return page_response(
        request, "public/newsletter_asked.html", SubscribedPage(_("One more step"))
    )


def _form(request: Request, form: Form, *, status: int = 200) -> Response:
    words = CURRENT[Purpose.NEWSLETTER].text(language(request))
    page = SubscribePage(form, words, languages(settings(request)))
    return page_response(request, "public/newsletter.html", page, status=status)


async def look(request: Request) -> Response:
    """Opening the link confirms nothing: mail scanners open links."""
    try:
        lines = await asked(_token(request), settings=settings(request), now=clock.now())
    except AskNotFound:
        return _confirmation(request, status=404)
    return _confirmation(request, lines)


async def confirm(request: Request) -> Response:
    posted = await read_form(request, max_fields=MAX_FIELDS)
    try:
        done = await confirm_asked(
            _token(request), _ids(posted), settings=settings(request), now=clock.now()
        )
    except AskNotFound:
        return _confirmation(request, status=404)
    if not done:
        return redirect(request.url.path)
    return _confirmation(request, done=done)


def _ids(posted: Posted) -> list[UUID]:
    found: list[UUID] = []
    for given in posted.many("yes"):
        try:
            found.append(UUID(given))
        except ValueError:
            continue
    return found


def _token(request: Request) -> str:
    return path_text(request, "token")


def _confirmation(
    request: Request,
    lines: Sequence[AskedLine] = (),
    *,
    done: Sequence[Purpose] = (),
    status: int = 200,
) -> Response:
    page = ConfirmPage(tuple(lines), tuple(_(NAMES[purpose]) for purpose in done), request.url.path)
    return page_response(request, "public/confirm.html", page, headers=HEADERS, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/newsletter", show, ANYONE, name="newsletter"),
    post("/newsletter", ask, ANYONE),
    get("/newsletter/asked", was_asked, ANYONE),
    get("/consent/{token}", look, ANYONE, whose=Of.SECRET),
    post("/consent/{token}", confirm, ANYONE, whose=Of.SECRET),
)
