"""How one logs in, and where one is logged in: the same page for people of every role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import codes, logins, passkeys, proofs, sso, totp
from registration.accounts.assurance import How
from registration.accounts.factors import CodeWrong, Factors, PasskeyLine, ProofRefused, factors_of
from registration.accounts.passkeys import EnoughPasskeys, PasskeyNotFound, PasskeyThere
from registration.accounts.queries import logins_of
from registration.accounts.rules import Identity, Role
from registration.accounts.totp import AppThere, Setup, SetupEnded
from registration.edge import (
    LOGGED_IN,
    Endpoint,
    Of,
    PageNotFound,
    flash,
    get,
    local_path,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.edge.cookies import PASSKEY
from registration.errors import DomainError, FieldError
from registration.forms import Form
from registration.i18n import N_, _
from registration.web.entering import asking, beyond, device, forgetting, way_on, with_login
from registration.web.steps import answered

HERE = "/me/security"
MAX_FIELDS = 10
HOW_NAMES: Mapping[str, str] = {
    How.LINK: N_("E-mail link"),
    How.PRINTED: N_("Link from the people who run this service"),
    How.PASSKEY: N_("Passkey"),
    How.CODE: N_("E-mail link and code"),
    How.RECOVERY: N_("E-mail link and recovery code"),
    How.SSO: N_("Your organisation's login"),
}


@dataclass(frozen=True, slots=True)
class LoginRow:
    id: UUID
    device: str
    how: str
    seen_at: datetime
    this: bool


@dataclass(frozen=True, slots=True)
class SecurityPage:
    """``tabs``: it stands among a participant's pages; ``outside``: there is single sign-on here;
    ``needed``: the person's role needs more than a mailed link."""

    tabs: bool
    factors: Factors
    logins: tuple[LoginRow, ...]
    passkeys: bool
    outside: bool
    needed: bool


@dataclass(frozen=True, slots=True)
class NewPasskeyPage:
    form: Form
    next_path: str


@dataclass(frozen=True, slots=True)
class PasskeyPage:
    key: PasskeyLine
    last: bool
    form: Form


@dataclass(frozen=True, slots=True)
class AppPage:
    """``setup`` None: there is an app already, which can be removed here."""

    setup: Setup | None
    last: bool
    form: Form
    next_path: str


@dataclass(frozen=True, slots=True)
class CodesPage:
    """``codes`` are shown this once; none: the question whether to make new ones."""

    codes: tuple[str, ...]
    left: int
    then: str


async def show(request: Request) -> Response:
    who, now_set = require(request), settings(request)
    lines = await logins_of(who.account_id, now=clock.now())
    page = SecurityPage(
        tabs=Role.PARTICIPANT in who.roles,
        factors=await factors_of(who.account_id),
        logins=tuple(
            LoginRow(
                line.id,
                line.device or _("Unknown browser"),
                _(HOW_NAMES.get(line.how, HOW_NAMES[How.LINK])),
                line.seen_at,
                line.id == who.login_id,
            )
            for line in lines
        ),
        passkeys=passkeys.possible(now_set),
        outside=sso.configured(now_set),
        needed=bool(who.waiting),
    )
    return page_response(request, "me/security.html", page)


async def end_login(request: Request) -> Response:
    who = require(request)
    await logins.revoke(path_id(request), account_id=who.account_id, now=clock.now())
    flash(request, "good", _("That browser is logged out."))
    return redirect(HERE)


async def end_others(request: Request) -> Response:
    who = require(request)
    if who.login_id is not None:
        await logins.revoke_others(who.login_id, account_id=who.account_id, now=clock.now())
    flash(request, "good", _("You are logged in here only."))
    return redirect(HERE)


def _next(request: Request) -> str:
    return local_path(request.query_params.get("next", ""))


async def new_passkey(request: Request) -> Response:
    if not passkeys.possible(settings(request)):
        raise PageNotFound
    form = Form(values={"name": device(request)})
    page = NewPasskeyPage(form, _next(request))
    return page_response(request, "me/passkey_new.html", page)


async def ask_to_add(request: Request) -> Response:
    who = require(request)
    question = await passkeys.ask_to_add(who.account_id, settings=settings(request))
    response = Response(question.options, media_type="application/json")
    return asking(request, response, PASSKEY, _asked(who, question.challenge))


def _asked(who: Identity, challenge: bytes) -> dict[str, str]:
    return {"to": f"add {who.account_id}", "challenge": challenge.hex()}


async def add_passkey(request: Request) -> Response:
    who, now = require(request), clock.now()
    given = await read_form(request, max_fields=MAX_FIELDS)
    next_path = local_path(given.get("next", ""))
    try:
        await passkeys.add_key(
            who.account_id,
            given.get("answer", ""),
            challenge=await answered(request, f"add {who.account_id}"),
            name=given.get("name", "") or device(request) or _("Passkey"),
            settings=settings(request),
            now=now,
        )
    except (ProofRefused, PasskeyThere, EnoughPasskeys) as refusal:
        form = given.form().with_errors([FieldError("", refusal.code, refusal.message)])
        page = NewPasskeyPage(form, next_path)
        status = 422 if isinstance(refusal, ProofRefused) else 409
        answer = page_response(request, "me/passkey_new.html", page, status=status)
        return forgetting(request, answer, PASSKEY)
    flash(request, "good", _("The passkey is added. Next time, log in with it."))
    return forgetting(request, await _added(request, who, How.PASSKEY, next_path), PASSKEY)


async def _added(request: Request, who: Identity, how: How, next_path: str) -> Response:
    """Under a new, strong login. With a first factor come the codes for the day it is lost."""
    now = clock.now()
    cookie = await proofs.raised(who, how, device=device(request), now=now)
    made = await codes.make_codes(who.account_id, settings=settings(request), now=now, first=True)
    then = await way_on(cookie, next_path or HERE)
    if not made:
        return with_login(request, redirect(then), cookie)
    page = CodesPage(made, len(made), then)
    return with_login(request, page_response(request, "me/codes.html", page), cookie)


async def _own_key(request: Request) -> tuple[PasskeyLine, bool]:
    """The passkey of the address, and whether it is the last factor."""
    held = await factors_of(require(request).account_id)
    found = [key for key in held.passkeys if key.id == path_id(request)]
    if not found:
        raise PasskeyNotFound
    return found[0], len(held.passkeys) == 1 and held.authenticator_since is None


async def show_passkey(request: Request) -> Response:
    key, last = await _own_key(request)
    page = PasskeyPage(key, last, Form(values={"name": key.name}))
    return page_response(request, "me/passkey.html", page)


async def rename_passkey(request: Request) -> Response:
    who = require(request)
    given = await read_form(request, max_fields=MAX_FIELDS)
    name = given.get("name", "").strip()
    if not name or len(name) > passkeys.LONGEST_NAME:
        key, last = await _own_key(request)
        wrong = FieldError("name", "length", N_("Give it a name of at most 60 characters."))
        page = PasskeyPage(key, last, given.form().with_errors([wrong]))
        return page_response(request, "me/passkey.html", page, status=422)
    await passkeys.rename_key(path_id(request), name, account_id=who.account_id)
    flash(request, "good", _("The passkey has a new name."))
    return redirect(HERE)


async def remove_passkey(request: Request) -> Response:
    who = require(request)
    await passkeys.remove_key(
        path_id(request),
        account_id=who.account_id,
        settings=settings(request),
        now=clock.now(),
    )
    flash(request, "good", _("The passkey is removed. Delete it in your device too."))
    return redirect(HERE)


async def show_app(request: Request) -> Response:
    who, now_set = require(request), settings(request)
    held = await factors_of(who.account_id)
    setup = None
    if held.authenticator_since is None:
        email = await logins.address_of(who.account_id)
        setup = totp.offer(who.account_id, email, settings=now_set, now=clock.now())
    page = AppPage(setup, not held.passkeys, Form(), _next(request))
    return page_response(request, "me/app.html", page)


async def add_app(request: Request) -> Response:
    who, now_set, now = require(request), settings(request), clock.now()
    given = await read_form(request, max_fields=MAX_FIELDS)
    sealed, next_path = given.get("setup", ""), local_path(given.get("next", ""))
    try:
        await totp.add_app(who.account_id, sealed, given.get("code", ""), settings=now_set, now=now)
    except CodeWrong as wrong:
        email = await logins.address_of(who.account_id)
        setup = totp.offer_again(who.account_id, email, sealed, settings=now_set, now=now)
        form = Form().with_errors([FieldError("code", wrong.code, wrong.message)])
        page = AppPage(setup, False, form, next_path)
        return page_response(request, "me/app.html", page, status=422)
    except (AppThere, SetupEnded) as refusal:
        return _back(request, refusal, beyond(f"{HERE}/app", next_path))
    flash(request, "good", _("The authenticator app is added."))
    return await _added(request, who, How.CODE, next_path)


def _back(request: Request, refusal: DomainError, path: str) -> Response:
    flash(request, "bad", _(refusal.message))
    return redirect(path)


async def remove_app(request: Request) -> Response:
    who = require(request)
    await totp.remove_app(who.account_id, settings=settings(request), now=clock.now())
    flash(request, "good", _("The authenticator app is removed."))
    return redirect(HERE)


async def show_codes(request: Request) -> Response:
    held = await factors_of(require(request).account_id)
    if not held.own:
        return redirect(HERE)
    return page_response(request, "me/codes.html", CodesPage((), held.codes_left, HERE))


async def make_codes(request: Request) -> Response:
    who = require(request)
    made = await codes.make_codes(who.account_id, settings=settings(request), now=clock.now())
    return page_response(request, "me/codes.html", CodesPage(made, len(made), HERE))


ROUTES: tuple[Endpoint, ...] = (
    get(HERE, show, LOGGED_IN, whose=Of.ACCOUNT),
    post(f"{HERE}/logins/others/end", end_others, LOGGED_IN, whose=Of.ACCOUNT),
    post(f"{HERE}/logins/{{id}}/end", end_login, LOGGED_IN, whose=Of.ACCOUNT),
    get(f"{HERE}/passkeys/new", new_passkey, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/passkeys/options", ask_to_add, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/passkeys", add_passkey, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    get(f"{HERE}/passkeys/{{id}}", show_passkey, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/passkeys/{{id}}", rename_passkey, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/passkeys/{{id}}/remove", remove_passkey, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    get(f"{HERE}/app", show_app, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/app", add_app, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/app/remove", remove_app, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    get(f"{HERE}/codes", show_codes, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
    post(f"{HERE}/codes", make_codes, LOGGED_IN, whose=Of.ACCOUNT, fresh=True),
)
