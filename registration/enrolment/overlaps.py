"""Who is elsewhere on the same days: said, never refused, and only to who may know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.models import Event, Session
from registration.catalogue.rules import Offering
from registration.enrolment.models import Place
from registration.enrolment.rules import Overlap, PlaceStatus, ShownTo

CHUNK = 500

# The overlaps of one person, each with the company that took the other place.
Found = Sequence[tuple[Overlap, UUID | None]]


async def other_places(person_ids: Sequence[UUID], offering: Offering) -> list[Place]:
    """The current places of these persons on other seatings."""
    found: list[Place] = []
    for start in range(0, len(person_ids), CHUNK):
        rows = Place.filter(person_id__in=list(person_ids[start : start + CHUNK]), current=True)
        found += await rows.exclude(seating_id=offering.seating_id)
    return found


async def overlaps_of(
    others: Sequence[Place], offering: Offering
) -> dict[UUID, tuple[tuple[Overlap, UUID | None], ...]]:
    """By person, of their ``others`` those on the same days, each with the company that took it.

    Days overlap when one begins before the other has ended. No query when there are no others.
    """
    if not others:
        return {}
    near = await _near([place.seating_id for place in others], offering)
    found: dict[UUID, tuple[tuple[Overlap, UUID | None], ...]] = {}
    for place in others:
        other = near.get(place.seating_id)
        if other is None:
            continue
        waiting = place.status == PlaceStatus.WAITING.value
        overlap = Overlap(place.id, other.title, other.days, other.zone, waiting)
        found[place.person_id] = (*found.get(place.person_id, ()), (overlap, place.company_id))
    return found


async def _near(seating_ids: Sequence[UUID], offering: Offering) -> Mapping[UUID, Offering]:
    """By seating, what is on the same days. Years of past places cost two light queries."""
    near: list[UUID] = []
    for model in (Session, Event):
        rows = await model.filter(
            seating_id__in=list(set(seating_ids)),
            starts_at__lt=offering.ends_at,
            ends_at__gt=offering.starts_at,
        ).values_list("seating_id", flat=True)
        near += [UUID(str(row)) for row in rows]
    offerings = await catalogue.offerings_by_seating(near)
    return {
        seating_id: other
        for seating_id, other in offerings.items()
        if any(
            start < until and since < end
            for start, end in offering.days
            for since, until in other.days
        )
    }


def visible(found: Found, shown_to: ShownTo, *, company_id: UUID | None) -> tuple[Overlap, ...]:
    """What of it the reader of the answer may see; the person is told all of it by mail."""
    if shown_to is ShownTo.NOBODY:
        return ()
    if shown_to is ShownTo.COMPANY:
        return tuple(overlap for overlap, by in found if by is not None and by == company_id)
    return tuple(overlap for overlap, _by in found)
