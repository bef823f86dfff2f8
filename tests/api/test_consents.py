"""Consents by program: noted as asked for, never against a no, and told only to who may know."""

from __future__ import annotations

import pytest

from registration import clock
from registration.people.allowing import NoFrom
from registration.people.models import Consent
from registration.people.prohibitions import forbid
from registration.people.rules import Purpose
from registration.settings import Settings
from tests.api.makers import House, Json, found, make_session, person, refused

YES: Json = {"newsletter": True, "marketing": True, "notice": True}


async def _forbidden(number: int, settings: Settings) -> None:
    await forbid(
        str(person(number)["email"]),
        [Purpose.NEWSLETTER],
        source=NoFrom.LINK,
        secret=settings.secret,
        now=clock.now(),
    )


@pytest.mark.promise("P10")
@pytest.mark.parametrize(("who", "told"), [("staff", ["newsletter"]), ("", [])])
async def test_an_address_that_said_no_is_not_asked_by_a_program(
    house: House, settings: Settings, who: str, told: list[str]
) -> None:
    """Staff are told; a stranger learns nothing of what an address forbade."""
    session = await make_session(house)
    await _forbidden(1, settings)
    path = f"/sessions/{session['id']}/enrolments"
    place = found(await house.post(path, {"person": person(1), "consents": YES}, who=who), 201)
    said = place["consents_refused"]
    assert isinstance(said, list)
    assert [each["consent"] for each in said] == told
    rows = {row.purpose: row.confirmed_at is not None for row in await Consent.all()}
    assert rows == {"marketing": False, "notice": True}


async def test_no_in_the_map_is_only_that_nothing_was_ticked(
    house: House, settings: Settings
) -> None:
    """A form that sends every box says nothing of the person's will by those left empty."""
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    given = {"person": person(1), "consents": {"marketing": False, "newsletter": False}}
    found(await house.post(path, given, who=""), 201)
    assert await Consent.all().count() == 0


@pytest.mark.promise("P10")
async def test_a_company_says_yes_for_nobody(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    for given in ({"person": person(1)}, {"people": [person(1)]}):
        answer = await house.post(path, {**given, "consents": YES}, who="company")
        assert refused(answer, 422) == {"consents": "not_yours"}
    assert await Consent.all().count() == 0
