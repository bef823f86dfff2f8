"""The files that companies send: how many people, and exactly which problems."""

from __future__ import annotations

import pickle
import time
from pathlib import Path

import pytest

from registration.enrolment.imports.compare import compare_rows
from registration.enrolment.imports.fields import Field, Reading
from registration.enrolment.imports.reading import read_employees
from registration.enrolment.imports.refusals import TooManyRows
from registration.enrolment.imports.rows import read_row

DATA = Path(__file__).parents[2] / "data"

MESSY = [
    (7, "C", "S-posti", "email_mended", "simo.salminen@pohjolanrata.example"),
    (9, "C", "S-posti", "missing", None),
    (12, "D", "GSM", "phone_invalid", ""),
    (16, "C", "S-posti", "shared_address", None),
]
FORMULA = (19, "B", "Etunimi", "formula", None)
MESSY_CSV = [*MESSY, FORMULA]


def read(name: str) -> Reading:
    return read_employees((DATA / name).read_bytes(), name)


@pytest.mark.promise("P6")
@pytest.mark.parametrize(
    ("name", "header_row", "people", "ready", "problems", "skipped"),
    [
        ("employees-5000.csv", 1, 5000, 5000, [], []),
        ("employees-5000.xlsx", 1, 5000, 5000, [], []),
        ("employees-clean-fi.csv", 1, 40, 40, [], []),
        ("employees-clean-fi.ods", 1, 40, 40, [], []),
        ("employees-clean-fi.xls", 1, 40, 40, [], []),
        ("employees-clean-fi.xlsx", 1, 40, 40, [], []),
        ("employees-english-cp1252.csv", 1, 25, 25, [], []),
        ("employees-messy.csv", 3, 30, 26, MESSY_CSV, [(35, "total")]),
        # here the program shows the formula's last result, "Matti", and so do we
        ("employees-messy.xlsx", 3, 30, 27, MESSY, [(35, "total")]),
    ],
)
def test_sample_reads_with_exactly_its_problems(
    name: str,
    header_row: int,
    people: int,
    ready: int,
    problems: list[tuple[int, str, str, str, str | None]],
    skipped: list[tuple[int, str]],
) -> None:
    reading = read(name)
    found = [
        (row.row_number, one.column, one.heading, one.code, one.proposed)
        for row in reading.rows
        for one in row.problems
    ]
    assert reading.layout.header_row == header_row
    assert (len(reading.rows), reading.ready) == (people, ready)
    assert found == problems
    assert [(row.row_number, row.code) for row in reading.skipped] == skipped
    assert reading.layout.unmapped == ()


def test_four_formats_of_one_list_give_the_same_people() -> None:
    texts, *others = (
        [
            (r.row_number, r.first_name, r.last_name, r.email, r.phone, r.postal_code, r.city)
            for r in read(f"employees-clean-fi.{kind}").rows
        ]
        for kind in ("csv", "ods", "xls", "xlsx")
    )
    assert others == [texts, texts, texts]
    assert texts[0] == (
        2,
        "Jari",
        "Salonen",
        "jari.salonen@ratatyo.example",
        "+358442058756",
        "17066",
        "Rovaniemi",
    )


def test_numbers_get_back_the_zeros_of_the_text_file() -> None:
    from_text = [row.postal_code for row in read("employees-messy.csv").rows]
    from_numbers = [row.postal_code for row in read("employees-messy.xlsx").rows]
    assert from_numbers == from_text
    assert from_numbers[2] == "02734"


def test_what_is_plain_is_normalised_in_silence() -> None:
    rows = {row.row_number: row for row in read("employees-messy.xlsx").rows}
    assert rows[11].phone == "+358401234567"
    assert (rows[14].last_name, rows[14].cells[0]) == ("Rytkönen", "  Rytkönen\xa0")
    assert rows[22].email == "birgitta.auvinen@pohjolanrata.example"
    assert rows[27].last_name == "Åkerström-Ĺøng"
    assert [rows[number].problems for number in (11, 14, 22, 27)] == [()] * 4


def test_windows_1252_keeps_its_letters() -> None:
    row = read("employees-english-cp1252.csv").rows[1]
    assert (row.first_name, row.last_name) == ("Sofia", "Mäkelä")


def test_edited_rows_are_checked_like_read_ones() -> None:
    rows = {row.row_number: row for row in read("employees-messy.csv").rows}
    broken = rows[9]
    edited = read_row(
        {
            Field.FIRST_NAME: broken.first_name,
            Field.LAST_NAME: broken.last_name,
            Field.EMAIL: "Olavi.Nousiainen@pohjolanrata.example",
            Field.PHONE: broken.phone,
        },
        row_number=9,
        cells=broken.cells,
    )
    assert edited.problems == ()
    kept, _skipped = compare_rows({**rows, 9: edited}.values())
    shared = [
        (row.row_number, one.params["row"])
        for row in kept
        for one in row.problems
        if one.code == "shared_address"
    ]
    assert shared == [(15, "9"), (16, "9")]


def test_comparing_again_drops_what_no_longer_holds() -> None:
    rows = read("employees-messy.csv").rows
    kept, skipped = compare_rows(row for row in rows if row.row_number != 15)
    codes = {one.code for row in kept for one in row.problems}
    assert codes == {"email_mended", "missing", "phone_invalid", "formula"}
    assert skipped == ()


def test_reading_crosses_a_process_boundary() -> None:
    reading = read("employees-messy.csv")
    assert pickle.loads(pickle.dumps(reading)) == reading


def test_refusal_crosses_a_process_boundary() -> None:
    with pytest.raises(TooManyRows) as refused:
        read_employees(b"Email\n" + b"a@b.example\n" * 10_001, "lista.csv")
    copy = pickle.loads(pickle.dumps(refused.value))
    assert (type(copy), copy.params) == (TooManyRows, {"limit": 10_000})


@pytest.mark.parametrize("name", ["employees-5000.csv", "employees-5000.xlsx"])
def test_five_thousand_people_are_read_within_the_wait(name: str) -> None:
    content = (DATA / name).read_bytes()
    began = time.process_time()
    reading = read_employees(content, name)
    assert time.process_time() - began < 1.5
    assert len(reading.rows) == 5000
