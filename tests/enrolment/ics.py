"""Reading calendar files as another program would: by the letter of RFC 5545, with nothing of the
library that writes them. Zones go by the file's own VTIMEZONE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from io import StringIO

from dateutil.rrule import rrulestr
from dateutil.tz import tzical


@dataclass(slots=True)
class Part:
    """A component: its lines as (name, parameters, value), and the components in it."""

    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def get(self, name: str) -> str:
        return next((value for key, _given, value in self.lines if key == name), "")

    def params(self, name: str) -> dict[str, str]:
        return next((given for key, given, _value in self.lines if key == name), {})


@dataclass(frozen=True, slots=True)
class Entry:
    """One UID of a file; ``times`` are all its occurrences, in UTC, in order."""

    uid: str
    sequence: int
    status: str
    summary: str
    stamp: str
    times: tuple[tuple[datetime, datetime], ...]


def read(text: str) -> Part:
    """The calendar of a file; fails on what the standard forbids."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    root = Part("")
    open_parts = [root]
    for line in re.sub(r"\r\n[ \t]", "", text).split("\r\n")[:-1]:
        name, given, value = _line(line)
        if name == "BEGIN":
            open_parts.append(Part(value))
        elif name == "END":
            done = open_parts.pop()
            assert done.name == value
            open_parts[-1].parts.append(done)
        else:
            open_parts[-1].lines.append((name, given, value))
    assert (len(open_parts), len(root.parts), root.parts[0].name) == (1, 1, "VCALENDAR")
    return root.parts[0]


def _line(line: str) -> tuple[str, dict[str, str], str]:
    found = re.fullmatch(r'([A-Z0-9-]+)((?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:]*))*):(.*)', line)
    assert found, line
    given = re.findall(r';([A-Z0-9-]+)=("[^"]*"|[^";:]*)', found[2])
    return found[1], {key: value.strip('"') for key, value in given}, found[3]


def zones(text: str) -> tzical:
    """The zones of the file by its own rules."""
    return tzical(StringIO(text.replace("\r\n", "\n")))


def entries(text: str) -> list[Entry]:
    """What a calendar would show, by UID."""
    calendar, known = read(text), zones(text) if "BEGIN:VTIMEZONE" in text else None
    by_uid: dict[str, list[Part]] = {}
    for part in calendar.parts:
        if part.name == "VEVENT":
            by_uid.setdefault(part.get("UID"), []).append(part)
    return [_entry(parts, known) for parts in by_uid.values()]


def _entry(parts: list[Part], known: tzical | None) -> Entry:
    (master,) = [part for part in parts if not part.get("RECURRENCE-ID")]
    start, end = _moments(master, "DTSTART", known)[0], _moments(master, "DTEND", known)[0]
    naive_start, length = start.replace(tzinfo=None), end - start
    starts = [start]
    if rule := master.get("RRULE"):
        assert "UNTIL" not in rule, "COUNT needs no zone"
        found = rrulestr(rule, dtstart=naive_start)
        starts = [each.replace(tzinfo=start.tzinfo) for each in found]
    times = {each: (each, each + length) for each in starts}
    for skipped in _moments(master, "EXDATE", known):
        del times[skipped]
    for part in parts:
        if part is not master:
            (slot,) = _moments(part, "RECURRENCE-ID", known)
            assert slot in times, "an exception to nothing"
            times[slot] = (
                _moments(part, "DTSTART", known)[0],
                _moments(part, "DTEND", known)[0],
            )
    return Entry(
        master.get("UID"),
        int(master.get("SEQUENCE")),
        master.get("STATUS"),
        master.get("SUMMARY"),
        master.get("DTSTAMP"),
        tuple(sorted((a.astimezone(UTC), b.astimezone(UTC)) for a, b in times.values())),
    )


def _moments(part: Part, name: str, known: tzical | None) -> list[datetime]:
    return list(_each_moment(part, name, known))


def _each_moment(part: Part, name: str, known: tzical | None) -> Iterator[datetime]:
    for key, given, value in part.lines:
        if key == name:
            zone: tzinfo | None = known.get(given["TZID"]) if known and "TZID" in given else None
            for text in value.split(","):
                if text.endswith("Z"):
                    yield datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
                else:
                    assert zone is not None, "a time without its zone"
                    yield datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
