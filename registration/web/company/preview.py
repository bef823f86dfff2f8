"""What the page of an uploaded list shows: what was understood, what is asked, what is ready."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from registration.edge import Posted
from registration.enrolment.imports.fields import (
    FULL_NAMES,
    LABELS,
    EmployeeRow,
    Field,
    Layout,
    Problem,
    SkippedRow,
    column_letter,
)
from registration.enrolment.queries import Occupancy
from registration.enrolment.uploads import UploadLine, key_of
from registration.enrolment.worklist import Mend, Reason, RowState, Worklist, values_of
from registration.errors import FieldError, Invalid
from registration.forms import Form
from registration.i18n import N_, _
from registration.people.rules import show_phone
from registration.web.company.portal import Portal
from registration.web.contact_form import Option
from registration.web.said import Said

TO_ANSWER_ON_PAGE = 50
READY_ON_PAGE = 100
NOTES_ON_PAGE = 50
LONGEST_VALUE = 300
ALWAYS = (Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.PHONE)
NAMES = {Field.FIRST_NAME, Field.LAST_NAME}
REQUIRED = {*NAMES, Field.EMAIL}
AGREEMENTS: Mapping[str, str] = {
    "shared_address": N_("Yes, they share this address"),
    "known_address": N_("Yes, they share this address"),
    "digit": N_("Yes, the name is right"),
    "email_mended": N_("Yes, the proposed address is right"),
}
AGREED = N_("Yes, this is right")


class FieldTwice(Invalid):
    message = N_("Two columns are set to “{field}”. Choose one of them.")


@dataclass(frozen=True, slots=True)
class ProblemView:
    """``column`` as the program shows it, with its heading; empty when it is no column's."""

    text: str
    column: str
    row_number: int


@dataclass(frozen=True, slots=True)
class FieldView:
    name: str
    label: str
    kind: str
    required: bool
    value: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowCard:
    """A row with editable fields. ``agreement`` is what ticking says, or empty."""

    number: int
    title: str
    fields: tuple[FieldView, ...]
    agreement: str
    agreed: bool
    left_out: bool


@dataclass(frozen=True, slots=True)
class ReadyRow:
    number: int
    name: str
    email: str
    phone: str
    already: bool


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row that is not taken along: its first cells, and why."""

    number: int
    cells: str
    reason: str


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of the file: its letter, heading, first cells, and what it was taken for."""

    name: str
    letter: str
    heading: str
    samples: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Counts:
    """``new`` are ready and without a place; of these ``seats`` get one and ``queue`` wait."""

    ready: int
    new: int
    already: int
    to_answer: int
    left_out: int
    skipped: int
    proposals: int
    seats: int
    queue: int


@dataclass(frozen=True, slots=True)
class PreviewPage:
    portal: Portal
    line: UploadLine
    said: Said
    session_path: str
    path: str
    counts: Counts
    cards: tuple[RowCard, ...]
    form: Form
    more_cards: int
    notes: tuple[ProblemView, ...]
    more_notes: int
    ready: tuple[ReadyRow, ...]
    next_url: str
    prev_url: str
    left_out: tuple[PlainRow, ...]
    skipped: tuple[PlainRow, ...]
    columns: tuple[ColumnView, ...]
    meanings: tuple[Option, ...]
    sheets: tuple[str, ...]
    header_row: int
    missing: tuple[str, ...]
    understood: tuple[tuple[str, str], ...]
    name_order_unsure: bool
    languages: tuple[Option, ...]
    language: str
    waiting_open: bool
    refused: str
    columns_refused: str
    drop_at: datetime


def counts_of(work: Worklist, already: set[tuple[str, str]], occupancy: Occupancy) -> Counts:
    ready = work.in_state(RowState.READY)
    placed = sum(key_of(row) in already for row in ready)
    new = len(ready) - placed
    seats = min(new, occupancy.left)
    return Counts(
        ready=len(ready),
        new=new,
        already=placed,
        to_answer=len(work.in_state(RowState.TO_ANSWER)),
        left_out=len(work.in_state(RowState.LEFT_OUT)),
        skipped=len(work.skipped),
        proposals=len(work.proposals),
        seats=seats,
        queue=new - seats,
    )


def cards_of(work: Worklist, editing: int) -> tuple[list[RowCard], int]:
    """The rows that need an answer, after the one that is asked for; how many more there are."""
    asked = [row for row in work.rows if row.row_number == editing]
    asked += [row for row in work.in_state(RowState.TO_ANSWER) if row.row_number != editing]
    shown = asked[:TO_ANSWER_ON_PAGE]
    return [_card(row, work) for row in shown], len(asked) - len(shown)


def _card(row: EmployeeRow, work: Worklist) -> RowCard:
    questions = [one for one in row.problems if one.needs_decision]
    said: dict[Field, list[str]] = {}
    for one in row.problems:
        view = _problem(one, row, work.layout)
        text = f"{view.column}: {view.text}" if view.column else view.text
        said.setdefault(one.field, []).append(text)
    raw = {one.field: one.value for one in row.problems if one.fatal}
    values = values_of(row)
    fields = [
        FieldView(
            name=f"{row.row_number}.{field}",
            label=_(LABELS[field]),
            kind={Field.EMAIL: "email", Field.PHONE: "tel"}.get(field, "text"),
            required=field in REQUIRED,
            value=" ".join((values[field] or raw.get(field, "")).split())[:LONGEST_VALUE],
            errors=tuple(said.get(field, ())),
        )
        for field in dict.fromkeys((*ALWAYS, *said))
        if field in values
    ]
    return RowCard(
        number=row.row_number,
        title=f"{row.first_name} {row.last_name}".strip() or row.email,
        fields=tuple(fields),
        agreement=_(AGREEMENTS.get(questions[0].code, AGREED))
        if questions and not row.fatal
        else "",
        agreed=row.row_number in work.agreed,
        left_out=row.row_number in work.left_out,
    )


def form_of(cards: Iterable[RowCard]) -> Form:
    """The fields of the cards, with what is wrong beside each."""
    shown = [field for card in cards for field in card.fields]
    return Form(
        values={field.name: field.value for field in shown},
        errors={field.name: list(field.errors) for field in shown if field.errors},
    )


def _problem(problem: Problem, row: EmployeeRow, layout: Layout) -> ProblemView:
    return ProblemView(
        _(problem.message, **problem.params), column_of(problem.field, layout), row.row_number
    )


def column_of(field: Field, layout: Layout) -> str:
    """``C, S-posti``: where the file has the field, or an empty text."""
    sought = {field} | (FULL_NAMES if field in NAMES else set())
    for column, meant in layout.mapping.items():
        if meant in sought:
            heading = layout.headings[column] if column < len(layout.headings) else ""
            return f"{column_letter(column)}, {heading}" if heading else column_letter(column)
    return ""


def notes_of(work: Worklist) -> list[ProblemView]:
    """What was taken care of in rows that are ready, and is worth knowing."""
    return [
        _problem(one, row, work.layout)
        for row in work.in_state(RowState.READY)
        for one in row.problems
        if not one.needs_decision
    ]


def ready_rows(rows: Sequence[EmployeeRow], already: set[tuple[str, str]]) -> list[ReadyRow]:
    return [
        ReadyRow(
            row.row_number,
            f"{row.first_name} {row.last_name}",
            row.email,
            show_phone(row.phone),
            key_of(row) in already,
        )
        for row in rows
    ]


def skipped_row(row: SkippedRow) -> PlainRow:
    return PlainRow(row.row_number, first_cells(row.cells), _(row.message, **row.params))


def left_out_row(row: EmployeeRow) -> PlainRow:
    return PlainRow(row.row_number, first_cells(row.cells), "")


def first_cells(cells: Sequence[str]) -> str:
    filled = [" ".join(cell.split())[:40] for cell in cells if cell.strip()]
    return " · ".join(filled[:4])


def reasons_text(reasons: Sequence[Reason]) -> str:
    return " ".join(_(one.message, **one.params) for one in reasons)


def columns_of(layout: Layout) -> tuple[ColumnView, ...]:
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
            )
        )
    return tuple(views)


def understood(layout: Layout) -> tuple[tuple[str, str], ...]:
    """Column and what it was taken for, in the order of the file."""
    return tuple(
        (
            layout.headings[column] or column_letter(column),
            _(LABELS[field]),
        )
        for column, field in layout.mapping.items()
        if column < len(layout.headings)
    )


def meanings() -> tuple[Option, ...]:
    return tuple((str(field), _(label)) for field, label in LABELS.items())


def mapping_given(given: Posted) -> dict[int, Field]:
    """The columns as chosen on the page. Raises ``FieldTwice``."""
    chosen: dict[int, Field] = {}
    known = set(Field)
    for name, value in given.items():
        number = name.removeprefix("column-")
        plain = number.isascii() and number.isdecimal() and len(number) < 4
        if name == number or not plain or value not in known:
            continue
        field = Field(value)
        if field in chosen.values():
            raise FieldTwice(FieldError("", "twice", FieldTwice.message, {"field": value}))
        chosen[int(number)] = field
    return chosen


def mends_given(given: Posted) -> list[Mend]:
    """What the form says of the rows that it showed; names are ``<row>.<field>``."""
    mends: list[Mend] = []
    for text in given.many("row")[:TO_ANSWER_ON_PAGE]:
        if not (text.isascii() and text.isdecimal() and len(text) < 9):
            continue
        values = {field: given[f"{text}.{field}"] for field in Field if f"{text}.{field}" in given}
        mends.append(
            Mend(
                int(text),
                values,
                left_out=f"{text}.out" in given,
                agreed=f"{text}.agreed" in given,
            )
        )
    return mends
