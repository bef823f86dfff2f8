"""The company's people: who has earned what, what ends when; and one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.edge import get, page_response, path_id, require
from registration.i18n import DEFAULT_ZONE, _, text_in
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.qualifications import workforce
from registration.qualifications.queries import Qualification
from registration.qualifications.workforce import Qualified, Wanted, Worker
from registration.web.company.home import LONGEST_SEARCH
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.contact_form import Option
from registration.web.paging import page_number

SOON = timedelta(days=90)
WITHIN = ("30", "90", "180", "365")


@dataclass(frozen=True, slots=True)
class Bar:
    """A qualification on the picture: ``start`` and ``width`` in percent of its width. ``state``
    is "valid", "due" (it ends soon) or "expired"; ``until`` None: it has no end."""

    title: str
    state: str
    until: date | None
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The axis that bars lie on: (percent, year) of each new year, and where today is."""

    years: tuple[tuple[float, str], ...]
    today: float


@dataclass(frozen=True, slots=True)
class PersonRow:
    worker: Worker
    path: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    portal: Portal
    people: tuple[PersonRow, ...]
    picture: Picture
    months: tuple[tuple[str, int], ...]
    total: int
    wanted: Wanted
    state: str
    trainings: tuple[Option, ...]
    next_url: str
    prev_url: str
    status: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    portal: Portal
    worker: Worker
    bars: tuple[Bar, ...]
    picture: Picture
    path: str
    now: datetime


def wanted_of(query: Mapping[str, str]) -> tuple[Wanted, str]:
    """What the list is narrowed to, and the choice that says so; what is not understood narrows
    nothing."""
    state = query.get("state", "")
    try:
        training = UUID(query["training"]) if query.get("training") else None
    except ValueError:
        training = None
    if state in WITHIN:
        qualified, days = Qualified.EXPIRING, int(state)
    elif state in (Qualified.VALID, Qualified.NONE):
        qualified, days = Qualified(state), 0
    else:
        qualified, days, state = (Qualified.VALID if training else Qualified.ANY), 0, ""
    words = " ".join(query.get("q", "")[:LONGEST_SEARCH].split())
    return Wanted(words, training, qualified, days), state


async def people(request: Request) -> Response:
    portal, now = await portal_of(request), clock.now()
    wanted, state = wanted_of(request.query_params)
    found = await workforce.workers(portal.id, wanted, number=page_number(request), now=now)
    await _on_record(request, portal, found.people, now=now)
    axis = _axis([each for one in found.people for each in one.qualifications], now=now)
    months = await workforce.ending(portal.id, now=now)
    first = (found.number - 1) * workforce.PAGE + 1
    page = PeoplePage(
        portal=portal,
        people=tuple(_row(one, portal, axis, now=now) for one in found.people),
        picture=axis.picture(),
        months=tuple((f"{month.month}/{month.year % 100:02}", n) for month, n in months.items()),
        total=found.total,
        wanted=wanted,
        state=state,
        trainings=await training_options(),
        next_url=_url(portal, request, found.number + 1) if found.number < found.pages else "",
        prev_url=_url(portal, request, found.number - 1) if found.number > 1 else "",
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


def _url(portal: Portal, request: Request, number: int) -> str:
    kept = {
        name: request.query_params[name]
        for name in ("q", "training", "state")
        if request.query_params.get(name)
    }
    return portal.url("/company/people?" + urlencode({**kept, "page": number}))


async def training_options() -> tuple[Option, ...]:
    lines = await catalogue.trainings()
    return tuple((str(line.id), text_in(line.title)) for line in lines)


async def person(request: Request) -> Response:
    portal, now = await portal_of(request), clock.now()
    one = await workforce.worker(portal.id, path_id(request), now=now)
    await _on_record(request, portal, [one], now=now)
    axis = _axis(one.qualifications, now=now)
    path = f"/company/people/{one.name.person_id}"
    page = PersonPage(portal, one, _bars(one, axis, now=now), axis.picture(), portal.url(path), now)
    return page_response(request, "company/person.html", page)


async def _on_record(
    request: Request, portal: Portal, shown: Iterable[Worker], *, now: datetime
) -> None:
    """That the company saw what these have earned (P15)."""
    await disclose(
        [
            Shown(
                person_id=one.name.person_id,
                fields=("name", "training", "certificate"),
                purpose="qualifications",
                basis=Basis.CONTRACT,
                road="page",
                actor_id=require(request).account_id,
                recipient_id=portal.id,
            )
            for one in shown
            if one.qualifications
        ],
        now=now,
    )


def _row(one: Worker, portal: Portal, axis: Axis, *, now: datetime) -> PersonRow:
    path = portal.url(f"/company/people/{one.name.person_id}")
    return PersonRow(one, path, _bars(one, axis, now=now))


def _bars(one: Worker, axis: Axis, *, now: datetime) -> tuple[Bar, ...]:
    return tuple(axis.bar(each, now=now) for each in one.qualifications)


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole years of time, from left to right."""

    first: date
    last: date
    today: date

    def at(self, day: date) -> float:
        whole = (self.last - self.first).days
        return round(100 * min(max((day - self.first).days / whole, 0.0), 1.0), 2)

    def picture(self) -> Picture:
        years = range(self.first.year, self.last.year)
        return Picture(
            tuple((self.at(date(year, 1, 1)), str(year)) for year in years), self.at(self.today)
        )

    def bar(self, each: Qualification, *, now: datetime) -> Bar:
        end = each.valid_until
        soon = end is not None and end <= (now + SOON).astimezone(DEFAULT_ZONE).date()
        state = "expired" if end and end < self.today else "due" if soon else "valid"
        start, stop = self.at(each.issued_on), self.at(end) if end else 100.0
        return Bar(each.training_title, state, end, start, max(1.0, round(stop - start, 2)))


def _axis(shown: Sequence[Qualification], *, now: datetime) -> Axis:
    """From the year before this one until what ends last, at least two and at most six years on."""
    today = now.astimezone(DEFAULT_ZONE).date()
    ends = [each.valid_until.year for each in shown if each.valid_until is not None]
    last = min(max([today.year + 2, *(year + 1 for year in ends)]), today.year + 7)
    return Axis(date(today.year - 1, 1, 1), date(last, 1, 1), today)


ROUTES = (
    get("/company/people", people, COORDINATORS),
    get("/company/people/{id}", person, COORDINATORS),
)
