"""Versions of the privacy notice, and whether people are told of a change (P19)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    post,
    read_form,
    redirect,
    require,
)
from registration.errors import DomainError, FieldError
from registration.forms import Form
from registration.i18n import NATIVE_NAMES, _
from registration.privacy import notice_versions
from registration.privacy.datamap.parties import CATEGORY_NAMES, Category
from registration.privacy.notice_content import changes
from registration.privacy.notice_versions import (
    NoticeState,
    QuietGiven,
    SummaryGiven,
    VersionLine,
)
from registration.web.privacy_notice import number_of
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.privacy_parts import Part, parts
from registration.web.staff.typed import Reading

ADDRESS = "/staff/privacy/notices"
SUMMARY = ("fi", "sv", "en")


@dataclass(frozen=True, slots=True)
class VersionRow:
    """``by``: who decided; empty: the clock, or nobody yet."""

    line: VersionLine
    concerned: str
    by: str


@dataclass(frozen=True, slots=True)
class ToDecide:
    """The version that waits for a decision: whom it concerns, and what is another than before.
    ``told`` and ``quiet`` are its two forms."""

    row: VersionRow
    changes: tuple[str, ...]
    tell: str
    hush: str
    told: Form
    quiet: Form
    languages: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NoticesPage:
    desk: Desk
    parts: tuple[Part, ...]
    waiting: ToDecide | None
    rows: tuple[VersionRow, ...]


async def show(request: Request) -> Response:
    return await _answer(request, clean(Form()), clean(Form()))


async def tell(request: Request) -> Response:
    posted = await read_form(request)
    try:
        typed = {code: posted.get(f"summary_{code}", "") for code in SUMMARY}
        given = Reading(posted).command(SummaryGiven, typed, place=_placed)
        await notice_versions.tell_people(
            number_of(request), given, actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, again(posted.form(), refused), clean(Form()))
    flash(request, "good", _("The people whom it concerns are being told."))
    return redirect(ADDRESS)


def _placed(error: FieldError) -> str:
    return f"summary_{error.field}"


async def hush(request: Request) -> Response:
    posted = await read_form(request)
    try:
        typed = {"because": posted.get("reason", "")}
        given = Reading(posted).command(QuietGiven, typed, place=lambda error: "reason")
        await notice_versions.keep_quiet(
            number_of(request), given, actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, clean(Form()), again(posted.form(), refused))
    flash(request, "good", _("Nobody is told of this version. The reason is on record."))
    return redirect(ADDRESS)


async def _answer(request: Request, told: Again, quiet: Again) -> Response:
    lines = await notice_versions.versions()
    names = await names_of(line.decided_by for line in lines if line.decided_by)
    rows = tuple(
        VersionRow(
            line,
            _concerned(line),
            names.get(line.decided_by, "") if line.decided_by else "",
        )
        for line in lines
    )
    page = NoticesPage(
        desk(request, told.trouble or quiet.trouble),
        parts(request),
        await _to_decide(rows, told.form, quiet.form),
        rows,
    )
    status = max(told.status, quiet.status)
    return page_response(request, "staff/privacy_notices.html", page, status=status)


def _concerned(line: VersionLine) -> str:
    if set(line.concerned) == set(Category):
        return _("everybody whom we know")
    return ", ".join(_(CATEGORY_NAMES[each]) for each in line.concerned)


async def _to_decide(rows: tuple[VersionRow, ...], told: Form, quiet: Form) -> ToDecide | None:
    row = next((each for each in rows if each.line.state is NoticeState.WAITING), None)
    if row is None:
        return None
    found = await notice_versions.version(row.line.number)
    path = f"{ADDRESS}/{row.line.number}"
    return ToDecide(
        row,
        tuple(changes(found.before, found.content)) if found.before else (),
        f"{path}/tell",
        f"{path}/quiet",
        told,
        quiet,
        tuple((code, NATIVE_NAMES[code]) for code in SUMMARY),
    )


ROUTES: tuple[Endpoint, ...] = (
    get(ADDRESS, show, STAFF),
    post(f"{ADDRESS}/{{number}}/tell", tell, STAFF, fresh=True),
    post(f"{ADDRESS}/{{number}}/quiet", hush, STAFF, fresh=True),
)
