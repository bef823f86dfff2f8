"""Logging in by a link, and out. Whether an address is known is never said."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import logins
from registration.accounts.rules import LINK_LIFE, Identity, LinkUsedOrEnded, Role
from registration.edge import (
    ANYONE,
    LOGGED_IN,
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
from registration.edge.cookies import login_line
from registration.edge.limits import LOGIN_ASKS
from registration.errors import FieldError
from registration.forms import FieldRefused, Form
from registration.i18n import _
from registration.people.rules import clean_email

# An address that holds a secret is told to nobody, not even to our own next page: of the way here
# only the origin. (With "no-referrer" browsers send forms with "Origin: null", which is refused.)
SECRETIVE = {"Referrer-Policy": "strict-origin"}
HOMES = (
    (Role.STAFF, "/staff"),
    (Role.ORGANISER, "/staff"),
    (Role.COORDINATOR, "/company"),
    (Role.TRAINER, "/trainer"),
    (Role.PARTICIPANT, "/me"),
)


@dataclass(frozen=True, slots=True)
class AskPage:
    form: Form
    next_path: str


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
    return page_response(request, "login/ask.html", AskPage(Form(), next_path))


async def send(request: Request) -> Response:
    """The same answer for an address that we know and for one that we do not."""
    given = await read_form(request, max_fields=10)
    next_path = local_path(given.get("next", ""))
    try:
        address = clean_email(given.get("email", "")[:254])
    except FieldRefused as wrong:
        form = given.form().with_errors([FieldError("email", wrong.code, wrong.message)])
        page = AskPage(form, next_path)
        return page_response(request, "login/ask.html", page, status=422)
    limit(request, LOGIN_ASKS, "login", address)
    now_set = settings(request)
    await logins.ask_link(address, settings=now_set, next_path=next_path, now=clock.now())
    shown = SentPage(address, _minutes(), now_set.demo)
    return page_response(request, "login/sent.html", shown)


async def follow(request: Request) -> Response:
    """Mailed links show a button, since mail scanners open what they find; printed ones log in."""
    secret = path_text(request, "secret")
    link = await logins.look_at_link(secret, now=clock.now())
    if link is None:
        return _ended(request)
    if link.confirmed or request.method == "HEAD":
        page = ConfirmPage(link.name, request.url.path)
        return page_response(request, "login/confirm.html", page, headers=SECRETIVE)
    return await _enter(request, secret)


async def confirm(request: Request) -> Response:
    return await _enter(request, path_text(request, "secret"))


async def _enter(request: Request, secret: str) -> Response:
    now = clock.now()
    device = device_of(request.headers.get("user-agent", ""))
    try:
        cookie, next_path = await logins.use_link(secret, device=device, now=now)
    except LinkUsedOrEnded:
        return _ended(request)
    before = identity(request)
    if before is not None and before.login_id is not None:
        await logins.log_out(before.login_id, now=now)
    who = await logins.identify(cookie, now=now)
    response = redirect(local_path(next_path) or (home(who) if who else "/"))
    response.headers.append("Set-Cookie", login_line(settings(request), cookie))
    response.headers.update(SECRETIVE)
    return response


def _ended(request: Request) -> Response:
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


def home(who: Identity) -> str:
    """Where one begins: the page of the first role held."""
    return next((path for role, path in HOMES if role in who.roles), "/")


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(agent: str) -> str:
    """``Firefox, Linux``: enough to know one's own browser again, too little to track it."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part)


ROUTES = (
    get("/login", ask, ANYONE),
    post("/login", send, ANYONE),
    get("/login/{secret}", follow, ANYONE),
    post("/login/{secret}", confirm, ANYONE),
    post("/logout", leave, LOGGED_IN),
)
