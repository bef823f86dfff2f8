"""Grades from a spreadsheet: shown line by line, and saved only when that is confirmed."""

from __future__ import annotations

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from registration import clock
from registration.settings import Settings
from registration.teaching import locking, queries
from registration.teaching.pasted import NOBODY
from registration.web.trainer.paste import NOTHING
from tests.teaching.makers import enrol, make_school, record
from tests.web.trainer.conftest import Desk, give
from tests.web.trainer.test_session import texts

JSON = {"Accept": "application/json"}
OFF_SCALE = "The grade is a whole number from 0 to 5."


async def grade_of(desk: Desk, place_id: object) -> str:
    (line,) = (await queries.outcomes_of([place_id])).values()  # type: ignore[list-item]
    return line.recorded.grade


async def paste(desk: Desk, text: str, *, script: bool = False, **more: str) -> httpx.Response:
    headers = JSON if script else {}
    return await desk.trainer.post(
        f"{desk.path}/paste", data={"text": text, **more}, headers=headers
    )


def confirmation(page: httpx.Response) -> dict[str, str]:
    """What the form of the preview would send."""
    form = HTMLParser(page.text).css_first("#read form")
    assert form is not None
    fields = form.css("input[name]")
    return {str(each.attributes["name"]): each.attributes["value"] or "" for each in fields}


def cells(page: httpx.Response) -> list[list[str]]:
    rows = HTMLParser(page.text).css("#read tbody tr")
    return [[" ".join(cell.text().split()) for cell in row.css("th, td")] for row in rows]


async def test_what_was_read_is_shown_and_nothing_saved(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    await record(desk.school, {"place_id": bo.id, "grade": "2"}, now=clock.now())
    page = await paste(desk, "Nimi\tArvosana\nVirtanen Aino\t4,0\nÖhman Bo\t7\nUno Ek\t3")
    assert page.status_code == 200
    assert cells(page) == [
        ["2", "Virtanen Aino", "Aino Virtanen", "–", "4"],
        ["3", "Öhman Bo", "Bo Öhman", "2", f"7 {OFF_SCALE}"],
        ["4", "Uno Ek", "–", "–", f"3 {NOBODY}"],
    ]
    assert texts(page, "#read .banner p") == ["2 lines cannot be read and are left out."]
    assert texts(page, "#read .button-primary") == ["Save 1 grade"]
    assert [await grade_of(desk, each.id) for each in (aino, bo)] == ["", "2"]


async def test_what_is_confirmed_is_saved(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    first, _second = desk.school.days
    row = {"place_id": bo.id, "grade": "2", "attendance": {str(first): True}}
    await record(desk.school, row, now=clock.now())
    page = await paste(desk, "Aino Virtanen\t5\nBo Öhman\t3")
    answer = await desk.trainer.post(desk.path, data=confirmation(page) | {"do": "save"})
    assert (answer.status_code, answer.headers["location"]) == (303, desk.path)
    assert [await grade_of(desk, each.id) for each in (aino, bo)] == ["5", "3"]
    (line,) = (await queries.outcomes_of([bo.id])).values()
    assert line.recorded.attendance == {first: True}


async def test_a_grade_given_meanwhile_is_not_overwritten(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    page = await paste(desk, "Aino Virtanen\t5")
    await record(desk.school, {"place_id": aino.id, "grade": "1"}, now=clock.now())
    answer = await desk.trainer.post(desk.path, data=confirmation(page) | {"do": "save"})
    assert answer.status_code == 409
    assert await grade_of(desk, aino.id) == "1"


async def test_a_grade_that_stands_already_is_nothing_to_save(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    await record(desk.school, {"place_id": aino.id, "grade": "5"}, now=clock.now())
    page = await paste(desk, "Aino Virtanen\t5")
    assert cells(page) == [["1", "Aino Virtanen", "Aino Virtanen", "5", "5 nothing changes"]]
    assert texts(page, "#read .button-primary") == []


async def test_a_script_gets_the_cells_to_fill(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    answer = await paste(desk, "5 \n4,5\n1", script=True, start=str(aino.id))
    assert answer.json() == {
        "text": "Filled in: 1 grade. Nothing is saved yet.",
        "lines": [
            {"place": str(aino.id), "grade": "5", "typed": "5", "fault": False},
            {"place": str(bo.id), "grade": "", "typed": "4,5", "fault": True},
            {"place": "", "grade": "", "typed": "1", "fault": True},
        ],
        "faults": [
            f"Line 2, Bo Öhman (4,5): {OFF_SCALE}",
            "Line 3 (1): There is nobody left on the list for this line.",
        ],
    }
    assert [await grade_of(desk, each.id) for each in (aino, bo)] == ["", ""]


async def test_words_of_three_languages_are_read(desk: Desk, settings: Settings) -> None:
    school = await make_school(settings, start=clock.now(), grade_scale="pass_fail")
    await give(school.id, desk.school.trainer.account_id, settings)
    other = Desk(desk.app, school, desk.trainer, desk.client)
    names = ("Aino Aho", "Bo Bäck", "Carl Cox")
    people = [await enrol(school, name) for name in names]
    page = await paste(other, "Aino Aho\thyväksytty\nBo Bäck\tunderkänd\nCarl Cox\tPassed")
    assert [row[-1] for row in cells(page)] == ["Passed", "Failed", "Passed"]
    await desk.trainer.post(other.path, data=confirmation(page) | {"do": "save"})
    assert [await grade_of(other, each.id) for each in people] == ["pass", "fail", "pass"]


@pytest.mark.parametrize("text", ["", "\n\n", "Nimi;Arvosana"], ids=range(3))
async def test_nothing_pasted_is_said(desk: Desk, text: str) -> None:
    await enrol(desk.school)
    page = await paste(desk, text)
    assert page.status_code == 422
    assert texts(page, ".field-error") == [NOTHING]
    assert (await paste(desk, text, script=True)).json()["text"] == NOTHING


async def test_too_much_keeps_what_was_typed(desk: Desk) -> None:
    await enrol(desk.school)
    page = await paste(desk, "5\n" * 3_000)
    assert page.status_code == 422
    assert texts(page, ".field-error") == [
        "That is more lines than a session can have people. Paste the list alone."
    ]
    assert (await paste(desk, "5\n" * 3_000, script=True)).status_code == 422
    assert (await paste(desk, "5" * 2_000_000)).status_code == 413


async def test_pasted_text_is_escaped(desk: Desk) -> None:
    await enrol(desk.school)
    page = await paste(desk, "<script>alert(1)</script>\t5")
    assert "<script>alert" not in page.text


async def test_nothing_is_pasted_into_final_results(desk: Desk) -> None:
    await enrol(desk.school)
    await locking.lock(desk.school.id, actor_id=desk.school.trainer.account_id, now=clock.now())
    assert (await desk.trainer.get(f"{desk.path}/paste")).status_code == 409


@pytest.mark.promise("P7")
async def test_a_paste_tells_nobody_else_who_takes_part(desk: Desk, settings: Settings) -> None:
    await enrol(desk.school, "Aino Virtanen")
    school = await make_school(settings, start=clock.now())
    foreign = f"/trainer/sessions/{school.id}/paste"
    sent = {"text": "Aino Virtanen\t5"}
    for headers in ({}, JSON):
        answer = await desk.trainer.post(foreign, data=sent, headers=headers)
        assert (answer.status_code, "Virtanen" in answer.text) == (404, False)
