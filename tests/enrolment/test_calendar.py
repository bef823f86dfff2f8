"""Calendar files, read by another program than the one that writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
import vobject
from hypothesis import given, settings
from hypothesis import strategies as st

from registration.catalogue.rules import Offering, State, Terms
from registration.enrolment.calendar import (
    CANCELLED,
    House,
    Invited,
    Kept,
    by_date,
    feed,
    invitation,
    stamped,
)
from registration.enrolment.zones import changes, timezone
from tests.enrolment import ics

HELSINKI = ZoneInfo("Europe/Helsinki")
HOUSE = House("https://registration.example", "Pohjan Raide Oy", "koulutus@pohjanraide.example")
PLACE = UUID(int=0xABCDEF)
AINO = Invited(PLACE, 'Aino Mäki; "Miki", Jr.', "aino@example.fi")
NOW = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
ZONES = (
    "Europe/Helsinki", "Europe/Stockholm", "Europe/London", "Europe/Dublin", "UTC", "Asia/Tokyo",
    "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca",
    "Asia/Tehran", "Pacific/Apia", "Europe/Moscow",
)  # fmt: skip


def local(day: int, hour: int, minute: int = 0, *, month: int = 4, zone: str = "") -> datetime:
    clock = datetime(2027, month, day, hour, minute, tzinfo=ZoneInfo(zone) if zone else HELSINKI)
    return clock.astimezone(UTC)


def offering(*days: tuple[datetime, datetime], zone: str = "Europe/Helsinki") -> Offering:
    return Offering(
        kind="session",
        id=UUID(int=1),
        slug="track-safety",
        seating_id=UUID(int=2),
        revision=3,
        title={"en": "Track safety, part 1; all", "fi": "Ratatyöturvallisuus"},
        days=days,
        zone=zone,
        venue="Depot, Asemakatu 5, Tampere",
        venue_city="Tampere",
        link="",
        opens_at=None,
        closes_at=days[0][0],
        price_cents=0,
        language="fi",
        state=State.PUBLISHED,
    )


def file_of(what: Offering, method: str = "REQUEST") -> str:
    return invitation(what, AINO, method=method, language="en", house=HOUSE, now=NOW)


# fmt: off
WEEKS = {
    "one day": [(local(1, 9), local(1, 16))],
    "two days": [(local(1, 9), local(1, 16)), (local(2, 9), local(2, 16))],
    "other hours": [(local(1, 9), local(1, 16)), (local(2, 8, 30), local(2, 12)),
                    (local(3, 9), local(3, 16))],
    "with gaps": [(local(1, 9), local(1, 16)), (local(2, 9), local(2, 16)),
                  (local(7, 9), local(7, 16))],
    "weekly": [(local(day, 17), local(day, 20)) for day in (1, 8, 15, 29)],
    "over the change of the clocks": [(local(27, 9, month=3), local(27, 16, month=3)),
                                      (local(28, 9, month=3), local(28, 16, month=3)),
                                      (local(29, 9, month=3), local(29, 16, month=3))],
    "on the night of the spring change": [(local(28, 0, month=3), local(28, 6, month=3))],
    "a minute before it": [(local(28, 2, 59, month=3), local(28, 5, month=3))],
    "a minute after it": [(local(28, 4, 1, month=3), local(28, 5, month=3))],
    "on the night of the autumn change": [(local(31, 0, month=10), local(31, 6, month=10))],
    "overnight": [(local(1, 20), local(2, 6)), (local(2, 20), local(3, 6))],
}
# fmt: on


@pytest.mark.parametrize("days", WEEKS.values(), ids=WEEKS)
def test_each_day_stands_at_its_time_in_one_entry(days: list[tuple[datetime, datetime]]) -> None:
    """By the rules that stand in the file itself; also on the nights when the clocks change."""
    (entry,) = ics.entries(file_of(offering(*days)))
    assert entry.times == tuple(days)
    assert (entry.uid, entry.sequence) == (f"{PLACE.hex}-1@registration.example", 3)
    assert (entry.status, entry.stamp) == ("CONFIRMED", "20270102T030405Z")


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
@pytest.mark.parametrize("days", WEEKS.values(), ids=WEEKS)
def test_a_calendar_program_reads_the_same(
    days: list[tuple[datetime, datetime]], method: str
) -> None:
    """vobject, which expands rules and reads zones in its own way."""
    read = vobject.readOne(file_of(offering(*days), method))
    assert read.method.value == method
    found: dict[datetime, datetime] = {}
    for event in read.vevent_list:
        assert event.attendee.value == "mailto:aino@example.fi"
        length = event.dtend.value - event.dtstart.value
        if hasattr(event, "recurrence_id"):
            del found[event.recurrence_id.value.astimezone(UTC)]
            found[event.dtstart.value.astimezone(UTC)] = length
        elif event.rruleset is None:
            found[event.dtstart.value.astimezone(UTC)] = length
        else:
            found |= {each.astimezone(UTC): length for each in event.rruleset}
    wanted = {start: end - start for start, end in days}
    walls = {
        start: end.astimezone(HELSINKI).replace(tzinfo=None)
        - start.astimezone(HELSINKI).replace(tzinfo=None)
        for start, end in days
    }
    assert found in (wanted, walls)


def test_hours_apart_on_one_date_are_one_entry() -> None:
    days = [(local(1, 9), local(1, 11)), (local(1, 13), local(1, 16)), (local(2, 9), local(2, 11))]
    (entry,) = ics.entries(file_of(offering(*days)))
    assert entry.times == ((days[0][0], days[1][1]), days[2])


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 23), st.integers(1, 9)),
        min_size=1,
        max_size=12,
        unique_by=lambda each: each[0],
    ),
    st.sampled_from(ZONES),
)
@settings(deadline=None)
def test_any_days_in_any_zone_stand_at_their_times(
    given_days: list[tuple[int, int, int]], zone: str
) -> None:
    first = datetime(2027, 1, 1, tzinfo=ZoneInfo(zone))
    days = []
    for number, hour, length in sorted(given_days):
        start = (first + timedelta(days=number)).replace(hour=hour).astimezone(UTC)
        days.append((start, start + timedelta(hours=length)))
    apart = [
        day
        for before, day in zip([None, *days], days, strict=False)
        if before is None or before[1] <= day[0]
    ]
    what = offering(*apart, zone=zone)
    (entry,) = ics.entries(file_of(what))
    wanted = [(a.astimezone(UTC), b.astimezone(UTC)) for a, b in by_date(apart, ZoneInfo(zone))]
    assert entry.times == tuple(wanted)


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_changes_when_it_does(name: str) -> None:
    """An hour before, at and after each change up to 2037, by another program's reading."""
    text = "BEGIN:VCALENDAR\r\n" + timezone(name).to_ical().decode() + "END:VCALENDAR\r\n"
    read, zone = ics.zones(text).get(name), ZoneInfo(name)
    assert read is not None
    for change in changes(zone)[1:]:
        at = (change.local - change.before).replace(tzinfo=UTC)
        for minutes in (-120, -1, 0, 1, 120, 60 * 24 * 40):
            wall = (at + timedelta(minutes=minutes)).astimezone(zone)
            if wall.fold or wall.astimezone(UTC).astimezone(zone).fold:
                continue  # dateutil's word for the second of two equal hours is another
            naive = wall.replace(tzinfo=None)
            assert naive.replace(tzinfo=read).utcoffset() == wall.utcoffset(), wall


def test_helsinki_is_said_by_rule_in_the_time_that_is_left() -> None:
    parts = ics.read(file_of(offering(*WEEKS["one day"]))).parts
    (zone,) = [part for part in parts if part.name == "VTIMEZONE"]
    assert [
        (each.name, each.get("DTSTART"), each.get("RRULE"), each.get("TZOFFSETFROM"))
        for each in zone.parts
    ] == [
        ("DAYLIGHT", "20200329T030000", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "+0200"),
        ("STANDARD", "20201025T040000", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "+0300"),
    ]


def test_a_move_updates_the_same_entry_and_an_end_removes_it() -> None:
    """Two days become one, later: the same UID, a higher SEQUENCE, and no day is left over."""
    before = offering(*WEEKS["two days"])
    after = replace(offering((local(9, 9), local(9, 16))), revision=4)
    files = [file_of(before), file_of(after), file_of(after, "CANCEL")]
    found = [ics.entries(text) for text in files]
    assert [len(each) for each in found] == [1, 1, 1]
    assert len({each[0].uid for each in found}) == 1
    assert [each[0].sequence for each in found] == [3, 4, 5]
    assert [each[0].status for each in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert [ics.read(text).get("METHOD") for text in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert found[1][0].times == ((local(9, 9), local(9, 16)),)


def test_an_invitation_names_its_two_sides_and_nobody_else() -> None:
    calendar = ics.read(file_of(offering(*WEEKS["other hours"])))
    for event in [part for part in calendar.parts if part.name == "VEVENT"]:
        assert event.get("ORGANIZER") == "mailto:koulutus@pohjanraide.example"
        assert event.get("ATTENDEE") == "mailto:aino@example.fi"
        given_ = event.params("ATTENDEE")
        assert (given_["PARTSTAT"], given_["RSVP"]) == ("ACCEPTED", "FALSE")
        names = [key for key, _given, _value in event.lines]
        assert names.count("ATTENDEE") == 1
        assert event.get("SUMMARY") == "Track safety\\, part 1\\; all"


def test_what_may_not_take_place_is_tentative() -> None:
    what = replace(offering(*WEEKS["one day"]), terms=Terms(minimum=5))
    assert [entry.status for entry in ics.entries(file_of(what))] == ["TENTATIVE"]
    kept = [Kept(uuid4(), what), Kept(uuid4(), what, CANCELLED)]
    mine = feed(kept, language="en", house=HOUSE).decode()
    assert [entry.status for entry in ics.entries(mine)] == ["TENTATIVE", "CANCELLED"]
    sure = replace(what, terms=Terms(minimum=5, sure_at=NOW))
    assert [entry.status for entry in ics.entries(file_of(sure))] == ["CONFIRMED"]


def test_online_beside_a_venue_is_in_the_text() -> None:
    what = replace(offering(*WEEKS["one day"]), link="https://meet.example/a,b")
    event = next(part for part in ics.read(file_of(what)).parts if part.name == "VEVENT")
    assert event.get("LOCATION") == "Depot\\, Asemakatu 5\\, Tampere"
    assert event.get("DESCRIPTION") == "https://meet.example/a\\,b"


def test_a_feed_is_the_same_bytes_until_something_changes() -> None:
    what = offering(*WEEKS["other hours"])
    other = replace(offering((local(5, 9), local(5, 10)), zone="UTC"), id=UUID(int=9))
    places = [Kept(PLACE, what), Kept(UUID(int=5), other, "CANCELLED")]
    first = feed(places, language="fi", house=HOUSE)
    assert feed(places, language="fi", house=HOUSE) == first
    moved = [Kept(PLACE, replace(what, revision=4)), places[1]]
    assert feed(moved, language="fi", house=HOUSE) != first
    text = stamped(first, NOW).decode()
    assert [(entry.uid[:4], entry.status, entry.summary) for entry in ics.entries(text)] == [
        (PLACE.hex[:4], "CONFIRMED", "Ratatyöturvallisuus"),
        ("0000", "CANCELLED", "Ratatyöturvallisuus"),
    ]
    calendar = ics.read(text)
    assert (calendar.get("METHOD"), calendar.get("REFRESH-INTERVAL")) == ("PUBLISH", "PT1H")
    assert "ATTENDEE" not in text


def test_an_empty_feed_is_a_calendar() -> None:
    text = stamped(feed([], language="en", house=HOUSE), NOW).decode()
    assert ics.entries(text) == []
