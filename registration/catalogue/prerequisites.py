"""What a person must have completed before a training: as given, as read, never in a circle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from registration.catalogue.models import Prerequisite, Training
from registration.catalogue.rules import NeedGiven, TrainingNotFound
from registration.db import one_at_a_time
from registration.errors import FieldError
from registration.forms import Refused
from registration.i18n import N_, collation_key, text_in

CIRCLE = N_("This training is needed for that one already, so that nobody could take either.")
ITSELF = N_("A training cannot need itself.")


@dataclass(frozen=True, slots=True)
class Need:
    """A training that another one needs. ``valid``: what it gave must be in force when the session
    begins; ``public``: it has a page."""

    training_id: UUID
    slug: str
    title: Mapping[str, str]
    valid: bool
    public: bool


async def needs_of(training_ids: Sequence[UUID]) -> dict[UUID, tuple[Need, ...]]:
    """By training, in the order of the titles, in one query; trainings without are absent."""
    ids = list(dict.fromkeys(training_ids))
    if not ids:
        return {}
    found: dict[UUID, list[Need]] = {}
    for row in await Prerequisite.filter(training_id__in=ids).select_related("needed"):
        needed = row.needed
        need = Need(needed.id, needed.slug, needed.title, row.valid, needed.published)
        found.setdefault(row.training_id, []).append(need)
    return {
        training_id: tuple(sorted(needs, key=lambda each: collation_key(text_in(each.title))))
        for training_id, needs in found.items()
    }


async def write_needs(training_id: UUID, given: Sequence[NeedGiven]) -> None:
    """The training needs exactly these, in the caller's transaction. Raises ``Refused`` at the row
    that names an unknown training, the same one, or one that needs this one."""
    await _check(training_id, given)
    await Prerequisite.filter(training_id=training_id).delete()
    await Prerequisite.bulk_create(
        [
            Prerequisite(
                id=uuid4(), training_id=training_id, needed_id=each.training, valid=each.valid
            )
            for each in given
        ]
    )


async def _check(training_id: UUID, given: Sequence[NeedGiven]) -> None:
    if not given:
        return
    await one_at_a_time("prerequisites")  # or two that are given at once could close a circle
    wanted = [each.training for each in given]
    known = set(await Training.filter(id__in=wanted).values_list("id", flat=True))
    above = await _needing(training_id)
    errors: list[FieldError] = []
    for row, needed in enumerate(wanted):
        place = f"prerequisites.{row}.training"
        if needed == training_id:
            errors.append(FieldError(place, "itself", ITSELF))
        elif needed not in known:
            errors.append(FieldError(place, "unknown", TrainingNotFound.message))
        elif needed in above:
            errors.append(FieldError(place, "circle", CIRCLE))
    if errors:
        raise Refused(*errors)


async def _needing(training_id: UUID) -> set[UUID]:
    """All trainings that need this one, by however many steps: a query a step."""
    found: set[UUID] = set()
    step: set[UUID] = {training_id}
    while step:
        rows = await Prerequisite.filter(needed_id__in=list(step))
        step = {row.training_id for row in rows} - found
        found |= step
    return found
