"""How a route is declared. Every one says who may call it: there is no default."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive

from registration import clock
from registration.accounts.assurance import is_fresh
from registration.accounts.rules import Role
from registration.edge.call import identity, is_api
from registration.edge.refusals import (
    LoginNeeded,
    NotYours,
    ProofNeeded,
    SecondStepNeeded,
    too_large,
)
from registration.edge.whose import OF_ROLE, Of

Handler = Callable[[Request], Awaitable[Response]]

SMALL_BODY = 256 * 1024
UPLOAD_BODY = 12 * 1024 * 1024
BUSIEST = frozenset({"", "sessions", "events", "trainings"})


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call: anyone, or (``anyone`` False) who is logged in and holds one of ``roles``
    (empty: any). Whose data it is about is for the handler and its service to check."""

    anyone: bool
    roles: frozenset[Role] = frozenset()

    def __str__(self) -> str:
        if self.anyone:
            return "anyone"
        return ", ".join(role for role in Role if role in self.roles) or "logged in"


ANYONE = Access(anyone=True)
LOGGED_IN = Access(anyone=False)


def roles(*allowed: Role) -> Access:
    """Holders of at least one of these roles, in force now."""
    if not allowed:
        raise ValueError("say which roles")
    return Access(anyone=False, roles=frozenset(allowed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One handler at one path, for one set of methods (GET brings HEAD).

    ``path`` has ``{name}`` parameters; they are text: use ``path_id`` for ids. ``max_body`` is in
    bytes; ``SMALL_BODY`` unless it takes files. ``whose`` says whose data it is about, for every
    role that may call; None: what each role is for (``whose.OF_ROLE``), public for anyone.
    ``fresh``: a login opens it only when the person has just proved to be themselves.
    ``from_anywhere``: any site or program may send to it, as often as it likes; so only for what
    the secret in the address alone decides on, whoever sends it.
    """

    path: str
    handler: Handler
    access: Access
    methods: tuple[str, ...] = ("GET",)
    name: str = ""
    max_body: int = SMALL_BODY
    whose: Of | None = None
    fresh: bool = False
    from_anywhere: bool = False

    def __post_init__(self) -> None:
        unknown = set(self.methods) - {"GET", "POST", "PUT", "PATCH", "DELETE"}
        if unknown or not self.methods or not self.path.startswith("/"):
            raise ValueError(f"{self.path}: give a path and methods")


def get(
    path: str,
    handler: Handler,
    access: Access,
    *,
    name: str = "",
    whose: Of | None = None,
    fresh: bool = False,
) -> Endpoint:
    return Endpoint(path=path, handler=handler, access=access, name=name, whose=whose, fresh=fresh)


def post(
    path: str,
    handler: Handler,
    access: Access,
    *,
    name: str = "",
    max_body: int = SMALL_BODY,
    whose: Of | None = None,
    fresh: bool = False,
) -> Endpoint:
    return Endpoint(
        path=path,
        handler=handler,
        access=access,
        methods=("POST",),
        name=name,
        max_body=max_body,
        whose=whose,
        fresh=fresh,
    )


def sent_from_anywhere(endpoints: Iterable[Endpoint]) -> tuple[re.Pattern[str], ...]:
    """What the paths look like that any site may send to."""
    return tuple(
        re.compile(re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(endpoint.path)) + r"\Z")
        for endpoint in endpoints
        if endpoint.from_anywhere
    )


def build(endpoints: Iterable[Endpoint]) -> list[Route]:
    """Starlette's routes: one per path, fixed words before parameters, so that ``/sessions/new``
    is found although ``/sessions/{id}`` exists, and ``{id}.pdf`` before ``{id}``; what the public
    asks for stands before the rest, since they are tried in order. Raises ``ValueError`` for one
    declared twice."""

    def order(endpoint: Endpoint) -> tuple[bool, tuple[tuple[bool, bool, str], ...]]:
        parts = endpoint.path.split("/")
        return parts[1] not in BUSIEST, tuple(
            (part.startswith("{"), part.endswith("}"), part) for part in parts
        )

    ordered = sorted(endpoints, key=order)
    return [_route(path, list(group)) for path, group in groupby(ordered, key=lambda e: e.path)]


def _route(path: str, endpoints: Sequence[Endpoint]) -> Route:
    by_method: dict[str, Endpoint] = {}
    for endpoint in endpoints:
        for method in endpoint.methods:
            if method in by_method:
                raise ValueError(f"{method} {path} is declared twice")
            by_method[method] = endpoint

    async def dispatch(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        endpoint = by_method[method]
        check(request, endpoint.access)
        if endpoint.fresh:
            check_fresh(request)
        limited = Request(request.scope, _limited(request, endpoint.max_body))
        return await endpoint.handler(limited)

    name = next((endpoint.name for endpoint in endpoints if endpoint.name), path)
    return Route(path, dispatch, methods=list(by_method), name=name)


def check(request: Request, access: Access) -> None:
    """Raises ``LoginNeeded``, ``SecondStepNeeded`` or ``NotYours`` unless the caller may use the
    route."""
    if access.anyone:
        return
    who = identity(request)
    if who is None:
        raise LoginNeeded
    if access.roles and not access.roles & who.roles:
        if access.roles & {each.role for each in who.waiting}:
            raise SecondStepNeeded
        raise NotYours


def check_fresh(request: Request) -> None:
    """Raises ``ProofNeeded`` unless the person proved to be themselves a short while ago: a
    program's token is no person, and is not asked. What is sent has longer than what is opened, so
    that a form just opened can be filled in."""
    who = identity(request)
    if who is None or who.token_id is not None:
        return
    safe = request.method in {"GET", "HEAD"}
    if not is_fresh(who.proved_at, to_see=safe, now=clock.now()):
        raise ProofNeeded


def _limited(request: Request, most: int) -> Receive:
    """The request's body, refused when it says or turns out to be longer than ``most``."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > most:
        raise too_large()
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > most:
            raise too_large()
        return message

    return receive


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of the table of routes."""

    path: str
    methods: tuple[str, ...]
    access: Access
    api: bool
    whose: Of | None
    fresh: bool = False

    def granted(self, role: Role | None) -> Of | None:
        """Whose data this role gets here (None: somebody who is not logged in); None: nothing."""
        if self.access.anyone:
            return self.whose or Of.PUBLIC
        if role is None or (self.access.roles and role not in self.access.roles):
            return None
        return self.whose or OF_ROLE[role]


def table(endpoints: Iterable[Endpoint]) -> list[TableRow]:
    """Every path × methods × access, in order of path."""
    rows = [
        TableRow(
            each.path,
            each.methods,
            each.access,
            is_api({"path": each.path}),
            each.whose,
            each.fresh,
        )
        for each in endpoints
    ]
    return sorted(rows, key=lambda row: (row.path, row.methods))
