"""What outranks what when data could go: every combination, and properties of any (P8, P13)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.periods import goes_on, gone_before
from registration.privacy.rules import Facts, Verdict, Why, verdict

TODAY = date(2026, 11, 22)
REVIEW = TODAY + timedelta(days=90)
LATER, DUE, NEVER = TODAY + timedelta(days=1), TODAY, None
DAYS = st.dates(min_value=date(1999, 1, 1), max_value=date(2060, 12, 31))
MONTHS = st.integers(min_value=1, max_value=600)
FACTS = st.builds(
    Facts,
    goes_on=st.none() | DAYS,
    held=st.lists(DAYS, max_size=3),
    restricted=st.booleans(),
    duty_until=st.none() | DAYS,
    pending=st.booleans(),
)


def _expected(
    held: bool, restricted: bool, duty: date | None, asked: bool, pending: bool, end: date | None
) -> Verdict:
    """The table, row by row, as a lawyer would read it."""
    rows = (
        (held, Verdict(False, Why.HOLD, REVIEW)),
        (restricted and not asked, Verdict(False, Why.RESTRICTION, None)),
        (duty == LATER, Verdict(False, Why.DUTY, LATER)),
        (asked, Verdict(True, Why.ASKED, TODAY)),
        (pending, Verdict(False, Why.PENDING, None)),
        (end is None, Verdict(False, Why.NEEDED, None)),
        (end == LATER, Verdict(False, Why.PERIOD, LATER)),
        (True, Verdict(True, Why.OVER, DUE)),
    )
    return next(said for applies, said in rows if applies)


@pytest.mark.promise("P8")
@pytest.mark.promise("P13")
def test_every_combination_has_the_verdict_of_its_strongest_reason() -> None:
    yes_no = (False, True)
    for held, restricted, asked, pending in product(yes_no, repeat=4):
        for duty, end in product((NEVER, DUE, LATER), repeat=2):
            facts = Facts(end, [REVIEW, TODAY] if held else [], restricted, duty, pending)
            assert verdict(facts, today=TODAY, asked=asked) == _expected(
                held, restricted, duty, asked, pending, end
            ), (held, restricted, asked, pending, duty, end)


@given(facts=FACTS, asked=st.booleans())
def test_a_hold_keeps_whatever_else_is_so(facts: Facts, asked: bool) -> None:
    said = verdict(facts, today=TODAY, asked=asked)
    assert not (facts.held and said.goes)


@given(facts=FACTS)
def test_the_calendar_never_deletes_early_nor_against_a_reason(facts: Facts) -> None:
    if verdict(facts, today=TODAY).goes:
        assert facts.goes_on is not None
        assert facts.goes_on <= TODAY
        assert (list(facts.held), facts.restricted, facts.pending) == ([], False, False)
        assert facts.duty_until is None or facts.duty_until <= TODAY


@given(facts=FACTS)
def test_what_the_calendar_deletes_a_person_may_have_deleted_too(facts: Facts) -> None:
    by_calendar, by_wish = (verdict(facts, today=TODAY, asked=each).goes for each in (False, True))
    assert by_wish or not by_calendar


@given(facts=FACTS, days=st.integers(min_value=0, max_value=4000))
def test_what_goes_today_goes_on_any_later_day(facts: Facts, days: int) -> None:
    if verdict(facts, today=TODAY).goes:
        assert verdict(facts, today=TODAY + timedelta(days=days)).goes


@pytest.mark.parametrize(
    ("last_day", "months", "day"),
    [
        (date(2024, 3, 5), 24, date(2026, 3, 6)),
        (date(2024, 2, 28), 12, date(2025, 3, 1)),
        (date(2024, 2, 29), 12, date(2025, 3, 1)),
        (date(2025, 2, 28), 12, date(2026, 3, 1)),
        (date(2024, 12, 31), 1, date(2025, 2, 1)),
        (date(2024, 1, 30), 1, date(2024, 3, 1)),
        (date(2024, 1, 28), 1, date(2024, 2, 29)),
    ],
    ids=str,
)
def test_a_period_ends_with_its_last_day(last_day: date, months: int, day: date) -> None:
    assert goes_on(last_day, months) == day


@given(last_day=DAYS, months=MONTHS, today=DAYS)
def test_both_ends_of_a_period_say_the_same(last_day: date, months: int, today: date) -> None:
    assert (last_day < gone_before(today, months)) == (goes_on(last_day, months) <= today)


@given(last_day=DAYS, months=MONTHS)
def test_no_period_is_shorter_than_its_calendar_months(last_day: date, months: int) -> None:
    day = goes_on(last_day, months)
    moved = (day.year - last_day.year) * 12 + day.month - last_day.month
    assert moved > months or (moved == months and day.day > last_day.day)


@given(last_day=DAYS, days=st.integers(min_value=0, max_value=400), months=MONTHS)
def test_what_ended_later_goes_no_earlier(last_day: date, days: int, months: int) -> None:
    assert goes_on(last_day, months) <= goes_on(last_day + timedelta(days=days), months)
