"""Cells one by one: what is normalised in silence, what is proposed, what is refused."""

from __future__ import annotations

import io

import pytest
from python_calamine import load_workbook

from registration.enrolment.imports.error_file import error_file
from registration.enrolment.imports.fields import Field, column_letter
from registration.enrolment.imports.rows import read_row

PERSON = {
    Field.FIRST_NAME: "Anna",
    Field.LAST_NAME: "Virtanen",
    Field.EMAIL: "anna.virtanen@rata.example",
}


def outcome(field: Field, value: str, **others: str) -> tuple[str, str | None, str | None]:
    """The value as kept, the code of its problem and the mend that was proposed."""
    given = {**PERSON, **{Field(name): text for name, text in others.items()}, field: value}
    row = read_row(given)
    problem = next((one for one in row.problems if one.field is field), None)
    kept = str(getattr(row, field.value))
    return kept, problem.code if problem else None, problem.proposed if problem else None


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (" Anna.Virtanen@RATA.example\u00a0", "anna.virtanen@rata.example"),
        ("mailto:anna@rata.example?subject=Hei", "anna@rata.example"),
        ("MAILTO:anna@rata.example", "anna@rata.example"),
        ('"Virtanen, Anna" <anna@rata.example>', "anna@rata.example"),
        ("<anna@rata.example>", "anna@rata.example"),
        ("anna@rata.example.", "anna@rata.example"),
        ("anna@rata.example;", "anna@rata.example"),
        ("an\u200bna@rata.example\ufeff", "anna@rata.example"),
        ("ａｎｎａ＠ｒａｔａ．example", "anna@rata.example"),
        ("anna@työ.example", "anna@työ.example"),
    ],
)
def test_email_is_normalised_in_silence(value: str, kept: str) -> None:
    assert outcome(Field.EMAIL, value) == (kept, None, None)


@pytest.mark.parametrize(
    ("value", "proposed"),
    [
        ("simo.salminen @ rata.example", "simo.salminen@rata.example"),
        ("anna. virtanen@rata.example", "anna.virtanen@rata.example"),
        ("anna(at)rata.example", "anna@rata.example"),
        ("anna at rata.example", "anna@rata.example"),
        ("anna@rata,example", "anna@rata.example"),
        ("anna@@rata..example", "anna@rata.example"),
        ("anna@rata.example / matti@rata.example", "anna@rata.example"),
        ("anna.mäkelä@rata.example", "anna.makela@rata.example"),
        ('=HYPERLINK("mailto:anna@rata.example";"Anna")', "anna@rata.example"),
    ],
)
def test_email_slips_are_mended_if_the_person_agrees(value: str, proposed: str) -> None:
    assert outcome(Field.EMAIL, value) == (proposed, "email_mended", proposed)
    row = read_row({**PERSON, Field.EMAIL: value})
    assert (row.fatal, row.needs_decision) == (False, True)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "missing"),
        ("-", "missing"),
        ("ei ole", "missing"),
        ("anna", "email_invalid"),
        ("anna@rata", "email_invalid"),
        ("#N/A", "cell_error"),
        ("#PUUTTUU!", "cell_error"),
        ("a" * 250 + "@rata.example", "too_long"),
    ],
)
def test_email_without_a_mend_keeps_the_row_out(value: str, code: str) -> None:
    assert outcome(Field.EMAIL, value) == ("", code, None)
    assert read_row({**PERSON, Field.EMAIL: value}).fatal is True


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("040-123 4567", "+358401234567"),
        ("+358 (0)40 1234567", "+358401234567"),
        ("00358401234567", "+358401234567"),
        ("358401234567", "+358401234567"),
        ("401234567", "+358401234567"),
        ("tel:+358401234567", "+358401234567"),
        ("puh. 040 1234567", "+358401234567"),
        ("+46\u00a070\u00a0123 45 67", "+46701234567"),
        ("09 1234567", "+35891234567"),
        ("", ""),
        ("-", ""),
    ],
)
def test_phone_is_normalised_in_silence(value: str, kept: str) -> None:
    assert outcome(Field.PHONE, value) == (kept, None, None)


def test_phone_belongs_to_the_country_of_the_row() -> None:
    assert outcome(Field.PHONE, "070-123 45 67", country="Ruotsi") == ("+46701234567", None, None)


@pytest.mark.parametrize("value", ["ei ole", "12", "3,58442E+11", "#N/A", "1" * 5000])
def test_wrong_phone_is_left_empty_and_said(value: str) -> None:
    assert outcome(Field.PHONE, value) == ("", "phone_invalid", "")
    assert read_row({**PERSON, Field.PHONE: value}).ready is True


def test_first_of_several_phones_is_taken() -> None:
    kept = "+358401234567"
    value = "040 1234567 / 050 7654321"
    assert outcome(Field.PHONE, value) == (kept, "phone_several", kept)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("  Rytkönen\u00a0", "Rytkönen"),
        ("Mäki\u200b-Salo", "Mäki-Salo"),
        ("Ma\u0308kela\u0308", "Mäkelä"),
        ("Virtanen.", "Virtanen"),
        ("Anna M.", "Anna M."),
        ("O'Brien", "O'Brien"),
        ("Ｓａｌｏ", "Salo"),
        ("Na", "Na"),
        ("x" * 100, "x" * 100),
    ],
)
def test_name_is_normalised_in_silence(value: str, kept: str) -> None:
    assert outcome(Field.LAST_NAME, value) == (kept, None, None)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ('=HYPERLINK("http://evil.example";"Matti")', "formula"),
        ("+Matti", "formula"),
        ("-1+1", "formula"),
        ("@SUM(A1)", "formula"),
        ("＝1+1", "formula"),
        ("'=1+1", "formula"),
        ("\u200b=1+1", "formula"),
        ("", "missing"),
        ("—", "missing"),
        ("#REF!", "cell_error"),
        ("x" * 101, "too_long"),
        ("M?kel?", "lost_letters"),
        ("M\ufffdkinen", "lost_letters"),
        ("anna@rata.example", "not_a_name"),
        ("2026-04-01", "not_a_name"),
    ],
)
def test_name_that_is_none_keeps_the_row_out(value: str, code: str) -> None:
    assert outcome(Field.LAST_NAME, value) == ("", code, None)
    assert read_row({**PERSON, Field.LAST_NAME: value}).fatal is True


def test_no_part_of_a_full_name_is_a_formula() -> None:
    row = read_row({Field.EMAIL: "info@rata.example", Field.NAME: "Anna =cmd"})
    assert (row.first_name, row.last_name) == ("Anna", "")
    assert [(one.field, one.code) for one in row.problems] == [(Field.LAST_NAME, "formula")]


def test_garbled_letters_are_mended_if_the_person_agrees() -> None:
    garbled = "Mäkelä".encode().decode("cp1252")
    assert outcome(Field.LAST_NAME, garbled) == ("Mäkelä", "letters_mended", "Mäkelä")


def test_digit_in_a_name_needs_a_decision() -> None:
    row = read_row({**PERSON, Field.FIRST_NAME: "Anna 2"})
    assert (row.first_name, row.fatal, row.needs_decision) == ("Anna 2", False, True)


@pytest.mark.parametrize(
    ("value", "country", "kept", "code"),
    [
        ("100", "", "00100", None),
        ("FI-02734", "", "02734", None),
        ("AX-22100", "", "22100", None),
        ("114 55", "Sverige", "114 55", None),
        ("SW1A 1AA", "", "SW1A 1AA", None),
        ("123456", "Suomi", "", "postal_code_invalid"),
        ("Helsinki", "", "", "postal_code_invalid"),
    ],
)
def test_postal_code(value: str, country: str, kept: str, code: str | None) -> None:
    proposed = None if code is None else ""
    assert outcome(Field.POSTAL_CODE, value, country=country) == (kept, code, proposed)


def test_city_beside_the_postal_code_is_kept() -> None:
    row = read_row({**PERSON, Field.POSTAL_CODE: "00100 Helsinki"})
    assert (row.postal_code, row.city, row.country, row.problems) == ("00100", "Helsinki", "FI", ())


@pytest.mark.parametrize(
    ("value", "kept"),
    [("Suomi", "FI"), ("SVERIGE", "SE"), ("Åland", "AX"), ("ee", "EE"), ("germany", "DE")],
)
def test_country_in_three_languages(value: str, kept: str) -> None:
    assert outcome(Field.COUNTRY, value) == (kept, None, None)


@pytest.mark.parametrize(
    ("value", "kept"),
    [("suomi", "fi"), ("FI", "fi"), ("Svenska", "sv"), ("sv-FI", "sv"), ("englanti", "en")],
)
def test_language_in_three_languages(value: str, kept: str) -> None:
    assert outcome(Field.LANGUAGE, value) == (kept, None, None)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (Field.COUNTRY, "Narnia", "country_unknown"),
        (Field.LANGUAGE, "klingon", "language_unknown"),
        (Field.STREET, "=1+1", "unusable"),
        (Field.CITY, "#N/A", "unusable"),
        (Field.STREET, "x" * 201, "too_long"),
        (Field.COMPANY, "@cmd", "unusable"),
    ],
)
def test_optional_cells_are_left_empty_and_said(field: Field, value: str, code: str) -> None:
    assert outcome(field, value) == ("", code, "")
    assert read_row({**PERSON, field: value}).ready is True


def test_column_letters_go_on_after_z() -> None:
    assert [column_letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_error_file_keeps_the_cells_and_runs_nothing() -> None:
    rows = [
        (("Kallio", '=HYPERLINK("http://evil.example")', "+358401234567"), "Nimi ei kelpaa"),
        (("Koistinen", "\tx"), "Sähköposti puuttuu"),
    ]
    written = error_file(
        ("Sukunimi", "Etunimi", "GSM"), rows, reason_heading="Syy", sheet_name="Virheet: [1/2]"
    )
    book = load_workbook(io.BytesIO(written))
    assert book.sheet_names == ["Virheet 12"]
    assert book.get_sheet_by_index(0).to_python() == [
        ["Sukunimi", "Etunimi", "GSM", "Syy"],
        ["Kallio", '\'=HYPERLINK("http://evil.example")', "'+358401234567", "Nimi ei kelpaa"],
        ["Koistinen", "'\tx", "", "Sähköposti puuttuu"],
    ]


def test_error_file_of_nothing_is_still_a_workbook() -> None:
    written = error_file((), (), reason_heading="Syy")
    assert load_workbook(io.BytesIO(written)).get_sheet_by_index(0).to_python() == [["Syy"]]
