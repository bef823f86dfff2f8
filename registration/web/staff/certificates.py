"""Certificates that were issued: the search, one with its history, its file, and taking it back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

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
from registration.i18n import N_, _, text_in
from registration.ledger.looks import look
from registration.people.rules import Line
from registration.qualifications import handing_out, queries, service, telling
from registration.qualifications.holders import Sought, find
from registration.qualifications.queries import CertificateLine
from registration.qualifications.rules import Standing
from registration.qualifications.sessions import session_of
from registration.teaching.packs import grade_words
from registration.web.certificates import Issue, because, issue_of, pdf_response
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.sessions import Filters
from registration.web.staff.typed import Reading
from registration.web.validity import Validity, validity_of

PAGE = 100
UNDER = "/staff/certificates"
STANDINGS: tuple[tuple[Standing, str], ...] = (
    (Standing.VALID, N_("Valid")),
    (Standing.ENDING, N_("Ends soon")),
    (Standing.EXPIRED, N_("Expired")),
    (Standing.REVOKED, N_("Revoked")),
    (Standing.REPLACED, N_("Replaced")),
)
_NUMBER = re.compile(r"\d{4}-\d{6,}\Z")


class RevocationGiven(Command):
    reason: Line


@dataclass(frozen=True, slots=True)
class CertificatesPage:
    desk: Desk
    filters: Filters
    rows: tuple[CertificateLine, ...]
    next: str


@dataclass(frozen=True, slots=True)
class CertificatePage:
    """``session``: the page of its session's certificates, and its title. ``stands``: it is not
    revoked."""

    desk: Desk
    line: CertificateLine
    path: str
    grade: str
    validity: Validity
    ended_because: str
    others: tuple[Issue, ...]
    session: tuple[str, str] | None
    stands: bool


@dataclass(frozen=True, slots=True)
class RevokePage:
    desk: Desk
    line: CertificateLine
    form: Form
    action: str
    back: str


async def show_all(request: Request) -> Response:
    now, given = clock.now(), request.query_params
    before = given.get("before", "")
    if before and not _NUMBER.match(before):
        raise PageNotFound
    chosen = given.get("standing", "")
    sought = Sought(
        words=given.get("q", "").strip()[:100],
        standing=Standing(chosen) if chosen in set(Standing) else None,
        before=before,
    )
    lines = await find(sought, limit=PAGE + 1, now=now)
    await look(require(request).account_id, None, now=now)
    filters = Filters(sought.words, (_choice(sought.standing),))
    page = CertificatesPage(desk(request), filters, tuple(lines[:PAGE]), _next(sought, lines))
    return page_response(request, "staff/certificates.html", page)


def _choice(chosen: Standing | None) -> tuple[str, str, tuple[tuple[str, str], ...], str]:
    options = (("", _("All")), *((each.value, _(label)) for each, label in STANDINGS))
    return ("standing", _("State"), options, chosen.value if chosen else "")


def _next(sought: Sought, lines: list[CertificateLine]) -> str:
    if len(lines) <= PAGE:
        return ""
    kept = {
        "q": sought.words,
        "standing": sought.standing.value if sought.standing else "",
        "before": lines[PAGE - 1].number,
    }
    return f"{UNDER}?{urlencode({name: value for name, value in kept.items() if value})}"


async def show(request: Request) -> Response:
    return await one_page(request, await _line(request))


async def _line(request: Request) -> CertificateLine:
    return await queries.certificate(path_id(request), now=clock.now())


async def one_page(
    request: Request, line: CertificateLine, *, trouble: str = "", status: int = 200
) -> Response:
    now = clock.now()
    await handing_out.look(line.id, line.person_id, actor_id=require(request).account_id, now=now)
    page = CertificatePage(
        desk=desk(request, trouble),
        line=line,
        path=f"{UNDER}/{line.id}",
        grade=grade_words(line.grade, line.grade_scale),
        validity=validity_of(line, now=now),
        ended_because=because(line),
        others=await _others(line, now=now),
        session=await _session(line),
        stands=line.revoked_at is None,
    )
    return page_response(request, "staff/certificate.html", page, status=status)


async def _others(line: CertificateLine, *, now: datetime) -> tuple[Issue, ...]:
    issues = await queries.certificates_of_place(line.place_id, now=now)
    return tuple(issue_of(each, UNDER) for each in issues if each.id != line.id)


async def _session(line: CertificateLine) -> tuple[str, str] | None:
    found = await session_of(line.place_id)
    if found is None:
        return None
    return f"/staff/sessions/{found.id}/certificates", text_in(found.training.title)


async def download(request: Request) -> Response:
    line = await _line(request)
    content = await handing_out.file(
        line.id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return pdf_response(line.number, content)


async def resend(request: Request) -> Response:
    line = await _line(request)
    try:
        await telling.resend(
            line.id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        shown = again(Form(), refused)
        return await one_page(request, line, trouble=shown.trouble, status=shown.status)
    flash(request, "good", _("The mail is on its way to its holder."))
    return redirect(f"{UNDER}/{line.id}")


async def ask_revoke(request: Request) -> Response:
    return _answer(request, await _line(request), clean(Form()))


async def revoke(request: Request) -> Response:
    line = await _line(request)
    posted = await read_form(request)
    try:
        read = Reading(posted)
        given = read.command(RevocationGiven, read.some(reason="reason"))
        await service.revoke(
            line.id,
            given.reason,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        return _answer(request, line, again(posted.form(), refused))
    flash(request, "good", _("Certificate {number} is revoked.", number=line.number))
    return redirect(f"{UNDER}/{line.id}")


def _answer(request: Request, line: CertificateLine, shown: Again) -> Response:
    path = f"{UNDER}/{line.id}"
    page = RevokePage(desk(request, shown.trouble), line, shown.form, f"{path}/revoke", path)
    return page_response(request, "staff/revoke.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get(UNDER, show_all, STAFF),
    get(f"{UNDER}/{{id}}", show, STAFF),
    get(f"{UNDER}/{{id}}.pdf", download, STAFF),
    post(f"{UNDER}/{{id}}/resend", resend, STAFF),
    get(f"{UNDER}/{{id}}/revoke", ask_revoke, STAFF),
    post(f"{UNDER}/{{id}}/revoke", revoke, STAFF),
)
