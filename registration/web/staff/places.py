"""Finding a place by its holder. The words are posted: names belong in no address and no log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import Endpoint, get, page_response, post, read_form, require
from registration.enrolment.overview import SignUpLine, latest, search
from registration.forms import Form
from registration.i18n import format_date, text_in
from registration.ledger.looks import look
from registration.web.staff.desk import STAFF, Desk, desk

MOST = 50
LONGEST = 200


@dataclass(frozen=True, slots=True)
class PlaceRow:
    name: str
    email: str
    company: str
    what: str
    when: str
    path: str
    status: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """``found`` False: nothing was asked yet, and ``rows`` are the latest sign-ups."""

    desk: Desk
    form: Form
    found: bool
    rows: tuple[PlaceRow, ...]
    most: int


def place_row(line: SignUpLine) -> PlaceRow:
    offering = line.offering
    return PlaceRow(
        line.name,
        line.email,
        line.company,
        text_in(offering.title),
        format_date(offering.starts_at, zone=ZoneInfo(offering.zone)),
        f"/staff/{offering.kind}s/{offering.id}",
        line.status.value,
        line.created_at,
    )


async def show(request: Request) -> Response:
    return _answer(request, Form(), await latest(limit=20), found=False)


async def find(request: Request) -> Response:
    posted = await read_form(request)
    await look(require(request).account_id, None, now=clock.now())
    words = posted.get("words", "").strip()[:LONGEST]
    lines = await search(words, limit=MOST) if words else await latest(limit=20)
    return _answer(request, posted.form(), lines, found=bool(words))


def _answer(request: Request, form: Form, lines: list[SignUpLine], *, found: bool) -> Response:
    rows = tuple(place_row(line) for line in lines)
    page = PlacesPage(desk(request), form, found, rows, MOST)
    return page_response(request, "staff/places.html", page)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/places", show, STAFF),
    post("/staff/places", find, STAFF),
)
