"""Who may open what: staff all but food restrictions, organisers their own events and no other."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration.accounts.rules import Role
from registration.ledger.queries import disclosures
from registration.web.staff import ROUTES
from tests.conftest import browser
from tests.web.makers import make_event, make_session, take_place
from tests.web.staff.conftest import House, words

ORGANISERS_TOO = {
    "/staff",
    "/staff/events",
    "/staff/events/new",
    "/staff/deletions",
    "/staff/deletions/{id}",
    "/staff/deletions/{id}/proof.json",
    "/staff/deletions/{id}/proof.pdf",
    "/staff/events/{id}",
    "/staff/events/{id}/ask-again",
    "/staff/events/{id}/cancel",
    "/staff/events/{id}/delete",
    "/staff/events/{id}/diets",
    "/staff/events/{id}/edit",
    "/staff/events/{id}/feedback",
    "/staff/events/{id}/feedback/close",
    "/staff/events/{id}/feedback/questions",
    "/staff/events/{id}/kitchen",
    "/staff/events/{id}/kitchen.pdf",
    "/staff/events/{id}/kitchen.xlsx",
    "/staff/events/{id}/kitchen/links",
    "/staff/events/{id}/kitchen/links/{link}/end",
    "/staff/events/{id}/kitchen/print",
    "/staff/events/{id}/organisers",
    "/staff/events/{id}/organisers/{grant}/end",
    "/staff/events/{id}/people",
    "/staff/events/{id}/run",
    "/staff/places/{id}",
    "/staff/places/{id}/absent",
    "/staff/places/{id}/cancel",
    "/staff/places/{id}/name",
    "/staff/places/{id}/offer",
}


def test_every_route_is_for_staff_and_the_events_for_organisers_too() -> None:
    both = frozenset({Role.STAFF, Role.ORGANISER})
    assert {each.path for each in ROUTES if each.access.roles == both} == ORGANISERS_TOO
    others = [each for each in ROUTES if each.path not in ORGANISERS_TOO]
    assert {each.access.roles for each in others} == {frozenset({Role.STAFF})}
    assert not any(each.access.anyone for each in ROUTES)


async def test_a_stranger_is_led_to_the_login(app: Starlette, house: House) -> None:
    async with browser(app) as stranger:
        answer = await stranger.get("/staff/events")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=%2Fstaff%2Fevents",
    )


@pytest.mark.parametrize("path", ["/staff", "/staff/events", "/staff/accounts"])
async def test_a_trainer_has_no_access(house: House, path: str) -> None:
    assert (await house.trainer.get(path)).status_code == 403


async def test_an_organiser_sees_their_events_and_not_others(house: House) -> None:
    mine = await make_event("Mine", slug="mine")
    other = await make_event("Another's", slug="other")
    await house.organise(mine.id)
    listed = await house.organiser.get("/staff/events")
    assert words(listed, ".data-table tbody th a") == ["Mine"]
    assert words(await house.organiser.get("/staff"), ".card h3") == ["Mine"]
    for page in ("", "/edit", "/cancel", "/kitchen", "/diets"):
        assert (await house.organiser.get(f"/staff/events/{mine.id}{page}")).status_code == 200
        assert (await house.organiser.get(f"/staff/events/{other.id}{page}")).status_code == 404
    for page in ("/edit", "/cancel", "/people", "/organisers", f"/organisers/{uuid4()}/end"):
        answer = await house.organiser.post(f"/staff/events/{other.id}{page}", data={})
        assert answer.status_code == 404


async def test_an_organiser_cancels_places_of_their_events_only(house: House) -> None:
    mine, other = await make_event(slug="mine"), await make_event(slug="other")
    session = await make_session()
    await house.organise(mine.id)
    places = [(await take_place(line, house.settings)).id for line in (mine, other, session)]
    answers = [await house.organiser.post(f"/staff/places/{each}/cancel") for each in places]
    assert [each.status_code for each in answers] == [303, 404, 403]


@pytest.mark.promise("P3")
async def test_staff_see_no_food_restrictions_by_their_role(house: House) -> None:
    event = await make_event()
    page = await house.staff.get(f"/staff/events/{event.id}")
    assert page.status_code == 200
    assert f"/staff/events/{event.id}/diets" not in page.text
    for name in ("kitchen", "diets"):
        assert (await house.staff.get(f"/staff/events/{event.id}/{name}")).status_code == 403
    assert await disclosures() == []


UNKNOWN = [
    path
    for path in sorted({each.path for each in ROUTES if "GET" in each.methods})
    if "{id}" in path
]


@pytest.mark.parametrize("path", UNKNOWN)
async def test_unknown_and_impossible_ids_are_not_found(house: House, path: str) -> None:
    for given in (str(uuid4()), "1", "x" * 300):
        answer = await house.staff.get(path.replace("{id}", given))
        assert answer.status_code == 404, answer.url
    assert (await house.staff.get(path.replace("{id}", "%00"))).status_code == 400


async def test_all_pages_without_an_id_open(house: House) -> None:
    paths = sorted({each.path for each in ROUTES if "GET" in each.methods and "{" not in each.path})
    answers: dict[str, httpx.Response] = {path: await house.staff.get(path) for path in paths}
    assert {path: each.status_code for path, each in answers.items()} == dict.fromkeys(paths, 200)
    assert len(paths) == 48
