"""The four users' jobs from end to end without a mouse; the focus is seen at each stop on the way.

Two things a page cannot see are done for the person: choosing in the system's own file window, and
opening the link in a mail program.
"""

from __future__ import annotations

from playwright.async_api import FilePayload, Page, expect

from tests.browser.doing import open_mail
from tests.browser.keys import on_page, press, tab_to, typed
from tests.browser.site import Visitors

PEOPLE = FilePayload(
    name="people.csv",
    mimeType="text/csv",
    buffer=(
        b"First name;Last name;E-mail;Phone;Remark\n"
        b"Tarmo;Tabu;tarmo.tabu@pohjolanrata.example;;\n"
        b"Siiri;Nuoli;siiri.nuoli;+358 40 1234567;shift 2\n"
    ),
)
DAY = "04042031"  # the same in whichever order day and month stand
MORNING = "0900AM"
NOON = "1130AM"


async def page_of_mail(page: Page, address: str) -> None:
    await open_mail(page, address)
    link = page.frame_locator("iframe").locator("a.button").first
    await page.goto(f"{await link.get_attribute('href')}")


async def test_a_participant_signs_up_gives_a_diet_withdraws_it_and_cancels(
    visitors: Visitors,
) -> None:
    address = "tabea@example.fi"
    page = await visitors.window()
    await page.goto("/")
    await press(page, "Skip to the content")
    await press(page, "Customer days")
    await on_page(page, "Customer days")
    await press(page, "Sign up")
    await page.wait_for_url("**/register")
    await typed(page, "First name", "Tabea")
    await typed(page, "Last name", "Näppäin")
    await typed(page, "E-mail", address)
    await typed(page, "Language of mails", "English")
    await press(page, "I have an allergy or a diet")
    await press(page, "Vegan", "Space")
    await press(page, "I agree that my food restrictions", "Space")
    await press(page, "Sign up")
    await on_page(page, "You are signed up")
    await press(page, "See your places")

    await on_page(page, "Log in")
    await typed(page, "E-mail", address)
    await page.keyboard.press("Enter")
    await on_page(page, "Look at your mail")
    await page_of_mail(page, address)
    await press(page, "Log in as")

    await on_page(page, "Hello, Tabea")
    await press(page, "Change food restrictions")
    await on_page(page, "Food restrictions")
    await press(page, "Withdraw and delete")
    await on_page(page, "Hello, Tabea")
    await press(page, "Tell of food restrictions")
    await on_page(page, "Food restrictions")
    await press(page, "Gluten-free", "Space")
    await press(page, "I agree that my food restrictions", "Space")
    await press(page, "Save")
    await expect(page.get_by_text("Your food restrictions are saved.")).to_be_visible()
    await press(page, "Cancel this place")
    await on_page(page, "Cancel this place?")
    await press(page, "Cancel this place")
    await expect(page.get_by_text("You have no places ahead")).to_be_visible()


async def test_a_coordinator_enrols_a_list_and_cancels_a_place(visitors: Visitors) -> None:
    page = await visitors.window("coordinator")
    await page.goto("/company/sessions")
    await press(page, "Working at height")
    await on_page(page, "Working at height")
    await tab_to(page, "List of people")
    await page.locator(":focus").set_input_files(PEOPLE)
    await press(page, "Read the list")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check the list")
    assert await page.evaluate("() => document.activeElement.id") == "main"

    await press(page, "Change the columns")
    await tab_to(page, "Column D")
    await page.keyboard.press("Home")  # "Not used"
    await press(page, "Read the list anew")
    await expect(page.get_by_text("Phone → Phone")).to_have_count(0)
    await typed(page, "E-mail", ".x@pohjolanrata.example")
    await press(page, "Save these rows")
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await press(page, "Enrol 2 people")
    await on_page(page, "The list is enrolled")
    await press(page, "See your people on this session")

    await expect(page.get_by_role("row").filter(has_text="Siiri Nuoli")).to_be_visible()
    await press(page, "Cancel Siiri Nuoli")
    await on_page(page, "Cancel the place of Siiri Nuoli?")
    await press(page, "Cancel the place")
    await expect(page.get_by_text("The place of Siiri Nuoli is cancelled.")).to_be_visible()


async def test_a_trainer_records_a_result_and_takes_a_file(visitors: Visitors) -> None:
    page = await visitors.window("trainer")
    await page.goto("/trainer")
    await press(page, "Electrical work safety")
    await page.wait_for_url("**/sessions/*")
    row = page.locator("#outcomes tbody tr").first
    await tab_to(page, "Present")
    await page.keyboard.press("ArrowRight")
    await expect(row.get_by_role("radio", name="Absent")).to_be_checked()
    await page.keyboard.press("ArrowLeft")
    await expect(row.get_by_role("radio", name="Present")).to_be_checked()
    await typed(page, "Grade", "3")
    await typed(page, "Result", "Completed")
    await press(page, "Save")
    await expect(row.get_by_label("Result")).to_have_value("yes")
    await expect(page.locator(".flash")).to_contain_text("1")
    await tab_to(page, "CSV Data for certificates")
    async with page.expect_download() as coming:
        await page.keyboard.press("Enter")
    assert (await coming.value).suggested_filename.endswith(".csv")


async def test_staff_add_a_training_a_session_and_an_event_and_find_a_person(
    visitors: Visitors,
) -> None:
    page = await visitors.window("staff")
    await page.goto("/staff/trainings")
    await press(page, "New training")
    await on_page(page, "New training")
    await typed(page, "Title", "Avainkurssi")
    await press(page, "Published", "Space")
    await press(page, "Save")
    await expect(page.get_by_text("The training is added.")).to_be_visible()

    await press(page, "Sessions")
    await page.wait_for_url("**/staff/sessions")
    await press(page, "New session")
    await on_page(page, "New session")
    await typed(page, "Training", "Avainkurssi")
    await typed(page, "Day 1", DAY)
    await typed(page, "Starts", MORNING)
    await typed(page, "Ends", NOON)
    await typed(page, "Seats", "9")
    await press(page, "Save")
    await expect(page.get_by_text("The session is added.")).to_be_visible()

    await press(page, "Events")
    await page.wait_for_url("**/staff/events")
    await press(page, "New event")
    await on_page(page, "New event")
    await typed(page, "Title", "Avainpäivä")
    for label, time in (("Starts", MORNING), ("Ends", NOON)):
        await typed(page, label, DAY)
        await page.keyboard.press("ArrowRight")
        await page.keyboard.type(time)
    await typed(page, "Seats", "30")
    await press(page, "Save")
    await expect(page.get_by_text("The event is added.")).to_be_visible()

    await press(page, "Find a place")
    await page.wait_for_url("**/staff/places")
    await typed(page, "Name or e-mail", "Öhman")
    await page.keyboard.press("Enter")
    await expect(page.locator("main").get_by_text("Öhman").first).to_be_visible()


async def test_an_organiser_opens_the_kitchen_sheet(visitors: Visitors) -> None:
    page = await visitors.window("organiser")
    await page.goto("/staff/events")
    await press(page, "Customer days")
    await on_page(page, "Customer days")
    await press(page, "Kitchen sheet")
    await page.wait_for_url("**/kitchen")
    await expect(page.locator("main")).to_contain_text("Kitchen sheet")
