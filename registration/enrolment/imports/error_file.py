"""The rows that were not imported, as a workbook or as text, to mend and send again."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import xlsxwriter

from registration.i18n import N_

REASON_HEADING = N_("Why this row was left out")
_DEFUSED = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60
_NARROWEST = 10


def error_file(
    headings: Sequence[str],
    rows: Sequence[tuple[Sequence[str], str]],
    *,
    reason_heading: str,
    sheet_name: str = "",
) -> bytes:
    """An XLSX with the original columns and, after them, why each row was left out.

    ``rows`` pairs a row's original cells with its reason, already in the reader's language. Every
    cell is text; one that a program could take for a formula gets an apostrophe in front.
    """
    table = _table(headings, rows, reason_heading)
    width = len(table[0]) - 1
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_sheet_name(sheet_name))
        bold = book.add_format({"bold": True})
        for number, cells in enumerate(table):
            for column, cell in enumerate(cells):
                if cell:
                    text = defused(cell)
                    sheet.write_string(number, column, text, bold if number == 0 else None)
        for column in range(width + 1):
            longest = max(len(cells[column]) for cells in table)
            sheet.set_column(column, column, min(_WIDEST, max(_NARROWEST, longest + 1)))
        sheet.freeze_panes(1, 0)
    return written.getvalue()


def error_csv(
    headings: Sequence[str],
    rows: Sequence[tuple[Sequence[str], str]],
    *,
    reason_heading: str,
) -> bytes:
    """As ``error_file``, as CSV: UTF-8 with its mark, semicolons, every cell defused."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    for cells in _table(headings, rows, reason_heading):
        writer.writerow([defused(cell) for cell in cells])
    return written.getvalue().encode("utf-8-sig")


def _table(
    headings: Sequence[str], rows: Sequence[tuple[Sequence[str], str]], reason_heading: str
) -> list[list[str]]:
    width = max([len(headings), *(len(cells) for cells, _ in rows)])
    table = [[*_padded(headings, width), reason_heading]]
    return table + [[*_padded(cells, width), reason] for cells, reason in rows]


def defused(cell: str) -> str:
    """The cell as text that no spreadsheet program runs, not even after a copy to CSV."""
    return f"'{cell}" if cell.startswith(_DEFUSED) else cell


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _sheet_name(name: str) -> str | None:
    """At most 31 characters without the ones that a sheet's name may not hold."""
    kept = "".join(letter for letter in name if letter not in "[]:*?/\\" and letter.isprintable())
    return kept[:31].strip("' ") or None
