"""What people do on several pages: sign up, open their mail, log in by it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator, Page, expect

LIST = Path(__file__).parents[1] / "data" / "employees-messy.xlsx"


async def fill_in_person(page: Page, first_name: str, last_name: str, email: str) -> None:
    await page.get_by_label("First name").fill(first_name)
    await page.get_by_label("Last name").fill(last_name)
    await page.get_by_role("textbox", name="E-mail").fill(email)


async def tick(page: Page | Locator, label: str) -> None:
    """Ticks by a click where the box is. (The label lies over it, so that all of it can be hit:
    hence ``force``.)"""
    await page.get_by_label(label).first.check(force=True)


async def open_mail(page: Page, address: str) -> None:
    """The newest mail to the address is open in the demo's mailbox."""
    await page.goto("/dev/mail")
    row = page.get_by_role("row").filter(has_text=address).first
    await row.get_by_role("link").click()
    await expect(page.get_by_text(address).first).to_be_visible()


async def press_in_mail(page: Page) -> None:
    """Presses the one button that a mail has; it opens in the whole window."""
    await page.frame_locator("iframe").locator("a.button").first.click()


async def log_in_by_mail(page: Page, address: str) -> None:
    """From the login page, by the link in the mail, to the page that was asked for. The mail is in
    the person's own language."""
    await page.get_by_role("textbox", name="E-mail").fill(address)
    await page.get_by_role("button", name="Send the link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")
    link = ""
    while "/login/" not in link:  # another mail to the same person may be newer for a moment
        await open_mail(page, address)
        button = page.frame_locator("iframe").locator("a.button").first
        link = str(await button.get_attribute("href"))
    await page.goto(link)
    await page.get_by_role("button", name="Log in as").click()


async def upload(page: Page) -> None:
    await page.get_by_label("List of people").set_input_files(LIST)
    await page.get_by_role("button", name="Read the list").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check the list")


async def session_links(page: Page, address: str = "/company/sessions") -> list[str]:
    """The addresses of the sessions that a coordinator can choose from, or that a trainer has."""
    await page.goto(address)
    found: list[str] = await page.locator(".card a").evaluate_all(
        "all => all.map(each => each.href)"
    )
    return found


async def open_session(page: Page) -> None:
    """The first session that takes people: one before it may have begun by now."""
    for link in await session_links(page):
        await page.goto(link)
        if await page.get_by_label("List of people").count():
            return
    raise AssertionError("no session takes people")


async def uploaded(page: Page) -> str:
    """The address of a list that a coordinator has uploaded to the first session that takes it."""
    await open_session(page)
    await upload(page)
    return page.url
