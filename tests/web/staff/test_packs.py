"""Packs that should be destroyed, as staff see them; and what each organisation was given (P7)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration import clock
from registration.i18n import DEFAULT_ZONE
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.models import Pack, Recipient
from registration.teaching.rules import PackFormat, PackPurpose
from tests.teaching.makers import School, enrol, make_school
from tests.web.staff.conftest import House, error, words

DAY = timedelta(days=1)


async def take(school: School, *purposes: PackPurpose) -> None:
    for purpose in purposes:
        await make_pack(
            school.id,
            purpose,
            PackFormat.JSON,
            identity=school.trainer,
            settings=school.settings,
            now=clock.now(),
        )


async def school_now(settings: Settings) -> School:
    school = await make_school(settings, start=clock.now() - timedelta(days=1, hours=1))
    await enrol(school, "Aino Virtanen")
    return school


async def ended(school: School, purpose: PackPurpose, days: int) -> UUID:
    """The pack of this purpose was to be destroyed so many days ago."""
    rows = Pack.filter(purpose=purpose.value, recipient_id=school.recipient_id)
    await rows.update(ends_at=clock.now() - days * DAY, asked_at=clock.now() - days * DAY)
    (row,) = await rows
    return row.id


def figure(page: object, label: str) -> str:
    found = dict(
        zip(words(page, ".stats dt"), words(page, ".stats dd"), strict=True)  # type: ignore[arg-type]  # an answer
    )
    return found[label]


@pytest.mark.promise("P7")
async def test_staff_see_who_has_not_confirmed_by_organisation_and_for_how_long(
    house: House,
) -> None:
    first, second = [await school_now(house.settings) for _each in range(2)]
    for school in (first, second):
        await take(school, PackPurpose.PERMIT, PackPurpose.CERTIFICATE)
    assert words(await house.staff.get("/staff/packs"), "tbody tr") == []
    await ended(first, PackPurpose.PERMIT, 20)
    await ended(second, PackPurpose.PERMIT, 1)
    page = await house.staff.get("/staff/packs")
    names = [(await Recipient.get(id=each.recipient_id)).name for each in (first, second)]
    assert words(page, "main section h2") == names
    assert words(page, "tbody .badge") == ["Overdue", "Asked"]
    assert words(page, "tbody td .quiet") == ["JSON", "20 days ago", "JSON", "1 day ago"]
    assert "Virtanen" not in page.text
    assert figure(await house.staff.get("/staff"), "Packs not destroyed") == "1"


async def test_staff_record_what_they_were_told(house: House) -> None:
    school = await school_now(house.settings)
    await take(school, PackPurpose.PERMIT)
    path = f"/staff/packs/{await ended(school, PackPurpose.PERMIT, 20)}"
    wrong = await house.staff.post(path, data={"told": " x "})
    assert (wrong.status_code, len(error(wrong, "told"))) == (422, 1)
    answer = await house.staff.post(path, data={"told": "Called, 3.5."})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/packs")
    page = await house.staff.get(path)
    assert (words(page, "main form"), "Called, 3.5." in page.text) == ([], True)
    assert words(await house.staff.get("/staff/packs"), "tbody tr") == []
    assert (await house.staff.get(f"/staff/packs/{uuid4()}")).status_code == 404


@pytest.mark.promise("P7")
@pytest.mark.promise("P15")
async def test_each_organisation_shows_what_it_was_given(house: House) -> None:
    school = await school_now(house.settings)
    await enrol(school, "Eero Mäkinen")
    await take(school, PackPurpose.PERMIT, PackPurpose.PERMIT, PackPurpose.ATTENDANCE)
    await ended(school, PackPurpose.ATTENDANCE, 2)
    page = await house.staff.get("/staff/recipients")
    assert words(page, "tbody td .when-where > span") == [
        "Attendance list 1",
        "Data for permits 2",
        "1 to be destroyed",
    ]
    page = await house.staff.get(f"/staff/recipients/{school.recipient_id}")
    given = dict(zip(words(page, ".stats dt"), words(page, ".stats dd"), strict=True))
    assert given == {
        "Attendance list": "1",
        "Data for permits": "2",
        "People in these packs, once a pack": "6",
        "Names shown to its trainers": "0",
        "Packs that are out": "3",
        "Packs to destroy": "1",
    }
    assert len(words(page, "tbody tr")) == 3
    assert "Virtanen" not in page.text


@pytest.mark.promise("P16")
async def test_a_country_outside_the_eea_ends_the_packs_that_are_out(house: House) -> None:
    school = await school_now(house.settings)
    await take(school, PackPurpose.PERMIT)
    path = f"/staff/recipients/{school.recipient_id}"
    form = {"name": "Raidekoulu", "country": "US", "agreement_on": "2020-01-01"}
    await house.staff.post(path, data=form)
    await house.staff.get(path)  # says once that it is saved
    page = await house.staff.get(path)
    assert words(page, ".banner p") == [
        "It is outside the European Economic Area and no safeguard is recorded: its trainers see "
        "nobody. 1 pack that it took must be destroyed."
    ]
    assert words(page, "tbody .badge") == ["Ended"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"country": ""}, "country"),
        ({"country": "XX"}, "country"),
        ({"country": "Finland"}, "country"),
        ({"agreement_on": "1.13.2026"}, "agreement_on"),
        ({"agreement_on": "2026-02-30"}, "agreement_on"),
        ({"agreement_on": "", "agreement_until": "2027-01-01"}, "agreement_until"),
        ({"agreement_until": "2019-12-31"}, "agreement_until"),
        ({"safeguard": "x" * 201}, "safeguard"),
    ],
    ids=[
        "empty", "blank", "long", "no-country", "no-such-country", "words", "no-such-month",
        "no-such-day", "end-alone", "end-first", "long-safeguard",
    ],
)  # fmt: skip
async def test_bad_input_is_said_at_its_field_and_nothing_is_saved(
    house: House, form: dict[str, str], field: str
) -> None:
    whole = {"name": "Raidekoulu", "country": "FI", "agreement_on": "2020-01-01"}
    answer = await house.staff.post("/staff/recipients/new", data=whole | form)
    assert (answer.status_code, len(error(answer, field))) == (422, 1)
    assert await Recipient.all().count() == 0


async def test_an_agreement_of_one_day_may_be_today(house: House) -> None:
    today = clock.now().astimezone(DEFAULT_ZONE).date().isoformat()
    form = {"name": "A", "country": "FI", "agreement_on": today, "agreement_until": today}
    assert (await house.staff.post("/staff/recipients/new", data=form)).status_code == 303
    assert words(await house.staff.get("/staff/recipients"), "tbody .badge") == ["In force"]
