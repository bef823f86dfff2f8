"""One request at the privacy desk: what is to be done next, its letters, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
from registration.edge import (
    Endpoint,
    PageNotFound,
    get,
    page_response,
    path_id,
    path_text,
    require,
    settings,
)
from registration.forms import Form
from registration.i18n import (
    DEFAULT_ZONE,
    NATIVE_NAMES,
    _,
    format_date,
    format_moment,
    format_money,
)
from registration.ledger.looks import look
from registration.privacy.addressing import Destination
from registration.privacy.answering import enclosed_with, letter, to_whom
from registration.privacy.copies import FreeText, texts_of
from registration.privacy.letters import LetterKind
from registration.privacy.objectable import GROUNDS, USES
from registration.privacy.request_lines import (
    RequestDetail,
    RequestLine,
    Somebody,
    candidates,
    holder,
    somebodies,
    steps,
)
from registration.privacy.request_lines import request as find
from registration.privacy.request_next import NextStep
from registration.privacy.request_rules import (
    CARRIED_OUT,
    COPIES,
    UNDECIDED,
    Channel,
    Decision,
    Fee,
    Matched,
    latest_extension,
)
from registration.web.request_words import (
    ACTS,
    BEHALVES,
    BY_STAFF,
    CHANNELS,
    DECISIONS,
    GROUND_NAMES,
    IDENTITIES,
    KINDS,
    LETTERS,
    LOOKS,
    NEXT_STEPS,
    STATES,
    Option,
    left_text,
    options,
)
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.ledger import brief
from registration.web.staff.requests import UNDER

BLANK = Form()
Fact = tuple[str, str, str]
Entry = tuple[str, str, str]
Letter = tuple[str, str]
PARTS = 3


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of the forms on the page."""

    identities: tuple[Option, ...]
    decisions: tuple[Option, ...]
    grounds: tuple[Option, ...]
    ways: tuple[Option, ...]
    restrictions: tuple[Option, ...]
    uses: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Longer:
    """Between which days a longer time may end; None where it may not be made longer."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class RequestPage:
    """``form`` belongs to what was just sent (``sent``), all others are blank. ``account`` leads to
    the account that it is about, if that is no person's."""

    desk: Desk
    it: RequestDetail
    path: str
    kind: str
    state: str
    look: str
    left: str
    late: bool
    step: str
    step_words: str
    undecided: bool
    copies: bool
    account: str
    whose: Somebody | None
    words: str
    candidates: tuple[Somebody, ...]
    facts: tuple[Fact, ...]
    to: Destination | None
    stays: tuple[str, ...]
    texts: tuple[FreeText, ...]
    letters: tuple[Letter, ...]
    history: tuple[Entry, ...]
    choices: Choices
    longer: Longer | None
    fee_note: str
    form: Form
    sent: str


async def show(request: Request) -> Response:
    return await one_page(request)


async def one_page(
    request: Request,
    *,
    form: Form = BLANK,
    sent: str = "",
    trouble: str = "",
    status: int = 200,
) -> Response:
    """Raises ``RequestNotFound``."""
    now = clock.now()
    it = await find(path_id(request))
    line = it.line
    await look(require(request).account_id, line.id, now=now)
    whose = await _whose(line)
    words = request.query_params.get("q", line.asker or it.asker_email)[:100].strip()
    to = await to_whom(it, LetterKind.DECISION)
    enclosed = await enclosed_with(it, settings=settings(request), now=now)
    account = f"/staff/accounts/{line.account_id}" if line.account_id and not line.person_id else ""
    copies = line.kind in COPIES and not account
    page = RequestPage(
        desk=desk(request, trouble),
        it=it,
        path=f"{UNDER}/{line.id}",
        kind=_(KINDS[line.kind]),
        state=_(STATES[line.state]),
        look=LOOKS[line.state],
        left=left_text(line.left(now)) if it.next_step is not NextStep.NOTHING else "",
        late=line.late(now),
        step=it.next_step.value,
        step_words=_(NEXT_STEPS[it.next_step]),
        undecided=line.state in UNDECIDED,
        copies=copies,
        account=account,
        whose=whose,
        words=words,
        candidates=await _candidates(it, words),
        facts=_facts(it),
        to=to,
        stays=enclosed.stays,
        texts=tuple(await texts_of(line.id)) if copies and whose and it.waits else (),
        letters=_letters(it),
        history=await _history(line.id),
        choices=_choices(it, to),
        longer=_longer(it, now=now),
        fee_note=_fee_note(it),
        form=form,
        sent=sent,
    )
    return page_response(request, "staff/request.html", page, status=status)


async def _whose(line: RequestLine) -> Somebody | None:
    if line.person_id is None:
        return await holder(line.account_id) if line.account_id else None
    found = await somebodies([line.person_id])
    return found[0] if found else None


async def _candidates(it: RequestDetail, words: str) -> tuple[Somebody, ...]:
    if it.line.state not in UNDECIDED or not words:
        return ()
    return tuple(await candidates(words))


def _facts(it: RequestDetail) -> tuple[Fact, ...]:
    line = it.line
    facts: list[Fact] = [
        (_("Came"), f"{format_date(line.received_at)}, {_(CHANNELS[line.channel])}", "mail"),
        (_("Answer by"), format_date(line.until), "calendar"),
        (_("Language"), NATIVE_NAMES[line.language], "language"),
    ]
    if line.asker or it.asker_email:
        asker = ", ".join(part for part in (line.asker, it.asker_email) if part)
        facts.append((_("Who wrote"), asker, "person"))
    if line.behalf:
        facts.append((_("For whom"), _(BEHALVES[line.behalf]), "people"))
    if line.identity:
        seen = f": {it.identity_seen}" if it.identity_seen else ""
        facts.append((_("How we know who asks"), f"{_(IDENTITIES[line.identity])}{seen}", "person"))
    if it.mandate_seen:
        facts.append((_("Shows that they may"), it.mandate_seen, "done"))
    if line.extended:
        facts.append((_("Why it takes longer"), it.extended_because, "clock"))
    if it.fee:
        amount = format_money(it.fee_cents) if it.fee is Fee.CHARGED else _("Free of charge")
        facts.append((_("Fee"), amount, "dot"))
    return tuple(facts)


def _letters(it: RequestDetail) -> tuple[Letter, ...]:
    under = f"{UNDER}/{it.line.id}/letters"
    kinds = [LetterKind.RECEIVED]
    if it.identity_asked_at or it.next_step is NextStep.IDENTIFY:
        kinds.append(LetterKind.IDENTITY)
    if it.line.extended:
        kinds.append(LetterKind.EXTENSION)
    if it.line.decision is not None:
        kinds.append(LetterKind.DECISION)
    return tuple((_(LETTERS[kind]), f"{under}/{kind}.pdf") for kind in kinds)


async def _history(request_id: UUID) -> tuple[Entry, ...]:
    """(when, what, by whom), the first thing first."""
    done = await steps(request_id)
    actors = await names_of(step.actor_id for step in done if step.actor_id)
    return tuple(
        (
            format_moment(step.at),
            _(ACTS.get(step.act, step.act)),
            actors.get(step.actor_id, brief(step.actor_id)) if step.actor_id else "",
        )
        for step in done
    )


def _choices(it: RequestDetail, to: Destination | None) -> Choices:
    return Choices(
        identities=tuple((each.value, _(IDENTITIES[each])) for each in BY_STAFF),
        decisions=_decisions(it),
        grounds=options(GROUND_NAMES),
        ways=_ways(it, to),
        restrictions=tuple((each.value, _(text)) for each, text in GROUNDS.items()),
        uses=tuple((scope, _(use.what)) for scope, use in USES.items()),
    )


def _decisions(it: RequestDetail) -> tuple[Option, ...]:
    """All of them once it is decided, else those that can be taken."""
    fitting = set(Decision)
    if it.line.decision is None and it.line.matched is Matched.FOUND:
        fitting -= {Decision.NOTHING_HELD}
    if it.line.decision is None and it.line.matched is Matched.NOBODY:
        fitting -= {Decision.GRANTED, Decision.PARTLY} if it.line.kind in CARRIED_OUT else set()
    return tuple((each.value, _(text)) for each, text in DECISIONS.items() if each in fitting)


def _ways(it: RequestDetail, to: Destination | None) -> tuple[Option, ...]:
    """How this answer may go: a mail only to an address that it may go to."""
    ways: list[Option] = []
    data = it.line.decision in {Decision.GRANTED, Decision.PARTLY}
    by_login = data and it.line.kind in COPIES
    if to is not None and to.email and (to.known or not by_login):
        ways.append((Channel.MAIL.value, _("By e-mail to {address}, now", address=to.email)))
    if to is not None:
        ways.append((Channel.LETTER.value, _("By letter: it is printed and posted")))
    ways.append((Channel.VISIT.value, _("Handed over at a visit")))
    if not by_login:
        ways.append((Channel.PHONE.value, _("Said on the phone")))
    return tuple(ways)


def _longer(it: RequestDetail, *, now: datetime) -> Longer | None:
    if it.line.state not in UNDECIDED or it.line.extended or now > it.due_at:
        return None
    return Longer(
        it.due_at.astimezone(DEFAULT_ZONE).date(),
        latest_extension(it.due_at, DEFAULT_ZONE).astimezone(DEFAULT_ZONE).date(),
    )


def _fee_note(it: RequestDetail) -> str:
    if it.line.kind not in COPIES or not it.note.may_cost or it.note.free_from is None:
        return ""
    assert it.note.last_copy_at is not None  # noqa: S101 -- it may cost for that reason
    return _(
        "A copy was given on {last}, less than twelve months before. This one may cost what it "
        "costs us, if you say so and why; otherwise it is free, as it is again from {free}.",
        last=format_date(it.note.last_copy_at),
        free=format_date(it.note.free_from),
    )


async def as_pdf(request: Request) -> Response:
    """One letter. Raises ``PageNotFound`` for one that there is not."""
    kind = path_text(request, "kind").removesuffix(".pdf")
    if kind not in set(LetterKind):
        raise PageNotFound
    it = await find(path_id(request))
    if kind == LetterKind.DECISION and it.line.decision is None:
        raise PageNotFound
    if kind == LetterKind.EXTENSION and not it.line.extended:
        raise PageNotFound
    content = await letter(
        it.line.id, LetterKind(kind), settings=settings(request), now=clock.now()
    )
    name = f"{it.line.reference}-{kind}.pdf"
    return Response(
        content,
        media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


ROUTES: tuple[Endpoint, ...] = (
    get(f"{UNDER}/{{id}}", show, STAFF),
    get(f"{UNDER}/{{id}}/letters/{{kind}}.pdf", as_pdf, STAFF),
)
