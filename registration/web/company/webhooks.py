"""Where the company's own system is told of changes: added here, its secret shown once."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import Conflict, FieldError
from registration.forms import Form, Refused, parse
from registration.i18n import _
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.contact_form import Option
from registration.webhooks import service
from registration.webhooks.queries import (
    DeliveryLine,
    WebhookLine,
    deliveries_of,
    webhook_of,
    webhooks_of,
)
from registration.webhooks.rules import (
    CHOOSABLE,
    EVENT_NAMES,
    NO_EVENT,
    DeliveryState,
    Event,
    Trouble,
    WebhookGiven,
)

PATH = "/company/webhooks"
STATE_LOOKS = {
    DeliveryState.WAITING: "pending",
    DeliveryState.DELIVERED: "passed",
    DeliveryState.FAILED: "failed",
    DeliveryState.DROPPED: "cancelled",
}


@dataclass(frozen=True, slots=True)
class WebhookRow:
    line: WebhookLine
    path: str
    events: str


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    """``secret``: of the one just added, which no page shows again; ``trouble``: why nothing was
    done."""

    portal: Portal
    rows: tuple[WebhookRow, ...]
    events: tuple[Option, ...]
    form: Form
    secret: str
    trouble: str


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    line: DeliveryLine
    event: str
    look: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class WebhookPage:
    portal: Portal
    line: WebhookLine
    events: str
    rows: tuple[DeliveryRow, ...]
    test_path: str
    end_path: str
    back: str
    trouble: str


async def show(request: Request) -> Response:
    portal = await portal_of(request)
    everything = Form(chosen={"events": tuple(event.value for event in CHOOSABLE)})
    return await _list(request, portal, everything)


async def add(request: Request) -> Response:
    portal, posted = await portal_of(request), await read_form(request)
    chosen = [word for word in posted.many("events") if word in {each.value for each in CHOOSABLE}]
    try:
        if not chosen:
            raise Refused(FieldError("events", "missing", NO_EVENT))
        given = parse(WebhookGiven, {"url": posted.get("url", ""), "events": chosen})
        made = await service.add_webhook(
            portal.id,
            given,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Refused as refused:
        form = posted.form().with_errors(refused.errors)
        return await _list(request, portal, form, status=422)
    except Conflict as refused:
        trouble = _(refused.message, **refused.params)
        return await _list(request, portal, posted.form(), trouble=trouble, status=409)
    secret = await service.secret_of(made, settings=settings(request))
    fresh = Form(chosen={"events": tuple(event.value for event in CHOOSABLE)})
    return await _list(request, portal, fresh, secret=secret)


async def _list(
    request: Request,
    portal: Portal,
    form: Form,
    *,
    secret: str = "",
    trouble: str = "",
    status: int = 200,
) -> Response:
    rows = tuple(
        WebhookRow(line, portal.url(f"{PATH}/{line.id}"), _events(line))
        for line in await webhooks_of(portal.id)
    )
    events = tuple((event.value, _(EVENT_NAMES[event])) for event in CHOOSABLE)
    page = WebhooksPage(portal, rows, events, form, secret, trouble)
    return page_response(request, "company/webhooks.html", page, status=status)


def _events(line: WebhookLine) -> str:
    return " · ".join(_(EVENT_NAMES[event]) for event in line.events)


async def show_one(request: Request) -> Response:
    return await _one(request)


async def _one(request: Request, trouble: str = "", *, status: int = 200) -> Response:
    portal = await portal_of(request)
    line = await webhook_of(portal.id, path_id(request))
    page = WebhookPage(
        portal,
        line,
        _events(line),
        tuple(_row(each) for each in await deliveries_of(line.id)),
        portal.url(f"{PATH}/{line.id}/test"),
        portal.url(f"{PATH}/{line.id}/end"),
        portal.url(PATH),
        trouble,
    )
    return page_response(request, "company/webhook.html", page, status=status)


def _row(line: DeliveryLine) -> DeliveryRow:
    states = {
        DeliveryState.WAITING: _("Waiting") if not line.tries else _("Tried again"),
        DeliveryState.DELIVERED: _("Delivered"),
        DeliveryState.FAILED: _("Given up"),
        DeliveryState.DROPPED: _("Not sent"),
    }
    answers = {
        Trouble.TIMEOUT: _("No answer within ten seconds"),
        Trouble.UNREACHABLE: _("Cannot be reached"),
        Trouble.CERTIFICATE: _("Its certificate is not trusted"),
        Trouble.ADDRESS: _("Its name leads to an address that is not public"),
        Trouble.ANSWER: _("It broke off its answer"),
    }
    known = {each.value: text for each, text in answers.items()}
    return DeliveryRow(
        line,
        _(EVENT_NAMES[Event(line.event)]),
        STATE_LOOKS[line.state],
        states[line.state],
        known.get(line.answer, line.answer),
    )


async def try_out(request: Request) -> Response:
    portal, webhook_id = await portal_of(request), path_id(request)
    try:
        await service.send_test(portal.id, webhook_id, now=clock.now())
    except Conflict as refused:
        return await _one(request, _(refused.message, **refused.params), status=409)
    flash(request, "good", _("A test message is on its way. What comes of it stands below."))
    return redirect(portal.url(f"{PATH}/{webhook_id}"))


async def end(request: Request) -> Response:
    portal = await portal_of(request)
    await service.end_webhook(
        portal.id, path_id(request), actor_id=require(request).account_id, now=clock.now()
    )
    flash(request, "good", _("The webhook is ended. Nothing is sent there any more."))
    return redirect(portal.url(PATH))


ROUTES: tuple[Endpoint, ...] = (
    get(PATH, show, COORDINATORS),
    post(PATH, add, COORDINATORS, fresh=True),
    get(f"{PATH}/{{id}}", show_one, COORDINATORS),
    post(f"{PATH}/{{id}}/test", try_out, COORDINATORS),
    post(f"{PATH}/{{id}}/end", end, COORDINATORS, fresh=True),
)
