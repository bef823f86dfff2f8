"""What a row of outcomes comes to: marks, a grade, and a result that the training's rule decides
unless the trainer says otherwise and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from registration.catalogue.grading import GradeScale, check_grade, is_failed, reaches
from registration.catalogue.lines import TrainingLine
from registration.enrolment.rules import PlaceStatus
from registration.errors import FieldError
from registration.forms import FieldRefused
from registration.i18n import N_, format_date
from registration.teaching.rules import DayOf, OutcomeRow, Recorded

SHORTEST_REASON = 3

UNKNOWN_DAY = N_("{day} is not a day of this session.")
DAY_AHEAD = N_("{day} has not come yet, so nobody was there.")
REASON_TOO_SHORT = N_("Say why in a few words: 3 to 200 letters.")
AGAINST_RULE = N_("By the rule of this training it is not completed. Say why it is all the same.")
AGAINST_RULE_NOT = N_("By the rule of this training it is completed. Say why it is not.")
FAILED_AND_COMPLETED = N_("A failed grade and a completed training contradict each other.")
ABSENT_AND_PRESENT = N_("Somebody who did not come has no day present and nothing completed.")


@dataclass(frozen=True, slots=True)
class CompletionRule:
    """Who was there for ``attendance_percent`` of the days (None: for any) and has at least
    ``lowest_grade`` ("": or none) has completed the training."""

    attendance_percent: int | None = None
    lowest_grade: str = ""


def rule_of(training: TrainingLine) -> CompletionRule | None:
    """None: the trainer says who has completed it."""
    if training.attendance_percent is None and not training.lowest_grade:
        return None
    return CompletionRule(training.attendance_percent, training.lowest_grade)


class Verdict(StrEnum):
    """What the rule says. ``NOT_YET``: a day is not marked, or a grade is missing."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_YET = "not_yet"

    @property
    def result(self) -> bool | None:
        return {Verdict.MET: True, Verdict.NOT_MET: False}.get(self)


def verdict(
    recorded: Recorded, *, rule: CompletionRule, days: Sequence[DayOf], scale: GradeScale
) -> Verdict:
    """What the rule says of what is recorded; of somebody who did not come it says nothing.

    One part that fails is enough: too low a grade, too few days once all are marked. Days count
    alike, however long they are.
    """
    if recorded.no_show:
        return Verdict.NOT_YET
    parts = (_attended(recorded, rule, days), _graded(recorded, rule, scale))
    if False in parts:
        return Verdict.NOT_MET
    return Verdict.NOT_YET if None in parts else Verdict.MET


def _attended(recorded: Recorded, rule: CompletionRule, days: Sequence[DayOf]) -> bool | None:
    if rule.attendance_percent is None:
        return True
    marks = [recorded.attendance.get(day.id) for day in days]
    if None in marks:
        return None
    return marks.count(True) * 100 >= rule.attendance_percent * len(marks)


def _graded(recorded: Recorded, rule: CompletionRule, scale: GradeScale) -> bool | None:
    if is_failed(scale, recorded.grade):
        return False
    if not rule.lowest_grade:
        return True
    return reaches(scale, recorded.grade, rule.lowest_grade) if recorded.grade else None


@dataclass(frozen=True, slots=True)
class Course:
    """What a row is decided by. ``today`` is the date where the session is held."""

    days: Sequence[DayOf]
    scale: GradeScale
    today: date
    rule: CompletionRule | None = None


def decide(
    before: Recorded, row: OutcomeRow, *, course: Course, where: str
) -> tuple[Recorded, tuple[FieldError, ...]]:
    """What stands after ``row``, and what is wrong with it, as ``<where>.<field>``.

    A failed grade and a completion contradict each other, as do having come and not having come.
    Where the rule can be decided, the result is the rule's or stands with a reason.
    """
    attendance, errors = _marked(before, row, course, where)
    given = row.model_fields_set
    grade = before.grade
    if "grade" in given:
        try:
            grade = check_grade(course.scale, row.grade or "")
        except FieldRefused as refused:
            errors.append(FieldError(f"{where}.grade", refused.code, refused.message))
    if row.because and len(row.because) < SHORTEST_REASON:
        errors.append(FieldError(f"{where}.because", "because", REASON_TOO_SHORT))
    no_show = bool(row.no_show) if "no_show" in given else before.no_show
    marked = Recorded(attendance, grade, before.completed, no_show, before.because)
    if course.rule is None:
        after = _as_said(before, marked, row)
    else:
        after, wrong = _by_rule(before, marked, row, course=course, rule=course.rule, where=where)
        errors += wrong
    return after, (*errors, *_contradictions(after, course.scale, where))


def _marked(
    before: Recorded, row: OutcomeRow, course: Course, where: str
) -> tuple[dict[UUID, bool], list[FieldError]]:
    errors: list[FieldError] = []
    attendance = dict(before.attendance)
    by_name = {str(day.id): day for day in course.days}
    by_name |= {day.on.isoformat(): day for day in course.days}
    for name, present in row.attendance.items():
        day = by_name.get(name.strip().lower())
        if day is None:
            errors.append(FieldError(f"{where}.attendance", "day", UNKNOWN_DAY, {"day": name[:40]}))
        elif present is None:
            attendance.pop(day.id, None)
        elif present and day.on > course.today:
            said = {"day": format_date(day.on)}
            errors.append(FieldError(f"{where}.attendance", "day_ahead", DAY_AHEAD, said))
        else:
            attendance[day.id] = present
    return attendance, errors


def _with(marked: Recorded, completed: bool | None, because: str) -> Recorded:
    return Recorded(marked.attendance, marked.grade, completed, marked.no_show, because)


def _as_said(before: Recorded, marked: Recorded, row: OutcomeRow) -> Recorded:
    """Without a rule; a reason from the time of one stays with its result."""
    completed = row.completed if "completed" in row.model_fields_set else before.completed
    return _with(marked, completed, before.because if completed == before.completed else "")


def _by_rule(
    before: Recorded,
    marked: Recorded,
    row: OutcomeRow,
    *,
    course: Course,
    rule: CompletionRule,
    where: str,
) -> tuple[Recorded, list[FieldError]]:
    says = verdict(marked, rule=rule, days=course.days, scale=course.scale).result
    said = row.completed if "completed" in row.model_fields_set else None
    if said is not None:
        completed: bool | None = said
        reason = row.because or (before.because if said == before.completed else "")
    elif "completed" in row.model_fields_set:
        completed, reason = says, ""
    elif marked == before and not row.because:
        return before, []  # not touched: it stands, even from before there was a rule
    elif before.because and before.completed is not None:
        completed, reason = before.completed, row.because or before.because
    else:
        old = verdict(before, rule=rule, days=course.days, scale=course.scale).result
        by_trainer = None if old == before.completed else before.completed
        completed, reason = by_trainer if says is None else says, ""
    if completed is None or completed == says:
        return _with(marked, completed, ""), []
    if says is not None and not reason:
        message = AGAINST_RULE if completed else AGAINST_RULE_NOT
        return _with(marked, completed, ""), [
            FieldError(f"{where}.because", "against_rule", message)
        ]
    return _with(marked, completed, reason), []


def _contradictions(after: Recorded, scale: GradeScale, where: str) -> list[FieldError]:
    found: list[FieldError] = []
    if after.completed and is_failed(scale, after.grade):
        found.append(FieldError(f"{where}.completed", "failed", FAILED_AND_COMPLETED))
    if after.no_show and (after.completed or any(after.attendance.values())):
        found.append(FieldError(f"{where}.no_show", "present", ABSENT_AND_PRESENT))
    return found


def status_after(recorded: Recorded) -> PlaceStatus:
    """Attended once the result is decided and the person was there; no-show only if it was said."""
    if recorded.no_show:
        return PlaceStatus.NO_SHOW
    if recorded.completed:
        return PlaceStatus.ATTENDED
    if recorded.completed is False and any(recorded.attendance.values()):
        return PlaceStatus.ATTENDED
    return PlaceStatus.CONFIRMED


def looks_completed(
    recorded: Recorded,
    *,
    days: Sequence[DayOf],
    scale: GradeScale,
    rule: CompletionRule | None = None,
) -> bool:
    """Whether it is undecided and nothing speaks against completion: the rule is met; without one
    present on every day, and no failed grade."""
    if recorded.completed is not None or recorded.no_show:
        return False
    if rule is not None:
        return verdict(recorded, rule=rule, days=days, scale=scale) is Verdict.MET
    present = all(recorded.attendance.get(day.id) for day in days)
    return present and not is_failed(scale, recorded.grade)


def names_changed(before: Recorded, after: Recorded) -> tuple[str, ...]:
    """Which parts differ, for the ledger."""
    names = ("attendance", "grade", "completed", "no_show", "because")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def by_date(attendance: Mapping[UUID, bool], days: Sequence[DayOf]) -> dict[date, bool]:
    """In the order of the days."""
    return {day.on: attendance[day.id] for day in days if day.id in attendance}
