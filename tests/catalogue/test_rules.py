from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.catalogue.rules import (
    LONGEST_GRACE,
    EventGiven,
    SessionGiven,
    TrainingGiven,
    at_local,
    erase_after,
    slugify,
    vat_basis_points,
)
from registration.forms import FieldRefused, Refused, parse
from tests.builders import NOON

HELSINKI = ZoneInfo("Europe/Helsinki")
YEARS = (datetime(2020, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 -- Hypothesis adds the zone
EVENT = {
    "title": {"fi": "Juhla"},
    "starts_at": "2026-06-01T12:00:00+03:00",
    "ends_at": "2026-06-01T18:00:00+03:00",
    "capacity": 10,
}


def _wrong(given: dict[str, object], kind: type = EventGiven) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        parse(kind, given)
    return [(error.field, error.code) for error in refused.value.errors]


@pytest.mark.promise("P4")
@given(
    st.datetimes(*YEARS, timezones=st.just(HELSINKI)),
    st.timedeltas(timedelta(0), LONGEST_GRACE),
    st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_diets_go_after_the_grace_and_never_past_what_guests_were_told(
    first_end: datetime, grace: timedelta, moved: timedelta
) -> None:
    latest = first_end.astimezone(UTC) + LONGEST_GRACE
    assert erase_after(first_end, grace, latest=latest) == (first_end.astimezone(UTC) + grace)
    later = erase_after(first_end.astimezone(UTC) + moved, grace, latest=latest)
    assert later == min(first_end.astimezone(UTC) + moved + grace, latest)


@pytest.mark.parametrize("grace", ["PT0S", "PT24H", "P7D", "P6DT24H", "PT90M"])
def test_the_grace_is_an_iso_duration_of_up_to_seven_days(grace: str) -> None:
    assert (
        parse(EventGiven, EVENT | {"erase_diets_after": grace}).erase_diets_after <= LONGEST_GRACE
    )


@pytest.mark.parametrize(
    "grace", ["P8D", "PT169H", "-PT1H", "24", 24, "P", "PT", "1 day", "P1M", "", None]
)
def test_another_grace_is_refused_at_its_field(grace: object) -> None:
    assert _wrong(EVENT | {"erase_diets_after": grace})[0][0] == "erase_diets_after"


def test_an_event_ends_after_it_starts() -> None:
    assert _wrong(EVENT | {"ends_at": EVENT["starts_at"]}) == [("", "order")]


def test_times_come_with_their_offset() -> None:
    assert _wrong(EVENT | {"starts_at": "2026-06-01T12:00:00"}) == [("starts_at", "timezone_aware")]


def test_meals_are_on_the_events_days_and_only_with_catering() -> None:
    meal = {"on": "2026-06-02", "kind": "lunch"}
    assert _wrong(EVENT | {"catered": True, "meals": [meal]}) == [("", "meals")]
    fine = meal | {"on": "2026-06-01"}
    assert _wrong(EVENT | {"meals": [fine]}) == [("", "meals")]
    assert len(parse(EventGiven, EVENT | {"catered": True, "meals": [fine]}).meals) == 1


@pytest.mark.parametrize("seats", [0, -1, 100_001, "many", 1.5, None, True])
def test_seats_are_a_number_that_can_be(seats: object) -> None:
    if seats is True:
        assert parse(EventGiven, EVENT | {"capacity": seats}).capacity == 1
        return
    assert _wrong(EVENT | {"capacity": seats})[0][0] == "capacity"


def test_a_bare_title_is_in_the_first_language() -> None:
    assert parse(EventGiven, EVENT | {"title": "Juhla"}).title == {"fi": "Juhla"}
    assert _wrong(EVENT | {"title": {}}) == [("title", "missing")]
    assert _wrong(EVENT | {"title": {"de": "Fest"}}) == [("title", "language")]


def test_days_are_in_order_and_apart() -> None:
    day = {"starts_at": "2026-06-01T09:00:00+03:00", "ends_at": "2026-06-01T16:00:00+03:00"}
    given = {"training": "7e7b1e0e-4f70-4d3d-8f3c-000000000001", "capacity": 5}
    assert _wrong(given, SessionGiven) == [("", "days")]
    assert _wrong(given | {"days": [day, day]}, SessionGiven) == [("", "days")]
    assert parse(SessionGiven, given | {"days": [day]}).all_days[0].starts_at.hour == 9


def test_links_lead_to_the_web_and_nowhere_else() -> None:
    for link in ("javascript:alert(1)", "ftp://x", "//evil", "https://a b"):
        assert _wrong(EVENT | {"link": link}) == [("link", "link")]


def test_the_hour_that_spring_skips_is_said_and_autumns_is_the_first() -> None:
    with pytest.raises(FieldRefused):
        at_local(date(2026, 3, 29), time(3, 30), HELSINKI)
    autumn = at_local(date(2026, 10, 25), time(3, 30), HELSINKI)
    assert autumn == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(st.dictionaries(st.sampled_from(["fi", "sv", "en"]), st.text(max_size=300), max_size=3))
def test_a_slug_is_an_address(texts: dict[str, str]) -> None:
    slug = slugify(texts)
    assert parse(TrainingGiven, {"title": "x", "slug": slug}).slug == slug
    assert slug


def test_vat_rose_in_september_2024() -> None:
    assert vat_basis_points(date(2024, 8, 31)) == 2400
    assert vat_basis_points(NOON.date()) == 2550
