"""Names behind pseudonymous ids, for as long as there is somebody behind them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from registration.people.models import Person


async def names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Full names by id; who was erased is absent."""
    wanted = list(set(person_ids))
    if not wanted:
        return {}
    rows = await Person.filter(id__in=wanted).values_list("id", "first_name", "last_name")
    return {UUID(str(made)): f"{first} {last}" for made, first, last in rows}
