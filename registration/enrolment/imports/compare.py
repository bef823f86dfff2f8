"""What only shows when rows stand side by side: who is on the list twice, who shares an address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from registration.enrolment.imports.fields import EmployeeRow, Field, Problem, SkippedRow
from registration.enrolment.imports.texts import folded
from registration.i18n import N_

SHARED = "shared_address"
MAYBE_SAME = "maybe_same"
SIDE_BY_SIDE = frozenset({SHARED, MAYBE_SAME})


def compare_rows(
    rows: Iterable[EmployeeRow], *, taken: frozenset[int] = frozenset()
) -> tuple[tuple[EmployeeRow, ...], tuple[SkippedRow, ...]]:
    """The rows with what is asked about them marked, and the rows that repeat an earlier person.

    Rows whose number is in ``taken`` are kept though they repeat one: they are asked about.
    Compare again after a row was edited: earlier marks are dropped first.
    """
    kept: list[EmployeeRow] = []
    skipped: list[SkippedRow] = []
    by_address: dict[str, list[EmployeeRow]] = {}
    by_phone: dict[tuple[str, str], EmployeeRow] = {}
    for given in rows:
        row = _without_marks(given)
        earlier = by_address.setdefault(row.email.casefold(), []) if row.email else []
        same = next((other for other in earlier if _same_name(row, other)), None)
        if same is not None and row.row_number not in taken:
            message = N_("The same person is already on row {row}.")
            params = {"row": str(same.row_number)}
            skipped.append(SkippedRow(row.row_number, "duplicate", message, params, row.cells))
            continue
        phone = (row.phone, _name_letters(row))
        alike = same or next((other for other in earlier if _alike(row, other)), None)
        if row.phone and alike is None:
            alike = by_phone.get(phone)
        if alike is not None:
            row = replace(row, problems=(*row.problems, _maybe_same(row, alike)))
        elif earlier:
            row = replace(row, problems=(*row.problems, _shared_address(row, earlier[0])))
        earlier.append(row)
        by_phone.setdefault(phone, row)
        kept.append(row)
    return tuple(kept), tuple(skipped)


def _without_marks(row: EmployeeRow) -> EmployeeRow:
    if all(problem.code not in SIDE_BY_SIDE for problem in row.problems):
        return row
    others = tuple(problem for problem in row.problems if problem.code not in SIDE_BY_SIDE)
    return replace(row, problems=others)


def _same_name(row: EmployeeRow, other: EmployeeRow) -> bool:
    mine = (row.first_name.casefold(), row.last_name.casefold())
    return all(mine) and mine == (other.first_name.casefold(), other.last_name.casefold())


def alike(mine: tuple[str, str], other: tuple[str, str]) -> bool:
    """True for two ways to write one name (first, last): letters without their marks, hyphens,
    first and last changed round, one first name of several."""
    first, last = (folded(part) for part in mine)
    other_first, other_last = (folded(part) for part in other)
    if not (first and last and other_first and other_last):
        return False
    if (first, last) in {(other_first, other_last), (other_last, other_first)}:
        return True
    if last != other_last:
        return False
    words = {folded(word) for word in mine[0].replace("-", " ").split()}
    others = {folded(word) for word in other[0].replace("-", " ").split()}
    return words <= others or others <= words


def _alike(row: EmployeeRow, other: EmployeeRow) -> bool:
    return alike((row.first_name, row.last_name), (other.first_name, other.last_name))


def _name_letters(row: EmployeeRow) -> str:
    return folded(row.first_name) + " " + folded(row.last_name)


def _maybe_same(row: EmployeeRow, other: EmployeeRow) -> Problem:
    return Problem(
        field=Field.LAST_NAME,
        code=MAYBE_SAME,
        message=N_(
            "This may be {name} on row {row} once more. Leave the row out, or confirm that it is "
            "somebody else."
        ),
        value=f"{row.first_name} {row.last_name}".strip(),
        params=_named(other),
        needs_decision=True,
    )


def _shared_address(row: EmployeeRow, other: EmployeeRow) -> Problem:
    return Problem(
        field=Field.EMAIL,
        code=SHARED,
        message=N_(
            "{name} on row {row} has the same e-mail address. "
            "Confirm that they share it, or correct it."
        ),
        value=row.email,
        params=_named(other),
        needs_decision=True,
    )


def _named(other: EmployeeRow) -> dict[str, str]:
    return {
        "row": str(other.row_number),
        "name": f"{other.first_name} {other.last_name}".strip(),
    }
