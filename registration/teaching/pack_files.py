"""A pack as a file: CSV and XLSX for spreadsheets, JSON for programs. Pure.

Each says what it is. In CSV in a last column: a line of its own would be a person without a company
to whatever reads the file, and a column stays with each row that is copied, sorted or filtered. In
XLSX below the list, on each printed page and in the file's properties; in JSON in fields.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO, StringIO
from textwrap import shorten
from typing import assert_never

import orjson
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from registration.catalogue.rules import GradeScale
from registration.i18n import _
from registration.teaching.packs import (
    FIELD_NAMES,
    MEDIA_TYPES,
    PURPOSE_NAMES,
    PackContent,
    PackFile,
    PackRow,
    completed_words,
    defused,
    file_name,
    grade_words,
    watermark,
)
from registration.teaching.rules import PackField, PackFormat, fields_of

Cell = str | int | date | bool | None
# Excel takes 255 letters above or below a page, with the codes that place them.
LONGEST_MARGIN = 240


def write(content: PackContent, format: PackFormat) -> PackFile:
    """The pack with the fields of its purpose and no others (P7). ``format`` is none for paper."""
    written = _WRITERS[format](content)
    return PackFile(written, MEDIA_TYPES[format], file_name(content, format))


def _headings(content: PackContent) -> list[str]:
    found: list[str] = []
    for field in fields_of(content.purpose):
        if field is PackField.DATES:
            found += [_("First day"), _("Last day")]
        else:
            found.append(_(FIELD_NAMES[field]))
    return found


def _cells(content: PackContent, row: PackRow) -> list[Cell]:
    found: list[Cell] = []
    for field in fields_of(content.purpose):
        match field:
            case PackField.NAME:
                found.append(row.name)
            case PackField.COMPANY:
                found.append(row.company)
            case PackField.TRAINING:
                found.append(content.training)
            case PackField.DATES:
                found += [content.dates[0], content.dates[-1]]
            case PackField.GRADE:
                found.append(_grade(row.grade, content.scale))
            case PackField.COMPLETED:
                found.append(row.completed)
            case _:
                assert_never(field)
    return found


def _grade(grade: str, scale: GradeScale) -> Cell:
    if grade and scale is not GradeScale.PASS_FAIL:
        return int(grade)
    return grade_words(grade, scale)


def _csv(content: PackContent) -> bytes:
    lines = StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    said = watermark(content).line
    writer.writerow([*_headings(content), _("Terms of use")])
    for row in content.rows:
        writer.writerow([_csv_text(cell) for cell in (*_cells(content, row), said)])
    return lines.getvalue().encode("utf-8-sig")


def _csv_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return completed_words(cell)
        case date():
            return cell.isoformat()
        case _:
            return defused(str(cell))


WIDTHS = {PackField.NAME: 30, PackField.COMPANY: 32, PackField.TRAINING: 40}


def _xlsx(content: PackContent) -> bytes:
    held = BytesIO()
    with Workbook(held, {"in_memory": True, "strings_to_urls": False}) as book:
        _mark(book, content)
        heading = book.add_format({"bold": True, "bottom": 1})
        as_date = book.add_format({"num_format": "d.m.yyyy", "align": "left"})
        sheet = book.add_worksheet(_(PURPOSE_NAMES[content.purpose])[:31])
        sheet.freeze_panes(1, 0)
        headings = _headings(content)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text, heading)
        sheet.set_column(0, len(headings) - 1, 14)
        for column, field in enumerate(fields_of(content.purpose)):
            if field in WIDTHS:
                sheet.set_column(column, column, WIDTHS[field])
        for line, row in enumerate(content.rows, start=1):
            for column, cell in enumerate(_cells(content, row)):
                _write_cell(sheet, line, column, cell, as_date)
        _mark_sheet(sheet, content, below=len(content.rows) + 1)
    return held.getvalue()


def _mark(book: Workbook, content: PackContent) -> None:
    title = _(PURPOSE_NAMES[content.purpose])
    book.set_properties({"title": title, "comments": watermark(content).line})
    book.set_custom_property("pack", str(content.id), "text")
    book.set_custom_property("keep_until", content.ends_at.isoformat(), "text")


def _mark_sheet(sheet: Worksheet, content: PackContent, *, below: int) -> None:
    """The list stays whole: an empty line stands between it and what is said of it."""
    said = watermark(content)
    sheet.write_string(below + 1, 0, said.line)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L{_margin(said.given)}")
    sheet.set_footer(f"&L{_margin(said.kept)} {said.pack}&R&P / &N")


def _margin(text: str) -> str:
    doubled = text.replace("&", "&&")
    return (
        doubled
        if len(doubled) <= LONGEST_MARGIN
        else shorten(text.replace("&", "+"), LONGEST_MARGIN, placeholder="…")
    )


def _write_cell(sheet: Worksheet, line: int, column: int, cell: Cell, as_date: Format) -> None:
    """Texts as texts, whatever they begin with; dates and numbers as what they are."""
    match cell:
        case None:
            return
        case bool():
            sheet.write_string(line, column, completed_words(cell))
        case date():
            midnight = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 -- a plain date
            sheet.write_datetime(line, column, midnight, as_date)
        case int():
            sheet.write_number(line, column, cell)
        case _:
            sheet.write_string(line, column, cell)


def _json(content: PackContent) -> bytes:
    values: Mapping[PackField, Callable[[PackRow], object]] = {
        PackField.NAME: lambda row: row.name,
        PackField.COMPANY: lambda row: row.company,
        PackField.TRAINING: lambda _row: content.title,
        PackField.DATES: lambda _row: content.dates,
        PackField.GRADE: lambda row: row.grade,
        PackField.COMPLETED: lambda row: row.completed,
    }
    people: Sequence[Mapping[str, object]] = [
        {field.value: values[field](row) for field in fields_of(content.purpose)}
        for row in content.rows
    ]
    said: dict[str, object] = {
        "pack": str(content.id),
        "purpose": content.purpose,
        "session": str(content.session_id),
        "recipient": content.recipient,
        "trainer": content.trainer,
        "made_at": content.made_at,
        "keep_until": content.ends_at,
        "terms": watermark(content).line,
    }
    if PackField.GRADE in fields_of(content.purpose):
        said["grade_scale"] = content.scale
    return orjson.dumps(said | {"people": people}, option=orjson.OPT_INDENT_2)


_WRITERS: Mapping[PackFormat, Callable[[PackContent], bytes]] = {
    PackFormat.CSV: _csv,
    PackFormat.XLSX: _xlsx,
    PackFormat.JSON: _json,
}
