"""An invoicing basis for spreadsheet programs: CSV and XLSX. Pure."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from registration.i18n import _, collation_key, text_in
from registration.invoicing.queries import InvoiceDetail
from registration.invoicing.rules import Line, due_on
from registration.teaching.packs import defused


@dataclass(frozen=True, slots=True)
class Money:
    cents: int


@dataclass(frozen=True, slots=True)
class Percent:
    basis_points: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person, on one of the basis's lines."""

    name: str
    line: Line
    order_number: str


Cell = str | int | date | Money | Percent
Row = tuple[Cell, ...]


def _headings() -> list[str]:
    return [
        _("Number"),
        _("Company"),
        _("Business ID"),
        _("Training"),
        _("First day"),
        _("Last day"),
        _("Order number"),
        _("People"),
        _("Price without VAT"),
        _("VAT rate"),
        _("Sum without VAT"),
    ]


def _rows(found: InvoiceDetail) -> list[Row]:
    return [
        (
            found.row.number,
            found.company.name,
            found.company.business_id,
            text_in(line.title),
            line.first_day,
            line.last_day,
            line.order_number,
            line.people,
            Money(line.price_cents),
            Percent(line.vat_basis_points),
            Money(line.net_cents),
        )
        for line in found.lines
    ]


def _named(found: InvoiceDetail, people: Sequence[PersonRow]) -> list[Row]:
    ordered = sorted(
        people, key=lambda each: (each.line.first_day, collation_key(each.name), each.order_number)
    )
    return [
        (
            found.row.number,
            each.name,
            text_in(each.line.title),
            each.line.first_day,
            each.line.last_day,
            each.order_number,
        )
        for each in ordered
    ]


def _named_headings() -> list[str]:
    return [
        _("Number"),
        _("Name"),
        _("Training"),
        _("First day"),
        _("Last day"),
        _("Order number"),
    ]


def write_csv(found: InvoiceDetail, people: Sequence[PersonRow], *, named: bool) -> bytes:
    """A line of the basis in a row, or a person in a row if they are ``named``: UTF-8 with BOM,
    ``;``, decimal commas as Finnish programs read them."""
    lines = StringIO(newline="")
    writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    writer.writerow(_named_headings() if named else _headings())
    for row in _named(found, people) if named else _rows(found):
        writer.writerow([_text(cell) for cell in row])
    return lines.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    match cell:
        case Money(cents):
            return f"{cents // 100},{cents % 100:02}"
        case Percent(points):
            return f"{points / 100:g}".replace(".", ",")
        case date():
            return cell.isoformat()
        case _:
            return defused(str(cell))


WIDTHS = (13, 30, 12, 40, 12, 12, 18, 9, 16, 8, 16)
NAMED_WIDTHS = (13, 30, 40, 12, 12, 18)


@dataclass(frozen=True, slots=True)
class _Formats:
    heading: Format
    day: Format
    money: Format
    percent: Format


def write_xlsx(found: InvoiceDetail, people: Sequence[PersonRow], *, named: bool) -> bytes:
    """Lines and sums by VAT rate; people on a second sheet if they are ``named``. Dates are dates
    and sums are numbers; numbers that are names (of the basis, of an order) are texts."""
    held = BytesIO()
    with Workbook(held, {"in_memory": True, "strings_to_urls": False}) as book:
        formats = _Formats(
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"num_format": "d.m.yyyy", "align": "left"}),
            book.add_format({"num_format": "#,##0.00"}),
            book.add_format({"num_format": "0.##"}),
        )
        sheet = book.add_worksheet(_("Invoicing basis")[:31])
        _head(sheet, _headings(), WIDTHS, formats)
        last = _body(sheet, _rows(found), 1, formats)
        _sums(sheet, found, last + 1, formats)
        if named:
            second = book.add_worksheet(_("People")[:31])
            _head(second, _named_headings(), NAMED_WIDTHS, formats)
            _body(second, _named(found, people), 1, formats)
    return held.getvalue()


def _head(
    sheet: Worksheet, headings: Sequence[str], widths: Sequence[int], formats: _Formats
) -> None:
    sheet.freeze_panes(1, 0)
    for column, text in enumerate(headings):
        sheet.write_string(0, column, text, formats.heading)
        sheet.set_column(column, column, widths[column])


def _body(sheet: Worksheet, rows: Sequence[Row], first: int, formats: _Formats) -> int:
    """Writes the rows from ``first`` on; the number of the next free one."""
    for line, row in enumerate(rows, start=first):
        for column, cell in enumerate(row):
            _write(sheet, line, column, cell, formats)
    return first + len(rows)


def _sums(sheet: Worksheet, found: InvoiceDetail, first: int, formats: _Formats) -> None:
    value = len(WIDTHS) - 1
    rows: list[tuple[str, Cell]] = []
    for each in found.rates:
        rate = _text(Percent(each.vat_basis_points))
        rows.append((_("Sum at VAT {rate} %", rate=rate), Money(each.net_cents)))
        rows.append((_("VAT {rate} %", rate=rate), Money(each.vat_cents)))
    rows.append((_("To pay"), Money(found.row.net_cents + found.row.vat_cents)))
    rows.append((_("Made on"), found.row.issued_on))
    rows.append((_("Due on"), due_on(found.row.issued_on)))
    if found.row.undone_at is not None:
        rows.append((_("Undone"), found.row.undone_at.date()))
    for line, (label, cell) in enumerate(rows, start=first):
        sheet.write_string(line, value - 1, label)
        _write(sheet, line, value, cell, formats)


def _write(sheet: Worksheet, line: int, column: int, cell: Cell, formats: _Formats) -> None:
    match cell:
        case Money(cents):
            sheet.write_number(line, column, cents / 100, formats.money)
        case Percent(points):
            sheet.write_number(line, column, points / 100, formats.percent)
        case date():
            midnight = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 -- a plain date
            sheet.write_datetime(line, column, midnight, formats.day)
        case int():
            sheet.write_number(line, column, cell)
        case _:
            sheet.write_string(line, column, cell)
