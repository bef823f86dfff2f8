"""The running server with the demo's organisation, and the browser's windows on it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    StorageState,
)

from tests.bench.server import HOST, environ_of, free_port, ours, running
from tests.browser.looks import LOOKS

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
TRAINER = "tarja.taito@taito.example"
REFUSED_PAGE = 400


@dataclass(frozen=True, slots=True)
class Site:
    """``links``: the first login link of each role, and of each address; ``data``: its folder."""

    url: str
    links: dict[str, str]
    data: Path

    def freshen(self) -> None:
        """Everybody who is logged in has just proved to be themselves: these tests take longer
        than such a proof counts."""
        with closing(sqlite3.connect(self.data / "registration.sqlite3", timeout=15)) as opened:
            proved = str(datetime.now(UTC))
            opened.execute("UPDATE login SET proved_at = ? WHERE strong", (proved,))
            opened.commit()


@contextmanager
def demonstration(folder: Path) -> Iterator[Site]:
    """The server answers over the demo's data, as ``serve --demo`` serves it."""
    port = free_port()
    environ = environ_of(folder, port, None)
    loaded = subprocess.run(
        [sys.executable, "-m", "registration", "demo", "--json"],
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        check=True,
    )
    logins = json.loads(loaded.stdout)["logins"]
    links = {login["role"]: login["link"] for login in reversed(logins)}
    links |= {login["email"]: login["link"] for login in logins}
    with running([*ours(port), "--demo"], port, environ):
        yield Site(f"http://{HOST}:{port}", links, folder)


@contextmanager
def rough_installation(folder: Path) -> Iterator[Site]:
    port, link = free_port(), folder / "link"
    environ = environ_of(folder, port, None)
    command = [sys.executable, "-m", "tests.browser.rough", str(port), str(link)]
    with running(command, port, environ):
        yield Site(f"http://{HOST}:{port}", {"office@example.fi": link.read_text("utf-8")}, folder)


@dataclass
class Watch:
    """What a visitor's tools would complain of: scripts and styles that the policy stopped, files
    that are missing, requests to anybody else. (Without slots: Playwright writes on listeners.)"""

    origin: str
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"script failed: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource")  # the answer's status says it
        if message.type in ("error", "warning") and not refused:
            self.faults.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.faults.append(f"asked another host: {request.url}")

    def _answered(self, response: Response) -> None:
        asked_for = response.request.resource_type not in ("document", "fetch", "xhr")
        if response.status >= REFUSED_PAGE and asked_for:
            self.faults.append(f"{response.status} for {response.url}")


@dataclass(slots=True)
class Visitors:
    """Opens windows of people who are logged in, or of strangers; each is watched."""

    site: Site
    browser: Browser
    doors: dict[str, StorageState]
    watch: Watch
    contexts: list[BrowserContext] = field(default_factory=list)

    async def window(
        self,
        who: str = "",
        *,
        language: str = "en",
        scripts: bool = True,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
    ) -> Page:
        """A new window; ``who``: a role or the address of an account of the demo, else nobody."""
        context = await self.browser.new_context(
            base_url=self.site.url,
            locale={"en": "en-GB"}.get(language, language),
            timezone_id="Europe/Helsinki",
            java_script_enabled=scripts,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            storage_state=self.doors[who] if who else None,
        )
        context.set_default_timeout(10_000)
        if scripts:
            await context.add_init_script(path=LOOKS)
        self.contexts.append(context)
        await context.add_cookies([{"name": "language", "value": language, "url": self.site.url}])
        page = await context.new_page()
        self.watch.over(page)
        return page

    async def close(self) -> None:
        for context in self.contexts:
            await context.close()


async def log_everybody_in(browser: Browser, site: Site) -> dict[str, StorageState]:
    """The cookies of each account of the demo, by role and by address."""
    doors: dict[str, StorageState] = {}
    for who, link in site.links.items():
        if "@" not in who:
            continue
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(link)
        doors[who] = await context.storage_state()
        doors |= {role: doors[who] for role, its in site.links.items() if its == link}
        await context.close()
    return doors


def path_of(page: Page) -> str:
    return urlsplit(page.url).path
