"""The accessibility statement, the page of patterns, and what a page weighs."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from registration.app import create_app
from registration.settings import Settings
from registration.templating import STATIC
from tests.conftest import browser
from tests.web.makers import make_session, make_training, soon

MOST_BYTES = 60_000
LOADED = r'<(?:link rel="(?:stylesheet|icon)" href|script [^>]*src)="([^"]+)"'
AUTHORITY = {
    "fi": "https://www.saavutettavuusvaatimukset.fi",
    "sv": "https://www.tillganglighetskrav.fi",
    "en": "https://www.webaccessibility.fi",
}


@pytest.fixture
async def demo_client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings.model_copy(update={"demo": True}), run_jobs=False)
    EXECUTOR_CACHE.clear()
    async with app.router.lifespan_context(app), browser(app) as opened:
        yield opened


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_statement_names_the_channel_and_the_authority(
    client: httpx.AsyncClient, settings: Settings, language: str
) -> None:
    text = (await client.get("/accessibility", headers={"Accept-Language": language})).text
    for words in ("WCAG 2.2", "axe", "Traficom", AUTHORITY[language], settings.organisation.email):
        assert (words in text, words) == (True, words)


async def test_every_page_leads_to_the_statement_and_the_check(client: httpx.AsyncClient) -> None:
    for path in ("/", "/login", "/privacy", "/no/such/page"):
        text = (await client.get(path)).text
        assert ('href="/accessibility"' in text, 'href="/verify"' in text) == (True, True)


async def test_patterns_are_there_in_a_demonstration_only(
    client: httpx.AsyncClient, demo_client: httpx.AsyncClient
) -> None:
    answers = [(await each.get("/patterns")).status_code for each in (client, demo_client)]
    assert answers == [404, 200]


async def test_first_visit_to_a_public_page_weighs_little(client: httpx.AsyncClient) -> None:
    """All that a first visit to the catalogue loads, as it goes over the wire."""
    training = await make_training()
    for number in range(24):
        await make_session(training, starts_at=soon(days=2 + number))
    headers = {"Accept-Encoding": "gzip"}
    weight = 0
    async with client.stream("GET", "/?q=track", headers=headers) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    weight += len(raw)
    page = gzip.decompress(raw).decode()
    for path in re.findall(LOADED, page):
        async with client.stream("GET", path, headers=headers) as answer:
            assert (answer.status_code, path) == (200, path)
            weight += len(b"".join([part async for part in answer.aiter_raw()]))
    weight += (STATIC / "fonts/instrument-sans-latin.woff2").stat().st_size
    assert weight < MOST_BYTES


def test_scripts_and_styles_stay_small() -> None:
    scripts = sum(path.stat().st_size for path in STATIC.glob("js/*.js"))
    shared = ("tokens", "base", "layout", "components")
    styles = sum((STATIC / f"css/{name}.css").stat().st_size for name in shared)
    assert (scripts < 20_000, styles < 36_000) == (True, True)
