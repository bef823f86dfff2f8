"""Calendar files (RFC 5545, 5546): what, when and where; never a diet, a grade or another name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress
from icalendar.parser import Contentline, Parameters

from registration.catalogue.rules import Offering
from registration.i18n import text_in

PRODUCT = "-//registration//places//EN"
# These stand in the blank of an invitation until it is one person's. The first is as long as the
# id that takes its place, so that the folding of its line stays right.
PLACE = "0" * 32
ATTENDEE = b"ATTENDEE:mailto:attendee@invalid\r\n"
STAMP = b"DTSTAMP:19700101T000000Z"


@dataclass(frozen=True, slots=True)
class Invited:
    place_id: UUID
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class House:
    """What every calendar file of this installation says of itself."""

    base_url: str
    organiser_name: str
    organiser_email: str


def invitation(
    offering: Offering, invited: Invited, *, method: str, language: str, house: House, now: datetime
) -> str:
    """A REQUEST or CANCEL for one person: one entry a day, each with a UID that never changes and
    a SEQUENCE that rises with the offering's revision."""
    content = _blank(_Said.of(offering, language), method, house)
    attendee = Contentline.from_parts(
        "ATTENDEE",
        Parameters(CN=invited.name, ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED"),
        vCalAddress(f"mailto:{invited.address}"),
    )
    stamp = now.astimezone(UTC).strftime("DTSTAMP:%Y%m%dT%H%M%SZ").encode()
    return (
        content.replace(PLACE.encode(), invited.place_id.hex.encode())
        .replace(ATTENDEE, attendee.to_ical() + b"\r\n")
        .replace(STAMP, stamp)
        .decode()
    )


def feed(
    places: Iterable[tuple[UUID, Offering]], *, language: str, house: House, now: datetime
) -> str:
    """All of a person's current places as one calendar to subscribe to."""
    calendar = _calendar("PUBLISH")
    zones: set[str] = set()
    for place_id, offering in places:
        said = _Said.of(offering, language)
        zones.add(offering.zone)
        for entry in _entries(said, house, place=place_id.hex, stamp=now):
            calendar.add_component(entry)
    for zone in sorted(zones):
        calendar.add_component(_zone(zone))
    return bytes(calendar.to_ical()).decode()


@dataclass(frozen=True, slots=True)
class _Said:
    """What an entry says: all of an offering that a calendar shows, and a key to keep it by."""

    title: str
    days: tuple[tuple[datetime, datetime], ...]
    zone: str
    where: str
    path: str
    revision: int

    @classmethod
    def of(cls, offering: Offering, language: str) -> _Said:
        return cls(
            text_in(offering.title, wish=language),
            offering.days,
            offering.zone,
            offering.venue or offering.link,
            offering.path,
            offering.revision,
        )


@lru_cache(maxsize=256)
def _blank(said: _Said, method: str, house: House) -> bytes:
    """The file for anybody, kept because making one costs more than the rest of a sign-up."""
    calendar = _calendar(method)
    calendar.add_component(_zone(said.zone))
    ending = int(method == "CANCEL")
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    for entry in _entries(said, house, place=PLACE, stamp=begin, ending=ending):
        entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
        organiser = vCalAddress(f"mailto:{house.organiser_email}")
        organiser.params["CN"] = house.organiser_name
        entry.add("organizer", organiser)
        entry.add("attendee", vCalAddress("mailto:attendee@invalid"))
        calendar.add_component(entry)
    return bytes(calendar.to_ical())


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


@lru_cache(maxsize=16)
def _zone(name: str) -> Timezone:
    return Timezone.from_tzinfo(
        ZoneInfo(name), tzid=name, first_date=date(2020, 1, 1), last_date=date(2038, 1, 1)
    )


def _entries(
    said: _Said, house: House, *, place: str, stamp: datetime, ending: int = 0
) -> list[Event]:
    zone = ZoneInfo(said.zone)
    host = house.base_url.partition("://")[2]
    entries = []
    for number, (starts_at, ends_at) in enumerate(said.days, start=1):
        entry = Event()
        entry.add("uid", f"{place}-{number}@{host}")
        entry.add("dtstamp", stamp)
        entry.add("sequence", said.revision + ending)
        entry.add("dtstart", starts_at.astimezone(zone))
        entry.add("dtend", ends_at.astimezone(zone))
        entry.add("summary", said.title)
        if said.where:
            entry.add("location", said.where)
        entry.add("url", house.base_url + said.path)
        entries.append(entry)
    return entries
