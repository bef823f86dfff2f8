"""A trainer's program answers an invitation, says that results are final, and reads corrections."""

from __future__ import annotations

import pytest

from tests.api.makers import House, Json, at, found, items, make_session, person, refused, teach


async def asked(house: House) -> Json:
    """A session of today with one person, to which the trainer is invited."""
    times = [{"starts_at": at(-1), "ends_at": at(2)}]
    session = await make_session(house, days=times, closes_at=at(2))
    given = {"name": "Opetus Oy", "country": "FI", "agreement_on": "2026-01-01"}
    recipient = found(await house.post("/recipients", given, who="staff"), 201)
    wanted = {"account": "trainer@house.example", "recipient": recipient["id"], "agreed": False}
    found(await house.post(f"/sessions/{session['id']}/trainers", wanted, who="staff"), 201)
    path = f"/sessions/{session['id']}/enrolments"
    found(await house.post(path, {"person": person(1)}, who="company"), 201)
    return session


async def listed(house: House) -> tuple[object, ...]:
    (line,) = items(await house.get("/teaching/sessions", who="trainer"))
    return tuple(line[name] for name in ("invitation", "people", "closed", "locked"))


@pytest.mark.promise("P7")
async def test_an_invitation_is_accepted_declined_and_accepted_again(house: House) -> None:
    session = await asked(house)
    path = f"/teaching/sessions/{session['id']}"
    closed = (
        "You have not accepted this invitation, so its participants are not shown to you. "
        "Accept it first."
    )
    assert await listed(house) == ("invited", 1, closed, False)
    assert refused(await house.get(f"{path}/participants", who="trainer"), 403) == {}
    accepted = {"session": session["id"], "invitation": "accepted"}
    assert found(await house.post(f"{path}/accept", who="trainer", key="a")) == accepted
    assert found(await house.post(f"{path}/accept", who="trainer", key="a")) == accepted
    assert await listed(house) == ("accepted", 1, "", False)
    assert len(items(await house.get(f"{path}/participants", who="trainer"))) == 1
    why = {"because": "I am ill"}
    declined = {"session": session["id"], "invitation": "declined"}
    assert found(await house.post(f"{path}/decline", why, who="trainer")) == declined
    assert await listed(house) == ("declined", 1, closed, False)
    assert refused(await house.get(f"{path}/participants", who="trainer"), 403) == {}
    (line,) = items(await house.get(f"/sessions/{session['id']}/trainers", who="staff"))
    assert (line["invitation"], line["declined_because"]) == ("declined", "I am ill")
    assert found(await house.post(f"{path}/accept", who="trainer")) == accepted
    long = {"because": "x" * 201}
    assert refused(await house.post(f"{path}/decline", long, who="trainer"), 422) == {
        "because": "string_too_long"
    }


async def test_results_are_final_once_all_are_decided(house: House) -> None:
    session = await asked(house)
    path = f"/teaching/sessions/{session['id']}"
    assert refused(await house.post(f"{path}/lock", who="trainer"), 403) == {}
    found(await house.post(f"{path}/accept", who="trainer"))
    assert refused(await house.post(f"{path}/lock", who="trainer"), 409) == {}
    (place,) = items(await house.get(f"{path}/participants", who="trainer"))
    row = {"outcomes": [{"enrolment": place["id"], "completed": True}]}
    found(await house.call("PUT", f"{path}/outcomes", row, who="trainer"))
    final = {"session": session["id"], "locked": True, "certificates_issued": 0}
    assert found(await house.post(f"{path}/lock", who="trainer", key="l")) == final
    assert found(await house.post(f"{path}/lock", who="trainer", key="l")) == final
    assert refused(await house.post(f"{path}/lock", who="trainer"), 409) == {}
    assert refused(await house.call("PUT", f"{path}/outcomes", row, who="trainer"), 409) == {}
    assert await listed(house) == ("accepted", 1, "", True)


async def test_corrections_are_read_the_newest_first(house: House) -> None:
    session = await asked(house)
    path = f"/teaching/sessions/{session['id']}"
    found(await house.post(f"{path}/accept", who="trainer"))
    (place,) = items(await house.get(f"{path}/participants", who="trainer"))
    for grade in ("fail", "pass", "fail"):
        row = {"outcomes": [{"enrolment": place["id"], "grade": grade}]}
        found(await house.call("PUT", f"{path}/outcomes", row, who="trainer"))
    changes = items(await house.get(f"{path}/outcomes/{place['id']}/changes", who="trainer"))
    told = [(each["before"]["grade"], each["after"]["grade"]) for each in changes]  # type: ignore[index]
    assert told == [("pass", "fail"), ("fail", "pass")]
    assert {each["by"] for each in changes} == {str(house.ids["trainer"])}


@pytest.mark.promise("P7")
async def test_others_sessions_are_not_there(house: House) -> None:
    session = await make_session(house)
    await teach(house, session)
    path = f"/teaching/sessions/{session['id']}"
    for verb in ("accept", "decline", "lock"):
        assert refused(await house.post(f"{path}/{verb}", who="trainer2"), 404) == {}
    changes = f"{path}/outcomes/{session['id']}/changes"
    assert refused(await house.get(changes, who="trainer2"), 404) == {}
    assert refused(await house.get(changes, who="trainer"), 404) == {}
