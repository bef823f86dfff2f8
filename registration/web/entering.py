"""How a browser is let in once somebody has proved who they are: the same for every way."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import logins
from registration.accounts.rules import Identity, Role
from registration.edge import local_path, redirect, settings
from registration.edge.cookies import asked_line, login_line

HOMES = (
    (Role.STAFF, "/staff"),
    (Role.ORGANISER, "/staff"),
    (Role.COORDINATOR, "/company"),
    (Role.TRAINER, "/trainer"),
    (Role.PARTICIPANT, "/me"),
)


def home(who: Identity) -> str:
    """Where one begins: the page of the first role held, or that waits for a second step."""
    held = who.roles | {each.role for each in who.waiting}
    return next((path for role, path in HOMES if role in held), "/")


def beyond(path: str, next_path: str) -> str:
    """``path`` with the way that is kept open behind it."""
    return f"{path}?{urlencode({'next': next_path})}" if next_path else path


async def let_in(request: Request, cookie: str, next_path: str, *, done: str = "") -> Response:
    """The browser has the login of ``cookie`` from now on, and goes where it wanted to: by the
    second step if its role needs one. ``done`` is the cookie of a question that was answered."""
    response = redirect(await way_on(cookie, next_path))
    return with_login(request, response, cookie, done=done)


async def way_on(cookie: str, next_path: str) -> str:
    """Where the person of this login goes now."""
    who = await logins.identify(cookie, now=clock.now())
    if who is None:
        return "/login"
    wanted = local_path(next_path) or home(who)
    return beyond("/login/second", wanted) if who.waiting else wanted


def with_login(request: Request, response: Response, cookie: str, *, done: str = "") -> Response:
    now_set = settings(request)
    response.headers.append("Set-Cookie", login_line(now_set, cookie))
    return forgetting(request, response, done) if done else response


def asking(request: Request, response: Response, name: str, asked: Mapping[str, str]) -> Response:
    """``response``, and the browser keeps what it was asked until it answers."""
    line = asked_line(settings(request), name, asked, now=clock.now())
    response.headers.append("Set-Cookie", line)
    return response


def forgetting(request: Request, response: Response, name: str) -> Response:
    return asking(request, response, name, {})


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


def device(request: Request) -> str:
    return device_of(request.headers.get("user-agent", ""))
