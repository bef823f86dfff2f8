"""The company's first page: what needs doing today comes first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.companies import queries as companies
from registration.companies.queries import CompanyLine
from registration.edge import get, page_response, require
from registration.enrolment import roster, uploads
from registration.enrolment.approvals import waiting_for_approval
from registration.enrolment.holds import held_of_company
from registration.enrolment.uploads import UploadLine
from registration.i18n import format_moment, text_in
from registration.qualifications import workforce
from registration.qualifications.workforce import Qualified, Wanted
from registration.web.cards import days_text
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.said import said_of
from registration.web.standing import DateTile, date_tile_of

LONGEST_SEARCH = 80
SOON_DAYS = 90


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
class SeatsToName:
    """Seats on one session that are kept without names, until the first of them goes."""

    title: str
    path: str
    number: int
    until: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """``approvals`` wait for the reader if ``approves``, else for a colleague. ``ending`` people
    have something that ends within ``SOON_DAYS``."""

    portal: Portal
    company: CompanyLine
    approvals: int
    approves: bool
    seats: tuple[SeatsToName, ...]
    sessions: tuple[SessionRow, ...]
    lists: tuple[UploadLine, ...]
    employees: int
    ending: int

    @property
    def seated(self) -> int:
        return sum(row.seated for row in self.sessions)

    @property
    def waiting(self) -> int:
        return sum(row.waiting for row in self.sessions)


async def home(request: Request) -> Response:
    portal, now = await portal_of(request), clock.now()
    tallies = await roster.coming_sessions(portal.id, now=now)
    soon = Wanted(qualified=Qualified.EXPIRING, days=SOON_DAYS)
    approvers = await companies.approvers(portal.id, now=now)
    page = HomePage(
        portal=portal,
        company=await companies.company(portal.id),
        approvals=len(await waiting_for_approval(portal.id)),
        approves=require(request).account_id in approvers,
        seats=await _seats(portal, now=now),
        sessions=tuple(_row(one, portal) for one in tallies),
        lists=tuple(await uploads.unfinished(portal.id, now=now)),
        employees=await workforce.number(portal.id, now=now),
        ending=len(await workforce.names(portal.id, soon, now=now)),
    )
    return page_response(request, "company/home.html", page)


async def _seats(portal: Portal, *, now: datetime) -> tuple[SeatsToName, ...]:
    found: dict[str, SeatsToName] = {}
    held = [line for line in await held_of_company(portal.id) if line.until > now]
    for line in sorted(held, key=lambda line: line.until):
        path = portal.url(f"/company/sessions/{line.offering.id}#seats")
        known = found.get(path)
        found[path] = SeatsToName(
            text_in(line.offering.title),
            path,
            known.number + 1 if known else 1,
            known.until if known else format_moment(line.until, zone=ZoneInfo(line.offering.zone)),
        )
    return tuple(found.values())


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


ROUTES = (get("/company", home, COORDINATORS),)
