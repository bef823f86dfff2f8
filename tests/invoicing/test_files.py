"""The spreadsheet forms of a basis, read again by other programs' libraries."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO
from uuid import UUID

from python_calamine import CalamineWorkbook

from registration.i18n import speaking
from registration.invoicing.rules import BasisGiven, InvoiceFormat
from registration.invoicing.service import hand_over, make_basis
from registration.settings import Settings
from tests.invoicing.makers import AFTER, make_buyer, make_run, seat

HOSTILE = '=HYPERLINK("https://evil.example";"x")'


async def basis(settings: Settings) -> UUID:
    company = await make_buyer(name="=cmd|' /C calc'!A0 \u202eyO; \"Oy\"\n")
    session = await make_run({"en": '@Track; "safety" 🚆'}, days=2)
    for number, last_name in enumerate(("Ylä-Öhman", "O'Neill")):
        await seat(session, company, settings, last_name=last_name, order_number=f"=00{number}")
    given = BasisGiven(company=company, month="2026-03")
    return await make_basis(given, actor_id=None, settings=settings, now=AFTER)


async def file(settings: Settings, format: InvoiceFormat, *, names: bool = False) -> bytes:
    with speaking("en"):
        made = await hand_over(
            await basis(settings), format, names=names, actor_id=None, settings=settings, now=AFTER
        )
    assert made.file_name == f"2026-00001.{format}"
    return made.content


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


async def test_csv_has_defused_lines_and_no_names(register: Settings) -> None:
    content = await file(register, InvoiceFormat.CSV)
    assert rows_of(content) == [
        [
            "Number", "Company", "Business ID", "Training", "First day", "Last day",
            "Order number", "People", "Price without VAT", "VAT rate", "Sum without VAT",
        ],
        *(
            [
                "2026-00001", "'=cmd|' /C calc'!A0 yO; \"Oy\"", "1572860-0",
                "'@Track; \"safety\" 🚆", "2026-03-10", "2026-03-11", f"'=00{number}", "1",
                "299,00", "25,5", "299,00",
            ]
            for number in (0, 1)
        ),
    ]  # fmt: skip
    assert b"Neill" not in content


async def test_csv_has_a_row_for_each_person_when_names_were_asked_for(register: Settings) -> None:
    rows = rows_of(await file(register, InvoiceFormat.CSV, names=True))
    assert [row[1] for row in rows] == ["Name", "Eero O'Neill", "Eero Ylä-Öhman"]


async def test_xlsx_has_real_dates_numbers_and_text_codes(register: Settings) -> None:
    content = await file(register, InvoiceFormat.XLSX)
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    assert book.sheet_names == ["Invoicing basis"]
    rows = book.get_sheet_by_index(0).to_python()
    number, company, _id, _title, first, last, order, people, price, rate, total = rows[1]
    assert (number, company, order) == ("2026-00001", "=cmd|' /C calc'!A0 yO; \"Oy\"", "=000")
    assert (first, last) == (date(2026, 3, 10), date(2026, 3, 11))
    assert (people, price, rate, total) == (1.0, 299.0, 25.5, 299.0)
    assert [row[-2:] for row in rows if row[-2] == "To pay"] == [["To pay", 750.49]]


async def test_xlsx_has_names_on_a_second_sheet_only_when_asked_for(register: Settings) -> None:
    content = await file(register, InvoiceFormat.XLSX, names=True)
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    assert book.sheet_names == ["Invoicing basis", "People"]
    names = [row[1] for row in book.get_sheet_by_index(1).to_python()]
    assert names == ["Name", "Eero O'Neill", "Eero Ylä-Öhman"]
