"""Second factors in a real browser: a passkey with a phone of software, an app without scripts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.bench.server import environ_of, free_port, ours, running
from tests.browser.doing import log_in_by_mail
from tests.browser.looks import LOOKS, Looks
from tests.browser.site import Site, Visitors, Watch, path_of

PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service under a name: at an address in figures browsers know no passkeys."""
    port = free_port()
    folder = tmp_path_factory.mktemp("named")
    environ = environ_of(folder, port, None)
    environ["REGISTRATION_BASE_URL"] = f"http://localhost:{port}"
    command = ["account", "add", "sari@example.fi", "--name", "Sari", "--role", "staff"]
    for arguments in (["migrate"], [*command, "--nda", "2026-01-15", "--language", "en"]):
        made = subprocess.run(
            [sys.executable, "-m", "registration", *arguments],
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            check=True,
        )
    with running(ours(port), port, environ):
        yield Site(f"http://localhost:{port}", {"staff": made.stdout.decode().strip()}, folder)


@pytest_asyncio.fixture(loop_scope="session")
async def page(chromium: Browser, named: Site) -> AsyncIterator[Page]:
    """A window with a phone at hand; nothing in it may complain."""
    context = await chromium.new_context(
        base_url=named.url, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    await context.add_init_script(path=LOOKS)
    opened = await context.new_page()
    watch = Watch(named.url)
    watch.over(opened)
    tools = await context.new_cdp_session(opened)
    await tools.send("WebAuthn.enable")
    await tools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    yield opened
    await context.close()
    assert watch.faults == []


async def test_a_passkey_takes_the_place_of_the_link(page: Page, named: Site, looks: Looks) -> None:
    await page.goto(named.links["staff"])
    await page.get_by_role("link", name="Add a passkey or an authenticator app").click()
    assert await looks.at(page) == []
    await page.get_by_role("link", name="Add a passkey", exact=True).click()
    assert await looks.at(page) == []
    await page.get_by_label("Name").fill("My phone")
    await page.get_by_role("button", name="Make the passkey").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Keep these recovery codes")
    await expect(page.locator(".codes li")).to_have_count(10)
    assert await looks.at(page) == []
    await page.get_by_role("link", name="I have kept them").click()
    row = page.get_by_role("row").filter(has_text="My phone")
    await expect(row).to_contain_text("Not yet")
    assert await looks.at(page) == []
    await row.get_by_role("link", name="Rename or remove").click()
    assert await looks.at(page) == []

    await page.get_by_role("button", name="Log out").first.click()
    await page.goto("/login?next=/staff/venues")  # the field offers the key; the phone takes it
    await page.wait_for_url(f"{named.url}/staff/venues")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()

    await page.goto("/login/again?next=/me/security")
    assert await looks.at(page) == []
    await page.get_by_role("button", name="Use your passkey").click()
    await page.wait_for_url(f"{named.url}/me/security")
    assert path_of(page) == "/me/security"
    await expect(page.locator("main")).to_contain_text("Now, this one")
    used = page.get_by_role("row").filter(has_text="My phone")
    await expect(used).not_to_contain_text("Not yet")


async def test_without_a_key_the_page_says_so_and_the_other_ways_stay(
    page: Page, looks: Looks
) -> None:
    await page.goto("/login")
    assert await looks.at(page) == []
    await page.get_by_role("button", name="Log in with a passkey").click()
    await expect(page.get_by_role("alert")).to_contain_text("The device gave no passkey.")
    await expect(page.get_by_role("textbox", name="E-mail")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
async def test_staff_who_come_by_mail_set_up_an_app_on_the_way(
    visitors: Visitors, looks: Looks, scripts: bool
) -> None:
    links = visitors.site.links
    role = "staff" if scripts else "organiser"
    [address] = [who for who, link in links.items() if "@" in who and link == links[role]]
    page = await visitors.window(scripts=scripts)
    await page.goto("/login?next=/staff")
    await log_in_by_mail(page, address)
    await page.goto("/staff?lang=en")
    await expect(page.get_by_role("heading", level=1)).to_have_text("One more step")
    if scripts:
        assert await looks.at(page) == []
    await page.get_by_role("link", name="An authenticator app").click()
    if scripts:
        assert await looks.at(page) == []
    secret = await page.locator(".copyable code").inner_text()
    await page.get_by_label("Code from your app").fill(pyotp.TOTP(secret.replace(" ", "")).now())
    await page.get_by_role("button", name="Add the app").click()
    await expect(page.locator(".codes li")).to_have_count(10)
    await page.get_by_role("link", name="I have kept them").click()
    assert path_of(page) == "/staff"
    await page.goto("/me/security/codes")
    if scripts:
        assert await looks.at(page) == []
