"""Grades, terms of access, and what a row of outcomes comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.catalogue.rules import GradeScale
from registration.enrolment.rules import PlaceStatus
from registration.errors import Forbidden
from registration.forms import FieldRefused, Refused, parse
from registration.teaching.deciding import Course, decide, looks_completed, status_after
from registration.teaching.rules import (
    PACKS,
    AssignmentEnded,
    DayOf,
    NoAgreement,
    NoSafeguard,
    OutcomeRow,
    PackField,
    PackPurpose,
    RecipientGiven,
    Recorded,
    Terms,
    check_grade,
    fields_of,
    may_teach,
)

NOW = datetime(2027, 4, 1, 9, tzinfo=UTC)
TODAY = date(2027, 4, 1)
IN_FORCE = Terms(NOW + timedelta(days=1), date(2027, 1, 1), None, "FI", "")
DAY, OTHER_DAY = UUID(int=1), UUID(int=2)
DAYS = (DayOf(DAY, TODAY), DayOf(OTHER_DAY, TODAY + timedelta(days=1)))
PLACE = str(UUID(int=9))


@pytest.mark.parametrize(
    ("scale", "typed", "kept"),
    [
        (GradeScale.PASS_FAIL, " Pass ", "pass"),
        (GradeScale.PASS_FAIL, "FAIL", "fail"),
        (GradeScale.PASS_FAIL, "", ""),
        (GradeScale.ZERO_TO_FIVE, "0", "0"),
        (GradeScale.ZERO_TO_FIVE, "5", "5"),
        (GradeScale.PERCENT, "100", "100"),
        (GradeScale.PERCENT, "85 %", "85"),
        (GradeScale.PERCENT, "007", "7"),
    ],
)
def test_a_grade_on_the_scale_is_kept(scale: GradeScale, typed: str, kept: str) -> None:
    assert check_grade(scale, typed) == kept


@pytest.mark.parametrize(
    ("scale", "typed"),
    [
        (GradeScale.PASS_FAIL, "5"),
        (GradeScale.PASS_FAIL, "passed"),
        (GradeScale.ZERO_TO_FIVE, "6"),
        (GradeScale.ZERO_TO_FIVE, "-1"),
        (GradeScale.ZERO_TO_FIVE, "4,5"),
        (GradeScale.ZERO_TO_FIVE, "pass"),
        (GradeScale.ZERO_TO_FIVE, "³"),
        (GradeScale.ZERO_TO_FIVE, "٣"),
        (GradeScale.ZERO_TO_FIVE, "5 %"),
        (GradeScale.PERCENT, "101"),
        (GradeScale.PERCENT, "1e1"),
        (GradeScale.PERCENT, "0000"),
    ],
)
def test_a_grade_off_the_scale_is_refused(scale: GradeScale, typed: str) -> None:
    with pytest.raises(FieldRefused, match="The grade is"):
        check_grade(scale, typed)


@given(st.sampled_from(GradeScale), st.text(max_size=6))
def test_what_is_kept_of_a_grade_is_kept_again(scale: GradeScale, typed: str) -> None:
    try:
        kept = check_grade(scale, typed)
    except FieldRefused:
        return
    assert check_grade(scale, kept) == kept


@pytest.mark.promise("P7")
@pytest.mark.promise("P16")
@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (IN_FORCE, None),
        (replace(IN_FORCE, ends_at=NOW + timedelta(microseconds=1)), None),
        (replace(IN_FORCE, ends_at=NOW), AssignmentEnded),
        (replace(IN_FORCE, agreement_on=None), NoAgreement),
        (replace(IN_FORCE, agreement_on=TODAY), None),
        (replace(IN_FORCE, agreement_on=TODAY + timedelta(days=1)), NoAgreement),
        (replace(IN_FORCE, agreement_until=TODAY), None),
        (replace(IN_FORCE, agreement_until=TODAY - timedelta(days=1)), NoAgreement),
        (replace(IN_FORCE, country="NO"), None),
        (replace(IN_FORCE, country="US"), NoSafeguard),
        (replace(IN_FORCE, country="GB", safeguard="  "), NoSafeguard),
        (replace(IN_FORCE, country="US", safeguard="SCC 2021/914, 1.2.2027"), None),
    ],
)
def test_access_rests_on_assignment_agreement_and_safeguard(
    terms: Terms, refusal: type[Forbidden] | None
) -> None:
    if refusal is None:
        may_teach(terms, now=NOW)
    else:
        with pytest.raises(refusal):
            may_teach(terms, now=NOW)


def test_the_last_day_of_an_agreement_ends_at_midnight_in_finland() -> None:
    terms = replace(IN_FORCE, agreement_until=TODAY)
    may_teach(terms, now=datetime(2027, 4, 1, 20, 59, tzinfo=UTC))
    with pytest.raises(NoAgreement):
        may_teach(terms, now=datetime(2027, 4, 1, 21, 0, tzinfo=UTC))


@pytest.mark.promise("P7")
def test_packs_have_their_fixed_fields_each_with_a_reason() -> None:
    assert {purpose: tuple(fields_of(purpose)) for purpose in PackPurpose} == {
        PackPurpose.ATTENDANCE: (PackField.NAME, PackField.COMPANY),
        PackPurpose.CERTIFICATE: tuple(PackField),
        PackPurpose.PERMIT: tuple(field for field in PackField if field is not PackField.GRADE),
    }
    assert [each.field for fields in PACKS.values() for each in fields if not each.reason] == []


def row(**given: object) -> OutcomeRow:
    return parse(OutcomeRow, {"place_id": PLACE, **given})


def decided(before: Recorded, given: OutcomeRow) -> tuple[Recorded, list[tuple[str, str]]]:
    course = Course(DAYS, GradeScale.ZERO_TO_FIVE, TODAY + timedelta(days=1))
    after, errors = decide(before, given, course=course, where="rows.0")
    return after, [(error.field, error.code) for error in errors]


STANDS = Recorded({DAY: True}, "3", True)


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ({}, STANDS),
        ({"grade": "4"}, Recorded({DAY: True}, "4", True)),
        ({"grade": None}, Recorded({DAY: True}, "", True)),
        ({"completed": None}, Recorded({DAY: True}, "3", None)),
        ({"attendance": {"2027-04-02": False}}, Recorded({DAY: True, OTHER_DAY: False}, "3", True)),
        ({"attendance": {str(DAY).upper(): None}}, Recorded({}, "3", True)),
    ],
)
def test_a_row_changes_what_it_says_and_nothing_else(
    given: dict[str, object], after: Recorded
) -> None:
    assert decided(STANDS, row(**given)) == (after, [])


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"attendance": {"2027-04-03": True}}, [("rows.0.attendance", "day")]),
        ({"attendance": {str(UUID(int=7)): True}}, [("rows.0.attendance", "day")]),
        ({"grade": "6"}, [("rows.0.grade", "grade")]),
        ({"grade": "0"}, [("rows.0.completed", "failed")]),
        ({"no_show": True}, [("rows.0.no_show", "present")]),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], errors: list[tuple[str, str]]) -> None:
    assert decided(STANDS, row(**given))[1] == errors


@pytest.mark.parametrize(
    ("recorded", "status"),
    [
        (Recorded({}), PlaceStatus.CONFIRMED),
        (Recorded({DAY: True}), PlaceStatus.CONFIRMED),
        (Recorded({DAY: False, OTHER_DAY: False}), PlaceStatus.CONFIRMED),
        (Recorded({}, completed=True), PlaceStatus.ATTENDED),
        (Recorded({DAY: True}, completed=False), PlaceStatus.ATTENDED),
        (Recorded({DAY: False}, completed=False), PlaceStatus.CONFIRMED),
        (Recorded({DAY: False}, no_show=True), PlaceStatus.NO_SHOW),
    ],
)
def test_status_follows_the_result_and_no_show_only_if_it_was_said(
    recorded: Recorded, status: PlaceStatus
) -> None:
    assert status_after(recorded) is status


@pytest.mark.parametrize(
    ("recorded", "answer"),
    [
        (Recorded({DAY: True, OTHER_DAY: True}), True),
        (Recorded({DAY: True, OTHER_DAY: True}, "0"), False),
        (Recorded({DAY: True}), False),
        (Recorded({DAY: True, OTHER_DAY: False}), False),
        (Recorded({DAY: True, OTHER_DAY: True}, completed=False), False),
    ],
)
def test_completion_is_suggested_for_who_came_every_day(recorded: Recorded, answer: bool) -> None:
    assert looks_completed(recorded, days=DAYS, scale=GradeScale.ZERO_TO_FIVE) is answer


def test_an_agreement_ends_after_it_starts() -> None:
    given = {"name": "A", "country": "fi", "agreement_on": TODAY, "agreement_until": "2027-03-31"}
    with pytest.raises(Refused):
        parse(RecipientGiven, given)
    assert parse(RecipientGiven, given | {"agreement_until": TODAY}).country == "FI"
