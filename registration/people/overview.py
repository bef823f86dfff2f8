"""Names behind pseudonymous ids, for as long as there is somebody behind them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tortoise.expressions import Q

from registration.people.models import Person


async def names(person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Full names by id; who was erased is absent."""
    wanted = list(set(person_ids))
    if not wanted:
        return {}
    rows = await Person.filter(id__in=wanted).values_list("id", "first_name", "last_name")
    return {UUID(str(made)): f"{first} {last}" for made, first, last in rows}


MOST_WORDS = 6


async def found_by(words: str, *, limit: int = 50) -> dict[UUID, str]:
    """Full names by id of those in whose name or e-mail address each of the words stands."""
    wanted = words.casefold().split()[:MOST_WORDS]
    found = Person.all()
    for word in wanted:
        found = found.filter(Q(name_key__contains=word) | Q(email__contains=word))
    if not wanted:
        return {}
    rows = await found.order_by("name_key", "id").limit(limit)
    return {row.id: f"{row.first_name} {row.last_name}" for row in rows}
