"""A file of employees, read and checked: the one entry for pages and API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from registration.enrolment.imports import limits
from registration.enrolment.imports.columns import (
    Columns,
    find_columns,
    is_repeated_heading,
    settle_name_order,
)
from registration.enrolment.imports.fields import (
    FULL_NAMES,
    EmployeeRow,
    Field,
    Layout,
    Problem,
    Reading,
    SkippedRow,
    column_letter,
)
from registration.enrolment.imports.refusals import NoSuchSheet, TooManyRows
from registration.enrolment.imports.rows import compare_rows, is_total, read_row
from registration.enrolment.imports.sheets import Sheet, check_sheet, read_sheets
from registration.i18n import N_

_PREVIEW = 5


def read_employees(
    content: bytes,
    filename: str,
    *,
    mapping: Mapping[int, Field] | None = None,
    sheet: str | None = None,
) -> Reading:
    """What the file says, row by row, with problems and proposed mends; nothing is stored.

    ``mapping`` (columns from 0) and ``sheet`` override what is guessed. The whole file is refused
    with an ``Invalid`` from ``refusals``. It takes CPU and no turns: run it in a worker process.
    """
    sheets = read_sheets(content, filename)
    chosen, columns = _choose(sheets, sheet)
    check_sheet(chosen)
    layout = _lay_out(chosen, columns, sheets, mapping)
    numbered = [
        (number, row)
        for number, row in enumerate(chosen.rows, start=1)
        if row and number > layout.header_row
    ]
    if len(numbered) > limits.MAX_EMPLOYEES:
        raise TooManyRows(limit=limits.MAX_EMPLOYEES)
    if layout.missing:
        return Reading(layout=layout, rows=(), skipped=())
    return _read(layout, numbered)


def _read(layout: Layout, numbered: Sequence[tuple[int, tuple[str, ...]]]) -> Reading:
    rows: list[EmployeeRow] = []
    skipped: list[SkippedRow] = []
    for number, cells in numbered:
        values = {
            field: cells[column] if column < len(cells) else ""
            for column, field in layout.mapping.items()
        }
        if is_total(values, cells):
            message = N_("This row is a total, not a person.")
            skipped.append(SkippedRow(number, "total", message, {}, cells))
        elif layout.header_row and is_repeated_heading(cells, layout.headings):
            message = N_("This row repeats the headings.")
            skipped.append(SkippedRow(number, "heading", message, {}, cells))
        else:
            rows.append(read_row(values, row_number=number, cells=cells))
    kept, repeated = compare_rows(rows)
    return Reading(
        layout=layout,
        rows=tuple(_placed(row, layout) for row in kept),
        skipped=tuple(sorted((*skipped, *repeated), key=lambda row: row.row_number)),
    )


def _choose(sheets: tuple[Sheet, ...], name: str | None) -> tuple[Sheet, Columns]:
    if name is not None:
        chosen = next((sheet for sheet in sheets if sheet.name == name), None)
        if chosen is None:
            raise NoSuchSheet(name=name)
        return chosen, find_columns(chosen.rows)
    found = [(sheet, find_columns(sheet.rows)) for sheet in sheets]
    return max(found, key=lambda one: (one[1].score, len(one[1].mapping)))


def _lay_out(
    sheet: Sheet,
    columns: Columns,
    sheets: tuple[Sheet, ...],
    mapping: Mapping[int, Field] | None,
) -> Layout:
    below = [row for row in sheet.rows[columns.header_row :] if row]
    wanted = columns.mapping if mapping is None else mapping
    used = settle_name_order(dict(sorted(wanted.items())), below[:200])
    width = max((len(row) for row in sheet.rows), default=0)
    top = sheet.rows[columns.header_row - 1] if columns.header_row else ()
    headings = tuple(" ".join(cell.split()) for cell in top) + ("",) * (width - len(top))
    return Layout(
        sheet=sheet.name,
        other_sheets=tuple(other.name for other in sheets if other is not sheet),
        header_row=columns.header_row,
        headings=headings,
        mapping=used,
        unmapped=tuple(at for at, text in enumerate(headings) if text and at not in used),
        missing=_missing(set(used.values())),
        preview=tuple(below[:_PREVIEW]),
    )


def _missing(mapped: set[Field]) -> tuple[Field, ...]:
    required = [Field.EMAIL]
    if not mapped & FULL_NAMES:
        required = [Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL]
    return tuple(field for field in required if field not in mapped)


def _placed(row: EmployeeRow, layout: Layout) -> EmployeeRow:
    """The row with each problem told by the column's letter and heading."""
    if not row.problems:
        return row
    return replace(row, problems=tuple(_placed_problem(one, layout) for one in row.problems))


def _placed_problem(problem: Problem, layout: Layout) -> Problem:
    names = {Field.FIRST_NAME, Field.LAST_NAME}
    sought = {problem.field} | (FULL_NAMES if problem.field in names else set())
    for column, field in layout.mapping.items():
        if field in sought:
            heading = layout.headings[column] if column < len(layout.headings) else ""
            return replace(problem, column=column_letter(column), heading=heading)
    return problem
