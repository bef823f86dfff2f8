"""Invitations, rules of completion, final results and their history, as programs see them."""

from __future__ import annotations

import pytest

from tests.api.makers import (
    House,
    Json,
    at,
    found,
    items,
    make_session,
    make_training,
    person,
    refused,
    teach,
)

RULE = {"attendance_percent": 100, "grade_scale": "zero_to_five", "lowest_grade": 2}


async def held(house: House, **training: object) -> tuple[Json, Json]:
    """A session of today with a trainer, and the place of one person."""
    made = await make_training(house, **training)
    times = [{"starts_at": at(-1), "ends_at": at(2)}]
    session = await make_session(house, made, days=times, closes_at=at(2))
    await teach(house, session)
    path = f"/sessions/{session['id']}/enrolments"
    return session, found(await house.post(path, {"person": person(1)}, who="company"), 201)


async def put(house: House, session: Json, **row: object) -> tuple[Json, object]:
    """The outcome as it stands then, and how many certificates that made."""
    path = f"/teaching/sessions/{session['id']}/outcomes"
    done = found(await house.call("PUT", path, {"outcomes": [row]}, who="trainer"))
    outcomes = done["outcomes"]
    assert isinstance(outcomes, list)
    (shown,) = outcomes
    return shown, done["certificates_issued"]


async def test_a_rule_is_given_shown_kept_by_patch_and_dropped_by_put(house: House) -> None:
    made = await make_training(house, **RULE)
    assert (made["attendance_percent"], made["lowest_grade"]) == (100, "2")
    path = f"/trainings/{made['id']}"
    kept = found(await house.call("PATCH", path, {"length_minutes": 60}, who="staff"))
    assert (kept["attendance_percent"], kept["lowest_grade"]) == (100, "2")
    wrong = await house.call("PATCH", path, {"grade_scale": "pass_fail"}, who="staff")
    assert refused(wrong, 422) == {"lowest_grade": "grade"}
    whole = {"title": {"en": "Track work"}}
    dropped = found(await house.call("PUT", path, whole, who="staff"))
    assert (dropped["attendance_percent"], dropped["lowest_grade"]) == (None, "")


@pytest.mark.promise("P9")
async def test_the_rule_decides_and_another_result_needs_a_reason(house: House) -> None:
    session, place = await held(house, **RULE)
    day = session["days"][0]["date"]  # type: ignore[index]
    row = {"enrolment": place["id"], "attendance": {day: True}, "grade": 1}
    shown, issued = await put(house, session, **row)
    assert (shown["completed"], shown["rule"], issued) == (False, "not_met", 0)
    path = f"/teaching/sessions/{session['id']}/outcomes"
    against = {"enrolment": place["id"], "completed": True}
    answer = await house.call("PUT", path, {"outcomes": [against]}, who="trainer")
    assert refused(answer, 422) == {"outcomes.0.because": "against_rule"}
    shown, issued = await put(house, session, **against, because="Passed the exam again")
    assert (shown["completed"], shown["because"]) == (True, "Passed the exam again")
    assert issued == 1
    (change,) = items(await house.get(f"/enrolments/{place['id']}/changes", who="staff"))
    assert change["by"] == str(house.ids["trainer"])
    stood = {"attendance": {day: True}, "grade": "1", "no_show": False}
    assert change["before"] == stood | {"completed": False, "because": ""}
    assert change["after"] == stood | {"completed": True, "because": "Passed the exam again"}


async def test_final_results_are_reopened_with_a_reason(house: House) -> None:
    session, place = await held(house)
    await put(house, session, enrolment=place["id"], completed=True)
    path = f"/sessions/{session['id']}/results"
    assert found(await house.get(path, who="staff")) == {"locked": False, "history": []}
    locked = found(await house.post(f"{path}/lock", who="staff", key="once"))
    assert (locked["locked"], len(locked["history"])) == (True, 1)  # type: ignore[arg-type]
    assert found(await house.post(f"{path}/lock", who="staff", key="once")) == locked
    assert refused(await house.post(f"{path}/lock", who="staff"), 409) == {}
    row = {"outcomes": [{"enrolment": place["id"], "completed": False}]}
    outcomes = f"/teaching/sessions/{session['id']}/outcomes"
    assert refused(await house.call("PUT", outcomes, row, who="trainer"), 409) == {}
    absent = await house.post(f"/enrolments/{place['id']}/no-show", {"missed": True}, who="staff")
    assert refused(absent, 409) == {}
    assert refused(await house.post(f"{path}/reopen", {}, who="staff"), 422) == {
        "because": "missing"
    }
    why = {"because": "The wrong person"}
    reopened = found(await house.post(f"{path}/reopen", why, who="staff"))
    assert reopened["locked"] is False
    assert [each["because"] for each in reopened["history"]] == ["The wrong person"]  # type: ignore[attr-defined]
    assert refused(await house.post(f"{path}/reopen", why, who="staff"), 409) == {}
    found(await house.call("PUT", outcomes, row, who="trainer"))


@pytest.mark.promise("P7")
async def test_who_is_asked_first_sees_nobody_until_they_accept(house: House) -> None:
    session = await make_session(house)
    given = {"name": "Opetus Oy", "country": "FI", "agreement_on": "2026-01-01"}
    recipient = found(await house.post("/recipients", given, who="staff"), 201)
    path = f"/sessions/{session['id']}/trainers"
    asked = {"account": "trainer@house.example", "recipient": recipient["id"], "agreed": False}
    found(await house.post(path, asked, who="staff"), 201)
    people = f"/teaching/sessions/{session['id']}/participants"
    assert refused(await house.get(people, who="trainer"), 403) == {}
    (line,) = items(await house.get(path, who="staff"))
    assert (line["invitation"], line["declined_because"]) == ("invited", "")
    found(await house.post(path, {**asked, "agreed": True}, who="staff"), 201)
    assert items(await house.get(people, who="trainer")) == []
    (line,) = items(await house.get(path, who="staff"))
    assert line["invitation"] == "accepted"


async def test_results_are_for_staff(house: House) -> None:
    session, place = await held(house)
    path = f"/sessions/{session['id']}/results"
    for who in ("trainer", "company", "organiser"):
        assert refused(await house.get(path, who=who), 403) == {}
        assert refused(await house.post(f"{path}/lock", who=who), 403) == {}
        assert refused(await house.get(f"/enrolments/{place['id']}/changes", who=who), 403) == {}
