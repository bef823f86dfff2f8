"""Nothing stands in the way: WCAG 2.2 A and AA and axe's best practices in light and dark, a focus
that is seen, stillness, targets for a thumb, and 320 px of room; in each language."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from tests.browser.doing import session_links, uploaded
from tests.browser.looks import Looks
from tests.browser.site import Visitors
from tests.browser.walk import HOMES, PAGES, PUBLIC, pages_from, sent_empty

# Opened by a link that works once (see the states that no link leads to), or by who has a second
# factor or needs one (see test_passkeys), or by a caterer (see the states), or by a mail's link, or
# from a list that was searched for (see the states).
ONCE = {
    "/company/apply/sent",
    "/consent/{token}",
    "/interest/{token}",
    "/newsletter/asked",
    "/unsubscribe/{token}",
    "/enrolled/{token}",
    "/feedback/thanks",
    "/company/webhooks/{id}",
    "/kitchen/{token}",
    "/login/second",
    "/login/{secret}",
    "/me/security/codes",
    "/me/security/passkeys/new",
    "/me/security/passkeys/{id}",
    "/offers/{token}",
    "/staff/privacy/holds/new/{id}",
}
# Who walks in turn; the office has as many pages as all others together.
PARTS = {"people": ("", "participant", "coordinator", "trainer"), "office": ("organiser", "staff")}


async def walked(page: Page, *starts: str, seen: set[str], looks: Looks) -> list[str]:
    """What is wrong with the pages that links lead to, and with each one's form sent empty."""
    found = []
    async for _route in pages_from(page, *starts, seen=seen):
        found += await looks.at(page)
        if await sent_empty(page):
            found += await looks.at(page)
    return found


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("part", PARTS)
async def test_every_page_of_the_route_table_is_without_barriers(
    visitors: Visitors, looks: Looks, part: str, language: str
) -> None:
    office = {route for route in PAGES if route.startswith("/staff")}
    own = (office if part == "office" else set(PAGES) - office) - ONCE
    seen = set(PAGES) - own
    found: list[str] = []
    for who in PARTS[part]:
        page = await visitors.window(who, language=language)
        starts = HOMES.get(who, PUBLIC)
        if who == "coordinator":
            starts = (await uploaded(await visitors.window(who)), *starts)
            starts += tuple(await session_links(page))  # people and seats stand on some of them
        if who == "trainer":  # some are asked for, some corrected, some complete
            starts += tuple(await session_links(page, "/trainer"))
        found += await walked(page, *starts, seen=seen, looks=looks)
        if who == "coordinator":  # another company has people on sessions that are to come
            page = await visitors.window("koulutus@lundin.example", language=language)
            links = await session_links(page)
            found += await walked(page, *links, seen=seen, looks=looks)
        assert await page.locator("html").get_attribute("lang") == language
    assert found == []
    assert set(PAGES) - seen == set()


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
    visitors: Visitors, looks: Looks, who: str, address: str, status: int
) -> None:
    page = await visitors.window(who)
    answer = await page.goto(address)
    assert answer is not None
    assert answer.status == status
    assert await looks.at(page) == []


async def test_the_menu_of_a_phone_is_without_barriers(visitors: Visitors, looks: Looks) -> None:
    page = await visitors.window("staff", width=390)
    await page.goto("/staff")
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Trainings and events").first.wait_for()
    assert await looks.at(page) == []
