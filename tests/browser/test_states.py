"""States that no link leads to, and an installation that is empty, overfull and broken, in each
language: they look as intended too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.looks import Looks
from tests.browser.rough import DATES
from tests.browser.site import (
    Site,
    Visitors,
    Watch,
    log_everybody_in,
    rough_installation,
)
from tests.browser.walk import PAGES, pages_from, sent_empty

LANGUAGES = pytest.mark.parametrize("language", ["fi", "sv", "en"])
GUEST = {"first_name": "👩‍🚒 Ψ", "last_name": "Ибрагим إبراهيم " + "Pitkänen" * 10}


async def send(page: Page, field: str) -> None:
    """Enter in the field sends its form; what came back is open."""
    async with page.expect_navigation():
        await page.locator(field).press("Enter")


async def signed_up(page: Page, email: str) -> None:
    await page.goto("/")
    await page.locator('.card a[href^="/events/"]').first.click()
    await page.locator('a[href$="/register"]').first.click()
    for name, text in (GUEST | {"email": email}).items():
        await page.locator(f"#f-{name}").fill(text)
    await send(page, "#f-email")


async def to_confirm_login(page: Page) -> None:
    await page.goto("/dev/mail")
    await page.locator("main tbody a").first.click()
    link = page.frame_locator("iframe").locator("a.button").first
    await page.goto(f"{await link.get_attribute('href')}")


async def listed(page: Page, *emails: str) -> None:
    """A list is uploaded to a session."""
    rows = "".join(f"Aada;Lindén;{email}\n" for email in emails)
    await page.goto("/company/sessions")
    await page.locator('main a[href*="/company/sessions/"]').nth(3).click()
    content = f"First name;Last name;E-mail\n{rows}".encode()
    await page.locator("input[type=file]").set_input_files(
        FilePayload(name="people.csv", mimeType="text/csv", buffer=content)
    )
    await page.locator("main form button[type=submit]").first.click()
    await page.wait_for_url("**/company/uploads/*")


@LANGUAGES
async def test_states_that_no_link_leads_to_are_without_barriers(
    visitors: Visitors, looks: Looks, language: str
) -> None:
    email = f"rough.{language}@example.fi"
    page = await visitors.window(language=language)
    await signed_up(page, email)
    found = await looks.at(page)
    await expect(page.locator("#f-email")).to_have_count(0)
    await page.goto("/login")
    await page.locator("#f-email").fill(email)
    await send(page, "#f-email")
    found += await looks.at(page)
    await to_confirm_login(page)
    found += await looks.at(page)
    await page.locator("main form button").click()
    await page.wait_for_url("**/me")
    found += await looks.at(page)

    page = await visitors.window("coordinator", language=language)
    await listed(page, "no address")
    found += await looks.at(page)
    await listed(page, email, "no address")
    await page.locator('form[action$="/enrol"] button').click()
    await page.locator('a[href$="#people"]').first.wait_for()
    found += await looks.at(page)
    for address, status in (("/staff", 403), ("/nothing-here", 404)):
        answer = await page.goto(address)
        assert answer is not None
        assert answer.status == status
        found += await looks.at(page)
    assert found == []


@LANGUAGES
async def test_placing_a_hold_is_without_barriers(
    visitors: Visitors, looks: Looks, language: str
) -> None:
    page = await visitors.window("staff", language=language)
    await page.goto("/staff/privacy/holds/new")
    await page.locator("#f-words").fill("salminen")
    await send(page, "#f-words")
    found = await looks.at(page)
    await page.locator('main a[href^="/staff/privacy/holds/new/"]').first.click()
    await page.wait_for_url("**/holds/new/*")
    found += await looks.at(page)
    assert await sent_empty(page)
    assert found + await looks.at(page) == []


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with rough_installation(tmp_path_factory.mktemp("rough")) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="session")
async def strangers(chromium: Browser, rough: Site) -> AsyncIterator[Visitors]:
    opened = Visitors(rough, chromium, {}, Watch(rough.url))
    yield opened
    await opened.close()
    assert opened.watch.faults == []


@LANGUAGES
async def test_an_installation_in_any_state_is_without_barriers(
    strangers: Visitors, looks: Looks, language: str
) -> None:
    page = await strangers.window(language=language)
    found: list[str] = []
    last = -(-DATES // 24)
    for address, status in (
        ("/", 200),
        (f"/?page={last}", 200),
        ("/?q=no+such+words", 200),
        ("/?view=calendar", 200),
        ("/trainings/long", 200),
        ("/fails", 500),
    ):
        answer = await page.goto(address)
        assert answer is not None
        assert answer.status == status
        found += await looks.at(page)
    assert found == []


async def test_an_empty_office_is_without_barriers(
    strangers: Visitors, chromium: Browser, rough: Site, looks: Looks
) -> None:
    strangers.doors = await log_everybody_in(chromium, rough)
    page = await strangers.window("office@example.fi", language="fi")
    found, seen = [], {route for route in PAGES if "/staff" not in route or "/sessions" in route}
    async for _route in pages_from(page, "/staff", seen=seen):
        found += await looks.at(page)
    assert found == []
    assert {"/staff/companies", "/staff/events", "/staff/places", "/staff/ledger"} <= seen
