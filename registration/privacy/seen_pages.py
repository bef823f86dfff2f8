"""Who saw a person's data, all of it: page by page, and by what one looks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from registration.ledger.models import Disclosure
from registration.ledger.queries import DisclosureLine

PAGE = 50


@dataclass(frozen=True, slots=True)
class Sought:
    """``purpose`` and ``field`` as the ledger has them, or empty; ``since`` and ``until`` are the
    ends of a stretch of time."""

    purpose: str = ""
    field: str = ""
    since: datetime | None = None
    until: datetime | None = None


ALL = Sought()


async def looks(
    person_id: UUID,
    sought: Sought = ALL,
    *,
    after: DisclosureLine | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> list[DisclosureLine]:
    """The newest first; those that come after one that was seen, or after so many."""
    found = _found(person_id, sought)
    if after is not None:
        found = found.filter(Q(at__lt=after.at) | Q(at=after.at, id__gt=after.id))
    rows = await found.order_by("-at", "id").offset(offset).limit(limit)
    return [_line(row) for row in rows]


async def number_of_looks(person_id: UUID, sought: Sought = ALL) -> int:
    return await _found(person_id, sought).count()


async def purposes_of(person_id: UUID) -> Collection[str]:
    """What the person's data was shown for, each once."""
    rows = await Disclosure.filter(person_id=person_id).distinct().values_list("purpose", flat=True)
    return sorted(str(each) for each in rows)


def _found(person_id: UUID, sought: Sought) -> QuerySet[Disclosure]:
    found = Disclosure.filter(person_id=person_id)
    if sought.purpose:
        found = found.filter(purpose=sought.purpose)
    if sought.field:
        # Fields stand with commas between them: "name" is not part of "company_name".
        alone, first = sought.field, f"{sought.field},"
        last, amid = f",{sought.field}", f",{sought.field},"
        found = found.filter(
            Q(fields_shown=alone)
            | Q(fields_shown__startswith=first)
            | Q(fields_shown__endswith=last)
            | Q(fields_shown__contains=amid)
        )
    if sought.since is not None:
        found = found.filter(at__gte=sought.since)
    if sought.until is not None:
        found = found.filter(at__lt=sought.until)
    return found


def _line(row: Disclosure) -> DisclosureLine:
    return DisclosureLine(
        id=row.id,
        at=row.at,
        person_id=row.person_id,
        actor_id=row.actor_id,
        recipient_id=row.recipient_id,
        object_id=row.object_id,
        purpose=row.purpose,
        basis=row.basis,
        road=row.road,
        fields=tuple(row.fields_shown.split(",")) if row.fields_shown else (),
    )
