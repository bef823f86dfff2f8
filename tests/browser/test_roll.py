"""The trainer's lists in a real browser: taps without a network, conflicts, keys and pasting."""

from __future__ import annotations

import json
from typing import cast

from playwright.async_api import Locator, Page, expect

from tests.browser.doing import session_links
from tests.browser.site import Visitors, path_of

KEPT = "() => JSON.stringify(Object.fromEntries(Object.entries(localStorage)))"
WAITING = "Waiting for the network"
PASTE = """([cell, text]) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const how = { bubbles: true, cancelable: true, clipboardData };
  cell.dispatchEvent(new ClipboardEvent("paste", how));
}"""


async def open_roll(visitors: Visitors, *, width: int = 390, scripts: bool = True) -> Page:
    page = await visitors.window("trainer", width=width, height=844, scripts=scripts)
    await page.goto("/trainer")
    roll = page.get_by_role("link", name="Call the roll")
    if not await roll.count():  # in the evening nothing is taught, and the roll can still be mended
        for link in await session_links(page, "/trainer"):
            await page.goto(link)
            if await roll.count():
                break
    await roll.first.click()
    await expect(page.locator(".roll-row").first).to_be_visible()
    return page


async def kept(page: Page) -> dict[str, str]:
    return cast("dict[str, str]", json.loads(str(await page.evaluate(KEPT))))


def row(page: Page, number: int) -> Locator:
    return page.locator(".roll-row").nth(number)


async def pressed(line: Locator) -> str:
    marked = line.locator('[aria-pressed="true"]')
    return await marked.inner_text() if await marked.count() else ""


async def test_taps_without_a_network_are_kept_and_sent_later(visitors: Visitors) -> None:
    page = await open_roll(visitors)
    names = await page.locator(".roll-row .who-name").all_inner_texts()
    line, other = row(page, 3), row(page, 4)
    await line.get_by_role("button", name="Present").click()
    await expect(line.locator(".roll-state")).to_have_text("Saved")

    await page.context.set_offline(True)
    await line.get_by_role("button", name="Absent").click()
    await other.get_by_role("button", name="Present").click()
    for each in (line, other):
        await expect(each.locator(".roll-state")).to_have_text(WAITING)
    await expect(page.locator(".roll-unsent")).to_contain_text("Not sent yet: 2.")
    waiting = await kept(page)
    assert len(waiting) == 2
    assert sorted(json.loads(each)["mark"] for each in waiting.values()) == ["0", "1"]
    assert [name for name in names if name in json.dumps(waiting)] == []
    leaving = await page.evaluate(
        "() => !dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    )
    assert leaving is True

    await page.context.set_offline(False)
    for each in (line, other):
        await expect(each.locator(".roll-state")).to_have_text("Saved")
    await expect(page.locator(".roll-unsent")).to_be_hidden()
    assert await kept(page) == {}
    await page.reload()
    assert [await pressed(row(page, 3)), await pressed(row(page, 4))] == ["Absent", "Present"]


async def test_taps_outlive_the_page_and_a_log_out_clears_them(visitors: Visitors) -> None:
    page = await open_roll(visitors)
    address = page.url
    await page.context.set_offline(True)
    await row(page, 5).get_by_role("button", name="Present").click()
    await expect(row(page, 5).locator(".roll-state")).to_have_text(WAITING)
    waiting = await kept(page)
    await page.close(run_before_unload=False)
    await page.context.set_offline(False)
    again = await page.context.new_page()
    await again.goto(address)
    await expect(row(again, 5).locator(".roll-state")).to_have_text("Saved")
    assert await pressed(row(again, 5)) == "Present"

    other = await visitors.window()
    await other.goto("/")
    await other.evaluate("kept => Object.assign(localStorage, kept)", waiting)
    await other.evaluate(
        """() => {
          const form = Object.assign(document.createElement("form"), { method: "post" });
          form.setAttribute("action", "/logout");
          document.body.append(form);
          form.requestSubmit();
        }"""
    )
    await other.wait_for_url("**/login*")
    assert await kept(other) == {}


async def test_a_late_tap_shows_what_somebody_else_recorded(visitors: Visitors) -> None:
    """Two windows of trainers: the second hears of the first before anything is overwritten."""
    late, early = await open_roll(visitors), await open_roll(visitors, scripts=False)
    await late.context.set_offline(True)
    for number in (6, 7):
        await row(late, number).get_by_role("button", name="Present").click()
    await expect(row(late, 7).locator(".roll-state")).to_have_text(WAITING)
    for number in (6, 7):
        await row(early, number).get_by_role("button", name="Absent").click()
        assert await pressed(row(early, number)) == "Absent"
    await late.context.set_offline(False)
    for number in (6, 7):
        said = row(late, number).locator(".roll-state")
        await expect(said).to_contain_text(
            "Recorded otherwise meanwhile: Absent. You tapped: Present."
        )
    await early.reload()
    assert [await pressed(row(early, number)) for number in (6, 7)] == ["Absent", "Absent"]
    # The conflict is still there after the page was opened anew.
    await late.goto(late.url)
    await row(late, 6).get_by_role("button", name="Keep: Absent").click()
    await row(late, 7).get_by_role("button", name="Save: Present").click()
    for number in (6, 7):
        await expect(row(late, number).locator(".roll-state")).to_have_text("Saved")
    assert await kept(late) == {}
    await early.reload()
    assert [await pressed(row(early, number)) for number in (6, 7)] == ["Absent", "Present"]


async def test_targets_are_large_and_nothing_moves_sideways(visitors: Visitors) -> None:
    page = await open_roll(visitors, width=320)
    for button in await page.locator(".roll-mark").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
    wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) == 0


async def open_grid(visitors: Visitors) -> Page:
    page = await visitors.window("trainer")
    await page.goto("/trainer")
    await page.get_by_role("link", name="Electrical work safety").first.click()
    await page.wait_for_url("**/sessions/*")
    return page


async def test_enter_and_arrows_move_in_the_column_of_grades(visitors: Visitors) -> None:
    grid = await open_grid(visitors)
    cells = grid.get_by_label("Grade,")
    await cells.first.focus()
    await grid.keyboard.type("4")
    await grid.keyboard.press("Enter")
    await expect(cells.nth(1)).to_be_focused()
    await grid.keyboard.press("ArrowDown")
    await expect(cells.nth(2)).to_be_focused()
    await grid.keyboard.press("Shift+Enter")
    await grid.keyboard.press("ArrowUp")
    await expect(cells.first).to_be_focused()
    assert path_of(grid).startswith("/trainer/sessions/")
    await grid.keyboard.press("Escape")
    await expect(grid.locator(".flash")).to_have_count(0)


async def test_a_pasted_column_fills_the_cells_and_saves_nothing(visitors: Visitors) -> None:
    grid = await open_grid(visitors)
    cells = grid.get_by_label("Grade,")
    before = await cells.nth(3).input_value()
    names = await grid.locator("#outcomes .who-name").all_inner_texts()
    cell = await cells.nth(3).element_handle()
    text = f"{names[4]}\t4,0\r\n{names[5]}\t77\r\nNobody Here\t3\r\n"
    await grid.evaluate(PASTE, [cell, text])
    note = grid.locator("#pasted")
    await expect(note).to_contain_text("Filled in: 1 grade. Nothing is saved yet.")
    await expect(cells.nth(4)).to_have_value("4")
    await expect(cells.nth(5)).to_have_attribute("aria-invalid", "true")
    await expect(note.get_by_role("listitem")).to_have_count(2)
    await expect(cells.nth(3)).to_have_value(before)
    await cells.nth(5).fill("3")
    await expect(cells.nth(5)).not_to_have_attribute("aria-invalid", "true")
    await grid.evaluate(PASTE, [await cells.nth(6).element_handle(), "1\n2\n"])
    await expect(cells.nth(6)).to_have_value("1")
    await expect(cells.nth(7)).to_have_value("2")
    other = await grid.context.new_page()
    await other.goto(grid.url)
    await expect(other.get_by_label("Grade,").nth(6)).not_to_have_value("1")
