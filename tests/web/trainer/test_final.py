"""A rule that decides, reasons against it, results that are final, and what was corrected."""

from __future__ import annotations

from uuid import UUID

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from registration import clock
from registration.i18n import speaking
from registration.qualifications.models import Certificate
from registration.settings import Settings
from registration.teaching import locking
from registration.teaching.locking import ReopenGiven
from registration.teaching.rules import NotAllDecided
from registration.web.outcome_words import rule_words
from registration.web.trainer.page import days_in
from tests.teaching.makers import enrol, make_school, make_session, record
from tests.web.trainer.conftest import Desk, give
from tests.web.trainer.test_session import form_of, send, stands, texts


@pytest.mark.parametrize(
    ("percent", "lowest", "scale", "said"),
    [
        (80, "3", "zero_to_five", "present on at least 80 % of the days and {grade}"),
        (100, "", "zero_to_five", "present on every day"),
        (None, "3", "zero_to_five", "{grade}"),
        (None, "pass", "pass_fail", "the grade is “passed”"),
        (None, "60", "percent", "the grade is 60 % or more"),
    ],
    ids=range(5),
)
async def test_a_rule_in_words(
    register: Settings, percent: int | None, lowest: str, scale: str, said: str
) -> None:
    rule = {"grade_scale": scale, "attendance_percent": percent, "lowest_grade": lowest}
    session = await make_session(days=1, **rule)  # type: ignore[arg-type]
    with speaking("en"):
        words = rule_words(session.training)
    assert words == f"Completed when {said.format(grade='the grade is 3 or more')}."


@pytest.fixture
async def ruled(desk: Desk, settings: Settings) -> Desk:
    """The session of a training with a rule; today is its only day."""
    school = await make_school(
        settings, days=1, start=clock.now(), attendance_percent=80, lowest_grade="3"
    )
    await give(school.id, desk.school.trainer.account_id, settings)
    return Desk(desk.app, school, desk.trainer, desk.client)


async def test_the_rule_decides_by_itself(ruled: Desk) -> None:
    aino, bo = await enrol(ruled.school, "Aino Virtanen"), await enrol(ruled.school, "Bo Öhman")
    page = await ruled.trainer.get(ruled.path)
    assert texts(page, ".rule-words strong") == [
        "Completed when present on at least 80 % of the days and the grade is 3 or more."
    ]
    assert texts(page, ".verdict") == ["By the rule: not known yet"] * 2
    await send(ruled, **{"d0-0": "1", "g0": "4", "d1-0": "1", "g1": "2"})
    assert [(await stands(each.id)).completed for each in (aino, bo)] == [True, False]
    page = await ruled.trainer.get(ruled.path)
    assert texts(page, ".verdict") == ["By the rule: completed", "By the rule: not completed"]


async def test_a_result_against_the_rule_needs_a_reason(ruled: Desk) -> None:
    aino = await enrol(ruled.school, "Aino Virtanen")
    await send(ruled, **{"d0-0": "1", "g0": "2"})
    page = await send(ruled, r0="yes")
    assert page.status_code == 422
    box = HTMLParser(page.text).css_first(".because")
    assert box is not None
    assert "because-shown" in (box.attributes["class"] or "")
    link = HTMLParser(page.text).css_first(".error-summary a")
    assert link is not None
    assert link.attributes["href"] == "#f-b0"
    sent = form_of(page) | {"b0": "no"}
    assert (await ruled.trainer.post(ruled.path, data=sent)).status_code == 422
    sent |= {"b0": "  Passed a   new test "}
    assert (await ruled.trainer.post(ruled.path, data=sent)).status_code == 303
    recorded = await stands(aino.id)
    assert (recorded.completed, recorded.because) == (True, "Passed a new test")
    page = await ruled.trainer.get(ruled.path)
    assert form_of(page)["b0"] == "Passed a new test"
    # Sent untouched, it is nothing new; with a grade that will do it is no exception any more.
    await send(ruled)
    assert (await stands(aino.id)) == recorded
    await send(ruled, g0="3")
    recorded = await stands(aino.id)
    assert (recorded.completed, recorded.because) == (True, "")


async def test_no_reason_is_asked_where_there_is_no_rule(desk: Desk) -> None:
    await enrol(desk.school)
    page = await desk.trainer.get(desk.path)
    assert texts(page, ".because, .verdict, .rule-words") == []


async def test_results_are_made_final_when_all_are_decided(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    page = await desk.trainer.get(desk.path)
    assert texts(page, "#final p:not(.quiet)") == ["1 person has no result yet."]
    early = await desk.trainer.post(f"{desk.path}/final")
    assert early.status_code == 409
    assert texts(early, "main .banner p") == [NotAllDecided.message.format(count=1)]
    await send(desk, r0="yes")
    question = await desk.trainer.get(f"{desk.path}/final")
    assert texts(question, "main h1") == ["Make the results final?"]
    answer = await desk.trainer.post(f"{desk.path}/final")
    assert (answer.status_code, answer.headers["location"]) == (303, desk.path)
    page = await desk.trainer.get(desk.path)
    assert texts(page, ".banner-title") == ["Results are final"]
    assert texts(page, "#outcomes form, #outcomes input, #outcomes select") == []
    assert "Completed" in texts(page, "#outcomes tbody tr")[0]
    assert texts(await desk.trainer.get("/trainer"), ".card .badge") == ["Results are final"]
    assert [row.place_id for row in await Certificate.all()] == [aino.id]


async def test_nothing_is_recorded_over_final_results(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen")
    form = form_of(await desk.trainer.get(desk.path))
    actor = desk.school.trainer.account_id
    await locking.lock(desk.school.id, actor_id=actor, now=clock.now())
    answer = await desk.trainer.post(desk.path, data=form | {"g0": "5"})
    assert answer.status_code == 409
    assert texts(answer, "#outcomes form") == []
    assert (await stands(aino.id)).grade == ""
    again = await desk.trainer.post(f"{desk.path}/final")
    assert again.status_code == 409
    given = ReopenGiven(because="A grade was mistyped")
    await locking.reopen(desk.school.id, given, actor_id=actor, now=clock.now())
    page = await desk.trainer.get(desk.path)
    assert texts(page, "#outcomes .banner-title") == ["The results were reopened"]
    assert texts(page, "#outcomes .banner p")[1].endswith(": A grade was mistyped")
    assert (await desk.trainer.post(desk.path, data=form | {"g0": "5"})).status_code == 303


def history_path(desk: Desk, place_id: UUID) -> str:
    return f"{desk.path}/places/{place_id}"


async def test_corrections_can_be_looked_up(desk: Desk) -> None:
    aino = await enrol(desk.school, "Aino Virtanen", company_name="Rata Oy")
    first, _second = desk.school.days
    now = clock.now()
    row = {"place_id": aino.id, "grade": "2", "attendance": {str(first): True}}
    await record(desk.school, row, now=now)
    assert texts(await desk.trainer.get(desk.path), ".history-link") == []
    row = {"place_id": aino.id, "grade": "4", "attendance": {str(first): False}}
    await record(desk.school, row | {"completed": False}, now=now)
    page = await desk.trainer.get(desk.path)
    link = HTMLParser(page.text).css_first(".history-link")
    assert link is not None
    assert link.attributes["href"] == history_path(desk, aino.id)
    page = await desk.trainer.get(history_path(desk, aino.id))
    assert texts(page, ".page-head h1, .page-head .lead") == ["Aino Virtanen", "Rata Oy"]
    day = days_in(desk.school.session)[0].on
    assert texts(page, ".timeline-title") == [
        f"{day.day}.{day.month}.: present → absent; Grade: 2 → 4; "
        "Result: Not decided → Not completed"
    ]
    assert texts(page, ".timeline-text") == ["Tuija Trainer"]


@pytest.mark.promise("P7")
async def test_corrections_of_others_are_not_there(desk: Desk, settings: Settings) -> None:
    other = await make_school(settings, start=clock.now())
    foreign = await enrol(other)
    own = await enrol(desk.school)
    for path in (
        history_path(desk, foreign.id),
        f"/trainer/sessions/{other.id}/places/{foreign.id}",
        f"/trainer/sessions/{other.id}/places/{own.id}",
    ):
        assert (await desk.trainer.get(path)).status_code == 404
    assert (await desk.trainer.get(f"/trainer/sessions/{other.id}/final")).status_code == 404
    assert (await desk.trainer.post(f"/trainer/sessions/{other.id}/final")).status_code == 404
