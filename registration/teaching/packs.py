"""Writing a pack as a file: CSV and XLSX for spreadsheets, JSON for programs. Pure."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import assert_never
from uuid import UUID

import orjson
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from registration.catalogue.rules import GradeScale
from registration.i18n import N_, _
from registration.teaching.rules import PackField, PackFormat, PackPurpose, fields_of

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")

Cell = str | int | date | bool | None

PURPOSE_NAMES: Mapping[PackPurpose, str] = {
    PackPurpose.ATTENDANCE: N_("Attendance list"),
    PackPurpose.CERTIFICATE: N_("Data for certificates"),
    PackPurpose.PERMIT: N_("Data for permits"),
}
FIELD_NAMES: Mapping[PackField, str] = {
    PackField.NAME: N_("Name"),
    PackField.COMPANY: N_("Company"),
    PackField.TRAINING: N_("Training"),
    PackField.DATES: N_("Dates"),
    PackField.GRADE: N_("Grade"),
    PackField.COMPLETED: N_("Completed"),
}
MEDIA_TYPES: Mapping[PackFormat, str] = {
    PackFormat.CSV: "text/csv; charset=utf-8",
    PackFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    PackFormat.JSON: "application/json",
}


@dataclass(frozen=True, slots=True)
class PackFile:
    content: bytes
    media_type: str
    file_name: str


@dataclass(frozen=True, slots=True)
class PackRow:
    """One person as any pack could show them; the purpose decides what of it is written."""

    name: str
    company: str
    grade: str
    completed: bool | None


@dataclass(frozen=True, slots=True)
class PackContent:
    """``dates`` are the days in order, where the session is held; texts are in the language of
    the reader except ``title``, which JSON gives in all."""

    id: UUID
    purpose: PackPurpose
    session_id: UUID
    title: Mapping[str, str]
    training: str
    slug: str
    dates: tuple[date, ...]
    scale: GradeScale
    recipient: str
    made_at: datetime
    rows: tuple[PackRow, ...]


def write(content: PackContent, format: PackFormat) -> PackFile:
    """The pack with the fields of its purpose and no others (P7)."""
    written = _WRITERS[format](content)
    name = f"{content.purpose}-{content.dates[0].isoformat()}-{_plain(content.slug)}.{format}"
    return PackFile(written, MEDIA_TYPES[format], name)


def _plain(slug: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", slug)[:60]


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


def grade_words(grade: str, scale: GradeScale) -> str:
    """A grade as people read it, in the language now spoken."""
    if scale is GradeScale.PASS_FAIL:
        return {"pass": _("Passed"), "fail": _("Failed")}.get(grade, "")
    return f"{grade} %" if grade and scale is GradeScale.PERCENT else grade


def _completed(value: bool) -> str:
    return _("Yes") if value else _("No")


def defused(text: str) -> str:
    """A cell that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def _csv(content: PackContent) -> bytes:
    lines = StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(_headings(content))
    for row in content.rows:
        writer.writerow([_csv_text(cell) for cell in _cells(content, row)])
    return lines.getvalue().encode("utf-8-sig")


def _csv_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return _completed(cell)
        case date():
            return cell.isoformat()
        case _:
            return defused(str(cell))


WIDTHS = {PackField.NAME: 30, PackField.COMPANY: 32, PackField.TRAINING: 40}


def _xlsx(content: PackContent) -> bytes:
    held = BytesIO()
    with Workbook(held, {"in_memory": True, "strings_to_urls": False}) as book:
        book.set_properties(
            {"title": _(PURPOSE_NAMES[content.purpose]), "comments": content.id.hex}
        )
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
    return held.getvalue()


def _write_cell(sheet: Worksheet, line: int, column: int, cell: Cell, as_date: Format) -> None:
    """Texts as texts, whatever they begin with; dates and numbers as what they are."""
    match cell:
        case None:
            return
        case bool():
            sheet.write_string(line, column, _completed(cell))
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
        "pack": content.id,
        "purpose": content.purpose,
        "session": content.session_id,
        "recipient": content.recipient,
        "made_at": content.made_at,
    }
    if PackField.GRADE in fields_of(content.purpose):
        said["grade_scale"] = content.scale
    return orjson.dumps(said | {"people": people}, option=orjson.OPT_INDENT_2)


_WRITERS: Mapping[PackFormat, Callable[[PackContent], bytes]] = {
    PackFormat.CSV: _csv,
    PackFormat.XLSX: _xlsx,
    PackFormat.JSON: _json,
}
