"""The application: every module's routes, what stands around them, and their life."""

from __future__ import annotations

import gc
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from functools import cache
from mimetypes import guess_type

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from registration import api, clock, db, upkeep
from registration.edge.caller import Callers, Languages
from registration.edge.fence import (
    Addresses,
    SameSite,
    SecurityHeaders,
    TrustedHosts,
    TrustedProxies,
)
from registration.edge.limits import Limiter, RateLimits
from registration.edge.log import configure
from registration.edge.problems import handle
from registration.edge.routes import Endpoint, TableRow, build, sent_from_anywhere, table
from registration.edge.watch import Watch
from registration.errors import DomainError
from registration.press import close_press
from registration.privacy.restored import catch_up
from registration.qualifications import admission
from registration.scheduler import Scheduler
from registration.settings import Settings, load
from registration.templating import STATIC
from registration.web import (
    accessibility,
    account_data,
    apply,
    brand,
    calendar,
    certificates,
    company,
    dev,
    enrolled,
    feedback,
    health,
    interests,
    kitchen_link,
    login,
    lost,
    me,
    my_consents,
    my_copy,
    my_data,
    my_diet,
    my_feedback,
    my_held,
    my_mail,
    my_move,
    my_offer,
    my_rights,
    my_seen,
    newsletter,
    offered,
    outside,
    privacy,
    privacy_notice,
    public,
    security,
    signup,
    staff,
    steps,
    tokens,
    trainer,
    unsubscribe,
    verify,
)

# Each exports ROUTES; a new module is imported above and named here.
MODULES = (
    accessibility,
    account_data,
    api,
    apply,
    brand,
    calendar,
    certificates,
    company,
    dev,
    enrolled,
    feedback,
    health,
    interests,
    kitchen_link,
    login,
    lost,
    me,
    my_copy,
    my_data,
    my_diet,
    my_held,
    my_move,
    my_offer,
    my_mail,
    my_rights,
    my_seen,
    my_consents,
    my_feedback,
    newsletter,
    offered,
    outside,
    privacy,
    privacy_notice,
    public,
    security,
    signup,
    staff,
    steps,
    tokens,
    trainer,
    unsubscribe,
    verify,
)

# What ``/readyz`` asks: each answers an empty text when all is well, else what is wrong.
READY_CHECKS: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
    ("databases", upkeep.answers),
    ("migrations", upkeep.schema_is_current),
    ("deletions", health.no_overdue_deletions),
    ("clock", health.clock_has_not_leapt),
)
# What ``/metrics`` asks of other domains: name, what it counts, how to count it.
GAUGES: tuple[tuple[str, str, Callable[[], Awaitable[int]]], ...] = health.GAUGES

STATIC_CACHE = "public, max-age=31536000, immutable"
STATIC_SHORT = "public, max-age=3600"
ZIPPED = (".css", ".js", ".svg")


def endpoints() -> tuple[Endpoint, ...]:
    return tuple(endpoint for module in MODULES for endpoint in module.ROUTES)


def route_table() -> list[TableRow]:
    """Every path × methods × who may call it."""
    return table(endpoints())


def create_app(settings: Settings, *, run_jobs: bool = True) -> Starlette:
    """The application over ``settings``; its databases are open while it lives.

    ``run_jobs`` False leaves the jobs to ``registration worker``.
    """

    admission.begin()
    limiter = Limiter(settings)
    from_anywhere = sent_from_anywhere(endpoints())
    app = Starlette(
        routes=[*_files(), *build(endpoints())],
        middleware=[
            Middleware(TrustedProxies, settings=settings),
            Middleware(Languages, settings=settings),
            Middleware(SecurityHeaders, settings=settings),
            Middleware(Watch),
            Middleware(TrustedHosts, settings=settings),
            Middleware(Addresses),
            Middleware(SameSite, settings=settings, open_to_all=from_anywhere),
            Middleware(RateLimits, limiter=limiter, uncounted=from_anywhere),
            Middleware(Callers, settings=settings),
        ],
        exception_handlers={DomainError: handle, HTTPException: handle},
        lifespan=lambda _app: _alive(settings, run_jobs=run_jobs),
    )
    app.router.redirect_slashes = False
    app.state.settings = settings
    app.state.limiter = limiter
    app.state.route_table = route_table()
    app.state.ready_checks = READY_CHECKS
    app.state.gauges = GAUGES
    return app


@asynccontextmanager
async def _alive(settings: Settings, *, run_jobs: bool) -> AsyncIterator[None]:
    """While it lasts, the databases are open and the jobs run. Nobody is served what an older copy
    of the register brought back."""
    await db.connect(settings)
    try:
        await catch_up(settings, now=clock.now())
        async with _working(settings) if run_jobs else nullcontext():
            yield
    finally:
        await close_press()
        await db.disconnect()


@asynccontextmanager
async def _working(settings: Settings) -> AsyncIterator[None]:
    scheduler = Scheduler(settings)
    scheduler.start()
    try:
        yield
    finally:
        await scheduler.stop()


def serving(settings: Settings | None = None, *, run_jobs: bool = True) -> Starlette:
    """The application for a server's process, its logs set up; without settings, the
    environment's: ``uvicorn --factory registration.app:serving``."""
    known = settings or load()
    configure(known.log_level)
    app = create_app(known, run_jobs=run_jobs)
    # What is loaded now stays: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    return app


class _Files(StaticFiles):
    """Files of ours; under an address that changes with their content they are kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        zips = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        if zips and response.status_code == 200 and path.endswith(ZIPPED):
            response = Response(_zipped(path), headers={"Content-Encoding": "gzip"})
            response.headers["Content-Type"] = f"{guess_type(path)[0]}; charset=utf-8"
        response.headers["Vary"] = "Accept-Encoding"
        versioned = b"v=" in scope.get("query_string", b"")
        response.headers["Cache-Control"] = STATIC_CACHE if versioned else STATIC_SHORT
        return response


@cache
def _zipped(path: str) -> bytes:
    return gzip.compress((STATIC / path).read_bytes(), 9, mtime=0)


def _files() -> list[BaseRoute]:
    return [Mount("/static", _Files(directory=STATIC), name="static")]
