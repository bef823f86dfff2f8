"""Certificates that were issued: the list, their files, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    PageNotFound,
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
from registration.forms import Command, Form
from registration.i18n import _
from registration.people.rules import Line
from registration.qualifications import queries, service
from registration.qualifications.queries import CertificateLine
from registration.web.certificates import file_response
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading

PAGE = 100


class RevocationGiven(Command):
    reason: Line


@dataclass(frozen=True, slots=True)
class CertificatesPage:
    desk: Desk
    rows: tuple[CertificateLine, ...]
    next: str


@dataclass(frozen=True, slots=True)
class RevokePage:
    desk: Desk
    line: CertificateLine
    form: Form
    action: str


async def show_all(request: Request) -> Response:
    after = request.query_params.get("after", "")
    try:
        start = UUID(after) if after else None
    except ValueError:
        raise PageNotFound from None
    lines = await queries.certificates(after=start, limit=PAGE, now=clock.now())
    more = f"/staff/certificates?after={lines[-1].id}" if len(lines) == PAGE else ""
    newest_first = sorted(lines, key=lambda line: line.number, reverse=True)
    page = CertificatesPage(desk(request), tuple(newest_first), more)
    return page_response(request, "staff/certificates.html", page)


async def download(request: Request) -> Response:
    found = await queries.certificate(path_id(request), now=clock.now())
    return await file_response(found, settings=settings(request))


async def ask_revoke(request: Request) -> Response:
    line = await queries.certificate(path_id(request), now=clock.now())
    return _answer(request, line, clean(Form()))


async def revoke(request: Request) -> Response:
    line = await queries.certificate(path_id(request), now=clock.now())
    posted = await read_form(request)
    try:
        read = Reading(posted)
        given = read.command(RevocationGiven, read.some(reason="reason"))
        await service.revoke(
            line.id, given.reason, actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return _answer(request, line, again(posted.form(), refused))
    flash(request, "good", _("Certificate {number} is revoked.", number=line.number))
    return redirect("/staff/certificates")


def _answer(request: Request, line: CertificateLine, shown: Again) -> Response:
    action = f"/staff/certificates/{line.id}/revoke"
    page = RevokePage(desk(request, shown.trouble), line, shown.form, action)
    return page_response(request, "staff/revoke.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/certificates", show_all, STAFF),
    get("/staff/certificates/{id}.pdf", download, STAFF),
    get("/staff/certificates/{id}/revoke", ask_revoke, STAFF),
    post("/staff/certificates/{id}/revoke", revoke, STAFF),
)
