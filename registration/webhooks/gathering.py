"""From the ledger to the messages: what happened to a company's places, in the order it was sealed.

Each change of a place writes its entry in its own transaction, so there is a message for what was
committed and for nothing else, and a sign-up does nothing more than before. Seals count 1, 2, 3 …
without gaps: what was read is one number, and an entry that committed late is not missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import orjson

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.db import after_commit, transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.ledger.models import Entry, Seal
from registration.ledger.rules import Act
from registration.webhooks.models import Webhook, WebhookDelivery
from registration.webhooks.rules import DeliveryState, Event
from registration.webhooks.service import lock_cursor, move_cursor, wake_sender

EVENTS: Mapping[str, Event] = {
    Act.PLACE_TAKEN.value: Event.PLACE_CHANGED,
    Act.PLACE_CHANGED.value: Event.PLACE_CHANGED,
    Act.OUTCOME_RECORDED.value: Event.OUTCOME_RECORDED,
}
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class _Taken:
    """A place of a company's, as it stands now."""

    company_id: UUID
    status: str
    offering: Offering


async def gather(*, now: datetime) -> int:
    """There is a message for each change since the last call that a webhook wants to hear of; says
    how many. Any process may call at any time: each entry is told of once."""
    made = 0
    while True:
        async with transaction():
            position = await lock_cursor()
            last = await Seal.all().order_by("-position").first()
            end = last.position if last else 0
            hooks = await Webhook.filter(ended_at=None)  # after the end: no entry is skipped
            if end <= position or not hooks:
                if end > position:
                    await move_cursor(end)
                return made
            end = min(end, position + BATCH)
            found = await _messages(position, end, hooks, now=now)
            await WebhookDelivery.bulk_create(found, batch_size=500)
            await move_cursor(end)
            if found:
                after_commit(wake_sender)
        made += len(found)


async def _messages(
    after: int, end: int, hooks: Sequence[Webhook], *, now: datetime
) -> list[WebhookDelivery]:
    numbers = await Seal.filter(position__gt=after, position__lte=end).values_list(
        "entry_number", flat=True
    )
    entries = await Entry.filter(
        number__in=list(numbers), act__in=list(EVENTS), object_id__not_isnull=True
    ).order_by("number")
    places = await _places({each.object_id for each in entries if each.object_id}, hooks)
    by_company: dict[UUID, list[Webhook]] = {}
    for hook in hooks:
        by_company.setdefault(hook.company_id, []).append(hook)
    return [
        _message(entry, places[entry.object_id], hook, now=now)
        for entry in entries
        if entry.object_id in places
        for hook in by_company[places[entry.object_id].company_id]
        if EVENTS[entry.act] in hook.events.split(",") and hook.made_at <= entry.at
    ]


async def _places(ids: Iterable[UUID], hooks: Sequence[Webhook]) -> dict[UUID, _Taken]:
    """Those of these places that companies with a webhook took."""
    companies = list({hook.company_id for hook in hooks})
    rows = await Place.filter(id__in=list(ids), company_id__in=companies).values(
        "id", "company_id", "seating_id", "status"
    )
    offerings = await catalogue.offerings_by_seating([UUID(str(row["seating_id"])) for row in rows])
    return {
        UUID(str(row["id"])): _Taken(
            UUID(str(row["company_id"])),
            str(row["status"]),
            offerings[UUID(str(row["seating_id"]))],
        )
        for row in rows
    }


def _message(entry: Entry, taken: _Taken, hook: Webhook, *, now: datetime) -> WebhookDelivery:
    session = taken.offering.kind == "session"
    return WebhookDelivery(
        id=uuid4(),
        webhook_id=hook.id,
        event=EVENTS[entry.act].value,
        place_id=entry.object_id,
        session_id=taken.offering.id if session else None,
        event_id=None if session else taken.offering.id,
        status=_status(entry, taken),
        happened_at=entry.at,
        state=DeliveryState.WAITING.value,
        due_at=now,
    )


def _status(entry: Entry, taken: _Taken) -> str:
    """What the place became by this change, as its entry says; else what it is now."""
    codes = orjson.loads(entry.detail).get("codes", ()) if entry.detail else ()
    known = {status.value for status in PlaceStatus}
    return next((code for code in codes if code in known), taken.status)
