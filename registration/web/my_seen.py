"""Who saw a person's data, when, which, what for and on what ground: all of it (P15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from registration.edge import Endpoint, get, page_response, settings
from registration.i18n import _
from registration.privacy.held_codes import BASES
from registration.privacy.seen import FIELDS, PURPOSES, seen
from registration.privacy.seen_pages import PAGE, Sought, looks, number_of_looks, purposes_of
from registration.web.me import OWN, own_id
from registration.web.paging import page_number

HERE = "/me/seen"
Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SeenRow:
    at: datetime
    said: str
    basis: str
    road: str


@dataclass(frozen=True, slots=True)
class SeenPage:
    """``any``: there is something, whether or not it is what was looked for."""

    seen: tuple[SeenRow, ...]
    any: bool
    purposes: tuple[Option, ...]
    fields: tuple[Option, ...]
    sought: Sought
    total: int
    status: str
    next: str
    previous: str


async def show(request: Request) -> Response:
    _who, person_id = own_id(request)
    purposes = await purposes_of(person_id)
    sought = _sought(request, frozenset(purposes))
    total = await number_of_looks(person_id, sought)
    pages = max(1, -(-total // PAGE))
    number = min(page_number(request), pages)
    lines = await looks(person_id, sought, offset=(number - 1) * PAGE)
    told = await seen(lines, house=settings(request).organisation.name)
    page = SeenPage(
        seen=tuple(
            SeenRow(each.at, each.said, _(BASES.get(each.basis, each.basis)), each.road)
            for each in told
        ),
        any=bool(purposes),
        purposes=tuple((each, _(PURPOSES.get(each, each))) for each in purposes),
        fields=tuple((name, _(words)) for name, words in FIELDS.items()),
        sought=sought,
        total=total,
        status=_("Page {number} of {pages}", number=number, pages=pages) if pages > 1 else "",
        next=_url(sought, number + 1) if number < pages else "",
        previous=_url(sought, number - 1) if number > 1 else "",
    )
    return page_response(request, "me/seen.html", page)


def _sought(request: Request, purposes: frozenset[str]) -> Sought:
    """What is unknown is as if nothing had been asked for."""
    given = request.query_params
    purpose, field = given.get("purpose", ""), given.get("field", "")
    return Sought(purpose if purpose in purposes else "", field if field in FIELDS else "")


def _url(sought: Sought, number: int) -> str:
    asked = {"purpose": sought.purpose, "field": sought.field, "page": str(number)}
    return f"{HERE}?{urlencode({key: value for key, value in asked.items() if value})}"


ROUTES: tuple[Endpoint, ...] = (get(HERE, show, OWN),)
