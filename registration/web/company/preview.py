"""What the page of an uploaded list shows: what is asked, what is ready, what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from registration.edge import Posted
from registration.enrolment.imports.compare import MAYBE_SAME, SHARED
from registration.enrolment.imports.fields import LABELS, EmployeeRow, Field, Problem, SkippedRow
from registration.enrolment.queries import Occupancy
from registration.enrolment.uploads import UploadLine, key_of
from registration.enrolment.worklist import (
    KNOWN_ADDRESS,
    KNOWN_PERSON,
    Answer,
    Kind,
    Mend,
    Reason,
    RowState,
    Worklist,
    values_of,
)
from registration.forms import Form
from registration.i18n import N_, _, ngettext
from registration.people.rules import name_key, show_phone
from registration.web.company.columns import ReadingView, place_of
from registration.web.company.portal import Portal
from registration.web.contact_form import Option
from registration.web.said import Said

CARDS_ON_PAGE = 25
ROWS_ON_PAGE = 100
LONGEST_VALUE = 300
ALWAYS = (Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL, Field.PHONE)
REQUIRED = {Field.FIRST_NAME, Field.LAST_NAME, Field.EMAIL}
AGREEMENTS: Mapping[str, str] = {
    SHARED: N_("Yes, they share this address"),
    KNOWN_ADDRESS: N_("Yes, they share this address"),
    MAYBE_SAME: N_("It is somebody else"),
    "digit": N_("Yes, the name is right"),
}
AGREED = N_("Yes, this is right")
T = TypeVar("T")


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
    said: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowCard:
    """A row with editable fields; ``answers`` are buttons: name and label, the first the likely
    one."""

    number: int
    title: str
    asked: tuple[FieldView, ...]
    others: tuple[FieldView, ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KindView:
    """A question that many rows can have one answer to."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class ReadyRow:
    number: int
    name: str
    email: str
    phone: str
    already: bool
    note: str


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row that is not taken along: its first cells, and why."""

    number: int
    cells: str
    reason: str


@dataclass(frozen=True, slots=True)
class Counts:
    """``new`` are ready and without a place; of these ``seats`` get one and ``queue`` wait."""

    ready: int
    new: int
    already: int
    to_answer: int
    left_out: int
    proposals: int
    seats: int
    queue: int


@dataclass(frozen=True, slots=True)
class Part:
    """Where a long part of the page stands: ``status`` says which rows are shown."""

    number: int
    next_url: str
    prev_url: str
    status: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    portal: Portal
    line: UploadLine
    said: Said
    session_path: str
    path: str
    counts: Counts
    editing: bool
    cards: tuple[RowCard, ...]
    cards_part: Part
    form: Form
    order: Form
    order_needed: bool
    kinds: tuple[KindView, ...]
    notes: tuple[ProblemView, ...]
    notes_part: Part
    ready: tuple[ReadyRow, ...]
    ready_part: Part
    left: tuple[PlainRow, ...]
    left_part: Part
    reading: ReadingView
    languages: tuple[Option, ...]
    language: str
    waiting_open: bool
    refused: str
    columns_refused: str


def part_of(
    items: Sequence[T], number: int, size: int, path: str, name: str, anchor: str
) -> tuple[tuple[T, ...], Part]:
    """The items of one page of a part, and the ways to the others."""
    pages = max(1, -(-len(items) // size))
    number = min(max(1, number), pages)
    first = (number - 1) * size
    shown = tuple(items[first : first + size])

    def url(other: int) -> str:
        return f"{path}?{name}={other}#{anchor}" if 1 <= other <= pages else ""

    status = (
        _(
            "{first} to {last} of {total}",
            first=first + 1,
            last=first + len(shown),
            total=len(items),
        )
        if pages > 1
        else ""
    )
    return shown, Part(number, url(number + 1), url(number - 1), status)


def counts_of(work: Worklist, already: set[tuple[str, str]], occupancy: Occupancy) -> Counts:
    ready = work.in_state(RowState.READY)
    placed = sum(is_placed(row, work, already) for row in ready)
    new = len(ready) - placed
    seats = min(new, occupancy.left)
    return Counts(
        ready=len(ready),
        new=new,
        already=placed,
        to_answer=len(work.in_state(RowState.TO_ANSWER)),
        left_out=len(work.in_state(RowState.LEFT_OUT)) + len(work.skipped),
        proposals=sum(kind.rows for kind in work.kinds),
        seats=seats,
        queue=new - seats,
    )


def is_placed(row: EmployeeRow, work: Worklist, already: set[tuple[str, str]]) -> bool:
    """Whether the person that the row means has a place by the company already."""
    if row.row_number in work.same:
        return (row.email, name_key(work.known[row.row_number].name, "")) in already
    return key_of(row) in already


def cards_of(work: Worklist, editing: int) -> list[EmployeeRow]:
    """The rows that need an answer, after the one that is asked for."""
    asked = [row for row in work.rows if row.row_number == editing]
    return asked + [row for row in work.in_state(RowState.TO_ANSWER) if row.row_number != editing]


def card_of(row: EmployeeRow, work: Worklist) -> RowCard:
    said: dict[Field, list[str]] = {}
    questions = work.questions(row)
    open_ones = [one for one in row.problems if one.fatal] + list(questions)
    for one in open_ones or row.problems:
        column = place_of(one.field, work.layout)
        text = _(one.message, **one.params)
        said.setdefault(one.field, []).append(f"{column}: {text}" if column else text)
    raw = {one.field: one.value for one in row.problems if one.value}
    fatal = {one.field for one in row.problems if one.fatal}
    values = values_of(row)
    fields = [
        FieldView(
            name=f"{row.row_number}.{field}",
            label=_(LABELS[field]),
            kind={Field.EMAIL: "email", Field.PHONE: "tel"}.get(field, "text"),
            required=field in REQUIRED,
            value=_short(values[field] or (raw.get(field, "") if field in fatal else "")),
            said=_short(raw.get(field, "")) if field in said else "",
            errors=tuple(said.get(field, ())),
        )
        for field in dict.fromkeys((*ALWAYS, *said))
        if field in values
    ]
    return RowCard(
        number=row.row_number,
        title=f"{row.first_name} {row.last_name}".strip() or row.email,
        asked=tuple(field for field in fields if field.errors),
        others=tuple(field for field in fields if not field.errors),
        answers=() if row.fatal else _answers(questions),
    )


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST_VALUE]


def _answers(questions: Sequence[Problem]) -> tuple[tuple[str, str], ...]:
    codes = [one.code for one in questions]
    if KNOWN_PERSON in codes:
        return (
            (Answer.SAME.value, _("It is the same person")),
            (Answer.OTHER.value, _("It is somebody else")),
        )
    if not questions:
        return ()
    proposed = questions[0].proposed
    if proposed is not None and len(questions) == 1:
        return ((Answer.AGREE.value, _("Use “{value}”", value=_short(proposed))),)
    return ((Answer.AGREE.value, _(AGREEMENTS.get(codes[0], AGREED))),)


def kind_view(kind: Kind) -> KindView:
    """The button that answers for all rows that are asked the same."""
    count = kind.rows
    if kind.code in {SHARED, KNOWN_ADDRESS}:
        label = ngettext(
            "{num} shares an address: that is right", "{num} share an address: that is right", count
        )
    elif kind.code == MAYBE_SAME:
        label = ngettext("Leave {num} repeated row out", "Leave {num} repeated rows out", count)
    elif kind.code.startswith("email_"):
        label = ngettext("Use {num} proposed address", "Use all {num} proposed addresses", count)
    elif kind.code == "letters_mended":
        label = ngettext("Use {num} proposed spelling", "Use all {num} proposed spellings", count)
    else:
        label = ngettext("{num} name is right as it is", "{num} names are right as they are", count)
    return KindView(kind.code, label.format(num=count))


def form_of(cards: Iterable[RowCard]) -> Form:
    """The fields of the cards, with what is wrong beside each."""
    shown = [field for card in cards for field in (*card.asked, *card.others)]
    return Form(
        values={field.name: field.value for field in shown},
        errors={field.name: list(field.errors) for field in shown if field.errors},
    )


def notes_of(work: Worklist) -> list[ProblemView]:
    """What was taken care of in rows that are ready, and is worth knowing."""
    return [
        ProblemView(_(one.message, **one.params), place_of(one.field, work.layout), row.row_number)
        for row in work.in_state(RowState.READY)
        for one in row.problems
        if not one.needs_decision
    ]


def ready_row(row: EmployeeRow, work: Worklist, already: set[tuple[str, str]]) -> ReadyRow:
    known = work.known.get(row.row_number) if row.row_number in work.same else None
    return ReadyRow(
        row.row_number,
        f"{row.first_name} {row.last_name}",
        row.email,
        show_phone(row.phone),
        is_placed(row, work, already),
        _("Enrolled as {name}", name=known.name) if known else "",
    )


def left_of(work: Worklist) -> list[EmployeeRow | SkippedRow]:
    """What is left out and can be taken along, in the file's order."""
    out = work.in_state(RowState.LEFT_OUT)
    return sorted((*out, *work.skipped), key=lambda row: row.row_number)


def left_row(row: EmployeeRow | SkippedRow) -> PlainRow:
    if isinstance(row, SkippedRow):
        return PlainRow(row.row_number, first_cells(row.cells), _(row.message, **row.params))
    return PlainRow(row.row_number, first_cells(row.cells), _("You left it out."))


def first_cells(cells: Sequence[str]) -> str:
    filled = [" ".join(cell.split())[:40] for cell in cells if cell.strip()]
    return " · ".join(filled[:4])


def reasons_text(reasons: Sequence[Reason]) -> str:
    return " ".join(_(one.message, **one.params) for one in reasons)


def mends_given(given: Posted) -> list[Mend]:
    """What the form says of the rows that it showed; fields are named ``<row>.<field>``, buttons
    by their answer with the row as value."""
    numbers = [text for text in given.many("row")[:ROWS_ON_PAGE] if _is_number(text)]
    answers: dict[str, Answer] = {}
    for answer in Answer:
        answers |= {text: answer for text in given.many(answer.value) if _is_number(text)}
    for text in numbers:
        if f"{text}.out" in given:
            answers[text] = Answer.OUT
        elif f"{text}.agreed" in given:
            answers[text] = Answer.AGREE
    mends: list[Mend] = []
    for text in dict.fromkeys((*numbers, *answers)):
        values = {field: given[f"{text}.{field}"] for field in Field if f"{text}.{field}" in given}
        mends.append(Mend(int(text), values, answers.get(text)))
    return mends


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 9
