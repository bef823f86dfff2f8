from __future__ import annotations

import re
from uuid import uuid4

import httpx
from icalendar import Calendar

from registration import clock
from registration.enrolment.service import cancel
from registration.people.rules import Contact
from registration.settings import Settings
from registration.web.calendar import person_url, place_url
from tests.builders import log_in, make_participant
from tests.web.makers import filled, make_event, make_session, soon, take_place


def entries(answer: httpx.Response) -> list[tuple[str, str]]:
    calendar = Calendar.from_ical(answer.text)
    return [(str(each["summary"]), str(each["uid"])) for each in calendar.walk("VEVENT")]


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
    assert entries(answer) == [
        ("Track safety", f"{kept.id.hex}-1@testserver"),
        ("Track safety", f"{kept.id.hex}-2@testserver"),
    ]


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
    assert [title for title, _uid in entries(await client.get(link))] == ["Track safety"]


async def test_waiting_place_is_not_in_a_calendar(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    session = await make_session(capacity=1)
    await take_place(session, settings)
    waiting = await take_place(session, settings)
    assert entries(await client.get(place_url(waiting.id, settings))) == []


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
