"""A company's coordinator enrols people with the spreadsheet that the company happens to have."""

from __future__ import annotations

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.doing import LIST, open_session, upload
from tests.browser.site import Visitors, path_of

MENDED = "katariina.koistinen@pohjolanrata.example"


async def mend_or_leave_out(page: Page) -> None:
    """One row gets its missing address; every other that needs an answer is left out."""
    cards = page.locator("#answer section")
    await expect(cards.first).to_be_visible()
    koistinen = cards.filter(has_text="Koistinen")
    await koistinen.get_by_role("textbox", name="E-mail").fill(MENDED)
    others = cards.filter(has_not_text="Koistinen")
    for left in range(await others.count(), 0, -1):  # the first press saves what was typed, too
        await others.first.get_by_role("button", name="Leave this row out").click()
        await expect(others).to_have_count(left - 1)
    await expect(page.locator("main").get_by_text("Need an answer")).to_be_visible()


async def people_here(page: Page) -> str:
    return await page.locator("#people").inner_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.promise("P6")
async def test_a_messy_list_is_mended_enrolled_and_changes_nothing_again(
    visitors: Visitors, scripts: bool
) -> None:
    page = await visitors.window("coordinator", scripts=scripts)
    await page.goto("/company")
    await page.get_by_role("link", name="Enrol people").first.click()
    session = page.get_by_role("link", name="Occupational safety card" if scripts else "Track work")
    await session.last.click()
    home = path_of(page)

    await upload(page)
    await mend_or_leave_out(page)
    enrol = page.get_by_role("button", name="Enrol ")
    count = int((await enrol.inner_text()).split()[1])
    await enrol.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("The list is enrolled")
    await expect(page.get_by_text(f"{count} people from {LIST.name} have a place")).to_be_visible()

    await page.get_by_role("link", name="See your people on this session").click()
    before = await people_here(page)
    assert f"{count} people" in before

    await upload(page)
    await expect(page.get_by_role("heading", name="Nothing to do")).to_be_visible()
    await expect(page.get_by_role("button", name="Enrol ")).to_have_count(0)
    await page.goto(home)
    assert await people_here(page) == before


async def test_a_file_that_is_no_list_is_refused_in_plain_words(visitors: Visitors) -> None:
    page = await visitors.window("coordinator")
    await open_session(page)
    picture = FilePayload(name="people.xlsx", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n" * 9)
    await page.get_by_label("List of people").set_input_files(picture)
    await page.get_by_role("button", name="Read the list").click()
    await expect(page.get_by_role("alert").first).to_be_visible()
    await expect(page.get_by_role("button", name="Read the list")).to_be_visible()
