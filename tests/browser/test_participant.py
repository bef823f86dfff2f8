"""A participant signs up, and looks after the place and the food restrictions."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.doing import fill_in_person, log_in_by_mail, open_mail, press_in_mail, tick
from tests.browser.site import Visitors, path_of

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
DAY = "Customer days"


async def find_event(page: Page, *, scripts: bool, phone: bool) -> None:
    """On a phone the filters are folded away."""
    await page.goto("/")
    if phone:
        await page.get_by_text("Filters", exact=True).click()
    await page.get_by_label("What", exact=True).select_option(label="Events")
    if not scripts:
        await page.get_by_role("button", name="Apply").click()
    await expect(page.get_by_role("link", name="Track work safety")).to_have_count(0)
    await page.get_by_role("link", name=DAY).click()
    await expect(page.get_by_role("heading", name="Food and drink")).to_be_visible()


async def sign_up_with_diet(page: Page, email: str) -> None:
    await page.get_by_role("link", name="Sign up", exact=True).click()
    await fill_in_person(page, "Elli", "Esimerkki", email)
    await page.get_by_text("I have an allergy or a diet").click()
    await tick(page, "Vegan")
    await tick(page, "Celery")
    await tick(page, "Even traces are dangerous to me")
    await tick(page, "I agree that my food restrictions are kept")
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed up")


@SCRIPTS
@pytest.mark.promise("P4")
async def test_a_guest_signs_up_with_a_diet_withdraws_it_and_cancels(
    visitors: Visitors, scripts: bool
) -> None:
    email = f"elli.{scripts}@example.fi".lower()
    page = await visitors.window(scripts=scripts, width=390 if scripts else 1280)
    await find_event(page, scripts=scripts, phone=scripts)
    await sign_up_with_diet(page, email)

    await open_mail(page, email)
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Your place is confirmed: {DAY}"
    )
    await expect(page.get_by_role("heading", name="Calendar file")).to_be_visible()
    await press_in_mail(page)
    await log_in_by_mail(page, email)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Elli")
    place = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=DAY))
    await expect(place.get_by_text("Confirmed")).to_be_visible()

    await place.get_by_role("link", name="Change food restrictions").click()
    for need in ("Vegan", "Celery"):
        await expect(page.get_by_role("checkbox", name=need)).to_be_checked()
    await page.get_by_role("button", name="Withdraw and delete").click()
    await expect(place.get_by_role("link", name="Tell of food restrictions")).to_be_visible()

    await place.get_by_role("link", name="Cancel this place").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Cancel this place?")
    await page.get_by_role("button", name="Cancel this place").click()
    await expect(page.get_by_text("Your place is cancelled. A mail confirms it.")).to_be_visible()
    await expect(page.get_by_text("You have no places ahead")).to_be_visible()


@SCRIPTS
async def test_a_full_session_says_that_there_is_a_waiting_list(
    visitors: Visitors, scripts: bool
) -> None:
    email = f"veera.{scripts}@example.fi".lower()
    page = await visitors.window(scripts=scripts)
    await page.goto("/")
    await page.get_by_role("link", name="Track work safety").first.click()
    await page.get_by_role("link", name="Join the waiting list").click()
    await expect(page.get_by_text("All seats are taken").first).to_be_visible()
    await fill_in_person(page, "Veera", "Vuoro", email)
    await page.get_by_role("button", name="Join the waiting list").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are on the waiting list")
    await expect(page.get_by_text("in the queue")).to_be_visible()
    await open_mail(page, email)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("waiting list")


async def test_what_was_typed_stays_when_something_is_missing(visitors: Visitors) -> None:
    page = await visitors.window(scripts=False, width=390)
    await find_event(page, scripts=False, phone=True)
    await page.get_by_role("link", name="Sign up", exact=True).click()
    await page.locator("form[data-guard]").evaluate("form => { form.noValidate = true }")
    await fill_in_person(page, "Elli", "", "elli at example")
    await page.get_by_text("I have an allergy or a diet").click()
    await tick(page, "Vegan")
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("alert")).to_contain_text("needs another look")
    await expect(page.get_by_label("First name")).to_have_value("Elli")
    await expect(page.get_by_label("Vegan")).to_be_checked()
    await expect(
        page.locator("#f-last_name-error, #f-email-error, #f-consent-error")
    ).to_have_count(3)
    assert path_of(page).endswith("/register")
