"""The record of processing activities (GDPR Art. 30) has all that the law asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import uuid4

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from registration.i18n import LANGUAGES, _, speaking
from registration.press import close_press, print_paper
from registration.privacy.datamap import kept_words, personal
from registration.privacy.datamap.parties import ACTIVITY_NAMES, CATEGORY_NAMES, Receiver
from registration.privacy.record import Record, by_kind, record_of
from registration.privacy.record_paper import facts_of, paper
from registration.privacy.record_sheet import write_xlsx
from registration.settings import Organisation, Settings
from registration.teaching.queries import RecipientLine
from tests.builders import NOON

HOUSE = Organisation(business_id="0112038-9")
FIRMS = (
    RecipientLine(uuid4(), "Rata Oy", "FI", date(2026, 1, 1), None, ""),
    RecipientLine(uuid4(), "=Track Ltd", "GB", date(2026, 1, 1), None, "Clauses 2026"),
    RecipientLine(uuid4(), "Late Ltd", "US", None, None, ""),
)


@pytest.fixture(params=LANGUAGES)
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    with speaking(str(request.param)):
        yield str(request.param)


@pytest.mark.promise("P19")
def test_every_personal_table_is_in_an_activity_with_all_that_is_asked(spoken: str) -> None:
    found = {each.name: each for each in record_of(HOUSE, FIRMS).activities}
    for name, table in personal().items():
        assert table.activity is not None
        each = found[_(ACTIVITY_NAMES[table.activity][1])]
        assert name in each.tables
        assert _(table.purpose)[1:] in " ".join(each.purposes)
        assert kept_words(table, HOUSE.retention)[1:] in " ".join(each.kept)
        for category in table.categories:
            assert _(CATEGORY_NAMES[category]) in each.people
        assert all(text for _label, text in facts_of(each)), name
    assert sorted(name for each in found.values() for name in each.tables) == sorted(personal())


@pytest.mark.promise("P16")
def test_it_names_countries_and_safeguards_outside_the_eea() -> None:
    with speaking("en"):
        record = record_of(HOUSE, FIRMS)
    to_firms = {
        _(ACTIVITY_NAMES[table.activity][1])
        for table in personal().values()
        if table.activity and Receiver.TRAINER_ORGANISATION in (table.receivers or ())
    }
    abroad = {each.name for each in record.activities if "United Kingdom" in each.outside}
    assert abroad == to_firms
    assert [(f.name, f.country, f.agreement, f.safeguard) for f in record.firms] == [
        ("=Track Ltd", "United Kingdom", "1.1.2026 –", "Clauses 2026"),
        ("Late Ltd", "United States", "none in force: it gets nothing", "none: it gets nothing"),
        ("Rata Oy", "Finland", "1.1.2026 –", "not needed"),
    ]


def test_every_column_stands_in_the_annex() -> None:
    columns = {(each.table, each.name) for each in record_of(HOUSE).columns}
    assert columns == {(name, column) for name, t in personal().items() for column in t.columns}


def test_columns_that_say_the_same_stand_together_and_none_is_lost() -> None:
    columns = record_of(HOUSE).columns
    together = by_kind(columns)
    assert {(each.table, name) for each in together for name in each.name.split(", ")} == {
        (each.table, each.name) for each in columns
    }
    assert len({(each.table, each.kind) for each in together}) == len(together)


@pytest.mark.promise("P19")
def test_the_spreadsheet_has_four_sheets_of_plain_text(spoken: str) -> None:
    record = record_of(HOUSE, FIRMS)
    book = CalamineWorkbook.from_filelike(BytesIO(write_xlsx(record)))
    activities, house, firms, columns = (
        book.get_sheet_by_index(number).to_python() for number in range(4)
    )
    assert [row[0] for row in activities[1:]] == [each.name for each in record.activities]
    assert [row[1:] for row in activities[1:]] == [
        [text for _label, text in facts_of(each)] for each in record.activities
    ]
    assert [row[1] for row in house[1:]] == [
        *(text for _label, text in record.house),
        *record.measures,
    ]
    assert [row[0] for row in firms[1:]] == [each.name for each in record.firms]
    assert len(columns) == 1 + len(record.columns)


@pytest.mark.promise("P19")
async def test_the_paper_says_it_all(settings: Settings, spoken: str) -> None:
    record = record_of(HOUSE, FIRMS)
    try:
        printed = await print_paper(paper(record, HOUSE, now=NOON), settings=settings)
    finally:
        await close_press()
    reader = PdfReader(BytesIO(printed))
    text = _flat("".join(page.extract_text() for page in reader.pages))
    for said in (*_words(record), HOUSE.name, HOUSE.authority):
        assert _flat(said) in text, said
    first = reader.pages[0].mediabox
    assert first.width > first.height


def _words(record: Record) -> Iterator[str]:
    for each in record.activities:
        yield each.name
        yield each.people
    yield from record.measures
    yield from (firm.name for firm in record.firms)


def _flat(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).casefold()


def test_a_hostile_name_is_text_in_every_form() -> None:
    evil = replace(FIRMS[0], name="<script>alert(1)</script>")
    record = record_of(HOUSE.model_copy(update={"name": "=cmd()"}), [evil])
    book = CalamineWorkbook.from_filelike(BytesIO(write_xlsx(record)))
    assert book.get_sheet_by_index(1).to_python()[1][1] == "=cmd()"
    assert book.get_sheet_by_index(2).to_python()[1][0] == "<script>alert(1)</script>"
