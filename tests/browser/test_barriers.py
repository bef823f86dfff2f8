"""Nothing stands in the way: WCAG 2.2 A and AA by axe, in light and dark, and 320 px of room."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.doing import uploaded
from tests.browser.looks import faults
from tests.browser.site import Visitors
from tests.browser.walk import HOMES, PAGES, PUBLIC, pages_from, sent_empty

# Opened by a link that works once (see the states below), or by who has a second factor or needs
# one (see test_passkeys).
ONCE = [
    "/login/second",
    "/login/{secret}",
    "/me/security/codes",
    "/me/security/passkeys/new",
    "/me/security/passkeys/{id}",
]


async def walked(page: Page, *starts: str, seen: set[str]) -> list[str]:
    """What is wrong with the pages that links lead to, and with each one's form sent empty."""
    found = []
    async for _route in pages_from(page, *starts, seen=seen):
        found += await faults(page)
        if await sent_empty(page):
            found += await faults(page)
    return found


async def test_every_page_of_the_route_table_is_without_barriers(visitors: Visitors) -> None:
    seen: set[str] = set()
    found = await walked(await visitors.window(), *PUBLIC, seen=seen)
    for who, starts in HOMES.items():
        page = await visitors.window(who)
        if who == "coordinator":
            starts = (await uploaded(page), *starts)
        found += await walked(page, *starts, seen=seen)
    assert found == []
    assert sorted(set(PAGES) - seen) == ONCE


@pytest.mark.parametrize("language", ["fi", "sv"])
async def test_public_pages_are_without_barriers_in_the_other_languages(
    visitors: Visitors, language: str
) -> None:
    page = await visitors.window(language=language)
    assert await walked(page, *PUBLIC[:-2], seen={"/dev/mail", "/dev/mail/{id}"}) == []
    assert await page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("", "/?q=no+such+words", 200),
        ("", "/?view=calendar", 200),
        ("", "/verify?code=abcd", 404),
        ("", "/nothing-here", 404),
        ("", "/login/ended", 403),
        ("coordinator", "/staff", 403),
        ("participant", "/login?next=/staff", 403),
    ],
)
async def test_unhappy_pages_are_without_barriers(
    visitors: Visitors, who: str, address: str, status: int
) -> None:
    page = await visitors.window(who)
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == status
    assert await faults(page) == []


async def test_the_menu_of_a_phone_is_without_barriers(visitors: Visitors) -> None:
    page = await visitors.window("staff", width=390)
    await page.goto("/staff")
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Trainings and events").first.wait_for()
    assert await faults(page) == []
