"""What the scripts add, in a real browser in front of the real application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Request, Route, async_playwright, expect
from tortoise.backends.base.executor import EXECUTOR_CACHE

from registration.app import create_app
from registration.settings import Settings
from tests.conftest import ORIGIN, browser
from tests.web.makers import make_session, make_training, make_venue, soon

pytestmark = pytest.mark.browser
# The answer to an upload comes from the application; how it travels is what is tested here.
CARRIED = ("content-type", "location", "content-language")


class Wire:
    """Between the browser and the application; ``broken`` lets no upload through."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.broken = False
        self.asked: list[str] = []

    async def carry(self, route: Route, request: Request) -> None:
        self.asked.append(f"{request.method} {request.url.removeprefix(ORIGIN)}")
        if self.broken and request.method == "POST":
            await route.abort("connectionreset")
            return
        answer = await self.client.request(
            request.method,
            request.url,
            content=request.post_data_buffer,
            headers={"Content-Type": request.headers.get("content-type", "")},
        )
        headers = {name: answer.headers[name] for name in CARRIED if name in answer.headers}
        await route.fulfill(status=answer.status_code, headers=headers, body=answer.content)


@pytest.fixture
async def wire(settings: Settings) -> AsyncIterator[Wire]:
    app = create_app(settings.model_copy(update={"demo": True}), run_jobs=False)
    EXECUTOR_CACHE.clear()
    async with app.router.lifespan_context(app), browser(app) as client:
        yield Wire(client)


@pytest.fixture
async def page(wire: Wire) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"]
        )
        opened = await chromium.new_page(locale="en")
        await opened.route("**/*", wire.carry)
        yield opened
        await opened.unroute_all(behavior="ignoreErrors")
        await chromium.close()


async def test_field_is_checked_when_it_is_left(page: Page) -> None:
    session = await make_session()
    await page.goto(f"{ORIGIN}/sessions/{session.id}/enrol")
    email = page.get_by_role("textbox", name="E-mail")
    await email.fill("aino")
    await expect(page.locator(".field-error")).to_have_count(0)
    await email.blur()
    error = page.locator("#f-email-check")
    await expect(error).to_have_text("Write the whole address, as name@example.fi.")
    assert await email.get_attribute("aria-invalid") == "true"
    assert await email.get_attribute("aria-describedby") == "f-email-help f-email-check"
    await email.fill("aino@example.fi")
    await expect(error).to_have_count(0)
    assert await email.get_attribute("aria-describedby") == "f-email-help"
    assert await email.get_attribute("aria-invalid") is None


async def test_field_that_was_only_passed_is_left_in_peace(page: Page) -> None:
    session = await make_session()
    await page.goto(f"{ORIGIN}/sessions/{session.id}/enrol")
    await page.get_by_label("First name").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator(".field-error")).to_have_count(0)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("aino@gmial.com", "aino@gmail.com"), ("aino@hotmial.com", "aino@hotmail.com")],
)
async def test_slip_in_an_address_is_offered_to_be_put_right(
    page: Page, typed: str, meant: str
) -> None:
    session = await make_session()
    await page.goto(f"{ORIGIN}/sessions/{session.id}/enrol")
    email = page.get_by_role("textbox", name="E-mail")
    await email.fill(typed)
    await email.blur()
    await page.get_by_role("button", name=f"Did you mean {meant}?").click()
    await expect(email).to_have_value(meant)
    await expect(page.locator(".field-hint")).to_have_count(0)


@pytest.mark.parametrize("typed", ["aino@gmail.com", "aino@example.fi", "aino@mail.com"])
async def test_good_address_is_not_doubted(page: Page, typed: str) -> None:
    session = await make_session()
    await page.goto(f"{ORIGIN}/sessions/{session.id}/enrol")
    await page.get_by_role("textbox", name="E-mail").fill(typed)
    await page.get_by_role("textbox", name="E-mail").blur()
    await expect(page.locator(".field-hint, .field-error")).to_have_count(0)


async def test_broken_connection_says_so_and_keeps_the_file(
    page: Page, wire: Wire, tmp_path: Path
) -> None:
    chosen = tmp_path / "people.csv"
    chosen.write_text("Etunimi;Sukunimi\n", encoding="utf-8")
    await page.goto(f"{ORIGIN}/patterns")
    form = page.locator("form[data-upload]")
    await form.locator("input[type=file]").set_input_files(chosen)
    await form.get_by_label("Day").fill("2026-04-14")
    await form.get_by_label("Password").fill("secret")
    wire.broken = True
    await form.get_by_role("button", name="Read the list").click()
    await expect(form.get_by_role("alert")).to_have_text(
        "The connection broke before the file arrived. It is still chosen: try again."
    )
    names = "field => [...field.files].map(file => file.name)"
    assert await form.locator("input[type=file]").evaluate(names) == ["people.csv"]
    assert page.url == f"{ORIGIN}/patterns"
    wire.broken = False
    await form.get_by_role("button", name="Read the list").click()
    await expect(page.locator("h1")).not_to_have_text("Track safety, basic course")
    assert wire.asked.count("POST /patterns") == 2


async def test_filters_renew_the_list_in_place(page: Page, wire: Wire) -> None:
    for number, city in enumerate(["Oulu", "Turku"]):
        training = await make_training(f"Course in {city}")
        venue = await make_venue(city)
        await make_session(training, venue=venue, starts_at=soon(days=4 + number))
    await page.goto(f"{ORIGIN}/")
    await page.get_by_label("Place").focus()
    await page.get_by_label("Place").select_option("Turku")
    await expect(page.locator("#results h3")).to_have_text(["Course in Turku"])
    await expect(page.locator(".filters-count span")).to_have_text("1 date")
    await expect(page.get_by_label("Place")).to_be_focused()
    assert page.url.endswith("place=Turku&month=&language=&free=")


async def test_filters_fold_on_a_phone_and_stand_open_elsewhere(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 800})
    await page.goto(f"{ORIGIN}/")
    place = page.get_by_label("Place")
    await expect(place).to_be_hidden()
    await page.get_by_text("Filters", exact=True).click()
    await expect(place).to_be_visible()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.goto(f"{ORIGIN}/")
    await expect(place).to_be_visible()
    await expect(page.get_by_text("Filters", exact=True)).to_be_hidden()
