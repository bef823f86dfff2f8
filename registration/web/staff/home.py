"""What needs doing today: what is to be decided, sessions that start, people who wait, results that
are missing, deletions that are due."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.review import administrators_end
from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine, Sought
from registration.catering.queries import DeletionCalendar, deletion_calendar, overdue
from registration.edge import Endpoint, get, page_response, require
from registration.enrolment.overview import arrivals, latest, waiting
from registration.enrolment.queries import occupancies
from registration.i18n import DEFAULT_ZONE, format_date, format_moment, text_in
from registration.mail.overview import troubled_count
from registration.mail.queries import waiting_count
from registration.teaching.overview import undecided
from registration.teaching.pack_lines import overdue_packs
from registration.web.staff.decisions import Question, questions
from registration.web.staff.desk import EITHER, Desk, desk, is_staff
from registration.web.staff.events import EventRow, event_row, visible
from registration.web.staff.places import PlaceRow, place_row
from registration.web.staff.sessions import Row, session_row

SOON = timedelta(days=14)
LOOK_BACK = timedelta(days=60)
WEEKS = 8
MOST_CARDS = 6
Bar = tuple[str, int]


@dataclass(frozen=True, slots=True)
class ToDo:
    """A session or event and a number about it."""

    title: str
    when: str
    path: str
    number: int


@dataclass(frozen=True, slots=True)
class Deletion:
    """Food restrictions that go at ``when``; ``late``: they should be gone."""

    title: str
    path: str
    when: str
    late: bool


@dataclass(frozen=True, slots=True)
class Figures:
    soon: int
    waiting: int
    undecided: int
    decisions: int
    overdue: int
    packs: int
    mail: int
    mail_trouble: int


@dataclass(frozen=True, slots=True)
class StaffHome:
    """``last_staff``: when all staff access ends, if that is soon."""

    desk: Desk
    name: str
    figures: Figures
    soon: tuple[Row, ...]
    queues: tuple[ToDo, ...]
    undecided: tuple[ToDo, ...]
    questions: tuple[Question, ...]
    deletions: tuple[Deletion, ...]
    sign_ups: tuple[Bar, ...]
    deleted: tuple[Bar, ...]
    latest: tuple[PlaceRow, ...]
    last_staff: datetime | None


@dataclass(frozen=True, slots=True)
class OrganiserHome:
    desk: Desk
    name: str
    coming: tuple[EventRow, ...]
    past: tuple[EventRow, ...]


async def home(request: Request) -> Response:
    who, now = require(request), clock.now()
    if is_staff(who):
        page = await _staff_home(request, who, now=now)
        return page_response(request, "staff/home.html", page)
    organiser = await _organiser_home(request, who, now=now)
    return page_response(request, "staff/organiser.html", organiser)


async def _staff_home(request: Request, who: Identity, *, now: datetime) -> StaffHome:
    """A constant number of queries."""
    sessions = await catalogue.sessions(Sought(since=now - LOOK_BACK))
    events = await catalogue.events(Sought(since=now))
    offered: dict[UUID, SessionLine | EventLine] = {line.seating_id: line for line in sessions}
    offered |= {line.seating_id: line for line in events}
    ended = [line for line in sessions if line.ends_at <= now]
    missing = await undecided([line.seating_id for line in ended])
    starting = [line for line in sessions if now < line.ends_at and line.starts_at < now + SOON]
    seats = await occupancies({line.seating_id: line.seats for line in starting})
    queues = _todos(await waiting(), offered, now=now)
    late = {line.event_id for line in await overdue(now)}
    calendar = await deletion_calendar(limit=50)
    asked = await questions(now=now)
    return StaffHome(
        desk=desk(request),
        name=who.name,
        figures=Figures(
            soon=len(starting),
            waiting=sum(each.number for each in queues),
            undecided=sum(missing.values()),
            decisions=sum(len(each.looks) for each in asked),
            overdue=len(late),
            packs=await overdue_packs(now=now),
            mail=await waiting_count(),
            mail_trouble=await troubled_count(),
        ),
        soon=tuple(
            session_row(line, seats[line.seating_id], now=now) for line in starting[:MOST_CARDS]
        ),
        queues=queues,
        questions=asked,
        undecided=_todos(missing, {line.seating_id: line for line in ended}),
        deletions=_deletions(calendar, late),
        sign_ups=by_week(await arrivals(_first_week(now)), now=now),
        deleted=_deleted(calendar),
        latest=tuple(place_row(line) for line in await latest(limit=8)),
        last_staff=await administrators_end(now=now),
    )


def _deletions(calendar: DeletionCalendar, late: Container[UUID]) -> tuple[Deletion, ...]:
    return tuple(
        Deletion(
            text_in(line.title),
            f"/staff/events/{line.event_id}",
            format_moment(line.due_at),
            line.event_id in late,
        )
        for line in calendar.upcoming[:MOST_CARDS]
    )


def _deleted(calendar: DeletionCalendar) -> tuple[Bar, ...]:
    return tuple(
        (f"{text_in(line.title) or '–'}, {format_date(line.done_at)}", line.diets)
        for line in calendar.done[:MOST_CARDS]
        if line.done_at is not None and line.diets is not None
    )


def _todos(
    numbers: Mapping[UUID, int],
    lines: Mapping[UUID, SessionLine | EventLine],
    *,
    now: datetime | None = None,
) -> tuple[ToDo, ...]:
    """Those of ``lines`` that have a number, by their start; those over by ``now`` left out."""
    chosen = sorted(
        (line for seating, line in lines.items() if seating in numbers),
        key=lambda line: (line.starts_at, str(line.id)),
    )
    return tuple(
        ToDo(
            _title(line),
            format_date(line.starts_at, zone=ZoneInfo(line.zone)),
            f"/staff/{'sessions' if isinstance(line, SessionLine) else 'events'}/{line.id}",
            numbers[line.seating_id],
        )
        for line in chosen
        if now is None or now < line.ends_at
    )


def _title(line: SessionLine | EventLine) -> str:
    return text_in(line.training.title if isinstance(line, SessionLine) else line.title)


def _first_week(now: datetime) -> datetime:
    """Monday, local midnight, of the first of the weeks shown."""
    local = now.astimezone(DEFAULT_ZONE)
    monday = local.date() - timedelta(days=local.weekday() + 7 * (WEEKS - 1))
    return datetime(monday.year, monday.month, monday.day, tzinfo=DEFAULT_ZONE)


def by_week(moments: Sequence[datetime], *, now: datetime) -> tuple[Bar, ...]:
    """How many fell into each of the last weeks, by the date of its Monday in Finland."""
    first = _first_week(now).date()
    numbers = [0] * WEEKS
    for moment in moments:
        week = (moment.astimezone(DEFAULT_ZONE).date() - first).days // 7
        if 0 <= week < WEEKS:
            numbers[week] += 1
    mondays = [first + timedelta(days=7 * at) for at in range(WEEKS)]
    return tuple(
        (f"{monday.day}.{monday.month}.", number)
        for monday, number in zip(mondays, numbers, strict=True)
    )


async def _organiser_home(request: Request, who: Identity, *, now: datetime) -> OrganiserHome:
    lines = visible(await catalogue.events(Sought(since=now - LOOK_BACK)), who)
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    rows = [event_row(line, seats[line.seating_id], who, now=now) for line in lines]
    over = {line.id for line in lines if line.ends_at <= now}
    return OrganiserHome(
        desk(request),
        who.name,
        tuple(row for row, line in zip(rows, lines, strict=True) if line.id not in over),
        tuple(row for row, line in zip(rows, lines, strict=True) if line.id in over),
    )


ROUTES: tuple[Endpoint, ...] = (get("/staff", home, EITHER),)
