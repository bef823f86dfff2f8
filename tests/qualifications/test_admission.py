"""Whether people have what a training needs, by results and by certificates (P8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.rules import Offering, SessionGiven, TrainingGiven
from registration.enrolment.rules import Lack
from registration.forms import parse
from registration.i18n import speaking
from registration.qualifications.admission import check, needs_any
from registration.qualifications.queries import certificates_of
from registration.qualifications.service import issue_for_session, revoke
from registration.settings import Settings
from tests.teaching.makers import FIRST, HOUR, LATER, NOW, School, enrol, make_school, record
from tests.web.counting import statements

# The training ends on 2.4.2027 in Finland and is valid for 12 months.
LAST_VALID = date(2028, 4, 2)


def noon_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=NOW.tzinfo)


async def wanted(needed: UUID, *, starts: datetime, valid: bool) -> Offering:
    """A session of a training that needs another one."""
    given = {"title": {"en": "Lead"}, "prerequisites": [{"training": needed, "valid": valid}]}
    training = await catalogue_service.add_training(
        parse(TrainingGiven, given), actor_id=None, now=NOW
    )
    times = {"starts_at": starts, "ends_at": starts + HOUR}
    session = parse(SessionGiven, {"training": training, "capacity": 5, **times})
    made = await catalogue_service.add_session(session, actor_id=None, now=NOW)
    return catalogue.session_offering(await catalogue.session(made))


async def made_school(settings: Settings, *, valid_months: int | None = 12) -> School:
    return await make_school(settings, days=2, start=FIRST, valid_months=valid_months)


async def completed(school: School, *, certified: bool) -> UUID:
    taken = await enrol(school)
    await record(school, {"place_id": taken.id, "grade": "4", "completed": True})
    if certified:
        await issue_for_session(school.id, actor_id=None, settings=school.settings, now=LATER)
    return taken.person_id


@pytest.mark.promise("P8")
@pytest.mark.parametrize("certified", [False, True], ids=["result", "certificate"])
@pytest.mark.parametrize(
    ("day", "valid", "lacks"),
    [
        (LAST_VALID, True, False),
        (LAST_VALID + timedelta(days=1), True, True),
        (LAST_VALID + timedelta(days=1), False, False),
    ],
    ids=["last-day", "day-after", "once-is-enough"],
)
async def test_what_was_completed_counts_as_long_as_it_must(
    register: Settings, certified: bool, day: date, valid: bool, lacks: bool
) -> None:
    school = await made_school(register)
    person = await completed(school, certified=certified)
    needed = school.session.training
    offering = await wanted(needed.id, starts=noon_of(day), valid=valid)
    expected = {person: (Lack(needed.id, needed.title, LAST_VALID),)} if lacks else {}
    assert await check([person], offering, NOW) == expected


async def test_the_reason_says_the_day_in_the_readers_language(register: Settings) -> None:
    lack = Lack(uuid4(), {"fi": "Ensiapu", "en": "First aid"}, LAST_VALID)
    with speaking("en"):
        said = lack.said()
        assert said == "First aid is no longer valid when the session begins: it ends on 2.4.2028."
        assert Lack(uuid4(), {"en": "First aid"}).said() == "First aid must be completed first."


async def test_without_a_result_or_with_another_ones_it_is_missing(register: Settings) -> None:
    school = await made_school(register, valid_months=None)
    other = await completed(school, certified=True)
    failed = await enrol(school, "Eero Eronen")
    await record(school, {"place_id": failed.id, "grade": "0", "completed": False})
    needed = school.session.training
    offering = await wanted(needed.id, starts=noon_of(LAST_VALID), valid=True)
    stranger = uuid4()
    missing = (Lack(needed.id, needed.title),)
    found = await check([other, failed.person_id, stranger], offering, NOW)
    assert found == {failed.person_id: missing, stranger: missing}


async def test_a_revoked_certificate_is_worth_nothing(register: Settings) -> None:
    school = await made_school(register)
    person = await completed(school, certified=True)
    (line,) = await certificates_of(person, now=LATER)
    await revoke(line.id, "Issued by mistake", actor_id=None, settings=register, now=LATER)
    offering = await wanted(school.session.training.id, starts=LATER + 48 * HOUR, valid=False)
    needed = school.session.training
    assert await check([person], offering, NOW) == {person: (Lack(needed.id, needed.title),)}


async def test_what_needs_nothing_asks_nothing(register: Settings) -> None:
    school = await made_school(register)
    plain = catalogue.session_offering(school.session)
    lead = await wanted(school.session.training.id, starts=noon_of(LAST_VALID), valid=True)
    assert [await needs_any(each) for each in (plain, lead)] == [False, True]
    assert await check([uuid4()], plain, NOW) == {}
    assert await check([], lead, NOW) == {}


async def test_the_number_of_queries_is_the_same_for_one_and_for_many(register: Settings) -> None:
    school = await made_school(register)
    people = []
    for _each in range(12):
        people.append(await completed(school, certified=False))
    lead = await wanted(school.session.training.id, starts=noon_of(LAST_VALID), valid=True)
    counts = []
    for asked in (people[:1], people):
        async with statements() as seen:
            await check(asked, lead, NOW)
        counts.append(len(seen))
    assert counts[0] == counts[1] > 0
