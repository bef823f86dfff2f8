"""Whom a company enrols says yes, corrects or objects, by the link in the mail (P6)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.queries import session_offering
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.db import transaction
from registration.enrolment.employees import enrol_one
from registration.enrolment.links import enrolled_path
from registration.enrolment.models import Objection, Place
from registration.enrolment.service import SignUp, cancel, sign_up
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person, Suggestion
from registration.people.rules import Contact, Source
from registration.people.service import correct
from registration.settings import Settings
from tests.builders import log_in, make_account, make_person
from tests.conftest import browser
from tests.web.makers import make_session

EERO = Contact("Eero", "Employee", "eero@example.fi", phone="+358401234567", language="sv")


@dataclass(frozen=True, slots=True)
class Enrolment:
    place: UUID
    company: UUID
    session: UUID
    coordinator: UUID
    link: str


@pytest.fixture
async def enrolment(client: httpx.AsyncClient, settings: Settings) -> Enrolment:
    """Rata Oy has enrolled Eero, and this is the link in his mail."""
    return await enrol(settings)


async def enrol(settings: Settings, contact: Contact = EERO) -> Enrolment:
    now = clock.now()
    company = await add_company(CompanyGiven(name="Rata & Oy"), actor_id=None, now=now)
    coordinator = await make_account(
        Role.COORDINATOR, "kaisa@rata.example", "Kaisa", company_id=company
    )
    line = await make_session(capacity=3)
    answer = await enrol_one(
        session_offering(await catalogue.session(line.id)),
        contact,
        company_id=company,
        actor_id=coordinator,
        settings=settings,
        now=now,
    )
    assert answer.place_id is not None
    mail = await Mail.get(template="place-confirmed")
    [link] = set(re.findall(r"http://testserver(/enrolled/[^\s<\"]+)", mail.body_text))
    return Enrolment(answer.place_id, company, line.id, coordinator, link)


def filled(**changes: str) -> dict[str, str]:
    return (
        {"first_name": "Eero", "last_name": "Employee", "phone": "040 1234567"}
        | {"language": "sv"}
        | changes
    )


@pytest.mark.promise("P6")
async def test_the_link_shows_what_was_given_in_the_persons_language(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    answer = await client.get(enrolment.link, headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.headers["content-language"]) == (200, "sv")
    assert '<html lang="sv"' in answer.text
    for words in ('value="Eero"', 'value="+358 40 1234567"', "Rata &amp; Oy", "Pohjan Raide Oy"):
        assert (words in answer.text, words) == (True, words)
    for words in ("tietosuoja@pohjanraide.example", "https://tietosuoja.fi", 'href="/privacy"'):
        assert (words in answer.text, words) == (True, words)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "strict-origin"
    other = await client.get(f"{enrolment.link}?lang=fi")
    assert '<html lang="fi"' in other.text
    place = await Place.get(id=enrolment.place)
    assert (place.agreed_at, place.objected_at, place.status) == (None, None, "confirmed")


async def test_looking_changes_nothing_and_head_neither(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    """A mail scanner follows links."""
    before = await Entry.all().count()
    for _each in range(3):
        await client.get(enrolment.link)
        await client.head(enrolment.link)
        assert (await client.get(f"{enrolment.link}/object")).status_code == 405
    assert await Entry.all().count() == before


@pytest.mark.promise("P6")
@pytest.mark.promise("P11")
async def test_confirming_corrects_what_was_typed(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    given = filled(last_name="Employeé", city="Turku", email="thief@example.com", language="fi")
    for _twice in range(2):
        answer = await client.post(enrolment.link, data=given)
        assert (answer.status_code, answer.headers["location"]) == (303, enrolment.link)
    person = await Person.get(last_name="Employeé")
    assert (person.city, person.email, person.language) == ("Turku", "eero@example.fi", "fi")
    place = await Place.get(id=enrolment.place)
    assert place.agreed_at is not None
    shown = await client.get(enrolment.link)
    assert '<html lang="fi"' in shown.text
    assert await Objection.all().count() == 0


async def test_wrong_input_comes_back_with_what_was_typed(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    given = filled(first_name="", phone="12", language="xx", city="<b>Turku")
    answer = await client.post(f"{enrolment.link}?lang=en", data=given)
    assert answer.status_code == 422
    assert answer.text.count("field-error") >= 3
    assert 'value="&lt;b&gt;Turku"' in answer.text
    assert (await Place.get(id=enrolment.place)).agreed_at is None


async def test_another_persons_name_is_refused(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    await make_person("Other", "Employee", "eero@example.fi")
    answer = await client.post(enrolment.link, data=filled(first_name="Other"))
    assert answer.status_code == 409
    assert (await Place.get(id=enrolment.place)).agreed_at is None


async def test_what_differs_is_taken_where_it_was_ticked(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    """He was known before, with another phone: the company's word does not replace his."""
    await make_person("Eero", "Employee", "eero@example.fi", language="en")
    known = Contact("Eero", "Employee", "eero@example.fi", "+358501111111", city="Oulu")
    person = await Person.get()
    await correct(person.id, known, actor_id=None, now=clock.now())
    given = Contact("Eero", "Employee", "eero@example.fi", "+358401234567", city="Turku")
    enrolment = await enrol(settings, given)
    shown = await client.get(enrolment.link)
    assert ("+358 50 1111111" in shown.text, "+358 40 1234567" in shown.text) == (True, True)
    typed = filled(phone="+358 50 1111111", city="Oulu", language="en")
    await client.post(enrolment.link, data={**typed, "take": "phone"})
    person = await Person.get()
    assert (person.phone, person.city) == ("+358401234567", "Oulu")
    assert await Suggestion.all().count() == 0


@pytest.mark.promise("P6")
async def test_an_objection_reaches_the_company_and_staff(
    app: Starlette, client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    answer = await client.post(f"{enrolment.link}/object", data={"reason": "I am <ill>"})
    assert answer.status_code == 303
    objection = await Objection.get()
    assert (objection.place_id, objection.reason) == (enrolment.place, "I am <ill>")
    mails = {row.address: row for row in await Mail.filter(template="objected")}
    assert set(mails) == {"kaisa@rata.example", "tietosuoja@pohjanraide.example"}
    for mail in mails.values():
        said = mail.subject + mail.body_text + mail.body_html
        assert [word for word in ("Eero", "ill", "eero@") if word in said] == []
    assert (await Place.get(id=enrolment.place)).status == "confirmed"
    staff = await make_account(Role.STAFF)
    for account, path in (
        (enrolment.coordinator, "/company/answers"),
        (staff, "/staff/ledger/objections"),
    ):
        async with browser(app) as desk:
            await log_in(desk, account)
            page = (await desk.get(path)).text
            assert "I am &lt;ill&gt;" in page
            assert "Eero Employee" in page
    again = await client.post(f"{enrolment.link}/object", data={"reason": "really"})
    assert again.status_code == 409
    assert await Mail.filter(template="objected").count() == 2


async def test_staff_settle_an_objection_once(
    app: Starlette, client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    await client.post(f"{enrolment.link}/object", data={})
    staff = await make_account(Role.STAFF)
    objection = await Objection.get()
    async with browser(app) as desk:
        await log_in(desk, staff)
        for _twice in range(2):
            answer = await desk.post(f"/staff/ledger/objections/{objection.id}/settle")
            assert answer.headers["location"] == "/staff/ledger/objections"
        assert (await desk.post(f"/staff/ledger/objections/{uuid4()}/settle")).status_code == 404
    objection = await Objection.get()
    assert objection.settled_by == staff
    settled = [row.detail for row in await Entry.all() if "settled" in row.detail]
    assert len(settled) == 1


async def test_the_place_can_be_given_up_at_once_or_later(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    await client.post(f"{enrolment.link}/object", data={})
    answer = await client.post(f"{enrolment.link}/object", data={"give_up": "1"})
    assert answer.status_code == 303
    assert (await Place.get(id=enrolment.place)).status == "cancelled"
    assert await Mail.filter(template="place-cancelled").count() == 1
    shown = await client.get(enrolment.link)
    assert "give_up" not in shown.text
    third = await client.post(f"{enrolment.link}/object", data={"give_up": "1"})
    assert third.status_code == 303
    assert await Mail.filter(template="place-cancelled").count() == 1


async def test_a_long_reason_is_kept_on_the_page(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    answer = await client.post(f"{enrolment.link}/object", data={"reason": "x" * 1001})
    assert (answer.status_code, "x" * 1001 in answer.text) == (422, True)
    assert await Objection.all().count() == 0


async def test_who_may_not_confirm_for_another(
    client: httpx.AsyncClient, enrolment: Enrolment, settings: Settings
) -> None:
    """Altered, cut, another's, of another installation, of a place that nobody enrolled for."""
    other = settings.model_copy(update={"secret": "t" * 43})
    own = await sign_up(
        session_offering(await catalogue.session(enrolment.session)),
        SignUp(Contact("Aino", "Own", "own@example.fi", language="en"), Source.SELF),
        settings=settings,
        now=clock.now(),
    )
    for path in (
        enrolment.link[:-1],
        enrolment.link[:-10],
        enrolment.link + "a",
        f"/enrolled/{enrolment.place}",
        "/enrolled/" + "a" * 3000,
        "/enrolled/%20",
        enrolled_path(enrolment.place, "eero@example.fi", other),
        enrolled_path(enrolment.place, "eero@example.com", settings),
        enrolled_path(uuid4(), "eero@example.fi", settings),
        enrolled_path(own.id, "own@example.fi", settings),
    ):
        for method, suffix in (("GET", ""), ("POST", ""), ("POST", "/object")):
            answer = await client.request(method, path + suffix, data=filled(first_name="X"))
            assert (answer.status_code, path) == (404, path)
            assert "Eero" not in answer.text
    assert await Person.filter(first_name="X").count() == 0


async def test_the_link_ends(
    client: httpx.AsyncClient, enrolment: Enrolment, settings: Settings
) -> None:
    """After two months; and at once for a mailbox that was not his."""
    link = enrolment.link
    async with transaction():
        old = clock.now() - timedelta(days=60)
        await Place.filter(id=enrolment.place).update(created_at=old)
    assert (await client.get(link)).status_code == 404
    async with transaction():
        await Place.filter(id=enrolment.place).update(created_at=clock.now())
    assert (await client.get(link)).status_code == 200
    person = await Person.get()
    right = Contact("Eero", "Employee", "right@example.fi", language="sv")
    await correct(person.id, right, actor_id=None, now=clock.now())
    assert (await client.get(link)).status_code == 404
    assert (await client.post(link, data=filled())).status_code == 404


async def test_own_page_leads_to_the_answer_until_it_is_given(
    client: httpx.AsyncClient, enrolment: Enrolment
) -> None:
    from registration.accounts.service import participant_account

    person = await Person.get()
    account = await participant_account(person.id, person.email, "Eero Employee", "en", clock.now())
    await log_in(client, account)
    assert enrolment.link in (await client.get("/me")).text
    await client.post(enrolment.link, data=filled())
    assert enrolment.link not in (await client.get("/me")).text


async def test_a_cancelled_place_asks_for_nothing(
    client: httpx.AsyncClient, enrolment: Enrolment, settings: Settings
) -> None:
    await cancel(enrolment.place, actor_id=None, settings=settings, now=clock.now())
    assert (await client.get(enrolment.link)).status_code == 200
    await client.post(enrolment.link, data=filled(city="Turku"))
    assert (await Place.get(id=enrolment.place)).agreed_at is None
    assert (await Person.get()).city == "Turku"
