"""What a spreadsheet's cells say: whom a line means, and which grade it gives."""

from __future__ import annotations

from uuid import UUID

import pytest

from registration.catalogue.rules import GradeScale
from registration.forms import FieldRefused
from registration.teaching.pasted import (
    BEYOND,
    NOBODY,
    SEVERAL,
    TWICE,
    Named,
    PastedLine,
    PasteTooLong,
    read_grade,
    read_pasted,
)

AINO, BO, ANNA, OTHER_ANNA = (UUID(int=number) for number in range(4))
PEOPLE = (
    Named(AINO, "Aino Virtanen"),
    Named(BO, "Bo Carl Öhman"),
    Named(ANNA, "Anna Salo"),
    Named(OTHER_ANNA, "Anna Salo"),
)
FIVE, PERCENT, PASS = GradeScale.ZERO_TO_FIVE, GradeScale.PERCENT, GradeScale.PASS_FAIL
OFF_FIVE = "The grade is a whole number from 0 to 5."


def read(text: str, *, scale: GradeScale = FIVE, start: int = 0) -> list[PastedLine]:
    return list(read_pasted(text, PEOPLE, scale=scale, start=start))


def graded(text: str, *, scale: GradeScale = FIVE, start: int = 0) -> dict[UUID | None, str]:
    return {
        line.place_id: line.grade for line in read(text, scale=scale, start=start) if line.fills
    }


@pytest.mark.parametrize(
    ("scale", "text", "kept"),
    [
        (FIVE, "5 ", "5"),
        (FIVE, "\u00a04\u00a0", "4"),
        (FIVE, "4,0", "4"),
        (FIVE, "3.00", "3"),
        (FIVE, "03", "3"),
        (FIVE, "5", "5"),
        (FIVE, "", ""),
        (PERCENT, "85 %", "85"),
        (PERCENT, "85,0\u00a0%", "85"),
        (PERCENT, "100", "100"),
        (PASS, "Hyväksytty", "pass"),
        (PASS, "hyv.", "pass"),
        (PASS, "GODKÄND", "pass"),
        (PASS, "godka\u0308nt", "pass"),
        (PASS, "passed", "pass"),
        (PASS, "pass", "pass"),
        (PASS, "hyl", "fail"),
        (PASS, "Hylätty ", "fail"),
        (PASS, "underkänd", "fail"),
        (PASS, "fail", "fail"),
        (PASS, "Failed", "fail"),
    ],
)
def test_what_people_write_is_read(scale: GradeScale, text: str, kept: str) -> None:
    assert read_grade(scale, text) == kept


@pytest.mark.parametrize(
    ("scale", "text"),
    [
        (FIVE, "4,5"),
        (FIVE, "6"),
        (FIVE, "-1"),
        (FIVE, "4 %"),
        (FIVE, "hyl"),
        (FIVE, "²"),
        (PERCENT, "101"),
        (PERCENT, "84,5 %"),
        (PERCENT, "0,85"),
        (PERCENT, "1000"),
        (PERCENT, "5¹"),
        (PASS, "5"),
        (PASS, "ok"),
        (PASS, "hyvä"),
    ],
)
def test_what_is_off_the_scale_is_refused_and_never_rounded(scale: GradeScale, text: str) -> None:
    with pytest.raises(FieldRefused):
        read_grade(scale, text)


@pytest.mark.parametrize(
    "text",
    [
        "Aino Virtanen\t4\nBo Carl Öhman\t2",
        "Nimi\tArvosana\r\nAino Virtanen\t4\r\nBo Carl Öhman\t2\r\n",
        "VIRTANEN, Aino;4\nÖhman Bo Carl;2\n\n",
        "Virtanen\tAino\t4\nÖhman\tBo Carl\t2",
        "Aino Virtanen\tRaide Oy\t4\nBo Carl Öhman\t\t2",
        "Aino\tVirtanen\tRaide Oy\t4\nBo Carl\tÖhman\tRaide Oy\t2",
        '"Aino Virtanen"\t"4"\n"Bo Carl O\u0308hman"\t"2,0"',
        "Aino Virtanen 4\nBo Carl Öhman 2",
        "4\n2",
        "Vitsord\n4\n2\n",
    ],
    ids=range(10),
)
def test_names_and_grades_come_in_many_shapes(text: str) -> None:
    assert graded(text) == {AINO: "4", BO: "2"}


def test_a_column_begins_where_it_is_pasted() -> None:
    assert graded("3\n\n5", start=1) == {BO: "3", OTHER_ANNA: "5"}
    assert read("1\n2", start=3)[1] == PastedLine(2, "", "2", fault=BEYOND)


def test_each_fault_is_of_its_line() -> None:
    text = "Aino Virtanen\t7\nNiemi Ei\t3\nAnna Salo\t2\nBo Carl Öhman\t1\nBo Carl Öhman\t5"
    assert read(text) == [
        PastedLine(1, "Aino Virtanen", "7", AINO, fault=OFF_FIVE),
        PastedLine(2, "Niemi Ei", "3", fault=NOBODY),
        PastedLine(3, "Anna Salo", "2", fault=SEVERAL),
        PastedLine(4, "Bo Carl Öhman", "1", BO, "1"),
        PastedLine(5, "Bo Carl Öhman", "5", BO, fault=TWICE),
    ]


def test_a_name_without_a_grade_changes_nothing() -> None:
    lines = read("Aino Virtanen\t\nBo Carl Öhman\t3")
    assert [(line.place_id, line.fills) for line in lines] == [(AINO, False), (BO, True)]
    assert read("Aino Virtanen\nBo Carl Öhman") == [
        PastedLine(1, "Aino Virtanen", "", AINO),
        PastedLine(2, "Bo Carl Öhman", "", BO),
    ]


def test_a_stranger_among_names_takes_nobodys_place() -> None:
    assert read("Aino Virtanen 4\nUno Ek 5")[1] == PastedLine(2, "Uno Ek 5", "", fault=NOBODY)


@pytest.mark.parametrize("text", ["", "\n\n", " \t \n", "Nimi\tArvosana"], ids=range(4))
def test_nothing_pasted_is_nothing_read(text: str) -> None:
    assert read(text) == []


def test_more_lines_than_people_can_be_are_refused() -> None:
    with pytest.raises(PasteTooLong):
        read("5\n" * 3000)


@pytest.mark.parametrize(
    "text", ["=1+1\t5", "\t\t\t", ";;;;", "a" * 5000, '"\t"', "\u202e\t4", ",\t4"], ids=range(7)
)
def test_hostile_cells_mean_nobody(text: str) -> None:
    assert graded(text) == {}
