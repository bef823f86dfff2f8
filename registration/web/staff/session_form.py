"""A session as a form: several days, local times in its zone, euros with a comma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import (
    DEFAULT_ZONE,
    MOST_DAYS,
    SessionGiven,
    State,
)
from registration.edge import Posted
from registration.errors import FieldError
from registration.forms import Form
from registration.i18n import N_
from registration.web.staff.terms_form import USUAL, terms_given, terms_place, terms_values
from registration.web.staff.typed import NEEDED, Reading, euros, moment_value

# Fields of a day: its date, start and end, each with the row's number behind it.
PARTS = ("day", "start", "end")
NO_DAY = N_("Give the day as 2026-04-01.")
NO_CLOCK = N_("Give the time as 09:00.")


@dataclass(frozen=True, slots=True)
class SessionForm:
    """The form and how many rows of days it has."""

    form: Form
    days: int


def blank(training: str) -> SessionForm:
    values = {
        "training": training,
        "language": "fi",
        "time_zone": DEFAULT_ZONE,
        "waiting_open": "1",
        "state": State.PUBLISHED.value,
        "start_0": "09:00",
        "end_0": "16:00",
        **USUAL,
    }
    return SessionForm(Form(values=values), 1)


def filled(line: SessionLine) -> SessionForm:
    zone = ZoneInfo(line.zone)
    values = {
        "training": str(line.training.id),
        "venue": str(line.venue.id) if line.venue else "",
        "link": line.link,
        "language": line.language,
        "time_zone": line.zone,
        "capacity": str(line.seats),
        "waiting_open": "1" if line.waiting_open else "",
        "opens_at": moment_value(line.opens_at, zone),
        "closes_at": "" if line.closes_at == line.starts_at else moment_value(line.closes_at, zone),
        "price": euros(line.price_cents),
        "state": line.state.value,
        **terms_values(line.terms, zone),
    }
    for at, day in enumerate(line.days):
        values |= _day_values(at, day.starts_at.astimezone(zone), day.ends_at.astimezone(zone))
    return SessionForm(Form(values=values), len(line.days))


def _day_values(at: int, starts: datetime, ends: datetime) -> dict[str, str]:
    return {
        f"day_{at}": starts.date().isoformat(),
        f"start_{at}": starts.strftime("%H:%M"),
        f"end_{at}": ends.strftime("%H:%M"),
    }


def typed(posted: Posted) -> SessionForm:
    return SessionForm(posted.form(), rows_of(posted))


def one_day_more(posted: Posted) -> SessionForm:
    """The form as it was typed with one more row, which begins and ends when the last one does."""
    form, rows = posted.form(), rows_of(posted)
    if rows == MOST_DAYS:
        return SessionForm(form, rows)
    hours = {f"{part}_{rows}": form.values.get(f"{part}_{rows - 1}", "") for part in PARTS[1:]}
    return SessionForm(Form(values={**form.values, **hours}, chosen=form.chosen), rows + 1)


def rows_of(given: Mapping[str, str]) -> int:
    found = [at for at in range(MOST_DAYS) if any(f"{part}_{at}" in given for part in PARTS)]
    return max(found, default=0) + 1


def session_given(posted: Posted) -> SessionGiven:
    """Raises ``Refused`` with all that is wrong, by the form's names."""
    read = Reading(posted)
    zone = read.zone()
    used, days = _days(read, zone)
    given = read.some(
        training="training",
        venue="venue",
        link="link",
        language="language",
        time_zone="time_zone",
        capacity="capacity",
    )
    given |= {
        "days": days,
        "waiting_open": "waiting_open" in posted,
        "opens_at": read.moment("opens_at", zone),
        "closes_at": read.moment("closes_at", zone),
        "price_cents": read.cents("price") or 0,
        "state": read.state(),
        **terms_given(read, zone),
    }

    def placed(error: FieldError) -> str:
        if name := terms_place(error):
            return name
        parts = error.field.split(".")
        if parts[0] == "days" and len(parts) > 1:
            row = used[int(parts[1])]
            return f"start_{row}" if parts[-1] == "starts_at" else f"end_{row}"
        if not error.field:
            return "closes_at" if error.code == "window" else f"day_{used[0] if used else 0}"
        return {"price_cents": "price", "days": "day_0"}.get(error.field, error.field)

    return read.command(SessionGiven, given, place=placed, rests=("", "days"))


def _days(read: Reading, zone: ZoneInfo) -> tuple[list[int], list[dict[str, datetime]]]:
    """The rows in which something is typed, and the days that they say."""
    rows = range(rows_of(read.given))
    used = [at for at in rows if read.text(f"day_{at}")]
    if not used:
        read.wrong("day_0", NEEDED, "missing")
    days: list[dict[str, datetime]] = []
    for at in used:
        starts, ends = (_moment(read, at, part, zone) for part in PARTS[1:])
        if starts and ends:
            days.append({"starts_at": starts, "ends_at": ends})
    return used, days


def _moment(read: Reading, at: int, part: str, zone: ZoneInfo) -> datetime | None:
    clock, name = read.text(f"{part}_{at}"), f"{part}_{at}"
    if not clock:
        read.wrong(name, NEEDED, "missing")
        return None
    if not _is_clock(clock):
        read.wrong(name, NO_CLOCK, "time")
        return None
    count = len(read.errors)
    moment = read.local(name, read.text(f"day_{at}"), clock, zone)
    if moment is None and read.errors[count].code == "datetime":
        del read.errors[count]
        if not any(error.field == f"day_{at}" for error in read.errors):
            read.wrong(f"day_{at}", NO_DAY, "date")
    return moment


def _is_clock(text: str) -> bool:
    try:
        return time.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
