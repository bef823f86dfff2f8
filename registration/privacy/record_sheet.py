"""The record of processing for spreadsheet programs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from registration.i18n import _
from registration.privacy.record import Record
from registration.privacy.record_paper import facts_of

Rows = Sequence[Sequence[str]]


def write_xlsx(record: Record) -> bytes:
    """A sheet each for the activities, the controller and the protection, the trainers' firms, and
    the columns. Every cell is text and is never read as a formula or a link."""
    held = BytesIO()
    with Workbook(
        held, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    ) as book:
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        activities = [
            (each.name, *(text for _label, text in facts_of(each))) for each in record.activities
        ]
        labels = [label for label, _text in facts_of(record.activities[0])]
        _sheet(book, _("Activities"), (_("Activity"), *labels), activities, (bold, plain))
        house = [*record.house, *((_("Protection"), text) for text in record.measures)]
        _sheet(book, _("Controller"), (_("What"), _("Words")), house, (bold, plain))
        firms = [(f.name, f.country, f.agreement, f.safeguard) for f in record.firms]
        heads = (_("Name"), _("Country"), _("Agreement"), _("Safeguard outside the EEA"))
        _sheet(book, _("Trainers' firms"), heads, firms, (bold, plain))
        columns = [(each.table, each.name, each.kind) for each in record.columns]
        annex = (_("Table"), _("Column"), _("What it says"))
        _sheet(book, _("Columns"), annex, columns, (bold, plain))
    return held.getvalue()


WIDTH, WIDE = 28, 48


def _sheet(
    book: Workbook, name: str, headings: Sequence[str], rows: Rows, formats: tuple[Format, Format]
) -> None:
    bold, plain = formats
    sheet = book.add_worksheet(_sheet_name(name))
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for column, text in enumerate(headings):
        sheet.write_string(0, column, text, bold)
        longest = max((len(row[column]) for row in rows), default=0)
        sheet.set_column(column, column, WIDE if longest > WIDE else WIDTH)
    for line, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            sheet.write_string(line, column, text, plain)


def _sheet_name(text: str) -> str:
    """Without what Excel allows in no name of a sheet."""
    return "".join(" " if char in "[]:*?/\\'" else char for char in text)[:31].strip()
