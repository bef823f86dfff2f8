"""Booking for many: chosen from the list, looked at, sent; and what must not go through."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from registration import clock, db
from registration.accounts.models import Grant
from registration.companies.models import Company
from registration.companies.service import employ
from registration.enrolment.models import HeldSeat, Place
from registration.people.models import Person
from registration.people.rules import Source
from tests.builders import make_person
from tests.web.company.conftest import Office, figures, make_company, words
from tests.web.makers import make_session

FORMULA = '=HYPERLINK("http://x")'


async def crew(company_id: UUID, *names: str) -> list[UUID]:
    people: list[Person] = [
        await make_person(name, "Ek", f"{name.lower()}@ek.example") for name in names
    ]
    ids = [person.id for person in people]
    async with db.transaction():
        await employ(company_id, ids, source=Source.COMPANY, now=clock.now())
    return ids


async def test_ticks_stay_while_one_searches_and_adds(office: Office) -> None:
    anna, bo = await crew(office.company, "Anna", "Bo")
    path = f"{office.path}/book"
    assert words(await office.coordinator.get(path), "tbody th") == ["Anna Ek", "Bo Ek"]
    sought = {"do": "find", "q": "bo", "person": str(anna)}
    page = await office.coordinator.post(path, data=sought)
    assert words(page, "tbody th") == ["Anna Ek", "Bo Ek"]
    assert page.text.count(" checked>") == 1
    new = {"first_name": "Cai", "last_name": "Dahl", "email": "cai@ek.example"}
    wrong = await office.coordinator.post(path, data={"do": "add", **new, "email": "x"})
    assert (wrong.status_code, 'value="Cai"' in wrong.text) == (422, True)
    added = await office.coordinator.post(path, data={"do": "add", "person": str(bo), **new})
    assert 'name="new_email" value="cai@ek.example"' in added.text
    everybody = await office.coordinator.post(path, data={"do": "all"})
    assert everybody.text.count(" checked>") == 2
    nobody = await office.coordinator.post(path, data={"do": "check"})
    assert nobody.status_code == 422


@pytest.mark.promise("P6")
async def test_the_look_before_sending_says_who_has_it_and_who_is_elsewhere(
    office: Office,
) -> None:
    anna, bo, cai = await crew(office.company, "Anna", "Bo", "Cai")
    same_day = await make_session(starts_at=office.session.starts_at, capacity=9)
    elsewhere = f"/company/sessions/{same_day.id}/book"
    await office.coordinator.post(elsewhere, data={"do": "enrol", "person": str(bo)})
    path = f"{office.path}/book"
    await office.coordinator.post(path, data={"do": "enrol", "person": str(anna)})
    people = {"person": [str(anna), str(bo), str(cai)], "order_number": "PO-7"}
    page = await office.coordinator.post(path, data=people | {"do": "check"})
    rows = dict(zip(words(page, "tbody .who-name"), words(page, "tbody .badge"), strict=True))
    assert rows == {
        "Bo Ek": "Is enrolled; look",
        "Anna Ek": "Nothing",
        "Cai Ek": "Is enrolled",
    }
    assert await Place.filter(seating_id=office.session.seating_id).count() == 1
    done = await office.coordinator.post(path, data=people | {"do": "enrol"})
    assert figures(done) == {
        "Confirmed": 2,
        "Wait for an answer": 0,
        "On the waiting list": 0,
        "Not enrolled": 1,
    }
    orders = await Place.filter(seating_id=office.session.seating_id).values_list(
        "person_id", "order_number"
    )
    assert dict(orders) == {anna: "", bo: "PO-7", cai: "PO-7"}


async def test_an_order_number_is_wanted_where_the_company_says_so(office: Office) -> None:
    (anna,) = await crew(office.company, "Anna")
    await Company.filter(id=office.company).update(order_needed=True)
    path = f"{office.path}/book"
    given = {"do": "enrol", "person": str(anna)}
    one = {"first_name": "Bo", "last_name": "Ek", "email": "bo@ek.example", "language": "en"}
    refused = [
        await office.coordinator.post(path, data=given),
        await office.coordinator.post(path, data=given | {"order_number": "x" * 10_000}),
        await office.coordinator.post(f"{office.path}/enrol", data=one),
        await office.coordinator.post(f"{office.path}/seats", data={"number": "2"}),
    ]
    assert [answer.status_code for answer in refused] == [422] * 4
    assert (await Place.all().count(), await HeldSeat.all().count()) == (0, 0)
    fine = await office.coordinator.post(path, data=given | {"order_number": FORMULA})
    assert fine.status_code == 200
    assert (await Place.get()).order_number == FORMULA


async def test_others_people_and_nonsense_are_no_employees(office: Office) -> None:
    other = await make_company("Kolmas Oy")
    (stranger,) = await crew(other, "Veera")
    path = f"{office.path}/book"
    answers = [
        await office.coordinator.post(path, data={"do": do, "person": person})
        for do in ("find", "check", "enrol")
        for person in (str(stranger), str(uuid4()), "nonsense", "' OR 1=1")
    ]
    assert [answer.status_code for answer in answers] == [404] * 12
    assert all("Veera" not in answer.text for answer in answers)
    assert await Place.all().count() == 0


async def test_thousands_of_ticks_are_answered(office: Office) -> None:
    (anna,) = await crew(office.company, "Anna")
    ticks = [str(anna)] * 5_000
    path = f"{office.path}/book"
    done = await office.coordinator.post(path, data={"do": "enrol", "person": ticks})
    assert figures(done)["Confirmed"] == 1
    many = [str(uuid4()) for _tick in range(5_000)]
    refused = await office.coordinator.post(path, data={"do": "enrol", "person": many})
    assert refused.status_code == 404


async def test_hostile_names_are_shown_as_text(office: Office) -> None:
    bad = {"first_name": "<script>x</script>", "last_name": FORMULA, "email": "e@ek.example"}
    page = await office.coordinator.post(f"{office.path}/book", data={"do": "add"} | bad)
    assert "<script>x" not in page.text


async def test_of_two_coordinators_one_gets_the_last_seat(office: Office) -> None:
    anna, bo = await crew(office.company, "Anna", "Bo")
    line = await make_session(capacity=1, waiting_open=False)
    path = f"/company/sessions/{line.id}/book"
    answers = await asyncio.gather(
        *(
            office.coordinator.post(path, data={"do": "enrol", "person": str(each)})
            for each in (anna, bo)
        )
    )
    assert sorted(figures(answer)["Confirmed"] for answer in answers) == [0, 1]


async def test_whose_access_ended_between_page_and_post_books_nobody(office: Office) -> None:
    (anna,) = await crew(office.company, "Anna")
    path = f"{office.path}/book"
    assert (await office.coordinator.get(path)).status_code == 200
    await Grant.filter(account_id=office.account).update(ends_at=clock.now())
    answer = await office.coordinator.post(path, data={"do": "enrol", "person": str(anna)})
    assert answer.status_code in {403, 404}
    assert await Place.all().count() == 0
