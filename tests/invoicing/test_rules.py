"""Sums to the cent, references with their check digit, months with their ends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.invoicing.rules import (
    Line,
    RateTotal,
    days_of,
    due_on,
    month_of,
    number_text,
    reference_of,
    span_of,
    totals,
)

HELSINKI = ZoneInfo("Europe/Helsinki")


def line(people: int, price_cents: int, rate: int = 2550) -> Line:
    day = date(2026, 3, 10)
    return Line(1, uuid4(), {"en": "Track"}, day, day, "", people, price_cents, rate)


def test_vat_is_rounded_once_for_each_rate() -> None:
    """Line by line it would be 0,26 + 0,26 + 0,26 = 0,78 and is 0,77 of 3,03 at 25,5 %."""
    assert totals([line(1, 101)] * 3) == (RateTotal(2550, 303, 77),)


def test_half_a_cent_is_rounded_up() -> None:
    assert totals([line(1, 100, 2550)]) == (RateTotal(2550, 100, 26),)


def test_each_rate_has_its_own_sum() -> None:
    found = totals([line(2, 1_000, 2550), line(1, 1_000, 2400), line(1, 1_000, 2550)])
    assert found == (RateTotal(2400, 1_000, 240), RateTotal(2550, 3_000, 765))


@given(
    st.lists(
        st.tuples(
            st.integers(1, 10_000), st.integers(1, 10**9), st.sampled_from([1000, 1400, 2400, 2550])
        ),
        min_size=1,
        max_size=20,
    )
)
def test_sums_agree_with_decimal_arithmetic(rows: list[tuple[int, int, int]]) -> None:
    for each in totals([line(*row) for row in rows]):
        net = sum(people * price for people, price, rate in rows if rate == each.vat_basis_points)
        exact = Decimal(net) * each.vat_basis_points / 10_000
        rounded = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
        assert (each.net_cents, each.vat_cents) == (net, rounded)


@pytest.mark.parametrize(
    ("number", "reference"),
    [("1234", "12344"), ("2026-00001", "2026000011"), ("123456", "1234561")],
)
def test_a_payment_reference_ends_with_its_check_digit(number: str, reference: str) -> None:
    assert reference_of(number) == reference


@given(st.integers(2000, 2099), st.integers(1, 99_999))
def test_every_payment_reference_has_the_check_digit_of_the_standard(year: int, count: int) -> None:
    reference = reference_of(number_text(year, count))
    total = sum(
        int(digit) * (7, 3, 1)[index % 3] for index, digit in enumerate(reversed(reference[:-1]))
    )
    assert (total + int(reference[-1])) % 10 == 0


@pytest.mark.parametrize(
    ("month", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_month_has_its_days(month: str, first: date, last: date) -> None:
    assert days_of(month) == (first, last)


def test_a_month_is_as_long_as_on_the_clocks_of_its_zone() -> None:
    """March 2026 loses an hour in Finland."""
    since, until = span_of("2026-03", HELSINKI)
    assert since == datetime(2026, 2, 28, 22, tzinfo=UTC)
    assert until == datetime(2026, 3, 31, 21, tzinfo=UTC)
    assert month_of(datetime(2026, 3, 31, 21, tzinfo=UTC), HELSINKI) == "2026-04"


def test_an_invoice_is_due_two_weeks_after_it_was_made() -> None:
    assert due_on(date(2026, 12, 24)) == date(2027, 1, 7)
