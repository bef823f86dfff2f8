"""Recording what came of a training, row by row, for ``service`` to call under the lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from registration.catalogue.lines import SessionLine
from registration.errors import FieldError
from registration.i18n import N_
from registration.teaching.deciding import Course, by_date, decide, rule_of
from registration.teaching.models import Attendance, Outcome, OutcomeChange
from registration.teaching.rules import (
    MEANWHILE,
    DayOf,
    OutcomeRow,
    OutcomesRefused,
    Recorded,
    RecordedMeanwhile,
    days_of,
)


def session_days(session: SessionLine) -> tuple[DayOf, ...]:
    return days_of([(day.id, day.starts_at) for day in session.days], zone=session.zone)


def decided(
    rows: Sequence[OutcomeRow],
    before: Mapping[UUID, tuple[Recorded, int]],
    session: SessionLine,
    *,
    now: datetime,
) -> dict[UUID, Recorded]:
    """What each named place has after its row.

    Raises ``OutcomesRefused``, ``RecordedMeanwhile``.
    """
    training = session.training
    today = now.astimezone(ZoneInfo(session.zone)).date()
    course = Course(session_days(session), training.grade_scale, today, rule_of(training))
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
        after[row.place_id], wrong = decide(recorded, row, course=course, where=where)
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


async def save(
    changed: Mapping[UUID, Recorded],
    before: Mapping[UUID, tuple[Recorded, int]],
    session: SessionLine,
    *,
    actor_id: UUID,
    now: datetime,
) -> None:
    """What has changed is stored, each row a version on, and what stood before is in the history;
    the seating's lock is the caller's."""
    known = {row.place_id: row for row in await Outcome.filter(place_id__in=list(changed))}
    days = session_days(session)
    history = [
        change(place, before[place][0], stands, days, actor_id=actor_id, now=now)
        for place, stands in changed.items()
        if before[place][1]
    ]
    await OutcomeChange.bulk_create(history, batch_size=100)
    for place, stands in changed.items():
        old, version = before[place]
        row = known.get(place) or Outcome(id=uuid4(), place_id=place)
        row.grade, row.completed = stands.grade, stands.completed
        row.overridden_because = stands.because
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


def change(
    place_id: UUID,
    before: Recorded,
    after: Recorded,
    days: Sequence[DayOf],
    *,
    actor_id: UUID | None,
    now: datetime,
) -> OutcomeChange:
    """An unsaved row of the history."""
    return OutcomeChange(
        id=uuid4(),
        place_id=place_id,
        changed_at=now,
        changed_by=actor_id,
        attendance_before=_kept(before, days),
        attendance_after=_kept(after, days),
        grade_before=before.grade,
        grade_after=after.grade,
        completed_before=before.completed,
        completed_after=after.completed,
        no_show_before=before.no_show,
        no_show_after=after.no_show,
        because_before=before.because,
        because_after=after.because,
    )


def _kept(recorded: Recorded, days: Sequence[DayOf]) -> dict[str, bool]:
    """Attendance as it is kept in the history, by ISO date."""
    return {day.isoformat(): there for day, there in by_date(recorded.attendance, days).items()}
