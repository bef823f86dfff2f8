"""What a person asked us not to do with their data, where it is looked at: beside the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.people.models import Person, Suggestion
from registration.people.rules import PersonNotFound


@dataclass(frozen=True, slots=True)
class Limits:
    """Each since when, or None. ``restricted_at``: the data is only kept; the person gets no mail
    that they need not have, and is offered to nobody who enrols. ``untold_at``: a company is told
    only of what it took itself. ``unsuggested_at``: what others propose is not kept."""

    restricted_at: datetime | None = None
    untold_at: datetime | None = None
    unsuggested_at: datetime | None = None


async def limits_of(person_id: UUID) -> Limits:
    """Raises ``PersonNotFound``."""
    person = await Person.get_or_none(id=person_id)
    if person is None:
        raise PersonNotFound
    return Limits(person.restricted_at, person.untold_at, person.unsuggested_at)


async def set_limits(person_id: UUID, limits: Limits) -> None:
    """Exactly these stand; what others proposed is gone if nothing of it is to be kept. Inside the
    caller's transaction. Raises ``PersonNotFound``."""
    changed = await Person.filter(id=person_id).update(
        restricted_at=limits.restricted_at,
        untold_at=limits.untold_at,
        unsuggested_at=limits.unsuggested_at,
    )
    if not changed:
        raise PersonNotFound
    if limits.unsuggested_at is not None:
        await Suggestion.filter(person_id=person_id).delete()
