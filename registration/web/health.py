"""For those who run the service: whether it lives, whether it is ready, how it does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable

import orjson
import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge
from prometheus_client import generate_latest as written
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from registration import clock
from registration.catering.jobs import leapt_by
from registration.catering.queries import overdue
from registration.edge import ANYONE, get, settings
from registration.edge.log import described
from registration.mail.queries import waiting_count
from registration.privacy.receipts import is_late
from registration.settings import Settings

# A deletion in its first moments is at work, not late.
LATE_SECONDS = 30.0


async def late_deletions() -> int:
    """Events whose diets should be gone and are not (P4)."""
    return sum(each.seconds_late > LATE_SECONDS for each in await overdue(clock.now()))


async def tries_in_vain() -> int:
    """How often the deletions that have not come about were tried."""
    return sum(each.tries for each in await overdue(clock.now()))


async def late_sweeps() -> int:
    """1 when what is due by the retention rules has not been swept for two days."""
    return int(await is_late(now=clock.now()))


async def no_overdue_deletions(_settings: Settings) -> str:
    late = await late_deletions()
    tries = await tries_in_vain()
    said = f"{late} overdue" if late else ""
    return f"{said}, tried {tries} times" if late and tries else said


async def clock_has_not_leapt(settings: Settings) -> str:
    """A clock that leaps is believed after a while; meanwhile deletions keep to the steady time."""
    by = await asyncio.to_thread(leapt_by, settings)
    return f"the system's clock leapt by {by}; deletions run by the steady time" if by else ""


GAUGES: tuple[tuple[str, str, Callable[[], Awaitable[int]]], ...] = (
    ("registration_outbox_waiting", "Mails that wait to be sent", waiting_count),
    ("registration_deletions_overdue", "Events whose diets should be gone", late_deletions),
    ("registration_deletions_tries", "Tries in vain of deletions overdue", tries_in_vain),
    ("registration_retention_late", "1 if nothing was swept for two days", late_sweeps),
)
log = structlog.get_logger("registration.health")


async def alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """200 when every check is well, else 503; each says in a few words what is wrong."""
    found: dict[str, str] = {}
    for name, check in request.app.state.ready_checks:
        try:
            found[name] = await check(settings(request)) or "ok"
        except Exception as error:
            log.error("not ready", check=name, **described(error))
            found[name] = f"failed: {type(error).__name__}"
    well = all(said == "ok" for said in found.values())
    return Response(
        orjson.dumps({"status": "ok" if well else "failing", "checks": found}),
        status_code=200 if well else 503,
        media_type="application/json",
    )


async def metrics(request: Request) -> Response:
    """Prometheus' text format; with several workers, the requests of all of them."""
    asked = CollectorRegistry()
    for name, what, count in request.app.state.gauges:
        Gauge(name, what, registry=asked).set(await count())
    requests = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        requests = CollectorRegistry()
        MultiProcessCollector(requests)  # type: ignore[no-untyped-call]  # it has no types
    return Response(
        written(requests) + written(asked), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


ROUTES = (
    get("/healthz", alive, ANYONE),
    get("/readyz", ready, ANYONE),
    get("/metrics", metrics, ANYONE),
)
