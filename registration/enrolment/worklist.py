"""An uploaded list while its coordinator works on it: what is ready, what needs an answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from pydantic import TypeAdapter

from registration.enrolment.imports.compare import MAYBE_SAME, compare_rows
from registration.enrolment.imports.fields import (
    EmployeeRow,
    Field,
    Layout,
    Problem,
    Reading,
    SkippedRow,
)
from registration.enrolment.imports.reading import placed, values_in
from registration.enrolment.imports.rows import read_row
from registration.i18n import N_

LEFT_OUT = N_("Left out on the page.")
KNOWN_PERSON = "known_person"
KNOWN_ADDRESS = "known_address"

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


class Answer(StrEnum):
    """What a coordinator says to a row. ``AGREE``: it is right as it stands, with what is
    proposed; ``SAME`` and ``OTHER`` tell whether it is the person that is asked about; ``OUT``
    leaves it out, ``IN`` takes it along after all."""

    AGREE = "agree"
    SAME = "same"
    OTHER = "other"
    OUT = "out"
    IN = "in"


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
    """What a coordinator says of one row. ``values`` replace what was read."""

    row_number: int
    values: Mapping[Field, str]
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """One of the company's own people whom a row may mean."""

    person_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that wait for the same question only, and can have one answer."""

    code: str
    rows: int


@dataclass(frozen=True, slots=True)
class Worklist:
    """``rows`` as they now stand, in the file's order; ``skipped`` are no further persons.

    By row number: ``left_out`` as the coordinator said, ``taken`` though it was skipped,
    ``agreed`` the codes of what was answered with yes, ``known`` who may be meant, ``same`` where
    that was confirmed.
    """

    layout: Layout
    rows: tuple[EmployeeRow, ...]
    skipped: tuple[SkippedRow, ...]
    left_out: frozenset[int] = frozenset()
    taken: frozenset[int] = frozenset()
    agreed: Mapping[int, frozenset[str]] = dataclasses.field(default_factory=dict)
    known: Mapping[int, Known] = dataclasses.field(default_factory=dict)
    same: frozenset[int] = frozenset()

    def state(self, row: EmployeeRow) -> RowState:
        if row.row_number in self.left_out:
            return RowState.LEFT_OUT
        if row.fatal or self.questions(row):
            return RowState.TO_ANSWER
        return RowState.READY

    def questions(self, row: EmployeeRow) -> tuple[Problem, ...]:
        """What is asked about the row and not answered yet."""
        if not row.problems:
            return ()
        agreed = self.agreed.get(row.row_number, frozenset())
        return tuple(
            one
            for one in row.problems
            if one.needs_decision
            and one.code not in agreed
            and not (one.code == KNOWN_PERSON and row.row_number in self.same)
        )

    def in_state(self, state: RowState) -> tuple[EmployeeRow, ...]:
        return tuple(row for row in self.rows if self.state(row) is state)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The questions that many rows can have one answer to, the most frequent first."""
        counts: dict[str, int] = {}
        for row in self.in_state(RowState.TO_ANSWER):
            for code in {one.code for one in self.questions(row) if _in_bulk(row, one)}:
                counts[code] = counts.get(code, 0) + 1
        return tuple(
            Kind(code, count) for code, count in sorted(counts.items(), key=lambda one: -one[1])
        )

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
        fatal = [one for one in row.problems if one.fatal]
        said = [Reason(one.message, one.params) for one in (*fatal, *self.questions(row))]
        if row.row_number in self.left_out:
            said.insert(0, Reason(LEFT_OUT))
        return tuple(said)


WORKLIST: TypeAdapter[Worklist] = TypeAdapter(Worklist)


def begin(reading: Reading) -> Worklist:
    return Worklist(reading.layout, reading.rows, reading.skipped)


def _in_bulk(row: EmployeeRow, question: Problem) -> bool:
    """Whether the person is never needed: is it the same one as somebody known, is asked singly."""
    return not row.fatal and question.code != KNOWN_PERSON


def accept_kind(work: Worklist, code: str) -> Worklist:
    """Every row that is asked this has its yes; rows that may repeat a person are left out."""
    agreed, left_out = dict(work.agreed), set(work.left_out)
    for row in work.in_state(RowState.TO_ANSWER):
        if not any(one.code == code and _in_bulk(row, one) for one in work.questions(row)):
            continue
        if code == MAYBE_SAME:
            left_out.add(row.row_number)
        else:
            agreed[row.row_number] = agreed.get(row.row_number, frozenset()) | {code}
    changed = replace(work, agreed=agreed, left_out=frozenset(left_out))
    return _compared(changed) if code == MAYBE_SAME else changed


def mend(work: Worklist, mends: Iterable[Mend]) -> Worklist:
    """The rows as the coordinator says, read and compared again.

    A yes counts only for what was asked before: a new question is asked anew.
    """
    by_number = {one.row_number: one for one in mends}
    work = _taken_along(work, by_number)
    left_out, same = set(work.left_out), set(work.same)
    agreed = dict(work.agreed)
    rows: list[EmployeeRow] = []
    for row in work.rows:
        one = by_number.get(row.row_number)
        if one is None:
            rows.append(row)
            continue
        number = row.row_number
        read = placed(_read_again(row, one.values), work.layout)
        rows.append(read)
        if read is not row:
            agreed.pop(number, None)
            same.discard(number)
        if one.answer in {Answer.AGREE, Answer.OTHER}:
            before = {problem.code for problem in row.problems if problem.needs_decision}
            agreed[number] = frozenset(before) | agreed.get(number, frozenset())
            same.discard(number)
        elif one.answer is Answer.SAME and number in work.known and read.email == row.email:
            same.add(number)
        elif one.answer is Answer.OUT:
            left_out.add(number)
        elif one.answer is Answer.IN:
            left_out.discard(number)
    return _compared(
        replace(
            work,
            rows=tuple(rows),
            left_out=frozenset(left_out),
            agreed=agreed,
            same=frozenset(same),
        )
    )


def _taken_along(work: Worklist, mends: Mapping[int, Mend]) -> Worklist:
    """Skipped rows that the coordinator wants are rows like others."""
    wanted = [
        row
        for row in work.skipped
        if row.row_number in mends and mends[row.row_number].answer is Answer.IN
    ]
    if not wanted:
        return work
    numbers = {row.row_number for row in wanted}
    made = [
        placed(
            read_row(
                values_in(row.cells, work.layout.mapping),
                row_number=row.row_number,
                cells=row.cells,
            ),
            work.layout,
        )
        for row in wanted
    ]
    return replace(
        work,
        rows=tuple(sorted((*work.rows, *made), key=lambda row: row.row_number)),
        skipped=tuple(row for row in work.skipped if row.row_number not in numbers),
        taken=work.taken | numbers,
    )


def values_of(row: EmployeeRow) -> dict[Field, str]:
    """What the row says now, by field."""
    return {field: str(getattr(row, field.value)) for field in EDITABLE}


def _read_again(row: EmployeeRow, values: Mapping[Field, str]) -> EmployeeRow:
    whole = values_of(row) | {Field.COMPANY: row.company} | dict(values)
    if whole == values_of(row) | {Field.COMPANY: row.company} and not (row.fatal and values):
        return row  # as it stood: what was asked about it stays asked
    return read_row(whole, row_number=row.row_number, cells=row.cells)


def _compared(work: Worklist) -> Worklist:
    asked = [row for row in work.rows if row.row_number not in work.left_out]
    kept, repeated = compare_rows(asked, taken=work.taken)
    by_number = {row.row_number: placed(row, work.layout) for row in kept}
    gone = {row.row_number for row in repeated}
    return replace(
        work,
        rows=tuple(
            by_number.get(row.row_number, row) for row in work.rows if row.row_number not in gone
        ),
        skipped=tuple(sorted((*work.skipped, *repeated), key=lambda row: row.row_number)),
    )
