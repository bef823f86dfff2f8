"""Which column holds what: by its heading in three languages, or else by what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registration.enrolment.imports.fields import FULL_NAMES, Field
from registration.enrolment.imports.guessing import (
    ADDRESS,
    Rows,
    cell,
    guess_from_content,
    guess_rest,
)
from registration.enrolment.imports.headings import field_of
from registration.enrolment.imports.limits import MAX_COLUMNS
from registration.enrolment.imports.texts import key

REPEATABLE = frozenset({Field.EMAIL, Field.PHONE})
_HEADER_SEARCH = 40
_SAMPLE = 200
_LOOKED_AT = 2_000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Columns:
    """``header_row`` counts from 1, 0 without headings, and is the lower of ``header_rows``;
    ``mapping`` counts columns from 0."""

    header_row: int
    mapping: Mapping[int, Field]
    score: int
    header_rows: int = 1


def find_columns(rows: Rows, *, header_row: int | None = None) -> Columns:
    """The best heading row of a sheet; without one, columns told from their content.

    ``header_row`` (from 1; 0: there is none) says where the headings are.
    """
    rows = [tuple(_short(cell) for cell in row[:MAX_COLUMNS]) for row in rows[:_LOOKED_AT]]
    if header_row:
        return _given_row(rows, header_row)
    best = _best_row(rows) if header_row is None else Columns(0, {}, 0)
    if not best.score:
        guessed, header = guess_from_content(rows)
        return Columns(header if header_row is None else 0, guessed, 0)
    return _completed(best, rows)


def _given_row(rows: Rows, header_row: int) -> Columns:
    row = rows[header_row - 1] if header_row <= len(rows) else ()
    found = _read_headings(row, rows[header_row : header_row + _SAMPLE], wanted=True)
    return _completed(Columns(header_row, found.mapping, found.score), rows)


def _best_row(rows: Rows) -> Columns:
    best = Columns(header_row=0, mapping={}, score=0)
    filled = ((number, row) for number, row in enumerate(rows, start=1) if row)
    for _, (number, row) in zip(range(_HEADER_SEARCH), filled, strict=False):
        below = rows[number : number + _SAMPLE]
        found = _read_headings(row, below)
        if found.score > best.score:
            best = Columns(number, found.mapping, found.score)
        above = rows[number - 2] if number > 1 else ()
        if above and not _is_title(above):
            found = _read_headings(joined_headings(above, row), below)
            if found.score > best.score + 1:  # a second row has to add a column of its own
                best = Columns(number, found.mapping, found.score, header_rows=2)
    return best


def _completed(found: Columns, rows: Rows) -> Columns:
    """With what the headings left open told from the cells below them."""
    below = rows[found.header_row : found.header_row + _SAMPLE]
    mapping = guess_rest(found.mapping, below)
    return Columns(found.header_row, mapping, found.score, found.header_rows)


def joined_headings(upper: tuple[str, ...], lower: tuple[str, ...]) -> tuple[str, ...]:
    """Headings in two rows as one: the lower if it says it alone, else the upper, else both."""
    joined: list[str] = []
    for column in range(max(len(upper), len(lower))):
        one, other = cell(upper, column).strip(), cell(lower, column).strip()
        whole = one.removesuffix("-") + other
        if one.endswith("-") and field_of(whole)[0] is not None:
            joined.append(whole)
        elif not other or field_of(other)[0] is not None:
            joined.append(other or one)
        elif field_of(whole)[0] is not None:
            joined.append(whole)
        else:
            joined.append(f"{one} {other}".strip())
    return tuple(joined)


def _is_title(row: tuple[str, ...]) -> bool:
    """True for a row with a single text, which spans the table and is no heading's upper half."""
    return sum(1 for text in row if text.strip()) < 2


def _short(text: str) -> str:
    """The cell, or a mark if it is too long to tell anything; patterns then meet short text."""
    return text if len(text) <= _LONGEST else "…"


def is_repeated_heading(row: tuple[str, ...], headings: tuple[str, ...]) -> bool:
    """True if every filled cell, two at least, says what the heading above it says."""
    filled = [at for at, text in enumerate(row) if text.strip()]
    return len(filled) > 1 and all(
        at < len(headings) and key(row[at]) and key(row[at]) == key(headings[at]) for at in filled
    )


def _read_headings(row: tuple[str, ...], below: Rows, *, wanted: bool = False) -> Columns:
    """What the row maps if it is one of headings; score 0 if it is not. ``wanted``: it is one."""
    nothing = Columns(0, {}, 0)
    if any("@" in text for text in row) and not wanted:
        return nothing
    claims: dict[Field, tuple[int, int, int]] = {}
    repeats: dict[int, Field] = {}
    for column, text in enumerate(row):
        meant, sureness = field_of(text)
        if meant is None:
            continue
        fullness = sum(1 for other in below if cell(other, column).strip())
        claim = (sureness, fullness, -column)
        if meant in REPEATABLE and sureness > 1 and fullness:
            repeats[column] = meant
        claims[meant] = max(claims.get(meant, claim), claim)
    score = sum(sureness for sureness, _, _ in claims.values())
    if len(claims) < 2 and not (set(claims) & {Field.EMAIL} and score > 1) and not wanted:
        return nothing
    chosen = {-at: meant for meant, (_, _, at) in claims.items()}
    return Columns(0, _without_conflicts(repeats | chosen, below), score)


def _without_conflicts(mapping: dict[int, Field], below: Rows) -> dict[int, Field]:
    """One way to the name: two columns win over one, and one order over another.

    ``Name`` beside a last name is the first name, and beside a first name the last, where it
    holds single words.
    """
    meant = set(mapping.values())
    parts = {Field.FIRST_NAME, Field.LAST_NAME}
    lone = parts & meant
    if Field.NAME in meant and len(lone) == 1:
        column = next(at for at, field in mapping.items() if field is Field.NAME)
        (other,) = parts - lone
        if _holds_single_words(below, column):
            mapping = mapping | {column: other}
            meant = set(mapping.values())
    if parts <= meant:
        unwanted = FULL_NAMES
    elif meant & FULL_NAMES:
        named = next(f for f in mapping.values() if f in FULL_NAMES)
        unwanted = (FULL_NAMES | parts) - {named}
    else:
        unwanted = frozenset()
    return {column: f for column, f in sorted(mapping.items()) if f not in unwanted}


def _holds_single_words(below: Rows, column: int) -> bool:
    texts = [text for row in below if (text := cell(row, column).strip())]
    return sum(len(text.split()) == 1 for text in texts) * 2 > len(texts)


def holds_address(row: tuple[str, ...]) -> bool:
    return any("@" in text and ADDRESS.search(_short(text)) for text in row)
