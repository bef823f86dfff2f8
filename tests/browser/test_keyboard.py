"""Without a mouse: one always sees where one is, and nothing takes the focus away."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.doing import uploaded
from tests.browser.keys import tab_to, typed
from tests.browser.site import Visitors

STOPS = 360


async def unseen_stops(page: Page) -> list[str]:
    """The stops from the page's start to its end at which one does not see the focus."""
    unseen: list[str] = []
    for _step in range(STOPS):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement === document.body"):
            return unseen
        at = await page.evaluate("() => looks.focus()")
        if not at["seen"]:
            unseen.append(at["name"])
    raise AssertionError("the page has no end")


async def test_a_refused_form_takes_the_focus_to_what_is_wrong(visitors: Visitors) -> None:
    page = await visitors.window()
    await page.goto("/login")
    await page.locator("main form").evaluate("form => { form.noValidate = true }")
    await typed(page, "E-mail", "nobody")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("textbox", name="E-mail")).to_be_focused()


async def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(visitors: Visitors) -> None:
    page = await visitors.window(width=390)
    await page.goto("/")
    await tab_to(page, "Menu")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("link", name="Log in")).to_be_visible()
    await tab_to(page, "Log in")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("link", name="Log in")).to_be_hidden()
    await expect(page.get_by_role("button", name="Menu")).to_be_focused()


@pytest.mark.parametrize(
    ("who", "start"),
    [
        ("participant", "/me/data"),
        ("coordinator", "/company"),
        ("trainer", "/trainer"),
        ("staff", "/staff/sessions/new"),
        ("organiser", "/staff/events/new"),
    ],
)
async def test_the_focus_is_seen_at_every_stop(visitors: Visitors, who: str, start: str) -> None:
    page = await visitors.window(who)
    if who == "coordinator":
        await uploaded(page)
    else:
        await page.goto(start)
    if who == "trainer":
        await page.locator('.card h3 a:not([href$="/invitation"])').first.click()
        await page.wait_for_url("**/sessions/*")
    assert await unseen_stops(page) == []


async def test_a_filter_leaves_the_focus_where_it_is(visitors: Visitors) -> None:
    page = await visitors.window()
    await page.goto("/")
    await typed(page, "What", "Events")
    await expect(page.get_by_role("link", name="Track work safety")).to_have_count(0)
    await expect(page.get_by_label("What", exact=True)).to_be_focused()


async def test_a_dialog_keeps_the_focus_and_gives_it_back(visitors: Visitors) -> None:
    page = await visitors.window()
    await page.goto("/patterns")
    opener = page.get_by_role("link", name="Cancel the place of Aino Virtanen")
    dialog = page.get_by_role("dialog")
    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_role("button", name="Go back")).to_be_focused()
    inside = "() => Boolean(document.activeElement.closest('dialog'))"
    stops = []
    for _step in range(4):
        await page.keyboard.press("Tab")
        stops.append(await page.evaluate("() => document.activeElement === document.body"))
        assert stops[-1] or await page.evaluate(inside)  # the body: the browser's own bar is next
    assert stops.count(True) == 1
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")  # on "Go back"
    await expect(dialog).to_be_hidden()
    await expect(opener).to_be_focused()
