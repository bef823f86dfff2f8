from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.catalogue.service import mark_diets_deleted
from registration.catering.rules import Diet, DietShown, reveal
from registration.catering.service import change_diet, diet_of
from registration.db import transaction
from registration.enrolment import queries as enrolment
from registration.i18n import format_date
from registration.ledger.queries import receipts
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose, give_receipt
from registration.people import queries as people
from registration.people.models import Person
from registration.people.rules import Contact, Source
from registration.people.service import know
from registration.settings import Settings
from tests.builders import log_in, make_participant, make_person
from tests.conftest import browser
from tests.web.makers import make_event, make_session, soon, take_place

PAGES = ("/me", "/me/data", "/me/consents", "/me/seen")
DIET = Diet(DietShown(("vegan",), ("nuts",), "zzz-marked", serious=True))


def contact_of(person: Person) -> Contact:
    return Contact(person.first_name, person.last_name, person.email, language="en")


async def aino(client: httpx.AsyncClient) -> Person:
    person, account_id = await make_participant()
    await log_in(client, account_id)
    return person


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_own_pages_open_in_each_language(client: httpx.AsyncClient, language: str) -> None:
    await aino(client)
    for path in PAGES:
        answer = await client.get(f"{path}?lang={language}")
        assert (answer.status_code, path) == (200, path)
        assert f'<html lang="{language}">' in answer.text
        assert answer.headers["cache-control"] == "private, no-store"


async def test_own_pages_ask_for_a_login(client: httpx.AsyncClient) -> None:
    for path in (*PAGES, f"/me/places/{uuid4()}/cancel", f"/me/places/{uuid4()}/diet"):
        answer = await client.get(path)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")


async def test_home_shows_places_ahead_in_order_and_those_before(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(client)
    later = await make_event("Later", slug="later", starts_at=soon(days=30))
    full = await make_session(capacity=1, starts_at=soon(days=3))
    await take_place(full, settings)
    for line in (later, full):
        await take_place(line, settings, contact=contact_of(person))
    text = (await client.get("/me")).text
    found = re.findall(r"<h3><a [^>]*>([^<]+)", text)
    assert found == ["Track safety", "Later"]
    assert "Number 1 in the queue" in text
    assert "Leave the waiting list" in text


async def test_cancelling_asks_first_and_frees_the_seat(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(client)
    session = await make_session(capacity=1)
    mine = await take_place(session, settings, contact=contact_of(person))
    other = await take_place(session, settings)
    path = f"/me/places/{mine.id}/cancel"
    asked = await client.get(path)
    assert (asked.status_code, (await enrolment.place(mine.id)).status) == (200, "confirmed")
    done = await client.post(path)
    assert (done.status_code, done.headers["location"]) == (303, "/me")
    assert "Your place is cancelled." in (await client.get("/me")).text
    assert (await enrolment.place(other.id)).status == "confirmed"
    assert (await client.post(path)).status_code == 409


async def test_other_peoples_places_are_not_there(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await aino(client)
    event = await make_event()
    theirs = await take_place(event, settings)
    for path in ("cancel", "diet", "diet/withdraw"):
        for place_id in (theirs.id, uuid4(), "x"):
            answer = await client.post(f"/me/places/{place_id}/{path}")
            assert (answer.status_code, path) == (404, path)
    for path in ("cancel", "diet"):
        assert (await client.get(f"/me/places/{theirs.id}/{path}")).status_code == 404
    assert (await enrolment.place(theirs.id)).status == "confirmed"


async def test_corrected_data_is_kept(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    sent = {
        "first_name": "Aino",
        "last_name": "Virtanen-Öhman",
        "email": "aino@example.fi",
        "phone": "040 1234567",
        "language": "sv",
        "city": "Åbo",
    }
    answer = await client.post("/me/data", data=sent)
    contact = await people.contact(person.id)
    assert answer.status_code == 303
    assert (contact.last_name, contact.phone, contact.language, contact.city) == (
        "Virtanen-Öhman",
        "+358401234567",
        "sv",
        "Åbo",
    )


async def test_wrong_data_stays_typed_and_unsaved(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    sent = {"first_name": "<b>", "last_name": "x" * 200, "email": "no", "country": "Finland"}
    answer = await client.post("/me/data", data=sent)
    assert answer.status_code == 422
    assert re.findall(r'id="f-([a-z_]+)-error"', answer.text) == [
        "first_name",
        "last_name",
        "email",
        "country",
    ]
    assert 'value="&lt;b&gt;"' in answer.text
    assert (await people.contact(person.id)).first_name == "Aino"


async def test_data_of_another_person_is_refused(client: httpx.AsyncClient) -> None:
    await aino(client)
    await make_person("Liisa", "Koski", "liisa@example.fi")
    sent = {"first_name": "Liisa", "last_name": "Koski", "email": "liisa@example.fi"}
    assert (await client.post("/me/data", data=sent)).status_code == 409


@pytest.mark.promise("P6")
async def test_what_a_company_gave_is_taken_over_only_if_ticked(client: httpx.AsyncClient) -> None:
    person = await aino(client)
    now = clock.now()
    for given in (
        Contact("Aino", "Virtanen", person.email, city="Oulu", phone="+358401111111"),
        Contact("Aino", "Virtanen", person.email, city="Vaasa", phone="+358402222222"),
    ):
        async with transaction():
            await know(given, source=Source.COMPANY, now=now)
    page = await client.get("/me/data")
    assert re.findall(r'name="take" value="(\w+)"', page.text) == ["city", "phone"]
    await client.post("/me/suggestions", data={"take": "city"})
    contact = await people.contact(person.id)
    assert (contact.city, contact.phone) == ("Vaasa", "+358401111111")
    assert await people.suggestions(person.id) == []


@pytest.mark.promise("P10")
async def test_consents_are_as_ticked(client: httpx.AsyncClient) -> None:
    person = await aino(client)

    async def asked_for() -> list[str]:
        lines = await people.consents(person.id)
        return sorted(line.purpose.value for line in lines if line.waits)

    for purpose in ("newsletter", "surveys"):
        await client.post("/me/consents", data={"purpose": purpose, "do": "yes"})
    assert await asked_for() == ["newsletter", "surveys"]
    await client.post("/me/consents", data={"purpose": "newsletter", "do": "no"})
    assert await asked_for() == ["surveys"]
    for purpose in ("bogus", "notice"):
        answer = await client.post("/me/consents", data={"purpose": purpose, "do": "yes"})
        assert answer.status_code == 400
    assert "Stopped by you on this page" in (await client.get("/me/consents")).text


@pytest.mark.promise("P15")
async def test_who_saw_the_data_is_said_in_words(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(client)
    async with transaction():
        await disclose(
            [
                Shown(
                    person_id=person.id,
                    fields=("name", "company"),
                    purpose="teaching",
                    basis=Basis.CONTRACT,
                    road="page",
                    actor_id=None,
                    object_id=None,
                )
            ],
            now=clock.now(),
        )
    text = (await client.get("/me/seen")).text
    who, today = settings.organisation.name, format_date(clock.now())
    sentence = (
        f"Your name and company were shown to {who} on {today} "
        "to teach, and to record attendance and grades."
    )
    for words in (sentence, "Shown on a page"):
        assert words in text


async def test_diet_is_shown_changed_and_withdrawn(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(client)
    place = await take_place(await make_event(), settings, contact=contact_of(person))
    path = f"/me/places/{place.id}/diet"
    await change_diet(place.id, DIET, settings=settings, now=clock.now())
    shown = await client.get(path)
    assert ("zzz-marked" in shown.text, shown.headers["cache-control"]) == (
        True,
        "private, no-store",
    )
    wrong = await client.post(path, data={"needs": "halal", "other": "kept-text"})
    assert (wrong.status_code, "kept-text" in wrong.text) == (422, True)
    await client.post(path, data={"needs": "halal", "consent": "1"})
    diet = await diet_of(place.id, settings=settings)
    assert diet is not None
    assert (reveal(diet).needs, reveal(diet).other) == (("halal",), "")
    done = await client.post(f"{path}/withdraw")
    assert (done.status_code, await diet_of(place.id, settings=settings)) == (303, None)


@pytest.mark.promise("P4")
async def test_after_the_deletion_pages_say_when_and_the_form_is_closed(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(client)
    event = await make_event()
    place = await take_place(event, settings, contact=contact_of(person))
    now = clock.now()
    await give_receipt(
        event_id=event.id,
        reason="event-over",
        diets=1,
        due_at=now,
        done_at=now,
        deletion_id="of the event",
    )
    await mark_diets_deleted(event.id, now=now)
    [receipt] = await receipts(event_id=event.id)
    for path in ("/events/safety-day", f"/me/places/{place.id}/diet"):
        text = (await client.get(path)).text
        assert ("Food restrictions were deleted on" in text, str(receipt.id) in text) == (
            True,
            True,
        )
        assert 'name="allergies"' not in text
    assert 'name="allergies"' not in (await client.get("/events/safety-day/register")).text
    sent = {"needs": "vegan", "consent": "1"}
    assert (await client.post(f"/me/places/{place.id}/diet", data=sent)).status_code == 409


async def test_own_logins_end_and_others_do_not(client: httpx.AsyncClient, app: Starlette) -> None:
    _person, account_id = await make_participant()
    await log_in(client, account_id)
    async with browser(app) as phone, browser(app) as stranger:
        await log_in(phone, account_id)
        _other, other_account = await make_participant("other@example.fi")
        await log_in(stranger, other_account)
        page = (await client.get("/me/security")).text
        theirs = re.findall(r"/me/security/logins/([0-9a-f-]{36})/end", page)
        assert len(theirs) == 1
        refused = await stranger.post(f"/me/security/logins/{theirs[0]}/end")
        ended = await client.post(f"/me/security/logins/{theirs[0]}/end")
        assert (refused.status_code, ended.status_code) == (404, 303)
        assert ((await phone.get("/me")).status_code, (await client.get("/me")).status_code) == (
            303,
            200,
        )


async def test_places_of_other_accounts_are_not_listed(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await aino(client)
    theirs: UUID = (await take_place(await make_session(), settings)).id
    assert str(theirs) not in (await client.get("/me")).text


async def test_past_places_are_shown_and_cannot_be_cancelled(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person = await aino(client)
    before = clock.now() - timedelta(days=2)
    session = await make_session(starts_at=clock.now() - timedelta(hours=8), made_at=before)
    place = await take_place(session, settings, contact=contact_of(person), at=before)
    home = await client.get("/me")
    asked = await client.get(f"/me/places/{place.id}/cancel")
    sent = await client.post(f"/me/places/{place.id}/cancel")
    assert ("You have no places ahead" in home.text, "Track safety" in home.text) == (True, True)
    assert ("<form method=" in asked.text.partition("<main")[2], sent.status_code) == (False, 409)
    assert "This is over." in (await client.get(f"/sessions/{session.id}")).text
