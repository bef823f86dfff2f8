"""Reading the ledger into plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.ledger.models import Disclosure, Receipt


@dataclass(frozen=True, slots=True)
class DisclosureLine:
    id: UUID
    at: datetime
    person_id: UUID
    actor_id: UUID | None
    recipient_id: UUID | None
    object_id: UUID | None
    purpose: str
    basis: str
    road: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """``lateness_seconds`` is 0 when the deletion was not after its due time."""

    id: UUID
    event_id: UUID
    reason: str
    diets: int
    due_at: datetime
    done_at: datetime
    lateness_seconds: float


async def disclosures_of(person_id: UUID, *, limit: int | None = 200) -> list[DisclosureLine]:
    """Who saw this person's data, the newest first (P15); None: all of it."""
    found = Disclosure.filter(person_id=person_id).order_by("-at", "id")
    return [disclosure_line(row) for row in await (found if limit is None else found.limit(limit))]


async def disclosures(*, after: UUID | None = None, limit: int = 50) -> list[DisclosureLine]:
    found = Disclosure.all().order_by("id")
    if after is not None:
        found = found.filter(id__gt=after)
    return [disclosure_line(row) for row in await found.limit(limit)]


async def receipts(
    *, event_id: UUID | None = None, after: UUID | None = None, limit: int = 50
) -> list[ReceiptLine]:
    found = Receipt.all().order_by("id")
    if event_id is not None:
        found = found.filter(event_id=event_id)
    if after is not None:
        found = found.filter(id__gt=after)
    return [receipt_line(row) for row in await found.limit(limit)]


async def latest_receipts(*, limit: int = 20) -> Sequence[ReceiptLine]:
    return [receipt_line(row) for row in await Receipt.all().order_by("-done_at").limit(limit)]


def receipt_line(row: Receipt) -> ReceiptLine:
    return ReceiptLine(
        row.id,
        row.event_id,
        row.reason,
        row.diets,
        row.due_at,
        row.done_at,
        row.lateness_seconds,
    )


def disclosure_line(row: Disclosure) -> DisclosureLine:
    return DisclosureLine(
        row.id,
        row.at,
        row.person_id,
        row.actor_id,
        row.recipient_id,
        row.object_id,
        row.purpose,
        row.basis,
        row.road,
        tuple(row.fields_shown.split(",")) if row.fields_shown else (),
    )
