"""Which results are still missing, over many sessions at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.teaching.models import Outcome


async def undecided(seating_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many people hold a place without a result, by seating, in two queries.

    Who attended or did not come has a result; seatings where none is missing are absent.
    """
    if not seating_ids:
        return {}
    ids = list(seating_ids)
    held = await Place.filter(seating_id__in=ids, status=PlaceStatus.CONFIRMED.value).values_list(
        "id", "seating_id"
    )
    decided = {
        str(place)
        for place in await Outcome.filter(
            place__seating_id__in=ids,
            place__status=PlaceStatus.CONFIRMED.value,
            completed__isnull=False,
        ).values_list("place_id", flat=True)
    }
    return dict(Counter(UUID(str(seating)) for place, seating in held if str(place) not in decided))
