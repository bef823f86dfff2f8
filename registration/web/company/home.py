"""The company's first page, what needs doing today, and its people."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import get, page_response
from registration.enrolment import roster, uploads
from registration.enrolment.roster import Employee
from registration.enrolment.uploads import UploadLine
from registration.i18n import _, text_in
from registration.web.cards import days_text
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.said import said_of
from registration.web.standing import DateTile, date_tile_of

LONGEST_SEARCH = 80


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A coming session with our people on it."""

    title: str
    path: str
    tile: DateTile
    when: str
    where: str
    seated: int
    waiting: int


@dataclass(frozen=True, slots=True)
class HomePage:
    portal: Portal
    sessions: tuple[SessionRow, ...]
    lists: tuple[UploadLine, ...]
    employees: int

    @property
    def seated(self) -> int:
        return sum(row.seated for row in self.sessions)

    @property
    def waiting(self) -> int:
        return sum(row.waiting for row in self.sessions)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    portal: Portal
    people: tuple[Employee, ...]
    total: int
    words: str
    next_url: str
    prev_url: str
    status: str


async def home(request: Request) -> Response:
    portal = await portal_of(request)
    now = clock.now()
    tallies = await roster.coming_sessions(portal.id, now=now)
    page = HomePage(
        portal=portal,
        sessions=tuple(_row(one, portal) for one in tallies),
        lists=tuple(await uploads.unfinished(portal.id, now=now)),
        employees=await roster.employee_count(portal.id),
    )
    return page_response(request, "company/home.html", page)


def _row(tally: roster.SessionTally, portal: Portal) -> SessionRow:
    line = tally.session
    said = said_of(line)
    return SessionRow(
        title=text_in(line.training.title),
        path=portal.url(f"/company/sessions/{line.id}"),
        tile=date_tile_of(line.starts_at, zone=line.zone),
        when=days_text([(day.starts_at, day.ends_at) for day in line.days], ZoneInfo(line.zone)),
        where=said.where,
        seated=tally.seated,
        waiting=tally.waiting,
    )


async def people(request: Request) -> Response:
    portal = await portal_of(request)
    words = " ".join(request.query_params.get("q", "")[:LONGEST_SEARCH].split())
    found = await roster.employees(portal.id, words=words, number=page_number(request))
    first = (found.number - 1) * roster.PAGE + 1

    def url(number: int) -> str:
        query = {"q": words} if words else {}
        return portal.url("/company/people?" + urlencode({**query, "page": number}))

    page = PeoplePage(
        portal=portal,
        people=found.people,
        total=found.total,
        words=words,
        next_url=url(found.number + 1) if found.number < found.pages else "",
        prev_url=url(found.number - 1) if found.number > 1 else "",
        status=_(
            "{first}–{last} of {all}",
            first=first,
            last=first + len(found.people) - 1,
            all=found.total,
        )
        if found.pages > 1
        else "",
    )
    return page_response(request, "company/people.html", page)


def page_number(request: Request, name: str = "page") -> int:
    text = request.query_params.get(name, "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


ROUTES = (
    get("/company", home, COORDINATORS),
    get("/company/people", people, COORDINATORS),
)
