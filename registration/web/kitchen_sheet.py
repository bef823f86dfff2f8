"""A kitchen sheet in the reader's words: the same rows on a page, as PDF and as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import xlsxwriter

from registration.catalogue.lines import EventLine
from registration.catalogue.rules import MealLine
from registration.catering import queries as catering
from registration.catering.rules import Named
from registration.catering.sheets import Change, Handed, Sheet
from registration.i18n import _, format_moment, language, text_in
from registration.press import SheetDocument, SheetRow, SheetTable
from registration.web.meals import meal_day, meal_label, meal_name
from registration.web.said import said_of

Changed = tuple[str, int, int, str]


def named(code: str) -> Named:
    """The need or allergen of this code."""
    return next(
        each for each in (*catering.needs_list(), *catering.allergens_list()) if each.code == code
    )


def word(code: str) -> str:
    """A need by its name; of an allergen, that it must not be there."""
    name = _(named(code).name)
    if any(each.code == code for each in catering.allergens_list()):
        return _("no {allergen}", allergen=name[0].lower() + name[1:])
    return name


def mark(codes: Iterable[str]) -> str:
    marks = [named(code).mark_in(language()) for code in codes]
    return " ".join(each for each in marks if each)


def tables(sheet: Sheet) -> tuple[SheetTable, ...]:
    """Who eats when; what goes on one plate; and each need by itself."""
    columns = tuple(
        f"{meal_day(meal)} {meal_name(meal)}" if meal.kind else _("Guests") for meal in sheet.meals
    )
    people = [SheetRow(_("All guests"), "", sheet.guests, strong=True)]
    if sheet.plates:
        people.append(SheetRow(_("of these without a plate listed below"), "", sheet.ordinary))
    found = [SheetTable(_("Guests"), _("Who"), "", columns, tuple(people))]
    if sheet.plates:
        plates = tuple(
            SheetRow(
                _plate(line.codes, line.apart, line.alone),
                mark(line.codes),
                line.guests,
                strong=line.alone,
            )
            for line in sheet.plates
        )
        needs = tuple(
            SheetRow(word(code), mark((code,)), numbers) for code, numbers in sheet.by_code.items()
        )
        found += [
            SheetTable(_("Plates"), _("All of this on one plate"), _("Mark"), columns, plates),
            SheetTable(_("Each need by itself"), _("Need"), _("Mark"), columns, needs),
        ]
    return tuple(found)


def _plate(codes: Sequence[str], apart: bool, alone: bool) -> str:
    words = ", ".join(word(code) for code in codes)
    if alone:
        return _("Serious allergy: {words}. Keep apart, not even traces.", words=words)
    return _("{words}. Keep apart, not even traces.", words=words) if apart else words


def notes() -> tuple[str, ...]:
    """The same on every sheet, whatever it says: so it tells nothing."""
    return (
        _(
            "So that nobody is singled out, rare wishes share a plate that suits them all, and a "
            "few plates more than guests may be listed."
        ),
        _(
            "If fewer than three guests have wishes of their own, the organisers tell the kitchen "
            "of them."
        ),
        _("Destroy this sheet after the event."),
    )


def facts(line: EventLine) -> tuple[tuple[str, str], ...]:
    shown = said_of(line)
    return ((_("When"), ", ".join(shown.whens)), (_("Where"), shown.where))


def document(
    handed: Handed, line: EventLine, *, by: str, now: datetime, language: str
) -> SheetDocument:
    """``by`` is who prints it."""
    printed = _(
        "Printed {when} by {who}", when=format_moment(now, zone=ZoneInfo(line.zone)), who=by
    )
    return SheetDocument(
        language=language,
        heading=_("Kitchen sheet"),
        title=text_in(line.title),
        version=_("Version {number}", number=handed.version),
        facts=facts(line),
        tables=tables(handed.sheet),
        notes=notes(),
        printed=printed,
        page=_("Page"),
    )


def spreadsheet(sheet: SheetDocument) -> bytes:
    """One XLSX sheet, made in memory: numbers as numbers, texts as texts that never run."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet(sheet.heading[:31])
    bold, head, big = (
        book.add_format(each)
        for each in (
            {"bold": True},
            {"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"},
            {"bold": True, "font_size": 16},
        )
    )
    page.set_column(0, 0, 48)
    page.set_column(1, 1, 10)
    page.set_column(2, 60, 14)
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{sheet.printed.replace('&', '&&')}&R&P / &N")
    page.write_string(0, 0, sheet.title, big)
    page.write_string(1, 0, f"{sheet.heading}, {sheet.version}", bold)
    at = 2
    for label, value in (*sheet.facts, ("", sheet.printed)):
        page.write_string(at, 0, f"{label}: {value}" if label else value)
        at += 1
    for table in sheet.tables:
        at += 1
        page.write_string(at, 0, table.caption, bold)
        for column, text in enumerate((table.first, table.mark, *table.columns)):
            page.write_string(at + 1, column, text, head)
        at += 2
        for row in table.rows:
            page.write_string(at, 0, row.label, bold if row.strong else None)
            page.write_string(at, 1, row.mark)
            for column, number in enumerate(row.numbers, start=2):
                page.write_number(at, column, number)
            at += 1
    for note in sheet.notes:
        at += 1
        page.write_string(at, 0, note)
    book.close()
    return out.getvalue()


def said_changes(changes: Iterable[Change], sheet: Sheet) -> tuple[Changed, ...]:
    """What, before, after, at which meals: those that changed alike stand in one line."""
    found: dict[tuple[str, int, int], list[MealLine]] = {}
    for each in changes:
        found.setdefault((each.code, each.before, each.after), []).append(each.meal)
    return tuple(
        (
            word(code) if code else _("All guests"),
            before,
            after,
            _("at every meal")
            if len(meals) == len(sheet.meals)
            else "; ".join(meal_label(meal) for meal in meals),
        )
        for (code, before, after), meals in found.items()
    )
