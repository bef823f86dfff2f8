from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from registration import clock
from registration.catering.rules import reveal
from registration.catering.service import diet_of
from registration.enrolment import queries as enrolment
from registration.enrolment.changes import cancel_session
from registration.enrolment.queries import PlaceLine
from registration.mail.models import Mail
from registration.people import queries as people
from registration.settings import Settings
from tests.builders import log_in, make_participant
from tests.web.makers import filled, make_event, make_session, soon, take_place

ERROR = re.compile(r'id="f-([a-z_]+)-error"')
DIET = {"needs": "vegan", "allergies": "nuts", "other": "zzz-marked", "serious": "1"}


async def places(seating_id: object) -> list[PlaceLine]:
    found = await enrolment.places(kind="session", limit=100)
    found += await enrolment.places(kind="event", limit=100)
    return [place for place in found if place.offering.seating_id == seating_id]


def errors(answer: httpx.Response) -> list[str]:
    return ERROR.findall(answer.text)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_forms_and_confirmations_in_each_language(
    client: httpx.AsyncClient, language: str
) -> None:
    session, event = await make_session(), await make_event()
    client.headers["Accept-Language"] = language
    for path in (f"/sessions/{session.id}/enrol", f"/events/{event.slug}/register"):
        form = await client.get(path)
        confirmed = await client.post(path, data=filled(email=f"{uuid4().hex}@example.fi"))
        assert (form.status_code, confirmed.status_code) == (200, 200)
        assert f'<html lang="{language}">' in form.text
        assert f'<html lang="{language}">' in confirmed.text


async def test_three_requests_give_a_place(client: httpx.AsyncClient) -> None:
    session = await make_session()
    page = await client.get(f"/sessions/{session.id}")
    assert f'href="/sessions/{session.id}/enrol"' in page.text
    form = await client.get(f"/sessions/{session.id}/enrol")
    token = re.findall(r'name="token" value="([0-9a-f]{32})"', form.text)
    answer = await client.post(
        f"/sessions/{session.id}/enrol",
        data=filled(token=token[0], phone="040 1234567", street="Kuja 1", city="Oulu", company="R"),
    )
    assert (answer.status_code, "You are signed up" in answer.text) == (200, True)
    assert answer.headers["cache-control"] == "no-store"
    [place] = await places(session.seating_id)
    contact = await people.contact(place.person_id)
    assert (place.status, place.source) == ("confirmed", "self")
    assert (contact.phone, contact.street, contact.city, contact.company_name) == (
        "+358401234567",
        "Kuja 1",
        "Oulu",
        "R",
    )


async def test_each_visitor_has_an_own_token(client: httpx.AsyncClient) -> None:
    session = await make_session()
    found = [
        re.findall(
            r'name="token" value="([0-9a-f]{32})"',
            (await client.get(f"/sessions/{session.id}/enrol")).text,
        )
        for _ in range(3)
    ]
    assert [len(tokens) for tokens in found] == [1, 1, 1]
    assert len({token for tokens in found for token in tokens}) == 3


async def test_each_of_many_at_once_reads_what_is_theirs(client: httpx.AsyncClient) -> None:
    session = await make_session(capacity=3)
    emails = [f"guest{number}&co@example.fi" for number in range(8)]
    answers = await asyncio.gather(
        *(client.post(f"/sessions/{session.id}/enrol", data=filled(email=one)) for one in emails)
    )
    for email, answer in zip(emails, answers, strict=True):
        said = re.findall(r"guest\d&amp;co@example\.fi", answer.text)
        assert set(said) == {email.replace("&", "&amp;")}
    calendars = [re.findall(r'href="(/calendar/[^"]+)"', answer.text) for answer in answers]
    assert sorted(map(len, calendars)) == [0] * 5 + [1] * 3
    assert len({one for found in calendars for one in found}) == 3
    numbers = [re.findall(r"Number (\d+) in the queue", answer.text) for answer in answers]
    assert sorted(number for found in numbers for number in found) == ["1", "2", "3", "4", "5"]
    opened = [await client.get(found[0]) for found in calendars if found]
    assert [answer.status_code for answer in opened] == [200] * 3


async def test_full_session_gives_a_turn_and_says_its_number(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    session = await make_session(capacity=1)
    await take_place(session, settings)
    await take_place(session, settings)
    form = await client.get(f"/sessions/{session.id}/enrol")
    answer = await client.post(f"/sessions/{session.id}/enrol", data=filled())
    assert "You join the waiting list." in form.text
    assert "You are on the waiting list" in answer.text
    assert "Number 2 in the queue" in answer.text
    assert "/calendar/" not in answer.text


async def test_same_form_sent_twice_is_answered_twice_and_done_once(
    client: httpx.AsyncClient,
) -> None:
    session = await make_session()
    sent = filled()
    first, second = await asyncio.gather(
        *(client.post(f"/sessions/{session.id}/enrol", data=sent) for _ in range(2))
    )
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.text == second.text
    assert len(await places(session.seating_id)) == 1
    assert await Mail.all().count() == 1


async def test_another_form_for_the_same_person_is_refused(client: httpx.AsyncClient) -> None:
    session = await make_session()
    await client.post(f"/sessions/{session.id}/enrol", data=filled())
    again = await client.post(f"/sessions/{session.id}/enrol", data=filled(company="Kept Oy"))
    assert (again.status_code, 'href="/me"' in again.text) == (409, True)
    assert 'value="Kept Oy"' in again.text
    assert len(await places(session.seating_id)) == 1


async def test_token_of_another_sign_up_is_refused_and_renewed(client: httpx.AsyncClient) -> None:
    session, token = await make_session(), uuid4().hex
    await client.post(f"/sessions/{session.id}/enrol", data=filled(token=token))
    other = filled(token=token, first_name="Other", email="other@example.fi")
    answer = await client.post(f"/sessions/{session.id}/enrol", data=other)
    assert (answer.status_code, token in answer.text) == (409, False)


async def test_errors_stand_by_their_fields_and_what_was_typed_stays(
    client: httpx.AsyncClient,
) -> None:
    event = await make_event()
    sent = filled(
        first_name="=Aino",
        last_name="",
        email="aino at example",
        phone="12",
        city="c" * 101,
        newsletter="1",
        **DIET,
    )
    answer = await client.post(f"/events/{event.slug}/register", data=sent)
    assert answer.status_code == 422
    assert errors(answer) == ["first_name", "last_name", "email", "phone", "city", "consent"]
    for kept in (
        'value="=Aino"',
        'value="aino at example"',
        'value="12"',
        f'value="{"c" * 101}"',
        "zzz-marked",
        f'value="{sent["token"]}"',
    ):
        assert kept in answer.text
    checked = re.findall(r'name="(\w+)" value="([\w-]+)" checked', answer.text)
    assert checked == [
        ("needs", "vegan"),
        ("allergies", "nuts"),
        ("serious", "1"),
        ("newsletter", "1"),
    ]
    assert await places(event.seating_id) == []


@pytest.mark.parametrize(
    "name",
    ["x" * 200, "<script>alert(1)</script>", "🎉🎉", "\u202eevil <b>", "   ", "=1+1", "123"],
)
async def test_hostile_names_are_refused_as_text(client: httpx.AsyncClient, name: str) -> None:
    session = await make_session()
    answer = await client.post(f"/sessions/{session.id}/enrol", data=filled(last_name=name))
    assert (answer.status_code, errors(answer)) == (422, ["last_name"])
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("name", ["محمد علي", "Åström-Öhman", "O’Neill", "Virtanen\0", "李"])
async def test_real_names_are_taken(client: httpx.AsyncClient, name: str) -> None:
    session = await make_session()
    answer = await client.post(f"/sessions/{session.id}/enrol", data=filled(last_name=name))
    [place] = await places(session.seating_id)
    assert (answer.status_code, place.last_name) == (200, name.replace("\0", ""))


async def test_what_is_missing_or_too_long_is_said_plainly(client: httpx.AsyncClient) -> None:
    session = await make_session()
    sent = {"company": "x" * 201, "city": "y" * 101}
    answer = await client.post(f"/sessions/{session.id}/enrol", data=sent)
    said = r'<li><a href="#f-(\w+)">([^<]+): <span class="error-said">([^<]+)</span></a>'
    summary = re.findall(said, answer.text)
    assert summary == [
        ("first_name", "First name", "Write your first name."),
        ("last_name", "Last name", "Write your last name."),
        ("email", "E-mail", "Write your e-mail address."),
        ("city", "City", "Use at most 100 characters."),
        ("company", "Company", "Use at most 200 characters."),
    ]


async def test_oversized_and_unreadable_bodies(client: httpx.AsyncClient) -> None:
    session = await make_session()
    path = f"/sessions/{session.id}/enrol"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    large = await client.post(path, data=filled(company="x" * 70_000))
    many = await client.post(path, content="&".join(["a=1"] * 500), headers=form)
    bytes_only = await client.post(path, content=b"first_name=%ff%fe", headers=form)
    empty = await client.post(path)
    assert [each.status_code for each in (large, many, bytes_only, empty)] == [413, 400, 400, 422]


async def test_trap_is_refused_and_emptied(client: httpx.AsyncClient) -> None:
    session = await make_session()
    answer = await client.post(f"/sessions/{session.id}/enrol", data=filled(website="spam.example"))
    assert (answer.status_code, "spam.example" in answer.text) == (422, False)
    assert await places(session.seating_id) == []


async def test_what_cannot_be_joined_is_refused(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    now = clock.now()
    full = await make_session(capacity=1, waiting_open=False)
    await take_place(full, settings)
    closed = await make_session(closes_at=now - timedelta(minutes=1))
    later = await make_session(opens_at=now + timedelta(days=1))
    off = await make_session()
    await client.get(f"/sessions/{off.id}/enrol")
    await cancel_session(off.id, actor_id=None, settings=settings, now=now)
    for line in (full, closed, later, off):
        path = f"/sessions/{line.id}/enrol"
        form = await client.get(path)
        answer = await client.post(path, data=filled(email=f"{uuid4().hex}@example.fi"))
        assert (form.status_code, "<form class=" in form.text) == (200, False)
        assert (answer.status_code, "You were not signed up" in answer.text) == (409, True)


async def test_unknown_is_404(client: httpx.AsyncClient) -> None:
    for path in (f"/sessions/{uuid4()}/enrol", "/sessions/x/enrol", "/events/none/register"):
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path, data=filled())).status_code == 404


async def test_consents_are_kept_one_by_one(client: httpx.AsyncClient) -> None:
    session = await make_session()
    await client.post(f"/sessions/{session.id}/enrol", data=filled(surveys="1", newsletter="0"))
    [place] = await places(session.seating_id)
    given = await people.consents(place.person_id)
    assert [(one.purpose.value, one.counts, one.waits) for one in given] == [
        ("surveys", False, True)
    ]


@pytest.mark.promise("P2")
async def test_only_catered_events_ask_for_food_restrictions(client: httpx.AsyncClient) -> None:
    session = await make_session()
    plain = await make_event(slug="plain", catered=False)
    catered = await make_event(slug="catered")
    asked = {
        path: 'name="allergies"' in (await client.get(path)).text
        for path in (
            f"/sessions/{session.id}/enrol",
            f"/events/{plain.slug}/register",
            f"/events/{catered.slug}/register",
        )
    }
    assert list(asked.values()) == [False, False, True]


@pytest.mark.promise("P5")
async def test_diet_is_kept_for_the_place_and_in_no_page_or_mail(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    event = await make_event()
    sent = filled(consent="1", **DIET)
    answer = await client.post(f"/events/{event.slug}/register", data=sent)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "zzz-marked" not in answer.text
    [place] = await places(event.seating_id)
    diet = await diet_of(place.id, settings=settings)
    assert diet is not None
    shown = reveal(diet)
    assert (shown.needs, shown.allergies, shown.other, shown.serious) == (
        ("vegan",),
        ("nuts",),
        "zzz-marked",
        True,
    )
    mail = await Mail.get()
    whole = f"{mail.subject}{mail.body_text}{mail.body_html}{mail.calendar}".lower()
    assert [word for word in ("zzz-marked", "vegan", "nuts") if word in whole] == []


async def test_diet_for_an_event_without_catering_is_refused(client: httpx.AsyncClient) -> None:
    event = await make_event(catered=False)
    sent = filled(consent="1", **DIET)
    answer = await client.post(f"/events/{event.slug}/register", data=sent)
    assert answer.status_code == 422
    assert await places(event.seating_id) == []


async def test_participant_finds_the_form_filled_in_and_keeps_their_name(
    client: httpx.AsyncClient,
) -> None:
    person, account_id = await make_participant()
    await log_in(client, account_id)
    session = await make_session(starts_at=soon(days=3))
    form = await client.get(f"/sessions/{session.id}/enrol")
    assert 'value="aino@example.fi"' in form.text
    sent = filled(first_name="Somebody", email="else@example.fi", phone="0401234567")
    answer = await client.post(f"/sessions/{session.id}/enrol", data=sent)
    assert answer.status_code == 200
    [place] = await places(session.seating_id)
    contact = await people.contact(person.id)
    assert (place.person_id, contact.first_name, contact.email, contact.phone) == (
        person.id,
        "Aino",
        "aino@example.fi",
        "+358401234567",
    )
