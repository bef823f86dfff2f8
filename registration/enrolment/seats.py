"""What is taken, and who waits: counts under the seating's lock, none of them stored."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from tortoise.functions import Count

from registration.db import connection
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.rules import SEATED, InLine, Numbers, PlaceStatus

SEATED_VALUES = frozenset(status.value for status in SEATED)
CONFIRMED_VALUES = frozenset({PlaceStatus.CONFIRMED.value, PlaceStatus.ATTENDED.value})
UNNAMED = "unnamed"

_NUMBERS = (
    "SELECT status, COUNT(*) AS number, SUM(CASE WHEN until <= {now} THEN 1 ELSE 0 END) AS lapsed "
    'FROM place WHERE seating_id = {seating} AND "current" = {true} GROUP BY status '
    "UNION ALL "
    "SELECT 'unnamed', COUNT(*), SUM(CASE WHEN until <= {now} THEN 1 ELSE 0 END) "
    "FROM held_seat WHERE seating_id = {seating}"
)
_ON_SQLITE = _NUMBERS.format(now="?1", seating="?2", true="1")
_ON_POSTGRES = _NUMBERS.format(now="$1", seating="$2", true="TRUE")


async def numbers_of(seating_id: UUID, *, now: datetime) -> Numbers:
    """The numbers of a seating, by its lock's holder, in one statement."""
    db = connection()
    if db.capabilities.support_for_update:
        rows = await db.execute_query_dict(_ON_POSTGRES, [now, seating_id])
    else:
        moment = now.astimezone(UTC).isoformat(" ")
        rows = await db.execute_query_dict(_ON_SQLITE, [moment, str(seating_id)])
    taken = waiting = confirmed = lapsed = 0
    for row in rows:
        status, number = row["status"], row["number"]
        if status == PlaceStatus.WAITING.value:
            waiting += number
            continue
        if status == UNNAMED or status in SEATED_VALUES:
            taken += number
            lapsed += row["lapsed"] or 0
        if status in CONFIRMED_VALUES:
            confirmed += number
    return Numbers(taken, waiting, confirmed, lapsed)


async def seats_of_companies(seating_id: UUID) -> dict[UUID, int]:
    """How many seats each company has, named or not; those of nobody's company are left out."""
    places = Place.filter(
        seating_id=seating_id, current=True, status__in=list(SEATED_VALUES)
    ).exclude(company_id=None)
    held: dict[UUID, int] = {}
    for rows in (places, HeldSeat.filter(seating_id=seating_id)):
        counted = (
            await rows.annotate(number=Count("id"))
            .group_by("company_id")
            .values("company_id", "number")
        )
        for row in counted:
            company_id = UUID(str(row["company_id"]))
            held[company_id] = held.get(company_id, 0) + int(row["number"])
    return held


async def line_of(seating_id: UUID, *, most: int | None = None) -> list[InLine]:
    """Who waits, in the order of their turns; the first ``most`` of them."""
    line = Place.filter(seating_id=seating_id, status=PlaceStatus.WAITING.value)
    line = line.order_by("turn", "id")
    rows = await (line if most is None else line.limit(most)).values_list("id", "company_id")
    return [InLine(UUID(str(made)), UUID(str(by)) if by else None) for made, by in rows]
