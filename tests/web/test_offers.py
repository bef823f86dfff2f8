"""An offered seat: answered by the mail's link or on the person's own pages, once, in time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from registration import clock
from registration.catalogue.lines import SessionLine
from registration.enrolment import queries as enrolment
from registration.enrolment.letters import offer_path
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.enrolment.service import cancel
from registration.people.rules import Contact
from registration.settings import Settings
from tests.builders import log_in, make_participant
from tests.web.makers import make_session, take_place
from tests.web.staff.conftest import words

AINO = Contact("Aino", "Virtanen", "aino@example.fi", language="en")
HOUR = timedelta(hours=1)


async def offered(settings: Settings, *, hours: int = 24) -> tuple[SessionLine, UUID]:
    """Aino waited, a seat was freed, and it is offered to her; somebody else waits next."""
    line = await make_session(capacity=1, offer_hours=hours)
    holder = await take_place(line, settings)
    aino = await take_place(line, settings, contact=AINO)
    await take_place(line, settings)
    await cancel(holder.id, actor_id=None, settings=settings, now=clock.now())
    return line, aino.id


async def status_of(place_id: UUID) -> PlaceStatus:
    return (await enrolment.place(place_id)).status


async def lapse(place_id: UUID) -> None:
    """The offer's end has passed a moment ago."""
    await Place.filter(id=place_id).update(until=clock.now() - timedelta(seconds=1))


async def test_the_link_shows_the_offer_and_changes_nothing(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _line, place_id = await offered(settings)
    for _each in range(2):  # programs that look at mail follow links
        page = await client.get(offer_path(place_id, settings))
        assert words(page, "h1") == ["A seat is offered to you"]
        assert words(page, "main form button") == ["Take the seat", "No, thank you"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert await status_of(place_id) is PlaceStatus.OFFERED


async def test_yes_is_taken_without_a_login_and_twice_is_once(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _line, place_id = await offered(settings)
    path = offer_path(place_id, settings)
    for _each in range(2):
        answer = await client.post(path, data={"answer": "accept"})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
    page = await client.get(path)
    assert words(page, "h1") == ["The seat is yours"]
    assert words(page, "main form") == []
    assert await status_of(place_id) is PlaceStatus.CONFIRMED


async def test_no_passes_it_on_and_says_what_now(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    line, place_id = await offered(settings)
    path = offer_path(place_id, settings)
    await client.post(path, data={"answer": "decline"})
    page = await client.get(path)
    assert words(page, "h1") == ["The offer has ended"]
    assert f'href="/sessions/{line.id}"' in page.text
    assert await status_of(place_id) is PlaceStatus.CANCELLED
    statuses = [each.status for each in await enrolment.places_on(line.seating_id)]
    assert statuses == [PlaceStatus.OFFERED]


async def test_after_its_end_the_link_takes_no_yes(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _line, place_id = await offered(settings)
    path = offer_path(place_id, settings)
    await lapse(place_id)
    assert words(await client.get(path), "h1") == ["The offer has ended"]
    late = await client.post(path, data={"answer": "accept"})
    assert (late.status_code, words(late, "h1")) == (409, ["The offer has ended"])
    assert await status_of(place_id) is not PlaceStatus.CONFIRMED


@pytest.mark.parametrize("answer", ["", "yes", "ACCEPT", "accept decline", "a" * 5000, "<script>"])
async def test_what_is_neither_yes_nor_no_does_nothing(
    client: httpx.AsyncClient, settings: Settings, answer: str
) -> None:
    _line, place_id = await offered(settings)
    path = offer_path(place_id, settings)
    given = await client.post(path, data={"answer": answer})
    assert given.status_code in {303, 400}
    assert await status_of(place_id) is PlaceStatus.OFFERED


@pytest.mark.parametrize("token", ["nothing", "a.b", "%2e%2e", "x" * 301, "ä", "%27%20OR%201"])
async def test_made_up_tokens_open_nothing(client: httpx.AsyncClient, token: str) -> None:
    for path in (f"/offers/{token}", f"/interest/{token}"):
        assert (await client.get(path)).status_code in {200, 404}, path
        assert (await client.post(path, data={"answer": "accept"})).status_code in {200, 404}
    assert (await client.get(f"/offers/{token}")).status_code == 404


async def test_a_token_of_another_kind_or_a_changed_one_opens_nothing(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _line, place_id = await offered(settings)
    path = offer_path(place_id, settings)
    changed = path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1]
    unknown = offer_path(uuid4(), settings)
    for wrong in (changed, unknown, path.replace("/offers/", "/interest/")):
        answer = await client.post(wrong, data={"answer": "accept"})
        assert answer.status_code in {200, 404}
    assert await status_of(place_id) is PlaceStatus.OFFERED


async def test_my_page_puts_the_offer_first_and_answers_it(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _line, place_id = await offered(settings)
    _person, account = await make_participant()
    await log_in(client, account)
    home = await client.get("/me")
    assert words(home, "main h2")[0] == "A seat is offered to you"
    assert words(home, "main .button-primary")[0].startswith("Take the seat")
    own = f"/me/places/{place_id}/offer"
    assert words(await client.get(own), "h1") == ["A seat is offered to you"]
    taken = await client.post(own, data={"answer": "accept"})
    assert (taken.status_code, taken.headers["location"]) == (303, own)
    assert await status_of(place_id) is PlaceStatus.CONFIRMED
    assert words(await client.get("/me"), "main h2")[0] == "Coming up"


async def test_anothers_offer_is_not_there(client: httpx.AsyncClient, settings: Settings) -> None:
    _line, place_id = await offered(settings)
    _person, account = await make_participant("eero@example.fi")
    await log_in(client, account)
    own = f"/me/places/{place_id}/offer"
    assert (await client.get(own)).status_code == 404
    assert (await client.post(own, data={"answer": "accept"})).status_code == 404
    assert await status_of(place_id) is PlaceStatus.OFFERED
