"""Pictures of each page, to be looked at: on a phone and on a screen, in light and in dark."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.async_api import Page

from tests.browser.doing import uploaded
from tests.browser.site import Visitors
from tests.browser.walk import HOMES, PUBLIC, pages_from

PICTURES = Path(__file__).parents[1] / "pictures"
WIDTHS = (1280, 390)
TALLEST = 2400  # of a long list the rest looks the same


async def take(page: Page, name: str) -> None:
    """The window is made as tall as the page: quicker than having each picture do that."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        height = await page.evaluate("() => document.documentElement.scrollHeight")
        await page.set_viewport_size({"width": width, "height": min(height, TALLEST)})
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            path = PICTURES / f"{name}-{width}-{scheme}.jpg"
            await page.screenshot(path=path, quality=80, caret="initial")


async def test_pictures_of_every_page(visitors: Visitors) -> None:
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    seen: set[str] = set()
    for who in ("", *HOMES):
        page = await visitors.window(who)
        starts = HOMES[who] if who else PUBLIC
        if who == "coordinator":
            starts = (await uploaded(page), *starts)
        async for route in pages_from(page, *starts, seen=seen):
            await take(page, route.strip("/").replace("/", "-") or "catalogue")
    assert len(list(PICTURES.glob("*.jpg"))) == 4 * len(seen)
