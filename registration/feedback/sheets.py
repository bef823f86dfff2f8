"""Figures of feedback for spreadsheet programs: CSV and XLSX. Pure."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO

from xlsxwriter import Workbook

from registration.teaching.packs import defused

WIDTHS = (40, 12, 24, 44, 9, 9, 6, 6, 6, 6, 6)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """How one question was answered at one session or event, by one way."""

    title: str
    day: date
    way: str
    question: str
    answers: int
    mean: float | None
    counts: tuple[int, ...]

    @property
    def numbers(self) -> tuple[float | None, ...]:
        return (self.answers, self.mean, *self.counts)


def write_csv(rows: Sequence[SheetRow], headings: Sequence[str]) -> bytes:
    """UTF-8 with BOM, ``;``, decimal commas as Finnish programs read them."""
    lines = StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    for row in rows:
        words = [defused(row.title), row.day.isoformat(), defused(row.way), defused(row.question)]
        writer.writerow([*words, *(_number(each) for each in row.numbers)])
    return lines.getvalue().encode("utf-8-sig")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}".replace(".", ",")


def write_xlsx(rows: Sequence[SheetRow], headings: Sequence[str], *, title: str) -> bytes:
    """Days are dates and figures numbers."""
    held = BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with Workbook(held, options) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "d.m.yyyy", "align": "left"})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        for column, text in enumerate(headings):
            sheet.write_string(0, column, text, heading)
            sheet.set_column(column, column, WIDTHS[column])
        for line, row in enumerate(rows, start=1):
            midnight = datetime(row.day.year, row.day.month, row.day.day)  # noqa: DTZ001 -- a plain date
            sheet.write_string(line, 0, row.title)
            sheet.write_datetime(line, 1, midnight, day)
            sheet.write_string(line, 2, row.way)
            sheet.write_string(line, 3, row.question)
            for column, value in enumerate(row.numbers, start=4):
                if value is not None:
                    sheet.write_number(line, column, value)
    return held.getvalue()
