"""What goes wrong on the way: a network that breaks, a browser without cookies, a language that
nobody speaks, names that fill the room there is."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from tests.browser.looks import Looks
from tests.browser.site import ARGUMENTS, Site, Visitors
from tests.browser.test_states import send, to_confirm_login

PEOPLE = "First name;Last name;E-mail\nAada;Lindén;aada.linden@example.fi\n".encode()
LONGEST = {"first_name": "🚒Ψ" + "ä" * 98, "last_name": ("Ибрагим إبراهيم " + "W" * 99)[:100]}


async def break_off(route: Route) -> None:
    await route.abort("connectionreset")


async def test_an_upload_that_breaks_off_can_be_sent_again(
    visitors: Visitors, looks: Looks
) -> None:
    page = await visitors.window("coordinator")
    await page.goto("/company/sessions")
    await page.locator('main a[href*="/company/sessions/"]').nth(4).click()
    await page.locator("input[type=file]").set_input_files(
        FilePayload(name="people.csv", mimeType="text/csv", buffer=PEOPLE)
    )
    read = page.get_by_role("button", name="Read the list")
    here = page.url
    await page.route("**/company/**", break_off)
    await read.click()
    said = page.get_by_role("alert").filter(has_text="The connection broke")
    await expect(said).to_have_text(
        "The connection broke before the file arrived. It is still chosen: try again."
    )
    assert page.url == here
    assert await looks.at(page) == []
    await page.unroute("**/company/**")
    await read.click()
    await page.wait_for_url("**/company/uploads/*")
    await expect(page.get_by_role("rowheader", name="Aada Lindén")).to_have_count(1)


@pytest_asyncio.fixture(loop_scope="session")
async def cookieless(chromium: Browser, site: Site, tmp_path: Path) -> AsyncIterator[Page]:
    """A window of a browser that keeps no cookie, as a person may set it."""
    profile = tmp_path / "Default"
    profile.mkdir()
    refuse = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Preferences").write_text(json.dumps(refuse))
    context = await chromium.browser_type.launch_persistent_context(
        tmp_path,
        executable_path="/usr/bin/chromium",
        args=list(ARGUMENTS),
        base_url=site.url,
        locale="en-GB",
        viewport={"width": 390, "height": 800},
    )
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


async def test_a_browser_without_cookies_signs_up(cookieless: Page) -> None:
    page = cookieless
    await page.goto("/")
    await page.locator('.card a[href^="/events/"]').nth(1).click()
    await page.locator('a[href$="/register"]').first.click()
    for name, text in {"first_name": "Nora", "last_name": "Ek", "email": "nora@example.fi"}.items():
        await page.locator(f"#f-{name}").fill(text)
    await send(page, "#f-email")
    await expect(page.locator("h1")).to_have_text("You are signed up")
    assert await page.context.cookies() == []


async def test_a_browser_without_cookies_is_told_what_a_login_needs(cookieless: Page) -> None:
    page = cookieless
    await page.goto("/login")
    await page.locator("#f-email").fill("sofia.laitinen@posti.example")
    await send(page, "#f-email")
    await to_confirm_login(page)
    for _again in range(2):
        await page.locator("main form button").click()
        await expect(page.locator("h1")).to_have_text("Your browser keeps no cookies")
        await page.get_by_role("link", name="Open the link again").click()
        await expect(page.locator("main form button")).to_be_visible()


@pytest.mark.parametrize("address", ["/?lang=xx", "/?lang=%3Cscript%3E", "/?lang=fi&lang=xx"])
async def test_a_language_that_nobody_speaks_is_answered_in_ours(
    visitors: Visitors, looks: Looks, address: str
) -> None:
    page = await visitors.window(language="xx")
    await page.goto(address)
    assert await page.locator("html").get_attribute("lang") == "fi"
    assert await looks.at(page) == []


async def test_the_longest_names_fit_everywhere(visitors: Visitors, looks: Looks) -> None:
    page = await visitors.window()
    await page.goto("/")
    await page.locator('.card a[href^="/sessions/"]').nth(2).click()
    address = page.url
    await page.locator('a[href$="/enrol"]').first.click()
    for name, text in (LONGEST | {"email": "longest@example.fi"}).items():
        await page.locator(f"#f-{name}").fill(text)
    await send(page, "#f-email")
    await expect(page.locator("h1")).to_have_text("You are signed up")
    found = await looks.at(page)
    office = await visitors.window("staff")
    for path in (f"/staff/sessions/{address.rpartition('/')[2]}", "/staff/places?q=longest"):
        await office.goto(path)
        await expect(office.locator(".who-name", has_text="Ибрагим").first).to_be_visible()
        found += await looks.at(office)
    assert found == []


async def test_a_name_of_200_letters_is_refused_and_kept(visitors: Visitors, looks: Looks) -> None:
    page = await visitors.window()
    await page.goto("/")
    await page.locator('.card a[href^="/sessions/"]').nth(2).click()
    await page.locator('a[href$="/enrol"]').first.click()
    typed = {"first_name": "A" * 200, "last_name": "Ek", "email": "a@example.fi"}
    for name, text in typed.items():
        await page.locator(f"#f-{name}").evaluate("(each, text) => { each.value = text }", text)
    await send(page, "#f-email")
    assert [await page.locator(f"#f-{name}").input_value() for name in typed] == [*typed.values()]
    await expect(page.locator(".error-summary li")).to_have_text(
        ["First name: Use at most 100 characters."]
    )
    assert await looks.at(page) == []
