"""What is wrong with a page for somebody who sees, reads or moves otherwise."""

from __future__ import annotations

from typing import TypedDict

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

STANDARD = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
# 320 px is a small phone; it is also 1280 px at 400 % zoom, which leaves 320 × 256.
NARROW = 320
ZOOMED_HEIGHT = 256
ASK = """tags => axe.run(
  {runOnly: tags, resultTypes: ["violations"], iframes: false}).then(said =>
  said.violations.flatMap(rule => rule.nodes.map(node => ({
    rule: rule.id, where: node.target.join(" "),
    why: [...node.any, ...node.all, ...node.none].map(check => check.message).join("; "),
  }))))"""
WIDER = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width && box.right > room + 1;
  });
  return [`${document.documentElement.scrollWidth} px wide: `
    + wide.slice(0, 4).map(each => each.outerHTML.slice(0, 90)).join(" … ")];
}"""


class Barrier(TypedDict):
    rule: str
    where: str
    why: str


async def barriers(page: Page, rules: tuple[str, ...] = STANDARD) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, a line each."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    found: list[Barrier] = await page.evaluate(ASK, list(rules))
    return [f"{each['rule']} at {each['where']}: {each['why']}" for each in found]


async def faults(page: Page) -> list[str]:
    """Barriers in light and in dark, and what does not fit 320 px; the window is wide after it."""
    found = await barriers(page)
    await page.emulate_media(color_scheme="dark")
    found += [f"dark: {each}" for each in await barriers(page, ("color-contrast",))]
    await page.emulate_media(color_scheme="light")
    wide = page.viewport_size
    await page.set_viewport_size({"width": NARROW, "height": ZOOMED_HEIGHT})
    found += await page.evaluate(WIDER)
    if wide:
        await page.set_viewport_size(wide)
    return [f"{page.url}: {each}" for each in found]
