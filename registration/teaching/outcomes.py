"""Recording what came of a training, row by row, for ``service`` to call under the lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from registration.catalogue.lines import SessionLine
from registration.errors import FieldError
from registration.i18n import N_
from registration.teaching.models import Attendance, Outcome
from registration.teaching.rules import (
    MEANWHILE,
    OutcomeRow,
    OutcomesRefused,
    Recorded,
    RecordedMeanwhile,
    days_of,
    decide,
)


def decided(
    rows: Sequence[OutcomeRow], before: Mapping[UUID, tuple[Recorded, int]], session: SessionLine
) -> dict[UUID, Recorded]:
    """What each named place has after its row.

    Raises ``OutcomesRefused``, ``RecordedMeanwhile``.
    """
    days = days_of([(day.id, day.starts_at) for day in session.days], zone=session.zone)
    errors: list[FieldError] = []
    meanwhile: dict[UUID, FieldError] = {}
    after: dict[UUID, Recorded] = {}
    for index, row in enumerate(rows):
        where = f"rows.{index}"
        if row.place_id not in before or row.place_id in after:
            errors.append(_misplaced(where, twice=row.place_id in after))
            continue
        recorded, version = before[row.place_id]
        if row.version is not None and row.version != version:
            meanwhile[row.place_id] = FieldError(f"{where}.version", "meanwhile", MEANWHILE)
        scale = session.training.grade_scale
        after[row.place_id], wrong = decide(recorded, row, days=days, scale=scale, where=where)
        errors += wrong
    if meanwhile:
        raise RecordedMeanwhile(tuple(meanwhile), tuple(meanwhile.values()))
    if errors:
        raise OutcomesRefused(*errors)
    return after


def _misplaced(where: str, *, twice: bool) -> FieldError:
    if twice:
        return FieldError(f"{where}.place_id", "twice", N_("This person stands here twice."))
    return FieldError(f"{where}.place_id", "unknown", N_("Nobody on this session has this id."))


def differences(before: Recorded, after: Recorded) -> tuple[str, ...]:
    names = ("attendance", "grade", "completed", "no_show")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


async def save(
    changed: Mapping[UUID, Recorded],
    before: Mapping[UUID, tuple[Recorded, int]],
    *,
    actor_id: UUID,
    now: datetime,
) -> None:
    """What has changed is stored, each row a version on; the seating's lock is the caller's."""
    known = {row.place_id: row for row in await Outcome.filter(place_id__in=list(changed))}
    for place, stands in changed.items():
        old, version = before[place]
        row = known.get(place) or Outcome(id=uuid4(), place_id=place)
        row.grade, row.completed = stands.grade, stands.completed
        row.version, row.recorded_by, row.recorded_at = version + 1, actor_id, now
        await row.save(force_create=place not in known)
        differ = [
            day for day in stands.attendance if old.attendance.get(day) != stands.attendance[day]
        ]
        gone = set(old.attendance) - set(stands.attendance)
        if differ or gone:
            await Attendance.filter(place_id=place, day_id__in=[*differ, *gone]).delete()
        await Attendance.bulk_create(
            [
                Attendance(
                    id=uuid4(),
                    place_id=place,
                    day_id=day,
                    present=stands.attendance[day],
                    recorded_by=actor_id,
                    recorded_at=now,
                )
                for day in differ
            ]
        )
