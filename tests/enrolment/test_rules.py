from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.catalogue.rules import Offering, State, Terms
from registration.enrolment.rules import (
    InLine,
    NotOpenYet,
    NotPublished,
    OfferingCancelled,
    PlaceStatus,
    SeatingFull,
    SignUpClosed,
    check_open,
    hold_end,
    next_in_line,
    offer_end,
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


MONDAY = datetime(2026, 4, 6, 9, tzinfo=UTC)


def offering(**terms: object) -> Offering:
    """A session that starts in ten days, in Helsinki."""
    begins = MONDAY + timedelta(days=10)
    return Offering(
        kind="session",
        id=UUID(int=1),
        slug="track-work",
        seating_id=UUID(int=2),
        revision=0,
        title={"en": "Track work"},
        days=((begins, begins + 7 * HOUR),),
        zone="Europe/Helsinki",
        venue="",
        venue_city="",
        link="",
        opens_at=None,
        closes_at=begins,
        price_cents=0,
        language="en",
        state=State.PUBLISHED,
        terms=Terms(**terms),  # type: ignore[arg-type]
    )


@given(st.integers(1, 336), st.none() | st.integers(-300, 300), st.integers(-10, 260))
def test_an_offer_never_outlasts_the_start_nor_is_it_too_short(
    hours: int, last: int | None, passed: int
) -> None:
    now = MONDAY + passed * HOUR
    ends = None if last is None else MONDAY + last * HOUR
    wanted = offering(offer_hours=hours, cancels_until=ends)
    end = offer_end(wanted, now=now)
    if wanted.starts_at - now < HOUR:
        assert end is None
        return
    assert end is not None
    assert now + HOUR <= end <= min(wanted.starts_at, now + hours * HOUR)
    if ends is not None and ends - now >= HOUR and ends <= wanted.starts_at:
        assert end <= ends


@pytest.mark.parametrize(
    ("day", "until"),
    [(0, 3), (1, 4), (2, 7), (3, 8), (4, 9), (5, 9), (6, 9)],
    ids=["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
)
def test_an_approval_has_three_working_days(day: int, until: int) -> None:
    assert hold_end(offering(), now=MONDAY + timedelta(days=day)) == MONDAY + timedelta(days=until)


def test_an_approval_ends_with_the_start() -> None:
    near = offering().starts_at - HOUR
    assert hold_end(offering(), now=near) == offering().starts_at
    assert hold_end(offering(), now=offering().starts_at) == offering().ends_at


COMPANIES = st.none() | st.integers(1, 3).map(lambda number: UUID(int=number))


@given(
    st.lists(COMPANIES, max_size=12),
    st.integers(0, 12),
    st.none() | st.integers(1, 4),
    st.dictionaries(st.integers(1, 3).map(lambda number: UUID(int=number)), st.integers(0, 4)),
)
def test_who_is_next_is_the_first_that_the_quota_lets_in(
    companies: list[UUID | None], free: int, quota: int | None, held: dict[UUID, int]
) -> None:
    line = [InLine(UUID(int=100 + at), company) for at, company in enumerate(companies)]
    chosen = next_in_line(line, free, quota=quota, held=held)
    order = [each.place_id for each in line]
    assert [each for each in order if each in chosen] == chosen
    assert len(chosen) <= free
    seats = dict(held)
    for each in line:
        over = quota is not None and each.company_id is not None
        if over and each.company_id is not None and seats.get(each.company_id, 0) >= (quota or 0):
            assert each.place_id not in chosen
            continue
        if each.place_id in chosen:
            if each.company_id is not None:
                seats[each.company_id] = seats.get(each.company_id, 0) + 1
        else:
            assert len(chosen) == free  # nobody is left out while a seat is free
            break
