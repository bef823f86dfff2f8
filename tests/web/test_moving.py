"""Moving one's place, cancelling too late, what overlaps, what is tentative, what is needed."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from registration import clock
from registration.catalogue import service as catalogue_service
from registration.catalogue.rules import TrainingGiven
from registration.enrolment import queries as enrolment
from registration.enrolment.rules import Awaits, PlaceStatus
from registration.people.rules import Contact
from registration.settings import Settings
from tests.builders import log_in, make_participant
from tests.web.makers import DAY, filled, make_session, make_training, soon, take_place
from tests.web.staff.conftest import words

AINO = Contact("Aino", "Virtanen", "aino@example.fi", language="en")


async def aino(client: httpx.AsyncClient) -> UUID:
    person, account = await make_participant()
    await log_in(client, account)
    return person.id


async def test_a_place_moves_to_a_date_that_has_room(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    training = await make_training()
    here = await make_session(training)
    there = await make_session(training, starts_at=soon(days=20))
    full = await make_session(training, capacity=1, starts_at=soon(days=15))
    await take_place(full, settings)
    other = await make_session(starts_at=soon(days=20))
    person_id = await aino(client)
    place = await take_place(here, settings, contact=AINO)
    path = f"/me/places/{place.id}/move"
    page = await client.get(path)
    assert [node for node in words(page, ".choice label")] == words(page, ".choice label")[:1]
    assert f'value="{there.id}"' in page.text
    for wrong in ("", str(uuid4()), str(full.id), str(other.id), str(here.id), "x" * 900, "'--"):
        answer = await client.post(path, data={"to": wrong})
        assert (answer.status_code, wrong) == (422, wrong)
        assert words(answer, ".field-error") == ["Choose the date that you move to."]
    moved = await client.post(path, data={"to": str(there.id)})
    assert (moved.status_code, moved.headers["location"]) == (303, "/me")
    held = [each for each in await enrolment.places_of_person(person_id) if each.ended_at is None]
    assert [(each.offering.id, each.moved_from) for each in held] == [(there.id, place.id)]
    assert (await client.post(path, data={"to": str(there.id)})).status_code in {409, 422}


async def test_without_another_date_it_says_so(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    line = await make_session()
    await aino(client)
    place = await take_place(line, settings, contact=AINO)
    page = await client.get(f"/me/places/{place.id}/move")
    assert words(page, ".banner-title") == ["No other date has room"]
    stranger = await take_place(line, settings)
    assert (await client.get(f"/me/places/{stranger.id}/move")).status_code == 404


async def test_after_the_last_day_the_page_says_whom_to_call(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    line = await make_session(cancels_until=clock.now() + timedelta(hours=1))
    late = await make_session(
        starts_at=soon(days=2), cancels_until=clock.now() - timedelta(hours=1)
    )
    await aino(client)
    in_time = await take_place(line, settings, contact=AINO)
    place = await take_place(late, settings, contact=AINO)
    page = await client.get(f"/me/places/{place.id}/cancel")
    assert words(page, ".banner-title") == ["Please call us"]
    assert f"mailto:{settings.organisation.email}" in page.text
    refused = await client.post(f"/me/places/{place.id}/cancel")
    assert (refused.status_code, words(refused, ".banner-title")) == (409, ["Please call us"])
    assert (await enrolment.place(place.id)).status is PlaceStatus.CONFIRMED
    assert (await client.post(f"/me/places/{in_time.id}/cancel")).status_code == 303


async def test_who_is_logged_in_hears_of_what_is_at_the_same_time(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    first, second = await make_session(), await make_session()
    await take_place(first, settings, contact=AINO)
    stranger = await client.post(f"/sessions/{second.id}/enrol", data=filled())
    assert words(stranger, "h1") == ["You are signed up"]
    assert words(stranger, ".banner") == []
    await aino(client)
    third = await make_session()
    known = await client.post(f"/sessions/{third.id}/enrol", data=filled())
    assert words(known, ".banner-title") == ["At the same time you have"]
    assert len(words(known, ".banner li")) == 2


async def test_what_is_tentative_says_so_until_it_is_certain(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    start = soon()
    line = await make_session(minimum=2, decide_by=start - DAY, starts_at=start)
    page = await client.get(f"/sessions/{line.id}")
    assert words(page, ".banner-title") == ["Not certain yet"]
    assert "Takes place when 2 have signed up. It is decided by " in page.text
    assert "Tentative" in (await client.get("/?view=")).text
    for _each in range(2):
        await take_place(line, settings)
    assert words(await client.get(f"/sessions/{line.id}?fresh"), ".banner-title") == []


async def needing(valid: bool) -> tuple[UUID, UUID]:
    needed = await make_training("First aid", slug="first-aid")
    given = {"title": {"en": "Lead"}, "prerequisites": [{"training": needed, "valid": valid}]}
    lead = await catalogue_service.add_training(
        TrainingGiven.model_validate(given), actor_id=None, now=clock.now()
    )
    return needed, lead


@pytest.mark.parametrize(
    ("valid", "how"),
    [(True, "First aid (valid when the session begins)"), (False, "First aid")],
    ids=["valid", "once"],
)
async def test_what_is_needed_stands_on_training_session_and_form(
    client: httpx.AsyncClient, valid: bool, how: str
) -> None:
    _needed, lead = await needing(valid)
    line = await make_session(lead)
    for path in ("/trainings/lead", f"/sessions/{line.id}", f"/sessions/{line.id}/enrol"):
        page = await client.get(path)
        assert how in words(page, "main li"), path
        assert 'href="/trainings/first-aid"' in page.text


async def test_a_stranger_is_held_for_a_check_and_the_person_told_what_is_missing(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _needed, lead = await needing(valid=False)
    line = await make_session(lead)
    answer = await client.post(f"/sessions/{line.id}/enrol", data=filled(email="eero@example.fi"))
    assert words(answer, "h1") == ["A seat is kept for you"]
    (held,) = await enrolment.places_on(line.seating_id)
    assert (held.status, held.awaits) == (PlaceStatus.HELD, Awaits.CHECK)
    await aino(client)
    refused = await client.post(f"/sessions/{line.id}/enrol", data=filled())
    assert refused.status_code == 409
    assert words(refused, ".banner li") == ["First aid must be completed first."]


async def test_my_page_says_what_happens_next(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _needed, lead = await needing(valid=False)
    held = await make_session(lead)
    waiting = await make_session(capacity=1, offer_hours=12, starts_at=soon(days=12))
    await aino(client)
    await take_place(held, settings, contact=AINO)
    await take_place(waiting, settings)
    await take_place(waiting, settings, contact=AINO)
    said = words(await client.get("/me"), ".card .quiet")
    assert said[0].startswith("We look at what the training needs before it is yours, by ")
    assert said[1] == (
        "When it is your turn, we offer you the seat by mail: you have 12 hours to answer."
    )
