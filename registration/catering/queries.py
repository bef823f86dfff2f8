"""When diets go, what is overdue, and the lists that a form offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from registration.catalogue.models import Event
from registration.catalogue.rules import State
from registration.catering.models import Vault
from registration.catering.rules import ALLERGENS, NEEDS, Named, Reason
from registration.ledger.queries import latest_receipts

# A deletion whose receipt is outstanding belongs to the process that made it for so long.
RECEIPT_PAUSE = timedelta(seconds=10)


def needs_list() -> tuple[Named, ...]:
    """In the order in which a form offers them; names are msgids."""
    return NEEDS


def allergens_list() -> tuple[Named, ...]:
    """The fourteen allergens of Regulation (EU) No 1169/2011, Annex II."""
    return ALLERGENS


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose diets must be gone: since when, and why."""

    event_id: UUID
    due_at: datetime
    reason: Reason


async def due_deletions(now: datetime) -> list[Due]:
    """What must be deleted by ``now`` and is not known to be finished, the longest due first.

    Three kinds: events past their deadline; events that have diets and have no catering any more,
    or are not in the catalogue at all; deletions that began and did not finish, even if the event
    was moved since.
    """
    found = {
        event.id: Due(event.id, event.erase_at, _reason(event))
        for event in await Event.filter(erase_at__lte=now, diets_deleted_at=None)
        if event.erase_at is not None
    }
    vaults = [row for row in await Vault.filter(finished_at=None) if row.event_id not in found]
    events = {row.id: row for row in await Event.filter(id__in=[row.event_id for row in vaults])}
    for vault in vaults:
        due = _due_by_vault(vault, events.get(vault.event_id))
        if due is not None and due.due_at <= now:
            found[vault.event_id] = due
    return sorted(found.values(), key=lambda due: (due.due_at, due.event_id))


def _due_by_vault(vault: Vault, event: Event | None) -> Due | None:
    if vault.closed_at is not None:
        return Due(vault.event_id, vault.due_at or vault.closed_at, Reason(vault.reason))
    if event is None:
        # The last deadline that we knew of. Not sooner: the register may be the wrong one.
        return Due(vault.event_id, vault.due_at or vault.opened_at, Reason.EVENT_GONE)
    if event.erase_at is None:
        return Due(vault.event_id, event.changed_at, Reason.CATERING_DROPPED)
    return None


def _reason(event: Event) -> Reason:
    return Reason.EVENT_CANCELLED if event.state == State.CANCELLED else Reason.EVENT_OVER


async def next_deletion(now: datetime) -> datetime | None:
    """The earliest deadline after ``now``."""
    following = (
        await Event.filter(diets_deleted_at=None, erase_at__gt=now).order_by("erase_at").first()
    )
    return following.erase_at if following else None


@dataclass(frozen=True, slots=True)
class OverdueLine:
    event_id: UUID
    due_at: datetime
    seconds_late: float


async def overdue(now: datetime) -> list[OverdueLine]:
    """Deletions that should have happened and have not finished, the latest first (P4)."""
    return [
        OverdueLine(due.event_id, due.due_at, (now - due.due_at).total_seconds())
        for due in await due_deletions(now)
    ]


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """One deletion to come (``done_at`` None, ``diets`` None) or done. ``title`` by language."""

    event_id: UUID
    title: Mapping[str, str]
    due_at: datetime
    done_at: datetime | None
    diets: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class DeletionCalendar:
    """``upcoming`` by due time, what is overdue first; ``done`` the newest first."""

    upcoming: tuple[CalendarLine, ...]
    done: tuple[CalendarLine, ...]


async def deletion_calendar(*, limit: int = 200) -> DeletionCalendar:
    events = (
        await Event.filter(diets_deleted_at=None, erase_at__isnull=False)
        .order_by("erase_at", "id")
        .limit(limit)
    )
    receipts = await latest_receipts(limit=limit)
    titles = {
        event.id: event.title
        for event in await Event.filter(id__in=list({line.event_id for line in receipts}))
    }
    return DeletionCalendar(
        upcoming=tuple(
            CalendarLine(event.id, event.title, event.erase_at, None, None, _reason(event).value)
            for event in events
            if event.erase_at is not None
        ),
        done=tuple(
            CalendarLine(
                line.event_id,
                titles.get(line.event_id, {}),
                line.due_at,
                line.done_at,
                line.diets,
                line.reason,
            )
            for line in receipts
        ),
    )
