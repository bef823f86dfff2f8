"""What a company's program may call to be told of changes by itself."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

import orjson
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.api.company import COORDINATORS, CompanyQuery, company_of
from registration.api.exchange import answer, asked, json_response, read_body, read_nothing
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page
from registration.api.shapes import Made, Shape
from registration.edge import path_id, require, settings
from registration.errors import FieldError
from registration.forms import Refused, parse
from registration.i18n import N_
from registration.webhooks import queries, service
from registration.webhooks.queries import DeliveryLine, WebhookLine
from registration.webhooks.rules import CHOOSABLE, NO_EVENT, WebhookGiven, WebhookNotFound


class WebhookShown(Shape):
    """``ended_at`` null: it works. ``failing_since``: nothing has arrived since then."""

    id: UUID
    url: str
    events: tuple[str, ...]
    made_at: datetime
    failing_since: datetime | None
    ended_at: datetime | None
    ended_because: str | None

    @classmethod
    def of(cls, line: WebhookLine) -> WebhookShown:
        return cls(
            id=line.id,
            url=line.url,
            events=tuple(line.events),
            made_at=line.made_at,
            failing_since=line.failing_since,
            ended_at=line.ended_at,
            ended_because=line.ended_because,
        )


class WebhookMade(Shape):
    """``secret``: what messages are signed with (Standard Webhooks); no other call shows it."""

    id: UUID
    secret: str


class Delivery(Shape):
    """``id`` is the message's ``webhook-id``. ``answer``: an HTTP status or the trouble."""

    id: str
    event: str
    place: UUID | None
    status: str
    happened_at: datetime
    state: str
    tries: int
    answer: str
    tried_at: datetime | None
    next_try_at: datetime | None

    @classmethod
    def of(cls, line: DeliveryLine) -> Delivery:
        return cls(
            id=f"msg_{line.id.hex}",
            event=line.event,
            place=line.place_id,
            status=line.status,
            happened_at=line.happened_at,
            state=line.state,
            tries=line.tries,
            answer=line.answer,
            tried_at=line.tried_at,
            next_try_at=line.due_at,
        )


async def _company(request: Request) -> UUID:
    return (await company_of(request, asked(request, CompanyQuery).company)).id


async def _own(request: Request) -> WebhookLine:
    """A webhook of any company that the caller coordinates. Raises ``WebhookNotFound``."""
    for company_id in require(request).companies:
        for line in await queries.webhooks_of(company_id):
            if line.id == path_id(request):
                return line
    raise WebhookNotFound


async def list_webhooks(request: Request) -> Response:
    found = await queries.webhooks_of(await _company(request))
    items = tuple(WebhookShown.of(line) for line in found)
    return answer(Page[WebhookShown](items=items, next=None))


async def add_webhook(request: Request) -> Response:
    """The secret is not in the answer that is kept for repeats: it is put in each time."""
    company_id = await _company(request)
    given = parse(WebhookGiven, await read_body(request))
    if not set(given.events) <= set(CHOOSABLE):
        raise Refused(FieldError("events", "event", NO_EVENT))
    response = await once(request, partial(_added, request, company_id, given))
    if response.status_code != 201:
        return response
    made = UUID(orjson.loads(bytes(response.body))["id"])
    shown = WebhookMade(id=made, secret=await service.secret_of(made, settings=settings(request)))
    name = "Idempotency-Replayed"
    headers = {name: response.headers[name]} if name in response.headers else {}
    return json_response(shown.model_dump_json(), status=201, headers=headers)


async def _added(request: Request, company_id: UUID, given: WebhookGiven) -> tuple[int, BaseModel]:
    made = await service.add_webhook(
        company_id,
        given,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    return 201, Made(id=made)


async def list_deliveries(request: Request) -> Response:
    line = await _own(request)
    items = tuple(Delivery.of(each) for each in await queries.deliveries_of(line.id))
    return answer(Page[Delivery](items=items, next=None))


async def try_webhook(request: Request) -> Response:
    await read_nothing(request)
    line = await _own(request)
    return await once(request, partial(_tested, line))


async def _tested(line: WebhookLine) -> tuple[int, BaseModel]:
    await service.send_test(line.company_id, line.id, now=clock.now())
    return 202, Made(id=line.id)


async def end_webhook(request: Request) -> Response:
    await read_nothing(request)
    line = await _own(request)
    return await once(request, partial(_ended, request, line))


async def _ended(request: Request, line: WebhookLine) -> tuple[int, BaseModel]:
    await service.end_webhook(
        line.company_id, line.id, actor_id=require(request).account_id, now=clock.now()
    )
    return 200, Made(id=line.id)


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path="/webhooks",
        handler=list_webhooks,
        access=COORDINATORS,
        who="company",
        summary=N_("Your webhooks"),
        query=CompanyQuery,
        answers=(Page[WebhookShown],),
    ),
    Operation(
        method="POST",
        path="/webhooks",
        handler=add_webhook,
        access=COORDINATORS,
        who="company",
        summary=N_("Have a system of yours told when places of yours change"),
        text=N_(
            "Messages are signed by Standard Webhooks and hold ids and states; fetch the rest with "
            "your token. Answer with any 2xx within ten seconds; else they come again for three "
            "days."
        ),
        query=CompanyQuery,
        bodies=(WebhookGiven,),
        answers=(WebhookMade,),
        status=201,
        conflicts=True,
    ),
    Operation(
        method="GET",
        path="/webhooks/{id}/deliveries",
        handler=list_deliveries,
        access=COORDINATORS,
        who="company",
        summary=N_("The last messages to a webhook"),
        answers=(Page[Delivery],),
    ),
    Operation(
        method="POST",
        path="/webhooks/{id}/test",
        handler=try_webhook,
        access=COORDINATORS,
        who="company",
        summary=N_("Send a test message to a webhook"),
        answers=(Made,),
        status=202,
        conflicts=True,
    ),
    Operation(
        method="POST",
        path="/webhooks/{id}/end",
        handler=end_webhook,
        access=COORDINATORS,
        who="company",
        summary=N_("End a webhook"),
        answers=(Made,),
        conflicts=True,
    ),
)
