"""The page on which a person erases themselves (P11, P13)."""

from __future__ import annotations

import httpx
import pytest

from registration import clock
from registration.people.models import Person
from registration.privacy.models import RightsRequest
from tests.builders import log_in, make_participant


@pytest.mark.promise("P11")
async def test_a_person_says_yes_twice_and_is_nobody_then(client: httpx.AsyncClient) -> None:
    person, account = await make_participant(now=clock.now())
    await log_in(client, account)
    shown = await client.get("/me/erase")
    assert shown.status_code == 200
    assert "No training record has to be kept, and no authority requires anything." in shown.text
    unsure = await client.post("/me/erase", data={})
    assert (unsure.status_code, "Tick the box" in unsure.text) == (422, True)
    assert await Person.filter(id=person.id).count() == 1
    done = await client.post("/me/erase", data={"sure": "1"})
    assert (done.status_code, "Nothing of your data stays." in done.text) == (200, True)
    assert person.first_name not in done.text
    assert await Person.all().count() == 0
    asked = await RightsRequest.get(person_id=person.id)
    assert (asked.kind, asked.state, asked.asker_name) == ("erasure", "answered", "")
    assert (await client.get("/me")).status_code == 303
