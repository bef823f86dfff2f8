"""A certificate issued anew with what is on record of its holder now: before, after, and why."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
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
from registration.errors import Conflict, DomainError
from registration.forms import Command, Form
from registration.i18n import NATIVE_NAMES, _
from registration.people.rules import Line
from registration.qualifications import queries, reissuing
from registration.qualifications.queries import CertificateLine
from registration.qualifications.reissuing import Correction, Face
from registration.web.staff.certificates import UNDER, one_page
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk, said
from registration.web.staff.trainings import DESIGN_NAMES
from registration.web.staff.typed import Reading


class ReissueGiven(Command):
    reason: Line


@dataclass(frozen=True, slots=True)
class Compared:
    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class ReissuePage:
    """``changes``: anything on it would be another; else only its number and its code."""

    desk: Desk
    line: CertificateLine
    rows: tuple[Compared, ...]
    changes: bool
    form: Form
    action: str
    back: str


async def ask(request: Request) -> Response:
    line = await queries.certificate(path_id(request), now=clock.now())
    try:
        found = await reissuing.correction(line.id, now=clock.now())
    except Conflict as refused:
        return await one_page(request, line, trouble=said(refused), status=409)
    return _answer(request, line, found, clean(Form()))


async def reissue(request: Request) -> Response:
    line = await queries.certificate(path_id(request), now=clock.now())
    posted = await read_form(request)
    try:
        read = Reading(posted)
        given = read.command(ReissueGiven, read.some(reason="reason"))
        made = await reissuing.reissue(
            line.id,
            given.reason,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        stands = await queries.certificate(line.id, now=clock.now())
        return await one_page(request, stands, trouble=said(refused), status=409)
    except DomainError as refused:
        found = await reissuing.correction(line.id, now=clock.now())
        return _answer(request, line, found, again(posted.form(), refused))
    number = (await queries.certificate(made, now=clock.now())).number
    done = _("Certificate {number} takes the place of {old}.", number=number, old=line.number)
    flash(request, "good", done)
    return redirect(f"{UNDER}/{made}")


def _answer(request: Request, line: CertificateLine, found: Correction, shown: Again) -> Response:
    path = f"{UNDER}/{line.id}"
    page = ReissuePage(
        desk(request, shown.trouble),
        line,
        _compared(found.before, found.after),
        found.changes,
        shown.form,
        f"{path}/reissue",
        path,
    )
    return page_response(request, "staff/reissue.html", page, status=shown.status)


def _compared(before: Face, after: Face) -> tuple[Compared, ...]:
    return (
        Compared(_("Name"), before.person_name, after.person_name),
        Compared(_("Company"), before.company_name, after.company_name),
        Compared(_("Language"), NATIVE_NAMES[before.language], NATIVE_NAMES[after.language]),
        Compared(_("Training"), before.training_title, after.training_title),
        Compared(_("Look"), _(DESIGN_NAMES[before.design]), _(DESIGN_NAMES[after.design])),
    )


ROUTES: tuple[Endpoint, ...] = (
    get(f"{UNDER}/{{id}}/reissue", ask, STAFF),
    post(f"{UNDER}/{{id}}/reissue", reissue, STAFF),
)
