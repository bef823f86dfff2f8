"""Validity, and the code that opens a certificate's page."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.qualifications.rules import (
    ALPHABET,
    CertificateState,
    clip,
    new_token,
    number_of,
    read_token,
    state_of,
    valid_until,
)

TODAY = date(2027, 4, 2)


@pytest.mark.promise("P8")
@pytest.mark.parametrize(
    ("last_day", "months", "until"),
    [
        (date(2027, 4, 2), None, None),
        (date(2027, 4, 2), 60, date(2032, 4, 2)),
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2027, 11, 30), 1, date(2027, 12, 30)),
    ],
)
def test_validity_counts_from_the_last_day(
    last_day: date, months: int | None, until: date | None
) -> None:
    assert valid_until(last_day, months) == until


@pytest.mark.parametrize(
    ("revoked", "until", "state"),
    [
        (False, None, CertificateState.VALID),
        (False, TODAY, CertificateState.VALID),
        (False, date(2027, 4, 1), CertificateState.EXPIRED),
        (True, None, CertificateState.REVOKED),
        (True, date(2027, 4, 1), CertificateState.REVOKED),
    ],
)
def test_the_last_day_counts_and_revocation_comes_first(
    revoked: bool, until: date | None, state: CertificateState
) -> None:
    assert state_of(revoked=revoked, valid_until=until, today=TODAY) is state


def test_codes_differ_and_are_six_groups_of_four() -> None:
    made = {new_token() for _time in range(200)}
    assert len(made) == 200
    assert {tuple(map(len, token.split("-"))) for token in made} == {(4,) * 6}
    assert set("".join(made)) - set(ALPHABET) == {"-"}


@given(st.text(ALPHABET, min_size=24, max_size=24), st.data())
def test_a_code_is_read_however_it_was_typed(letters: str, data: st.DataObject) -> None:
    token = "-".join(letters[at : at + 4] for at in range(0, 24, 4))
    typed = "".join(data.draw(st.sampled_from(_ways(letter))) for letter in token)
    around = data.draw(st.sampled_from(["{}", " {} ", "https://example.fi/verify/{}", "{}/"]))
    assert read_token(around.format(typed)) == token


def _ways(letter: str) -> list[str]:
    more = {"-": ["", " ", "-"], "0": ["O", "o"], "1": ["I", "l", "L"]}
    return [letter, letter.upper(), *more.get(letter, [])]


@pytest.mark.parametrize(
    "typed", ["", "2027-000001", "u" * 24, "ab12-cd34", "a" * 25, "'; drop table", "é" * 24]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_token(typed) == ""


def test_numbers_and_long_texts() -> None:
    assert number_of(2027, 123) == "2027-000123"
    assert (clip("abcdef", 6), clip("abc def", 5)) == ("abcdef", "abc…")
