"""How a result came to stand: every save that changed it, with what stood before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from registration.accounts.queries import names_of
from registration.accounts.rules import Identity
from registration.db import transaction
from registration.enrolment.rules import PlaceNotFound
from registration.ledger.service import disclose
from registration.teaching.models import OutcomeChange
from registration.teaching.opening import opened, shown, taught
from registration.teaching.service import VIEW_FIELDS, VIEW_PURPOSE


@dataclass(frozen=True, slots=True)
class Stood:
    """What stood on record at a time; ``attendance`` is by the date that the day had then."""

    attendance: Mapping[date, bool]
    grade: str
    completed: bool | None
    no_show: bool
    because: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """``by_name`` is empty for an account that is gone."""

    changed_at: datetime
    changed_by: UUID | None
    by_name: str
    before: Stood
    after: Stood


@dataclass(frozen=True, slots=True)
class History:
    """Whose result it is, as a trainer sees it, and its changes, the newest first."""

    name: str
    company: str
    changes: tuple[ChangeLine, ...]


async def changes_of(place_id: UUID) -> tuple[ChangeLine, ...]:
    """The newest first. What was recorded the first time is no change."""
    rows = await OutcomeChange.filter(place_id=place_id).order_by("-changed_at", "id")
    names = await names_of([row.changed_by for row in rows if row.changed_by])
    return tuple(_line(row, names) for row in rows)


def _line(row: OutcomeChange, names: Mapping[UUID, str]) -> ChangeLine:
    before = Stood(
        _dates(row.attendance_before),
        row.grade_before,
        row.completed_before,
        row.no_show_before,
        row.because_before,
    )
    after = Stood(
        _dates(row.attendance_after),
        row.grade_after,
        row.completed_after,
        row.no_show_after,
        row.because_after,
    )
    name = names.get(row.changed_by, "") if row.changed_by else ""
    return ChangeLine(row.changed_at, row.changed_by, name, before, after)


def _dates(kept: Mapping[str, bool]) -> dict[date, bool]:
    return {date.fromisoformat(day): kept[day] for day in sorted(kept)}


async def changed_places(place_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those whose result was changed after it was first recorded."""
    if not place_ids:
        return frozenset()
    rows = await OutcomeChange.filter(place_id__in=list(place_ids)).values_list(
        "place_id", flat=True
    )
    return frozenset(UUID(str(each)) for each in rows)


async def shown_history(
    session_id: UUID, place_id: UUID, *, identity: Identity, now: datetime, road: str = "page"
) -> History:
    """To the trainer, and that it was shown is on record. Raises what ``participants`` raises, and
    ``PlaceNotFound`` for somebody who is not taught there."""
    async with transaction():
        assignment, session = await opened(session_id, identity=identity, now=now)
        lines = [line for line in await taught(session) if line.id == place_id]
        if not lines:
            raise PlaceNotFound
        await disclose(shown(lines, assignment, VIEW_FIELDS, VIEW_PURPOSE, road=road), now=now)
        changes = await changes_of(place_id)
    return History(lines[0].name, lines[0].company_name, changes)
