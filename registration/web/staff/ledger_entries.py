"""What happened, for the privacy officer: every entry in words, searched and downloaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import orjson
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
from registration.forms import Form
from registration.i18n import _
from registration.ledger.looks import looked_up
from registration.ledger.rules import Act, Note
from registration.ledger.search import EntryLine, all_entries, entries_found
from registration.ledger.service import record
from registration.ledger.words import said
from registration.web.staff.desk import STAFF, Desk, desk
from registration.web.staff.ledger import Part, parts
from registration.web.staff.ledger_files import MOST_ROWS, Table, as_file
from registration.web.staff.ledger_names import Named, Names, named
from registration.web.staff.ledger_search import (
    Asked,
    SearchPart,
    read_asked,
    search_part,
    understood,
)

PATH = "/staff/ledger/entries"
NAMES = ("who", "whose", "about")
PAGE = 50


@dataclass(frozen=True, slots=True)
class EntryRow:
    """``more`` is what the entry adds in counts and codes."""

    number: int
    at: datetime
    what: str
    who: Named
    whose: Named
    about: Named
    more: str


@dataclass(frozen=True, slots=True)
class EntriesPage:
    desk: Desk
    parts: tuple[Part, ...]
    search: SearchPart
    rows: tuple[EntryRow, ...]
    next: str


async def show(request: Request) -> Response:
    """The newest first; that somebody looked is an entry itself."""
    asked = read_asked(request, NAMES)
    after = _number(request.query_params.get("after", ""))
    await looked_up(
        require(request).account_id,
        subject_id=asked.ids.get("whose") or asked.ids.get("who"),
        object_id=asked.ids.get("about"),
        purpose="entries",
        now=clock.now(),
    )
    lines = await entries_found(asked.wanted, after=after, limit=PAGE)
    more = asked.address(PATH, after=str(lines[-1].number)) if len(lines) == PAGE else ""
    search = await search_part(asked, path=PATH, names=NAMES, with_acts=True)
    return _answer(request, search, await rows_of(lines), more)


def _number(text: str) -> int | None:
    if not text:
        return None
    try:
        found = int(text)
    except ValueError:
        raise PageNotFound from None
    if abs(found) >= 2**63:
        raise PageNotFound
    return found


def _answer(
    request: Request,
    search: SearchPart,
    rows: tuple[EntryRow, ...],
    more: str = "",
    status: int = 200,
) -> Response:
    page = EntriesPage(desk(request), parts(request), search, rows, more)
    return page_response(request, "staff/ledger_entries.html", page, status=status)


async def rows_of(lines: list[EntryLine]) -> tuple[EntryRow, ...]:
    known: Names = await named(
        each for line in lines for each in (line.actor_id, line.subject_id, line.object_id)
    )
    return tuple(
        EntryRow(
            line.number,
            line.at,
            said(line.act),
            known.of(line.actor_id),
            known.of(line.subject_id),
            known.of(line.object_id),
            _more(line.detail),
        )
        for line in lines
    )


def _more(detail: str) -> str:
    """Field names, counts and codes: whatever the note holds, in its order."""
    if not detail:
        return ""
    note: dict[str, object] = orjson.loads(detail)
    return ", ".join(
        " ".join(str(each) for each in value) if isinstance(value, list) else str(value)
        for key, value in note.items()
        if key != "receipt"
    )


async def find(request: Request) -> Response:
    """Words become ids, and the page has these in its address."""
    posted = await read_form(request)
    asked, errors, unclear = await understood(posted, NAMES)
    if not errors and not unclear:
        return redirect(asked.address(PATH))
    form: Form = posted.form().with_errors(errors)
    search = await search_part(
        asked, path=PATH, names=NAMES, form=form, unclear=unclear, with_acts=True
    )
    return _answer(request, search, (), status=422 if errors else 200)


async def export(request: Request) -> Response:
    """What was found, under ids alone; that it was taken is on record."""
    asked: Asked = read_asked(request, NAMES)
    lines = [line async for line in all_entries(asked.wanted, most=MOST_ROWS + 1)]
    kind = path_text(request, "format")
    answer = await as_file(_table(lines), kind)
    async with transaction():
        await record(
            Act.LEDGER_EXPORTED,
            now=clock.now(),
            actor_id=require(request).account_id,
            subject_id=asked.ids.get("whose") or asked.ids.get("who"),
            object_id=asked.ids.get("about"),
            note=Note(count=len(lines), purpose="entries", codes=(kind,)),
        )
    return answer


def _table(lines: list[EntryLine]) -> Table:
    return Table(
        "ledger",
        ("number", "at", "act", "said", "actor_id", "subject_id", "object_id", "note"),
        (
            _("Number"), _("When"), _("Code"), _("What happened"), _("Who did it (id)"),
            _("Whose data (id)"), _("About (id)"), _("More"),
        ),
        [
            (
                line.number, line.at, line.act, said(line.act), _text(line.actor_id),
                _text(line.subject_id), _text(line.object_id), line.detail,
            )
            for line in lines
        ],
    )  # fmt: skip


def _text(given: object) -> str:
    return str(given) if given else ""


ROUTES: tuple[Endpoint, ...] = (
    get(PATH, show, STAFF),
    post(PATH, find, STAFF),
    get(PATH + ".{format}", export, STAFF, fresh=True),
)
