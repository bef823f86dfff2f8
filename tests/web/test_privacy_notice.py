"""The notice, the whole list and old versions as anybody reads them (P19)."""

from __future__ import annotations

from datetime import date

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.applications import Starlette

from registration import clock
from registration.app import create_app
from registration.i18n import LANGUAGES, _, speaking
from registration.privacy.datamap import personal
from registration.privacy.notice import Mark, detail_lines, notice_lines
from registration.privacy.notice_versions import keep_up
from registration.settings import Settings
from registration.teaching.rules import RecipientGiven
from registration.teaching.service import add_recipient
from tests.conftest import browser
from tests.web.counting import statements

EVIL = '<script>alert("x")</script>'


def _text(answer: httpx.Response) -> str:
    tree = LexborHTMLParser(answer.text)
    main = tree.css_first("main")
    assert main is not None
    return " ".join(main.text().split())


def _renamed(settings: Settings, **changed: str) -> Settings:
    house = settings.organisation.model_copy(update=changed)
    return settings.model_copy(update={"organisation": house})


@pytest.mark.promise("P19")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_has_every_line_of_the_notice(
    client: httpx.AsyncClient, settings: Settings, language: str
) -> None:
    answer = await client.get("/privacy", headers={"Accept-Language": language})
    shown = _text(answer)
    with speaking(language):
        missing = [
            line.text
            for line in notice_lines(settings.organisation)
            if " ".join(line.text.split()) not in shown
        ]
    assert (answer.status_code, missing) == (200, [])


@pytest.mark.promise("P19")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_whole_list_has_every_table(
    client: httpx.AsyncClient, settings: Settings, language: str
) -> None:
    answer = await client.get("/privacy/details", headers={"Accept-Language": language})
    tree = LexborHTMLParser(answer.text)
    with speaking(language):
        assert [node.text().strip() for node in tree.css("main h3")] == [
            line.text for line in detail_lines(settings.organisation) if line.mark is Mark.PART
        ]
        assert len(tree.css("main h3")) == len(personal())


async def test_links_inside_the_notice_lead_somewhere(client: httpx.AsyncClient) -> None:
    tree = LexborHTMLParser((await client.get("/privacy")).text)
    ids = {node.attributes["id"] for node in tree.css("[id]")}
    inside = {
        str(node.attributes["href"])[1:]
        for node in tree.css("main a")
        if str(node.attributes["href"]).startswith("#")
    }
    assert inside
    assert inside <= ids


@pytest.mark.promise("P19")
async def test_the_page_says_its_version_once_there_is_one(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    assert "This version has just come into force." in _text(await client.get("/privacy"))
    await keep_up(settings, now=clock.now())
    assert "Version 1, in force since" in _text(await client.get("/privacy"))


@pytest.mark.promise("P15")
async def test_the_trainers_firms_of_today_are_named(client: httpx.AsyncClient) -> None:
    for name, country, since in (
        ("Rata Oy", "FI", date(2026, 1, 1)),
        ("Track Ltd", "GB", date(2026, 1, 1)),
        ("Later Oy", "FI", None),
    ):
        given = RecipientGiven(name=name, country=country, agreement_on=since)
        await add_recipient(given, actor_id=None, now=clock.now())
    shown = _text(await client.get("/privacy?x=1"))
    assert "Trainers' firms today: Rata Oy (Finland)." in shown


@pytest.mark.promise("P19")
async def test_an_old_version_stays_readable_beside_what_was_changed(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    now = clock.now()
    await keep_up(settings, now=now)
    await keep_up(_renamed(settings, name="Uusi Raide Oy"), now=now)
    listed = LexborHTMLParser((await client.get("/privacy/versions")).text)
    assert [node.text() for node in listed.css("main h2 a")] == ["Version 2", "Version 1"]
    old = await client.get("/privacy/versions/1")
    assert "Pohjan Raide Oy" in _text(old)
    assert "A newer version is in force." in _text(old)
    new = LexborHTMLParser((await client.get("/privacy/versions/2")).text)
    assert [node.text().strip() for node in new.css("del")] == ["Pohjan Raide Oy"]
    assert [node.text().strip() for node in new.css("ins")] == ["Uusi Raide Oy"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_old_version_is_in_the_readers_language(
    client: httpx.AsyncClient, settings: Settings, language: str
) -> None:
    await keep_up(settings, now=clock.now())
    answer = await client.get("/privacy/versions/1", headers={"Accept-Language": language})
    with speaking(language):
        assert _("In short") in _text(answer)


@pytest.mark.parametrize("number", ["2", "0", "x", "-1", "1.5", "²", "9" * 30])
async def test_there_is_no_other_version(
    client: httpx.AsyncClient, settings: Settings, number: str
) -> None:
    await keep_up(settings, now=clock.now())
    assert (await client.get(f"/privacy/versions/{number}")).status_code == 404


async def test_a_hostile_organisation_is_only_text(settings: Settings) -> None:
    evil = _renamed(settings, name=EVIL, address=EVIL, authority=EVIL, authority_url="javascript:x")
    app: Starlette = create_app(evil, run_jobs=False)
    async with app.router.lifespan_context(app), browser(app) as visitor:
        now = clock.now()
        await keep_up(settings, now=now)
        await keep_up(evil, now=now)
        for path in ("/privacy", "/privacy/details", "/privacy/versions/2"):
            answer = await visitor.get(path)
            assert (answer.status_code, EVIL in answer.text) == (200, False)
            assert 'href="javascript' not in answer.text


async def test_a_visitor_costs_two_statements_and_the_next_none(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await keep_up(settings, now=clock.now())
    await client.get("/privacy/details")
    async with statements() as asked:
        await client.get("/privacy")
    async with statements() as again:
        await client.get("/privacy")
    assert (len(asked), len(again)) == (3, 0)
