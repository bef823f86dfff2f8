"""Packs parsed back: the fields of their purpose, and nothing else of anybody."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from io import BytesIO, StringIO
from uuid import UUID
from zipfile import ZipFile

import orjson
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from registration.i18n import LANGUAGES, speaking
from registration.ledger.models import Disclosure, Entry
from registration.press import close_press
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.models import Pack
from registration.teaching.packs import PackFile
from registration.teaching.rules import PackFormat, PackPurpose, fields_of
from tests.teaching.makers import LATER, School, enrol, make_recipient, make_school, record

MARKED = ("planted-mail", "+35850", "Plantedstreet", "00999", "Plantedcity")
DAYS = (date(2027, 4, 1), date(2027, 4, 2))


async def pack(school: School, purpose: PackPurpose, format: PackFormat) -> PackFile:
    with speaking("en"):
        return await make_pack(
            school.id, purpose, format, identity=school.trainer, settings=school.settings, now=LATER
        )


@pytest.fixture
async def press() -> AsyncIterator[None]:
    yield
    await close_press()


def printed(file: PackFile) -> str:
    """The words of a PDF, as a reader copies them."""
    run = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=file.content, capture_output=True, check=True
    )
    return " ".join(run.stdout.decode().split())


async def said_of(school: School) -> str:
    """The line that the pack bears which was taken last."""
    (pack_id,) = await Pack.all().order_by("-made_at", "-id").limit(1).values_list("id", flat=True)
    name = (await Pack.get(id=pack_id).select_related("assignment__recipient")).assignment.recipient
    return (
        f"Given to Tuija Trainer, {name.name}, on 2.4.2027 17:00 to issue certificates. "
        f"Destroy it by 1.7.2027 16:00 at the latest. Pack {pack_id}"
    )


async def make_class(settings: Settings) -> School:
    school = await make_school(settings)
    contact = {
        "email": "planted-mail@example.fi",
        "phone": "+358501112223",
        "street": "Plantedstreet 9",
        "postal_code": "00999",
        "city": "Plantedcity",
    }
    aino = await enrol(school, "Aino Virtanen", company_name='=1+1 Oy; "Rata"', **contact)
    await enrol(school, "Łukasz Żółkiewski")
    await record(school, {"place_id": aino.id, "grade": "4", "completed": True})
    return school


def read_csv(file: PackFile) -> list[list[str]]:
    assert file.content.startswith(b"\xef\xbb\xbf")
    text = file.content.decode("utf-8-sig")
    assert not text.startswith("sep=")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


def read_xlsx(file: PackFile) -> list[list[object]]:
    sheet = CalamineWorkbook.from_filelike(BytesIO(file.content)).get_sheet_by_index(0)
    return [list(row) for row in sheet.to_python()]


CERTIFICATE = ["Name", "Company", "Training", "First day", "Last day", "Grade", "Completed"]


@pytest.mark.promise("P7")
async def test_csv_opens_in_a_spreadsheet_and_runs_nothing(register: Settings) -> None:
    school = await make_class(register)
    file = await pack(school, PackPurpose.CERTIFICATE, PackFormat.CSV)
    days, said = ["2027-04-01", "2027-04-02"], await said_of(school)
    assert read_csv(file) == [
        [*CERTIFICATE, "Terms of use"],
        ["Aino Virtanen", '\'=1+1 Oy; "Rata"', "Track safety", *days, "4", "Yes", said],
        ["Łukasz Żółkiewski", "", "Track safety", *days, "", "", said],
    ]
    assert file.media_type == "text/csv; charset=utf-8"
    assert file.file_name == "certificate-2027-04-01-ratatyon-turvallisuus.csv"


@pytest.mark.promise("P7")
async def test_xlsx_has_real_dates_and_numbers(register: Settings) -> None:
    school = await make_class(register)
    file = await pack(school, PackPurpose.CERTIFICATE, PackFormat.XLSX)
    assert read_xlsx(file) == [
        CERTIFICATE,
        ["Aino Virtanen", '=1+1 Oy; "Rata"', "Track safety", *DAYS, 4.0, "Yes"],
        ["Łukasz Żółkiewski", "", "Track safety", *DAYS, "", ""],
        [""] * 7,
        [await said_of(school), *[""] * 6],
    ]


@pytest.mark.promise("P7")
async def test_xlsx_says_whose_it_is_on_each_page_and_in_its_properties(register: Settings) -> None:
    school = await make_class(register)
    file = await pack(school, PackPurpose.CERTIFICATE, PackFormat.XLSX)
    said, (made,) = await said_of(school), await Pack.all()
    with ZipFile(BytesIO(file.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        properties = book.read("docProps/core.xml").decode()
        own = book.read("docProps/custom.xml").decode()
    given, kept = said.split(" Destroy")
    assert f"<oddHeader>&amp;L{given}</oddHeader>" in sheet
    assert f"<oddFooter>&amp;LDestroy{kept}&amp;R&amp;P / &amp;N</oddFooter>" in sheet
    assert f"<dc:description>{said}</dc:description>" in properties
    assert str(made.id) in own


async def test_the_longest_names_fit_above_and_below_a_printed_page(register: Settings) -> None:
    """Excel takes 255 letters there; more would make the file unreadable."""
    long = await make_recipient("A&B " * 49 + "Oy")
    school = await make_school(register, recipient_id=long)
    school = replace(school, trainer=replace(school.trainer, name="Ä" * 120))
    await enrol(school)
    file = await pack(school, PackPurpose.PERMIT, PackFormat.XLSX)
    with ZipFile(BytesIO(file.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    header = sheet.partition("<oddHeader>")[2].partition("</oddHeader>")[0]
    assert 100 < len(header.replace("&amp;", "&")) <= 255


@pytest.mark.promise("P7")
@pytest.mark.usefixtures("press")
async def test_pdf_lists_people_by_result_with_the_line_on_each_page(register: Settings) -> None:
    school = await make_class(register)
    for number in range(40):
        await enrol(school, f"Person{number} Tail")
    file = await pack(school, PackPurpose.CERTIFICATE, PackFormat.PDF)
    said, (made,) = await said_of(school), await Pack.all()
    words = printed(file)
    assert file.file_name == "certificate-2027-04-01-ratatyon-turvallisuus.pdf"
    assert (file.media_type, file.content[:5]) == ("application/pdf", b"%PDF-")
    assert words.index("Completed") < words.index('Aino Virtanen, =1+1 Oy; "Rata" 4')
    assert words.index("Not decided") < words.index("Łukasz Żółkiewski –")
    pages = [
        " ".join(page.extract_text().split()) for page in PdfReader(BytesIO(file.content)).pages
    ]
    given, _dot, pack_id = said.rpartition(" Pack ")
    assert len(pages) >= 2
    assert [(given in page, str(made.id) in page) for page in pages] == [(True, True)] * len(pages)
    assert UUID(pack_id) == made.id


@pytest.mark.promise("P7")
@pytest.mark.usefixtures("press")
async def test_pdf_of_the_roll_has_a_box_for_each_person_and_day(register: Settings) -> None:
    school = await make_class(register)
    words = printed(await pack(school, PackPurpose.ATTENDANCE, PackFormat.PDF))
    assert (words.count("Aino Virtanen"), words.count("☐")) == (2, 4)
    assert [mark for mark in (*MARKED, "Grade", "Completed") if mark in words] == []
    permit = printed(await pack(school, PackPurpose.PERMIT, PackFormat.PDF))
    assert [mark for mark in (*MARKED, "Grade") if mark in permit] == []
    assert "Completed" in permit


@pytest.mark.promise("P7")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_line_is_in_the_language_of_the_reader(register: Settings, language: str) -> None:
    school = await make_class(register)
    with speaking(language):
        file = await make_pack(
            school.id,
            PackPurpose.PERMIT,
            PackFormat.CSV,
            identity=school.trainer,
            settings=register,
            now=LATER,
        )
    line = read_csv(file)[1][-1]
    begins = {"en": "Given to", "fi": "Luovutettu", "sv": "Utlämnat"}
    assert line.startswith(begins[language])
    assert line.replace("kl. ", "").count("1.7.2027 16") == 1


@pytest.mark.promise("P7")
@pytest.mark.parametrize("purpose", PackPurpose)
async def test_json_has_the_fields_of_its_purpose(register: Settings, purpose: PackPurpose) -> None:
    school = await make_class(register)
    said = orjson.loads((await pack(school, purpose, PackFormat.JSON)).content)
    whole = {
        "name": "Aino Virtanen",
        "company": '=1+1 Oy; "Rata"',
        "training": {"fi": "Ratatyön turvallisuus", "en": "Track safety"},
        "dates": ["2027-04-01", "2027-04-02"],
        "grade": "4",
        "completed": True,
    }
    wanted = {field.value for field in fields_of(purpose)}
    first, second = said["people"]
    assert first == {name: value for name, value in whole.items() if name in wanted}
    assert second.keys() == wanted
    (made,) = await Pack.all()
    assert {name: said[name] for name in ("pack", "purpose", "session", "trainer")} == {
        "pack": str(made.id),
        "purpose": purpose,
        "session": str(school.id),
        "trainer": "Tuija Trainer",
    }
    assert (said["made_at"], said["keep_until"]) == (
        made.made_at.isoformat(),
        made.ends_at.isoformat(),
    )
    assert said["terms"].endswith(f"Pack {made.id}")


@pytest.mark.promise("P7")
@pytest.mark.parametrize("format", [PackFormat.CSV, PackFormat.XLSX, PackFormat.JSON])
@pytest.mark.parametrize("purpose", PackPurpose)
async def test_no_pack_has_an_address_or_a_number(
    register: Settings, purpose: PackPurpose, format: PackFormat
) -> None:
    school = await make_class(register)
    file = await pack(school, purpose, format)
    shown = str(read_xlsx(file)) if format is PackFormat.XLSX else file.content.decode()
    assert "Virtanen" in shown
    assert [word for word in MARKED if word in shown] == []


@pytest.mark.promise("P15")
async def test_a_pack_is_on_record_for_each_person_in_it(store: Settings) -> None:
    school = await make_class(store)
    await pack(school, PackPurpose.PERMIT, PackFormat.XLSX)
    (made,) = await Pack.all()
    assert (made.purpose, made.format, made.people) == ("permit", "xlsx", 2)
    rows = await Disclosure.filter(road="pack")
    assert {(row.fields_shown, row.purpose, row.actor_id, row.recipient_id) for row in rows} == {
        (
            "name,company,training,dates,completed",
            "permit",
            school.trainer.account_id,
            school.recipient_id,
        )
    }
    assert len({row.person_id for row in rows}) == 2
    (entry,) = await Entry.filter(act="disclosed")
    assert (entry.object_id, entry.subject_id) == (made.id, school.recipient_id)
    assert orjson.loads(entry.detail)["count"] == 2


async def test_the_same_pack_twice_in_a_day_is_two_copies(register: Settings) -> None:
    school = await make_class(register)
    files = [await pack(school, PackPurpose.ATTENDANCE, PackFormat.JSON) for _time in range(2)]
    ids = {UUID(orjson.loads(file.content)["pack"]) for file in files}
    assert ids == {row.id for row in await Pack.all()}
    assert len(ids) == 2
