from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.catalogue.rules import State
from registration.enrolment.rules import (
    NotOpenYet,
    NotPublished,
    OfferingCancelled,
    PlaceStatus,
    SeatingFull,
    SignUpClosed,
    check_open,
    place_for,
    seats_to_fill,
)
from tests.builders import NOON

HOUR = timedelta(hours=1)


@given(st.integers(1, 50), st.integers(0, 60), st.integers(0, 20), st.booleans())
def test_a_place_is_confirmed_only_in_a_free_seat_that_nobody_waits_for(
    seats: int, taken: int, waiting: int, waiting_open: bool
) -> None:
    free = taken < seats and waiting == 0
    if not free and not waiting_open:
        with pytest.raises(SeatingFull):
            place_for(seats, taken, waiting=waiting, waiting_open=waiting_open)
        return
    got = place_for(seats, taken, waiting=waiting, waiting_open=waiting_open)
    assert got is (PlaceStatus.CONFIRMED if free else PlaceStatus.WAITING)


@given(st.integers(0, 100), st.integers(0, 100))
def test_filling_never_goes_past_the_seats(seats: int, taken: int) -> None:
    assert taken + seats_to_fill(seats, taken) == max(taken, seats)


def test_the_window_includes_its_opening_and_not_its_closing() -> None:
    opens, closes = NOON, NOON + HOUR
    check_open(State.PUBLISHED, opens_at=opens, closes_at=closes, now=opens)
    with pytest.raises(NotOpenYet):
        check_open(State.PUBLISHED, opens_at=opens, closes_at=closes, now=opens - HOUR)
    with pytest.raises(SignUpClosed):
        check_open(State.PUBLISHED, opens_at=opens, closes_at=closes, now=closes)


def test_drafts_and_cancelled_ones_take_nobody() -> None:
    with pytest.raises(NotPublished):
        check_open(State.DRAFT, opens_at=None, closes_at=NOON + HOUR, now=NOON)
    with pytest.raises(OfferingCancelled):
        check_open(State.CANCELLED, opens_at=None, closes_at=NOON + HOUR, now=NOON)
