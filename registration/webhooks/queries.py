"""A company's webhooks and what was sent to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.webhooks.models import Webhook, WebhookDelivery
from registration.webhooks.rules import DeliveryState, Ended, Event, WebhookNotFound

LATEST = 30


@dataclass(frozen=True, slots=True)
class WebhookLine:
    """``ended_at`` None: it works; ``failing_since``: nothing has arrived since then."""

    id: UUID
    company_id: UUID
    url: str
    events: tuple[Event, ...]
    made_at: datetime
    failing_since: datetime | None
    ended_at: datetime | None
    ended_because: Ended | None


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """``answer``: an HTTP status, or the trouble that there was; empty before the first try.
    ``due_at``: when it is tried next."""

    id: UUID
    event: Event
    place_id: UUID | None
    status: str
    happened_at: datetime
    state: DeliveryState
    tries: int
    answer: str
    tried_at: datetime | None
    due_at: datetime | None


async def webhooks_of(company_id: UUID) -> list[WebhookLine]:
    """Those that work first, the newest before the others."""
    rows = await Webhook.filter(company_id=company_id).order_by("-made_at", "id")
    return sorted((_line(row) for row in rows), key=lambda line: line.ended_at is not None)


async def webhook_of(company_id: UUID, webhook_id: UUID) -> WebhookLine:
    """Raises ``WebhookNotFound`` for another company's."""
    row = await Webhook.get_or_none(id=webhook_id, company_id=company_id)
    if row is None:
        raise WebhookNotFound
    return _line(row)


async def deliveries_of(webhook_id: UUID, *, limit: int = LATEST) -> list[DeliveryLine]:
    """The newest first."""
    rows = (
        await WebhookDelivery.filter(webhook_id=webhook_id)
        .order_by("-happened_at", "-id")
        .limit(limit)
    )
    return [
        DeliveryLine(
            row.id,
            Event(row.event),
            row.place_id,
            row.status,
            row.happened_at,
            DeliveryState(row.state),
            row.tries,
            row.answer,
            row.tried_at,
            row.due_at,
        )
        for row in rows
    ]


def _line(row: Webhook) -> WebhookLine:
    return WebhookLine(
        row.id,
        row.company_id,
        row.url,
        tuple(Event(word) for word in row.events.split(",")),
        row.made_at,
        row.failing_since,
        row.ended_at,
        Ended(row.ended_because) if row.ended_because else None,
    )
