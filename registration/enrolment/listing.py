"""The people of one seating, a page at a time: only those shown are read whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from registration.enrolment.models import Place
from registration.enrolment.queries import PlaceLine, lines_of
from registration.enrolment.rules import PlaceStatus
from registration.i18n import collation_key


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """``people`` are those of one page, the seated by name, then who waits, in turn; ``counts`` of
    all pages. ``number`` counts pages from 1."""

    people: tuple[PlaceLine, ...]
    counts: Mapping[PlaceStatus, int]
    number: int
    pages: int

    @property
    def total(self) -> int:
        return sum(self.counts.values())


async def people_on(
    seating_id: UUID, *, size: int, number: int = 1, company_id: UUID | None = None
) -> PeoplePage:
    """Who holds a place now; of ``company_id`` those for whom it took the place. A page past the
    last is the last. The number of queries is the same for one and for thousands."""
    found = Place.filter(seating_id=seating_id, current=True)
    if company_id is not None:
        found = found.filter(company_id=company_id)
    rows = await found.values_list(
        "id", "status", "turn", "person__last_name", "person__first_name"
    )
    # Names are put in order here: databases know nothing of where å, ä and ö stand.
    ordered = sorted(rows, key=_order)
    pages = max(1, -(-len(ordered) // size))
    number = min(max(1, number), pages)
    shown = [row[0] for row in ordered[(number - 1) * size : number * size]]
    lines = await lines_of(await Place.filter(id__in=shown).select_related("person"))
    by_id = {line.id: line for line in lines}
    return PeoplePage(
        people=tuple(by_id[each] for each in shown if each in by_id),
        counts=Counter(PlaceStatus(row[1]) for row in rows),
        number=number,
        pages=pages,
    )


def _order(row: tuple[UUID, str, int, str, str]) -> tuple[bool, int, object, object]:
    _id, status, turn, last_name, first_name = row
    waits = status == PlaceStatus.WAITING
    return waits, turn if waits else 0, collation_key(last_name), collation_key(first_name)
