"""A part of the ledger as a file: CSV and XLSX for people, JSON for programs. Ids, no names."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO

import orjson
from starlette.responses import Response
from xlsxwriter import Workbook

from registration.edge import PageNotFound
from registration.errors import Conflict
from registration.i18n import DEFAULT_ZONE, N_
from registration.teaching.packs import defused

MOST_ROWS = 50_000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


class TooManyRows(Conflict):
    message = N_("That is more than {most} rows. Narrow the search, as by a shorter time.")


@dataclass(frozen=True, slots=True)
class Table:
    """``keys`` name the columns in JSON, ``headings`` in the others. Cells are texts, numbers or
    aware times; each row is as long as ``keys``."""

    name: str
    keys: tuple[str, ...]
    headings: tuple[str, ...]
    rows: Sequence[tuple[str | int | datetime | None, ...]]


async def as_file(table: Table, kind: str) -> Response:
    """Written in a thread: a page that somebody else waits for goes on. Raises ``TooManyRows``,
    and ``PageNotFound`` for a kind of file that is not known."""
    if kind not in MEDIA_TYPES:
        raise PageNotFound
    if len(table.rows) > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    write = {"csv": _csv, "xlsx": _xlsx, "json": _json}[kind]
    return Response(
        await asyncio.to_thread(write, table),
        media_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{table.name}.{kind}"'},
    )


def _csv(table: Table) -> bytes:
    lines = StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(table.headings)
    for row in table.rows:
        writer.writerow([_text(cell) for cell in row])
    return lines.getvalue().encode("utf-8-sig")


def _text(cell: str | int | datetime | None) -> str:
    if isinstance(cell, datetime):
        return cell.astimezone(DEFAULT_ZONE).isoformat(timespec="seconds")
    return "" if cell is None else defused(str(cell))


def _xlsx(table: Table) -> bytes:
    held = BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_urls": False}
    with Workbook(held, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "d.m.yyyy h:mm:ss", "align": "left"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(table.headings) - 1, 24)
        for column, text in enumerate(table.headings):
            sheet.write_string(0, column, text, heading)
        for line, row in enumerate(table.rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    local = cell.astimezone(DEFAULT_ZONE).replace(tzinfo=None)
                    sheet.write_datetime(line, column, local, moment)
                elif isinstance(cell, int):
                    sheet.write_number(line, column, cell)
                elif cell:
                    sheet.write_string(line, column, cell)
    return held.getvalue()


def _json(table: Table) -> bytes:
    items = [dict(zip(table.keys, row, strict=True)) for row in table.rows]
    return orjson.dumps({"items": items}, option=orjson.OPT_INDENT_2)
