"""What a person may ask of us, what they asked, and what became of it (P11, P12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    Posted,
    flash,
    get,
    language,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    settings,
)
from registration.errors import Conflict, FieldError, NotFound
from registration.forms import MESSAGES, Form, Refused, parse
from registration.i18n import N_, _
from registration.people.rules import clean_text
from registration.privacy.held import HeldTable, held_in_words
from registration.privacy.held_codes import CODES
from registration.privacy.objectable import GROUNDS, USES, Ground
from registration.privacy.request_given import MOST_ASKED, RequestGiven
from registration.privacy.request_lines import RequestDetail
from registration.privacy.request_lines import request as request_detail
from registration.privacy.request_rules import (
    UNDECIDED,
    Channel,
    Identity,
    RequestKind,
    RequestNotFound,
)
from registration.privacy.requests import (
    RequestLine,
    open_request,
    requests_of,
    withdraw,
)
from registration.privacy.restrictions import (
    LONGEST_REASON,
    AlreadyRestricted,
    RestrictionLine,
    lift,
    object_to,
    restrict,
    restrictions_of,
)
from registration.web.me import OWN, own_id

HERE = "/me/rights"
ASKABLE: Mapping[RequestKind, str] = {
    RequestKind.RECTIFICATION: N_("Something that is held on me is wrong"),
    RequestKind.OBJECTION: N_("I object to something that you do with my data"),
    RequestKind.COMPLAINT: N_("I am not content with how my data is looked after"),
    RequestKind.OTHER: N_("Something else"),
}
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class MyRestriction:
    """``what`` it is and what it does, in words; ``outcome`` what was decided, or empty."""

    id: UUID
    what: str
    effect: str
    because: str
    made_at: datetime
    due_at: datetime | None
    outcome: str
    reason: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class MyRequest:
    """``url`` leads to what was answered, if that is more than stands here."""

    id: UUID
    reference: str
    what: str
    received_at: datetime
    state: str
    badge: str
    due_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class RightsPage:
    restrictions: tuple[MyRestriction, ...]
    ended: tuple[MyRestriction, ...]
    requests: tuple[MyRequest, ...]
    holds: HeldTable | None


@dataclass(frozen=True, slots=True)
class RestrictPage:
    """``options``: (value, words, what it does). ``objects``: it is about objecting to one use,
    else about restricting all."""

    form: Form
    options: tuple[tuple[str, str, str], ...]
    objects: bool
    refused: str


@dataclass(frozen=True, slots=True)
class AskPage:
    form: Form
    kinds: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MyRequestPage:
    line: MyRequest
    detail: RequestDetail
    decision: str
    ground: str
    parts: tuple[tuple[str, str, str], ...]
    can_withdraw: bool


async def home(request: Request) -> Response:
    _who, person_id = own_id(request)
    lines = [_restriction(line) for line in await restrictions_of(person_id)]
    held = await held_in_words(
        person_id,
        limit=None,
        only="hold",
        schedule=settings(request).organisation.retention,
    )
    page = RightsPage(
        restrictions=tuple(line for line in lines if line.ended_at is None),
        ended=tuple(line for line in lines if line.ended_at is not None),
        requests=tuple(my_request(each) for each in await requests_of(person_id)),
        holds=held.tables[0] if held.tables else None,
    )
    return page_response(request, "me/rights.html", page)


RESTRICTS = N_("All of your data is only kept")
RESTRICTS_EFFECT = N_(
    "No survey, no news of dates, no proposals; your company sees only what it took for you, and "
    "does not find you when it enrols. What you hold a place on still takes place with you."
)


def _restriction(line: RestrictionLine) -> MyRestriction:
    use = USES.get(line.scope)
    decided = {True: _("It stays so."), False: _("It was not granted."), None: ""}[line.upheld]
    return MyRestriction(
        id=line.id,
        what=_(use.what) if use else _(RESTRICTS),
        effect=_(use.effect) if use else _(RESTRICTS_EFFECT),
        because=line.because or (_(GROUNDS[line.ground]) if line.ground else ""),
        made_at=line.made_at,
        due_at=line.due_at if line.waits else None,
        outcome=decided,
        reason=line.decided_because,
        ended_at=line.lifted_at,
    )


def my_request(line: RequestLine) -> MyRequest:
    is_open = line.answered_at is None and line.state in UNDECIDED
    badges = {"answered": "passed", "withdrawn": "closed", "decided": "passed"}
    states, kinds = CODES["rights_request.state"], CODES["rights_request.kind"]
    return MyRequest(
        id=line.id,
        reference=line.reference,
        what=_(kinds[line.kind.value]) if line.kind.value in kinds else line.kind.value,
        received_at=line.received_at,
        state=_(states[line.state.value]) if line.state.value in states else line.state.value,
        badge=badges.get(line.state.value, "pending"),
        due_at=line.until if is_open else None,
        url=f"{HERE}/requests/{line.id}",
    )


def _because(posted: Posted) -> str:
    because = str(clean_text(posted.get("restrict_because", "")))
    if len(because) > LONGEST_REASON:
        most = {"max_length": LONGEST_REASON}
        raise Refused(FieldError("restrict_because", "too_long", MESSAGES["string_too_long"], most))
    return because


def _restrict_page(
    request: Request, form: Form, *, objects: bool, refused: str = "", status: int = 200
) -> Response:
    if objects:
        options = tuple((name, _(use.what), _(use.effect)) for name, use in USES.items())
    else:
        options = tuple((ground.value, _(words), "") for ground, words in GROUNDS.items())
    page = RestrictPage(form, options, objects, refused)
    return page_response(request, "me/restrict.html", page, status=status)


async def restrict_form(request: Request) -> Response:
    own_id(request)
    return _restrict_page(request, Form(), objects=False)


async def object_form(request: Request) -> Response:
    own_id(request)
    return _restrict_page(request, Form(), objects=True)


CHOOSE = N_("Choose one of these.")


async def do_restrict(request: Request) -> Response:
    """All of the person's data is only kept, from now on."""
    return await _do(request, objects=False)


async def do_object(request: Request) -> Response:
    """One use of the person's data has ended, until staff have looked at it."""
    return await _do(request, objects=True)


async def _do(request: Request, *, objects: bool) -> Response:
    who, person_id = own_id(request)
    posted, now = await read_form(request), clock.now()
    try:
        chosen, because = _chosen(posted, objects=objects), _because(posted)
        if objects:
            await object_to(person_id, chosen, because=because, actor_id=who.account_id, now=now)
        else:
            ground = Ground(chosen)
            await restrict(person_id, ground, because=because, actor_id=who.account_id, now=now)
    except Refused as wrong:
        form = posted.form().with_errors(wrong.errors)
        return _restrict_page(request, form, objects=objects, status=422)
    except AlreadyRestricted as refused:
        said = _(refused.message)
        return _restrict_page(request, posted.form(), objects=objects, refused=said, status=409)
    flash(request, "good", _("It holds from now on. We write to you when we have looked at it."))
    return redirect(HERE)


def _chosen(posted: Posted, *, objects: bool) -> str:
    known = frozenset(USES) if objects else frozenset(ground.value for ground in GROUNDS)
    chosen = posted.get("restrict_what", "")
    if chosen not in known:
        raise Refused(FieldError("restrict_what", "missing", CHOOSE))
    return chosen


async def do_lift(request: Request) -> Response:
    """Raises ``RestrictionNotFound``, also for another person's."""
    who, person_id = own_id(request)
    await lift(path_id(request), person_id=person_id, actor_id=who.account_id, now=clock.now())
    flash(request, "good", _("It is taken back."))
    return redirect(HERE)


async def ask_form(request: Request) -> Response:
    own_id(request)
    given = request.query_params
    about = str(clean_text(given.get("about", "")))[:200]
    kind = given.get("kind", "")
    known = kind if kind in {each.value for each in ASKABLE} else ""
    values = {"ask_kind": known, "ask_text": ""}
    if about:
        values["ask_kind"] = known or RequestKind.RECTIFICATION.value
        values["ask_text"] = f"{about}: "
    return _ask_page(request, Form(values=values))


def _ask_page(request: Request, form: Form, *, status: int = 200) -> Response:
    kinds = tuple((kind.value, _(words)) for kind, words in ASKABLE.items())
    return page_response(request, "me/ask.html", AskPage(form, kinds), status=status)


async def ask(request: Request) -> Response:
    """The request is in the register; staff have a month to answer it."""
    who, person_id = own_id(request)
    posted = await read_form(request)
    try:
        given = _given(posted, language(request))
    except Refused as wrong:
        return _ask_page(request, posted.form().with_errors(wrong.errors), status=422)
    await open_request(
        given,
        person_id=person_id,
        account_id=who.account_id,
        identity=Identity.MAILED_LINK,
        actor_id=who.account_id,
        now=clock.now(),
    )
    flash(request, "good", _("We have your request, and answer within a month."))
    return redirect(HERE)


def _given(posted: Posted, spoken: str) -> RequestGiven:
    """Raises ``Refused`` by its fields."""
    kind, asked = posted.get("ask_kind", ""), posted.get("ask_text", "")
    wrong = []
    if kind not in {each.value for each in ASKABLE}:
        wrong.append(FieldError("ask_kind", "missing", CHOOSE))
    if not asked.strip():
        wrong.append(FieldError("ask_text", "missing", MESSAGES["missing"]))
    elif len(asked) > MOST_ASKED:
        most = {"max_length": MOST_ASKED}
        wrong.append(FieldError("ask_text", "too_long", MESSAGES["string_too_long"], most))
    if wrong:
        raise Refused(*wrong)
    return parse(
        RequestGiven,
        {"kind": kind, "channel": Channel.PAGE, "asked": asked, "language": spoken},
    )


async def _own_request(request: Request) -> RequestDetail:
    """Raises ``RequestNotFound``, also for another person's."""
    _who, person_id = own_id(request)
    detail = await request_detail(path_id(request))
    if detail.line.person_id != person_id:
        raise RequestNotFound
    return detail


async def show_request(request: Request) -> Response:
    detail = await _own_request(request)
    line, ground = my_request(detail.line), detail.ground.value
    decisions, grounds = CODES["decision"], CODES["rights_request.ground"]
    page = MyRequestPage(
        line=line,
        detail=detail,
        decision=_(decisions[detail.line.decision.value]) if detail.line.decision else "",
        ground=_(grounds[ground]) if ground in grounds else "",
        parts=tuple(
            (part.what, _(decisions[part.decision.value]), part.because) for part in detail.parts
        ),
        can_withdraw=line.due_at is not None,
    )
    return page_response(request, "me/request.html", page)


async def do_withdraw(request: Request) -> Response:
    """Raises ``RequestNotFound``, also for another person's."""
    who, _person_id = own_id(request)
    detail = await _own_request(request)
    try:
        await withdraw(detail.line.id, actor_id=who.account_id, now=clock.now())
    except (Conflict, NotFound) as refused:
        flash(request, "bad", _(refused.message))
    else:
        flash(request, "good", _("You have taken your request back."))
    return redirect(HERE)


ROUTES: tuple[Endpoint, ...] = (
    get(HERE, home, OWN),
    get(f"{HERE}/restrict", restrict_form, OWN),
    post(f"{HERE}/restrict", do_restrict, OWN),
    get(f"{HERE}/object", object_form, OWN),
    post(f"{HERE}/object", do_object, OWN),
    post(f"{HERE}/restrictions/{{id}}/lift", do_lift, OWN),
    get(f"{HERE}/ask", ask_form, OWN),
    post(f"{HERE}/ask", ask, OWN),
    get(f"{HERE}/requests/{{id}}", show_request, OWN),
    post(f"{HERE}/requests/{{id}}/withdraw", do_withdraw, OWN),
)
