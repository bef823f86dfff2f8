"""Grades pasted from a spreadsheet: whom each line means and which grade it gives. Pure.

Nothing is rounded and nobody is guessed: what is not plain is a fault of its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from registration.catalogue.rules import GradeScale
from registration.errors import Invalid
from registration.forms import FieldRefused
from registration.i18n import N_
from registration.teaching.rules import MOST_ROWS, check_grade

NOBODY = N_("Nobody on this session has this name.")
SEVERAL = N_("Several people have this name: choose the grade on the list.")
TWICE = N_("This person stands here twice.")
BEYOND = N_("There is nobody left on the list for this line.")

LONGEST_CELL = 120
_WHOLE = re.compile(r"(\d{1,3})(?:[.,]0+)?\s*(%?)")
_BETWEEN = re.compile(r"[\s,]+")

# What a fail or a pass is called in our three languages, as people write it into a spreadsheet.
WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("hyväksytty", "hyväksytysti", "hyv", "godkänd", "godkänt", "g", "passed", "pass"), "pass"
    ),
    **dict.fromkeys(
        ("hylätty", "hyl", "underkänd", "underkänt", "u", "ug", "failed", "fail"), "fail"
    ),
}
# fmt: off
HEADINGS = frozenset({
    "nimi", "osallistuja", "etunimi", "sukunimi", "arvosana", "tulos", "pisteet", "yritys",
    "namn", "deltagare", "förnamn", "efternamn", "vitsord", "betyg", "omdöme", "resultat", "poäng",
    "företag", "name", "participant", "first name", "last name", "grade", "result", "points",
    "score", "company",
})
# fmt: on


class PasteTooLong(Invalid):
    message = N_("That is more lines than a session can have people. Paste the list alone.")


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a line may mean."""

    place_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PastedLine:
    """``number`` counts the lines from 1; ``said`` and ``typed`` are the name and the grade as they
    were pasted. ``grade`` is as it is kept, empty when none was read; ``fault`` is a msgid, empty
    when the line is good."""

    number: int
    said: str
    typed: str
    place_id: UUID | None = None
    grade: str = ""
    fault: str = ""

    @property
    def fills(self) -> bool:
        """Whether the line gives somebody a grade. One without a grade changes nothing."""
        return self.place_id is not None and bool(self.grade) and not self.fault


def read_grade(scale: GradeScale, text: str) -> str:
    """The grade as it is kept, from what people write: ``4,0``, ``85 %``, ``hyväksytty``.

    Raises ``FieldRefused`` for what is not on the scale, parts of a number included.
    """
    given = _plain(text)
    if scale is GradeScale.PASS_FAIL:
        return check_grade(scale, WORDS.get(given.rstrip("."), given))
    if whole := _WHOLE.fullmatch(given):
        number = str(int(whole[1]))
        given = f"{number}%" if whole[2] else number
    return check_grade(scale, given)


def read_pasted(
    text: str, people: Sequence[Named], *, scale: GradeScale, start: int = 0
) -> tuple[PastedLine, ...]:
    """Each line of the text that says something, headings left out.

    Lines of two or more columns (by tab or semicolon) are a name, in one or more cells and in any
    order, and in the last column a grade. A single column is grades for the people from ``start``
    on in their order, unless names stand in it. Raises ``PasteTooLong``.
    """
    lines = [line.strip("\r") for line in text.split("\n")]
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MOST_ROWS + 1:
        raise PasteTooLong
    rows = [(number, _cells(line)) for number, line in enumerate(lines, start=1)]
    if rows and any(_plain(cell) in HEADINGS for cell in rows[0][1]):
        rows = rows[1:]
    width = max((len(cells) for _number, cells in rows), default=0)
    known = _by_name(people)
    if width > 1:
        found = [
            _of_columns(number, (*cells, *[""] * (width - len(cells))), known, scale)
            for number, cells in rows
            if cells
        ]
    else:
        found = _of_one_column(rows, people, known, scale, start)
    return _once(found)


def _of_columns(
    number: int, cells: Sequence[str], known: Mapping[str, list[UUID]], scale: GradeScale
) -> PastedLine:
    *names, typed = cells
    whole = " ".join(name for name in names if name)
    # Beside the name there may be a company; it is the name that counts.
    tried = (whole, " ".join(names[:2]), names[0])
    meant = next((known[key] for each in tried if (key := _key(each)) in known), [])
    return _graded(PastedLine(number, whole, typed), meant, scale)


def _of_one_column(
    rows: Sequence[tuple[int, Sequence[str]]],
    people: Sequence[Named],
    known: Mapping[str, list[UUID]],
    scale: GradeScale,
    start: int,
) -> list[PastedLine]:
    lines = [(number, cells[0] if cells else "") for number, cells in rows]
    named = [(number, *_name_and_grade(text, known)) for number, text in lines]
    if any(name for _number, name, _typed in named):
        return [
            _graded(
                PastedLine(number, name or typed, typed if name else ""), known[_key(name)], scale
            )
            if name
            else PastedLine(number, typed, "", fault=NOBODY)
            for number, name, typed in named
            if name or typed
        ]
    found = []
    for at, (number, text) in enumerate(lines, start=start):
        if text and at >= len(people):
            found.append(PastedLine(number, "", text, fault=BEYOND))
        elif text:
            found.append(_graded(PastedLine(number, "", text), [people[at].place_id], scale))
    return found


def _name_and_grade(text: str, known: Mapping[str, list[UUID]]) -> tuple[str, str]:
    """A line without columns that names somebody, parted; else no name."""
    head, _space, tail = text.rpartition(" ")
    if _key(text) in known:
        return text, ""
    return (head.strip(), tail) if _key(head) in known else ("", text)


def _graded(line: PastedLine, meant: Sequence[UUID], scale: GradeScale) -> PastedLine:
    if len(meant) != 1:
        return replace(line, fault=SEVERAL if meant else NOBODY)
    try:
        return replace(line, place_id=meant[0], grade=read_grade(scale, line.typed))
    except FieldRefused as refused:
        return replace(line, place_id=meant[0], fault=refused.message)


def _once(found: Sequence[PastedLine]) -> tuple[PastedLine, ...]:
    """Whoever is given two grades keeps the first, and the others are faults."""
    seen: set[UUID] = set()
    lines = []
    for line in found:
        if line.fills and line.place_id is not None:
            if line.place_id in seen:
                lines.append(replace(line, grade="", fault=TWICE))
                continue
            seen.add(line.place_id)
        lines.append(line)
    return tuple(lines)


def _cells(line: str) -> tuple[str, ...]:
    between = "\t" if "\t" in line else ";"
    cells = [cell.strip().strip('"').strip()[:LONGEST_CELL] for cell in line.split(between)]
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _by_name(people: Sequence[Named]) -> dict[str, list[UUID]]:
    known: dict[str, list[UUID]] = {}
    for each in people:
        known.setdefault(_key(each.name), []).append(each.place_id)
    known.pop("", None)
    return known


def _key(name: str) -> str:
    """The same for ``Aino Virtanen``, ``VIRTANEN, Aino`` and ``Virtanen Aino``."""
    return " ".join(sorted(part for part in _BETWEEN.split(_plain(name)) if part))


def _plain(text: str) -> str:
    """Without the spaces and parted letters that spreadsheets bring along."""
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()
