"""After a breach: whose data could this account have seen between then and then (Art. 33, 34)."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from registration import clock
from registration.accounts.finding import accounts_by
from registration.edge import (
    Endpoint,
    PageNotFound,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import FieldError
from registration.forms import Form, Refused
from registration.i18n import DEFAULT_ZONE, N_, _
from registration.press import print_paper
from registration.privacy.breach import (
    Suspect,
    SuspectNotFound,
    ToTell,
    check_period,
    exposure,
    suspect_of,
    to_tell,
)
from registration.teaching.packs import defused
from registration.web.staff.breach_report import Report, paper_of, report_of
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.ledger import Part, parts

PATH = "/staff/ledger/breach"
LONGEST = 200
USUAL = timedelta(days=30)
NO_MOMENT = N_("Give a date and time.")
NEEDED = N_("This is needed.")


@dataclass(frozen=True, slots=True)
class BreachPage:
    """``report`` None: nothing was asked yet. ``choices``: whom the words may mean."""

    desk: Desk
    parts: tuple[Part, ...]
    form: Form
    choices: tuple[tuple[str, str], ...]
    report: Report | None
    pdf: str
    people: str


@dataclass(frozen=True, slots=True)
class _Asked:
    suspect: Suspect
    since: datetime
    until: datetime


async def show(request: Request) -> Response:
    wanted = _wanted(request)
    if wanted is None:
        return _answer(request, Form())
    asked = await _asked(request, wanted)
    found = await exposure(
        asked.suspect,
        asked.since,
        asked.until,
        actor_id=require(request).account_id,
        now=clock.now(),
    )
    report = await report_of(found, settings(request).organisation)
    values = {
        "account": str(asked.suspect.id),
        "since": _local(asked.since),
        "until": _local(asked.until),
    }
    return _answer(request, Form(values), report=report, asked=asked)


def _answer(
    request: Request,
    form: Form,
    *,
    choices: tuple[tuple[str, str], ...] = (),
    report: Report | None = None,
    asked: _Asked | None = None,
    status: int = 200,
) -> Response:
    page = BreachPage(
        desk(request),
        parts(request),
        form,
        choices,
        report,
        _address(asked, "report.pdf") if asked else "",
        _address(asked, "people.csv") if asked else "",
    )
    return page_response(request, "staff/ledger_breach.html", page, status=status)


async def _asked(request: Request, suspect_id: UUID) -> _Asked:
    """What the address asks for, in pseudonymous ids and UTC; without times, the last 30 days.
    Raises ``PageNotFound`` for an address that none of our pages leads to."""
    now = clock.now()
    given = {"since": (now - USUAL).isoformat(), "until": now.isoformat(), **request.query_params}
    suspect = await suspect_of(suspect_id)
    try:
        since, until = (datetime.fromisoformat(given[name]) for name in ("since", "until"))
        check_period(since, until, now=now)
    except (ValueError, TypeError, Refused):
        raise PageNotFound from None
    return _Asked(suspect, since, until)


def _wanted(request: Request) -> UUID | None:
    text = request.query_params.get("of", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        raise PageNotFound from None


async def find(request: Request) -> Response:
    """The account becomes an id, and the page has this in its address."""
    posted = await read_form(request)
    errors: list[FieldError] = []
    moments: dict[str, datetime] = {}
    for name in ("since", "until"):
        try:
            given = datetime.fromisoformat(posted.get(name, ""))
            local = given if given.tzinfo else given.replace(tzinfo=DEFAULT_ZONE)
            moments[name] = local.astimezone(UTC)
        except (ValueError, OverflowError):
            errors.append(FieldError(name, "datetime_parsing", NO_MOMENT))
    if len(moments) == 2:
        try:
            check_period(moments["since"], moments["until"], now=clock.now())
        except Refused as refused:
            errors += refused.errors
    meant: dict[UUID, str] = {}
    try:
        meant = await _meant(posted.get("account", "").strip()[:LONGEST])
    except Refused as refused:
        errors += refused.errors
    if errors:
        return _answer(request, posted.form().with_errors(errors), status=422)
    times = {name: moment.isoformat(timespec="minutes") for name, moment in moments.items()}
    links = tuple(
        (text, f"{PATH}?{urlencode({'of': str(each), **times})}") for each, text in meant.items()
    )
    if len(links) == 1:
        return redirect(links[0][1])
    return _answer(request, posted.form(), choices=links)


async def _meant(words: str) -> dict[UUID, str]:
    """Raises ``Refused``."""
    if not words:
        raise Refused(FieldError("account", "missing", NEEDED))
    try:
        wanted = UUID(words)
    except ValueError:
        found = await accounts_by(words)
        if found:
            return found
    else:
        try:
            return {wanted: (await suspect_of(wanted)).name}
        except SuspectNotFound:
            pass
    raise Refused(FieldError("account", "unknown", SuspectNotFound.message))


def _address(asked: _Asked, file: str) -> str:
    times = urlencode({"since": asked.since.isoformat(), "until": asked.until.isoformat()})
    return f"{PATH}/{asked.suspect.id}/{file}?{times}"


def _local(moment: datetime) -> str:
    return moment.astimezone(DEFAULT_ZONE).replace(tzinfo=None).isoformat(timespec="minutes")


async def as_pdf(request: Request) -> Response:
    asked = await _asked(request, path_id(request))
    found = await exposure(
        asked.suspect,
        asked.since,
        asked.until,
        actor_id=require(request).account_id,
        now=clock.now(),
    )
    house = settings(request).organisation
    paper = paper_of(await report_of(found, house), house)
    content = await print_paper(paper, settings=settings(request))
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="breach.pdf"'},
    )


async def people(request: Request) -> Response:
    """Whom to tell: everybody whose data it saw or could have seen, as they are read."""
    asked = await _asked(request, path_id(request))
    lines = to_tell(
        asked.suspect,
        asked.since,
        asked.until,
        actor_id=require(request).account_id,
        now=clock.now(),
    )
    headings = [_("Id"), _("Name"), _("E-mail"), _("Language of mails"), _("Seen for certain")]
    return StreamingResponse(
        _csv(lines, headings, yes=_("Yes"), no=_("No")),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="breach-people.csv"'},
    )


async def _csv(
    lines: AsyncIterator[ToTell], headings: list[str], *, yes: str, no: str
) -> AsyncIterator[bytes]:
    held = StringIO(newline="")
    writer = csv.writer(held, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    yield b"\xef\xbb\xbf"
    number = 0
    async for line in lines:
        seen = yes if line.seen else no
        name, email = defused(line.name), defused(line.email)
        writer.writerow([str(line.person_id), name, email, line.language, seen])
        number += 1
        if number % 1_000 == 0:
            yield _taken(held)
    yield _taken(held)


def _taken(held: StringIO) -> bytes:
    text = held.getvalue()
    held.seek(0)
    held.truncate()
    return text.encode()


ROUTES: tuple[Endpoint, ...] = (
    get(PATH, show, STAFF),
    post(PATH, find, STAFF),
    get(PATH + "/{id}/report.pdf", as_pdf, STAFF),
    get(PATH + "/{id}/people.csv", people, STAFF, fresh=True),
)
