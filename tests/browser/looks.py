"""What is wrong with a page for somebody who sees, reads or moves otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

LOOKS = Path(__file__).with_name("looks.js")
STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
# 320 px is a small phone; it is also 1280 px at 400 % zoom, which leaves 320 × 256.
NARROW = 320
ZOOMED_HEIGHT = 256


@dataclass(slots=True)
class Looks:
    """Looks at one page after another; a text's colours are judged where they first occur."""

    judged: set[int] = field(default_factory=set)

    async def at(self, page: Page) -> list[str]:
        """Barriers in light and in dark, a focus that is not seen, what moves though one asked for
        stillness, targets too small for a thumb, and what does not fit 320 px. The window is as it
        was after it."""
        if not await page.evaluate("() => 'axe' in window"):
            await page.evaluate(AXE_SCRIPT)
        found: list[str] = await page.evaluate("tags => looks.barriers(tags)", list(STANDARD))
        found += await self._contrast(page)
        await page.emulate_media(color_scheme="dark")
        found += [f"dark: {each}" for each in await self._contrast(page)]
        await page.emulate_media(color_scheme="light")
        await page.keyboard.press("Tab")  # after a click browsers show no focus
        found += await page.evaluate("() => [...looks.moving(), ...looks.unseen()]")
        wide = page.viewport_size
        assert wide is not None
        await page.set_viewport_size({"width": NARROW, "height": ZOOMED_HEIGHT})
        found += await page.evaluate("() => [...looks.wide(), ...looks.small()]")
        await page.set_viewport_size(wide)
        return [f"{page.url}: {each}" for each in found]

    async def _contrast(self, page: Page) -> list[str]:
        fresh = set(await page.evaluate("() => looks.styles()")) - self.judged
        self.judged |= fresh
        found: list[str] = []
        if fresh:
            found = await page.evaluate("which => looks.contrast(which)", sorted(fresh))
        return found
