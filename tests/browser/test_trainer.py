"""A trainer records results and takes data along; who completed then has a certificate."""

from __future__ import annotations

import csv
import io
import json
from itertools import takewhile
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect
from pypdf import PdfReader
from python_calamine import load_workbook

from tests.browser.doing import log_in_by_mail
from tests.browser.site import Visitors, path_of

OTHER = "nils.ek@rskola.example"


async def taken(page: Page, link: Locator) -> Path:
    """The file behind a link, saved as the browser saves it."""
    async with page.expect_download() as coming:
        await link.click()
    return Path(await (await coming.value).path())


async def correct_absent(page: Page) -> str:
    """Whoever was noted as having stayed away was there after all, and passed; their name."""
    rows = page.locator("#outcomes tbody tr")
    absent = rows.filter(has=page.locator("select option:checked", has_text="Did not come"))
    name = await absent.locator(".who-name").inner_text()
    row = rows.filter(has_text=name)
    for present in await row.get_by_role("radio", name="Present").all():
        await present.check(force=True)
    grade = row.get_by_label("Grade")
    if await grade.get_attribute("inputmode"):
        await grade.fill("80")
    else:
        await grade.select_option(label="Passed")
    await row.get_by_label("Result").select_option(label="Completed")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_text("certificate").first).to_be_visible()
    await expect(row.get_by_label("Result")).to_have_value("yes")
    return name


async def address_of(visitors: Visitors, session_path: str, name: str) -> str:
    """Staff look the person up on the session's page."""
    office = await visitors.window("staff")
    await office.goto(session_path.replace("/trainer/", "/staff/"))
    who = office.locator("#people .who", has_text=name)
    return await who.locator(".quiet").inner_text()


async def certificate_data(page: Page) -> dict[str, list[tuple[str, str]]]:
    """Name and company of each line in the pack for certificates, by kind of file."""
    pack = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Data for certificates")
    )
    read = {"CSV": in_csv, "Excel": in_excel, "JSON": in_json}
    return {
        kind: into((await taken(page, pack.get_by_role("link", name=kind))).read_bytes())
        for kind, into in read.items()
    }


def in_csv(content: bytes) -> list[tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    return [(row["Name"], row["Company"]) for row in rows]


def in_excel(content: bytes) -> list[tuple[str, str]]:
    """The people end at an empty line; below it stands what the pack is."""
    sheet = load_workbook(io.BytesIO(content)).get_sheet_by_index(0)
    return [(str(row[0]), str(row[1])) for row in takewhile(any, sheet.to_python()[1:])]


def in_json(content: bytes) -> list[tuple[str, str]]:
    return [(person["name"], person["company"]) for person in json.loads(content)["people"]]


@pytest.mark.parametrize(
    ("scripts", "who", "title", "printed"),  # a certificate is in its holder's language
    [(True, "trainer", "Hot work", "Tulityö"), (False, OTHER, "First aid", "Ensiapu")],
    ids=["scripts", "no-scripts"],
)
@pytest.mark.promise("P7")
async def test_a_correction_brings_a_certificate_that_verifies(
    visitors: Visitors, scripts: bool, who: str, title: str, printed: str
) -> None:
    page = await visitors.window(who, scripts=scripts)
    await page.goto("/trainer")
    await page.get_by_role("link", name=title).last.click()
    session_path = path_of(page)
    name = await correct_absent(page)
    files = await certificate_data(page)
    assert name in dict(files["JSON"])
    assert files["CSV"] == files["Excel"] == files["JSON"]

    holder = await visitors.window(scripts=scripts)
    await holder.goto("/me")
    await log_in_by_mail(holder, await address_of(visitors, session_path, name))
    line = holder.get_by_role("row").filter(has_text=printed)
    certificate = await line.get_by_role("link", name="Download").get_attribute("href")
    # The browser would show it by itself; the first that is printed waits for a press to start.
    printout = await holder.request.get(str(certificate), timeout=60_000)
    pages = PdfReader(io.BytesIO(await printout.body())).pages
    assert name in " ".join(pages[0].extract_text().split())
    await line.get_by_role("link", name="Look at it").click()
    await holder.get_by_role("link", name="Verification page").click()
    await expect(holder.get_by_role("heading", level=1)).to_have_text("This certificate is valid")
    await expect(holder.locator(".verdict-name")).to_have_text(name)


@pytest.mark.promise("P7")
async def test_a_trainer_sees_only_the_sessions_that_were_given(visitors: Visitors) -> None:
    other = await visitors.window(OTHER)
    await other.goto("/trainer")
    theirs = {await each.get_attribute("href") for each in await other.locator(".card a").all()}
    page = await visitors.window("trainer")
    await page.goto("/trainer")
    own = {await each.get_attribute("href") for each in await page.locator(".card a").all()}
    assert own
    assert theirs
    assert own & theirs == set()
    for path in {str(each).partition("#")[0] for each in theirs}:
        refused = await page.goto(path)
        assert refused is not None
        assert refused.status == 404
