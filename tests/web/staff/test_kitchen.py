"""The kitchen's pages: the sheet on a page, as files, behind a caterer's link; and bad requests."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from starlette.applications import Starlette

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import EventLine
from registration.catalogue.queries import event_offering
from registration.catalogue.rules import EventGiven
from registration.catering.deletion import delete_due
from registration.catering.rules import DietGiven
from registration.catering.service import register_guest
from registration.enrolment.service import SignUp
from registration.forms import parse
from registration.ledger.models import Entry
from registration.people.rules import Contact, Source
from registration.press import close_press
from tests.conftest import browser
from tests.web.makers import HOUR, make_event, soon
from tests.web.staff.conftest import House, words

TITLE = "=1+1 <script>alert(1)</script>"


async def catered(house: House, *, guests: int = 3) -> EventLine:
    """An event with two meals, as many gluten-free guests, and one serious allergy."""
    start = soon()
    given = parse(
        EventGiven,
        {
            "title": {"en": TITLE},
            "slug": "feast",
            "starts_at": start,
            "ends_at": start + 8 * HOUR,
            "capacity": 50,
            "catered": True,
            "meals": [
                {"on": start.date(), "kind": "lunch"},
                {"on": start.date(), "kind": "dinner", "name": {"en": "Gala"}},
            ],
        },
    )
    made = await service.add_event(given, actor_id=None, now=clock.now())
    await house.organise(made)
    line = await catalogue.event(made)
    for number in range(guests):
        await add_guest(house, line, number, needs="gluten-free")
    serious = {"allergies": "nuts", "serious": True, "contact_consent": True}
    await add_guest(house, line, guests, **serious)
    return line


async def add_guest(house: House, line: EventLine, number: int, **said: object) -> None:
    contact = Contact("Secret", f"Name{number}", f"g{number}@example.fi", language="en")
    offering = event_offering(line)
    diet = parse(DietGiven, {"consent": True, **said}).diet(offering.meals)
    wish = SignUp(contact, Source.SELF)
    await register_guest(offering, wish, diet, settings=house.settings, now=clock.now())


async def new_link(house: House, line: EventLine, **typed: str) -> str:
    form = {"caterer": "Kitchen & Sons", "language": "any", "ends_at": "", **typed}
    made = await house.organiser.post(f"/staff/events/{line.id}/kitchen/links", data=form)
    [address] = words(made, ".banner .copyable code")
    return address.removeprefix("http://testserver")


@pytest.mark.promise("P3")
async def test_the_page_counts_by_meal_and_folds(house: House) -> None:
    line = await catered(house)
    page = await house.organiser.get(f"/staff/events/{line.id}/kitchen")
    assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")
    assert words(page, ".kitchen-table tbody th") == [
        "All guests",
        "of these without a plate listed below",
        "Serious allergy: no nuts. Keep apart, not even traces.",
        "Gluten-free",
        "Gluten-free",
        "no nuts",
    ]
    numbers = [word for word in words(page, ".kitchen-table tbody .cell-num")]
    assert numbers == ["4", "4", "–", "–", "1", "1", "3", "3", "3", "3", "1", "1"]
    assert "Gala" in " ".join(words(page, ".kitchen-table thead th"))
    assert "Name0" not in page.text
    assert "<script>alert" not in page.text


async def test_who_is_too_rare_is_left_to_the_organisers(house: House) -> None:
    line = await catered(house, guests=1)
    page = await house.organiser.get(f"/staff/events/{line.id}/kitchen")
    assert words(page, ".banner-title") == ["For you to tell the kitchen: it is not on the sheet"]
    assert words(page, ".banner li") == ["1 guest has wishes of their own: too few for the sheet."]
    assert "Gluten-free" not in words(page, ".kitchen-table tbody th")


@pytest.mark.promise("P5")
async def test_the_sheet_as_pdf_is_tagged_numbered_and_leaves_no_file(house: House) -> None:
    line = await catered(house)
    before = {path for path in house.settings.data.rglob("*") if path.is_file()}
    try:
        answer = await house.organiser.get(f"/staff/events/{line.id}/kitchen.pdf")
    finally:
        await close_press()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    reader = PdfReader(BytesIO(answer.content))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert reader.metadata is not None
    assert reader.metadata.title == f"Kitchen sheet: {TITLE}"
    root = reader.root_object
    assert (str(root["/MarkInfo"]), str(root["/Lang"])) == ("{'/Marked': True}", "en")
    for part in ("Version 1", "Page 1 / 1", "by Olli Organiser", "Gluten-free", TITLE):
        assert part in text
    assert "Name0" not in text
    after = {path for path in house.settings.data.rglob("*") if path.is_file()}
    assert {path.suffix for path in after - before} <= {".p12"}


async def test_the_spreadsheet_has_numbers_and_no_formula(house: House) -> None:
    line = await catered(house)
    answer = await house.organiser.get(f"/staff/events/{line.id}/kitchen.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == TITLE
    assert ["Gluten-free", "G", 3.0, 3.0] in rows
    assert ["All guests", "", 4.0, 4.0] in rows
    assert answer.headers["cache-control"] == "private, no-store"
    assert b"<f>" not in answer.content


async def test_late_changes_are_said_since_the_version_that_left(house: House) -> None:
    line = await catered(house)
    path = f"/staff/events/{line.id}/kitchen"
    printed = await house.organiser.get(f"{path}/print")
    assert "Kitchen sheet · Version 1" in printed.text
    quiet = await house.organiser.get(path)
    assert words(quiet, ".kitchen-changes") == []
    await add_guest(house, line, 7, needs="gluten-free")
    page = await house.organiser.get(path)
    assert words(page, ".kitchen-changes li") == [
        "All guests 4 → 5 at every meal",
        "Gluten-free 3 → 4 at every meal",
    ]
    [title] = words(page, ".banner-title")
    assert re.fullmatch(r"Since version 1 \(.+, shown for printing\)", title)
    await house.organiser.get(f"{path}.xlsx")
    assert words(await house.organiser.get(path), ".kitchen-changes") == []


@pytest.mark.promise("P15")
async def test_a_caterers_link_shows_numbers_without_a_login(house: House, app: Starlette) -> None:
    line = await catered(house)
    address = await new_link(house, line, language="sv")
    assert address.endswith("?lang=sv")
    async with browser(app) as kitchen:
        page = await kitchen.get(address)
        assert page.status_code == 200
        assert {name: page.headers[name] for name in CAREFUL} == CAREFUL
        assert "Glutenfri" in words(page, ".kitchen-table tbody th")
        assert "Name0" not in page.text
        await add_guest(house, line, 8, needs="gluten-free")
        later = await kitchen.get(f"{address.partition('?')[0]}?lang=en")
        assert words(later, ".banner-title") == ["Something has changed since version 1"]
        # One guest more is no secret; what that guest eats is not said as such.
        assert words(later, ".kitchen-changes li") == ["All guests 4 → 5 at every meal"]
    shown = await house.organiser.get(f"/staff/events/{line.id}/kitchen")
    assert words(shown, "#caterers tbody th") == ["Kitchen & Sons"]
    assert words(shown, "#caterers tbody .when-where span:first-child") == ["2 times"]
    assert await Entry.filter(act="caterer-link-opened").count() == 2


CAREFUL = {
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "referrer-policy": "no-referrer",
}


async def test_a_link_that_was_ended_guessed_or_dropped_says_the_same(
    house: House, app: Starlette
) -> None:
    line = await catered(house)
    address = await new_link(house, line)
    dropped = await new_link(house, line, caterer="Other")
    page = await house.organiser.get(f"/staff/events/{line.id}/kitchen")
    ends = re.findall(r'action="(/staff/events/[^"]+/end)"', page.text)
    for _again in range(2):
        assert (await house.organiser.post(ends[1])).status_code == 303
    async with browser(app) as kitchen:
        assert (await kitchen.get(dropped)).status_code == 200
        assert line.erase_at is not None
        await delete_due(house.settings, now=line.erase_at)
        answers = [
            await kitchen.get(path)
            for path in (address, dropped, "/kitchen/guess", f"/kitchen/{'x' * 500}")
        ]
        assert {answer.status_code for answer in answers} == {404}
        said = {tuple(words(answer, "main")) for answer in answers}
        assert len(said) == 1
        assert (await kitchen.get(f"{address}/sheet.pdf")).status_code == 404


async def test_bad_links_are_refused_at_their_fields(house: House) -> None:
    line = await catered(house)
    path = f"/staff/events/{line.id}/kitchen/links"
    far = (line.ends_at + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    for typed, field in (
        ({"caterer": " "}, "caterer"),
        ({"caterer": "x" * 5_000}, "caterer"),
        ({"caterer": "K", "ends_at": "2020-01-01T09:00"}, "ends_at"),
        ({"caterer": "K", "ends_at": far}, "ends_at"),
        ({"caterer": "K", "ends_at": "soon"}, "ends_at"),
    ):
        answer = await house.organiser.post(path, data=typed)
        assert (answer.status_code, len(words(answer, f"#f-{field}-error"))) == (422, 1)
    plain = await make_event(catered=False, slug="plain")
    await house.organise(plain.id)
    answer = await house.organiser.post(
        f"/staff/events/{plain.id}/kitchen/links", data={"caterer": "K"}
    )
    assert answer.status_code == 422


@pytest.mark.promise("P3")
async def test_staff_and_other_organisers_get_no_sheet(house: House) -> None:
    line = await catered(house)
    other = await make_event(slug="other")
    for part in ("", "/print", ".pdf", ".xlsx"):
        path = f"/staff/events/{line.id}/kitchen{part}"
        assert (await house.staff.get(path)).status_code == 403
        path = f"/staff/events/{other.id}/kitchen{part}"
        assert (await house.organiser.get(path)).status_code == 404
    answer = await house.staff.post(f"/staff/events/{line.id}/kitchen/links", data={"caterer": "K"})
    assert answer.status_code == 403


def typed_event(**more: object) -> dict[str, object]:
    return {
        "title_fi": "Juhla",
        "starts_at": "2030-05-14T09:00",
        "ends_at": "2030-05-15T16:00",
        "time_zone": "Europe/Helsinki",
        "capacity": "40",
        "catered": "1",
        "erase": "PT24H",
        "state": "published",
        "meal": ["2030-05-14:lunch", "2030-05-15:dinner"],
        "name:2030-05-15:dinner:fi": "Gaala",
        "diets_until": "2030-05-10T12:00",
        **more,
    }


async def test_meals_have_names_and_the_kitchen_a_deadline(house: House) -> None:
    answer = await house.organiser.post("/staff/events/new", data=typed_event())
    assert answer.status_code == 303
    made = await catalogue.event_by_slug("juhla")
    assert [(meal.kind, meal.name) for meal in made.meals] == [
        ("lunch", {}),
        ("dinner", {"fi": "Gaala"}),
    ]
    assert made.diets_until is not None
    assert made.diets_until.isoformat() == "2030-05-10T09:00:00+00:00"
    form = await house.organiser.get(f"/staff/events/{made.id}/edit")
    assert 'value="Gaala"' in form.text
    assert 'value="2030-05-10T12:00"' in form.text
    late = typed_event(diets_until="2030-05-14T09:01")
    refused = await house.organiser.post(f"/staff/events/{made.id}/edit", data=late)
    assert (refused.status_code, len(words(refused, "#f-diets_until-error"))) == (422, 1)


async def test_no_food_in_addresses_and_the_sheets_words_in_no_log(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    line = await catered(house)
    page: httpx.Response = await house.organiser.get(f"/staff/events/{line.id}/kitchen/print")
    assert page.status_code == 200
    said = "".join(capfd.readouterr())
    assert [word for word in ("gluten", "nuts", "Name0") if word in said] == []
    stored = b"".join(path.read_bytes() for path in Path(house.settings.data).rglob("*.sqlite3*"))
    assert b"gluten-free" not in stored
