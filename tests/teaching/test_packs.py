"""Packs parsed back: the fields of their purpose, and nothing else of anybody."""

from __future__ import annotations

import csv
from datetime import date
from io import BytesIO, StringIO
from uuid import UUID

import orjson
import pytest
from python_calamine import CalamineWorkbook

from registration.i18n import speaking
from registration.ledger.models import Disclosure, Entry
from registration.settings import Settings
from registration.teaching.models import Pack
from registration.teaching.packs import PackFile
from registration.teaching.rules import PackFormat, PackPurpose, fields_of
from registration.teaching.service import make_pack
from tests.teaching.makers import LATER, School, enrol, make_school, record

MARKED = ("planted-mail", "+35850", "Plantedstreet", "00999", "Plantedcity")
DAYS = (date(2027, 4, 1), date(2027, 4, 2))


async def pack(school: School, purpose: PackPurpose, format: PackFormat) -> PackFile:
    with speaking("en"):
        return await make_pack(school.id, purpose, format, identity=school.trainer, now=LATER)


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
    days = ["2027-04-01", "2027-04-02"]
    assert read_csv(file) == [
        CERTIFICATE,
        ["Aino Virtanen", '\'=1+1 Oy; "Rata"', "Track safety", *days, "4", "Yes"],
        ["Łukasz Żółkiewski", "", "Track safety", *days, "", ""],
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
    ]


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
    assert (said["purpose"], said["session"]) == (purpose, str(school.id))


@pytest.mark.promise("P7")
@pytest.mark.parametrize("format", PackFormat)
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


async def test_each_pack_has_an_id_of_its_own(register: Settings) -> None:
    school = await make_class(register)
    files = [await pack(school, PackPurpose.ATTENDANCE, PackFormat.JSON) for _time in range(2)]
    ids = {UUID(orjson.loads(file.content)["pack"]) for file in files}
    assert ids == {row.id for row in await Pack.all()}
    assert len(ids) == 2
