"""Doing things without a mouse: Tab, Enter, Space, the arrows and letters, and nothing else."""

from __future__ import annotations

from playwright.async_api import Page, expect

FAR = 120


async def tab_to(page: Page, name: str, *, field: bool = False) -> None:
    """Presses Tab until the focus is on what begins with ``name``; it was visible all the way."""
    passed: list[str] = []
    for _step in range(FAR):
        await page.keyboard.press("Tab")
        at = await page.evaluate("() => looks.focus()")
        assert at["seen"], f"the focus is not seen on {at['name']!r}, after {passed}"
        if at["name"].startswith(name) and (at["field"] or not field):
            return
        passed.append(at["name"])
    raise AssertionError(f"{name!r} was not reached; passed {passed}")


async def typed(page: Page, label: str, text: str) -> None:
    await tab_to(page, label, field=True)
    await page.keyboard.type(text)


async def press(page: Page, name: str, key: str = "Enter") -> None:
    await tab_to(page, name)
    await page.keyboard.press(key)


async def on_page(page: Page, heading: str) -> None:
    """The page has come; then the way to its content is past the ways that stand on all pages."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    await press(page, "Skip to the content")
    assert await page.evaluate("() => document.activeElement.id") == "main"
