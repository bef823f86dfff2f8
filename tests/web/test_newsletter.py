"""Newsletters for anyone: the form tells nothing of who is known, and the mail's link asks."""

from __future__ import annotations

import re

import httpx
import pytest

from registration import clock
from registration.mail.models import Mail
from registration.people import queries as people
from registration.people.allowing import SENT, NoFrom
from registration.people.asking import ask_due
from registration.people.models import Consent, Person
from registration.people.prohibitions import forbid
from registration.settings import Settings
from tests.builders import make_participant, make_person
from tests.people.makers import log_in_by_mail, tick

GIVEN = {
    "first_name": "Anna",
    "last_name": "Aalto",
    "email": "anna@example.fi",
    "language": "sv",
    "website": "",
}


async def asked_link() -> str:
    mail = await Mail.filter(template="consent-asked").order_by("-queued_at").first()
    assert mail is not None
    found = re.search(r"http://testserver(/consent/\S+)", mail.body_text)
    assert found
    return found[1]


@pytest.mark.promise("P17")
@pytest.mark.promise("P10")
async def test_from_the_form_to_the_first_newsletter(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    answer = await client.post("/newsletter?lang=sv", data=GIVEN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/newsletter/asked")
    assert (await client.get("/newsletter/asked")).status_code == 200
    await ask_due(settings, now=clock.now())
    mail = await Mail.get()
    assert (mail.address, mail.language, mail.purpose) == ("anna@example.fi", "sv", "rights")
    link = await asked_link()
    page = await client.get(link)
    assert "Skicka mig nyhetsbrev" in page.text
    assert [row.confirmed_at for row in await Consent.all()] == [None], "opening it is no yes"
    [wanted] = re.findall(r'name="yes" value="([^"]+)"', page.text)
    answer = await client.post(link, data={"yes": "nonsense"})
    assert (answer.status_code, answer.headers["location"]) == (303, link)
    answer = await client.post(link, data={"yes": wanted})
    assert answer.status_code == 200
    person = await Person.get()
    assert [line.counts for line in await people.consents(person.id)] == [True]
    assert (await client.post(link, data={"yes": wanted})).status_code == 404, "used"


@pytest.mark.promise("P11")
async def test_the_answer_is_the_same_whoever_is_known(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    known = await make_person("Anna", "Aalto", "anna@example.fi")
    answers = set()

    async def ask(**changes: str) -> None:
        answer = await client.post("/newsletter", data=GIVEN | changes)
        answers.add((answer.status_code, answer.headers["location"], answer.text))

    await ask(email="new@example.fi")
    await ask()
    await tick(known, *SENT, settings=settings, proven=True, now=clock.now())
    await ask()
    await forbid(
        "anna@example.fi", SENT, source=NoFrom.LINK, secret=settings.secret, now=clock.now()
    )
    await ask()
    assert len(answers) == 1
    await ask_due(settings, now=clock.now())
    assert sorted(mail.address for mail in await Mail.all()) == [
        "anna@example.fi",
        "new@example.fi",
    ]


async def test_who_has_it_already_is_not_asked_again(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    known = await make_person("Anna", "Aalto", "anna@example.fi")
    await tick(known, *SENT, settings=settings, proven=True)
    await client.post("/newsletter", data=GIVEN)
    assert await ask_due(settings, now=clock.now()) == 0


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"email": "anna"}, "f-email-error"),
        ({"first_name": ""}, "f-first_name-error"),
        ({"language": "xx"}, "f-language-error"),
        ({"website": "http://spam.example"}, "A hidden field was filled in"),
    ],
)
async def test_what_cannot_be_used_is_said_and_nothing_is_kept(
    client: httpx.AsyncClient, changes: dict[str, str], wrong: str
) -> None:
    answer = await client.post("/newsletter", data=GIVEN | changes)
    assert answer.status_code == 422
    assert wrong in answer.text
    assert "Aalto" in answer.text
    assert await Person.all().count() == 0


async def test_a_participant_chooses_on_their_own_page(client: httpx.AsyncClient) -> None:
    _person, account_id = await make_participant()
    await log_in_by_mail(client, account_id)
    answer = await client.get("/newsletter")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/consents")


async def test_the_footer_leads_there(client: httpx.AsyncClient) -> None:
    assert 'href="/newsletter"' in (await client.get("/")).text
    assert (await client.get("/newsletter")).status_code == 200


@pytest.mark.parametrize("wrong", ["x", "a" * 900, "ImFiYyI.AAAA"])
async def test_a_link_that_is_not_ours_has_ended(client: httpx.AsyncClient, wrong: str) -> None:
    for answer in (
        await client.get(f"/consent/{wrong}"),
        await client.post(f"/consent/{wrong}", data={"yes": "x"}),
    ):
        assert answer.status_code == 404
        assert "This link has ended" in answer.text
