"""Reading which packs are out, and whose destruction is not confirmed, into frozen values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.functions import Count, Sum
from tortoise.queryset import QuerySet

from registration.accounts.queries import names_of
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.teaching.keeping import OVERDUE_AFTER, PackNotFound, PackState, state_of
from registration.teaching.models import Pack
from registration.teaching.queries import recipient_names
from registration.teaching.rules import PackFormat, PackPurpose


@dataclass(frozen=True, slots=True)
class PackLine:
    """A pack that was taken: of which session, by which trainer and for whom; never who is in it.
    ``people`` is their number."""

    id: UUID
    session: SessionLine
    account_id: UUID
    trainer: str
    recipient_id: UUID
    recipient: str
    purpose: PackPurpose
    format: PackFormat
    people: int
    made_at: datetime
    ends_at: datetime
    asked_at: datetime | None
    destroyed_at: datetime | None
    destroyed_how: str
    state: PackState


async def packs_of_trainer(account_id: UUID, *, now: datetime) -> list[PackLine]:
    """All that this account ever took, the latest first, whatever became of the assignments; a
    constant number of queries."""
    return await _lines(Pack.filter(assignment__account_id=account_id), now=now)


async def packs_to_confirm(*, now: datetime) -> list[PackLine]:
    """Those that have ended and are not confirmed as destroyed, the one that ended first first."""
    found = await _lines(Pack.filter(destroyed_at=None, ends_at__lte=now), now=now)
    return sorted(found, key=lambda each: (each.ends_at, str(each.id)))


async def pack_line(pack_id: UUID, *, now: datetime) -> PackLine:
    """Raises ``PackNotFound``."""
    for line in await _lines(Pack.filter(id=pack_id), now=now):
        return line
    raise PackNotFound


async def packs_of_recipient(
    recipient_id: UUID, *, now: datetime, limit: int = 50
) -> list[PackLine]:
    """The latest of all that its trainers took."""
    return await _lines(Pack.filter(recipient_id=recipient_id).limit(limit), now=now)


async def overdue_packs(*, now: datetime) -> int:
    return await Pack.filter(destroyed_at=None, ends_at__lte=now - OVERDUE_AFTER).count()


@dataclass(frozen=True, slots=True)
class Given:
    """What one recipient was ever given, in packs by purpose; how many are out, and how many of
    these should be destroyed by now."""

    by_purpose: tuple[tuple[PackPurpose, int], ...]
    people: int
    out: int
    ended: int


async def given_to_recipients(*, now: datetime) -> dict[UUID, Given]:
    """By recipient, in two queries; those that were given nothing are absent. ``people`` counts a
    person once for each pack."""
    rows = await (
        Pack.all()
        .annotate(number=Count("id"), persons=Sum("people"))
        .group_by("recipient_id", "purpose")
        .values_list("recipient_id", "purpose", "number", "persons")
    )
    numbers: dict[UUID, dict[PackPurpose, int]] = {}
    people: Counter[UUID] = Counter()
    for recipient, purpose, number, persons in rows:
        numbers.setdefault(UUID(str(recipient)), {})[PackPurpose(purpose)] = int(number)
        people[UUID(str(recipient))] += int(persons)
    out = await Pack.filter(destroyed_at=None).values_list("recipient_id", "ends_at")
    kept = Counter(UUID(str(recipient)) for recipient, _ends in out)
    ended = Counter(UUID(str(recipient)) for recipient, ends_at in out if ends_at <= now)
    return {
        recipient: Given(
            tuple((each, counted[each]) for each in PackPurpose if each in counted),
            people[recipient],
            kept[recipient],
            ended[recipient],
        )
        for recipient, counted in numbers.items()
    }


async def _lines(found: QuerySet[Pack], *, now: datetime) -> list[PackLine]:
    rows = await found.order_by("-made_at", "id").select_related("assignment")
    sessions = await catalogue.sessions_by_id([row.assignment.session_id for row in rows])
    trainers = await names_of(row.assignment.account_id for row in rows)
    recipients = await recipient_names(row.recipient_id for row in rows)
    return [
        PackLine(
            id=row.id,
            session=sessions[row.assignment.session_id],
            account_id=row.assignment.account_id,
            trainer=trainers.get(row.assignment.account_id, ""),
            recipient_id=row.recipient_id,
            recipient=recipients.get(row.recipient_id, ""),
            purpose=PackPurpose(row.purpose),
            format=PackFormat(row.format),
            people=row.people,
            made_at=row.made_at,
            ends_at=row.ends_at,
            asked_at=row.asked_at,
            destroyed_at=row.destroyed_at,
            destroyed_how=row.destroyed_how,
            state=state_of(row.ends_at, row.destroyed_at, now=now),
        )
        for row in rows
    ]
