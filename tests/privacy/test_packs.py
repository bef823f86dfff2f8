"""What goes to trainers follows from the data map: no column that is not in it for that purpose
can be in a pack (P7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from zipfile import ZipFile

import pytest
from pypdf import PdfReader
from tortoise import connections
from tortoise.fields import CharField, Field, TextField

from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.models import Place
from registration.i18n import speaking
from registration.press import close_press
from registration.privacy.datamap import TO_TRAINERS, personal, tables
from registration.privacy.export import model_of
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.packs import COLUMNS, PackFile
from registration.teaching.rules import PackField, PackFormat, PackPurpose, fields_of
from tests.teaching.makers import LATER, NOW, School, enrol, make_school, record

# What the software itself reads as one of a few words: anything else would stop it.
CODES = {
    ("place", "status"), ("place", "awaits"), ("place", "source"), ("person", "language"),
    ("person", "country"), ("outcome", "grade"), ("person", "source"), ("employment", "source"),
}  # fmt: skip


@pytest.mark.promise("P7")
def test_each_field_of_a_pack_is_in_the_data_map_with_trainers_as_its_receivers() -> None:
    known = tables()
    assert [
        (table, column) for table, column in TO_TRAINERS if column not in known[table].columns
    ] == []
    assert set(COLUMNS) == set(PackField)
    assert {each for columns in COLUMNS.values() for each in columns} == set(TO_TRAINERS)
    for purpose in PackPurpose:
        allowed = {
            field
            for field, columns in COLUMNS.items()
            if all(purpose in TO_TRAINERS[each] for each in columns)
        }
        assert set(fields_of(purpose)) == allowed
        named = {each for field in fields_of(purpose) for each in COLUMNS[field]}
        assert named == {each for each, purposes in TO_TRAINERS.items() if purpose in purposes}


async def plant(school: School) -> dict[str, tuple[str, str]]:
    """Marks every text of every table that is about people, each with a word of its own; says
    which word stands in which column."""
    taken = await enrol(school, "Aino Virtanen", phone="+358501112223", street="Tie 1")
    await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=NOW)
    await record(school, {"place_id": taken.id, "grade": "4", "completed": True})
    await record(school, {"place_id": taken.id, "grade": "3"})
    db = connections.get("main")
    planted: dict[str, tuple[str, str]] = {}
    about_people = {name: each for name, each in personal().items() if each.store == "main"}
    for name, table in [*about_people.items(), ("company", tables()["company"])]:
        fields = model_of(name)._meta.fields_map.values()
        texts = {
            field.source_field or field.model_field_name for field in fields if _is_text(field)
        }
        for column in sorted(texts & set(table.columns)):
            if (name, column) not in CODES:
                word = f"Q{len(planted):03d}z"
                changed, _rows = await db.execute_query(
                    f'UPDATE "{name}" SET "{column}" = \'{word}\''
                )
                if changed:
                    planted[word] = (name, column)
    return planted


def _is_text(field: Field[object]) -> bool:
    wide = getattr(field, "max_length", None) or 100
    return isinstance(field, CharField | TextField) and wide >= 5 and not field.unique


@pytest.fixture
async def press() -> AsyncIterator[None]:
    yield
    await close_press()


def words_of(file: PackFile) -> str:
    """All that is in the file, unpacked."""
    if file.file_name.endswith(".xlsx"):
        with ZipFile(BytesIO(file.content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    if file.file_name.endswith(".pdf"):
        reader = PdfReader(BytesIO(file.content))
        return "".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    return file.content.decode()


@pytest.mark.promise("P7")
@pytest.mark.usefixtures("press")
@pytest.mark.parametrize("enrolled_by_company", [False, True], ids=["self", "company"])
async def test_no_other_column_can_be_in_a_pack(
    register: Settings, enrolled_by_company: bool
) -> None:
    school = await make_school(register)
    planted = await plant(school)
    assert len(planted) > 15
    if enrolled_by_company:
        (company,) = await model_of("company").all().values_list("id", flat=True)
        await Place.filter(company_id=None).update(company_id=company)
    kept = {("person", "first_name"), ("person", "last_name")}
    kept.add(("company", "name") if enrolled_by_company else ("person", "company_name"))
    for purpose in PackPurpose:
        for format in PackFormat:
            with speaking("en"):
                file = await make_pack(
                    school.id,
                    purpose,
                    format,
                    identity=school.trainer,
                    settings=register,
                    now=LATER,
                )
            words = words_of(file)
            found = {whose for mark, whose in planted.items() if mark in words}
            assert (purpose, format, found) == (purpose, format, kept)
