"""Whose data was shown or sent, to whom and what for: searched and downloaded (P15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.db import transaction
from registration.edge import (
    Endpoint,
    PageNotFound,
    get,
    page_response,
    path_text,
    post,
    read_form,
    redirect,
    require,
)
from registration.i18n import _
from registration.ledger.looks import looked_up
from registration.ledger.queries import DisclosureLine
from registration.ledger.rules import Act, Note
from registration.ledger.search import all_disclosures, disclosures_found
from registration.ledger.service import record
from registration.privacy.seen import FIELDS, PURPOSES, ROADS
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.ledger import Part, parts
from registration.web.staff.ledger_files import MOST_ROWS, Table, as_file
from registration.web.staff.ledger_names import named
from registration.web.staff.ledger_search import SearchPart, read_asked, search_part, understood

PATH = "/staff/ledger/disclosures"
NAMES = ("whose", "who", "given_to", "about")
PAGE = 50


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    at: datetime
    whose: str
    who: str
    to: str
    fields: str
    purpose: str
    road: str


@dataclass(frozen=True, slots=True)
class DisclosuresPage:
    desk: Desk
    parts: tuple[Part, ...]
    search: SearchPart
    rows: tuple[DisclosureRow, ...]
    next: str


async def show(request: Request) -> Response:
    """The newest first. Looking for somebody is on record; leafing through is not more than
    before."""
    asked = read_asked(request, NAMES)
    after = request.query_params.get("after", "")
    try:
        start = UUID(after) if after else None
    except ValueError:
        raise PageNotFound from None
    if asked.ids:
        await looked_up(
            require(request).account_id,
            subject_id=asked.ids.get("whose") or asked.ids.get("who"),
            object_id=asked.ids.get("about") or asked.ids.get("given_to"),
            purpose="disclosures",
            now=clock.now(),
        )
    lines = await disclosures_found(asked.wanted, after=start, limit=PAGE)
    more = asked.address(PATH, after=str(lines[-1].id)) if len(lines) == PAGE else ""
    search = await search_part(asked, path=PATH, names=NAMES, with_acts=False)
    page = DisclosuresPage(desk(request), parts(request), search, await _rows(lines), more)
    return page_response(request, "staff/disclosures.html", page)


async def _rows(lines: Sequence[DisclosureLine]) -> tuple[DisclosureRow, ...]:
    """The same number of queries, however many lines."""
    known = await named(
        each for line in lines for each in (line.person_id, line.actor_id, line.recipient_id)
    )
    return tuple(
        DisclosureRow(
            line.at,
            known.of(line.person_id).text,
            known.of(line.actor_id).text,
            known.of(line.recipient_id).text,
            ", ".join(_(FIELDS.get(each, each)) for each in line.fields),
            _(PURPOSES.get(line.purpose, line.purpose)),
            _(ROADS.get(line.road, line.road)),
        )
        for line in lines
    )


async def find(request: Request) -> Response:
    """Words become ids, and the page has these in its address."""
    posted = await read_form(request)
    asked, errors, unclear = await understood(posted, NAMES)
    if not errors and not unclear:
        return redirect(asked.address(PATH))
    form = posted.form().with_errors(errors)
    search = await search_part(
        asked, path=PATH, names=NAMES, form=form, unclear=unclear, with_acts=False
    )
    page = DisclosuresPage(desk(request), parts(request), search, (), "")
    return page_response(request, "staff/disclosures.html", page, status=422 if errors else 200)


async def export(request: Request) -> Response:
    """What was found, under ids alone; that it was taken is on record."""
    asked = read_asked(request, NAMES)
    lines = [line async for line in all_disclosures(asked.wanted, most=MOST_ROWS + 1)]
    kind = path_text(request, "format")
    answer = await as_file(_table(lines), kind)
    async with transaction():
        await record(
            Act.LEDGER_EXPORTED,
            now=clock.now(),
            actor_id=require(request).account_id,
            subject_id=asked.ids.get("whose") or asked.ids.get("who"),
            object_id=asked.ids.get("about") or asked.ids.get("given_to"),
            note=Note(count=len(lines), purpose="disclosures", codes=(kind,)),
        )
    return answer


def _table(lines: Sequence[DisclosureLine]) -> Table:
    return Table(
        "disclosures",
        (
            "id", "at", "person_id", "actor_id", "recipient_id", "object_id", "fields", "purpose",
            "basis", "road",
        ),
        (
            _("Id"), _("When"), _("Whose data (id)"), _("Who did it (id)"), _("Given to (id)"),
            _("About (id)"), _("What"), _("Purpose"), _("Legal basis"), _("Way"),
        ),
        [
            (
                str(line.id), line.at, str(line.person_id), _text(line.actor_id),
                _text(line.recipient_id), _text(line.object_id), ",".join(line.fields),
                line.purpose, line.basis, line.road,
            )
            for line in lines
        ],
    )  # fmt: skip


def _text(given: UUID | None) -> str:
    return str(given) if given else ""


ROUTES: tuple[Endpoint, ...] = (
    get(PATH, show, STAFF),
    post(PATH, find, STAFF),
    get(PATH + ".{format}", export, STAFF, fresh=True),
)
