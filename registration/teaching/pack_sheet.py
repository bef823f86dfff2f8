"""A pack for paper: the roll to call, or whom a certificate or permit is made out to. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from registration.i18n import _, format_date, language
from registration.press import SheetDocument, SheetRow, SheetTable
from registration.teaching.packs import (
    FIELD_NAMES,
    PURPOSE_NAMES,
    PackContent,
    PackRow,
    grade_words,
    watermark,
)
from registration.teaching.rules import PackField, PackPurpose, fields_of

BOX = "☐"


def document(content: PackContent) -> SheetDocument:
    """The same fields as in the files; each page bears at its foot to whom it was given."""
    said = watermark(content)
    return SheetDocument(
        language=language(),
        heading=_(PURPOSE_NAMES[content.purpose]),
        title=content.training,
        version=said.pack,
        facts=((_("When"), _days(content)), (_("Given to"), content.recipient)),
        tables=tuple(_tables(content)),
        notes=(_("When you have destroyed it, confirm that on your page “Packs”."),),
        printed=f"{said.given} {said.kept}",
        page=_("Page"),
    )


def _days(content: PackContent) -> str:
    first, last = content.dates[0], content.dates[-1]
    if first == last:
        return format_date(first)
    return f"{format_date(first)} – {format_date(last)}"


def _tables(content: PackContent) -> Iterable[SheetTable]:
    first = f"{_(FIELD_NAMES[PackField.NAME])}, {_(FIELD_NAMES[PackField.COMPANY])}"
    if content.purpose is PackPurpose.ATTENDANCE:
        rows = tuple(SheetRow(_label(row), BOX, ()) for row in content.rows)
        for day in content.dates:
            yield SheetTable(format_date(day), first, _("Present"), (), rows)
        return
    graded = PackField.GRADE in fields_of(content.purpose)
    mark = _(FIELD_NAMES[PackField.GRADE]) if graded else ""
    for result, rows_with in groupby(sorted(content.rows, key=_order), key=_result):
        rows = tuple(SheetRow(_label(row), _mark(content, row), ()) for row in rows_with)
        yield SheetTable(result, first, mark, (), rows)


def _label(row: PackRow) -> str:
    return f"{row.name}, {row.company}" if row.company else row.name


def _mark(content: PackContent, row: PackRow) -> str:
    return grade_words(row.grade, content.scale) or "–"


def _order(row: PackRow) -> int:
    return (True, False, None).index(row.completed)


def _result(row: PackRow) -> str:
    return {True: _("Completed"), False: _("Not completed"), None: _("Not decided")}[row.completed]
