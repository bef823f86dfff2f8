"""What a person says to a place that a company took for them (P6)."""

from __future__ import annotations

import json
from uuid import UUID

import httpx
import pytest

from registration import clock
from registration.catalogue.queries import session_offering
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.employees import enrol_one
from registration.enrolment.models import Place
from registration.enrolment.objections import objections
from registration.ledger.models import Entry
from registration.people.rules import Contact
from registration.settings import Settings
from tests.builders import log_in, make_account, make_participant
from tests.web.counting import statements
from tests.web.makers import make_session, soon, take_place
from tests.web.staff.conftest import words

AINO = Contact("Aino", "Virtanen", "aino@example.fi", language="en")


async def enrolled(settings: Settings, *, days: int = 10) -> UUID:
    """A company took a place for Aino."""
    now = clock.now()
    company = await add_company(CompanyGiven(name=f"Rata {days} Oy"), actor_id=None, now=now)
    line = await make_session(starts_at=soon(days=days))
    made = await enrol_one(
        session_offering(line),
        AINO,
        company_id=company,
        actor_id=await make_account(email=f"koulutus{days}@rata.example"),
        settings=settings,
        now=now,
    )
    assert made.place_id is not None
    return made.place_id


async def said_of(place_id: UUID) -> tuple[bool, bool]:
    """Whether the person (agreed, objected)."""
    place = await Place.get(id=place_id)
    return place.agreed_at is not None, place.objected_at is not None


async def aino(client: httpx.AsyncClient) -> None:
    _person, account = await make_participant()
    await log_in(client, account)


@pytest.mark.promise("P6")
async def test_the_person_says_that_it_is_right_or_not_and_changes_it(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await aino(client)
    place = await enrolled(settings)
    path = f"/me/places/{place}/answer"
    assert path in (await client.get("/me")).text
    assert words(await client.get(path), "h1") == ["Is this place right?"]
    assert await said_of(place) == (False, False)
    for word, said in (("agrees", (True, False)), ("objects", (False, True))):
        for _each in range(2):
            assert (await client.post(path, data={"answer": word})).status_code == 303
        assert await said_of(place) == said
    assert [line.id for line in await objections(now=clock.now())] == [place]
    entries = await Entry.filter(object_id=place).order_by("number")
    assert [json.loads(each.detail)["codes"] for each in entries][-2:] == [["agreed"], ["objected"]]
    assert "You do not agree to this place." in (await client.get("/me")).text


@pytest.mark.parametrize("answer", ["", "yes", "AGREES", "agrees objects", "x" * 4000, "<b>"])
async def test_what_is_neither_answers_nothing(
    client: httpx.AsyncClient, settings: Settings, answer: str
) -> None:
    await aino(client)
    place = await enrolled(settings)
    given = await client.post(f"/me/places/{place}/answer", data={"answer": answer})
    assert (given.status_code, await said_of(place)) == (422, (False, False))


async def test_ones_own_place_and_anothers_have_nothing_to_answer(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await aino(client)
    own = (await take_place(await make_session(), settings, contact=AINO)).id
    other = (await take_place(await make_session(), settings)).id
    answers = [
        await client.post(f"/me/places/{place}/answer", data={"answer": "objects"})
        for place in (own, other)
    ]
    assert [each.status_code for each in answers] == [409, 404]
    assert await objections(now=clock.now()) == []


async def test_staff_see_who_does_not_agree(client: httpx.AsyncClient, settings: Settings) -> None:
    await aino(client)
    place = await enrolled(settings)
    await client.post(f"/me/places/{place}/answer", data={"answer": "objects"})
    await log_in(client, await make_account())
    home = await client.get("/staff")
    assert words(home, "#decide a") == ["Aino Virtanen"]
    page = await client.get(f"/staff/places/{place}")
    assert words(page, ".banner-title") == ["The person does not agree to this place"]


async def test_my_page_asks_the_same_for_one_place_and_for_many(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await aino(client)
    counts = []
    for more in (range(10, 11), range(11, 19)):
        for days in more:
            await enrolled(settings, days=days)
        async with statements() as seen:
            assert (await client.get("/me")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
