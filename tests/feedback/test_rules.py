"""When anybody may read what was said (P18)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.feedback.rules import (
    COMMENTS_FROM,
    COMMON,
    LEAST,
    SCORES,
    Answer,
    FeedbackGiven,
    Question,
    QuestionsGiven,
    comments,
    tallies,
    to_publish,
)
from registration.forms import Refused, parse

pytestmark = pytest.mark.promise("P18")
ANSWERS = st.lists(
    st.builds(
        Answer,
        st.dictionaries(st.sampled_from(COMMON), st.sampled_from(SCORES)),
        st.sampled_from(("", "Food", "ätt", "Zoo", "pace")),
        st.sampled_from(("", "More breaks", "less slides")),
    ),
    max_size=30,
)


def _looks(steps: list[int]) -> tuple[list[int], int]:
    """How many answers could be read at each moment when they came so many at a time, the survey
    closed at last; and how many there were."""
    waiting = read = 0
    seen = [0]
    for more in steps:
        for _each in range(more):
            waiting += 1
            now = to_publish(waiting, closed=False)
            waiting, read = waiting - now, read + now
        seen.append(read)
    read += to_publish(waiting, closed=True)
    return [*seen, read], sum(steps)


@given(st.lists(st.integers(0, 7), max_size=20))
def test_no_two_looks_differ_by_fewer_than_a_group(steps: list[int]) -> None:
    seen, _all = _looks(steps)
    differences = {after - before for at, before in enumerate(seen) for after in seen[at:]}
    assert [each for each in differences if 0 < each < LEAST] == []


@given(st.lists(st.integers(0, 7), max_size=20))
def test_in_the_end_all_are_read_unless_all_are_fewer_than_a_group(steps: list[int]) -> None:
    seen, number = _looks(steps)
    assert seen[-1] == (number if number >= LEAST else 0)


def test_what_can_be_read_while_it_is_open() -> None:
    """A control: these very numbers, so that a rule that never shows anything does not pass."""
    assert [_looks([number])[0][1] for number in range(13)] == [
        0, 0, 0, 0, 0, 0, 3, 3, 3, 6, 6, 6, 9,
    ]  # fmt: skip


@given(ANSWERS)
def test_each_answer_is_counted_once_for_each_question(answers: list[Answer]) -> None:
    for tally in tallies(answers, COMMON):
        scores = [each.scores[tally.question] for each in answers if tally.question in each.scores]
        assert tally.counts == tuple(scores.count(score) for score in SCORES)
        assert tally.answers == len(scores)
        assert tally.mean == (round(sum(scores) / len(scores), 1) if scores else None)


@given(ANSWERS, st.booleans(), st.randoms(use_true_random=False))
def test_comments_come_in_an_order_that_says_nothing(
    answers: list[Answer], closed: bool, chance: object
) -> None:
    shuffled = list(answers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert comments(answers, closed=closed) == comments(shuffled, closed=closed)


@pytest.mark.parametrize(
    ("number", "closed", "shown"),
    [
        (LEAST - 1, True, False),
        (LEAST, True, True),
        (LEAST, False, False),
        (COMMENTS_FROM - 1, False, False),
        (COMMENTS_FROM, False, True),
    ],
)
def test_comments_need_enough_answers(number: int, closed: bool, shown: bool) -> None:
    answers = [Answer({Question.OVERALL: 4}, f"good {each}", "") for each in range(number)]
    assert len(comments(answers, closed=closed)[0]) == (number if shown else 0)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, {"overall"}),
        ({"overall": ""}, {"overall"}),
        ({"overall": "0"}, {"overall"}),
        ({"overall": "6"}, {"overall"}),
        ({"overall": "4.5"}, {"overall"}),
        ({"overall": "neljä"}, {"overall"}),
        ({"overall": "9" * 400}, {"overall"}),
        ({"overall": "4", "content": "-1"}, {"content"}),
        ({"overall": "4", "good": "x" * 1001}, {"good"}),
        ({"overall": "4", "better": "x" * 100_000, "recommend": "x"}, {"better", "recommend"}),
        ({"overall": "4", "person_id": "x"}, {"person_id"}),
    ],
)
def test_what_is_no_answer_is_refused_by_field(typed: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(Refused) as refused:
        parse(FeedbackGiven, typed)
    assert {error.field for error in refused.value.errors} == wrong


def test_what_is_left_out_has_no_score_and_texts_are_cleaned() -> None:
    typed = {"overall": "5", "content": " ", "good": "  one \u200b \r\n two\x07 "}
    given_ = parse(FeedbackGiven, typed)
    assert (given_.overall, given_.content, given_.good) == (5, None, "one\ntwo")


def test_empty_questions_of_ones_own_are_none() -> None:
    given_ = parse(QuestionsGiven, {"own_1": {"fi": " ", "en": ""}, "own_2": {"en": "Lunch?"}})
    assert given_.texts == [{"en": "Lunch?"}]
