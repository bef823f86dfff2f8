"""The outermost layer: each request is timed and logged, and no exception leaves it unanswered."""

from __future__ import annotations

import time
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registration.edge.call import call_of
from registration.edge.log import described
from registration.edge.problems import answer
from registration.edge.refusals import Stop
from registration.i18n import speaking

REQUESTS = Counter("registration_requests", "Requests answered", ("method", "route", "status"))
SECONDS = Histogram(
    "registration_request_seconds",
    "Time to answer",
    ("route",),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = structlog.get_logger("registration.request")


class Broken(Exception):
    """An answer failed when part of it was already on its way; the connection is cut."""


class Watch:
    """Around everything but the headers: what is raised further in becomes an answer here."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Stop as refusal:
            await _say(scope, receive, noted, refusal)
        except Exception as error:
            reference = str(uuid4())
            log.error("failed", incident=reference, route=_route(scope), **described(error))
            if status:
                raise Broken(reference) from None
            await _say(scope, receive, noted, error, reference=reference)
        finally:
            _note(scope, status or 500, time.perf_counter() - began)


async def _say(
    scope: Scope, receive: Receive, send: Send, error: Exception, *, reference: str | None = None
) -> None:
    with speaking(call_of(scope).language):
        response = answer(Request(scope, receive), error, reference=reference)
    await response(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route's own path, as ``/login/{secret}``; never the address that was asked for."""
    return str(getattr(scope.get("route"), "path", "-"))


def _note(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    route = _route(scope)
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)
    log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
