"""An uploaded list while its coordinator works on it: what is ready, what needs an answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import TypeAdapter

from registration.enrolment.imports.fields import (
    EmployeeRow,
    Field,
    Layout,
    Problem,
    Reading,
    SkippedRow,
)
from registration.enrolment.imports.rows import compare_rows, read_row
from registration.i18n import N_
from registration.people.rules import name_key

LEFT_OUT = N_("Left out on the page.")

# The fields of a row that a person can edit, in the order of the page.
EDITABLE = (
    Field.FIRST_NAME,
    Field.LAST_NAME,
    Field.EMAIL,
    Field.PHONE,
    Field.STREET,
    Field.POSTAL_CODE,
    Field.CITY,
    Field.COUNTRY,
    Field.LANGUAGE,
)


class RowState(StrEnum):
    READY = "ready"
    TO_ANSWER = "to_answer"
    LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row was left out: a msgid and what fills its placeholders."""

    message: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A row of the file that got no place, with its original cells."""

    row_number: int
    cells: tuple[str, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Mend:
    """What a coordinator says of one row. ``values`` replace what was read; ``agreed``: what was
    asked about the row is right as it stands."""

    row_number: int
    values: Mapping[Field, str]
    left_out: bool = False
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Worklist:
    """``rows`` as they now stand, in the file's order; ``skipped`` are no further persons.
    ``left_out`` and ``agreed`` hold row numbers."""

    layout: Layout
    rows: tuple[EmployeeRow, ...]
    skipped: tuple[SkippedRow, ...]
    left_out: frozenset[int] = frozenset()
    agreed: frozenset[int] = frozenset()

    def state(self, row: EmployeeRow) -> RowState:
        if row.row_number in self.left_out:
            return RowState.LEFT_OUT
        if row.fatal or (row.needs_decision and row.row_number not in self.agreed):
            return RowState.TO_ANSWER
        return RowState.READY

    def in_state(self, state: RowState) -> tuple[EmployeeRow, ...]:
        return tuple(row for row in self.rows if self.state(row) is state)

    @property
    def proposals(self) -> tuple[int, ...]:
        """The rows that only wait for a yes to what is proposed."""
        return tuple(row.row_number for row in self.in_state(RowState.TO_ANSWER) if _proposed(row))

    def left_rows(self) -> tuple[LeftRow, ...]:
        """Every row that would not be enrolled now, and why."""
        left = [
            LeftRow(row.row_number, row.cells, self._reasons(row))
            for row in self.rows
            if self.state(row) is not RowState.READY
        ]
        left += [
            LeftRow(row.row_number, row.cells, (Reason(row.message, row.params),))
            for row in self.skipped
        ]
        return tuple(sorted(left, key=lambda row: row.row_number))

    def _reasons(self, row: EmployeeRow) -> tuple[Reason, ...]:
        said = [
            Reason(one.message, one.params)
            for one in row.problems
            if one.fatal or one.needs_decision
        ]
        if row.row_number in self.left_out:
            said.insert(0, Reason(LEFT_OUT))
        return tuple(said)


WORKLIST: TypeAdapter[Worklist] = TypeAdapter(Worklist)


def begin(reading: Reading) -> Worklist:
    return Worklist(reading.layout, reading.rows, reading.skipped)


def _proposed(row: EmployeeRow) -> bool:
    asked = [one for one in row.problems if one.needs_decision]
    return not row.fatal and all(one.proposed is not None for one in asked)


def accept_proposals(work: Worklist) -> Worklist:
    """Every row that only waited for a yes to its proposed mends has it."""
    return replace(work, agreed=work.agreed | set(work.proposals))


def mend(work: Worklist, mends: Iterable[Mend]) -> Worklist:
    """The rows as the coordinator says, read and compared again.

    An agreement counts only for what was asked before: a new question is asked anew.
    """
    by_number = {one.row_number: one for one in mends}
    left_out, agreed = set(work.left_out), set(work.agreed)
    rows: list[EmployeeRow] = []
    for row in work.rows:
        one = by_number.get(row.row_number)
        if one is None:
            rows.append(row)
            continue
        read = _read_again(row, one.values)
        (left_out.add if one.left_out else left_out.discard)(row.row_number)
        asked = {problem.code for problem in read.problems if problem.needs_decision}
        known = {problem.code for problem in row.problems if problem.needs_decision}
        (agreed.add if one.agreed and asked <= known else agreed.discard)(row.row_number)
        rows.append(read)
    mended = replace(work, rows=tuple(rows), left_out=frozenset(left_out), agreed=frozenset(agreed))
    return _compared(mended)


def values_of(row: EmployeeRow) -> dict[Field, str]:
    """What the row says now, by field."""
    return {field: str(getattr(row, field.value)) for field in EDITABLE}


def _read_again(row: EmployeeRow, values: Mapping[Field, str]) -> EmployeeRow:
    whole = values_of(row) | {Field.COMPANY: row.company} | dict(values)
    if whole == values_of(row) | {Field.COMPANY: row.company} and not row.fatal:
        return row  # as it stood: what was asked about it stays asked
    return read_row(whole, row_number=row.row_number, cells=row.cells)


def _compared(work: Worklist) -> Worklist:
    taken = [row for row in work.rows if row.row_number not in work.left_out]
    kept, repeated = compare_rows(taken)
    by_number = {row.row_number: row for row in kept}
    gone = {row.row_number for row in repeated}
    return replace(
        work,
        rows=tuple(
            by_number.get(row.row_number, row) for row in work.rows if row.row_number not in gone
        ),
        skipped=tuple(sorted((*work.skipped, *repeated), key=lambda row: row.row_number)),
    )


def with_known(work: Worklist, known: Mapping[str, Sequence[tuple[str, str]]]) -> Worklist:
    """Rows whose address one of the company's people has under another name are asked about.

    ``known``: by address, (``name_key``, name as it is shown) of each person with it.
    """
    return replace(work, rows=tuple(_with_known(row, known) for row in work.rows))


def _with_known(row: EmployeeRow, known: Mapping[str, Sequence[tuple[str, str]]]) -> EmployeeRow:
    others = tuple(one for one in row.problems if one.code != "known_address")
    holders = known.get(row.email, ()) if row.email and not row.fatal else ()
    own = name_key(row.first_name, row.last_name)
    if not holders or any(key == own for key, _name in holders):
        return row if len(others) == len(row.problems) else replace(row, problems=others)
    asked = Problem(
        field=Field.EMAIL,
        code="known_address",
        message=N_(
            "{name}, who is one of your people already, has the same e-mail address. "
            "Confirm that they share it, or correct the name or the address."
        ),
        value=row.email,
        params={"name": holders[0][1]},
        needs_decision=True,
    )
    return replace(row, problems=(*others, asked))
