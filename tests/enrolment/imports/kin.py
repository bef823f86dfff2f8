"""What a file must be read as, and the people of the tables beside."""

from __future__ import annotations

from dataclasses import dataclass

from registration.enrolment.imports.reading import read_employees

FI = ["Etunimi", "Sukunimi", "Sähköposti"]
ANNA = ["Anna", "Virtanen", "anna.virtanen@rata.example"]
MATTI = ["Matti", "Mäkelä", "matti.makela@rata.example"]
SEPPO = ["Seppo", "von Wright", "seppo@rata.example"]
PEOPLE = [tuple(ANNA), tuple(MATTI)]
THREE = [tuple(ANNA), tuple(MATTI), tuple(SEPPO)]
NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Kin:
    """``asked`` and ``skipped``: row number and code of what is asked about, or left out."""

    content: bytes
    ready: list[tuple[str, ...]]
    asked: tuple[tuple[int, str], ...] = ()
    skipped: tuple[tuple[int, str], ...] = ()
    header_row: int = 1
    name: str = "lista.xlsx"


def check(kin: Kin) -> None:
    """The file is read as its people, its questions and its rows that are nobody."""
    reading = read_employees(kin.content, kin.name)
    assert reading.layout.missing == ()
    assert [
        (row.first_name, row.last_name, row.email) for row in reading.rows if row.ready
    ] == kin.ready
    assert [
        (row.row_number, one.code)
        for row in reading.rows
        for one in row.problems
        if one.fatal or one.needs_decision
    ] == list(kin.asked)
    assert [(row.row_number, row.code) for row in reading.skipped] == list(kin.skipped)
    assert reading.layout.header_row == kin.header_row
