"""What deleted places leave behind: counts without persons, and that a certificate was revoked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from uuid import UUID, uuid4

from registration.db import connection
from registration.enrolment.models import Place
from registration.qualifications.models import Certificate, RevokedPlace
from registration.teaching.models import Outcome

_ADD = (
    "INSERT INTO kept_count (id, seating_id, status, outcome, number) VALUES "
    "({id}, {seating}, {status}, {outcome}, {number}) "
    "ON CONFLICT (seating_id, status, outcome) "
    "DO UPDATE SET number = kept_count.number + excluded.number"
)
_ON_SQLITE = _ADD.format(id="?1", seating="?2", status="?3", outcome="?4", number="?5")
_ON_POSTGRES = _ADD.format(id="$1", seating="$2", status="$3", outcome="$4", number="$5")


async def leave_counts(place_ids: Collection[UUID]) -> None:
    """The seatings of these places count them for good, by status and outcome, and what was revoked
    of their certificates stays revoked in the published list. To be called in the transaction that
    deletes them, right before, and once for each place.
    """
    ids = list(dict.fromkeys(place_ids))
    if not ids:
        return
    outcomes = {
        UUID(str(place)): bool(completed)
        for place, completed in await Outcome.filter(
            place_id__in=ids, completed__not_isnull=True
        ).values_list("place_id", "completed")
    }
    counted: Counter[tuple[str, str, str]] = Counter()
    for place, seating, status in await Place.filter(id__in=ids).values_list(
        "id", "seating_id", "status"
    ):
        counted[str(seating), str(status), _said(outcomes.get(UUID(str(place))))] += 1
    db = connection()
    postgres = db.capabilities.dialect == "postgres"
    # In one order, so that two who add to the same seatings do not wait for each other.
    for (seating_id, state, outcome), number in sorted(counted.items()):
        key: list[object] = [uuid4(), UUID(seating_id)] if postgres else [str(uuid4()), seating_id]
        await db.execute_query(
            _ON_POSTGRES if postgres else _ON_SQLITE, [*key, state, outcome, number]
        )
    await _stay_revoked(ids)


def _said(completed: bool | None) -> str:
    if completed is None:
        return ""
    return "completed" if completed else "not-completed"


async def _stay_revoked(place_ids: list[UUID]) -> None:
    revoked = await Certificate.filter(
        place_id__in=place_ids, revoked_at__not_isnull=True, status_index__not_isnull=True
    ).values_list("status_index", flat=True)
    await RevokedPlace.bulk_create(
        [RevokedPlace(id=uuid4(), status_index=int(str(index))) for index in revoked],
        ignore_conflicts=True,
    )
