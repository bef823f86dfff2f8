"""One server and one browser for all tests here; each test opens windows of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, StorageState, async_playwright

from tests.browser.looks import Looks
from tests.browser.site import (
    ARGUMENTS,
    Site,
    Visitors,
    Watch,
    demonstration,
    log_everybody_in,
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tests of one process share one server, one browser and one loop. The tests of a file stay
    together, and so do those of a language: such a group goes to whichever process is free."""
    given = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    item.add_marker(pytest.mark.browser)
    item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{given.get('language', '')}"))
    item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with demonstration(tmp_path_factory.mktemp("site")) as served:
        yield served


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(ARGUMENTS)
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def doors(chromium: Browser, site: Site) -> dict[str, StorageState]:
    return await log_everybody_in(chromium, site)


@pytest.fixture(scope="session")
def looks() -> Looks:
    """Colours that one test has judged are known to the next."""
    return Looks()


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(
    chromium: Browser, site: Site, doors: dict[str, StorageState]
) -> AsyncIterator[Visitors]:
    """Opens windows; at the end none of them has had anything to complain of."""
    site.freshen()
    opened = Visitors(site, chromium, doors, Watch(site.url))
    yield opened
    await opened.close()
    assert opened.watch.faults == []
