"""Staff decide how people are told of a changed notice, and hand out the record of processing."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from registration import clock
from registration.mail.models import Mail
from registration.press import close_press
from registration.privacy.notice_telling import tell_due
from registration.privacy.notice_versions import keep_up, versions
from registration.settings import Settings
from tests.builders import make_person
from tests.web.staff.conftest import House, error, value, words

ADDRESS = "/staff/privacy/notices"


async def _changed(settings: Settings) -> None:
    now = clock.now()
    await keep_up(settings, now=now)
    house = settings.organisation.model_copy(update={"name": "<i>Uusi</i> Oy"})
    changed = settings.model_copy(update={"organisation": house})
    assert await keep_up(changed, now=now) == 2


@pytest.mark.promise("P19")
async def test_staff_see_what_waits_and_tell_people(house: House) -> None:
    await make_person(email="aino@example.fi")
    await _changed(house.settings)
    page = await house.staff.get(ADDRESS)
    assert words(page, ".prose li") == ["The words under “Who is responsible”"]
    assert "If nobody decides, the people whom it concerns are told on" in page.text
    texts = {"summary_fi": "", "summary_sv": "", "summary_en": "We have a new name."}
    answer = await house.staff.post(f"{ADDRESS}/2/tell", data=texts)
    assert (answer.status_code, answer.headers["location"]) == (303, ADDRESS)
    await tell_due(house.settings, now=clock.now())
    mail = await Mail.get(template="notice-changed", address="aino@example.fi")
    assert "We have a new name." in mail.body_text
    after = await house.staff.get(ADDRESS)
    assert "waits for you" not in after.text
    assert words(after, "tbody .badge") == ["Told", "The first one"]
    assert "Sari Staff" in after.text


@pytest.mark.promise("P19")
async def test_a_change_of_words_only_is_marked_with_a_reason(house: House) -> None:
    await _changed(house.settings)
    without = await house.staff.post(f"{ADDRESS}/2/quiet", data={"reason": " "})
    assert (without.status_code, error(without, "reason")) == (422, ["This is needed."])
    answer = await house.staff.post(f"{ADDRESS}/2/quiet", data={"reason": "A typing error"})
    assert answer.status_code == 303
    assert (await versions())[0].because == "A typing error"
    assert "A typing error" in (await house.staff.get(ADDRESS)).text


async def test_what_was_typed_is_kept(house: House) -> None:
    await _changed(house.settings)
    long = "x" * 1001
    answer = await house.staff.post(f"{ADDRESS}/2/tell", data={"summary_sv": long})
    assert answer.status_code == 422
    assert error(answer, "summary_sv") == ["Use at most 1000 characters."]
    assert value(answer, "summary_sv") == long


async def test_a_decision_that_was_taken_is_said(house: House) -> None:
    await _changed(house.settings)
    await house.staff.post(f"{ADDRESS}/2/tell", data={})
    again = await house.staff.post(f"{ADDRESS}/2/tell", data={})
    assert (again.status_code, "has been decided already" in again.text) == (409, True)
    assert (await house.staff.post(f"{ADDRESS}/9/tell", data={})).status_code == 404


@pytest.mark.promise("P14")
async def test_others_may_not(house: House) -> None:
    for address in (ADDRESS, "/staff/privacy/record", "/staff/privacy/record.xlsx"):
        assert (await house.organiser.get(address)).status_code == 403


@pytest.mark.promise("P19")
async def test_the_record_is_a_page_a_paper_and_a_spreadsheet(house: House) -> None:
    page = await house.staff.get("/staff/privacy/record")
    names = words(page, "summary h3")
    assert "Arranging trainings and events" in names
    sheet = await house.staff.get("/staff/privacy/record.xlsx")
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet.content)).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows[1:]] == names
    try:
        printed = await house.staff.get("/staff/privacy/record.pdf")
    finally:
        await close_press()
    text = "".join(each.extract_text() for each in PdfReader(BytesIO(printed.content)).pages)
    assert "Record of processing activities" in " ".join(text.split())
