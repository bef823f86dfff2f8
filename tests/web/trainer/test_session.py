"""A trainer's pages: recording in one form, and what each refusal looks like."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from registration import clock
from registration.enrolment.changes import cancel_session
from registration.ledger.models import Disclosure
from registration.qualifications.models import Certificate
from registration.settings import Settings
from registration.teaching import queries
from registration.teaching.rules import Recorded
from registration.teaching.service import end_assignment
from tests.builders import log_in, make_account
from tests.conftest import browser
from tests.teaching.makers import enrol, make_school, make_trainer, record
from tests.web.trainer.conftest import Desk, give


def form_of(page: httpx.Response) -> dict[str, str]:
    """What the browser would send if nothing was touched."""
    form = HTMLParser(page.text).css_first("form.outcomes")
    assert form is not None
    sent: dict[str, str] = {}
    for field in form.css("input"):
        attributes = field.attributes
        if attributes.get("type") != "radio" or "checked" in attributes:
            sent[str(attributes["name"])] = attributes.get("value") or ""
    for select in form.css("select"):
        chosen = select.css_first("option[selected]")
        sent[str(select.attributes["name"])] = str(chosen.attributes["value"]) if chosen else ""
    return sent


async def send(desk: Desk, **changes: str) -> httpx.Response:
    form = form_of(await desk.trainer.get(desk.path))
    return await desk.trainer.post(desk.path, data=form | changes)


async def stands(place_id: UUID) -> Recorded:
    return (await queries.outcomes_of([place_id]))[place_id].recorded


def texts(page: httpx.Response, selector: str) -> list[str]:
    return [" ".join(node.text().split()) for node in HTMLParser(page.text).css(selector)]


async def test_the_form_records_attendance_grade_and_result(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    answer = await send(desk, **{"d0-0": "1", "d0-1": "1", "g0": "4", "r0": "yes", "d1-0": "0"})
    assert (answer.status_code, answer.headers["location"]) == (303, desk.path)
    first, second = desk.school.days
    assert await stands(aino.id) == Recorded({first: True, second: True}, "4", True)
    assert await stands(bo.id) == Recorded({first: False})
    page = await desk.trainer.get(desk.path)
    assert texts(page, ".flash .banner p") == [
        "Saved: 2 people.",
        "1 certificate was issued, and its holder was told by mail.",
    ]
    sent = form_of(page)
    assert {name: sent[name] for name in ("d0-0", "d0-1", "g0", "r0", "d1-0", "r1")} == {
        "d0-0": "1",
        "d0-1": "1",
        "g0": "4",
        "r0": "yes",
        "d1-0": "0",
        "r1": "",
    }


async def test_sending_an_untouched_form_saves_nothing(desk: Desk) -> None:
    taken = await enrol(desk.school)
    answer = await send(desk)
    assert answer.status_code == 303
    assert (await queries.outcomes_of([taken.id]))[taken.id].version == 0
    page = await desk.trainer.get(desk.path)
    assert texts(page, ".flash .banner p") == ["Nothing was changed, so nothing was saved."]


async def test_all_others_present_fills_in_only_what_is_not_said(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    await send(desk, **{"d0-0": "0", "do": "present-0"})
    first, _second = desk.school.days
    assert (await stands(aino.id)).attendance == {first: False}
    assert (await stands(bo.id)).attendance == {first: True}


async def test_completed_is_set_for_those_who_came_every_day(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    await send(desk, **{"d0-0": "1", "d0-1": "1", "d1-0": "1", "d1-1": "0", "do": "complete"})
    assert [(await stands(each.id)).completed for each in (aino, bo)] == [True, None]
    assert [row.place_id for row in await Certificate.all()] == [aino.id]


async def test_a_grade_off_the_scale_keeps_what_was_typed(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    answer = await send(desk, **{"g0": "5", "g1": "<6>"})
    assert answer.status_code == 422
    wrong = "The grade is a whole number from 0 to 5."
    assert texts(answer, ".error-summary li") == [f"Bo Öhman: {wrong}"]
    assert texts(answer, ".line-wrong .field-error") == [wrong]
    link = HTMLParser(answer.text).css_first(".error-summary a")
    assert link is not None
    target = HTMLParser(answer.text).css_first(f'[id="{str(link.attributes["href"])[1:]}"]')
    assert target is not None
    assert target.attributes["name"] == "g1"
    sent = form_of(answer)
    assert (sent["g0"], sent["g1"]) == ("5", "<6>")
    assert [(await stands(each.id)).grade for each in (aino, bo)] == ["", ""]
    mended = await desk.trainer.post(desk.path, data=sent | {"g1": "3"})
    assert mended.status_code == 303
    assert [(await stands(each.id)).grade for each in (aino, bo)] == ["5", "3"]


async def test_contradictions_are_said_at_their_line(desk: Desk) -> None:
    await enrol(desk.school)
    answer = await send(desk, **{"g0": "0", "r0": "yes"})
    assert answer.status_code == 422
    assert texts(answer, ".line-wrong .field-error") == [
        "A failed grade and a completed training contradict each other."
    ]


async def test_the_second_of_two_trainers_sees_what_the_first_wrote(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    form = form_of(await desk.trainer.get(desk.path))
    now = clock.now()
    await record(desk.school, {"place_id": aino.id, "grade": "2"}, now=now)
    answer = await desk.trainer.post(desk.path, data=form | {"g0": "5", "g1": "4"})
    assert answer.status_code == 409
    assert texts(answer, ".error-summary li") == [
        "Aino Virtanen: Somebody else recorded this person meanwhile. Look, and save again."
    ]
    sent = form_of(answer)
    assert (sent["g0"], sent["g1"]) == ("2", "4")
    assert (await stands(bo.id)).grade == ""
    assert (await desk.trainer.post(desk.path, data=sent)).status_code == 303
    assert [(await stands(each.id)).grade for each in (aino, bo)] == ["2", "4"]


async def test_different_people_from_an_old_form_are_no_conflict(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    form = form_of(await desk.trainer.get(desk.path))
    await record(desk.school, {"place_id": aino.id, "grade": "2"}, now=clock.now())
    answer = await desk.trainer.post(desk.path, data=form | {"g1": "4"})
    assert answer.status_code == 303
    assert [(await stands(each.id)).grade for each in (aino, bo)] == ["2", "4"]


async def test_a_place_that_is_no_longer_there_is_said(desk: Desk) -> None:
    await enrol(desk.school)
    answer = await send(desk, **{"p0": str(uuid4()), "r0": "yes"})
    assert answer.status_code == 422
    assert texts(answer, ".error-summary li") == ["Nobody on this session has this id."]


@pytest.mark.parametrize(
    "changes",
    [
        {"p0": "not an id", "r0": "yes"},
        {"v0": "many", "r0": "yes"},
        {"w0": "x" * 500, "r0": "yes"},
        {"w0": "", "r0": "maybe", "d0-0": "7"},
        {"do": "present-99999999999999999999"},
        {"do": "present-"},
    ],
)
async def test_hostile_forms_get_an_answer(desk: Desk, changes: dict[str, str]) -> None:
    await enrol(desk.school)
    assert (await send(desk, **changes)).status_code in {303, 422}


async def test_names_are_escaped(desk: Desk, settings: Settings) -> None:
    await enrol(desk.school, "Aino Virtanen", company_name="<script>alert(1)</script> & Co")
    page = await desk.trainer.get(desk.path)
    assert "<script>alert" not in page.text
    assert texts(page, ".who-text .quiet") == ["<script>alert(1)</script> & Co"]


@pytest.mark.promise("P7")
async def test_others_sessions_are_not_there(desk: Desk, settings: Settings) -> None:
    other = await make_school(settings, start=clock.now())
    taken = await enrol(other)
    for path in (other.id, uuid4(), "nonsense"):
        for tail in ("", "/packs/permit.csv", "/packs/attendance.json"):
            answer = await desk.trainer.get(f"/trainer/sessions/{path}{tail}")
            assert answer.status_code == 404
        posted = {"p0": str(taken.id), "v0": "0", "w0": "", "r0": "yes"}
        answer = await desk.trainer.post(f"/trainer/sessions/{path}", data=posted)
        assert answer.status_code == 404
    assert await Disclosure.all().count() == 0
    assert (await stands(taken.id)).completed is None


async def test_unknown_packs_are_not_there(desk: Desk) -> None:
    for name in ("diet.csv", "permit.docx", "permit", "certificate.csv.exe"):
        assert (await desk.trainer.get(f"{desk.path}/packs/{name}")).status_code == 404


@pytest.mark.promise("P7")
async def test_after_the_end_a_page_says_so(desk: Desk) -> None:
    taken = await enrol(desk.school, "Aino Virtanen")
    (assignment,) = await queries.assignments_of_session(desk.school.id)
    await end_assignment(assignment.id, actor_id=None, now=clock.now())
    form = {"p0": str(taken.id), "v0": "0", "w0": "", "r0": "yes"}
    answers = [
        await desk.trainer.get(desk.path),
        await desk.trainer.get(f"{desk.path}/packs/certificate.json"),
        await desk.trainer.post(desk.path, data=form),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert "Your assignment to this session has ended" in answer.text
        assert "Virtanen" not in answer.text
    home = await desk.trainer.get("/trainer")
    assert "Your assignment to this session has ended" in home.text
    assert desk.path not in home.text


@pytest.mark.promise("P14")
async def test_only_trainers_come_in(desk: Desk) -> None:
    pages = ("/trainer", desk.path, f"{desk.path}/packs/permit.csv")
    staff = await make_account(now=clock.now())
    async with browser(desk.app) as other:
        await log_in(other, staff)
        assert [(await other.get(path)).status_code for path in pages] == [403] * 3
        assert (await other.post(desk.path, data={})).status_code == 403
    assert [(await desk.client.get(path)).status_code for path in pages] == [303] * 3


async def test_recording_before_the_beginning_is_allowed_and_said(
    desk: Desk, settings: Settings
) -> None:
    start = clock.now() + timedelta(days=3)
    school = await make_school(settings, start=start)
    who = await make_trainer("Timo", now=clock.now() - timedelta(days=1))
    await give(school.id, who.account_id, settings)
    taken = await enrol(school)
    early = f"/trainer/sessions/{school.id}"
    async with browser(desk.app) as other:
        await log_in(other, who.account_id)
        page = await other.get(early)
        assert texts(page, ".banner-title") == ["The session has not begun yet"]
        answer = await other.post(early, data=form_of(page) | {"r0": "yes"})
    assert answer.status_code == 303
    assert (await stands(taken.id)).completed is True
    assert await Certificate.all().count() == 0


async def test_home_says_what_is_to_do(desk: Desk, settings: Settings) -> None:
    await enrol(desk.school)
    page = await desk.trainer.get("/trainer")
    assert texts(page, ".section h2") == ["Today"]
    assert [str(node.attributes["href"]) for node in HTMLParser(page.text).css(".card h3 a")] == [
        desk.path
    ]
    over = await make_school(settings, start=clock.now() - timedelta(days=5))
    await enrol(over)
    await give(over.id, desk.school.trainer.account_id, settings)
    page = await desk.trainer.get("/trainer")
    assert texts(page, ".section h2") == ["Today", "Results are missing"]
    assert texts(page, "main > .banner p") == ["1 session is over and waits for results."]


async def test_a_cancelled_session_says_so(desk: Desk, settings: Settings) -> None:
    await enrol(desk.school)
    await cancel_session(desk.school.id, actor_id=None, settings=settings, now=clock.now())
    page = await desk.trainer.get(desk.path)
    assert texts(page, ".banner-title") == ["This session has been cancelled"]
    assert texts(page, ".empty-title") == ["Nobody has a confirmed place yet"]
    home = await desk.trainer.get("/trainer")
    assert texts(home, ".card .badge") == ["Called off"]


async def test_home_of_a_new_trainer_is_empty(desk: Desk) -> None:
    who = await make_trainer("Uusi", now=clock.now())
    async with browser(desk.app) as other:
        await log_in(other, who.account_id)
        page = await other.get("/trainer")
    assert texts(page, ".empty-title") == ["No session has been given to you yet"]
