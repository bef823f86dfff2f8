from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from registration import clock
from registration.enrolment.changes import cancel_event, cancel_session
from registration.settings import Settings
from registration.web.kept import Moment, fill, mark
from tests.web.counting import statements
from tests.web.makers import (
    make_event,
    make_session,
    make_training,
    make_venue,
    soon,
    take_place,
)

TITLE = re.compile(r"<h3>(?:<a [^>]*>)?([^<]+)")


def titles(answer: httpx.Response) -> list[str]:
    return TITLE.findall(answer.text)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_public_pages_open_in_each_language(client: httpx.AsyncClient, language: str) -> None:
    training = await make_training(slug="track-safety")
    session = await make_session(training)
    event = await make_event()
    for path in (
        "/",
        "/trainings/track-safety",
        f"/sessions/{session.id}",
        f"/events/{event.slug}",
    ):
        answer = await client.get(path, headers={"Accept-Language": language})
        assert (answer.status_code, path) == (200, path)
        assert f'<html lang="{language}">' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/trainings/none",
        "/sessions/6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        "/sessions/none",
        "/events/none",
    ],
)
async def test_unknown_is_404(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_empty_catalogue_says_so(client: httpx.AsyncClient) -> None:
    assert "No dates are open at the moment" in (await client.get("/")).text


async def test_catalogue_lists_sessions_and_events_in_order_of_start(
    client: httpx.AsyncClient,
) -> None:
    await make_session(await make_training("Later"), starts_at=soon(days=40))
    await make_event("Between", slug="between", starts_at=soon(days=20))
    await make_session(await make_training("First"), starts_at=soon(days=3))
    assert titles(await client.get("/")) == ["First", "Between", "Later"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=weld", ["Rail welding"]),
        ("q=WELDING+rail", ["Rail welding"]),
        ("q=oulu", ["First aid"]),
        ("topic=Safety", ["First aid"]),
        ("language=sv", ["Rail welding"]),
        ("place=Oulu", ["First aid"]),
        ("kind=event", ["Safety day"]),
        ("free=1", ["First aid", "Safety day"]),
        ("q=nothing+like+this", []),
        ("topic=%3Cscript%3E", []),
        ("page=9999", ["First aid", "Rail welding", "Safety day"]),
        ("page=-1&kind=bogus&month=x", []),
    ],
)
async def test_filters(
    client: httpx.AsyncClient, settings: Settings, query: str, expected: list[str]
) -> None:
    aid = await make_training("First aid", topic="Safety")
    await make_session(aid, venue=await make_venue("Oulu"), starts_at=soon(days=5))
    weld = await make_training("Rail welding", topic="Welding")
    full = await make_session(weld, language="sv", capacity=1, starts_at=soon(days=6))
    await take_place(full, settings)
    await make_event(starts_at=soon(days=7))
    assert titles(await client.get(f"/?{query}")) == expected


async def test_long_lists_have_pages_that_keep_the_search(client: httpx.AsyncClient) -> None:
    training = await make_training()
    for number in range(30):
        await make_session(training, starts_at=soon(days=2 + number))
    first = await client.get("/?q=track")
    assert len(titles(first)) == 24
    assert 'rel="next" href="/?q=track&amp;page=2"' in first.text
    assert len(titles(await client.get("/?q=track&page=2"))) == 6


async def test_number_of_queries_does_not_grow(client: httpx.AsyncClient) -> None:
    training = await make_training(slug="track-safety")

    async def count(path: str) -> int:
        async with statements() as seen:
            await client.get(path, headers={"Cookie": "x=1"})
        return len(seen)

    await make_session(training, days=2)
    await make_event()
    one = await count("/"), await count("/trainings/track-safety")
    for number in range(99):
        await make_session(training, starts_at=soon(days=2 + number))
    assert (await count("/"), await count("/trainings/track-safety")) == one


async def test_session_page_says_all_at_a_glance(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    session = await make_session(
        venue=await make_venue("Tampere"), days=2, capacity=5, price_cents=48_000
    )
    await take_place(session, settings)
    text = (await client.get(f"/sessions/{session.id}")).text
    for said in (
        "Track safety",
        "and 1 more day",
        "Depot, Asemakatu 5, Tampere",
        "€480.00 + VAT 25.5 %, €602.40 in all",
        "Finnish",
        "4 seats left",
        "Work in the track area.",
        "5 years",
    ):
        assert said in text
    assert text.count(f'href="/sessions/{session.id}/enrol"') == 1


async def test_why_not_is_said_instead_of_the_action(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    now = clock.now()
    queue = await make_session(capacity=1)
    full = await make_session(capacity=1, waiting_open=False)
    for line in (queue, full):
        await take_place(line, settings)
    later = await make_session(opens_at=now + timedelta(days=2))
    closed = await make_session(closes_at=now - timedelta(minutes=1))
    off = await make_session()
    await cancel_session(off.id, actor_id=None, settings=settings, now=now)
    said = {
        queue.id: ("Join the waiting list", True),
        full.id: ("All seats are taken, and there is no waiting list.", False),
        later.id: ("Sign-up opens on", False),
        closed.id: ("Sign-up has closed.", False),
        off.id: ("This will not take place.", False),
    }
    for made, (words, action) in said.items():
        text = (await client.get(f"/sessions/{made}")).text
        assert (words in text, f"/sessions/{made}/enrol" in text) == (True, action)


async def test_drafts_and_unpublished_trainings_are_not_shown(client: httpx.AsyncClient) -> None:
    await make_training("Secret plan", slug="secret-plan", published=False)
    assert (await client.get("/trainings/secret-plan")).status_code == 404


async def test_kept_page_is_renewed_by_a_change_of_the_catalogue(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    session = await make_session()
    before = await client.get(f"/sessions/{session.id}")
    await cancel_session(session.id, actor_id=None, settings=settings, now=clock.now())
    after = await client.get(f"/sessions/{session.id}")
    said = "This will not take place."
    assert (said in before.text, said in after.text) == (False, True)


async def test_what_is_kept_ends_after_a_moment() -> None:
    pages: Moment[str] = Moment(life_seconds=0)
    pages.keep("key", "page")
    assert pages.find("key") is None


async def test_of_many_who_ask_at_once_one_has_the_page_made(client: httpx.AsyncClient) -> None:
    await make_session()
    async with statements() as once:
        await client.get("/?q=a")
    async with statements() as seen:
        answers = await asyncio.gather(*(client.get("/?q=b") for _each in range(8)))
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(seen) == len(once)


async def test_a_page_that_could_not_be_made_is_tried_again_by_the_next() -> None:
    pages: Moment[str] = Moment()
    tries: Iterator[LookupError | str] = iter([LookupError(), "page"])

    async def make() -> str:
        await asyncio.sleep(0)
        made = next(tries)
        if isinstance(made, str):
            return made
        raise made

    works = (pages.get("key", make) for _each in range(3))
    answers = await asyncio.gather(*works, return_exceptions=True)
    assert [str(answer) for answer in answers] == ["", "page", "page"]


async def test_what_is_anybodys_own_is_put_into_a_kept_page_as_text() -> None:
    page = f"<p>{mark('email')}</p> {mark('token')}"
    own = {"email": f"<b>{mark('token')}", "token": "t"}
    assert fill(page, own) == f"<p>&lt;b&gt;{mark('token')}</p> t"


async def test_kept_page_is_one_per_language_and_unchanged_is_not_sent_again(
    client: httpx.AsyncClient,
) -> None:
    first = await client.get("/")
    again = await client.get("/", headers={"If-None-Match": first.headers["etag"]})
    swedish = await client.get("/", headers={"Accept-Language": "sv"})
    assert (again.status_code, again.content) == (304, b"")
    assert '<html lang="sv">' in swedish.text
    assert first.headers["cache-control"] == "no-cache"


async def test_kept_page_is_bounded(client: httpx.AsyncClient) -> None:
    for number in range(520):
        await client.get(f"/?q={number}")
    pages = client._transport.app.state.pages  # type: ignore[attr-defined]
    assert len(pages) == 500


async def test_hostile_title_is_text(client: httpx.AsyncClient) -> None:
    title = "<script>alert(1)</script> " + "å" * 270
    training = await make_training(title, slug="hostile")
    session = await make_session(training)
    for path in ("/", "/trainings/hostile", f"/sessions/{session.id}"):
        text = (await client.get(path)).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text


@pytest.mark.promise("P4")
async def test_event_page_says_when_diets_go_and_that_a_cancelled_event_is_off(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    event = await make_event()
    assert "They are deleted automatically on" in (await client.get("/events/safety-day")).text
    await cancel_event(event.id, actor_id=None, settings=settings, now=clock.now())
    text = (await client.get("/events/safety-day")).text
    assert ("This will not take place." in text, "/register" in text) == (True, False)


async def test_event_without_catering_does_not_speak_of_food(client: httpx.AsyncClient) -> None:
    await make_event(catered=False)
    assert "allergies" not in (await client.get("/events/safety-day")).text
