"""What staff look up among all places: the newest, somebody's, and who waits where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q
from tortoise.functions import Count

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus

MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class SignUpLine:
    """A place as a list shows it; ``company`` is the one that took it, else the person's own."""

    id: UUID
    offering: Offering
    name: str
    email: str
    company: str
    status: PlaceStatus
    source: str
    created_at: datetime


async def latest(*, limit: int = 10) -> list[SignUpLine]:
    """The newest first, in a constant number of queries."""
    rows = await Place.all().order_by("-created_at", "id").limit(limit).select_related("person")
    return await _lines(rows)


async def search(words: str, *, limit: int = 50) -> list[SignUpLine]:
    """Places of persons in whose name or e-mail address each of the words stands, the newest
    first; nothing when no word is given."""
    wanted = words.casefold().split()[:MOST_WORDS]
    if not wanted:
        return []
    found = Place.all()
    for word in wanted:
        found = found.filter(Q(person__name_key__contains=word) | Q(person__email__contains=word))
    rows = await found.order_by("-created_at", "id").limit(limit).select_related("person")
    return await _lines(rows)


async def arrivals(since: datetime) -> list[datetime]:
    """When each place that was taken from ``since`` on was taken."""
    rows = await Place.filter(created_at__gte=since).values_list("created_at")
    return [moment for (moment,) in rows]


async def waiting() -> dict[UUID, int]:
    """How many wait, by seating; seatings where nobody waits are absent."""
    rows = (
        await Place.filter(status=PlaceStatus.WAITING.value)
        .annotate(number=Count("id"))
        .group_by("seating_id")
        .values_list("seating_id", "number")
    )
    return {UUID(str(seating)): int(number) for seating, number in rows}


async def _lines(rows: Sequence[Place]) -> list[SignUpLine]:
    offerings = await catalogue.offerings_by_seating([row.seating_id for row in rows])
    names = await companies.names([row.company_id for row in rows if row.company_id])
    return [
        SignUpLine(
            row.id,
            offerings[row.seating_id],
            f"{row.person.first_name} {row.person.last_name}",
            row.person.email,
            names.get(row.company_id, "") if row.company_id else row.person.company_name,
            PlaceStatus(row.status),
            row.source,
            row.created_at,
        )
        for row in rows
    ]
