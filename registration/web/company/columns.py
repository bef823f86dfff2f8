"""How an uploaded list was read, as its page shows it and lets it be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registration.edge import Posted
from registration.enrolment.imports.columns import REPEATABLE
from registration.enrolment.imports.fields import (
    LABELS,
    Field,
    Layout,
    Why,
    Withheld,
    column_letter,
)
from registration.enrolment.imports.reading import Choice, column_of
from registration.errors import FieldError, Invalid
from registration.i18n import N_, _
from registration.web.contact_form import Option

LONGEST_NAME = 200
WHY: Mapping[Why, str] = {
    Why.DIET: N_(
        "food restrictions or health. A company does not tell us these: each person is asked, if "
        "there is catering"
    ),
    Why.IDENTITY: N_("identity codes or dates of birth. They are never asked for here"),
    Why.REMARKS: N_("free text. It may tell what is not needed here"),
}


class FieldTwice(Invalid):
    message = N_("Two columns are set to “{field}”. Choose one of them.")


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of the file: its letter, heading, first cells, and what it was taken for.
    ``withheld`` says that its cells were never kept."""

    name: str
    letter: str
    heading: str
    samples: str
    meaning: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class WithheldView:
    column: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadingView:
    """``sheets`` and ``headings`` are choices, the present one first or ``header_row``; ``sheets``
    is empty when there is only one. ``shown`` are the columns that fill a field, in order."""

    columns: tuple[ColumnView, ...]
    meanings: tuple[Option, ...]
    sheet: str
    sheets: tuple[Option, ...]
    peopled: int
    without_people: tuple[str, ...]
    header_row: int
    headings: tuple[Option, ...]
    missing: tuple[str, ...]
    understood: tuple[tuple[str, str], ...]
    unused: tuple[str, ...]
    withheld: tuple[WithheldView, ...]
    blanked: int
    name_order_unsure: bool


def reading_view(layout: Layout) -> ReadingView:
    several = len(layout.sheets) > 1
    return ReadingView(
        columns=_columns(layout),
        meanings=tuple((str(field), _(label)) for field, label in LABELS.items()),
        sheet=layout.sheet,
        sheets=tuple(
            (
                one.name,
                _("{sheet}: {count} with an e-mail address", sheet=one.name, count=one.people),
            )
            for one in layout.sheets
        )
        if several
        else (),
        peopled=sum(one.people > 0 for one in layout.sheets),
        without_people=layout.without_people,
        header_row=layout.header_row,
        headings=(
            ("0", _("There are no headings")),
            *(
                (str(number), _("Row {number}: {text}", number=number, text=text))
                for number, text in layout.top
            ),
        ),
        missing=tuple(_(LABELS[field]) for field in layout.missing),
        understood=_understood(layout),
        unused=tuple(layout.headings[at] for at in layout.unmapped),
        withheld=tuple(map(_withheld, layout.withheld)),
        blanked=layout.blanked,
        name_order_unsure=layout.name_order_unsure,
    )


def _withheld(one: Withheld) -> WithheldView:
    letter = column_letter(one.column)
    return WithheldView(f"{letter}, {one.heading}" if one.heading else letter, _(WHY[one.why]))


def _columns(layout: Layout) -> tuple[ColumnView, ...]:
    withheld = {one.column for one in layout.withheld}
    views: list[ColumnView] = []
    for column, heading in enumerate(layout.headings):
        cells = [row[column] for row in layout.preview if column < len(row) and row[column].strip()]
        if not heading and not cells:
            continue
        views.append(
            ColumnView(
                name=f"column-{column}",
                letter=column_letter(column),
                heading=heading,
                samples=", ".join(" ".join(cell.split())[:40] for cell in cells[:2]),
                meaning=str(layout.mapping.get(column, "")),
                withheld=column in withheld,
            )
        )
    return tuple(views)


def _understood(layout: Layout) -> tuple[tuple[str, str], ...]:
    """Column and what it was taken for, in the order of the file."""
    return tuple(
        (layout.headings[column] or column_letter(column), _(LABELS[field]))
        for column, field in layout.mapping.items()
        if column < len(layout.headings)
    )


def place_of(field: Field, layout: Layout) -> str:
    """``C, S-posti``: where the file has the field, or an empty text."""
    column = column_of(field, layout.mapping)
    if column is None:
        return ""
    heading = layout.headings[column] if column < len(layout.headings) else ""
    return f"{column_letter(column)}, {heading}" if heading else column_letter(column)


def choice_given(given: Posted) -> Choice:
    """What was chosen on the page. With another sheet or heading row the columns are told anew.

    Raises ``FieldTwice``.
    """
    sheet = given.get("sheet", "")[:LONGEST_NAME] or None
    row = given.get("header-row", "")
    header_row = int(row) if row.isascii() and row.isdecimal() and len(row) < 8 else None
    other = sheet is not None and sheet != given.get("sheet-before", sheet)
    if other:
        return Choice(sheet=sheet)
    if header_row is not None and row != given.get("header-row-before", row):
        return Choice(sheet=sheet, header_row=header_row)
    return Choice(sheet=sheet, header_row=header_row, mapping=_mapping_given(given))


def _mapping_given(given: Posted) -> dict[int, Field]:
    chosen: dict[int, Field] = {}
    known = set(Field)
    for name, value in given.items():
        number = name.removeprefix("column-")
        plain = number.isascii() and number.isdecimal() and len(number) < 4
        if name == number or not plain or value not in known:
            continue
        field = Field(value)
        if field in chosen.values() and field not in REPEATABLE:
            raise FieldTwice(FieldError("", "twice", FieldTwice.message, {"field": value}))
        chosen[int(number)] = field
    return chosen
