"""The scales of grades, and what stands on them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from registration.forms import FieldRefused
from registration.i18n import N_


class GradeScale(StrEnum):
    PASS_FAIL = "pass_fail"  # noqa: S105 -- a grade, no password
    ZERO_TO_FIVE = "zero_to_five"
    PERCENT = "percent"


_OFF_SCALE: Mapping[GradeScale, str] = {
    GradeScale.PASS_FAIL: N_("The grade is “pass” or “fail”."),
    GradeScale.ZERO_TO_FIVE: N_("The grade is a whole number from 0 to 5."),
    GradeScale.PERCENT: N_("The grade is a whole number from 0 to 100."),
}
_HIGHEST: Mapping[GradeScale, int] = {GradeScale.ZERO_TO_FIVE: 5, GradeScale.PERCENT: 100}


def check_grade(scale: GradeScale, text: str) -> str:
    """The grade as it is kept: ``pass``, ``fail`` or plain digits; empty when none is given.

    Raises ``FieldRefused`` for what is not on the scale.
    """
    given = text.strip().lower()
    if not given:
        return ""
    if scale is GradeScale.PASS_FAIL:
        if given in {"pass", "fail"}:
            return given
    else:
        digits = given.removesuffix("%").strip() if scale is GradeScale.PERCENT else given
        if digits.isascii() and digits.isdigit() and len(digits) <= 3:
            number = int(digits)
            if number <= _HIGHEST[scale]:
                return str(number)
    raise FieldRefused(_OFF_SCALE[scale], code="grade")


def is_failed(scale: GradeScale, grade: str) -> bool:
    """Whether the grade says that the training was not passed. A percentage says nothing of it."""
    return grade == {GradeScale.PASS_FAIL: "fail", GradeScale.ZERO_TO_FIVE: "0"}.get(scale)


def check_lowest(scale: GradeScale, text: str) -> str:
    """The lowest grade that is enough, as it is kept; empty: any is.

    Raises ``FieldRefused`` for what is not on the scale, and for a grade that says "failed".
    """
    grade = check_grade(scale, text)
    if is_failed(scale, grade):
        raise FieldRefused(N_("This grade says that the training was not passed."), code="grade")
    return grade


def reaches(scale: GradeScale, grade: str, lowest: str) -> bool:
    """Whether ``grade`` is at least ``lowest``; both are on the scale, neither is empty."""
    if scale is GradeScale.PASS_FAIL:
        return grade == "pass"
    return int(grade) >= int(lowest)
