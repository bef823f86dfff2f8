"""The log of mail: for staff, for the person, for the company whose people are not reached."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company, employ
from registration.db import transaction
from registration.ledger.models import Entry
from registration.mail.bounces import mark_dead
from registration.mail.models import DeadAddress, Mail
from registration.mail.rules import address_hash
from registration.people.rules import Contact, Source
from registration.people.service import correct
from registration.settings import Settings
from registration.templating import TEMPLATES
from registration.web.mail_words import KINDS, STATES
from tests.builders import log_in, make_account, make_participant, make_person
from tests.conftest import browser
from tests.mail.makers import queued
from tests.web.counting import statements
from tests.web.staff.conftest import words


async def in_state(mail_id: UUID, state: str, **columns: object) -> None:
    async with transaction():
        await Mail.filter(id=mail_id).update(state=state, **columns)


async def die(person_id: UUID, email: str, settings: Settings) -> None:
    async with transaction():
        hashed = address_hash(settings.secret, email)
        await mark_dead(hashed, person_id, code="5.1.1", now=clock.now())


def test_every_state_and_kind_of_mail_has_its_words() -> None:
    from registration.mail.rules import MailState

    assert set(STATES) == set(MailState)
    templates = {found.parent.name for found in (TEMPLATES / "mail").glob("*/subject.txt")}
    assert set(KINDS) <= templates


@pytest.fixture
async def staff(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await log_in(client, await make_account())
    return client


async def test_staff_find_the_mails_of_a_person(
    staff: httpx.AsyncClient, settings: Settings
) -> None:
    aino = await make_person()
    other = await make_person("Bo", "Berg", "bo@example.fi")
    for person, state in ((aino, "sent"), (aino, "bounced"), (other, "sent")):
        mail_id = await queued(settings, person_id=person.id)
        await in_state(mail_id, state)
    page = "/staff/ledger/mail/sent"
    assert len(words(await staff.get(page), "tbody tr")) == 3
    for typed, state, found in (
        ("virtanen", "", 2),
        ("AINO@example", "sent", 1),
        ("", "sent", 2),
        ("nobody", "", 0),
        ("virtanen", "nonsense", 2),
        ("%", "", 0),
    ):
        answer = await staff.post(page, data={"words": typed, "state": state})
        assert (len(words(answer, "tbody tr")), typed, state) == (found, typed, state)
        assert "Track work safety" not in answer.text, "what a mail said is nobody's to see"
    assert await Entry.filter(act="list-seen").count() == 1


async def test_a_long_log_asks_as_often_as_a_short_one(
    staff: httpx.AsyncClient, settings: Settings
) -> None:
    asked = []
    for number in (1, 30):
        for each in range(number):
            person = await make_person("Aino", f"V{number}{each}", f"a{number}-{each}@example.fi")
            await in_state(await queued(settings, person_id=person.id), "failed")
        for page in ("/staff/ledger/mail", "/staff/ledger/mail/sent"):
            async with statements() as seen:
                assert (await staff.get(page)).status_code == 200
            asked.append(len(seen))
    assert asked[:2] == asked[2:]


async def test_staff_decide_on_unsure_mail(staff: httpx.AsyncClient, settings: Settings) -> None:
    again, left, sent = [await queued(settings, number) for number in (1, 2, 3)]
    for mail_id in (again, left):
        await in_state(mail_id, "unsure")
    await in_state(sent, "sent")
    shown = await staff.get("/staff/ledger/mail")
    forms = re.findall(r'action="(/staff/ledger/mail/[0-9a-f-]+)"', shown.text)
    assert set(forms) == {f"/staff/ledger/mail/{each}" for each in (again, left)}
    for mail_id, choice in ((again, "send"), (left, "leave"), (sent, "send"), (left, "send")):
        answer = await staff.post(f"/staff/ledger/mail/{mail_id}", data={"do": choice})
        assert answer.headers["location"] == "/staff/ledger/mail"
    rows = {row.id: (row.state, row.address != "") for row in await Mail.all()}
    assert rows == {again: ("queued", True), left: ("unsure", False), sent: ("sent", True)}
    missing = await staff.post(f"/staff/ledger/mail/{uuid4()}", data={"do": "send"})
    assert missing.status_code == 404


async def test_a_person_sees_own_mail_and_no_other(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, account = await make_participant()
    mine = await queued(settings, person_id=person.id)
    await in_state(mine, "sent", sent_at=clock.now())
    await queued(settings, person_id=uuid4())
    await log_in(client, account)
    answer = await client.get("/me/mail")
    assert words(answer, "tbody tr th") == ["Called off"]
    assert words(answer, "tbody .badge") == ["Sent"]
    assert "Track work safety" not in answer.text


async def test_a_person_whose_address_bounced_is_told_and_can_say_that_it_works(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    person, account = await make_participant()
    await log_in(client, account)
    assert "Mail to you came back" not in (await client.get("/me")).text
    await die(person.id, person.email, settings)
    assert "Mail to you came back" in (await client.get("/me")).text
    assert "aino@example.fi could not be delivered" in (await client.get("/me/mail")).text
    assert (await client.post("/me/mail/again")).status_code == 303
    assert (await DeadAddress.get()).again_at is not None
    assert "We try this address again" in (await client.get("/me/mail")).text
    new = Contact("Aino", "Virtanen", "new@example.fi", language="en")
    await correct(person.id, new, actor_id=account, now=clock.now())
    assert "came back" not in (await client.get("/me/mail")).text
    assert await DeadAddress.all().count() == 0


async def test_a_company_sees_whom_mail_does_not_reach_of_its_own_people(
    app: Starlette, client: httpx.AsyncClient, settings: Settings
) -> None:
    now = clock.now()
    own, other = [
        await add_company(CompanyGiven(name=name), actor_id=None, now=now) for name in ("A", "B")
    ]
    person = await make_person("Eero", "Employee", "eero@example.fi")
    async with transaction():
        await employ(own, [person.id], source=Source.COMPANY, now=now)
    await die(person.id, person.email, settings)
    seen = {}
    for company in (own, other):
        email = f"{company.hex}@example.fi"
        account = await make_account(Role.COORDINATOR, email, company_id=company)
        async with browser(app) as desk:
            await log_in(desk, account)
            seen[company] = "eero@example.fi" in (await desk.get("/company/answers")).text
    assert seen == {own: True, other: False}
    await log_in(client, await make_account())
    assert "eero@example.fi" in (await client.get("/staff/ledger/mail")).text
