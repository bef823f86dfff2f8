"""Staff's pages of certificates: the search, one with its history, and all of a session."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from selectolax.lexbor import LexborHTMLParser

from registration import clock
from registration.db import transaction
from registration.ledger.queries import disclosures
from registration.mail.models import Mail
from registration.people.models import Person
from registration.qualifications import printed
from registration.qualifications.keys import current_kid
from registration.qualifications.models import Certificate
from registration.qualifications.queries import CertificateLine, certificates_of
from registration.qualifications.service import issue_for_session
from tests.teaching.makers import School, enrol, make_school, record
from tests.web.counting import statements
from tests.web.staff.conftest import House, error, words

HOUR = timedelta(hours=1)
LIST = "/staff/certificates"


async def make_held(house: House, *names: str) -> tuple[School, list[CertificateLine]]:
    """A session that ended a while ago, with certificates for these people."""
    start = (clock.now() - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    school = await make_school(house.settings, start=start)
    people = []
    for name in names:
        taken = await enrol(school, name, company_name="Banan Oy")
        row: dict[str, object] = {"place_id": taken.id, "grade": "4", "completed": True}
        await record(school, row, now=clock.now())
        people.append(taken.person_id)
    before = clock.now() - 2 * HOUR
    await issue_for_session(school.id, actor_id=None, settings=house.settings, now=before)
    lines = [line for each in people for line in await certificates_of(each, now=clock.now())]
    return school, lines


async def keep_all(house: House, ids: list[UUID]) -> None:
    now = clock.now()
    key = await current_kid(house.settings, now=now)
    for each in ids:
        await printed.keep(each, b"%PDF " + str(each).encode(), key_id=key, now=now)


async def test_the_list_finds_and_narrows(house: House) -> None:
    _school, lines = await make_held(house, "Aino Virtanen", "Bo Öhman", "Cia Dahl")
    numbers = [line.number for line in sorted(lines, key=lambda line: line.number)]

    async def found(query: str) -> list[str]:
        return words(await house.staff.get(f"{LIST}?{query}"), ".data-table tbody th a")

    assert await found("") == numbers[::-1]
    assert await found("q=dahl") == [lines[2].number]
    assert await found("q=banana") == []
    assert await found(f"q={lines[0].number}") == [lines[0].number]
    await house.staff.post(f"{LIST}/{lines[0].id}/revoke", data={"reason": "Wrong"})
    await house.staff.post(f"{LIST}/{lines[1].id}/reissue", data={"reason": "New name"})
    assert await found("standing=revoked") == [lines[0].number]
    assert await found("standing=replaced") == [lines[1].number]
    assert len(await found("standing=valid")) == 2
    today = clock.now().date()
    await Certificate.filter(id=lines[2].id).update(valid_until=today + timedelta(days=9))
    assert await found("standing=ending") == [lines[2].number]
    await Certificate.filter(id=lines[2].id).update(valid_until=today - timedelta(days=9))
    assert await found("standing=expired") == [lines[2].number]
    assert (await house.staff.get(f"{LIST}?standing=nonsense&q=%25")).status_code == 200
    assert (await house.staff.get(f"{LIST}?before=nonsense")).status_code == 404


async def test_a_reissue_shows_before_and_after_and_keeps_the_history(house: House) -> None:
    _school, (line,) = await make_held(house, "Aino Virtanen")
    async with transaction():
        await Person.filter(id=line.person_id).update(last_name="Uusi <b>")
    path = f"{LIST}/{line.id}"
    asked = await house.staff.get(f"{path}/reissue")
    assert words(asked, ".data-table tbody tr:first-child td") == [
        "Aino Virtanen",
        "Aino Uusi <b> Changes",
    ]
    blank = await house.staff.post(f"{path}/reissue", data={"reason": " "})
    assert (blank.status_code, error(blank, "reason")) == (422, ["This is needed."])
    done = await house.staff.post(f"{path}/reissue", data={"reason": "Married"})
    assert done.status_code == 303
    new = await house.staff.get(done.headers["location"])
    assert words(new, "h1") == ["Aino Uusi <b>"]
    assert words(new, "#history tbody th") == [line.number]
    assert "Married" in new.text
    old = await house.staff.get(path)
    (figure,) = words(old, ".validity figcaption")
    assert figure.startswith("It was replaced by ")
    assert LexborHTMLParser(old.text).css_first(f'a[href="{path}.pdf"]') is None
    for again in (
        await house.staff.post(f"{path}/reissue", data={"reason": "Again"}),
        await house.staff.get(f"{path}/reissue"),
        await house.staff.post(f"{path}/revoke", data={"reason": "Again"}),
        await house.staff.post(f"{path}/resend"),
    ):
        assert again.status_code == 409
    assert (await house.staff.get(f"{path}.pdf")).status_code == 409
    assert await Certificate.all().count() == 2


async def test_looking_and_taking_the_file_are_on_record(house: House) -> None:
    _school, (line,) = await make_held(house, "Aino Virtanen")
    await keep_all(house, [line.id])
    await house.staff.get(f"{LIST}/{line.id}")
    file = await house.staff.get(f"{LIST}/{line.id}.pdf")
    assert (file.status_code, file.content) == (200, b"%PDF " + str(line.id).encode())
    assert file.headers["content-disposition"] == f'inline; filename="{line.number}.pdf"'
    shown = [(each.person_id, each.road, each.actor_id) for each in await disclosures()]
    assert sorted(shown, key=lambda each: each[1]) == [
        (line.person_id, "pack", house.staff_id),
        (line.person_id, "page", house.staff_id),
    ]


async def test_the_sessions_page_says_who_holds_what(house: House) -> None:
    school, lines = await make_held(house, "Aino Virtanen", "Bo Öhman")
    missing, absent = await enrol(school, "Cia Dahl"), await enrol(school, "Dan Ek")
    await record(
        school,
        {"place_id": missing.id, "grade": "4", "completed": True},
        {"place_id": absent.id, "no_show": True},
        now=clock.now(),
    )
    await enrol(school, "Eva Ståhl")
    await house.staff.post(f"{LIST}/{lines[1].id}/revoke", data={"reason": "Wrong"})
    path = f"/staff/sessions/{school.id}/certificates"
    page = await house.staff.get(path)
    rows = LexborHTMLParser(page.text).css(".data-table tbody tr")
    states = [" ".join(row.css("td")[2].text().split()) for row in rows]
    assert states == ["Valid", "Revoked", "Missing", "Not completed", "No result yet"]
    done = await house.staff.post(f"{path}/issue")
    assert (done.status_code, done.headers["location"]) == (303, path)
    page = await house.staff.get(path)
    assert words(page, ".flash, .toast")[0].startswith("1 certificate was issued")
    await house.staff.post(f"{path}/issue")
    assert await Certificate.all().count() == 3


async def test_files_of_a_session_are_prepared_and_taken_as_one_archive(house: House) -> None:
    school, lines = await make_held(house, "Aino Virtanen", "Bo/Öhman ..", "Cia Dahl")
    path = f"/staff/sessions/{school.id}/certificates"
    none = await house.staff.get(f"{path}/files.zip")
    assert (none.status_code, none.headers["content-type"]) == (409, "text/html; charset=utf-8")
    await keep_all(house, [line.id for line in lines])
    await house.staff.post(f"{LIST}/{lines[2].id}/revoke", data={"reason": "Wrong"})
    answer = await house.staff.get(f"{path}/files.zip")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with ZipFile(BytesIO(answer.content)) as opened:
        assert opened.testzip() is None
        held = {name: opened.read(name) for name in opened.namelist()}
    assert held == {
        f"{lines[0].number} Aino Virtanen.pdf": b"%PDF " + str(lines[0].id).encode(),
        f"{lines[1].number} Bo Öhman.pdf": b"%PDF " + str(lines[1].id).encode(),
    }
    taken = {each.person_id for each in await disclosures() if each.road == "pack"}
    assert taken == {lines[0].person_id, lines[1].person_id}


async def test_mail_to_all_of_a_session(house: House) -> None:
    school, lines = await make_held(house, "Aino Virtanen", "Bo Öhman")
    path = f"/staff/sessions/{school.id}/certificates"
    await house.staff.post(f"{LIST}/{lines[0].id}/resend")
    await house.staff.post(f"{path}/resend")
    page = await house.staff.get(path)
    said = " ".join(words(page, ".flash, .toast"))
    assert said.endswith(
        "1 mail is on its way. 1 person had it within the last hour and is left in peace."
    )
    assert await Mail.filter(template="certificate-issued").count() == 4
    assert (await house.staff.post(f"{LIST}/{lines[0].id}/resend")).status_code == 409


@pytest.mark.parametrize("act", ["issue", "prepare", "resend"])
async def test_a_session_that_is_not_there(house: House, act: str) -> None:
    answer = await house.staff.post(f"/staff/sessions/{uuid4()}/certificates/{act}")
    assert answer.status_code == 404


async def test_before_the_last_day_and_with_nobody(house: House) -> None:
    school = await make_school(house.settings, start=clock.now() + timedelta(days=5))
    path = f"/staff/sessions/{school.id}/certificates"
    page = await house.staff.get(path)
    assert "Certificates are given from the last day on" in page.text
    assert (await house.staff.post(f"{path}/prepare")).status_code == 409
    assert (await house.staff.post(f"{path}/issue")).status_code == 303
    assert await Certificate.all().count() == 0


async def test_the_sessions_page_asks_as_much_for_one_as_for_many(house: House) -> None:
    asked: list[int] = []
    for names in (("Aino Virtanen",), tuple(f"Bo Öhman{number}" for number in range(8))):
        school, _lines = await make_held(house, *names)
        path = f"/staff/sessions/{school.id}/certificates"
        await house.staff.get(path)  # the look at it is on record from now on
        async with statements() as seen:
            await house.staff.get(path)
        asked.append(len(seen))
    assert asked[0] == asked[1]
