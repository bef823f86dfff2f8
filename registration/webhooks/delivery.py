"""Sending what waits: each message claimed by one process, tried again for about three days."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from tortoise.expressions import Q

from registration import clock
from registration.accounts.models import Account
from registration.accounts.overview import holders
from registration.accounts.rules import Role
from registration.accounts.sealing import Sealed
from registration.companies import queries as companies
from registration.companies.rules import CompanyNotFound
from registration.db import connection, transaction
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.settings import Settings
from registration.webhooks.models import Webhook, WebhookDelivery
from registration.webhooks.rules import (
    KEPT_DAYS,
    PAUSES,
    TIMEOUT_SECONDS,
    DeliveryState,
    Ended,
    Trouble,
    next_try,
    signature,
)
from registration.webhooks.sending import Answer, Resolver, looked_up, send
from registration.webhooks.service import key_of, loopback_allowed, switch_off

CLAIM = timedelta(minutes=3)
AT_ONCE = 20  # webhooks
IN_A_ROW = 5  # messages of one webhook, so that a slow one holds up no other
REST = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class WebhookEndedMail:
    """What ``mail/webhook-ended`` shows; ``why`` is a value of ``Ended``."""

    company: str
    address: str
    why: str
    url: str


async def send_due(
    settings: Settings, *, resolve: Resolver = looked_up, seconds: float = TIMEOUT_SECONDS
) -> int:
    """Send what is due; says how many messages were taken by their receivers."""
    taken = 0
    while True:
        due = await (
            WebhookDelivery.filter(state=DeliveryState.WAITING.value, due_at__lte=clock.now())
            .distinct()
            .limit(AT_ONCE)
            .values_list("webhook_id", flat=True)
        )
        if not due:
            return taken
        done = await asyncio.gather(
            *(_send_to(UUID(str(each)), settings, resolve, seconds) for each in due)
        )
        taken += sum(done)


async def _send_to(webhook_id: UUID, settings: Settings, resolve: Resolver, seconds: float) -> int:
    """Up to ``IN_A_ROW`` of one webhook's messages, the oldest first, until one does not arrive."""
    rows = await _claim(webhook_id)
    hook = await Webhook.get_or_none(id=webhook_id, ended_at=None)
    if hook is None:
        await _drop(rows)
        return 0
    taken = 0
    for index, row in enumerate(rows):
        answer = await _sent(hook, row, settings, resolve, seconds)
        await _settle(hook, row, answer, settings)
        if not answer.taken:
            await _put_back(rows[index + 1 :])
            break
        taken += 1
    return taken


async def _claim(webhook_id: UUID) -> list[WebhookDelivery]:
    now = clock.now()
    async with transaction():
        due = (
            WebhookDelivery.filter(
                webhook_id=webhook_id, state=DeliveryState.WAITING.value, due_at__lte=now
            )
            .order_by("due_at", "happened_at")
            .limit(IN_A_ROW)
        )
        if connection().capabilities.support_for_update:
            due = due.select_for_update(skip_locked=True)
        rows = await due
        ids = [row.id for row in rows]
        if ids:
            await WebhookDelivery.filter(id__in=ids).update(due_at=now + CLAIM)
    return rows


async def _drop(rows: list[WebhookDelivery]) -> None:
    """What was gathered while its webhook was ended."""
    async with transaction():
        await WebhookDelivery.filter(
            id__in=[row.id for row in rows], state=DeliveryState.WAITING.value
        ).update(state=DeliveryState.DROPPED.value, due_at=None)


async def _put_back(rows: list[WebhookDelivery]) -> None:
    if rows:
        async with transaction():
            await WebhookDelivery.filter(
                id__in=[row.id for row in rows], state=DeliveryState.WAITING.value
            ).update(due_at=clock.now() + REST)


def body_of(row: WebhookDelivery) -> bytes:
    """Ids and states, no name: who receives it fetches the rest with its own token. The same
    bytes at each try."""
    data: dict[str, str] = {}
    for name, known in (
        ("place", row.place_id),
        ("session", row.session_id),
        ("event", row.event_id),
    ):
        if known is not None:
            data[name] = str(known)
    if row.status:
        data["status"] = row.status
    moment = row.happened_at.astimezone(UTC).isoformat(timespec="seconds")
    return orjson.dumps({"type": row.event, "timestamp": moment, "data": data})


async def _sent(
    hook: Webhook, row: WebhookDelivery, settings: Settings, resolve: Resolver, seconds: float
) -> Answer:
    try:
        key = key_of(hook, settings)
    except Sealed:  # the installation has another secret now: nothing can be signed
        return Answer(trouble=Trouble.UNREACHABLE)
    body, message_id = body_of(row), f"msg_{row.id.hex}"
    timestamp = int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "registration-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(key, message_id=message_id, timestamp=timestamp, body=body),
    }
    return await send(
        hook.url,
        body,
        headers,
        loopback=loopback_allowed(settings),
        resolve=resolve,
        seconds=seconds,
    )


async def _settle(hook: Webhook, row: WebhookDelivery, answer: Answer, settings: Settings) -> None:
    """What came of a try is on record; a webhook that took nothing for days is switched off, and
    its company's coordinators hear of it."""
    now = clock.now()
    tries = row.tries + 1
    changed: dict[str, object] = {"tries": tries, "answer": answer.word, "tried_at": now}
    again = None if answer.gone else next_try(tries, now=now)
    if answer.taken:
        changed |= {"state": DeliveryState.DELIVERED.value, "due_at": None}
    elif again is None:
        changed |= {"state": DeliveryState.FAILED.value, "due_at": None}
    else:
        changed |= {"due_at": again}
    async with transaction():
        await WebhookDelivery.filter(id=row.id, state=DeliveryState.WAITING.value).update(**changed)
        if answer.taken:
            await Webhook.filter(id=hook.id).update(failing_since=None)
            return
        await Webhook.filter(id=hook.id, failing_since=None).update(failing_since=now)
        if again is None:
            why = Ended.GONE if answer.gone else Ended.FAILING
            silent = Q(failing_since__lte=now - sum(PAUSES, timedelta()))
            if not answer.gone and not await Webhook.filter(silent, id=hook.id).exists():
                return  # others have arrived meanwhile: it is this message's fault
            if await switch_off(hook.id, why, now=now):
                await _tell(hook, why, settings, now=now)


async def _tell(hook: Webhook, why: Ended, settings: Settings, *, now: datetime) -> None:
    try:
        company = await companies.company(hook.company_id)
    except CompanyNotFound:
        return
    host = hook.url.split("/")[2]
    page = WebhookEndedMail(company.name, host, why.value, f"{settings.base_url}/company/webhooks")
    told = await holders(Role.COORDINATOR, scope_id=company.id, now=now)
    accounts = Account.filter(id__in=[each.account_id for each in told])
    languages = dict(await accounts.values_list("id", "language"))
    for each in told:
        language = languages.get(each.account_id, settings.languages[0])
        addressee = Addressee(each.email, each.name, language, account_id=each.account_id)
        await queue(
            compose(
                "webhook-ended",
                addressee,
                page,
                settings=settings,
                purpose=MailPurpose.ACCESS,
                now=now,
            )
        )


async def drop_old(*, now: datetime) -> int:
    """What was sent, or given up, is forgotten after two weeks."""
    over = [state.value for state in DeliveryState if state is not DeliveryState.WAITING]
    async with transaction():
        return await WebhookDelivery.filter(
            state__in=over, happened_at__lt=now - timedelta(days=KEPT_DAYS)
        ).delete()
