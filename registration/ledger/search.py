"""Searching the ledger: entries and disclosures, by when, who, whose and what about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.ledger.models import Disclosure, Entry
from registration.ledger.queries import DisclosureLine, disclosure_line

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for; None and an empty text do not narrow. ``until`` is the first moment
    that does not count; ``subject_id`` is whose data, ``recipient_id`` (of disclosures alone) who
    was given it, ``act`` (of entries alone) a kind of act."""

    since: datetime | None = None
    until: datetime | None = None
    act: str = ""
    actor_id: UUID | None = None
    subject_id: UUID | None = None
    object_id: UUID | None = None
    recipient_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EntryLine:
    number: int
    at: datetime
    act: str
    actor_id: UUID | None
    subject_id: UUID | None
    object_id: UUID | None
    detail: str


def _when(wanted: Wanted) -> dict[str, datetime]:
    return {
        name: moment
        for name, moment in (("at__gte", wanted.since), ("at__lt", wanted.until))
        if moment is not None
    }


async def entries_found(
    wanted: Wanted, *, after: int | None = None, limit: int = 50
) -> list[EntryLine]:
    """The newest first: those older than the one with the number ``after``. Nothing when there is
    no such entry."""
    named = {
        "act": wanted.act or None,
        "actor_id": wanted.actor_id,
        "subject_id": wanted.subject_id,
        "object_id": wanted.object_id,
    }
    found = Entry.filter(**_when(wanted), **{key: each for key, each in named.items() if each})
    if after is not None:
        last = await Entry.get_or_none(number=after)
        if last is None:
            return []
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, number__lt=last.number))
    rows = await found.order_by("-at", "-number").limit(limit).values_list(*EntryLine.__slots__)
    return [EntryLine(*row) for row in rows]


async def disclosures_found(
    wanted: Wanted, *, after: UUID | None = None, limit: int = 50
) -> list[DisclosureLine]:
    """The newest first: those older than the one called ``after``. Nothing when there is no such
    disclosure."""
    named = {
        "person_id": wanted.subject_id,
        "actor_id": wanted.actor_id,
        "object_id": wanted.object_id,
        "recipient_id": wanted.recipient_id,
    }
    found = Disclosure.filter(**_when(wanted), **{key: each for key, each in named.items() if each})
    if after is not None:
        last = await Disclosure.get_or_none(id=after)
        if last is None:
            return []
        found = found.filter(Q(at__lt=last.at) | Q(at=last.at, id__gt=last.id))
    return [disclosure_line(row) for row in await found.order_by("-at", "id").limit(limit)]


async def all_entries(wanted: Wanted, *, most: int) -> AsyncIterator[EntryLine]:
    """Page by page, the newest first; at most ``most``."""
    after: int | None = None
    given = 0
    while given < most:
        some = await entries_found(wanted, after=after, limit=min(AT_ONCE, most - given))
        for line in some:
            yield line
        given += len(some)
        if len(some) < AT_ONCE:
            return
        after = some[-1].number


async def all_disclosures(wanted: Wanted, *, most: int) -> AsyncIterator[DisclosureLine]:
    after: UUID | None = None
    given = 0
    while given < most:
        some = await disclosures_found(wanted, after=after, limit=min(AT_ONCE, most - given))
        for line in some:
            yield line
        given += len(some)
        if len(some) < AT_ONCE:
            return
        after = some[-1].id
