"""Lists that nobody sent yet: their letters, cells and sheets, and people who stand there twice."""

from __future__ import annotations

from datetime import date, time

import pytest

from tests.enrolment.imports.files import excel, lines, opendocument, text, web_page
from tests.enrolment.imports.kin import ANNA, FI, MATTI, NBSP, PEOPLE, SEPPO, THREE, Kin, check

KIN: dict[str, Kin] = {
    # texts
    "UTF-8 with its mark": Kin(text([FI, ANNA, MATTI], encoding="utf-8-sig"), PEOPLE),
    "UTF-16 as Excel's Unicode text": Kin(text([FI, ANNA, MATTI], "\t", encoding="utf-16"), PEOPLE),
    "UTF-16 BE without a mark": Kin(text([FI, ANNA, MATTI], ",", encoding="utf-16-be"), PEOPLE),
    "Windows-1252": Kin(text([FI, ANNA, MATTI], encoding="cp1252"), PEOPLE),
    "ISO 8859-1 with old line ends": Kin(
        text([FI, ANNA, MATTI], encoding="latin-1", end="\r"), PEOPLE
    ),
    "Mac Roman": Kin(text([FI, ANNA, MATTI], encoding="mac_roman"), PEOPLE),
    "DOS letters": Kin(text([FI, ANNA, MATTI], encoding="cp850"), PEOPLE),
    "each line quoted as a whole": Kin(
        lines(
            '"Etunimi,Sukunimi,Sähköposti"',
            '"Anna,Virtanen,anna.virtanen@rata.example"',
            '"Matti,Mäkelä,""matti.makela@rata.example"""',
        ),
        PEOPLE,
    ),
    "spaces before the quotes": Kin(
        lines(
            '"Etunimi"; "Sukunimi"; "Sähköposti"',
            '"Anna"; "Virtanen"; "anna.virtanen@rata.example"',
            '"Matti"; "Mäkelä"; "matti.makela@rata.example"',
        ),
        PEOPLE,
    ),
    "delimiters at the end of each line": Kin(
        lines(*(";".join(row) + ";;;;" for row in (FI, ANNA, MATTI)), ";;;;;;"), PEOPLE
    ),
    "a line break within a heading and a cell": Kin(
        lines(
            '"Etu\nnimi";Sukunimi;Sähköposti;Osoite',
            'Anna;Virtanen;anna.virtanen@rata.example;"Katu 1\nA 2"',
        ),
        PEOPLE[:1],
    ),
    "semicolons within commas": Kin(
        lines(
            "Etunimi,Sukunimi,Sähköposti,Muut osoitteet",
            'Anna,Virtanen,anna.virtanen@rata.example,"a@x.example; b@x.example; c@x.example"',
            'Matti,Mäkelä,matti.makela@rata.example,"d@x.example; e@x.example; f@x.example"',
        ),
        PEOPLE,
    ),
    "pipes": Kin(text([FI, ANNA, MATTI], "|"), PEOPLE),
    # cells
    "spaces that do not break, and unseen letters": Kin(
        text(
            [
                [f"Etunimi{NBSP}", FI[1], FI[2]],
                [f"{NBSP}Anna ", f"Virtanen{NBSP}", f"\u200banna.virtanen@rata.example{NBSP}"],
                ["Matti\u00ad", "Ma\u0308kela\u0308", "matti.makela@rata.example"],
            ]
        ),
        PEOPLE,
    ),
    "addresses as links": Kin(
        text(
            [
                FI,
                [*ANNA[:2], f"mailto:{ANNA[2]}"],
                [*MATTI[:2], f"<{MATTI[2]}>"],
                [*SEPPO[:2], f"Seppo@RATA.example <mailto:{SEPPO[2]}?subject=x>"],
            ]
        ),
        THREE,
    ),
    "several addresses in a cell": Kin(
        text([FI, [*ANNA[:2], f"{ANNA[2]}; anna@koti.example"], MATTI]),
        PEOPLE[1:],
        asked=((2, "email_mended"),),
    ),
    "an address with a slip": Kin(
        text([FI, [*ANNA[:2], "anna.virtanen(at)rata.example"], MATTI]),
        PEOPLE[1:],
        asked=((2, "email_mended"),),
    ),
    "dates and times in odd cells": Kin(
        excel(
            [
                [*FI, "Puhelin", "Saapuu"],
                [*ANNA, date(2026, 4, 1), date(2026, 4, 2)],
                [*MATTI, time(9, 30), None],
            ]
        ),
        PEOPLE,
    ),
    "garbled letters": Kin(
        text([FI, ANNA, ["Matti", "MÃ¤kelÃ¤", MATTI[2]]]),
        PEOPLE[:1],
        asked=((3, "letters_mended"),),
    ),
    # workbooks
    "the list is on the second sheet": Kin(
        excel([["Ohje"], ["Täytä lista ja palauta."]], [FI, ANNA, MATTI]), PEOPLE
    ),
    "hidden sheet with other people": Kin(
        excel([FI, ["X", "Y", "x.y@rata.example"]], [FI, ANNA, MATTI], hidden_sheets=[0]), PEOPLE
    ),
    "hidden column between": Kin(
        excel(
            [
                ["Etunimi", "Id", "Sukunimi", "Sähköposti"],
                ["Anna", 7, *ANNA[1:]],
                ["Matti", 8, *MATTI[1:]],
            ],
            hidden_columns=["B"],
        ),
        PEOPLE,
    ),
    "rows that a filter hides": Kin(
        excel([FI, ANNA, SEPPO, MATTI], hidden_rows=[3]), PEOPLE, skipped=((3, "hidden"),)
    ),
    "rows that a filter hides, in an ODS": Kin(
        opendocument(("Lista", [FI, ANNA, SEPPO, MATTI]), hidden_rows=[3]),
        PEOPLE,
        skipped=((3, "hidden"),),
    ),
    "merged title and merged company": Kin(
        excel(
            [
                ["Ilmoittautumiset 2026", None, None, None],
                ["Yritys", *FI],
                ["Rata Oy", *ANNA],
                [None, *MATTI],
            ],
            merged=["A1:D1", "A3:A4"],
        ),
        PEOPLE,
        header_row=2,
    ),
    "ODS with a title and a second sheet": Kin(
        opendocument(("Lista", [["Rata Oy"], [], FI, ANNA, MATTI]), ("Taul2", [["Ohje"]])),
        PEOPLE,
        header_row=3,
    ),
    "web page that calls itself XLS": Kin(
        web_page([FI, ANNA, MATTI]), PEOPLE, name="osallistujat.xls"
    ),
    "CSV that calls itself XLSX": Kin(text([FI, ANNA, MATTI]), PEOPLE, name="lista.xlsx"),
    "workbook that calls itself CSV": Kin(excel([FI, ANNA, MATTI]), PEOPLE, name="lista.csv"),
    # the same person more than once
    "the same row twice, otherwise written": Kin(
        text([FI, ANNA, ["ANNA ", "virtanen", "Anna.Virtanen@Rata.Example"], MATTI]),
        PEOPLE,
        skipped=((3, "duplicate"),),
    ),
    "the same person without diacritics": Kin(
        text([FI, MATTI, ["Matti", "Makela", MATTI[2]]]), PEOPLE[1:], asked=((3, "maybe_same"),)
    ),
    "first and last name changed round": Kin(
        text([FI, ANNA, ["Virtanen", "Anna", ANNA[2]]]), PEOPLE[:1], asked=((3, "maybe_same"),)
    ),
    "the same name and phone at another address": Kin(
        text(
            [
                [*FI, "Puhelin"],
                [*ANNA, "040 1234567"],
                ["Anna", "Virtanen", "anna@koti.example", "+358401234567"],
            ]
        ),
        PEOPLE[:1],
        asked=((3, "maybe_same"),),
    ),
    "namesakes": Kin(
        text([FI, ANNA, ["Anna", "Virtanen", "anna.virtanen2@rata.example"]]),
        [tuple(ANNA), ("Anna", "Virtanen", "anna.virtanen2@rata.example")],
    ),
}


@pytest.mark.promise("P6")
@pytest.mark.parametrize("kin", KIN.values(), ids=KIN.keys())
def test_file_is_read_as_its_people(kin: Kin) -> None:
    check(kin)
