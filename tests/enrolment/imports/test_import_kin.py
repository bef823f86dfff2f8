"""Lists that nobody sent yet: their columns and headings, and what stands around them."""

from __future__ import annotations

from datetime import date

import pytest

from tests.enrolment.imports.files import excel, lines, text
from tests.enrolment.imports.kin import ANNA, FI, MATTI, PEOPLE, Kin, check

KIN: dict[str, Kin] = {
    # columns and their headings
    "swedish headings in capitals": Kin(
        text([["FÖRNAMN", "EFTERNAMN", "E-POSTADRESS"], ANNA, MATTI]), PEOPLE
    ),
    "english headings, last name first": Kin(
        text([["Surname", "First Name", "E-Mail Address"], [ANNA[1], ANNA[0], ANNA[2]]], ","),
        PEOPLE[:1],
    ),
    "headings without diacritics": Kin(
        text([["Etunimi", "Sukunimi", "Sahkoposti"], ANNA, MATTI]), PEOPLE
    ),
    "headings with marks, notes and lines": Kin(
        excel([["Etunimi *", "Sukunimi\n(virallinen)", "E-mail:"], ANNA, MATTI]), PEOPLE
    ),
    "name and surname": Kin(text([["Name", "Surname", "E-mail"], ANNA, MATTI]), PEOPLE),
    "namn och efternamn": Kin(text([["Namn", "Efternamn", "Epost"], ANNA, MATTI]), PEOPLE),
    "first name beside a name": Kin(
        text([["Nimi", "Etunimi", "Email"], [ANNA[1], ANNA[0], ANNA[2]]]), PEOPLE[:1]
    ),
    "full name beside both names": Kin(
        text([["Nimi", *FI], ["Anna Virtanen", *ANNA], ["Matti Mäkelä", *MATTI]]), PEOPLE
    ),
    "one name column, last name in capitals": Kin(
        text(
            [
                ["Osallistuja", "Email"],
                ["VIRTANEN Anna", "toimisto@rata.example"],
                ["MÄKELÄ Matti", "halli@rata.example"],
            ]
        ),
        [("Anna", "VIRTANEN", "toimisto@rata.example"), ("Matti", "MÄKELÄ", "halli@rata.example")],
    ),
    "one name column told by the names": Kin(
        text(
            [
                ["Namn", "Mejl"],
                ["Virtanen Anna", "a@rata.example"],
                ["Mäkelä Matti", "m@rata.example"],
            ]
        ),
        [("Anna", "Virtanen", "a@rata.example"), ("Matti", "Mäkelä", "m@rata.example")],
    ),
    "comma in the name, comma as delimiter": Kin(
        lines(
            "Name,Email",
            '"Virtanen, Anna",anna.virtanen@rata.example',
            '"Mäkelä, Matti",matti.makela@rata.example',
        ),
        PEOPLE,
    ),
    "name and address in one cell": Kin(
        text(
            [
                ["Osallistujat"],
                ["Anna Virtanen <anna.virtanen@rata.example>"],
                ["Matti Mäkelä <matti.makela@rata.example>"],
            ]
        ),
        PEOPLE,
    ),
    "pasted from a mail's recipients": Kin(
        lines(
            "Anna Virtanen <anna.virtanen@rata.example>",
            "Matti Mäkelä <matti.makela@rata.example>",
        ),
        PEOPLE,
        header_row=0,
    ),
    "address under an unknown heading": Kin(
        text([["Etunimi", "Sukunimi", "Yhteys"], ANNA, MATTI]), PEOPLE
    ),
    "names under unknown headings": Kin(
        text([["Kuka", "Ja mikä", "Sähköposti"], ANNA, MATTI]), PEOPLE
    ),
    "headings in two rows": Kin(
        excel(
            [
                ["Henkilö", None, "Yhteystiedot", None],
                ["Etunimi", "Sukunimi", "Sähköposti", "GSM"],
                [*ANNA, "040 1234567"],
                [*MATTI, ""],
            ],
            merged=["A1:B1", "C1:D1"],
        ),
        PEOPLE,
        header_row=2,
    ),
    "headings that stand in the upper row or the lower": Kin(
        excel(
            [
                ["Etunimi", "Sukunimi", "Yhteystiedot", None],
                [None, None, "Sähköposti", "Puhelin"],
                [*ANNA, "040 1234567"],
                [*MATTI, ""],
            ],
        ),
        PEOPLE,
        header_row=2,
    ),
    "headings broken over two rows": Kin(
        text(
            [
                ["Etu-", "Suku-", "Sähkö-", "Puhelin-"],
                ["nimi", "nimi", "posti", "numero"],
                [*ANNA, "040 1234567"],
                [*MATTI, ""],
            ]
        ),
        PEOPLE,
        header_row=2,
    ),
    "column repeated, the first is empty": Kin(
        text([[*FI, "Sähköposti"], [*ANNA[:2], "", ANNA[2]], [*MATTI[:2], "", MATTI[2]]]), PEOPLE
    ),
    "two address columns, each half filled": Kin(
        text(
            [
                ["Etunimi", "Sukunimi", "Sähköposti 1", "Sähköposti 2"],
                [*ANNA, ""],
                ["Matti", "Mäkelä", "", MATTI[2]],
            ]
        ),
        PEOPLE,
    ),
    "supervisor's address beside one's own": Kin(
        text(
            [
                ["Sähköposti (esimies)", *FI, "Förmans e-post"],
                ["pomo@rata.example", *ANNA, "chef@rata.example"],
                ["pomo@rata.example", *MATTI, ""],
            ]
        ),
        PEOPLE,
    ),
    "unknown columns between": Kin(
        text(
            [
                ["Nro", "Etunimi", "Osasto", "Sukunimi", "", "Sähköposti", "Kustannuspaikka"],
                [1, "Anna", "Varikko", "Virtanen", "", ANNA[2], 4410],
                [2, "Matti", "Halli", "Mäkelä", "", MATTI[2], 4410],
            ]
        ),
        PEOPLE,
    ),
    # what stands around the list
    "title rows and a company above": Kin(
        excel(
            [
                ["Pohjolan Rata Oy"],
                ["Koulutus:", "Ratatyöturvallisuus", date(2026, 4, 1)],
                ["Yhteyshenkilö", "pomo@rata.example"],
                [],
                FI,
                ANNA,
                MATTI,
            ]
        ),
        PEOPLE,
        header_row=5,
    ),
    "list that begins far down and right": Kin(
        excel([FI, ANNA, MATTI], first=(11, 5)), PEOPLE, header_row=12
    ),
    "empty rows between and after": Kin(
        excel([FI, [], ANNA, [], [], MATTI, [], [None, None, None]]), PEOPLE
    ),
    "footers in three languages": Kin(
        text(
            [
                FI,
                ANNA,
                MATTI,
                ["Yhteensä 2"],
                ["Yhteensä: 2 henkilöä"],
                ["Totalt", 2],
                ["2 osallistujaa"],
                ["Osallistujia yhteensä: 2"],
                ["Total participants", 2],
                ["Antal deltagare: 2"],
            ]
        ),
        PEOPLE,
        skipped=tuple((row, "total") for row in range(4, 11)),
    ),
    "notes below the list": Kin(
        text(
            [
                FI,
                ANNA,
                MATTI,
                [],
                ["Matti tulee vasta iltapäivällä."],
                ["Tulostettu 1.4.2026 klo 9.00"],
                ["***"],
            ]
        ),
        PEOPLE,
        skipped=((5, "note"), (6, "note"), (7, "note")),
    ),
    "groups with a line above each": Kin(
        text([FI, ["Varikko"], ANNA, ["Halli 2"], MATTI]),
        PEOPLE,
        skipped=((2, "note"), (4, "note")),
    ),
    "full name without an address stays a person": Kin(
        text([["Nimi", "Sähköposti"], ["Anna Virtanen", ANNA[2]], ["Matti Mäkelä", ""]]),
        PEOPLE[:1],
        asked=((3, "missing"),),
    ),
    "headings again after a page break": Kin(
        excel([FI, ANNA, FI, MATTI]), PEOPLE, skipped=((3, "heading"),)
    ),
    "headings in two rows, again after a page break": Kin(
        excel(
            [
                ["Etunimi", "Sukunimi", "Yhteystiedot", None],
                [None, None, "Sähköposti", "Puhelin"],
                [*ANNA, "040 1234567"],
                [None, None, "Sähköposti", "Puhelin"],
                [*MATTI, None],
            ],
        ),
        PEOPLE,
        skipped=((4, "heading"),),
        header_row=2,
    ),
    # no headings
    "no headings, shared address": Kin(
        text(
            [
                ["Virtanen", "Anna", "info@rata.example"],
                ["Mäkelä", "Matti", "info2@rata.example"],
                ["Korhonen", "Liisa", "info3@rata.example"],
            ]
        ),
        [
            ("Anna", "Virtanen", "info@rata.example"),
            ("Matti", "Mäkelä", "info2@rata.example"),
            ("Liisa", "Korhonen", "info3@rata.example"),
        ],
        header_row=0,
    ),
    "no headings, full names that only names tell": Kin(
        text(
            [
                ["Virtanen Anna", "info@rata.example"],
                ["Mäkelä Matti", "info2@rata.example"],
                ["Korhonen Liisa", "info3@rata.example"],
            ]
        ),
        [
            ("Anna", "Virtanen", "info@rata.example"),
            ("Matti", "Mäkelä", "info2@rata.example"),
            ("Liisa", "Korhonen", "info3@rata.example"),
        ],
        header_row=0,
    ),
    "no headings, a number before each name": Kin(
        text([[1, *ANNA], [2, *MATTI]], "\t"), PEOPLE, header_row=0, name="lista.tsv"
    ),
}


@pytest.mark.promise("P6")
@pytest.mark.parametrize("kin", KIN.values(), ids=KIN.keys())
def test_file_is_read_as_its_people(kin: Kin) -> None:
    check(kin)
