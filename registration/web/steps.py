"""One step more: a second proof for roles that need it, and a new one before what is sensitive."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import logins, passkeys, proofs, sso
from registration.accounts.factors import CodeWrong, ProofRefused, TooManyGuesses, factors_of
from registration.accounts.rules import LINK_LIFE
from registration.edge import (
    ANYONE,
    LOGGED_IN,
    Endpoint,
    Of,
    check_limit,
    flash,
    get,
    identity,
    limit,
    local_path,
    page_response,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.edge.cookies import PASSKEY, read_asked
from registration.edge.limits import LOGIN_MAILS, MISSED_LINKS
from registration.errors import Conflict, FieldError, Forbidden
from registration.forms import Form
from registration.i18n import _
from registration.web.entering import asking, beyond, device, forgetting, home, let_in

MAX_FIELDS = 10


@dataclass(frozen=True, slots=True)
class StepPage:
    """The ways that are open to this person here. ``again``: a new proof, else a second step;
    ``set_up``: there is no second factor yet, and one is to be made; ``mail``: the address to
    which a link can go instead."""

    form: Form
    next_path: str
    again: bool
    passkeys: bool
    app: bool
    codes: bool
    outside: str
    set_up: bool
    can_add_passkey: bool
    mail: str


@dataclass(frozen=True, slots=True)
class MailedPage:
    address: str
    minutes: int
    demo: bool


async def second(request: Request) -> Response:
    who = require(request)
    next_path = local_path(request.query_params.get("next", ""))
    if not who.waiting:
        return redirect(next_path or home(who))
    return await _step(request, Form(), next_path, again=False)


async def again(request: Request) -> Response:
    next_path = local_path(request.query_params.get("next", ""))
    return await _step(request, Form(), next_path, again=True)


async def _step(
    request: Request, form: Form, next_path: str, *, again: bool, status: int = 200
) -> Response:
    who, now_set = require(request), settings(request)
    held = await factors_of(who.account_id)
    outside = sso.configured(now_set) and (held.outside or not (again or held.any))
    way = beyond("/login/sso", next_path) + (("&" if next_path else "?") + "again=1") * again
    page = StepPage(
        form=form,
        next_path=next_path,
        again=again,
        passkeys=bool(held.passkeys) and passkeys.possible(now_set),
        app=held.authenticator_since is not None,
        codes=held.codes_left > 0,
        outside=way if outside else "",
        set_up=not (again or held.any),
        can_add_passkey=passkeys.possible(now_set),
        mail=await logins.address_of(who.account_id) if again and not held.any else "",
    )
    return page_response(request, "login/step.html", page, status=status)


async def prove(request: Request) -> Response:
    """A code of the app or of the paper. What is wrong is said beside the field that it is in."""
    who = require(request)
    given = await read_form(request, max_fields=MAX_FIELDS)
    next_path, again = local_path(given.get("next", "")), given.get("again", "") == "1"
    kind = "recovery" if "recovery" in given else "code"
    try:
        cookie = await proofs.by_code(
            who,
            given.get(kind, "")[:40],
            device=device(request),
            settings=settings(request),
            now=clock.now(),
        )
    except (CodeWrong, TooManyGuesses) as wrong:
        form = Form().with_errors([FieldError(kind, wrong.code, wrong.message, wrong.params)])
        status = 409 if isinstance(wrong, Conflict) else 422
        return await _step(request, form, next_path, again=again, status=status)
    return await let_in(request, cookie, next_path)


async def mail_link(request: Request) -> Response:
    """For somebody without a second factor: a link to their own address proves who they are."""
    who = require(request)
    next_path = local_path((await read_form(request, max_fields=MAX_FIELDS)).get("next", ""))
    if (await factors_of(who.account_id)).any:
        raise ProofRefused
    address, now_set = await logins.address_of(who.account_id), settings(request)
    await limit(request, LOGIN_MAILS, address)
    await logins.send_own_link(
        who.account_id, settings=now_set, next_path=next_path, now=clock.now()
    )
    page = MailedPage(address, int(LINK_LIFE.total_seconds() // 60), now_set.demo)
    return page_response(request, "login/mailed.html", page)


async def ask_passkey(request: Request) -> Response:
    """The question that any passkey of this service answers, as JSON: the same for everybody."""
    question = passkeys.ask_who(settings=settings(request))
    response = Response(question.options, media_type="application/json")
    asked = {"to": "enter", "challenge": question.challenge.hex()}
    return asking(request, response, PASSKEY, asked)


async def enter_by_passkey(request: Request) -> Response:
    """A login by the passkey; for one who is logged in already, the step that was asked for."""
    check_limit(request, MISSED_LINKS)
    given = await read_form(request, max_fields=MAX_FIELDS)
    next_path = local_path(given.get("next", ""))
    try:
        cookie = await proofs.by_passkey(
            identity(request),
            given.get("answer", ""),
            challenge=await answered(request, "enter"),
            device=device(request),
            settings=settings(request),
            now=clock.now(),
        )
    except ProofRefused as refusal:
        await limit(request, MISSED_LINKS)
        return _turned_back(request, refusal, next_path)
    return await let_in(request, cookie, next_path, done=PASSKEY)


def _turned_back(request: Request, refusal: Forbidden, next_path: str) -> Response:
    """To the page where other ways are open too, with what went wrong said on it."""
    flash(request, "bad", _(refusal.message))
    who = identity(request)
    path = "/login" if who is None else "/login/second" if who.waiting else "/login/again"
    return forgetting(request, redirect(beyond(path, next_path)), PASSKEY)


async def answered(request: Request, to: str) -> bytes:
    """The challenge that this browser was given ``to`` do something, spent from now on.

    Raises ``ProofRefused`` when there is none, it is too old, or it was answered before.
    """
    return await proofs.spent(
        read_asked(settings(request), request.scope, PASSKEY, now=clock.now()),
        to=to,
        now=clock.now(),
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/login/second", second, LOGGED_IN, whose=Of.ACCOUNT),
    get("/login/again", again, LOGGED_IN, whose=Of.ACCOUNT),
    post("/login/proof", prove, LOGGED_IN, whose=Of.ACCOUNT),
    post("/login/again/link", mail_link, LOGGED_IN, whose=Of.ACCOUNT),
    post("/login/passkey/options", ask_passkey, ANYONE),
    post("/login/passkey", enter_by_passkey, ANYONE, whose=Of.SECRET),
)
