"""Asking to become a customer, from the public form to staff's answer."""

from __future__ import annotations

import httpx
import pytest

from registration.accounts.rules import Role
from registration.companies.applications import open_applications
from registration.companies.models import Company
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from tests.builders import NOON, log_in, make_account

FORM = {
    "company": "Uusi Oy",
    "business_id": "0112038-9",
    "name": "Essi Esi",
    "email": "essi@uusi.example",
    "language": "en",
}


async def test_everybody_gets_the_same_answer(client: httpx.AsyncClient) -> None:
    await add_company(CompanyGiven(name="Uusi", business_id="0112038-9"), actor_id=None, now=NOON)
    known, again, robot = [
        await client.post("/company/apply", data=FORM | more)
        for more in ({}, {}, {"website": "x", "business_id": "1572860-0"})
    ]
    assert {each.headers["location"] for each in (known, again, robot)} == {"/company/apply/sent"}
    assert len(await open_applications()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"business_id": ""},
        {"business_id": "0112038-8"},
        {"email": "x"},
        {"name": ""},
        {"company": "x" * 10_000},
    ],
    ids=["no-number", "check-digit", "address", "nobody", "long"],
)
async def test_what_is_wrong_is_said_and_kept_in_the_form(
    client: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    answer = await client.post("/company/apply", data=FORM | wrong)
    assert answer.status_code == 422
    assert await open_applications() == []


@pytest.mark.promise("P14")
async def test_staff_see_duplicates_accept_and_check(client: httpx.AsyncClient) -> None:
    await client.post("/company/apply", data=FORM)
    await log_in(client, await make_account(Role.STAFF))
    (line,) = await open_applications()
    listed = await client.get("/staff/companies")
    path = f"/staff/companies/applications/{line.id}"
    assert path in listed.text
    assert (await client.post(path, data={"do": "refuse"})).status_code == 422
    assert (await client.post(path, data={"do": "accept"})).status_code == 303
    made = await Company.get()
    assert made.verified_at is None
    twice = await client.post(path, data={"do": "refuse", "reason": "no"})
    assert twice.status_code == 409
    await client.post(f"/staff/companies/{made.id}/verify", data={"do": "verify"})
    assert (await Company.get()).verified_at is not None
    form = {"name": "Uusi Oy", "business_id": "1572860-0", "country": "FI"}
    await client.post(f"/staff/companies/{made.id}", data=form)
    assert (await Company.get()).verified_at is None
