"""The privacy desk: what people asked, what waits for an answer and how long it may, and taking in
what came by letter, mail, phone or at a visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
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
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.edge.reading import Posted
from registration.enrolment.agreeing import objections
from registration.errors import DomainError
from registration.forms import Form
from registration.i18n import DEFAULT_ZONE, N_, _, format_date, language
from registration.ledger.looks import look
from registration.people.overview import names
from registration.privacy.answering import take_in
from registration.privacy.request_given import RequestGiven
from registration.privacy.request_lines import RequestLine, Sought, found, waiting
from registration.privacy.request_rules import (
    OPEN,
    Channel,
    RequestKind,
    State,
)
from registration.privacy.restrictions import waiting_restrictions
from registration.web.request_words import (
    BEHALVES,
    CHANNELS,
    KINDS,
    LOOKS,
    STATES,
    Option,
    left_text,
    options,
)
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.privacy_parts import Part, parts
from registration.web.staff.sessions import Filters
from registration.web.staff.typed import Reading, languages

UNDER = "/staff/privacy/requests"
PAGE = 50
SOON = 7
SHOWN: tuple[Option, ...] = (
    ("", N_("Waiting for an answer")),
    ("late", N_("Late")),
    *((state.value, text) for state, text in STATES.items()),
    ("all", N_("All")),
)
BY_HAND = (Channel.LETTER, Channel.MAIL, Channel.VISIT, Channel.PHONE)
NO_DAY = N_("Give a date, as 2026-04-01.")


@dataclass(frozen=True, slots=True)
class RequestRow:
    """``used`` is the share of the time that has passed, 0 to 100; ``look`` that of its badge."""

    path: str
    reference: str
    kind: str
    who: str
    state: str
    look: str
    received_at: datetime
    until: datetime
    left: str
    used: int
    tone: str
    open: bool


@dataclass(frozen=True, slots=True)
class Figures:
    waiting: int
    late: int
    unidentified: int
    soon: int
    objections: int
    restrictions: int


@dataclass(frozen=True, slots=True)
class RequestsPage:
    desk: Desk
    parts: tuple[Part, ...]
    figures: Figures
    filters: Filters
    rows: tuple[RequestRow, ...]
    next: str


@dataclass(frozen=True, slots=True)
class NewRequestPage:
    desk: Desk
    parts: tuple[Part, ...]
    form: Form
    kinds: tuple[Option, ...]
    channels: tuple[Option, ...]
    behalves: tuple[Option, ...]
    languages: tuple[Option, ...]
    today: str


async def show(request: Request) -> Response:
    now, given = clock.now(), request.query_params
    chosen, kind = given.get("state", ""), given.get("kind", "")
    words = given.get("q", "").strip()[:100]
    open_ones = await waiting()
    if chosen or kind or words:
        sought = Sought(
            states=_states(chosen),
            kind=RequestKind(kind) if kind in set(RequestKind) else None,
            late=chosen == "late",
            words=words,
        )
        lines = await found(sought, after=given.get("after", "")[:20], limit=PAGE + 1, now=now)
    else:
        lines = open_ones
    more = len(lines) > PAGE and bool(chosen or kind or words)
    shown = lines[:PAGE] if more else lines
    await look(require(request).account_id, None, now=now)
    page = RequestsPage(
        desk(request),
        parts(request),
        await _figures(open_ones, now=now),
        Filters(words, (_select("state", SHOWN, chosen), _kinds(kind))),
        await rows(shown, now=now),
        _next(shown[-1].reference, chosen, kind, words) if more else "",
    )
    return page_response(request, "staff/requests.html", page)


def _states(chosen: str) -> tuple[State, ...]:
    if chosen in set(State):
        return (State(chosen),)
    return () if chosen in {"all", "late"} else OPEN


def _select(
    name: str, choices: Sequence[Option], chosen: str
) -> tuple[str, str, tuple[Option, ...], str]:
    return (name, _("State"), tuple((value, _(text)) for value, text in choices), chosen)


def _kinds(chosen: str) -> tuple[str, str, tuple[Option, ...], str]:
    choices = (("", _("All")), *options(KINDS))
    return ("kind", _("What is asked for"), choices, chosen)


def _next(after: str, chosen: str, kind: str, words: str) -> str:
    kept = {"state": chosen, "kind": kind, "q": words, "after": after}
    return f"/staff/privacy?{urlencode({name: value for name, value in kept.items() if value})}"


async def _figures(lines: Sequence[RequestLine], *, now: datetime) -> Figures:
    left = [line.left(now) for line in lines]
    return Figures(
        waiting=len(lines),
        late=sum(days < 0 for days in left),
        unidentified=sum(line.state is State.WAITING for line in lines),
        soon=sum(0 <= days <= SOON for days in left),
        objections=len(await objections(settled=False)),
        restrictions=await waiting_restrictions(),
    )


async def rows(lines: Sequence[RequestLine], *, now: datetime) -> tuple[RequestRow, ...]:
    """Two queries, however many lines."""
    known = await names(line.person_id for line in lines if line.person_id)
    accounts = await names_of(line.account_id for line in lines if line.account_id)
    return tuple(_row(line, _who(line, known, accounts), now=now) for line in lines)


def _who(line: RequestLine, known: Mapping[UUID, str], accounts: Mapping[UUID, str]) -> str:
    """Whose data it is about; a person's account says nothing that the person does not."""
    if line.person_id is not None:
        return known.get(line.person_id, "")
    return accounts.get(line.account_id, "") if line.account_id else ""


def _row(line: RequestLine, person: str, *, now: datetime) -> RequestRow:
    days, is_open = line.left(now), line.state in OPEN
    return RequestRow(
        f"{UNDER}/{line.id}",
        line.reference,
        _(KINDS[line.kind]),
        person or line.asker or "–",
        _(STATES[line.state]),
        LOOKS[line.state],
        line.received_at,
        line.until,
        left_text(days) if is_open else "",
        _used(line, now),
        "late" if days < 0 else "soon" if days <= SOON else "",
        is_open,
    )


def _used(line: RequestLine, now: datetime) -> int:
    whole = (line.until - line.received_at).total_seconds()
    passed = (now - line.received_at).total_seconds()
    return max(0, min(100, round(100 * passed / whole))) if whole > 0 else 100


async def show_new(request: Request) -> Response:
    values = {"language": language(), "received_on": _today(), "channel": "letter"}
    return _form_page(request, clean(Form(values)))


def _today() -> str:
    return clock.now().astimezone(DEFAULT_ZONE).date().isoformat()


async def add(request: Request) -> Response:
    posted = await read_form(request)
    try:
        made = await take_in(
            request_given(posted),
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        return _form_page(request, again(posted.form(), refused))
    flash(request, "good", _("The request is in the register."))
    return redirect(f"{UNDER}/{made}")


def request_given(posted: Posted) -> RequestGiven:
    """Raises ``Refused``."""
    read = Reading(posted)
    some = read.some(
        kind="kind",
        channel="channel",
        language="language",
        behalf="behalf",
        asker_name="asker_name",
        asker_email="asker_email",
    )
    day = _day(read, "received_on")
    more: dict[str, object] = {"received_on": day} if day else {}
    for name in ("asked", "asker_contact"):  # of several lines
        more[name] = posted.get(name, "")
    return read.command(RequestGiven, some | more)


def _day(read: Reading, name: str) -> date | None:
    typed = read.text(name)
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        read.wrong(name, NO_DAY, "date")
        return None


def _form_page(request: Request, shown: Again) -> Response:
    page = NewRequestPage(
        desk(request, shown.trouble),
        parts(request),
        shown.form,
        options(KINDS),
        tuple((each.value, _(CHANNELS[each])) for each in BY_HAND),
        options(BEHALVES),
        languages(),
        _today(),
    )
    return page_response(request, "staff/request_new.html", page, status=shown.status)


def deadline_text(line: RequestLine, *, now: datetime) -> str:
    """``22.12.2026, 5 days left``."""
    return f"{format_date(line.until)}, {left_text(line.left(now))}"


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/privacy", show, STAFF),
    get(f"{UNDER}/new", show_new, STAFF),
    post(UNDER, add, STAFF),
)
