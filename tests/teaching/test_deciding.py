"""The rule of completion: what it says, when it decides, and what may stand against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.catalogue.grading import check_lowest
from registration.catalogue.rules import GradeScale, TrainingGiven
from registration.forms import FieldRefused, Refused, parse
from registration.teaching.deciding import (
    CompletionRule,
    Course,
    Verdict,
    decide,
    looks_completed,
    verdict,
)
from registration.teaching.rules import DayOf, OutcomeRow, Recorded

FIRST = date(2027, 4, 1)
IDS = tuple(UUID(int=number) for number in range(1, 6))
DAYS = tuple(DayOf(each, FIRST + timedelta(days=at)) for at, each in enumerate(IDS))
LAST = DAYS[-1].on
PLACE = str(UUID(int=99))
FOUR_OF_FIVE = CompletionRule(80, "3")
COURSE = Course(DAYS, GradeScale.ZERO_TO_FIVE, LAST, FOUR_OF_FIVE)


def marks(text: str) -> dict[UUID, bool]:
    """``"11-0"``: two days there, the third not marked, absent on the fourth."""
    return {each: mark == "1" for each, mark in zip(IDS, text, strict=False) if mark != "-"}


def names(text: str) -> dict[str, bool]:
    return {str(each): there for each, there in marks(text).items()}


def row(**said: object) -> OutcomeRow:
    return parse(OutcomeRow, {"place_id": PLACE, **said})


def after(before: Recorded, *, course: Course = COURSE, **said: object) -> Recorded:
    stands, errors = decide(before, row(**said), course=course, where="rows.0")
    assert errors == ()
    return stands


def wrong(before: Recorded, *, course: Course = COURSE, **said: object) -> list[tuple[str, str]]:
    _stands, errors = decide(before, row(**said), course=course, where="rows.0")
    return [(error.field, error.code) for error in errors]


@pytest.mark.parametrize(
    ("recorded", "says"),
    [
        (Recorded(marks("11111"), "3"), Verdict.MET),
        (Recorded(marks("11110"), "3"), Verdict.MET),
        (Recorded(marks("11100"), "5"), Verdict.NOT_MET),
        (Recorded(marks("11111"), "2"), Verdict.NOT_MET),
        (Recorded(marks("11111"), "0"), Verdict.NOT_MET),
        (Recorded(marks("11111")), Verdict.NOT_YET),
        (Recorded(marks("1111-"), "3"), Verdict.NOT_YET),
        (Recorded(marks("1----"), "2"), Verdict.NOT_MET),
        (Recorded(marks("00000")), Verdict.NOT_MET),
        (Recorded(marks("00000"), no_show=True), Verdict.NOT_YET),
        (Recorded({}), Verdict.NOT_YET),
    ],
)
def test_attendance_and_grade_decide_together(recorded: Recorded, says: Verdict) -> None:
    assert verdict(recorded, rule=FOUR_OF_FIVE, days=DAYS, scale=GradeScale.ZERO_TO_FIVE) is says


@pytest.mark.parametrize(
    ("rule", "scale", "recorded", "says"),
    [
        (CompletionRule(100), GradeScale.PASS_FAIL, Recorded(marks("11111")), Verdict.MET),
        (CompletionRule(100), GradeScale.PASS_FAIL, Recorded(marks("11110")), Verdict.NOT_MET),
        (CompletionRule(1), GradeScale.PASS_FAIL, Recorded(marks("10000")), Verdict.MET),
        (CompletionRule(100), GradeScale.PASS_FAIL, Recorded(marks("1"), "fail"), Verdict.NOT_MET),
        (CompletionRule(None, "pass"), GradeScale.PASS_FAIL, Recorded({}, "pass"), Verdict.MET),
        (CompletionRule(None, "pass"), GradeScale.PASS_FAIL, Recorded({}), Verdict.NOT_YET),
        (CompletionRule(None, "65"), GradeScale.PERCENT, Recorded({}, "65"), Verdict.MET),
        (CompletionRule(None, "65"), GradeScale.PERCENT, Recorded({}, "9"), Verdict.NOT_MET),
        (CompletionRule(None, "65"), GradeScale.PERCENT, Recorded({}, "100"), Verdict.MET),
    ],
)
def test_a_part_that_is_not_asked_for_is_not_looked_at(
    rule: CompletionRule, scale: GradeScale, recorded: Recorded, says: Verdict
) -> None:
    assert verdict(recorded, rule=rule, days=DAYS, scale=scale) is says


def test_the_last_mark_decides_by_itself() -> None:
    stands = after(Recorded(marks("1111"), "4"), attendance=names("11111"))
    assert stands == Recorded(marks("11111"), "4", True)
    corrected = after(stands, grade="2")
    assert corrected == Recorded(marks("11111"), "2", False)
    assert after(corrected, grade="").completed is None
    assert after(stands, attendance={str(IDS[0]): None}).completed is None


def test_what_the_trainer_said_before_it_could_be_decided_stays_till_it_is() -> None:
    early = after(Recorded(marks("11")), completed=True)
    assert early.completed is True
    more = after(early, attendance=names("111"))
    assert more.completed is True
    assert after(more, attendance=names("11100"), grade="5").completed is False


def test_a_result_against_the_rule_needs_a_reason() -> None:
    met, missed = Recorded(marks("11111"), "3", True), Recorded(marks("11000"), "3", False)
    assert wrong(met, completed=False) == [("rows.0.because", "against_rule")]
    assert wrong(missed, completed=True) == [("rows.0.because", "against_rule")]
    assert wrong(missed, completed=True, because="") == [("rows.0.because", "against_rule")]
    assert wrong(missed, completed=True, because="ok") == [("rows.0.because", "because")]
    stands = after(missed, completed=True, because="  Made it up elsewhere ")
    assert stands == replace(missed, completed=True, because="Made it up elsewhere")


def test_a_reason_has_at_most_200_letters() -> None:
    with pytest.raises(Refused):
        row(completed=True, because="x" * 201)
    assert row(completed=True, because="x" * 200).because == "x" * 200


def test_an_override_stays_until_the_rule_agrees_or_it_is_taken_back() -> None:
    stands = Recorded(marks("11000"), "3", True, because="Made it up elsewhere")
    assert after(stands, grade="4") == replace(stands, grade="4")
    assert after(stands, because="Came on Monday") == replace(stands, because="Came on Monday")
    assert after(stands, completed=True) == stands
    assert after(stands, completed=None) == replace(stands, completed=False, because="")
    assert after(stands, completed=False) == replace(stands, completed=False, because="")
    there = after(stands, attendance=names("11110"))
    assert there == Recorded(marks("11110"), "3", True)


def test_a_reason_without_a_result_against_the_rule_is_not_kept() -> None:
    met = Recorded(marks("11111"), "3", True)
    assert after(met, completed=True, because="Just so") == met
    assert after(Recorded({}), because="Just so") == Recorded({})


def test_a_result_from_before_there_was_a_rule_stands_until_it_is_touched() -> None:
    old = Recorded(marks("11000"), "", True)
    assert after(old) == old
    assert after(old, grade="5").completed is False


def test_without_a_rule_the_trainer_says() -> None:
    course = replace(COURSE, rule=None)
    before = Recorded(marks("00000"), "", False)
    assert after(before, course=course, completed=True, because="x y z") == replace(
        before, completed=True
    )
    assert after(Recorded(marks("1111")), course=course, attendance=names("11111")) == Recorded(
        marks("11111")
    )


def test_who_did_not_come_has_no_result_by_the_rule() -> None:
    decided = after(Recorded({}), attendance=names("00000"))
    assert decided.completed is False
    assert after(decided, no_show=True, completed=None) == Recorded(
        marks("00000"), no_show=True, completed=None
    )


def test_nobody_was_there_on_a_day_that_has_not_come() -> None:
    course = replace(COURSE, today=FIRST)
    ahead = {DAYS[1].on.isoformat(): True}
    assert wrong(Recorded({}), course=course, attendance=ahead) == [
        ("rows.0.attendance", "day_ahead")
    ]
    assert after(Recorded({}), course=course, attendance={FIRST.isoformat(): True}) == Recorded(
        marks("1")
    )
    assert after(Recorded({}), course=course, attendance={str(IDS[4]): False}) == Recorded(
        marks("----0")
    )


def test_with_a_rule_completion_is_suggested_by_it() -> None:
    recorded = Recorded(marks("11110"), "3")
    scale = GradeScale.ZERO_TO_FIVE
    assert looks_completed(recorded, days=DAYS, scale=scale, rule=FOUR_OF_FIVE) is True
    assert looks_completed(recorded, days=DAYS, scale=scale) is False


GRADES = st.sampled_from(["", "0", "1", "2", "3", "4", "5"])
MARKS = st.dictionaries(st.sampled_from(IDS), st.booleans())
STOOD = st.builds(
    Recorded,
    MARKS,
    GRADES,
    st.none() | st.booleans(),
    st.booleans(),
    st.sampled_from(["", "Because"]),
)
RULES = st.builds(
    CompletionRule, st.none() | st.integers(1, 100), st.sampled_from(["", "1", "3", "5"])
).filter(lambda rule: bool(rule.attendance_percent or rule.lowest_grade))
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "attendance": st.dictionaries(st.sampled_from([str(each) for each in IDS]), st.booleans()),
        "grade": GRADES,
        "completed": st.none() | st.booleans(),
        "no_show": st.booleans(),
        "because": st.sampled_from(["", "A reason"]),
    },
)


@given(STOOD, RULES, ROWS)
def test_what_is_saved_is_by_the_rule_or_has_a_reason(
    before: Recorded, rule: CompletionRule, said: dict[str, object]
) -> None:
    course = replace(COURSE, rule=rule)
    stands, errors = decide(before, row(**said), course=course, where="rows.0")
    if errors or stands == before:
        return
    says = verdict(stands, rule=rule, days=DAYS, scale=course.scale).result
    assert says is None or stands.completed is says or stands.because != ""
    assert not (stands.because and stands.completed is says)


@given(STOOD, RULES, ROWS)
def test_saving_the_same_again_changes_nothing(
    before: Recorded, rule: CompletionRule, said: dict[str, object]
) -> None:
    course = replace(COURSE, rule=rule)
    once, errors = decide(before, row(**said), course=course, where="rows.0")
    if not errors:
        assert decide(once, row(**said), course=course, where="rows.0") == (once, ())


@given(RULES, MARKS, GRADES)
def test_more_days_and_a_better_grade_never_undo_a_completion(
    rule: CompletionRule, attended: dict[UUID, bool], grade: str
) -> None:
    scale = GradeScale.ZERO_TO_FIVE
    stands = Recorded(attended, grade)
    if verdict(stands, rule=rule, days=DAYS, scale=scale) is Verdict.MET:
        best = Recorded(dict.fromkeys(IDS, True), "5")
        assert verdict(best, rule=rule, days=DAYS, scale=scale) is Verdict.MET


TITLE = {"title": {"en": "Track safety"}}


@pytest.mark.parametrize(
    ("scale", "typed", "kept"),
    [
        ("zero_to_five", 3, "3"),
        ("zero_to_five", " 1 ", "1"),
        ("percent", "65 %", "65"),
        ("pass_fail", "PASS", "pass"),
        ("pass_fail", None, ""),
    ],
)
def test_the_lowest_grade_stands_on_the_scale(scale: str, typed: object, kept: str) -> None:
    given = TITLE | {"grade_scale": scale, "lowest_grade": typed, "attendance_percent": "80"}
    training = parse(TrainingGiven, given)
    assert (training.lowest_grade, training.attendance_percent) == (kept, 80)


@pytest.mark.parametrize(
    "wrongly",
    [
        {"grade_scale": "zero_to_five", "lowest_grade": "6"},
        {"grade_scale": "zero_to_five", "lowest_grade": "0"},
        {"grade_scale": "pass_fail", "lowest_grade": "fail"},
        {"grade_scale": "percent", "lowest_grade": "101"},
        {"attendance_percent": 0},
        {"attendance_percent": 101},
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(wrongly: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        parse(TrainingGiven, TITLE | wrongly)
    assert [error.field for error in refused.value.errors] == [list(wrongly)[-1]]


def test_no_failed_grade_is_enough() -> None:
    with pytest.raises(FieldRefused):
        check_lowest(GradeScale.PASS_FAIL, "fail")
    assert check_lowest(GradeScale.PERCENT, "0") == "0"
