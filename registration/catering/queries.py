"""When diets go, what is overdue, and the lists that a form offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.functions import Count

from registration.catalogue.models import Event
from registration.catalogue.rules import State
from registration.catering.days import DayEnd, day_ends
from registration.catering.models import SealedDiet, Vault
from registration.catering.rules import ALLERGENS, NEEDS, Named, Reason
from registration.ledger.queries import latest_receipts

# A deletion whose receipt is outstanding belongs to the process that made it for so long.
RECEIPT_PAUSE = timedelta(seconds=10)
# These receipts are for the answers of one guest.
ONE_GUEST = frozenset({Reason.REGISTRATION_CANCELLED.value, Reason.WITHDRAWN.value})


def needs_list() -> tuple[Named, ...]:
    """In the order in which a form offers them; names are msgids."""
    return NEEDS


def allergens_list() -> tuple[Named, ...]:
    """The fourteen allergens of Regulation (EU) No 1169/2011, Annex II."""
    return ALLERGENS


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose diets must be gone: since when, and why. ``tries`` were in vain, the last one
    for ``trouble``, and the next is at ``next_try_at``."""

    event_id: UUID
    due_at: datetime
    reason: Reason
    tries: int = 0
    next_try_at: datetime | None = None
    trouble: str = ""


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
    vaults = {row.event_id: row for row in await Vault.filter(finished_at=None)}
    rest = [event_id for event_id in vaults if event_id not in found]
    events = {row.id: row for row in await Event.filter(id__in=rest)} if rest else {}
    for event_id in rest:
        due = _due_by_vault(vaults[event_id], events.get(event_id))
        if due is not None and due.due_at <= now:
            found[event_id] = due
    for event_id in found.keys() & vaults.keys():
        vault = vaults[event_id]
        found[event_id] = replace(
            found[event_id],
            tries=vault.tries,
            next_try_at=vault.next_try_at,
            trouble=vault.trouble,
        )
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


@dataclass(frozen=True, slots=True)
class DayDue:
    """An event whose answers for days up to ``day`` must be gone; ``due_at`` is when the first of
    them had to."""

    event_id: UUID
    day: date
    due_at: datetime
    tries: int = 0
    next_try_at: datetime | None = None
    trouble: str = ""


async def due_days(now: datetime) -> list[DayDue]:
    """Days whose answers must be gone by ``now`` and are not known to be, the longest due first."""
    found: list[DayDue] = []
    for event_id, ends in (await _day_ends(now)).items():
        vault = await Vault.get_or_none(event_id=event_id, closed_at=None)
        if vault is None:
            continue
        past = [end for end in ends if end.due_at <= now]
        new = [end for end in past if end.day > (vault.days_gone or date.min)]
        at = min((end.due_at for end in new), default=vault.day_due_at or now)
        if new or vault.old_key_id is not None:
            day = past[-1].day if past else vault.days_gone or date.min
            found.append(DayDue(event_id, day, at, vault.tries, vault.next_try_at, vault.trouble))
    return sorted(found, key=lambda due: (due.due_at, due.event_id))


async def coming_days(now: datetime) -> list[DayDue]:
    """Days whose answers will go, after ``now``, in no order."""
    return [
        DayDue(event_id, end.day, end.due_at)
        for event_id, ends in (await _day_ends(now)).items()
        for end in ends
        if end.due_at > now
    ]


async def _day_ends(now: datetime) -> dict[UUID, list[DayEnd]]:
    """Of the events that delete each day's answers after the day and stand, each in order."""
    events = await Event.filter(
        erase_daily=True, diets_deleted_at=None, erase_at__gt=now
    ).prefetch_related("meals")
    return {
        event.id: day_ends(
            [meal.on for meal in event.meals],
            zone=ZoneInfo(event.time_zone),
            grace=timedelta(seconds=event.erase_diets_seconds),
            latest=event.erase_at,
        )
        for event in events
        if event.erase_at is not None
    }


async def days_gone(event_id: UUID) -> date | None:
    """The last day of the event whose answers were deleted, or None."""
    vault = await Vault.get_or_none(event_id=event_id)
    return vault.days_gone if vault else None


async def next_deletion(now: datetime) -> datetime | None:
    """The earliest deadline after ``now``."""
    following = (
        await Event.filter(diets_deleted_at=None, erase_at__gt=now).order_by("erase_at").first()
    )
    return following.erase_at if following else None


@dataclass(frozen=True, slots=True)
class OverdueLine:
    """``tries`` were in vain; ``trouble`` is the kind of the last failure, or empty."""

    event_id: UUID
    due_at: datetime
    seconds_late: float
    tries: int
    next_try_at: datetime | None
    trouble: str


async def overdue(now: datetime) -> list[OverdueLine]:
    """Deletions that should have happened and have not finished, the latest first (P4)."""
    found: list[Due | DayDue] = [*await due_deletions(now), *await due_days(now)]
    lines = [
        OverdueLine(
            due.event_id,
            due.due_at,
            (now - due.due_at).total_seconds(),
            due.tries,
            due.next_try_at,
            due.trouble,
        )
        for due in found
    ]
    return sorted(lines, key=lambda line: line.due_at)


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """One deletion to come (``done_at``, ``diets`` and ``receipt_id`` None) or done. ``title`` by
    language; ``whole`` is False for the answers of a single guest."""

    event_id: UUID
    title: Mapping[str, str]
    due_at: datetime
    done_at: datetime | None
    diets: int | None
    reason: str
    receipt_id: UUID | None = None
    seconds_late: float = 0.0
    whole: bool = True


@dataclass(frozen=True, slots=True)
class DeletionCalendar:
    """``upcoming`` by due time, what is overdue first; ``done`` the newest first."""

    upcoming: tuple[CalendarLine, ...]
    done: tuple[CalendarLine, ...]


async def stored_answers(event_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many guests' answers are stored, by event; one query."""
    if not event_ids:
        return {}
    rows = (
        await SealedDiet.filter(event_id__in=list(event_ids))
        .annotate(many=Count("token"))
        .group_by("event_id")
        .values_list("event_id", "many")
    )
    return {event_id: int(many) for event_id, many in rows}


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
                line.id,
                line.lateness_seconds,
                line.reason not in ONE_GUEST,
            )
            for line in receipts
        ),
    )
