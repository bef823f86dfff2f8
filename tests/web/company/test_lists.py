"""A list from a spreadsheet to places, on the pages and without JavaScript."""

from __future__ import annotations

import asyncio
import io
import zipfile
import zlib
from datetime import timedelta

import httpx
import pytest
from python_calamine import load_workbook

from registration import clock
from registration.accounts.models import Grant
from registration.accounts.rules import Role
from registration.companies.models import Company
from registration.db import transaction
from registration.enrolment.models import Place, Upload
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from tests.builders import log_in, make_account
from tests.conftest import browser
from tests.web.company.conftest import DATA, Office, figures, words
from tests.web.makers import make_session

HEAD = "First name;Last name;E-mail;Phone\n"
TWO = (HEAD + "Aino;Virtanen;aino@example.fi;\nBo;Ek;bo@example.fi;040 123 4567\n").encode()


def figured(ready: int, ask: int = 0, left: int = 0, already: int = 0) -> dict[str, int]:
    return {
        "Ready": ready,
        "Need an answer": ask,
        "Left out": left,
        "Have a place already": already,
    }


def came_to(confirmed: int, waiting: int = 0, already: int = 0, left: int = 0) -> dict[str, int]:
    return {
        "Confirmed": confirmed,
        "On the waiting list": waiting,
        "Had a place already": already,
        "Left out": left,
    }


@pytest.mark.promise("P6")
@pytest.mark.parametrize(
    ("name", "ready", "ask", "left"),
    [
        ("employees-clean-fi.csv", 40, 0, 0),
        ("employees-clean-fi.ods", 40, 0, 0),
        ("employees-clean-fi.xls", 40, 0, 0),
        ("employees-clean-fi.xlsx", 40, 0, 0),
        ("employees-english-cp1252.csv", 25, 0, 0),
        ("employees-messy.csv", 26, 4, 1),
        ("employees-messy.xlsx", 27, 3, 1),
        ("employees-5000.csv", 5000, 0, 0),
        ("employees-5000.xlsx", 5000, 0, 0),
    ],
)
async def test_file_is_previewed_and_its_ready_rows_enrolled(
    office: Office, name: str, ready: int, ask: int, left: int
) -> None:
    path = await office.upload((DATA / name).read_bytes(), name)
    preview = await office.coordinator.get(path)
    assert (preview.status_code, figures(preview)) == (200, figured(ready, ask, left))
    assert await Place.all().count() == 0
    enrolled = await office.coordinator.post(f"{path}/enrol", data={"language": "sv"})
    assert (enrolled.status_code, enrolled.headers["location"]) == (303, path)
    result = await office.coordinator.get(path)
    assert figures(result) == came_to(ready, left=ask + left)
    places = await Place.all().values_list("company_id", "enrolled_by", "status", "source")
    assert set(places) == {(office.company, office.account, "confirmed", "import")}
    assert len(places) == ready
    assert await Mail.filter(language="sv", template="place-confirmed").count() == ready
    assert await Entry.filter(act="import-done", actor_id=office.account).count() == 1


async def test_five_thousand_go_from_file_to_places(office: Office) -> None:
    content = (DATA / "employees-5000.csv").read_bytes()
    await office.coordinator.get(office.path)
    path = await office.upload(content)
    await office.coordinator.get(path)
    await office.coordinator.post(f"{path}/enrol", data={})
    assert await Place.all().count() == 5000


async def test_problems_stand_by_row_and_column_with_the_mend_in_the_field(
    office: Office,
) -> None:
    path = await office.upload((DATA / "employees-messy.xlsx").read_bytes(), "messy.xlsx")
    page = await office.coordinator.get(path)
    assert words(page, "#answer h3") == [
        "Row 7: Simo Salminen",
        "Row 9: Katariina Koistinen",
        "Row 16: Matti Rissanen",
    ]
    assert words(page, "#answer .field-error") == [
        "C, S-posti: “simo.salminen @ pohjolanrata.example” is not an e-mail address. "
        "Is “simo.salminen@pohjolanrata.example” right?",
        "C, S-posti: The e-mail address is missing. Fill it in.",
        "C, S-posti: Olavi Nousiainen on row 15 has the same e-mail address. "
        "Confirm that they share it, or correct it.",
    ]
    assert 'name="7.email" value="simo.salminen@pohjolanrata.example"' in page.text
    assert [line for line in words(page, "main td") if "ei ole" in line] == [
        "“ei ole” is not a phone number. It is left empty."
    ]
    assert "This row is a total, not a person." in words(page, "#left td")
    assert "The headings are on row 3." in page.text


async def test_mends_on_the_page_make_rows_ready(office: Office) -> None:
    path = await office.upload((DATA / "employees-messy.xlsx").read_bytes(), "messy.xlsx")
    sent = {
        "row": ["7", "9", "16"],
        "7.email": "simo.salminen@pohjolanrata.example",
        "7.agreed": "1",
        "9.first_name": "Katariina",
        "9.last_name": "Koistinen",
        "9.email": "k.koistinen@pohjolanrata.example",
        "16.out": "1",
    }
    saved = await office.coordinator.post(f"{path}/rows", data=sent)
    assert saved.status_code == 303
    page = await office.coordinator.get(path)
    assert figures(page) == figured(29, 0, 2)
    await office.coordinator.post(f"{path}/enrol", data={})
    emails = await Person.filter(last_name__in=["Koistinen", "Salminen", "Rissanen"])
    assert sorted(person.email for person in emails if person.first_name != "Matti") == [
        "k.koistinen@pohjolanrata.example",
        "simo.salminen@pohjolanrata.example",
    ]
    assert await Person.filter(first_name="Matti", last_name="Rissanen").count() == 0


async def test_saving_without_an_answer_leaves_the_question(office: Office) -> None:
    path = await office.upload((DATA / "employees-messy.xlsx").read_bytes(), "messy.xlsx")
    sent = {"row": "16", "16.email": "olavi.nousiainen@pohjolanrata.example"}
    await office.coordinator.post(f"{path}/rows", data=sent)
    page = await office.coordinator.get(path)
    assert figures(page) == figured(27, 3, 1)
    assert "1 row still needs an answer." in page.text


async def test_one_click_uses_what_is_proposed_and_nothing_else(office: Office) -> None:
    path = await office.upload((DATA / "employees-messy.xlsx").read_bytes(), "messy.xlsx")
    await office.coordinator.post(f"{path}/proposals")
    page = await office.coordinator.get(path)
    assert figures(page) == figured(28, 2, 1)
    assert words(page, "#answer h3") == ["Row 9: Katariina Koistinen", "Row 16: Matti Rissanen"]


async def test_shared_address_is_two_people_once_confirmed(office: Office) -> None:
    rows = HEAD + "Aino;Virtanen;office@example.fi;\nBo;Ek;office@example.fi;\n"
    path = await office.upload(rows.encode())
    assert figures(await office.coordinator.get(path)) == figured(1, 1)
    sent = {"row": "3", "3.email": "office@example.fi", "3.agreed": "1"}
    await office.coordinator.post(f"{path}/rows", data=sent)
    await office.coordinator.post(f"{path}/enrol", data={})
    names = await Person.filter(email="office@example.fi").order_by("last_name")
    assert [person.first_name for person in names] == ["Bo", "Aino"]


async def test_known_employee_with_another_name_is_asked_about(office: Office) -> None:
    first = await office.upload((HEAD + "Aino;Virtanen;aino@example.fi;\n").encode())
    await office.coordinator.post(f"{first}/enrol", data={})
    path = await office.upload((HEAD + "Aino;Laine;aino@example.fi;\n").encode())
    page = await office.coordinator.get(path)
    assert figures(page) == figured(0, 1)
    assert words(page, "#answer .field-error") == [
        "C, E-mail: Aino Virtanen, who is one of your people, has this address. "
        "Is it the same person?"
    ]
    assert words(page, "#answer .panel .button") == [
        "It is the same person", "It is somebody else", "Leave this row out",
    ]  # fmt: skip


async def test_strangers_on_record_are_not_told_of(office: Office) -> None:
    first = await office.upload((HEAD + "Aino;Virtanen;aino@example.fi;\n").encode())
    await office.coordinator.post(f"{first}/enrol", data={})
    content = (HEAD + "Anna;Laine;aino@example.fi;\n").encode()
    sent = await office.send(content, by=office.stranger)
    page = await office.stranger.get(sent.headers["location"])
    assert figures(page) == figured(1)
    assert "Virtanen" not in page.text


async def test_second_upload_of_the_same_file_changes_nothing(office: Office) -> None:
    content = (DATA / "employees-clean-fi.xlsx").read_bytes()
    first = await office.upload(content, "staff.xlsx")
    assert await office.upload(content, "staff.xlsx") == first
    await office.coordinator.post(f"{first}/enrol", data={})
    before = await Mail.all().count()
    second = await office.upload(content, "staff.xlsx")
    page = await office.coordinator.get(second)
    assert figures(page) == figured(40, already=40)
    assert words(page, "#enrol-title") == ["Nothing to do"]
    await office.coordinator.post(f"{second}/enrol", data={})
    result = await office.coordinator.get(second)
    assert words(result, "h1") == ["Nothing has changed"]
    assert figures(result) == came_to(0, already=40)
    assert await Place.all().count() == 40
    assert await Mail.all().count() == before


async def test_pressing_twice_enrols_once(office: Office) -> None:
    path = await office.upload(TWO)
    async with browser(office.app) as colleague:
        await log_in(colleague, office.account)
        answers = await asyncio.gather(
            *(by.post(f"{path}/enrol", data={}) for by in (office.coordinator, colleague) * 3)
        )
    assert [answer.status_code for answer in answers] == [303] * 6
    assert figures(await office.coordinator.get(path)) == came_to(2)
    assert await Place.all().count() == 2
    assert await Mail.filter(template="place-confirmed").count() == 2


async def test_seats_and_waiting_list_are_said_before_and_after(office: Office) -> None:
    small = await make_session(capacity=1)
    sent = await office.coordinator.post(
        f"/company/sessions/{small.id}/upload", files={"file": ("two.csv", TWO)}
    )
    path = sent.headers["location"]
    said = words(await office.coordinator.get(path), "section.panel p")[0]
    assert said == "1 gets a seat, 1 goes to the waiting list, in the order of the file."
    await office.coordinator.post(f"{path}/enrol", data={})
    assert figures(await office.coordinator.get(path)) == came_to(1, 1)


async def test_rows_left_out_come_back_as_a_workbook_with_reasons(office: Office) -> None:
    rows = HEAD + "=1+1;Virtanen;aino@example.fi;\nBo;Ek;bo@example.fi;\nCai;Dahl;;\n"
    path = await office.upload(rows.encode())
    await office.coordinator.post(f"{path}/enrol", data={})
    for _again in range(2):
        sent = await office.coordinator.get(f"{path}/errors.xlsx")
        book = load_workbook(io.BytesIO(sent.content))
        assert book.get_sheet_by_index(0).to_python() == [
            ["First name", "Last name", "E-mail", "Phone", "Why this row was left out"],
            ["'=1+1", "Virtanen", "aino@example.fi", "",
             "A name cannot begin with “=”. Write the name itself."],
            ["Cai", "Dahl", "", "", "The e-mail address is missing. Fill it in."],
        ]  # fmt: skip


@pytest.mark.promise("P6")
async def test_enrolled_rows_leave_the_upload(office: Office) -> None:
    path = await office.upload(TWO + b"Cai;Dahl;;\n")
    await office.coordinator.post(f"{path}/enrol", data={})
    row = await Upload.get(id=path.rpartition("/")[2])
    assert row.kept is None
    kept = zlib.decompress(row.reading or b"").decode()
    assert ("Dahl" in kept, "Virtanen" in kept, "bo@example.fi" in kept) == (True, False, False)


async def test_columns_can_be_chosen(office: Office) -> None:
    rows = "A;B;C\nVirtanen;Aino;aino@example.fi\nEk;Bo;bo@example.fi\n"
    path = await office.upload(rows.encode())
    before = await office.coordinator.get(path)
    assert words(before, ".banner-title") == ["Say which column is which"]
    twice = {"column-0": "last_name", "column-1": "last_name", "column-2": "email"}
    refused = await office.coordinator.post(f"{path}/columns", data=twice)
    assert refused.status_code == 422
    assert "Two columns are set to “Last name”. Choose one of them." in refused.text
    right = {"column-0": "last_name", "column-1": "first_name", "column-2": "email"}
    await office.coordinator.post(f"{path}/columns", data=right | {"column-77": "city"})
    after = await office.coordinator.get(path)
    assert words(after, "#ready th")[-2:] == ["Aino Virtanen", "Bo Ek"]


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", b" " * 200_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "language", "said"),
    [
        (b"", "en", "The file is empty. Choose another file."),
        (b"\x89PNG\r\n\x1a\n" + bytes(900), "en", "This is a picture, not a spreadsheet."),
        (b"%PDF-1.7 ...", "en", "This is a PDF document, not a spreadsheet."),
        (b"PK\x03\x04" + bytes(400), "en", "The file is damaged."),
        (b"bomb", "en", "The file unpacks to more than"),
        (b"a;b\n" * 12_000, "en", "There are more than 10000 rows."),
    ],
)
async def test_hostile_file_is_answered_on_the_session_page(
    office: Office, content: bytes, language: str, said: str
) -> None:
    sent = await office.send(_bomb() if content == b"bomb" else content, language=language)
    assert sent.status_code == 422
    (error,) = words(sent, ".field-error")
    assert error.startswith(said)
    assert words(sent, "h1") == ["Track safety"]
    assert await Upload.all().count() == 0


async def test_form_without_file_and_too_large_file_are_answered_there_too(
    office: Office,
) -> None:
    none = await office.coordinator.post(f"{office.path}/upload", files={"other": ("a", b"a")})
    assert (none.status_code, words(none, ".field-error")) == (422, ["Choose a file."])
    large = await office.send(b"a" * (10 * 1024 * 1024 + 1))
    assert large.status_code == 413
    assert words(large, ".field-error") == [
        "That is larger than can be taken. Send it in smaller parts."
    ]
    huge = await office.send(b"a" * (13 * 1024 * 1024))
    assert huge.status_code == 413


async def test_list_of_another_company_is_not_there(office: Office) -> None:
    path = await office.upload(TWO)
    seen = [await office.stranger.get(each) for each in (path, f"{path}/errors.xlsx")]
    seen += [
        await office.stranger.post(f"{path}/{verb}", data={})
        for verb in ("rows", "proposals", "columns", "enrol", "discard")
    ]
    assert [answer.status_code for answer in seen] == [404] * 7
    assert figures(await office.coordinator.get(path)) == figured(2)


async def test_removed_coordinator_enrols_nobody(office: Office) -> None:
    path = await office.upload(TWO)
    async with transaction():
        await Grant.filter(account_id=office.account).update(ends_at=clock.now())
    answer = await office.coordinator.post(f"{path}/enrol", data={})
    assert answer.status_code == 403
    assert await Place.all().count() == 0


async def test_expired_list_is_gone(office: Office) -> None:
    path = await office.upload(TWO)
    async with transaction():
        await Upload.all().update(drop_at=clock.now() - timedelta(seconds=1))
    page = await office.coordinator.get(path)
    assert page.status_code == 404
    assert "an uploaded list is kept for a day" in page.text
    assert (await office.coordinator.post(f"{path}/enrol", data={})).status_code == 404
    assert await Place.all().count() == 0


async def test_session_that_closed_meanwhile_refuses_and_keeps_the_list(office: Office) -> None:
    ends = clock.now() + timedelta(seconds=1.5)
    line = await make_session(closes_at=ends)
    sent = await office.coordinator.post(
        f"/company/sessions/{line.id}/upload", files={"file": ("two.csv", TWO)}
    )
    path = sent.headers["location"]
    await asyncio.sleep(max(0.0, (ends - clock.now()).total_seconds()))
    answer = await office.coordinator.post(f"{path}/enrol", data={})
    assert answer.status_code == 409
    assert "Sign-up has closed." in answer.text
    assert figures(answer) == figured(2)
    late = await office.coordinator.post(
        f"/company/sessions/{line.id}/upload", files={"file": ("two.csv", TWO)}
    )
    assert (late.status_code, "Sign-up has closed." in late.text) == (409, True)


async def test_list_can_be_thrown_away(office: Office) -> None:
    path = await office.upload(TWO)
    answer = await office.coordinator.post(f"{path}/discard")
    assert answer.headers["location"] == office.path
    assert await Upload.all().count() == 0
    assert (await office.coordinator.get(path)).status_code == 404


async def test_garbage_in_forms_changes_nothing(office: Office) -> None:
    path = await office.upload(TWO)
    sent: dict[str, str | list[str]] = {
        "row": ["999", "x", "-1", ""],
        "999.email": "a@b.fi",
        "2": "x",
    }
    assert (await office.coordinator.post(f"{path}/rows", data=sent)).status_code == 303
    assert figures(await office.coordinator.get(f"{path}?edit=zz&page=99")) == figured(2)
    bad: list[httpx.Response] = [
        await office.coordinator.get("/company/uploads/nonsense"),
        await office.coordinator.get(f"/company/uploads/{office.company}"),
    ]
    assert [answer.status_code for answer in bad] == [404, 404]


async def test_trainer_and_nobody_have_no_portal(office: Office) -> None:
    staff = await make_account(Role.STAFF)
    path = await office.upload(TWO)
    async with browser(office.app) as other:
        assert (await other.get(path)).headers["location"].startswith("/login")
        await log_in(other, staff)
        assert (await other.get(path)).status_code == 403


async def test_a_company_that_wants_an_order_number_gives_it_with_a_list(office: Office) -> None:
    async with transaction():
        await Company.filter(id=office.company).update(order_needed=True)
    path = await office.upload(TWO)
    for number, status in (("", 422), ("9" * 61, 422)):
        refused = await office.coordinator.post(f"{path}/enrol", data={"order_number": number})
        assert refused.status_code == status
        assert f'value="{number}"' in refused.text
        assert words(refused, ".error-summary") != []
        assert await Place.all().count() == 0
    enrolled = await office.coordinator.post(f"{path}/enrol", data={"order_number": "=PO-7"})
    assert enrolled.status_code == 303
    assert [place.order_number for place in await Place.all()] == ["=PO-7", "=PO-7"]
