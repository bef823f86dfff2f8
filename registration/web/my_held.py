"""Everything that is held on a person, in words, on a page of their own (P11)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration.edge import Endpoint, PageNotFound, get, page_response, path_text, settings
from registration.i18n import _, format_number
from registration.privacy.held import PAGE, Held, HeldRow, HeldTable, held_in_words
from registration.privacy.held_paper import about_table
from registration.web.me import OWN, own_id
from registration.web.paging import page_number

FEW_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class Section:
    """``about`` says what for, on what ground and how long. With few ``columns`` the rows are a
    table of ``cells``, else each is a list of facts. ``url`` leads to all of them."""

    table: HeldTable
    about: tuple[str, ...]
    count: str
    columns: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    opened: bool
    url: str


@dataclass(frozen=True, slots=True)
class HeldPage:
    """``ask`` is where a correction of what staff must correct is asked for."""

    sections: tuple[Section, ...]
    total: str
    ask: str


@dataclass(frozen=True, slots=True)
class HeldTablePage:
    section: Section
    status: str
    next: str
    previous: str
    back: str
    ask: str


def page_of(held: Held, *, path: str, ask: str) -> HeldPage:
    return HeldPage(
        tuple(section_of(table, path) for table in held.tables),
        format_number(held.total),
        ask,
    )


def section_of(table: HeldTable, path: str) -> Section:
    columns = tuple(dict.fromkeys(label for row in table.rows for label, _value in row.facts))
    few = len(columns) <= FEW_COLUMNS and len(table.rows) > 1
    return Section(
        table=table,
        about=tuple(about_table(table)),
        count=format_number(table.total),
        columns=columns if few else (),
        cells=tuple(_cells(row, columns) for row in table.rows) if few else (),
        opened=table.total == 1,
        url=f"{path}/{table.name}" if table.more else "",
    )


def _cells(row: HeldRow, columns: tuple[str, ...]) -> tuple[str, ...]:
    held = dict(row.facts)
    return tuple(held.get(column, "–") for column in columns)


def table_page_of(held: Held, number: int, *, path: str, ask: str) -> HeldTablePage:
    """Raises ``PageNotFound`` when there is nothing in the table, or not so many pages."""
    if not held.tables:
        raise PageNotFound
    (table,) = held.tables
    pages = max(1, -(-table.total // PAGE))
    if number > pages:
        raise PageNotFound
    own = f"{path}/{table.name}"
    return HeldTablePage(
        section_of(table, path),
        _("Page {number} of {pages}", number=number, pages=pages) if pages > 1 else "",
        f"{own}?page={number + 1}" if number < pages else "",
        f"{own}?page={number - 1}" if number > 1 else "",
        path,
        ask,
    )


HERE, ASK = "/me/data/all", "/me/rights/ask"


async def everything(request: Request) -> Response:
    _who, person_id = own_id(request)
    held = await held_in_words(person_id, schedule=settings(request).organisation.retention)
    return page_response(request, "me/held.html", page_of(held, path=HERE, ask=ASK))


async def one_table(request: Request) -> Response:
    _who, person_id = own_id(request)
    number = page_number(request)
    name = path_text(request, "table")
    held = await held_in_words(
        person_id,
        limit=PAGE,
        only=name,
        number=number,
        schedule=settings(request).organisation.retention,
    )
    page = table_page_of(held, number, path=HERE, ask=ASK)
    return page_response(request, "me/held_table.html", page)


ROUTES: tuple[Endpoint, ...] = (
    get(HERE, everything, OWN),
    get(f"{HERE}/{{table}}", one_table, OWN),
)
