"""What a list may hold and we never keep: food restrictions, identity codes, remarks (P1, P5)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registration.enrolment.imports.fields import Field, Why
from registration.enrolment.imports.kept import open_file, pack, unpack
from registration.enrolment.imports.reading import Choice, read_employees, read_kept
from registration.enrolment.imports.withheld import cleaned
from tests.enrolment.imports.files import Rows, excel, lines, opendocument, text

HEAD = ["Etunimi", "Sukunimi", "Sähköposti"]
ANNA = ["Anna", "Virtanen", "anna.virtanen@rata.example"]
MATTI = ["Matti", "Mäkelä", "matti.makela@rata.example"]
MARK = "xyzzymark"


def with_column(heading: str, *cells: str) -> Rows:
    return [[*HEAD, heading], [*ANNA, cells[0]], [*MATTI, cells[-1]]]


HEADINGS = [
    ("Ruokavalio", Why.DIET),
    ("RUOKAVALIOT / ALLERGIAT", Why.DIET),
    ("Erityisruokavaliot (jos on)", Why.DIET),
    ("Onko ruoka-aineallergioita?", Why.DIET),
    ("Specialkost", Why.DIET),
    ("Allergier", Why.DIET),
    ("Kost", Why.DIET),
    ("Dietary requirements", Why.DIET),
    ("Food restrictions", Why.DIET),
    ("Lounas", Why.DIET),
    ("Terveydentila", Why.DIET),
    ("Henkilötunnus", Why.IDENTITY),
    ("Hetu", Why.IDENTITY),
    ("Sotu.", Why.IDENTITY),
    ("Personbeteckning", Why.IDENTITY),
    ("Personnummer", Why.IDENTITY),
    ("National ID", Why.IDENTITY),
    ("Social security number", Why.IDENTITY),
    ("Syntymäaika", Why.IDENTITY),
    ("Födelsedatum", Why.IDENTITY),
    ("Lisätietoja", Why.REMARKS),
    ("Övrigt", Why.REMARKS),
    ("Comments", Why.REMARKS),
]


@pytest.mark.promise("P1")
@pytest.mark.parametrize(("heading", "why"), HEADINGS)
def test_column_is_told_by_its_heading(heading: str, why: Why) -> None:
    kept = open_file(text(with_column(heading, MARK)), "lista.csv")
    (sheet,) = kept.sheets
    assert [(one.column, one.why) for one in sheet.withheld] == [(3, why)]
    assert [row[:3] for row in sheet.rows] == [tuple(HEAD), tuple(ANNA), tuple(MATTI)]
    assert MARK not in repr(kept)


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["gluteeniton", ""], Why.DIET),
        (["", "Laktoositon, ei pähkinää"], Why.DIET),
        (["vegan", "-"], Why.DIET),
        (["", "kasvis"], Why.DIET),
        (["nötallergi", "glutenfri"], Why.DIET),
        (["010190-1233", ""], Why.IDENTITY),
        (["", "hetu 131052-308T"], Why.IDENTITY),
        (["", "811228-9874"], Why.IDENTITY),
        (["Tulee bussilla ja lähtee jo kahdelta koska on sovittu muuta siksi päiväksi", ""],
         Why.REMARKS),
    ],
)  # fmt: skip
def test_column_is_told_by_a_single_cell(cells: list[str], why: Why) -> None:
    kept = open_file(text(with_column("Sarake 7", *cells)), "lista.csv")
    (sheet,) = kept.sheets
    assert [(one.column, one.heading, one.why) for one in sheet.withheld] == [(3, "", why)]
    assert [cell for row in sheet.rows[1:] for cell in row[3:]] == []


def test_columns_that_say_nothing_of_the_kind_stay() -> None:
    rows = [
        [*HEAD, "Osasto", "Kustannuspaikka", "Kostnadsställe", "Henkilönumero", "Koko", "Puhelin"],
        [*ANNA, "Varikko", "4410", "7", "12345", "M", "040123-4567"],
        [*MATTI, "Kalasataman halli", "4410", "7", "23456", "L", "050 765 4321"],
    ]
    (sheet,) = open_file(text(rows), "lista.csv").sheets
    assert (sheet.withheld, sheet.blanked) == ((), 0)
    assert [list(row) for row in sheet.rows] == rows


@pytest.mark.parametrize(
    ("given", "field", "left"),
    [
        ("Virtanen (gluteeniton)", Field.LAST_NAME, "Virtanen"),
        ("Anna Virtanen, vegaani", Field.NAME, "Anna Virtanen,"),
        ("Virtanen 131052-308T", Field.LAST_NAME, "Virtanen "),
        ("Kalaton", Field.LAST_NAME, "Kalaton"),
        ("Pähkinätie 3", Field.STREET, "Pähkinätie 3"),
        ("Allergialiitto ry", Field.COMPANY, "Allergialiitto ry"),
        ("info@allergia.example", Field.EMAIL, "info@allergia.example"),
        ("Annalle kasvisruoka, Matille gluteeniton", None, ""),
        ("040123-4567", Field.PHONE, "040123-4567"),
        ("+358 40 123 4567", Field.PHONE, "+358 40 123 4567"),
        ("131052-308T", Field.PHONE, ""),
    ],
)
def test_single_cells_lose_what_is_not_kept(given: str, field: Field | None, left: str) -> None:
    assert cleaned(given, field) == left


def test_every_sheet_is_looked_at_and_those_without_people_are_not_kept() -> None:
    content = excel(
        with_column("Ruokavalio", MARK),
        with_column("Hetu", MARK),
        [["Nimi", "Allergia"], ["Anna", MARK]],
        [[MARK]],
        names=["A", "B", "C", "D"],
    )
    kept = open_file(content, "lista.xlsx")
    assert [sheet.name for sheet in kept.sheets] == ["A", "B"]
    assert kept.without_people == ("C", "D")
    assert MARK not in repr(kept)


def test_headings_far_down_in_two_rows_or_repeated_are_found_too() -> None:
    two_rows = excel(
        [
            ["Ilmoittautumiset"],
            ["Henkilö", None, "Yhteystiedot", "Ruokailu"],
            ["Etunimi", "Sukunimi", "Sähköposti", "Toive"],
            [*ANNA, MARK],
            ["Etunimi", "Sukunimi", "Sähköposti", "Toive"],
            [*MATTI, MARK],
        ]
    )
    rows = [[*ANNA, MARK], [*MATTI, "gluteeniton"]]
    for content in (two_rows, text(rows), opendocument(("A", with_column("Allergia", MARK)))):
        kept = open_file(content, "lista")
        assert MARK not in repr(kept)
        assert [row.first_name for row in read_kept(kept, Choice()).rows] == ["Anna", "Matti"]


def test_left_out_columns_cannot_be_chosen_back() -> None:
    kept = unpack(pack(open_file(text(with_column("Ruokavalio", MARK)), "lista.csv")))
    mapping = {0: Field.FIRST_NAME, 1: Field.LAST_NAME, 2: Field.EMAIL, 3: Field.CITY}
    reading = read_kept(kept, Choice(mapping=mapping))
    assert [row.city for row in reading.rows] == ["", ""]
    assert [(one.heading, one.why) for one in reading.layout.withheld] == [("Ruokavalio", Why.DIET)]
    assert reading.layout.unmapped == ()


@settings(max_examples=60)
@given(
    st.permutations(["Etunimi", "Sukunimi", "Sähköposti", "Ruokavalio", "Hetu", "Osasto"]),
    st.sampled_from([";", ",", "\t"]),
    st.sampled_from(["utf-8", "utf-16", "cp1252"]),
)
def test_in_any_order_delimiter_and_encoding_nothing_marked_stays(
    order: list[str], delimiter: str, encoding: str
) -> None:
    values = dict(zip(HEAD, ANNA, strict=True))
    values |= {"Ruokavalio": MARK, "Hetu": MARK, "Osasto": "Varikko"}
    content = text([order, [values[one] for one in order]], delimiter, encoding=encoding)
    kept = open_file(content, "lista.csv")
    assert MARK not in repr(kept)
    (row,) = read_kept(kept, Choice()).rows
    assert (row.first_name, row.last_name, row.email) == tuple(ANNA)
    assert "Varikko" in row.cells


def test_our_own_reason_column_is_read_over() -> None:
    head = [*HEAD, "Why this row was left out"]
    reading = read_employees(text([head, [*ANNA, "The e-mail address is missing."]]), "errors.csv")
    assert [(row.email, row.ready) for row in reading.rows] == [(ANNA[2], True)]
    assert (reading.layout.withheld, reading.layout.unmapped) == ((), ())


def test_remarks_without_headings_do_not_hide_the_people() -> None:
    content = lines("Anna;Virtanen;anna.virtanen@rata.example;tulee junalla kello yhdeksän")
    reading = read_employees(content, "lista.csv")
    assert [row.first_name for row in reading.rows] == ["Anna"]
