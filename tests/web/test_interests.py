"""Hearing of new dates: asked by anybody, answered alike, ended by a click (P11)."""

from __future__ import annotations

import httpx
import pytest

from registration.enrolment.interests import interest_token, interests_of
from registration.enrolment.models import Interest
from registration.mail.models import Mail
from registration.people.models import Person
from registration.settings import Settings
from tests.builders import log_in, make_participant
from tests.web.makers import make_session, make_training
from tests.web.staff.conftest import error, value, words

GIVEN = {
    "first_name": "Aino",
    "last_name": "Virtanen",
    "email": "aino@example.fi",
    "language": "en",
}
ASK = "/trainings/track-safety/interest"


@pytest.mark.promise("P11")
async def test_the_answer_is_the_same_for_known_and_unknown(client: httpx.AsyncClient) -> None:
    await make_training()
    await make_participant("known@example.fi")
    answers = []
    for email in ("known@example.fi", "new@example.fi", "new@example.fi"):
        answer = await client.post(ASK, data={**GIVEN, "email": email})
        page = await client.get(answer.headers["location"])
        answers.append((answer.status_code, answer.headers["location"], words(page, ".toast")))
    assert len({str(each) for each in answers}) == 1
    assert answers[0][:2] == (303, "/trainings/track-safety")
    assert await Interest.all().count() == 2
    assert await Mail.filter(template="interest-noted").count() == 2


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", ""),
        ("email", "aino"),
        ("email", "a@b\r\nBcc: c@d.fi"),
        ("email", "a" * 300 + "@example.fi"),
        ("first_name", ""),
        ("last_name", "x" * 500),
        ("language", "xx"),
        ("website", "https://spam.example"),
    ],
    ids=["none", "no-at", "header", "long", "no-name", "long-name", "language", "trap"],
)
async def test_what_is_wrong_comes_back_beside_its_field(
    client: httpx.AsyncClient, field: str, typed: str
) -> None:
    await make_training()
    answer = await client.post(ASK, data={**GIVEN, field: typed})
    assert answer.status_code == 422
    assert len(words(answer, ".error-summary li")) == 1
    if field != "website":
        assert len(error(answer, field)) == 1
        assert value(answer, "first_name" if field != "first_name" else "last_name") != ""
    assert (await Interest.all().count(), await Person.all().count()) == (0, 0)


async def test_trainings_that_nobody_sees_take_no_interest(client: httpx.AsyncClient) -> None:
    await make_training(published=False)
    for path in (ASK, "/trainings/nothing/interest", "/trainings/%20/interest"):
        assert (await client.post(path, data=GIVEN)).status_code == 404
    assert await Interest.all().count() == 0


async def test_the_form_stands_open_where_no_date_has_room(client: httpx.AsyncClient) -> None:
    training = await make_training()
    assert words(await client.get("/trainings/track-safety"), "details[open] summary") == [
        "Hear of new dates"
    ]
    await make_session(training)
    page = await client.get("/trainings/track-safety?now")
    assert words(page, "details[open] summary") == []
    assert words(page, "details summary") == ["Hear of new dates"]


async def test_the_mails_link_asks_first_and_ends_it_once(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await make_training()
    await client.post(ASK, data=GIVEN)
    interest = await Interest.get()
    path = f"/interest/{interest_token(interest.id, settings)}"
    asked = await client.get(path)
    assert words(asked, "h1") == ["End these mails?"]
    assert asked.headers["referrer-policy"] == "no-referrer"
    assert await Interest.all().count() == 1
    for _each in range(2):
        ended = await client.post(path)
        assert (ended.status_code, words(ended, "h1")) == (200, ["You no longer hear of new dates"])
    assert words(await client.get(path), "h1") == ["You no longer hear of new dates"]
    assert await Interest.all().count() == 0


async def test_who_is_logged_in_asks_with_a_click_and_ends_it_on_their_page(
    client: httpx.AsyncClient,
) -> None:
    await make_training()
    person, account = await make_participant()
    await log_in(client, account)
    page = await client.get("/trainings/track-safety")
    assert words(page, "#hear label") == ["Leave this empty"]
    forged = await client.post(ASK, data={**GIVEN, "email": "other@example.fi"})
    assert forged.status_code == 303
    (line,) = await interests_of(person.id)
    home = await client.get("/me")
    assert "Track safety" in words(home, "#interests tbody th")[0]
    assert (await client.post(f"/me/interests/{line.id}/end")).status_code == 303
    assert await interests_of(person.id) == []
    assert (await client.post(f"/me/interests/{line.id}/end")).status_code == 404


async def test_anothers_interest_is_not_there(client: httpx.AsyncClient) -> None:
    await make_training()
    await client.post(ASK, data=GIVEN)
    interest = await Interest.get()
    _person, account = await make_participant("eero@example.fi")
    await log_in(client, account)
    assert (await client.post(f"/me/interests/{interest.id}/end")).status_code == 404
    assert await Interest.all().count() == 1
