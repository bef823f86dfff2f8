"""Staff fill the catalogue; an organiser runs an event, and alone sees its food restrictions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from tests.browser.doing import fill_in_person, tick
from tests.browser.site import Visitors, path_of

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def day(ahead: int) -> str:
    """An ISO date that many days from now, where the demo is."""
    there = datetime.now(UTC).astimezone(ZoneInfo("Europe/Helsinki"))
    return (there + timedelta(days=ahead)).date().isoformat()


async def go(page: Page, label: str) -> None:
    """By the ways that stand on all staff pages."""
    ways = page.get_by_role("navigation", name="Staff pages")
    await ways.get_by_role("link", name=label, exact=True).click()


async def add_training(page: Page, title: str) -> None:
    await go(page, "Trainings")
    await page.get_by_role("link", name="New training").first.click()
    english = page.get_by_role("group", name="English")
    await english.get_by_label("Title").fill(title)
    await english.get_by_label("Summary").fill("How to load a wagon so that it stays loaded.")
    finnish = page.get_by_role("group", name="suomi").or_(page.get_by_role("group", name="Finnish"))
    await finnish.get_by_label("Title").fill(f"{title} suomeksi")
    await english.get_by_label("Topic").fill("Wagons")
    await page.get_by_label("Length").fill("7,5")
    await tick(page, "Published")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_text("The training is added.")).to_be_visible()


async def add_session(page: Page, title: str) -> None:
    await go(page, "Sessions")
    await page.get_by_role("link", name="New session").first.click()
    await page.get_by_label("Training").select_option(label=title)
    first = page.get_by_role("group", name="Day 1")
    await first.get_by_label("Day 1").fill(day(80))
    await first.get_by_label("Starts").fill("09:00")
    await first.get_by_label("Ends").fill("16:30")
    await page.get_by_role("button", name="Add a day").click()
    second = page.get_by_role("group", name="Day 2")
    await second.get_by_label("Day 2").fill(day(81))
    await second.get_by_label("Starts").fill("09:00")
    await second.get_by_label("Ends").fill("12:00")
    await page.get_by_label("Venue").select_option(index=1)
    await page.get_by_label("Seats", exact=True).fill("9")
    await page.get_by_label("Price without VAT").fill("120,50")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_text("The session is added.")).to_be_visible()


async def add_event(page: Page, title: str) -> None:
    """A catered event; the page of the new event is open."""
    await go(page, "Events")
    await page.get_by_role("link", name="New event").first.click()
    english = page.get_by_role("group", name="English")
    await english.get_by_label("Title").fill(title)
    await english.get_by_label("Summary").fill("Soup, bread, and talk of the coming season.")
    await page.get_by_label("Starts", exact=True).fill(f"{day(75)}T11:00")
    await page.get_by_label("Ends", exact=True).fill(f"{day(75)}T13:00")
    await page.get_by_label("Seats", exact=True).fill("30")
    await tick(page, "There is catering")
    await page.get_by_role("button", name="Show the days of the event").click()
    await page.get_by_role("checkbox", name="Lunch").check()
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_text("The event is added.")).to_be_visible()


async def guest_with_diet(visitors: Visitors, title: str, *, name: str, wish: str) -> None:
    page = await visitors.window()
    await page.goto("/")
    await page.get_by_role("searchbox").fill(title)
    await page.get_by_role("searchbox").press("Enter")
    await page.get_by_role("link", name=title).click()
    await page.get_by_role("link", name="Sign up", exact=True).click()
    await fill_in_person(page, name, "Guest", f"{name.lower()}@example.fi")
    await page.get_by_text("I have an allergy or a diet").click()
    await page.get_by_label("Something else the kitchen should know").fill(wish)
    await tick(page, "I agree that my food restrictions are kept")
    await page.get_by_role("button", name="Sign up").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("You are signed up")


@SCRIPTS
async def test_staff_add_a_training_its_session_and_an_event(
    visitors: Visitors, scripts: bool
) -> None:
    mark = "with scripts" if scripts else "without scripts"
    page = await visitors.window("staff", scripts=scripts)
    await page.goto("/staff")
    await add_training(page, f"Loading wagons {mark}")
    await add_session(page, f"Loading wagons {mark}")
    await add_event(page, f"Soup day {mark}")

    reader = await visitors.window(scripts=scripts)
    await reader.goto(f"/?q={mark}")
    await reader.get_by_role("link", name=f"Loading wagons {mark}").click()
    await expect(reader.get_by_role("link", name="Sign up", exact=True)).to_be_visible()
    await expect(reader.locator("main")).to_contain_text("9 seats left")
    await expect(reader.get_by_role("heading", name="Days")).to_be_visible()
    await reader.goto(f"/?q={mark}")
    await reader.get_by_role("link", name=f"Soup day {mark}").click()
    await expect(reader.get_by_role("heading", name="Food and drink")).to_be_visible()
    await expect(reader.locator("main")).to_contain_text("Lunch")


@SCRIPTS
@pytest.mark.promise("P3")
async def test_an_organiser_sees_the_diets_of_the_event_and_staff_do_not(
    visitors: Visitors, scripts: bool
) -> None:
    title = f"Harvest lunch {'one' if scripts else 'two'}"
    name, wish = ("Orvokki", "no swede") if scripts else ("Kielo", "no turnip")
    page = await visitors.window("organiser", scripts=scripts)
    await page.goto("/staff")
    await add_event(page, title)
    home = path_of(page)
    await guest_with_diet(visitors, title, name=name, wish=wish)
    await page.goto(home)
    await page.get_by_role("link", name="Kitchen sheet").click()
    await expect(page.locator("main")).not_to_contain_text(name)
    await page.goto(home)
    await page.get_by_role("link", name="Food restrictions").click()
    line = page.get_by_role("row").filter(has_text=f"{name} Guest")
    await expect(line).to_contain_text(wish)

    staff = await visitors.window("staff", scripts=scripts)
    await staff.goto(home)
    await expect(staff.locator(".who", has_text=f"{name} Guest")).to_be_visible()
    await expect(staff.get_by_role("link", name="Food restrictions")).to_have_count(0)
    assert wish not in await staff.content()
    for sheet in ("diets", "kitchen"):
        refused = await staff.goto(f"{home}/{sheet}")
        assert refused is not None
        assert refused.status == 403
        assert wish not in await staff.content()
