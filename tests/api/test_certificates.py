"""A program of staff's and the register of certificates; a company's sees no more than before."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role, Scope
from registration.accounts.tokens import add_token
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.models import Place
from registration.ledger.queries import disclosures
from registration.settings import Settings
from tests.builders import make_account
from tests.conftest import browser
from tests.teaching.makers import School, enrol, make_school, record

URL = "/api/v1/certificates"


@pytest.fixture
async def bearer(client: httpx.AsyncClient) -> dict[str, str]:
    await make_account(Role.STAFF, "staff@example.fi")
    token = await add_token("staff@example.fi", Scope.STAFF, days=1, now=clock.now())
    return {"Authorization": f"Bearer {token}"}


async def completed(settings: Settings, *names: str) -> School:
    start = (clock.now() - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    school = await make_school(settings, start=start)
    for name in names:
        taken = await enrol(school, name)
        row: dict[str, object] = {"place_id": taken.id, "grade": "4", "completed": True}
        await record(school, row, now=clock.now())
    return school


async def test_from_issuing_to_issuing_anew(
    app: Starlette, settings: Settings, bearer: dict[str, str]
) -> None:
    school = await completed(settings, "Aino Virtanen", "Bo Öhman", "Cia Dahl")
    missing = f"/api/v1/sessions/{school.id}/certificates"
    async with browser(app) as client:
        client.headers.update(bearer)
        issued = await client.post(missing, headers={"Idempotency-Key": "a"})
        assert (issued.status_code, len(issued.json()["issued"])) == (200, 3)
        assert (await client.post(missing)).json() == {"issued": [], "revoked": []}
        page = (await client.get(URL, params={"limit": 2})).json()
        rest = (await client.get(URL, params={"limit": 2, "cursor": page["next"]})).json()
        items = [*page["items"], *rest["items"]]
        assert [each["name"] for each in items] == ["Bo Öhman", "Aino Virtanen", "Cia Dahl"]
        assert (rest["next"], {each["state"] for each in items}) == (None, {"valid"})
        assert not any("token" in each for each in items)
        first, second = (f"{URL}/{each['id']}" for each in items[:2])
        assert (await client.post(f"{first}/revoke", json={"reason": "Wrong"})).status_code == 200
        twice = await client.post(f"{first}/reissue", json={"reason": "Again"})
        assert (twice.status_code, twice.json()["code"]) == (409, "already_revoked")
        anew = await client.post(f"{second}/reissue", json={"reason": "Name"})
        assert anew.status_code == 201
        old = (await client.get(second)).json()
        new = (await client.get(f"{URL}/{anew.json()['id']}")).json()
        assert (old["state"], old["replaced_by"], new["replaces"]) == (
            "replaced",
            new["number"],
            old["id"],
        )
        assert (await client.post(f"{second}/reissue", json={"reason": "x"})).status_code == 409
        assert (await client.post(f"{first}/revoke", json={"reason": ""})).status_code == 422
        soon = await client.post(f"{URL}/{new['id']}/resend")
        assert (soon.status_code, soon.json()["code"]) == (409, "told_just_now")
        for address in (f"{URL}/{uuid4()}", f"{URL}/x"):
            assert (await client.get(address)).status_code == 404
        assert (await client.get(URL, params={"cursor": "nonsense"})).status_code == 400
        revoked = (await client.get(URL, params={"state": "revoked"})).json()["items"]
        assert [each["id"] for each in revoked] == [items[0]["id"]]
        session = (await client.get(URL, params={"session": str(school.id)})).json()["items"]
        assert len(session) == 4
        assert (await client.get(URL, params={"session": str(uuid4())})).status_code == 404
    assert {each.road for each in await disclosures()} == {"api"}


async def test_a_company_sees_what_it_saw_before_and_no_more(
    app: Starlette, settings: Settings, bearer: dict[str, str]
) -> None:
    company = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=clock.now())
    school = await completed(settings, "Aino Virtanen")
    await Place.filter(seating_id=school.session.seating_id).update(company_id=company)
    await make_account(Role.COORDINATOR, "kaisa@example.fi", company_id=company, nda_on=None)
    token = await add_token("kaisa@example.fi", Scope.COMPANY, days=1, now=clock.now())
    async with browser(app) as staff, browser(app) as client:
        staff.headers.update(bearer)
        (made,) = (await staff.post(f"/api/v1/sessions/{school.id}/certificates")).json()["issued"]
        client.headers["Authorization"] = f"Bearer {token}"
        for method, address in (
            ("GET", URL),
            ("GET", f"{URL}/{made}"),
            ("POST", f"{URL}/{made}/revoke"),
            ("POST", f"{URL}/{made}/reissue"),
            ("POST", f"{URL}/{made}/resend"),
            ("POST", f"/api/v1/sessions/{school.id}/certificates"),
        ):
            assert (await client.request(method, address)).status_code == 403
        await staff.post(f"{URL}/{made}/reissue", json={"reason": "Name"})
        found = (await client.get("/api/v1/qualifications")).json()["items"]
        assert {"reason", "replaces", "replaced_by", "token", "revoked_because"} & {
            name for each in found for name in each
        } == set()
