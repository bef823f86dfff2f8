"""The roll: one tap, one mark; late, doubled and contrary taps do no harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from registration import clock
from registration.enrolment.changes import cancel_session
from registration.enrolment.rules import Taken
from registration.settings import Settings
from registration.teaching import locking, queries
from registration.teaching.service import end_assignment
from registration.web.trainer.page import days_in
from tests.teaching.makers import enrol, make_school, record
from tests.web.trainer.conftest import Desk, give
from tests.web.trainer.test_session import texts

JSON = {"Accept": "application/json"}
CONFLICT = "Somebody else has recorded this person otherwise meanwhile."


def day_of(desk: Desk, number: int = 1) -> str:
    return days_in(desk.school.session)[number].on.isoformat()


def url_of(desk: Desk) -> str:
    return f"{desk.path}/roll"


def rows(page: httpx.Response) -> dict[str, tuple[str, str]]:
    """By name: the mark that is pressed, and what is said beside it."""
    found = {}
    for row in HTMLParser(page.text).css(".roll-row"):
        name, said = row.css_first(".who-name"), row.css_first(".roll-state")
        pressed = row.css_first('[aria-pressed="true"]')
        assert name is not None
        assert said is not None
        mark = str(pressed.attributes["value"]) if pressed else ""
        found[name.text()] = (mark, said.text())
    return found


async def tap(
    desk: Desk, taken: Taken, mark: str, *, version: int = 0, day: int = 1, script: bool = True
) -> httpx.Response:
    sent = {"place": str(taken.id), "day": day_of(desk, day), "mark": mark}
    headers = JSON if script else {}
    return await desk.trainer.post(
        url_of(desk), data=sent | {"version": str(version)}, headers=headers
    )


async def marks(taken: Taken) -> dict[UUID, bool]:
    return dict((await queries.outcomes_of([taken.id]))[taken.id].recorded.attendance)


async def test_today_is_shown_and_other_days_can_be_chosen(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    await enrol(desk.school, "Bo Öhman")
    first, _second = desk.school.days
    await record(
        desk.school, {"place_id": aino.id, "attendance": {str(first): True}}, now=clock.now()
    )
    page = await desk.trainer.get(url_of(desk))
    assert rows(page) == {"Aino Virtanen": ("", ""), "Bo Öhman": ("", "")}
    assert texts(page, ".roll-days a[aria-current]") == [texts(page, ".roll-days a")[1]]
    page = await desk.trainer.get(url_of(desk), params={"day": day_of(desk, 0)})
    assert rows(page) == {"Aino Virtanen": ("1", ""), "Bo Öhman": ("", "")}
    assert texts(page, "[data-count]") == ["1", "0", "1"]


async def test_without_script_a_tap_comes_back_to_its_row(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    answer = await tap(desk, bo, "0", script=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{url_of(desk)}?day={day_of(desk)}#p-{bo.id}"
    page = await desk.trainer.get(answer.headers["location"])
    assert rows(page)["Bo Öhman"] == ("0", "")
    assert HTMLParser(page.text).css_first(f'[id="p-{bo.id}"] .who-name') is not None
    assert (await marks(aino), await marks(bo)) == ({}, {desk.school.days[1]: False})


async def test_a_script_hears_what_stands(desk: Desk) -> None:
    aino = await enrol(desk.school)
    answer = await tap(desk, aino, "1")
    assert (answer.status_code, answer.json()) == (200, {"mark": "1", "version": 1})
    answer = await tap(desk, aino, "0", version=1)
    assert (answer.status_code, answer.json()) == (200, {"mark": "0", "version": 2})


async def test_the_same_tap_twice_does_no_harm(desk: Desk) -> None:
    aino = await enrol(desk.school)
    first, again = await tap(desk, aino, "1"), await tap(desk, aino, "1")
    assert (first.json(), again.json()) == ({"mark": "1", "version": 1},) * 2
    assert again.status_code == 200


async def test_a_late_tap_does_not_overwrite_what_was_recorded_since(desk: Desk) -> None:
    aino = await enrol(desk.school)
    second = str(desk.school.days[1])
    await record(desk.school, {"place_id": aino.id, "attendance": {second: False}}, now=clock.now())
    answer = await tap(desk, aino, "1")
    assert answer.status_code == 409
    assert answer.json() == {"text": CONFLICT, "mark": "0", "version": 1}
    assert await marks(aino) == {desk.school.days[1]: False}
    # Having seen it, the trainer may say so all the same.
    answer = await tap(desk, aino, "1", version=1)
    assert (answer.status_code, answer.json()["mark"]) == (200, "1")


async def test_a_mark_that_was_taken_back_meanwhile_is_newer_too(desk: Desk) -> None:
    aino = await enrol(desk.school)
    second = str(desk.school.days[1])
    await record(desk.school, {"place_id": aino.id, "attendance": {second: True}}, now=clock.now())
    await record(desk.school, {"place_id": aino.id, "attendance": {second: None}}, now=clock.now())
    answer = await tap(desk, aino, "0")
    assert (answer.status_code, answer.json()["mark"]) == (409, "")
    assert await marks(aino) == {}


async def test_a_grade_or_another_day_recorded_meanwhile_is_no_conflict(desk: Desk) -> None:
    aino = await enrol(desk.school)
    first, second = desk.school.days
    await record(desk.school, {"place_id": aino.id, "grade": "3"}, now=clock.now())
    await record(
        desk.school, {"place_id": aino.id, "attendance": {str(first): False}}, now=clock.now()
    )
    answer = await tap(desk, aino, "1")
    assert (answer.status_code, answer.json()) == (200, {"mark": "1", "version": 3})
    assert await marks(aino) == {first: False, second: True}


async def test_without_script_a_conflict_stands_at_its_row(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    second = str(desk.school.days[1])
    await record(desk.school, {"place_id": aino.id, "attendance": {second: False}}, now=clock.now())
    page = await tap(desk, aino, "1", script=False)
    assert page.status_code == 409
    assert rows(page) == {"Aino Virtanen": ("0", CONFLICT)}
    version = HTMLParser(page.text).css_first('.roll-row [name="version"]')
    assert version is not None
    assert version.attributes["value"] == "1"


async def test_all_others_are_marked_present_at_once(desk: Desk) -> None:
    aino, bo = await enrol(desk.school, "Aino Virtanen"), await enrol(desk.school, "Bo Öhman")
    await tap(desk, aino, "0")
    sent = {"day": day_of(desk), "mark": "rest"}
    answer = await desk.trainer.post(url_of(desk), data=sent)
    assert answer.headers["location"] == f"{url_of(desk)}?day={day_of(desk)}"
    second = desk.school.days[1]
    assert (await marks(aino), await marks(bo)) == ({second: False}, {second: True})


async def test_nobody_was_there_on_a_day_that_has_not_come(desk: Desk, settings: Settings) -> None:
    school = await make_school(settings, start=clock.now() + timedelta(days=3))
    ahead = replace(desk, school=school)
    await give(school.id, desk.school.trainer.account_id, settings)
    aino = await enrol(school, "Aino Virtanen")
    page = await desk.trainer.get(url_of(ahead))
    assert texts(page, ".roll-mark") == ["Absent"]
    refused = await tap(ahead, aino, "1")
    assert (refused.status_code, set(refused.json())) == (422, {"text"})
    assert (await tap(ahead, aino, "0")).status_code == 200


async def test_final_results_are_not_tapped_over(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    await locking.lock(desk.school.id, actor_id=desk.school.trainer.account_id, now=clock.now())
    page = await desk.trainer.get(url_of(desk))
    assert texts(page, ".roll-mark") == []
    assert "data-roll" not in page.text
    said = texts(page, ".banner p")
    refused = await tap(desk, aino, "1")
    assert (refused.status_code, [refused.json()["text"]]) == (409, said)
    assert "mark" not in refused.json()
    assert (await tap(desk, aino, "1", script=False)).status_code == 409
    assert await marks(aino) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"place": "nobody"},
        {"mark": "2"},
        {"mark": ""},
        {"version": "-1"},
        {"version": "x"},
        {"version": "²"},
        {"day": "2001-01-01"},
        {"day": "tomorrow"},
        {"place": str(UUID(int=1))},
        {"version": "9" * 400},
    ],
    ids=range(10),
)
@pytest.mark.parametrize("script", [True, False])
async def test_what_no_page_sends_is_refused(
    desk: Desk, changes: dict[str, str], script: bool
) -> None:
    aino = await enrol(desk.school)
    sent = {"place": str(aino.id), "day": day_of(desk), "mark": "1", "version": "0"}
    headers = JSON if script else {}
    answer = await desk.trainer.post(url_of(desk), data=sent | changes, headers=headers)
    assert answer.status_code in {400, 404, 409, 422}
    assert await marks(aino) == {}


@pytest.mark.promise("P7")
async def test_a_tap_says_nothing_once_the_access_has_ended(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    (assignment,) = await queries.assignments_of_session(desk.school.id)
    await end_assignment(assignment.id, actor_id=None, now=clock.now())
    answer = await tap(desk, aino, "1")
    assert (answer.status_code, set(answer.json())) == (403, {"text"})
    assert (await desk.trainer.get(url_of(desk))).status_code == 403
    assert await marks(aino) == {}


@pytest.mark.promise("P7")
async def test_others_rolls_are_not_there(desk: Desk, settings: Settings) -> None:
    other = await make_school(settings, start=clock.now() - timedelta(days=1, hours=1))
    taken = await enrol(other)
    sent = {"place": str(taken.id), "day": day_of(desk), "mark": "1", "version": "0"}
    for path in (other.id, uuid4()):
        address = f"/trainer/sessions/{path}/roll"
        assert (await desk.trainer.get(address)).status_code == 404
        for headers in ({}, JSON):
            answer = await desk.trainer.post(address, data=sent, headers=headers)
            assert answer.status_code == 404
    assert (await desk.trainer.post(url_of(desk), data=sent, headers=JSON)).status_code == 422
    assert await marks(taken) == {}


async def test_a_cancelled_session_has_no_roll(desk: Desk, settings: Settings) -> None:
    await enrol(desk.school)
    await cancel_session(desk.school.id, actor_id=None, settings=settings, now=clock.now())
    page = await desk.trainer.get(url_of(desk))
    assert texts(page, ".banner p") == ["This session has been cancelled"]
