"""What a page costs: bytes and requests over the wire, and whether anything moves under the eye."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Page

from tests.browser.site import Visitors

MOST_BYTES = 60_000
MOST_REQUESTS = 3
MOST_SHIFT = 0.01
SHIFTS = """
  window.shifted = 0;
  new PerformanceObserver(list => {
    for (const each of list.getEntries()) window.shifted += each.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
DRAWN = """() => document.fonts.ready.then(() => new Promise(done =>
  requestAnimationFrame(() => requestAnimationFrame(() => done(true)))))"""


@dataclass
class Wire:
    """What came over the wire since the watch began; nothing that the browser had kept."""

    addresses: list[str] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)

    def sent(self, said: dict[str, object]) -> None:
        self.pending.add(str(said["requestId"]))

    def answered(self, said: dict[str, object]) -> None:
        response = said["response"]
        assert isinstance(response, dict)
        if response.get("fromDiskCache") or said["requestId"] in self.kept:
            self.kept.add(str(said["requestId"]))
        elif not str(response["url"]).startswith("data:"):
            self.addresses.append(str(response["url"]))

    def served(self, said: dict[str, object]) -> None:
        self.kept.add(str(said["requestId"]))

    def failed(self, said: dict[str, object]) -> None:
        self.pending.discard(str(said["requestId"]))

    def finished(self, said: dict[str, object]) -> None:
        self.pending.discard(str(said["requestId"]))
        size = said["encodedDataLength"]
        assert isinstance(size, int | float)
        self.sizes[str(said["requestId"])] = int(size)

    @property
    def bytes(self) -> int:
        return sum(size for request, size in self.sizes.items() if request not in self.kept)


@asynccontextmanager
async def wire(page: Page) -> AsyncIterator[Wire]:
    heard = Wire()
    tools = await page.context.new_cdp_session(page)
    tools.on("Network.requestWillBeSent", lambda said: heard.sent(said))
    tools.on("Network.responseReceived", lambda said: heard.answered(said))
    tools.on("Network.requestServedFromCache", lambda said: heard.served(said))
    tools.on("Network.loadingFinished", lambda said: heard.finished(said))
    tools.on("Network.loadingFailed", lambda said: heard.failed(said))
    await tools.send("Network.enable")
    yield heard
    await tools.detach()


async def public_addresses(page: Page) -> list[str]:
    """A page of each public kind; they are found as people find them."""
    await page.goto("/")
    session = await page.locator('.card a[href^="/sessions/"]').first.get_attribute("href")
    event = await page.locator('.card a[href^="/events/"]').first.get_attribute("href")
    await page.goto(f"{session}")
    training = await page.locator('a[href^="/trainings/"]').first.get_attribute("href")
    of_these = [f"{training}", f"{session}", f"{session}/enrol", f"{event}", f"{event}/register"]
    return ["/", "/?view=calendar", *of_these, "/privacy", "/accessibility", "/verify", "/login"]


async def open_settled(page: Page, address: str, heard: Wire) -> None:
    """The page is drawn with its fonts, and nothing is on its way any more."""
    await page.goto(address)
    await page.evaluate(DRAWN)
    while heard.pending:
        await page.evaluate(DRAWN)


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_first_visit_is_light_and_nothing_moves(visitors: Visitors, width: int) -> None:
    heavy: list[str] = []
    for address in await public_addresses(await visitors.window()):
        page = await visitors.window(width=width)
        await page.add_init_script(SHIFTS)
        async with wire(page) as heard:
            await open_settled(page, address, heard)
        moved = await page.evaluate("() => window.shifted")
        assert heard.bytes > 0
        if heard.bytes > MOST_BYTES or moved >= MOST_SHIFT:
            heavy.append(f"{address}: {heard.bytes} bytes, moved by {moved}")
        await page.context.close()
    assert heavy == []


async def test_a_later_visit_asks_for_little(visitors: Visitors) -> None:
    page = await visitors.window()
    many: list[str] = []
    for address in await public_addresses(page):
        async with wire(page) as heard:
            await open_settled(page, address, heard)
        if len(heard.addresses) > MOST_REQUESTS:
            many.append(f"{address}: {heard.addresses}")
        assert heard.addresses[0].endswith(address)
    assert many == []
