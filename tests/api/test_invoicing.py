"""A program of staff's invoices: what is owed, the basis, its files, and undoing it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role, Scope
from registration.accounts.tokens import add_token
from registration.invoicing.rules import month_of
from registration.settings import Settings
from tests.builders import make_account
from tests.conftest import browser
from tests.invoicing.makers import make_buyer, make_run, seat

URL = "/api/v1/invoicing"


@pytest.fixture
async def bearer(client: httpx.AsyncClient) -> dict[str, str]:
    await make_account(Role.STAFF, "staff@example.fi")
    token = await add_token("staff@example.fi", Scope.STAFF, days=1, now=clock.now())
    return {"Authorization": f"Bearer {token}"}


async def test_from_what_is_owed_to_the_file_and_back(
    app: Starlette, settings: Settings, bearer: dict[str, str]
) -> None:
    company, yesterday = await make_buyer(), clock.now() - timedelta(days=1)
    session = await make_run(starts_at=yesterday)
    before = yesterday - timedelta(days=1)
    await seat(session, company, settings, order_number="PO-7", now=before)
    month = month_of(yesterday, settings.time_zone)
    async with browser(app) as client:
        client.headers.update(bearer)
        (owed,) = (await client.get(f"{URL}/owed")).json()["items"]
        assert (owed["company"], owed["month"], owed["net_cents"]) == (str(company), month, 29_900)
        wanted = {"company": owed["company"], "month": owed["month"]}
        made = await client.post(URL, json=wanted, headers={"Idempotency-Key": "a"})
        again = await client.post(URL, json=wanted, headers={"Idempotency-Key": "a"})
        assert (made.status_code, again.json()) == (201, made.json())
        twice = await client.post(URL, json=wanted)
        assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_invoice")
        one = f"{URL}/{made.json()['id']}"
        whole = (await client.get(one)).json()
        assert whole["rates"] == [{"vat_percent": 25.5, "net_cents": 29_900, "vat_cents": 7_625}]
        assert [line["order_number"] for line in whole["lines"]] == ["PO-7"]
        number = whole["invoice"]["number"]
        file = await client.get(one, params={"format": "csv"})
        assert (file.headers["content-type"], number in file.text) == (
            "text/csv; charset=utf-8", True,
        )  # fmt: skip
        lacking = await client.get(one, params={"format": "ubl"})
        assert (lacking.status_code, lacking.json()["code"]) == (409, "e_invoice_incomplete")
        assert (await client.get(one, params={"format": "pdf"})).status_code == 422
        undone = await client.post(f"{one}/undo", json={"reason": "Wrong month"})
        assert undone.status_code == 200
        (line,) = (await client.get(URL)).json()["items"]
        assert (line["number"], line["undone_at"] is not None) == (number, True)
        assert (await client.post(f"{one}/undo", json={"reason": ""})).status_code == 422
        assert (await client.get(URL, params={"cursor": "nonsense"})).status_code == 400


async def test_a_company_has_no_part_in_it(app: Starlette, bearer: dict[str, str]) -> None:
    company = await make_buyer()
    await make_account(Role.COORDINATOR, "kaisa@example.fi", company_id=company, nda_on=None)
    token = await add_token("kaisa@example.fi", Scope.COMPANY, days=1, now=clock.now())
    async with browser(app) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        assert (await client.get(URL)).status_code == 403
        assert (await client.get(f"{URL}/owed")).status_code == 403
        assert (await client.post(URL, json={})).status_code == 403
