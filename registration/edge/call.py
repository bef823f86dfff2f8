"""What the edge knows of one request, kept in the ASGI scope, and how handlers ask for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.types import Scope

from registration.accounts.rules import Identity
from registration.edge.refusals import LoginNeeded
from registration.i18n import FALLBACK
from registration.settings import Settings

KEY = "registration"
API = "/api/v1"


@dataclass(slots=True)
class Call:
    """One request. ``chosen``: the language was asked for, by a link or earlier. ``shown`` are
    the texts kept for it by the request before, ``kept`` those that this one adds; ``rendered``
    says that a page showed them."""

    language: str = FALLBACK
    chosen: bool = False
    identity: Identity | None = None
    shown: list[tuple[str, str]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    rendered: bool = False


def call_of(scope: Scope) -> Call:
    """The request's own record, made at first use."""
    call = scope.get(KEY)
    if not isinstance(call, Call):
        call = scope[KEY] = Call()
    return call


def settings_of(scope: Scope) -> Settings:
    found = scope["app"].state.settings
    assert isinstance(found, Settings)  # noqa: S101 -- narrows the type for mypy
    return found


def is_api(scope: Scope) -> bool:
    path = str(scope.get("path", ""))
    return path == API or path.startswith(f"{API}/")


def settings(request: Request) -> Settings:
    return settings_of(request.scope)


def identity(request: Request) -> Identity | None:
    """Who is asking, or None: pages know a cookie, the API knows a bearer token."""
    return call_of(request.scope).identity


def require(request: Request) -> Identity:
    """Who is asking. Raises ``LoginNeeded``, which a page answers by leading to the login."""
    found = identity(request)
    if found is None:
        raise LoginNeeded
    return found


def language(request: Request) -> str:
    return call_of(request.scope).language


def flash(request: Request, tone: str, text: str) -> None:
    """``text`` (translated; tone: info, good, wait, bad) stands once on this page, or on the one
    that this request redirects to."""
    call_of(request.scope).kept.append((tone, text))


def forget_identity(request: Request) -> None:
    """Who asked is nobody any more: the page that answers is one for anybody."""
    call_of(request.scope).identity = None
