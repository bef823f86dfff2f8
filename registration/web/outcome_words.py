"""Results in words: what stands, what the rule asks for, and how a result came to be another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from registration.catalogue.grading import GradeScale
from registration.catalogue.lines import TrainingLine
from registration.i18n import _, format_moment
from registration.teaching.history import ChangeLine, Stood
from registration.teaching.packs import grade_words

# When, what changed, who did it and why.
Told = tuple[str, str, str]


def result_words(completed: bool | None, *, no_show: bool) -> str:
    if no_show:
        return _("Did not come")
    if completed is None:
        return _("Not decided")
    return _("Completed") if completed else _("Not completed")


def rule_words(training: TrainingLine) -> str:
    """The rule of completion as a sentence; empty: the trainer decides."""
    percent, lowest = training.attendance_percent, training.lowest_grade
    days = _days(percent) if percent else ""
    grade = _lowest(lowest, training.grade_scale) if lowest else ""
    if days and grade:
        return _("Completed when {days} and {grade}.", days=days, grade=grade)
    return _("Completed when {condition}.", condition=days or grade) if days or grade else ""


def _days(percent: int) -> str:
    if percent >= 100:
        return _("present on every day")
    return _("present on at least {percent} % of the days", percent=percent)


def _lowest(grade: str, scale: GradeScale) -> str:
    if scale is GradeScale.PASS_FAIL:
        return _("the grade is “passed”")
    if scale is GradeScale.PERCENT:
        return _("the grade is {grade} % or more", grade=grade)
    return _("the grade is {grade} or more", grade=grade)


def changes_told(
    changes: Sequence[ChangeLine], scale: GradeScale, zone: ZoneInfo
) -> tuple[Told, ...]:
    """For a timeline, in the order of ``changes``."""
    return tuple(
        (
            format_moment(each.changed_at, zone=zone),
            "; ".join(_differences(each.before, each.after, scale)),
            ". ".join(part for part in (each.by_name, _why(each)) if part),
        )
        for each in changes
    )


def _why(each: ChangeLine) -> str:
    because = each.after.because
    return _("Reason: {reason}", reason=because) if because else ""


def _differences(before: Stood, after: Stood, scale: GradeScale) -> list[str]:
    found = [
        f"{day.day}.{day.month}.: {_mark(before.attendance, day)} → {_mark(after.attendance, day)}"
        for day in sorted({*before.attendance, *after.attendance})
        if before.attendance.get(day) != after.attendance.get(day)
    ]
    grades = [grade_words(each.grade, scale) or "–" for each in (before, after)]
    results = [result_words(each.completed, no_show=each.no_show) for each in (before, after)]
    if grades[0] != grades[1]:
        found.append(f"{_('Grade')}: {grades[0]} → {grades[1]}")
    if results[0] != results[1]:
        found.append(f"{_('Result')}: {results[0]} → {results[1]}")
    return found or [_("Reason of the result")]


def day_words(attendance: Mapping[date, bool]) -> tuple[str, ...]:
    """``1.4. present``"""
    return tuple(f"{day.day}.{day.month}. {_mark(attendance, day)}" for day in sorted(attendance))


def _mark(attendance: Mapping[date, bool], day: date) -> str:
    words = {True: _("present"), False: _("absent")}
    return words[attendance[day]] if day in attendance else "–"
