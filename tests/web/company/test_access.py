"""Coordinators see who else enrols for their company, invite a colleague, and end it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registration import clock
from registration.accounts.models import Grant
from registration.accounts.rules import Role
from registration.mail.models import Mail
from tests.web.company.conftest import Office, words

FORM = {
    "name": "Uusi Kollega",
    "email": "uusi@example.fi",
    "reason": "shift lists",
    "language": "fi",
}


@pytest.mark.promise("P14")
async def test_a_coordinator_invites_a_colleague_no_longer_than_they_have(office: Office) -> None:
    end = clock.now() + timedelta(days=40)
    await Grant.filter(account_id=office.account).update(ends_at=end)
    assert (await office.coordinator.post("/company/access", data=FORM)).status_code == 303
    page = await office.coordinator.get("/company/access")
    assert words(page, "tbody th .who-name") == ["Kaisa Korhonen", "Uusi Kollega"]
    row = await Grant.get(granted_by=office.account)
    assert (row.role, row.scope_id, row.ends_at) == (Role.COORDINATOR, office.company, end)
    (mail,) = await Mail.filter(template="invited")
    assert (mail.address, mail.language) == ("uusi@example.fi", "fi")
    twice = await office.coordinator.post("/company/access", data=FORM)
    assert twice.status_code == 409
    empty = await office.coordinator.post("/company/access", data={})
    assert empty.status_code == 422


@pytest.mark.promise("P14")
async def test_access_to_a_company_is_ended_from_within_it_only(office: Office) -> None:
    await office.coordinator.post("/company/access", data=FORM)
    row = await Grant.get(granted_by=office.account)
    own = await Grant.get(account_id=office.account)
    path = f"/company/access/{row.id}/end"
    assert (await office.stranger.post(path)).status_code == 404
    assert (await office.coordinator.post(path)).status_code == 303
    last = await office.coordinator.post(f"/company/access/{own.id}/end")
    assert (last.status_code, "Invite a colleague first" in last.text) == (409, True)
    assert (await office.coordinator.post(path)).status_code == 404
    other = await office.stranger.post(f"/company/access?company={office.company}", data=FORM)
    assert other.status_code == 404
