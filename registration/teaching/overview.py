"""What is left to do over many sessions at once: results that are missing, trainers who said no."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import State
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.teaching.models import Assignment, Outcome, OutcomeChange
from registration.teaching.queries import TAUGHT_VALUES, end_of


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


@dataclass(frozen=True, slots=True)
class Overridden:
    """A result that stands against the training's rule, and why."""

    place_id: UUID
    completed: bool | None
    because: str


async def overridden(seating_id: UUID) -> tuple[Overridden, ...]:
    rows = await Outcome.filter(
        place__seating_id=seating_id, place__status__in=TAUGHT_VALUES
    ).exclude(overridden_because="")
    return tuple(Overridden(row.place_id, row.completed, row.overridden_because) for row in rows)


async def corrected(seating_id: UUID) -> int:
    """Of how many people the result was changed after it was first recorded."""
    rows = OutcomeChange.filter(
        place__seating_id=seating_id, place__status__in=TAUGHT_VALUES
    ).distinct()
    return len(await rows.values_list("place_id", flat=True))


@dataclass(frozen=True, slots=True)
class Declined:
    """A trainer who was asked to teach a session and does not; ``because`` may be empty."""

    trainer: str
    because: str
    declined_at: datetime
    session: SessionLine


async def declined_invitations(*, now: datetime) -> tuple[Declined, ...]:
    """For sessions that are not over nor called off, by their start; until staff end the assignment
    or the trainer accepts after all. A constant number of queries."""
    rows = await Assignment.filter(
        declined_at__isnull=False, session__ends_at__gt=now
    ).select_related("account")
    sessions = await catalogue.sessions_by_id([row.session_id for row in rows])
    found = [
        Declined(row.account.name, row.declined_because, row.declined_at, session)
        for row in rows
        if (session := sessions.get(row.session_id)) is not None
        and session.state is not State.CANCELLED
        and end_of(row, session) > now
        and row.declined_at is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.session.starts_at, each.trainer)))
