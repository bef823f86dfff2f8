"""Logging in by a link, and out. Whether an address is known is never said."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import logins, passkeys, sso
from registration.accounts.rules import LINK_LIFE, LinkUsedOrEnded
from registration.edge import (
    ANYONE,
    LOGGED_IN,
    Of,
    check_limit,
    flash,
    get,
    identity,
    limit,
    local_path,
    page_response,
    path_text,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.edge.cookies import keeps_none, login_line, trial_line
from registration.edge.limits import LOGIN_ASKS, LOGIN_MAILS, MISSED_LINKS
from registration.errors import FieldError
from registration.forms import FieldRefused, Form
from registration.i18n import _
from registration.people.rules import clean_email
from registration.web.entering import beyond, device, home, let_in

# An address that holds a secret is told to nobody, not even to our own next page: of the way here
# only the origin. (With "no-referrer" browsers send forms with "Origin: null", which is refused.)
SECRETIVE = {"Referrer-Policy": "strict-origin"}


@dataclass(frozen=True, slots=True)
class AskPage:
    """``passkeys``: browsers know them at this address; ``outside``: the organisation's login."""

    form: Form
    next_path: str
    passkeys: bool
    outside: str


@dataclass(frozen=True, slots=True)
class SentPage:
    address: str
    minutes: int
    demo: bool


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    name: str
    action: str


@dataclass(frozen=True, slots=True)
class EndedPage:
    minutes: int


async def ask(request: Request) -> Response:
    next_path = local_path(request.query_params.get("next", ""))
    who = identity(request)
    if who is not None:
        return redirect(next_path or home(who))
    return _ask(request, Form(), next_path)


def _ask(request: Request, form: Form, next_path: str, *, status: int = 200) -> Response:
    now_set = settings(request)
    outside = beyond("/login/sso", next_path) if sso.configured(now_set) else ""
    page = AskPage(form, next_path, passkeys.possible(now_set), outside)
    return page_response(request, "login/ask.html", page, status=status)


async def send(request: Request) -> Response:
    """The same answer for an address that we know and for one that we do not."""
    given = await read_form(request, max_fields=10)
    next_path = local_path(given.get("next", ""))
    try:
        address = clean_email(given.get("email", "")[:254])
    except FieldRefused as wrong:
        form = given.form().with_errors([FieldError("email", wrong.code, wrong.message)])
        return _ask(request, form, next_path, status=422)
    await limit(request, LOGIN_ASKS)
    await limit(request, LOGIN_MAILS, address)
    now_set = settings(request)
    await logins.ask_link(address, settings=now_set, next_path=next_path, now=clock.now())
    shown = SentPage(address, _minutes(), now_set.demo)
    return page_response(request, "login/sent.html", shown)


async def follow(request: Request) -> Response:
    """Mailed links show a button, since mail scanners open what they find; printed ones log in."""
    check_limit(request, MISSED_LINKS)
    secret = path_text(request, "secret")
    link = await logins.look_at_link(secret, now=clock.now())
    if link is None:
        return await _ended(request)
    if link.confirmed or request.method == "HEAD":
        page = ConfirmPage(link.name, request.url.path)
        response = page_response(request, "login/confirm.html", page, headers=SECRETIVE)
        response.headers.append("Set-Cookie", trial_line(settings(request)))
        return response
    return await _enter(request, secret)


async def confirm(request: Request) -> Response:
    """The link stays as it is while the browser keeps no cookies: it is for the next try."""
    check_limit(request, MISSED_LINKS)
    if keeps_none(settings(request), request.scope):
        page = ConfirmPage("", request.url.path)
        return page_response(request, "login/cookies.html", page, status=400, headers=SECRETIVE)
    return await _enter(request, path_text(request, "secret"))


async def _enter(request: Request, secret: str) -> Response:
    now = clock.now()
    try:
        cookie, next_path = await logins.use_link(secret, device=device(request), now=now)
    except LinkUsedOrEnded:
        return await _ended(request)
    before = identity(request)
    if before is not None and before.login_id is not None:
        await logins.log_out(before.login_id, now=now)
    response = await let_in(request, cookie, next_path)
    response.headers.update(SECRETIVE)
    return response


async def _ended(request: Request) -> Response:
    await limit(request, MISSED_LINKS)
    page = EndedPage(_minutes())
    return page_response(request, "login/ended.html", page, status=403, headers=SECRETIVE)


def _minutes() -> int:
    return int(LINK_LIFE.total_seconds() // 60)


async def leave(request: Request) -> Response:
    who = require(request)
    if who.login_id is not None:
        await logins.log_out(who.login_id, now=clock.now())
    flash(request, "good", _("You have logged out."))
    response = redirect("/")
    response.headers.append("Set-Cookie", login_line(settings(request), ""))
    return response


ROUTES = (
    get("/login", ask, ANYONE),
    post("/login", send, ANYONE),
    get("/login/{secret}", follow, ANYONE, whose=Of.SECRET),
    post("/login/{secret}", confirm, ANYONE, whose=Of.SECRET),
    post("/logout", leave, LOGGED_IN, whose=Of.ACCOUNT),
)
