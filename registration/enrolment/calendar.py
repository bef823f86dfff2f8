"""Calendar files (RFC 5545, 5546): what, when and where; never a diet, a grade or another name.

A place is one entry with one UID, whatever days it has: an invitation may name no second one, and
calendars that follow invitations take the first and leave the rest. More days are a rule with its
exceptions, since Outlook reads no bare list of dates (RDATE).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import gcd
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress
from icalendar.parser import Contentline, Parameters

from registration.catalogue.rules import Offering
from registration.enrolment.zones import timezone
from registration.i18n import text_in

PRODUCT = "-//registration//places//EN"
REFRESH = timedelta(hours=1)
# These stand in the blank of an invitation until it is one person's. The first is as long as the
# id that takes its place, so that the folding of its line stays right.
PLACE = "0" * 32
ATTENDEE = b"ATTENDEE:mailto:attendee@invalid\r\n"
STAMP = b"DTSTAMP:19700101T000000Z"
BEGIN = datetime(1970, 1, 1, tzinfo=UTC)

CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"


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


@dataclass(frozen=True, slots=True)
class Kept:
    """A place as a calendar keeps it; ``status`` is the entry's (RFC 5545, 3.8.1.11)."""

    place_id: UUID
    offering: Offering
    status: str = CONFIRMED


def invitation(
    offering: Offering, invited: Invited, *, method: str, language: str, house: House, now: datetime
) -> str:
    """A REQUEST or CANCEL for one person: one entry, with a UID that never changes and a SEQUENCE
    that rises with the offering's revision."""
    content = _blank(_Said.of(offering, language), method, house)
    attendee = Contentline.from_parts(
        "ATTENDEE",
        Parameters(CN=invited.name, ROLE="REQ-PARTICIPANT", PARTSTAT="ACCEPTED", RSVP="FALSE"),
        vCalAddress(f"mailto:{invited.address}"),
    )
    filled = content.replace(PLACE.encode(), invited.place_id.hex.encode()).replace(
        ATTENDEE, attendee.to_ical() + b"\r\n"
    )
    return stamped(filled, now).decode()


def feed(places: Iterable[Kept], *, language: str, house: House) -> bytes:
    """All of a person's places as one calendar to subscribe to, until it is ``stamped``: the same
    places always give the same bytes."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", house.organiser_name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    kept = list(places)
    for zone in sorted({each.offering.zone for each in kept}):
        calendar.add_component(timezone(zone))
    for each in kept:
        said = _Said.of(each.offering, language)
        status = said.taken if each.status == CONFIRMED else each.status
        for entry in _entries(said, house, place=each.place_id.hex, status=status):
            calendar.add_component(entry)
    return bytes(calendar.to_ical())


def stamped(content: bytes, now: datetime) -> bytes:
    """The file as made at ``now``."""
    return content.replace(STAMP, now.astimezone(UTC).strftime("DTSTAMP:%Y%m%dT%H%M%SZ").encode())


@dataclass(frozen=True, slots=True)
class _Said:
    """What an entry says: all of an offering that a calendar shows, and a key to keep it by."""

    title: str
    days: tuple[tuple[datetime, datetime], ...]
    zone: str
    where: str
    link: str
    path: str
    revision: int
    tentative: bool

    @classmethod
    def of(cls, offering: Offering, language: str) -> _Said:
        return cls(
            text_in(offering.title, wish=language),
            offering.days,
            offering.zone,
            offering.venue or offering.link,
            offering.link if offering.venue else "",
            offering.path,
            offering.revision,
            offering.terms.tentative,
        )

    @property
    def taken(self) -> str:
        """What the entry of a confirmed place says, which is as sure as the session itself."""
        return TENTATIVE if self.tentative else CONFIRMED


@lru_cache(maxsize=256)
def _blank(said: _Said, method: str, house: House) -> bytes:
    """The file for anybody, kept because making one costs more than the rest of a sign-up."""
    calendar = _calendar(method)
    calendar.add_component(timezone(said.zone))
    status = CANCELLED if method == "CANCEL" else said.taken
    for entry in _entries(said, house, place=PLACE, status=status):
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
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _entries(said: _Said, house: House, *, place: str, status: str) -> Iterator[Event]:
    """The entry; after it, as exceptions to its rule, the days that have other hours."""
    days = by_date(said.days, ZoneInfo(said.zone))
    start, end = days[0]
    host = house.base_url.partition("://")[2]

    def entry(starts_at: datetime, ends_at: datetime) -> Event:
        made = Event()
        # The number is of the first day: once each day was an entry.
        made.add("uid", f"{place}-1@{host}")
        made.add("dtstamp", BEGIN)
        made.add("sequence", said.revision + (status == CANCELLED))
        made.add("status", status)
        made.add("dtstart", starts_at)
        made.add("dtend", ends_at)
        made.add("summary", said.title)
        if said.where:
            made.add("location", said.where)
        if said.link:
            made.add("description", said.link)
        made.add("url", house.base_url + said.path)
        return made

    first = entry(start, end)
    held = {(day[0].date() - start.date()).days: day for day in days}
    step = gcd(*held)
    if step:
        slots = {number: start + timedelta(days=number) for number in range(0, max(held) + 1, step)}
        rule: dict[str, str | int] = {"freq": "daily", "count": len(slots)}
        first.add("rrule", rule | ({"interval": step} if step > 1 else {}))
        if skipped := [slot for number, slot in slots.items() if number not in held]:
            first.add("exdate", skipped)
    yield first
    for number, (starts_at, ends_at) in held.items():
        slot = start + timedelta(days=number)
        if (starts_at, ends_at) != (slot, end + timedelta(days=number)):
            other = entry(starts_at, ends_at)
            other.add("recurrence-id", slot)
            yield other


def by_date(
    days: Iterable[tuple[datetime, datetime]], zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """In local time, one for each date: hours that are apart on one date are shown as one."""
    found: list[tuple[datetime, datetime]] = []
    for starts_at, ends_at in days:
        local = starts_at.astimezone(zone), ends_at.astimezone(zone)
        if found and found[-1][0].date() == local[0].date():
            found[-1] = found[-1][0], local[1]
        else:
            found.append(local)
    return found
