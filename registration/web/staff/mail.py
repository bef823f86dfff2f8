"""Mail for staff: what was sent to whom, what is in trouble, which addresses do not work.

Never what a mail said. The words of a search are posted: names belong in no address and no log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
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
from registration.enrolment.unreached import Unreached, unreached
from registration.forms import Form
from registration.i18n import _
from registration.ledger.looks import look
from registration.mail.overview import LoggedMail, TroubledMail, log, troubled
from registration.mail.rules import MailState
from registration.mail.service import NotUnsure, leave_unsure, send_again
from registration.people.overview import found_by, names
from registration.web.contact_form import Option
from registration.web.mail_words import STATES, MailRow, kind_of, mail_row
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.ledger import Part, brief, parts

MOST = 100
LONGEST = 200


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """``to`` is whose it was, if there is somebody; the address is not kept here. ``undecided``:
    it may have gone out, and staff decide whether it is sent again."""

    line: TroubledMail
    kind: str
    to: str
    badge: str
    state: str


@dataclass(frozen=True, slots=True)
class TroublePage:
    desk: Desk
    parts: tuple[Part, ...]
    rows: tuple[TroubleRow, ...]
    unreached: tuple[Unreached, ...]


@dataclass(frozen=True, slots=True)
class LogRow:
    to: str
    mail: MailRow


@dataclass(frozen=True, slots=True)
class LogPage:
    """``asked`` False: nothing was asked yet, and ``rows`` are the latest."""

    desk: Desk
    parts: tuple[Part, ...]
    form: Form
    asked: bool
    states: tuple[Option, ...]
    rows: tuple[LogRow, ...]
    most: int


async def show_trouble(request: Request) -> Response:
    lines = await troubled()
    to = await _names(lines)
    rows = tuple(
        TroubleRow(line, kind_of(line.template), to[line.id], STATES[line.state][0], _said(line))
        for line in lines
    )
    missed = tuple(await unreached(settings=settings(request)))
    page = TroublePage(desk(request), parts(request), rows, missed)
    return page_response(request, "staff/mail.html", page)


def _said(line: TroubledMail) -> str:
    return _("Tried again") if line.state is MailState.QUEUED else _(STATES[line.state][1])


async def _names(lines: Collection[TroubledMail | LoggedMail]) -> Mapping[UUID, str]:
    """Whose each mail is; two queries, however many."""
    persons = await names(line.person_id for line in lines if line.person_id)
    accounts = await names_of(line.account_id for line in lines if line.account_id)

    def name(line: TroubledMail | LoggedMail) -> str:
        if line.person_id:
            return persons.get(line.person_id, brief(line.person_id))
        return accounts.get(line.account_id, brief(line.account_id)) if line.account_id else ""

    return {line.id: name(line) for line in lines}


async def decide(request: Request) -> Response:
    """An unsure mail is sent again, or is not. Raises ``MailNotFound``."""
    mail_id, wanted = path_id(request), (await read_form(request)).get("do", "")
    try:
        if wanted == "send":
            await send_again(mail_id, now=clock.now())
            flash(request, "good", _("The mail is sent again."))
        else:
            await leave_unsure(mail_id)
            flash(request, "good", _("The mail is not sent again."))
    except NotUnsure as late:
        flash(request, "info", _(late.message))
    return redirect("/staff/ledger/mail")


async def show_log(request: Request) -> Response:
    return await _log(request, Form(), await log(limit=MOST), asked=False)


async def find(request: Request) -> Response:
    posted = await read_form(request)
    await look(require(request).account_id, None, now=clock.now())
    words = posted.get("words", "").strip()[:LONGEST]
    wanted = posted.get("state", "")
    state = MailState(wanted) if wanted in set(MailState) else None
    whose = await found_by(words) if words else None
    lines = await log(person_ids=whose, state=state, limit=MOST) if whose != {} else []
    return await _log(request, posted.form(), lines, asked=True)


async def _log(request: Request, form: Form, lines: list[LoggedMail], *, asked: bool) -> Response:
    to = await _names(lines)
    page = LogPage(
        desk(request),
        parts(request),
        form,
        asked,
        tuple((state.value, _(label)) for state, (_badge, label) in STATES.items()),
        tuple(LogRow(to[line.id], mail_row(line)) for line in lines),
        MOST,
    )
    return page_response(request, "staff/mail_log.html", page)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/ledger/mail", show_trouble, STAFF),
    post("/staff/ledger/mail/{id}", decide, STAFF),
    get("/staff/ledger/mail/sent", show_log, STAFF),
    post("/staff/ledger/mail/sent", find, STAFF),
)
