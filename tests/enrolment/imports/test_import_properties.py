"""What holds for every file: an answer or a named refusal, and the same people from each form."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from email_validator import EmailNotValidError, validate_email
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from registration.enrolment.imports.cells import valid_email
from registration.enrolment.imports.columns import find_columns
from registration.enrolment.imports.error_file import defused, error_file
from registration.enrolment.imports.fields import Field, Reading
from registration.enrolment.imports.reading import read_employees
from registration.enrolment.imports.rows import read_row
from registration.errors import Invalid

DATA = Path(__file__).parents[2] / "data"
SAMPLES = [
    (DATA / name).read_bytes()
    for name in (
        "employees-clean-fi.xls",
        "employees-clean-fi.ods",
        "employees-messy.xlsx",
        "employees-messy.csv",
    )
]
LETTERS = "abcdefghijklmnopqrstuvwxyzåäöéüÅÄÖ"
names = st.text(LETTERS, min_size=1, max_size=20).map(str.capitalize)
addresses = st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z]{1,8})?@[a-z]{1,8}\.example", fullmatch=True)
numbers = st.integers(400_000_000, 409_999_999).map(lambda number: f"0{number}")
streets = st.builds("{} {}, {}".format, names, st.integers(1, 99), st.sampled_from("AB;\"'"))
employees = st.lists(
    st.tuples(names, names, addresses, numbers, streets),
    min_size=1,
    max_size=8,
    unique_by=lambda one: one[2],
)


def answer(content: bytes) -> Reading | Invalid:
    try:
        return read_employees(content, "lista")
    except Invalid as refusal:
        return refusal


def check_answer(found: Reading | Invalid) -> None:
    if isinstance(found, Invalid):
        assert found.message.format(**found.params) != ""
        return
    for row in found.rows:
        required = (row.first_name, row.last_name, row.email)
        assert row.fatal is not all(required)
        for problem in row.problems:
            assert problem.message.format(**problem.params) != ""


@given(st.binary(max_size=3000))
@settings(max_examples=300, deadline=None)
def test_any_bytes_get_an_answer_or_a_named_refusal(content: bytes) -> None:
    check_answer(answer(content))


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_below_headings_gets_an_answer(text: str) -> None:
    content = f"Etunimi;Sukunimi;Email;GSM;Postinumero\n{text}".encode("utf-8", "surrogatepass")
    check_answer(answer(content))


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 0.999), st.binary(max_size=6)), min_size=1, max_size=6),
)
@settings(max_examples=200, deadline=None)
def test_damaged_workbooks_get_an_answer(sample: bytes, damage: list[tuple[float, bytes]]) -> None:
    content = bytearray(sample)
    for place, piece in damage:
        at = int(place * len(content))
        content[at : at + len(piece)] = piece
    check_answer(answer(bytes(content)))


@given(
    employees,
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@settings(max_examples=200, deadline=None)
def test_written_csv_gives_back_the_same_people(
    people: list[tuple[str, str, str, str, str]], delimiter: str, encoding: str, newline: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline)
    writer.writerow(["Förnamn", "Efternamn", "E-post", "Telefon", "Gatuadress"])
    writer.writerows(people)
    reading = read_employees(text.getvalue().encode(encoding), "lista.csv")
    assert [
        (row.first_name, row.last_name, row.email, row.phone.replace("+358", "0"))
        for row in reading.rows
    ] == [one[:4] for one in people]
    assert [row.cells for row in reading.rows] == people


@given(employees)
@settings(max_examples=50, deadline=None)
def test_error_file_can_be_sent_again(people: list[tuple[str, str, str, str, str]]) -> None:
    headings = ("Etunimi", "Sukunimi", "Email", "GSM", "Osoite")
    content = error_file(headings, [(one, "Syy") for one in people], reason_heading="Virhe")
    reading = read_employees(content, "virheet.xlsx")
    assert [(r.first_name, r.last_name, r.email) for r in reading.rows] == [
        one[:3] for one in people
    ]
    assert [reading.layout.headings[column] for column in reading.layout.unmapped] == ["Virhe"]


@given(st.text(max_size=60))
def test_no_cell_of_the_error_file_is_a_formula(cell: str) -> None:
    assert not defused(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.from_regex(r"[a-z0-9._+-]{1,70}@[a-z0-9.-]{1,40}", fullmatch=True) | st.emails())
@settings(max_examples=400, deadline=None)
def test_quick_check_of_an_address_agrees_with_the_thorough_one(address: str) -> None:
    lowered = address.lower()
    try:
        thorough: str | None = validate_email(lowered, check_deliverability=False).normalized
    except EmailNotValidError:
        thorough = None
    assert valid_email(lowered) == thorough


@given(st.dictionaries(st.sampled_from(list(Field)), st.text(max_size=40)))
@settings(max_examples=300, deadline=None)
def test_reading_a_row_again_changes_nothing(values: dict[Field, str]) -> None:
    row = read_row(values)
    assume(all(problem.code != "country_unknown" for problem in row.problems))
    kept = {
        Field.FIRST_NAME: row.first_name,
        Field.LAST_NAME: row.last_name,
        Field.EMAIL: row.email,
        Field.PHONE: row.phone,
        Field.STREET: row.street,
        Field.POSTAL_CODE: row.postal_code,
        Field.CITY: row.city,
        Field.COUNTRY: row.country,
        Field.LANGUAGE: row.language,
        Field.COMPANY: row.company,
    }
    again = read_row(kept)
    assert {field: getattr(again, field.value) for field in kept} == kept


@given(st.lists(st.lists(st.text(max_size=12), max_size=8).map(tuple), max_size=12))
def test_columns_are_found_in_any_rows(rows: list[tuple[str, ...]]) -> None:
    found = find_columns(rows)
    assert 0 <= found.header_row <= len(rows)
    assert len(set(found.mapping.values())) == len(found.mapping)
