"""A company's own pages: what it sees, one place at a time, and nobody else's."""

from __future__ import annotations

import httpx
import pytest

from registration.accounts.rules import Role
from registration.enrolment.models import Place
from registration.enrolment.queries import places_of_company
from registration.mail.models import Mail
from registration.people.models import Person
from registration.settings import Settings
from tests.builders import log_in, make_account
from tests.conftest import browser
from tests.web.company.conftest import Office, figures, make_company, words
from tests.web.counting import statements
from tests.web.makers import make_session, take_place

AINO = {
    "first_name": "Aino",
    "last_name": "Virtanen",
    "email": "aino@example.fi",
    "language": "en",
}


PEOPLE = "#results .who-text > a"
FEW_LETTERS = "abcdefghijkl"
MANY = [f"Person{one}{two}" for one in FEW_LETTERS for two in "abcdefghij"]


async def enrol_many(office: Office) -> None:
    """120 people, from ``Personaa`` to ``Personlj``."""
    rows = "".join(f"Test;{name};{name}@example.fi\n" for name in MANY)
    listed = await office.upload(("First name;Last name;E-mail\n" + rows).encode())
    await office.coordinator.post(f"{listed}/enrol", data={})
    assert await Place.filter(status="confirmed").count() >= len(MANY)


async def place_of(office: Office, **person: str) -> str:
    answer = await office.coordinator.post(f"{office.path}/enrol", data=AINO | person)
    assert (answer.status_code, answer.headers["location"]) == (303, office.path)
    (line,) = [
        one
        for one in await places_of_company(office.company)
        if one.email == (AINO | person)["email"]
    ]
    return f"/company/places/{line.id}"


@pytest.mark.promise("P6")
async def test_one_person_is_enrolled_by_form_and_told_by_whom(office: Office) -> None:
    await place_of(office)
    page = await office.coordinator.get(office.path)
    assert words(page, "#people .who-name") == ["Aino Virtanen"]
    (mail,) = await Mail.filter(template="place-confirmed")
    assert "Pohjolan Rata Oy" in mail.body_text
    assert (await Place.get()).enrolled_by == office.account


async def test_form_keeps_what_was_typed_and_says_what_is_wrong(office: Office) -> None:
    wrong = AINO | {"email": "aino at example", "phone": "12"}
    answer = await office.coordinator.post(f"{office.path}/enrol", data=wrong)
    assert answer.status_code == 422
    assert words(answer, ".field-error") == [
        "Write the address as name@company.fi, without spaces.",
        "Write the number as 040 123 4567, or with its country code as +46 70 123 45 67.",
    ]
    assert 'value="aino at example"' in answer.text
    await place_of(office)
    again = await office.coordinator.post(f"{office.path}/enrol", data=AINO)
    assert again.status_code == 409
    assert await Place.all().count() == 1


async def test_cancel_asks_first_and_frees_the_seat(office: Office) -> None:
    path = await place_of(office)
    asked = await office.coordinator.get(f"{path}/cancel")
    assert words(asked, "h1") == ["Cancel the place of Aino Virtanen?"]
    assert (await Place.get()).status == "confirmed"
    done = await office.coordinator.post(f"{path}/cancel")
    assert done.headers["location"] == office.path
    assert (await Place.get()).status == "cancelled"
    again = await office.coordinator.post(f"{path}/cancel")
    assert again.status_code == 409


async def test_substitute_takes_over_the_place(office: Office) -> None:
    path = await place_of(office)
    new = AINO | {"first_name": "Bo", "last_name": "Ek", "email": "bo@example.fi"}
    wrong = await office.coordinator.post(f"{path}/substitute", data=new | {"email": "x"})
    assert wrong.status_code == 422
    done = await office.coordinator.post(f"{path}/substitute", data=new)
    assert done.headers["location"] == office.path
    current = await Place.filter(current=True).select_related("person")
    assert [place.person.email for place in current] == ["bo@example.fi"]
    page = await office.coordinator.get("/company/people")
    assert words(page, PEOPLE) == ["Bo Ek", "Aino Virtanen"]


async def test_pages_and_acts_of_another_company_are_not_there(
    office: Office, settings: Settings
) -> None:
    path = await place_of(office)
    seen = [
        await office.stranger.get(f"{path}/cancel"),
        await office.stranger.post(f"{path}/cancel"),
        await office.stranger.get(f"{path}/substitute"),
        await office.stranger.post(f"{path}/substitute", data=AINO),
        await office.stranger.get(f"/company?company={office.company}"),
        await office.stranger.get(f"/company/people?company={office.company}"),
        await office.stranger.get(f"{office.path}?company={office.company}"),
        await office.stranger.get("/company?company=nonsense"),
        await office.stranger.get(f"/company/sessions/{office.company}"),
    ]
    assert [answer.status_code for answer in seen] == [404] * 9
    assert (await Place.get()).status == "confirmed"
    people = await office.stranger.get("/company/people")
    there = await office.stranger.get(office.path)
    assert ("Virtanen" in people.text, "Virtanen" in there.text) == (False, False)
    await take_place(office.session, settings)
    ours = await office.coordinator.get(office.path)
    assert words(ours, "#people .who-name") == ["Aino Virtanen"]
    own = await Place.filter(company_id=None).get()
    answer = await office.coordinator.post(f"/company/places/{own.id}/cancel")
    assert answer.status_code == 404


async def test_home_says_what_is_coming_and_what_waits(office: Office) -> None:
    empty = await office.coordinator.get("/company")
    assert words(empty, ".empty-title") == ["None of your people has a place"]
    await place_of(office)
    small = await make_session(capacity=1)
    for email in ("aino@example.fi", "bo@example.fi"):
        await office.coordinator.post(
            f"/company/sessions/{small.id}/enrol", data=AINO | {"email": email}
        )
    await office.upload(b"First name;Last name;E-mail\nCai;Dahl;cai@example.fi\n", "cai.csv")
    page = await office.coordinator.get("/company")
    assert figures(page) == {
        "Seats for your people": 2,
        "On a waiting list": 1,
        "People on record": 2,
    }
    assert words(page, ".todo a") == ["Go on with the list cai.csv"]


async def test_coordinator_of_two_companies_chooses(office: Office) -> None:
    second = await make_company("Zeta Oy")
    both = await make_account(
        Role.COORDINATOR, "both@example.fi", "Both", company_id=second, nda_on=None
    )
    await make_account(
        Role.COORDINATOR, "both@example.fi", "Both", company_id=office.company, nda_on=None
    )
    await place_of(office)
    async with browser(office.app) as client:
        await log_in(client, both)
        first = await client.get("/company")
        other = await client.get(f"/company?company={second}")
        assert (words(first, "h1"), words(other, "h1")) == (["Pohjolan Rata Oy"], ["Zeta Oy"])
        sent: httpx.Response = await client.post(
            f"{office.path}/enrol?company={second}", data=AINO | {"email": "z@example.fi"}
        )
        assert sent.headers["location"] == f"{office.path}?company={second}"
    assert [line.email for line in await places_of_company(second)] == ["z@example.fi"]


async def test_lists_ask_as_many_queries_for_many_as_for_one(office: Office) -> None:
    paths = ("/company", "/company/people", office.path, "/company/sessions")
    await place_of(office)
    few: list[int] = []
    for path in paths:
        async with statements() as seen:
            await office.coordinator.get(path)
        few.append(len(seen))
    await enrol_many(office)
    many: list[int] = []
    for path in paths:
        async with statements() as seen:
            await office.coordinator.get(path)
        many.append(len(seen))
    assert many == few


async def test_people_are_paged_and_searched(office: Office) -> None:
    await enrol_many(office)
    second = await office.coordinator.get("/company/people?page=2")
    assert words(second, PEOPLE)[0] == "Test Personcf"
    assert "26–50 of 120" in words(second, ".pager span")
    found = await office.coordinator.get("/company/people?q=personlh+test")
    assert words(found, PEOPLE) == ["Test Personlh"]
    assert await Person.all().count() == 120
