"""What a company sees of its people's qualifications: its own people, as long as they are."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from registration import db
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company, employ, end_employment
from registration.enrolment.models import Place
from registration.people.models import Person
from registration.people.rules import PersonNotFound, Source
from registration.qualifications import workforce
from registration.qualifications.models import Certificate
from registration.qualifications.workforce import Qualified, Wanted
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.enrolment.makers import make_session

TODAY = NOON.date()
FIRST_AID, TRACK = uuid4(), uuid4()


async def qualify(
    person: Person, training: UUID, until: date | None, *, company: UUID | None = None
) -> None:
    offering = await make_session()
    place = await Place.create(
        id=uuid4(),
        seating_id=offering.seating_id,
        person_id=person.id,
        status="attended",
        turn=1,
        source="self",
        company_id=company,
        created_at=NOON,
        changed_at=NOON,
    )
    await Certificate.create(
        id=uuid4(),
        number=uuid4().hex[:20],
        place_id=place.id,
        person_id=person.id,
        training_id=training,
        token=uuid4().hex,
        language="en",
        person_name=person.first_name,
        training_title="Training",
        grade_scale="pass_fail",
        length_minutes=60,
        held=[TODAY.isoformat()],
        issued_on=TODAY,
        valid_until=until,
    )


async def make_crew(*names: str) -> tuple[UUID, list[Person]]:
    company_id = await add_company(CompanyGiven(name=uuid4().hex), actor_id=None, now=NOON)
    people = [await make_person(name, "Ek", f"{name.lower()}@example.fi") for name in names]
    async with db.transaction():
        ids = [person.id for person in people]
        await employ(company_id, ids, source=Source.COMPANY, now=NOON)
    return company_id, people


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.mark.promise("P9")
async def test_the_list_is_narrowed_by_what_people_have(store: Settings) -> None:
    company_id, (anna, bo, cai, _dan) = await make_crew("Anna", "Bo", "Cai", "Dan")
    await qualify(anna, TRACK, days(20), company=company_id)
    await qualify(bo, TRACK, days(20), company=company_id)
    await qualify(bo, TRACK, days(400), company=company_id)
    await qualify(cai, TRACK, days(-1), company=company_id)
    await qualify(cai, FIRST_AID, None, company=company_id)

    async def found(**narrowed: object) -> list[str]:
        wanted = Wanted(**narrowed)  # type: ignore[arg-type]  # narrowed by keyword
        return [each.first_name for each in await workforce.names(company_id, wanted, now=NOON)]

    assert await found() == ["Anna", "Bo", "Cai", "Dan"]
    assert await found(qualified=Qualified.VALID) == ["Anna", "Bo", "Cai"]
    assert await found(qualified=Qualified.EXPIRING, days=20) == ["Anna"]
    assert await found(qualified=Qualified.EXPIRING, days=19) == []
    assert await found(qualified=Qualified.NONE) == ["Dan"]
    assert await found(qualified=Qualified.NONE, training=TRACK) == ["Cai", "Dan"]
    assert await found(qualified=Qualified.VALID, training=FIRST_AID) == ["Cai"]
    assert await found(words="ek bo@") == ["Bo"]
    assert await found(words="%' OR 1=1 --") == []
    months = await workforce.ending(company_id, now=NOON)
    assert {month: number for month, number in months.items() if number} == {
        days(20).replace(day=1): 1
    }
    assert len(months) == workforce.MONTHS


@pytest.mark.promise("P6")
async def test_the_old_employer_sees_nothing_of_the_new_one(register: Settings) -> None:
    old, (anna,) = await make_crew("Anna")
    new = await add_company(CompanyGiven(name="Uusi Oy"), actor_id=None, now=NOON)
    async with db.transaction():
        await employ(new, [anna.id], source=Source.COMPANY, now=NOON)
        await end_employment(old, anna.id, until=NOON, actor_id=uuid4(), now=NOON - timedelta(1))
    later = NOON + timedelta(days=1)
    await qualify(anna, TRACK, None, company=new)
    with pytest.raises(PersonNotFound):
        await workforce.worker(old, anna.id, now=later)
    assert await workforce.names(old, Wanted(), now=later) == []
    seen = await workforce.worker(new, anna.id, now=later)
    assert [each.training_id for each in seen.qualifications] == [TRACK]


@pytest.mark.promise("P8")
async def test_a_typed_name_opens_nobodys_records(store: Settings) -> None:
    """What was earned elsewhere is seen once the person agreed to a place that the company took,
    and no longer when they objected to one."""
    company, (anna,) = await make_crew("Anna")
    await qualify(anna, TRACK, days(20))
    wanted = Wanted(qualified=Qualified.VALID)

    async def seen() -> tuple[int, int, int]:
        one = await workforce.worker(company, anna.id, now=NOON)
        many = await workforce.names(company, wanted, now=NOON)
        ending = await workforce.ending(company, now=NOON)
        return len(one.qualifications), len(many), sum(ending.values())

    assert await seen() == (0, 0, 0)
    await qualify(anna, FIRST_AID, None, company=company)
    assert await seen() == (1, 1, 0)
    async with db.transaction():
        await Place.filter(company_id=company).update(agreed_at=NOON)
    assert await seen() == (2, 1, 1)
    async with db.transaction():
        await Place.filter(company_id=company).update(objected_at=NOON)
    assert await seen() == (1, 1, 0)
