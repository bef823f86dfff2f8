"""From an exception to an answer: a page for people, ``application/problem+json`` (RFC 9457) for
programs. Messages are translated here; no domain knows a status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from registration.edge.answers import came_from, here, page_response, redirect
from registration.edge.call import call_of, flash, is_api
from registration.edge.refusals import (
    LoginNeeded,
    ProofNeeded,
    SecondStepNeeded,
    Stop,
    Unreadable,
)
from registration.errors import (
    Conflict,
    DomainError,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
)
from registration.i18n import N_, _

STATUSES: Sequence[tuple[type[DomainError], int]] = (
    (LoginNeeded, 401),
    (Unreadable, 400),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
)
TITLES: Mapping[int, str] = {
    400: N_("This request cannot be read"),
    401: N_("You are not logged in"),
    403: N_("This is not open to you"),
    404: N_("There is nothing here"),
    405: N_("This cannot be done here"),
    409: N_("This cannot be done now"),
    413: N_("This is too large"),
    414: N_("This is too large"),
    422: N_("Something needs a correction"),
    429: N_("Too many requests"),
    431: N_("This is too large"),
    500: N_("Something went wrong here"),
}
PROTOCOL: Mapping[int, str] = {
    404: N_("There is nothing at this address. It may have been moved or deleted."),
    405: N_("The address is right, but not for this kind of request."),
}
FAILED = N_("It is our fault, and it is on record. Nothing you sent was kept. Try again later.")
UNKNOWN = N_("This cannot be done.")


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What ``error.html`` shows; ``errors`` are texts by field, ``reference`` is for the desk."""

    status: int
    title: str
    text: str
    reference: str | None
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal, ready to be said in either way."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    reference: str | None = None


def status_of(error: DomainError) -> int:
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 422)


def problem_of(error: Exception) -> Problem:
    """What an exception says to a person, in the language now spoken."""
    if isinstance(error, DomainError):
        errors: tuple[FieldError, ...] = getattr(error, "errors", ())
        detail = _(error.message or UNKNOWN, **error.params)
        return Problem(status_of(error), error.code, detail, errors)
    if isinstance(error, Stop):
        return Problem(error.status, error.code, _(error.message))
    if isinstance(error, HTTPException):
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
        return Problem(error.status_code, code, _(PROTOCOL.get(error.status_code, UNKNOWN)))
    return Problem(500, "internal_server_error", _(FAILED))


def answer(request: Request, error: Exception, *, reference: str | None = None) -> Response:
    """The answer to ``error``; one who is not logged in is led to the login."""
    found = problem_of(error)
    headers = dict(getattr(error, "headers", None) or {})
    if is_api(request.scope):
        if found.status == 401:
            headers.setdefault("WWW-Authenticate", "Bearer")
        return problem_response(found, headers=headers, reference=reference)
    if led := _led(request, error):
        return led
    page = ErrorPage(
        status=found.status,
        title=_(TITLES.get(found.status, UNKNOWN)),
        text=found.detail,
        reference=reference,
        errors=tuple((each.field, _(each.message, **each.params)) for each in found.errors),
    )
    return page_response(request, "error.html", page, status=found.status, headers=headers)


def _led(request: Request, error: Exception) -> Response | None:
    """Where one proves more than this login has shown, with the way back kept. What was sent is
    not kept: after a proof the form is sent again from its own page."""
    asked = request.method in {"GET", "HEAD"}
    if isinstance(error, LoginNeeded):
        return _to("/login", here(request) if asked else "")
    if isinstance(error, SecondStepNeeded) and asked:
        return _to("/login/second", here(request))
    if isinstance(error, ProofNeeded):
        if not asked:
            flash(request, "wait", _(error.message))
        return _to("/login/again", here(request) if asked else came_from(request))
    return None


def _to(path: str, back: str) -> Response:
    return redirect(f"{path}?{urlencode({'next': back})}" if back else path)


def problem_response(
    found: Problem, *, headers: Mapping[str, str] | None = None, reference: str | None = None
) -> Response:
    said: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(found.status).phrase,
        "status": found.status,
        "detail": found.detail,
        "code": found.code,
        "errors": [
            {"field": each.field, "code": each.code, "message": _(each.message, **each.params)}
            for each in found.errors
        ],
    }
    if reference:
        said["instance"] = f"urn:uuid:{reference}"
    return Response(
        orjson.dumps(said),
        status_code=found.status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


async def handle(request: Request, error: Exception) -> Response:
    """Starlette's exception handler for everything that a handler may refuse with."""
    call_of(request.scope).rendered = False
    return answer(request, error)
