"""A file of employees, read and checked: the one entry for pages and API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from registration.enrolment.imports import limits
from registration.enrolment.imports.asides import is_note, is_total
from registration.enrolment.imports.columns import (
    Columns,
    find_columns,
    is_repeated_heading,
    joined_headings,
)
from registration.enrolment.imports.compare import compare_rows
from registration.enrolment.imports.fields import (
    FULL_NAMES,
    EmployeeRow,
    Field,
    Layout,
    Problem,
    Reading,
    SheetChoice,
    SkippedRow,
    column_letter,
)
from registration.enrolment.imports.guessing import settle_name_order
from registration.enrolment.imports.kept import Kept, KeptSheet, open_file
from registration.enrolment.imports.refusals import NoSuchSheet, TooManyRows
from registration.enrolment.imports.rows import read_row
from registration.enrolment.imports.sheets import Sheet, check_sheet
from registration.enrolment.imports.texts import armed
from registration.i18n import N_

_PREVIEW = 5
_TOP = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person said of the file; what is None is guessed. ``mapping`` counts columns from 0,
    ``header_row`` rows from 1, with 0 for none."""

    sheet: str | None = None
    header_row: int | None = None
    mapping: Mapping[int, Field] | None = None


def read_employees(
    content: bytes,
    filename: str,
    *,
    mapping: Mapping[int, Field] | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
) -> Reading:
    """What the file says, row by row, with problems and proposed mends; nothing is stored.

    ``mapping``, ``sheet`` and ``header_row`` override what is guessed, as in ``Choice``. The whole
    file is refused with an ``Invalid`` from ``refusals``. It takes CPU and no turns: run it in a
    worker process.
    """
    return read_kept(open_file(content, filename), Choice(sheet, header_row, mapping))


def read_kept(kept: Kept, choice: Choice) -> Reading:
    """As ``read_employees``, of what was kept of the file."""
    chosen, columns = _choose(kept.sheets, choice)
    check_sheet(Sheet(chosen.name, chosen.rows))
    layout = _lay_out(kept, chosen, columns, choice.mapping)
    numbered = [
        (number, row)
        for number, row in enumerate(chosen.rows, start=1)
        if row and number > layout.header_row
    ]
    if len(numbered) > limits.MAX_EMPLOYEES:
        raise TooManyRows(limit=limits.MAX_EMPLOYEES)
    if layout.missing:
        return Reading(layout=layout, rows=(), skipped=())
    return _read(layout, numbered, chosen.hidden)


def _read(
    layout: Layout, numbered: Sequence[tuple[int, tuple[str, ...]]], hidden: frozenset[int]
) -> Reading:
    rows: list[EmployeeRow] = []
    skipped: list[SkippedRow] = []
    for number, cells in numbered:
        values = values_in(cells, layout.mapping)
        if aside := _aside(number, cells, values, layout, hidden=number in hidden):
            skipped.append(aside)
        else:
            rows.append(read_row(values, row_number=number, cells=cells))
    kept, repeated = compare_rows(rows)
    return Reading(
        layout=layout,
        rows=tuple(placed(row, layout) for row in kept),
        skipped=tuple(sorted((*skipped, *repeated), key=lambda row: row.row_number)),
    )


def values_in(cells: Sequence[str], mapping: Mapping[int, Field]) -> dict[Field, str]:
    """The row's texts by what they mean; of two columns with one meaning the first filled one."""
    values: dict[Field, str] = {}
    for column, field in mapping.items():
        text = armed(cells[column]) if column < len(cells) else ""
        if not values.get(field, "").strip():
            values[field] = text
    return values


def _aside(
    number: int,
    cells: tuple[str, ...],
    values: Mapping[Field, str],
    layout: Layout,
    *,
    hidden: bool,
) -> SkippedRow | None:
    """The row as one that is no employee's, or None."""
    if is_total(values, cells):
        return SkippedRow(number, "total", N_("This row is a total, not a person."), {}, cells)
    if layout.header_row and is_repeated_heading(cells, layout.headings):
        return SkippedRow(number, "heading", N_("This row repeats the headings."), {}, cells)
    if is_note(values, cells):
        message = N_("This row holds a single text and no address, so it was taken for a note.")
        return SkippedRow(number, "note", message, {}, cells)
    if hidden:
        message = N_("This row is hidden in the file.")
        return SkippedRow(number, "hidden", message, {}, cells)
    return None


def _choose(sheets: tuple[KeptSheet, ...], choice: Choice) -> tuple[KeptSheet, Columns]:
    if choice.sheet is not None:
        chosen = next((sheet for sheet in sheets if sheet.name == choice.sheet), None)
        if chosen is None:
            raise NoSuchSheet(name=choice.sheet)
        return chosen, find_columns(chosen.rows, header_row=choice.header_row)
    found = [(one, find_columns(one.rows, header_row=choice.header_row)) for one in sheets]
    return max(
        found,
        key=lambda one: (
            not missing_in(set(one[1].mapping.values())) and bool(one[0].people),
            one[1].score,
            len(one[1].mapping),
            one[0].people,
        ),
    )


def _lay_out(
    kept: Kept,
    sheet: KeptSheet,
    columns: Columns,
    mapping: Mapping[int, Field] | None,
) -> Layout:
    below = [row for row in sheet.rows[columns.header_row :] if row]
    wanted = columns.mapping if mapping is None else mapping
    used = settle_name_order(dict(sorted(wanted.items())), below[:200])
    width = max((len(row) for row in sheet.rows), default=0)
    headings = _headings(sheet, columns, width)
    withheld = {one.column for one in sheet.withheld}
    return Layout(
        sheet=sheet.name,
        other_sheets=tuple(other.name for other in kept.sheets if other is not sheet),
        header_row=columns.header_row,
        headings=headings,
        mapping=used,
        unmapped=tuple(
            at for at, text in enumerate(headings) if text and at not in used.keys() | withheld
        ),
        missing=missing_in(set(used.values())),
        preview=tuple(below[:_PREVIEW]),
        top=_top(sheet.rows),
        sheets=tuple(SheetChoice(one.name, one.people) for one in kept.sheets),
        without_people=kept.without_people,
        withheld=sheet.withheld,
        blanked=sheet.blanked,
    )


def _headings(sheet: KeptSheet, columns: Columns, width: int) -> tuple[str, ...]:
    top = sheet.rows[columns.header_row - 1] if columns.header_row else ()
    if columns.header_rows > 1:
        top = joined_headings(sheet.rows[columns.header_row - 2], top)
    texts = [" ".join(cell.split()) for cell in top]
    texts += [""] * (width - len(texts))
    for one in sheet.withheld:
        texts += [""] * (one.column + 1 - len(texts))
        texts[one.column] = one.heading
    return tuple(texts)


def _top(rows: Sequence[tuple[str, ...]]) -> tuple[tuple[int, str], ...]:
    """The first filled rows, shortened, to choose the headings among."""
    filled = [(number, row) for number, row in enumerate(rows, start=1) if row][:_TOP]
    return tuple(
        (number, " · ".join(text for cell in row if (text := " ".join(cell.split())[:24]))[:90])
        for number, row in filled
    )


def missing_in(mapped: set[Field]) -> tuple[Field, ...]:
    """What is required and not among these."""
    if Field.NAME_EMAIL in mapped:
        return ()
    required = [Field.EMAIL]
    if not mapped & FULL_NAMES:
        required = [Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL]
    return tuple(field for field in required if field not in mapped)


def placed(row: EmployeeRow, layout: Layout) -> EmployeeRow:
    """The row with each problem told by the column's letter and heading."""
    if not row.problems:
        return row
    return replace(row, problems=tuple(_placed_problem(one, layout) for one in row.problems))


def _placed_problem(problem: Problem, layout: Layout) -> Problem:
    column = column_of(problem.field, layout.mapping)
    if column is None:
        return problem
    heading = layout.headings[column] if column < len(layout.headings) else ""
    return replace(problem, column=column_letter(column), heading=heading)


def column_of(field: Field, mapping: Mapping[int, Field]) -> int | None:
    """The first column that holds the field, by itself or within a full name."""
    sought = {field}
    if field in {Field.FIRST_NAME, Field.LAST_NAME}:
        sought |= FULL_NAMES
    elif field is Field.EMAIL:
        sought.add(Field.NAME_EMAIL)
    return next((column for column, meant in mapping.items() if meant in sought), None)
