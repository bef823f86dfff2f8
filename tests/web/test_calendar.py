from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import httpx

from registration import clock
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.service import cancel
from registration.people.rules import Contact
from registration.settings import Settings
from registration.web.calendar import person_url, place_url
from tests.builders import log_in, make_participant
from tests.enrolment import ics
from tests.web.counting import statements
from tests.web.makers import filled, make_event, make_session, make_training, soon, take_place


def titles(answer: httpx.Response) -> list[str]:
    return [each.summary for each in ics.entries(answer.text)]


async def test_feed_has_all_current_places_and_no_other_persons(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, account_id = await make_participant()
    await log_in(client, account_id)
    mine = Contact(person.first_name, person.last_name, person.email, language="en")
    session = await make_session(days=2)
    kept = await take_place(session, settings, contact=mine)
    gone = await take_place(await make_event(), settings, contact=mine)
    await take_place(session, settings)
    await cancel(gone.id, actor_id=None, settings=settings, now=clock.now())
    shown = re.findall(r"http://testserver(/calendar/[^\s<\"]+)", (await client.get("/me")).text)
    assert shown[0] == person_url(person.id, settings)
    answer = await client.get(shown[0])
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert [(each.summary, each.uid, each.status) for each in ics.entries(answer.text)] == [
        ("Safety day", f"{gone.id.hex}-1@testserver", "CANCELLED"),
        ("Track safety", f"{kept.id.hex}-1@testserver", "CONFIRMED"),
    ]
    assert [len(each.times) for each in ics.entries(answer.text)] == [1, 2]


async def test_confirmation_leads_to_that_place_alone(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    """Whoever types somebody's name and address is not shown that person's other places."""
    person, _account = await make_participant()
    mine = Contact(person.first_name, person.last_name, person.email, language="en")
    await take_place(await make_event(), settings, contact=mine)
    session = await make_session(starts_at=soon(days=4))
    answer = await client.post(f"/sessions/{session.id}/enrol", data=filled())
    [link] = re.findall(r'href="(/calendar/[^"]+)"', answer.text)
    assert titles(await client.get(link)) == ["Track safety"]


async def test_waiting_place_is_not_in_a_calendar(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    session = await make_session(capacity=1)
    await take_place(session, settings)
    waiting = await take_place(session, settings)
    assert titles(await client.get(place_url(waiting.id, settings))) == []


async def test_altered_and_foreign_addresses_are_404(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, _account = await make_participant()
    good = person_url(person.id, settings)
    other = settings.model_copy(update={"secret": "t" * 43})
    for path in (
        good.replace(".ics", "x.ics"),
        good[:-10] + ".ics",
        person_url(person.id, other),
        person_url(uuid4(), settings),
        place_url(uuid4(), settings),
        f"/calendar/{person.id}.ics",
        "/calendar/" + "a" * 3000 + ".ics",
    ):
        assert (await client.get(path)).status_code == 404
    assert (await client.get(good)).status_code == 200


async def test_a_cancelled_place_is_said_for_a_month(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, _account = await make_participant()
    mine = Contact(person.first_name, person.last_name, person.email, language="en")
    taken = await take_place(await make_session(), settings, contact=mine)
    when = clock.now() - timedelta(days=29)
    await cancel(taken.id, actor_id=None, settings=settings, now=when)
    link = person_url(person.id, settings)
    assert [each.status for each in ics.entries((await client.get(link)).text)] == ["CANCELLED"]
    async with transaction():
        await Place.filter(id=taken.id).update(ended_at=when - timedelta(days=1))
    assert titles(await client.get(link)) == []


async def test_a_calendar_that_has_it_is_told_so_in_short(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, _account = await make_participant()
    mine = Contact(person.first_name, person.last_name, person.email, language="en")
    await take_place(await make_session(), settings, contact=mine)
    link = person_url(person.id, settings)
    first = await client.get(link)
    etag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for mark in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = await client.get(link, headers={"If-None-Match": mark})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    await take_place(await make_event(), settings, contact=mine)
    new = await client.get(link, headers={"If-None-Match": etag})
    assert (new.status_code, len(titles(new))) == (200, 2)
    assert new.headers["etag"] != etag
    head = await client.head(link)
    assert (head.status_code, head.headers["etag"]) == (200, new.headers["etag"])


async def test_a_new_address_ends_the_old_one(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, account_id = await make_participant()
    old = person_url(person.id, settings)
    assert (await client.get(old)).status_code == 200
    await log_in(client, account_id)
    answer = await client.post("/me/calendar/renew")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    shown = re.findall(r"http://testserver(/calendar/[^\s<\"]+)", (await client.get("/me")).text)
    assert shown[0] == person_url(person.id, settings, number=1)
    assert [(await client.get(path)).status_code for path in (old, shown[0])] == [404, 200]
    assert (await client.get(person_url(person.id, settings, number=2))).status_code == 404


async def test_a_calendar_of_many_places_asks_as_often_as_of_one(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, _account = await make_participant()
    mine = Contact(person.first_name, person.last_name, person.email, language="en")
    training, link = await make_training(), person_url(person.id, settings)
    asked = []
    for number in (1, 9):
        for _each in range(number):
            await take_place(await make_session(training, days=2), settings, contact=mine)
        async with statements() as queries:
            assert (await client.get(link)).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
