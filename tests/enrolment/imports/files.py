"""Files as people's programs and habits make them, written in code."""

from __future__ import annotations

import csv as writer_of_csv
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter

DATA = Path(__file__).parents[2] / "data"
Cell = str | float | bool | date | datetime | time | None
Rows = Sequence[Sequence[Cell]]


def text(rows: Rows, delimiter: str = ";", *, encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    """A delimited file as a program writes it."""
    written = io.StringIO(newline="")
    made = writer_of_csv.writer(written, delimiter=delimiter, lineterminator=end)
    made.writerows([["" if cell is None else str(cell) for cell in row] for row in rows])
    return written.getvalue().encode(encoding)


def lines(*given: str, encoding: str = "utf-8") -> bytes:
    return ("\n".join(given) + "\n").encode(encoding)


def excel(
    *sheets: Rows,
    names: Sequence[str] = (),
    merged: Sequence[str] = (),
    hidden_rows: Sequence[int] = (),
    hidden_columns: Sequence[str] = (),
    hidden_sheets: Sequence[int] = (),
    first: tuple[int, int] = (0, 0),
) -> bytes:
    """A workbook; ``merged`` are ranges of the first sheet, ``first`` is where its cells begin."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"default_date_format": "d.m.yyyy"}) as book:
        for at, rows in enumerate(sheets):
            sheet = book.add_worksheet(names[at] if at < len(names) else None)
            _fill(sheet, rows, *(first if at == 0 else (0, 0)))
            if at in hidden_sheets:
                sheet.hide()
        shown = book.worksheets()[0]
        for area in merged:
            corner = area.partition(":")[0]
            shown.merge_range(area, sheets[0][int(corner[1:]) - 1][ord(corner[0]) - 65])
        for number in hidden_rows:
            shown.set_row(number - 1, options={"hidden": True})
        for letter in hidden_columns:
            shown.set_column(f"{letter}:{letter}", options={"hidden": True})
        if 0 in hidden_sheets:
            book.worksheets()[1].activate()
    return written.getvalue()


def _fill(sheet: xlsxwriter.worksheet.Worksheet, rows: Rows, down: int, right: int) -> None:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, date | time):
                sheet.write_datetime(number + down, column + right, cell)
            elif cell is not None:
                sheet.write(number + down, column + right, cell)


def opendocument(*sheets: tuple[str, Rows], hidden_rows: Sequence[int] = ()) -> bytes:
    """An ODS; the parts beside the cells are those of a real one."""
    tables: list[str] = []
    for name, rows in sheets:
        made = "".join(
            f"<table:table-row{_hidden(number in hidden_rows)}>{''.join(map(_ods_cell, row))}"
            "</table:table-row>"
            for number, row in enumerate(rows, start=1)
        )
        tables.append(f'<table:table table:name="{escape(name)}">{made}</table:table>')
    package = (DATA / "employees-clean-fi.ods").read_bytes()
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as given,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as changed,
    ):
        for name in given.namelist():
            part = given.read(name)
            if name == "content.xml":
                xml = part.decode()
                start = xml.index("<table:table ")
                end = xml.rindex("</table:table>") + len("</table:table>")
                part = (xml[:start] + "".join(tables) + xml[end:]).encode()
            changed.writestr(name, part)
    return written.getvalue()


def _hidden(hidden: bool) -> str:
    return ' table:visibility="collapse"' if hidden else ""


def _ods_cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return (
            f'<table:table-cell office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
        )
    shown = escape(str(cell))
    return (
        f'<table:table-cell office:value-type="string"><text:p>{shown}</text:p></table:table-cell>'
    )


def web_page(rows: Rows) -> bytes:
    """A table in HTML, which many systems call ``.xls``."""
    made = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell or ''))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        "<html><head><meta charset=utf-8><style>td{mso-number-format:'@'}</style></head>"
        f"<body><table border=1>{made}</table></body></html>"
    ).encode()
