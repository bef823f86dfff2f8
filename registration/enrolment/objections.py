"""What a person says to a place that a company took for them: that it is right, or that it is not
(P6). An objection ends nothing by itself: staff look at it with the company."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.queries import PlaceLine, lines_of
from registration.enrolment.rules import PlaceNotFound
from registration.errors import Conflict
from registration.i18n import N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record

MOST = 200


class NothingToAnswer(Conflict):
    message = N_("No company took this place for you, or it is over already.")


async def answer_enrolment(
    place_id: UUID, *, agrees: bool, actor_id: UUID | None, now: datetime
) -> None:
    """What the person said stands, with its moment, until they say otherwise; said again, nothing
    more happens. Raises ``PlaceNotFound``, ``NothingToAnswer``."""
    async with transaction():
        place = await Place.get_or_none(id=place_id)
        if place is None:
            raise PlaceNotFound
        if place.company_id is None or not place.current:
            raise NothingToAnswer
        if (place.agreed_at if agrees else place.objected_at) is not None:
            return
        place.agreed_at, place.objected_at = (now, None) if agrees else (None, now)
        await place.save(update_fields=["agreed_at", "objected_at"])
        await record(
            Act.PLACE_CHANGED,
            now=now,
            actor_id=actor_id,
            subject_id=place.person_id,
            object_id=place.id,
            note=Note(codes=("agreed" if agrees else "objected",)),
        )


async def answers_of(place_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """By place, of those that were answered: whether the person agrees. One query."""
    if not place_ids:
        return {}
    rows = await Place.filter(id__in=list(place_ids)).values_list("id", "agreed_at", "objected_at")
    return {made: objected is None for made, agreed, objected in rows if agreed or objected}


async def objections(*, now: datetime) -> list[PlaceLine]:
    """The places that stand although their person objected, the nearest start first; in a constant
    number of queries. Over is over: nothing is left to decide then."""
    rows = (
        await Place.filter(current=True)
        .exclude(objected_at=None)
        .order_by("objected_at", "id")
        .limit(MOST)
        .select_related("person")
    )
    lines = [line for line in await lines_of(rows) if now < line.offering.ends_at]
    return sorted(lines, key=lambda line: (line.offering.starts_at, line.id))
