"""Without a mouse: from the catalogue to the confirmation, and one always sees where one is."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.doing import uploaded
from tests.browser.site import Visitors

# The element with the focus: its label or its text, and whether one sees that it has the focus.
FOCUSED = """() => {
  const at = document.activeElement;
  const rings = [getComputedStyle(at), getComputedStyle(at, "::after")];
  if (at.closest("label")) rings.push(getComputedStyle(at.closest("label")));
  const box = at.getBoundingClientRect();
  const named = at.getAttribute("aria-label") ?? at.labels?.[0]?.innerText ?? at.innerText ?? "";
  return {
    name: named.replace(/\\s+/g, " ").trim(),
    seen: rings.some(ring => ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 2)
      && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
FAR = 120


async def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the focus is on what begins with ``name``; it was visible all the way."""
    passed: list[str] = []
    for _step in range(FAR):
        await page.keyboard.press("Tab")
        at = await page.evaluate(FOCUSED)
        assert at["seen"], f"the focus is not seen on {at['name']!r}, after {passed}"
        if at["name"].startswith(name):
            return
        passed.append(at["name"])
    raise AssertionError(f"{name!r} was not reached; passed {passed}")


async def unseen_stops(page: Page) -> list[str]:
    """The stops from the page's start to its end at which one does not see the focus."""
    unseen: list[str] = []
    for _step in range(3 * FAR):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement === document.body"):
            return unseen
        at = await page.evaluate(FOCUSED)
        if not at["seen"]:
            unseen.append(at["name"])
    raise AssertionError("the page has no end")


async def typed(page: Page, label: str, text: str) -> None:
    await tab_to(page, label)
    await page.keyboard.type(text)


async def test_sign_up_by_keyboard_alone(visitors: Visitors) -> None:
    page = await visitors.window()
    await page.goto("/")
    await tab_to(page, "Skip to the content")
    await page.keyboard.press("Enter")
    await tab_to(page, "Customer days")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Customer days")
    await tab_to(page, "Sign up")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/register")
    await typed(page, "First name", "Tabea")
    await typed(page, "Last name", "Näppäin")
    await typed(page, "E-mail", "tabea@example.fi")
    await typed(page, "Language of mails", "English")
    await tab_to(page, "I have an allergy or a diet")
    await page.keyboard.press("Enter")
    await tab_to(page, "Vegan")
    await page.keyboard.press("Space")
    await tab_to(page, "I agree that my food restrictions")
    await page.keyboard.press("Space")
    await tab_to(page, "Sign up")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed up")
    await tab_to(page, "See your places")


async def test_a_refused_form_takes_the_focus_to_what_is_wrong(visitors: Visitors) -> None:
    page = await visitors.window()
    await page.goto("/login")
    await page.locator("main form").evaluate("form => { form.noValidate = true }")
    await typed(page, "E-mail", "nobody")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("E-mail")).to_be_focused()


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
        await page.locator(".card a").first.click()
        await page.wait_for_url("**/sessions/*")
    assert await unseen_stops(page) == []
