"""Lists as people really lay them out: languages, titles, orders, sheets, encodings."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pytest
import xlsxwriter

from registration.enrolment.imports.fields import EmployeeRow, Field, Reading
from registration.enrolment.imports.reading import read_employees
from registration.enrolment.imports.refusals import NoSuchSheet

Rows = Sequence[Sequence[str | float | bool]]

ANNA = ["Anna", "Virtanen", "anna.virtanen@rata.example"]
MATTI = ["Matti", "Mäkelä", "matti.makela@rata.example"]


def workbook(**sheets: Rows) -> bytes:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write(number, column, cell)
    return written.getvalue()


def csv(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def people(reading: Reading) -> list[tuple[str, str, str]]:
    return [(row.first_name, row.last_name, row.email) for row in reading.rows]


def only(reading: Reading) -> EmployeeRow:
    (row,) = reading.rows
    return row


@pytest.mark.parametrize(
    "headings",
    [
        "Förnamn;Efternamn;E-post;Telefon;Gatuadress;Postnummer;Ort;Språk;Land;Företag",
        "FÖRNAMN:;Efternamn *;Epost;Mobil;Adress;Postnr;Postort;SPRÅK;Hemland;Arbetsgivare",
        "Etunimi;Sukunimi;Sähköposti;Matkapuhelin;Katuosoite;Postinro;Kunta;Kieli;Maa;Yritys",
        "etunimet;SUKUNIMI*;S-posti:;GSM;Osoite;Postinumero;Postitoimipaikka;Äidinkieli;maa;Yhtiö",
        "First name;Surname;E-mail address;Mobile;Street address;ZIP;Town;Language;Country;Company",
        "Osallistujan etunimi;Osallistujan sukunimi;Sähköposti (työ);Puhelinnumero;Lähiosoite;"
        "Postinumero;Paikkakunta;Asiointikieli;Maa;Työnantaja",
    ],
)
def test_headings_are_known_in_three_languages(headings: str) -> None:
    reading = read_employees(
        csv(
            headings,
            "Anna;Virtanen;anna.virtanen@rata.example;0401234567;Katu 1;100;Helsinki;svenska;"
            "Finland;Rata Oy",
        ),
        "lista.csv",
    )
    row = only(reading)
    assert reading.layout.unmapped == ()
    assert row.problems == ()
    assert (row.first_name, row.last_name, row.email, row.phone) == (*ANNA, "+358401234567")
    assert (row.street, row.postal_code, row.city) == ("Katu 1", "00100", "Helsinki")
    assert (row.country, row.language, row.company) == ("FI", "sv", "Rata Oy")


def test_others_contact_columns_are_left_unmapped() -> None:
    reading = read_employees(
        csv(
            "Esimiehen sähköposti;Etunimi;Sukunimi;Sähköposti;Henkilönumero",
            "pomo@rata.example;Anna;Virtanen;anna.virtanen@rata.example;17",
        ),
        "lista.csv",
    )
    assert people(reading) == [tuple(ANNA)]
    assert reading.layout.unmapped == (0, 4)


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("Nimi", ["Anna Virtanen", "Matti Mäkelä"]),
        ("Namn", ["Virtanen Anna", "Mäkelä Matti"]),
        ("Name", ["Virtanen, Anna", "Mäkelä, Matti"]),
        ("Sukunimi ja etunimi", ["Virtanen Anna", "Mäkelä Matti"]),
        ("Etu- ja sukunimi", ["Anna Virtanen", "Matti Mäkelä"]),
    ],
)
def test_full_name_is_parted_in_the_order_of_the_file(heading: str, names: list[str]) -> None:
    reading = read_employees(
        csv(f"{heading};Email", f"{names[0]};{ANNA[2]}", f"{names[1]};{MATTI[2]}"), "lista.csv"
    )
    assert people(reading) == [tuple(ANNA), tuple(MATTI)]
    assert reading.layout.name_order_unsure is False


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        ("Anna Maria Virtanen", "info@rata.example", ("Anna Maria", "Virtanen")),
        ("Georg von Wright", "info@rata.example", ("Georg", "von Wright")),
        (
            "Anna Korhonen Virtanen",
            "anna.korhonenvirtanen@r.example",
            ("Anna", "Korhonen Virtanen"),
        ),
        ("Virtanen, Anna Maria", "info@rata.example", ("Anna Maria", "Virtanen")),
    ],
)
def test_longer_names_part_at_the_last_name(
    name: str, email: str, expected: tuple[str, str]
) -> None:
    row = only(read_employees(csv("Nimi;Email", f"{name};{email}"), "lista.csv"))
    assert (row.first_name, row.last_name) == expected


def test_unsure_order_is_said_and_can_be_chosen() -> None:
    content = csv("Nimi;Email", "Virtanen Anna;toimisto@rata.example")
    guessed = read_employees(content, "lista.csv")
    chosen = read_employees(
        content, "lista.csv", mapping={0: Field.NAME_LAST_FIRST, 1: Field.EMAIL}
    )
    assert guessed.layout.name_order_unsure is True
    assert (only(chosen).first_name, only(chosen).last_name) == ("Anna", "Virtanen")


def test_one_word_for_a_full_name_lacks_the_last_name() -> None:
    row = only(read_employees(csv("Nimi;Email", "Anna;anna@rata.example"), "lista.csv"))
    assert [(p.field, p.code, p.column, p.heading) for p in row.problems] == [
        (Field.LAST_NAME, "missing", "A", "Nimi")
    ]


def test_headings_in_row_four_keep_the_programs_row_numbers() -> None:
    content = workbook(
        Lista=[
            ["Rata Oy", "", ""],
            [],
            ["Koulutus 1.4.2026", "Helsinki"],
            ["Etunimi", "Sukunimi", "Sähköposti"],
            ANNA,
            [],
            ["Matti", "Mäkelä", ""],
        ]
    )
    reading = read_employees(content, "lista.xlsx")
    assert reading.layout.header_row == 4
    assert [(r.row_number, [p.code for p in r.problems]) for r in reading.rows] == [
        (5, []),
        (7, ["missing"]),
    ]


def test_sheet_with_the_best_headings_is_chosen_and_the_others_are_told() -> None:
    content = workbook(
        Ohje=[["Täytä seuraava sivu"], ["Nimi", "Puhelin"]],
        Osallistujat=[["Etunimi", "Sukunimi", "Sähköposti"], ANNA],
        Vanhat=[["Sukunimi", "Sähköposti"], ["Mäkelä", MATTI[2]]],
    )
    reading = read_employees(content, "lista.xlsx")
    assert (reading.layout.sheet, reading.layout.other_sheets) == (
        "Osallistujat",
        ("Ohje", "Vanhat"),
    )
    other = read_employees(content, "lista.xlsx", sheet="Vanhat")
    assert (other.layout.missing, other.rows) == ((Field.FIRST_NAME,), ())
    with pytest.raises(NoSuchSheet):
        read_employees(content, "lista.xlsx", sheet="Nowhere")


def test_a_large_other_sheet_is_no_hindrance() -> None:
    wide = [[str(column) for column in range(150)]]
    content = workbook(Koodit=wide, Lista=[["Etunimi", "Sukunimi", "Email"], ANNA])
    assert people(read_employees(content, "lista.xlsx")) == [tuple(ANNA)]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("cp1252", b""),
    ],
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_delimiter_and_line_end(
    encoding: str, mark: bytes, delimiter: str, newline: str
) -> None:
    rows = [["Rata Oy – väki"], ["Etunimi", "Sukunimi", "Sähköposti"], ANNA, MATTI]
    text = newline.join(delimiter.join(row) for row in rows) + newline
    reading = read_employees(mark + text.encode(encoding), "lista.csv")
    assert people(reading) == [tuple(ANNA), tuple(MATTI)]
    assert reading.layout.header_row == 2


def test_quoted_cells_may_hold_delimiters_quotes_and_lines() -> None:
    content = csv(
        "Nimi;Osoite;Email",
        '"Virtanen, Anna";"Katu 1; 2. kerros\nrappu B";anna.virtanen@rata.example',
        '"Mäkelä, Matti ""Masa""";Tie 2;matti.makela@rata.example',
    )
    reading = read_employees(content, "lista.csv")
    assert [(r.row_number, r.first_name, r.last_name, r.street) for r in reading.rows] == [
        (2, "Anna", "Virtanen", "Katu 1; 2. kerros rappu B"),
        (3, 'Matti "Masa"', "Mäkelä", "Tie 2"),
    ]


def test_separator_line_names_the_delimiter_and_is_no_row() -> None:
    content = csv("sep=|", "Etunimi|Sukunimi|Email", "|".join(ANNA))
    row = only(read_employees(content, "lista.csv"))
    assert (row.row_number, row.email) == (2, ANNA[2])


def test_numbers_dates_and_booleans_become_what_was_typed() -> None:
    headings = ["Etunimi", "Sukunimi", "Email", "Puhelin", "Postinumero"]
    content = workbook(
        Lista=[
            headings,
            [*ANNA, 358442058756.0, 100.0],
            [*MATTI, 442058756.0, 2734.0],
            ["Liisa", "Salo", True, 46701234567.0, 9.5],
        ]
    )
    rows = read_employees(content, "lista.xlsx").rows
    assert [(row.phone, row.postal_code) for row in rows] == [
        ("+358442058756", "00100"),
        ("+358442058756", "02734"),
        ("+46701234567", ""),
    ]
    assert [p.code for p in rows[2].problems] == ["email_invalid", "postal_code_invalid"]


def test_repeated_headings_and_totals_are_skipped_with_reason() -> None:
    content = csv(
        "Sukunimi;Etunimi;Email",
        "Virtanen;Anna;anna.virtanen@rata.example",
        "Sukunimi;Etunimi;Email",
        "Summa;Sanna;sanna.summa@rata.example",
        "Summa;Seppo;",
        "Totalt:;3;",
    )
    reading = read_employees(content, "lista.csv")
    assert [(row.row_number, row.last_name) for row in reading.rows] == [
        (2, "Virtanen"),
        (4, "Summa"),
        (5, "Summa"),
    ]
    assert [(row.row_number, row.code) for row in reading.skipped] == [(3, "heading"), (6, "total")]


def test_second_row_of_the_same_person_is_skipped() -> None:
    content = csv(
        "Etunimi;Sukunimi;Email;GSM",
        "Anna;Virtanen;anna.virtanen@rata.example;0401234567",
        "ANNA;virtanen;Anna.Virtanen@RATA.example;0501234567",
        "Matti;Mäkelä;anna.virtanen@rata.example;",
    )
    reading = read_employees(content, "lista.csv")
    assert [(r.row_number, r.code, dict(r.params)) for r in reading.skipped] == [
        (3, "duplicate", {"row": "2"})
    ]
    assert [(r.row_number, [p.params for p in r.problems]) for r in reading.rows] == [
        (2, []),
        (4, [{"row": "2", "name": "Anna Virtanen"}]),
    ]


NO_HEADINGS: Mapping[str, list[str]] = {
    "two names": [
        "Virtanen;Anna;anna.virtanen@rata.example;040 1234567;Katu 1;00100",
        "Mäkelä;Matti;matti.makela@rata.example;050 1234567;Tie 22 B;02734",
    ],
    "one name": [
        "Anna Virtanen;anna.virtanen@rata.example;040 1234567;Katu 1;00100",
        "Matti Mäkelä;matti.makela@rata.example;050 1234567;Tie 22 B;02734",
    ],
}


@pytest.mark.parametrize("lines", NO_HEADINGS.values(), ids=NO_HEADINGS.keys())
def test_list_without_headings_is_told_from_its_content(lines: list[str]) -> None:
    reading = read_employees(csv(*lines), "lista.csv")
    assert reading.layout.header_row == 0
    assert people(reading) == [tuple(ANNA), tuple(MATTI)]
    assert [(r.row_number, r.phone, r.street, r.postal_code) for r in reading.rows] == [
        (1, "+358401234567", "Katu 1", "00100"),
        (2, "+358501234567", "Tie 22 B", "02734"),
    ]


def test_what_cannot_be_told_asks_for_a_mapping() -> None:
    content = csv("Kuka;Mikä;Yhteys", "Anna;Virtanen;av@rata.example")
    guessed = read_employees(content, "lista.csv")
    assert guessed.layout.missing == (Field.FIRST_NAME, Field.LAST_NAME)
    assert guessed.layout.preview[-1] == ("Anna", "Virtanen", "av@rata.example")
    mapped = read_employees(
        content,
        "lista.csv",
        mapping={0: Field.FIRST_NAME, 1: Field.LAST_NAME, 2: Field.EMAIL},
    )
    assert [(r.first_name, r.row_number) for r in mapped.rows if r.ready] == [("Anna", 2)]


def test_pictures_charts_and_macros_do_not_disturb() -> None:
    written = io.BytesIO()
    with xlsxwriter.Workbook(written) as book:
        sheet = book.add_worksheet("Lista")
        headings = ["Etunimi", "Sukunimi", "Email", "GSM"]
        sheet.add_table("A1:D2", {"columns": [{"header": heading} for heading in headings]})
        sheet.write_row(1, 0, [*ANNA, 401234567])
        sheet.write_url(1, 2, f"mailto:{ANNA[2]}", string=ANNA[2])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Lista!$D$2:$D$2"})
        sheet.insert_chart("F2", chart)
        sheet.write_comment("A2", "uusi")
    row = only(read_employees(written.getvalue(), "lista.xlsm"))
    assert (row.first_name, row.email, row.phone) == ("Anna", ANNA[2], "+358401234567")
