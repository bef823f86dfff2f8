"""What others book waits for whom the company named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from registration.accounts.rules import Role
from registration.enrolment.models import Place
from registration.mail.models import Mail
from tests.builders import log_in, make_account
from tests.conftest import browser
from tests.web.company.conftest import Office, words
from tests.web.company.test_book import crew


@pytest.fixture
async def clerk(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A second coordinator; Kaisa approves what they book."""
    account = await make_account(
        Role.COORDINATOR, "veikko@example.fi", "Veikko", company_id=office.company, nda_on=None
    )
    named = {"approver": str(office.account)}
    answer = await office.coordinator.post("/company/access/approvers", data=named)
    assert answer.status_code == 303
    async with browser(office.app) as client:
        await log_in(client, account)
        yield client


async def booked(office: Office, clerk: httpx.AsyncClient, *names: str) -> list[UUID]:
    ids = await crew(office.company, *names)
    people = {"do": "enrol", "person": [str(each) for each in ids], "order_number": "PO-1"}
    assert (await clerk.post(f"{office.path}/book", data=people)).status_code == 200
    return [place.id for place in await Place.all().order_by("turn")]


async def test_a_booking_waits_and_is_the_first_thing_an_approver_sees(
    office: Office, clerk: httpx.AsyncClient
) -> None:
    anna, bo = await booked(office, clerk, "Anna", "Bo")
    assert {place.status for place in await Place.all()} == {"held"}
    home = await office.coordinator.get("/company")
    assert words(home, ".todo li")[0].startswith("Waits for your approval 2 bookings wait")
    assert words(await clerk.get("/company"), ".todo .badge")[0] == "Waits for approval"
    page = await office.coordinator.get("/company/approvals")
    assert words(page, "tbody .who-name") == ["Anna Ek", "Bo Ek"]
    path = "/company/approvals"
    yes = {"do": "approve", "place": str(anna)}
    assert (await clerk.post(path, data=yes)).status_code == 403
    assert (await office.coordinator.post(path, data=yes)).status_code == 303
    no = {"do": "refuse", "place": str(bo)}
    assert (await office.coordinator.post(path, data=no)).status_code == 422
    because = no | {"reason": "No budget <b>left</b>."}
    assert (await office.coordinator.post(path, data=because)).status_code == 303
    states = {place.id: place.status for place in await Place.all()}
    assert states == {anna: "confirmed", bo: "cancelled"}
    told = await Mail.filter(template="place-confirmed")
    assert [mail.address for mail in told] == ["anna@ek.example"]
    assert (await office.coordinator.post(path, data=yes)).status_code == 409


async def test_approvers_decide_for_their_own_company_only(
    office: Office, clerk: httpx.AsyncClient
) -> None:
    (anna,) = await booked(office, clerk, "Anna")
    path = "/company/approvals"
    answers = [
        await office.stranger.post(path, data={"do": "approve", "place": str(anna)}),
        await office.coordinator.post(path, data={"do": "approve", "place": "x"}),
        await office.coordinator.post(path, data={"do": "approve", "place": str(office.company)}),
        await office.coordinator.post(path, data={"do": "approve"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 404, 404, 422]
    assert (await Place.get()).status == "held"


async def test_only_coordinators_of_the_company_are_named(office: Office) -> None:
    path = "/company/access/approvers"
    answers = [
        await office.coordinator.post(path, data={"approver": each})
        for each in ("nonsense", str(office.company))
    ]
    assert [answer.status_code for answer in answers] == [409, 409]
