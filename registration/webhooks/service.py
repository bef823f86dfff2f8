"""Adding, trying out and ending a company's webhooks."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from registration.accounts.sealing import seal, unseal
from registration.db import after_commit, connection, transaction
from registration.errors import FieldError
from registration.forms import FieldRefused, Refused
from registration.ledger.models import Seal
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.settings import Settings
from registration.webhooks.models import Webhook, WebhookCursor, WebhookDelivery
from registration.webhooks.queries import webhook_of
from registration.webhooks.rules import (
    MOST_WEBHOOKS,
    SECRET_BYTES,
    DeliveryState,
    Ended,
    Event,
    TestUnderWay,
    TooManyWebhooks,
    WebhookGiven,
    WebhookNotFound,
    checked_url,
    is_loopback,
    secret_text,
)

SEALED_FOR = "webhook"
CURSOR = UUID(int=1)

_listeners: list[Callable[[], None]] = []


def on_waiting(wake: Callable[[], None]) -> None:
    """``wake`` is called when a message waits to be sent and its transaction has committed."""
    _listeners.append(wake)


def wake_sender() -> None:
    for listener in _listeners:
        listener()


def loopback_allowed(settings: Settings) -> bool:
    """Only an installation that is itself on this machine, as the demo is, calls this machine."""
    host = urlsplit(settings.base_url).hostname or ""
    return host == "localhost" or is_loopback(host)


async def add_webhook(
    company_id: UUID,
    given: WebhookGiven,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> UUID:
    """The company is told of what happens from now on; ``secret_of`` gives what its messages are
    signed with. Raises ``Refused`` for an address that is not to be called, ``TooManyWebhooks``."""
    try:
        url = checked_url(given.url, loopback=loopback_allowed(settings))
    except FieldRefused as refused:
        raise Refused(FieldError("url", refused.code, refused.message)) from None
    made = uuid4()
    sealed = seal(
        secrets.token_bytes(SECRET_BYTES), purpose=SEALED_FOR, account_id=made, settings=settings
    )
    async with transaction():
        await lock_cursor()
        if await Webhook.filter(company_id=company_id, ended_at=None).count() >= MOST_WEBHOOKS:
            raise TooManyWebhooks(most=MOST_WEBHOOKS)
        await Webhook.create(
            id=made,
            company_id=company_id,
            url=url,
            sealed_secret=sealed,
            events=",".join(event for event in Event if event in given.events),
            made_by=actor_id,
            made_at=now,
        )
        await record(
            Act.WEBHOOK_ADDED,
            now=now,
            actor_id=actor_id,
            object_id=made,
            note=Note(codes=tuple(given.events)),
        )
    return made


async def lock_cursor() -> int:
    """How far the ledger was read; the row is this transaction's until it ends. The first time it
    starts at the ledger's present end."""
    db = connection()
    server = db.capabilities.support_for_update
    last = await Seal.all().order_by("-position").first()
    marks = "$1, $2" if server else "?, ?"
    rows = await db.execute_query_dict(
        f"INSERT INTO webhook_cursor (id, position) VALUES ({marks}) "  # noqa: S608 -- placeholders
        "ON CONFLICT (id) DO UPDATE SET position = webhook_cursor.position RETURNING position",
        [CURSOR if server else str(CURSOR), last.position if last else 0],
    )
    return int(rows[0]["position"])


async def move_cursor(position: int) -> None:
    await WebhookCursor.filter(id=CURSOR).update(position=position)


async def secret_of(webhook_id: UUID, *, settings: Settings) -> str:
    """The secret as the receiver keeps it (``whsec_…``). Raises ``WebhookNotFound``."""
    row = await Webhook.get_or_none(id=webhook_id)
    if row is None:
        raise WebhookNotFound
    return secret_text(key_of(row, settings))


def key_of(row: Webhook, settings: Settings) -> bytes:
    """Raises ``Sealed`` when the installation's secret was changed since."""
    return unseal(
        bytes(row.sealed_secret), purpose=SEALED_FOR, account_id=row.id, settings=settings
    )


async def send_test(company_id: UUID, webhook_id: UUID, *, now: datetime) -> None:
    """A test message is on its way. Raises ``WebhookNotFound``, ``TestUnderWay``."""
    async with transaction():
        await lock_cursor()
        line = await webhook_of(company_id, webhook_id)
        if line.ended_at is not None:
            raise WebhookNotFound
        waiting = WebhookDelivery.filter(
            webhook_id=webhook_id, event=Event.TEST.value, state=DeliveryState.WAITING.value
        )
        if await waiting.exists():
            raise TestUnderWay
        await WebhookDelivery.create(
            id=uuid4(),
            webhook_id=webhook_id,
            event=Event.TEST.value,
            happened_at=now,
            state=DeliveryState.WAITING.value,
            due_at=now,
        )
        after_commit(wake_sender)


async def end_webhook(
    company_id: UUID, webhook_id: UUID, *, actor_id: UUID | None, now: datetime
) -> None:
    """Nothing is sent there any more, not even what waited. Raises ``WebhookNotFound``."""
    async with transaction():
        await webhook_of(company_id, webhook_id)
        if not await switch_off(webhook_id, Ended.BY_HAND, actor_id=actor_id, now=now):
            raise WebhookNotFound


async def switch_off(
    webhook_id: UUID, why: Ended, *, actor_id: UUID | None = None, now: datetime
) -> bool:
    """Inside the caller's transaction; whether it worked until now."""
    if not await Webhook.filter(id=webhook_id, ended_at=None).update(
        ended_at=now, ended_because=why.value
    ):
        return False
    await WebhookDelivery.filter(webhook_id=webhook_id, state=DeliveryState.WAITING.value).update(
        state=DeliveryState.DROPPED.value, due_at=None
    )
    await record(
        Act.WEBHOOK_ENDED,
        now=now,
        actor_id=actor_id,
        object_id=webhook_id,
        note=Note(codes=(why.value,)),
    )
    return True
