"""The whole job over the API, each part by the program of whose job it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.api.makers import (
    House,
    Json,
    at,
    event,
    found,
    items,
    make_event,
    make_session,
    make_training,
    person,
    refused,
    teach,
)

MARKED = "Salaattiallergia-XYZZY"
DIET: Json = {
    "needs": ["gluten-free"],
    "allergies": ["nuts"],
    "other": MARKED,
    "serious": True,
    "consent": True,
}


async def test_anyone_finds_a_session_and_signs_up(house: House) -> None:
    venue = found(await house.post("/venues", {"name": "Talo", "city": "Oulu"}, who="staff"), 201)
    training = await make_training(house)
    session = await make_session(house, training, venue=venue["id"], capacity=1, price_cents=10000)

    assert items(await house.get("/trainings")) == [training]
    assert items(await house.get(f"/sessions?training={training['slug']}")) == [session]
    assert session["venue"] == venue
    assert session["price"] == {"cents": 10000, "currency": "EUR", "vat_percent": 25.5}
    path = f"/sessions/{session['id']}/enrolments"
    first = found(await house.post(path, {"person": person(1)}), 201)
    second = found(await house.post(path, {"person": person(2), "consents": None}), 201)

    nothing: Json = {"until": None, "awaits": "", "consents_refused": []}
    assert first == {"id": first["id"], "status": "confirmed", "position": None, **nothing}
    assert second == {"id": second["id"], "status": "waiting", "position": 1, **nothing}
    after = found(await house.get(f"/sessions/{session['id']}"))
    assert (after["seats_left"], after["waiting"]) == (0, 1)
    assert refused(await house.post(path, {"person": person(1)}), 409) == {}


async def test_staff_change_a_session_in_part_and_whole(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}"
    moved = found(
        await house.call(
            "PATCH", path, {"starts_at": at(300), "ends_at": at(305), "capacity": 9}, who="staff"
        )
    )
    assert moved["capacity"] == 9
    assert moved["language"] == session["language"]
    days = moved["days"]
    assert isinstance(days, list)
    assert len(days) == 1
    assert moved["closes_at"] == moved["starts_at"]
    whole = {"training": moved["training"]["id"], "capacity": 5}  # type: ignore[index]
    assert refused(await house.call("PUT", path, whole, who="staff"), 422) == {"days": "days"}
    off = found(await house.post(f"{path}/cancel", who="staff"))
    assert off["status"] == "cancelled"
    assert refused(await house.post(f"{path}/cancel", who="staff"), 409) == {}
    assert refused(await house.call("PATCH", path, {"capacity": 5}, who="staff"), 409) == {}


@pytest.mark.promise("P6")
async def test_a_company_enrols_row_by_row(house: House) -> None:
    session = await make_session(house, capacity=2)
    path = f"/sessions/{session['id']}/enrolments"
    people = [person(1), person(2, email="no"), {"person": person(3)}, person(1), "x", person(5)]
    made = found(await house.post(path, {"people": people}, who="company"), 201)

    rows = made["results"]
    assert isinstance(rows, list)
    assert (made["confirmed"], made["waiting"], made["refused"]) == (2, 1, 3)
    assert [row["row"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [row["status"] for row in rows] == [
        "confirmed",
        None,
        "confirmed",
        None,
        None,
        "waiting",
    ]
    assert rows[1]["error"]["errors"][0]["field"] == "email"
    assert rows[3]["error"]["code"] == "already_signed_up"
    assert rows[4]["error"]["errors"][0]["code"] == "dict_type"
    again = await house.post(path, {"people": people}, who="company")
    assert refused(again, 422)["people.0"] == "already_signed_up"
    assert again.json()["refused"] == 6


async def test_a_company_cancels_and_substitutes(house: House) -> None:
    session = await make_session(house, capacity=1)
    path = f"/sessions/{session['id']}/enrolments"
    one = found(await house.post(path, {"person": person(1)}, who="company"), 201)
    other = found(await house.post(path, {"person": person(2)}, who="company"), 201)
    given = {"person": person(3)}
    heir = found(await house.post(f"/enrolments/{one['id']}/substitute", given, who="company"), 201)
    assert heir["status"] == "confirmed"
    gone = found(await house.post(f"/enrolments/{heir['id']}/cancel", who="company"))
    assert (gone["id"], gone["status"], gone["position"]) == (heir["id"], "cancelled", None)

    lines = {line["id"]: line for line in items(await house.get("/enrolments", who="company"))}
    assert {key: line["status"] for key, line in lines.items()} == {
        one["id"]: "cancelled",
        heir["id"]: "cancelled",
        other["id"]: "confirmed",
    }
    assert lines[other["id"]]["person"] == {
        "first_name": "Aino2",
        "last_name": "Virtanen",
        "email": None,
    }
    assert items(await house.get("/enrolments", who="company2")) == []


@pytest.mark.promise("P7")
async def test_a_trainer_records_and_takes_packs(house: House) -> None:
    session = await make_session(
        house, days=[{"starts_at": at(-1), "ends_at": at(2)}], closes_at=at(2)
    )
    await teach(house, session)
    path = f"/sessions/{session['id']}/enrolments"
    place = found(await house.post(path, {"person": person(1)}, who="company"), 201)
    teaching = f"/teaching/sessions/{session['id']}"

    (taught,) = items(await house.get("/teaching/sessions", who="trainer"))
    assert taught["id"] == session["id"]
    people = items(await house.get(f"{teaching}/participants", who="trainer"))
    assert people == [{"id": place["id"], "name": "Aino1 Virtanen", "company": "Rata Oy"}]
    day = session["days"][0]["date"]  # type: ignore[index]
    row = {"enrolment": place["id"], "attendance": {day: True}, "grade": "pass", "completed": True}
    done = found(
        await house.call("PUT", f"{teaching}/outcomes", {"outcomes": [row]}, who="trainer")
    )
    assert done["certificates_issued"] == 1
    plain = {"no_show": False, "because": "", "rule": None, "version": 1}
    assert done["outcomes"] == [row | plain]
    assert items(await house.get(f"{teaching}/outcomes", who="trainer")) == done["outcomes"]

    made = found(await house.get(f"{teaching}/packs/certificate", who="trainer"))
    assert [each["name"] for each in made["people"]] == ["Aino1 Virtanen"]  # type: ignore[attr-defined]
    sheet = await house.get(f"{teaching}/packs/permit?format=xlsx", who="trainer")
    assert "xl/workbook.xml" in ZipFile(BytesIO(sheet.content)).namelist()
    csv = await house.get(f"{teaching}/packs/attendance?format=csv", who="trainer")
    first = csv.content.decode("utf-8-sig").splitlines()[1]
    assert first.split(";")[:2] == ["Aino1 Virtanen", "Rata Oy"]
    assert refused(await house.get(f"{teaching}/packs/party", who="trainer"), 404) == {}
    wrong = await house.get(f"{teaching}/packs/permit?format=exe", who="trainer")
    assert refused(wrong, 422) == {"format": "literal_error"}

    (one,) = items(await house.get("/qualifications", who="company"))
    assert one["person"]["name"] == "Aino1 Virtanen"  # type: ignore[index]
    assert (one["status"], one["training"]["title"]) == ("valid", session["training"]["title"])  # type: ignore[index]
    shown = items(await house.get("/disclosures?limit=200", who="staff"))
    assert sorted({line["purpose"] for line in shown}, key=str) == [
        "attendance",
        "certificate",
        "permit",
        "qualifications",
        "teaching",
    ]


async def test_wrong_outcomes_are_said_by_row(house: House) -> None:
    session = await make_session(house)
    await teach(house, session)
    path = f"/sessions/{session['id']}/enrolments"
    place = found(await house.post(path, {"person": person(1)}), 201)
    rows = [
        {"enrolment": session["id"], "completed": True},
        {"id": place["id"], "attendance": {"1999-01-01": True}, "grade": 7},
    ]
    answer = await house.call(
        "PUT", f"/teaching/sessions/{session['id']}/outcomes", {"outcomes": rows}, who="trainer"
    )
    assert refused(answer, 422) == {
        "outcomes.0.enrolment": "unknown",
        "outcomes.1.attendance": "day",
        "outcomes.1.grade": "grade",
    }


@pytest.mark.promise("P3")
async def test_only_the_organiser_of_the_event_sees_diets(house: House) -> None:
    made = await make_event(house, catered=True)
    path = f"/events/{made['slug']}/registrations"
    given = {"person": person(1), "consents": {"notice": True}, "diet": DIET}
    place = found(await house.post(path, given), 201)

    own = items(await house.get(f"/events/{made['id']}/diets", who="organiser"))
    assert own == [
        {
            "id": place["id"],
            "name": "Aino1 Virtanen",
            "company": "",
            "diet": {
                "needs": ["gluten-free"],
                "allergies": ["nuts"],
                "other": MARKED,
                "serious": True,
                "contact_consent": False,
                "skipped_meals": [],
            },
        }
    ]
    kitchen = found(await house.get(f"/events/{made['slug']}/kitchen", who="organiser"))
    assert kitchen["needs"] == {"gluten-free": 1}
    for part in ("diets", "kitchen"):
        for who in ("organiser2", "staff", "company", "trainer"):
            assert refused(await house.get(f"/events/{made['id']}/{part}", who=who), 403) == {}
        assert refused(await house.get(f"/events/{made['id']}/{part}"), 401) == {}


@pytest.mark.promise("P3")
async def test_a_diet_is_in_no_other_answer(house: House) -> None:
    made = await make_event(house, catered=True)
    path = f"/events/{made['id']}/registrations"
    given = {"person": person(1), "diet": DIET}
    answers = [await house.post(path, given, key="k1"), await house.post(path, given, key="k1")]
    answers += [await house.post(path, given)]
    bad = {"person": person(2), "diet": {**DIET, "consent": False, "needs": ["oops"]}}
    answers += [await house.post(path, bad)]
    for who, address in (
        ("", f"/events/{made['id']}"),
        ("", "/events"),
        ("staff", "/registrations"),
        ("staff", "/disclosures"),
        ("staff", "/receipts"),
        ("staff", "/accounts"),
        ("organiser", f"/events/{made['id']}/kitchen"),
    ):
        answers.append(await house.get(address, who=who))
    assert [answer.status_code for answer in answers] == [201, 201, 409, 422, *[200] * 7]
    assert not [answer.text for answer in answers if MARKED in answer.text]


@pytest.mark.promise("P4")
async def test_diets_of_a_cancelled_event_leave_a_receipt(house: House) -> None:
    from registration import clock
    from registration.catering.deletion import delete_due
    from registration.edge.call import settings_of

    made = await make_event(house, catered=True)
    await house.post(f"/events/{made['id']}/registrations", {"person": person(1), "diet": DIET})
    found(await house.post(f"/events/{made['id']}/cancel", who="organiser"))
    transport = house.client._transport
    await delete_due(settings_of({"app": transport.app}), now=clock.now())  # type: ignore[attr-defined]

    (receipt,) = items(await house.get(f"/receipts?event={made['id']}", who="staff"))
    assert (receipt["event"], receipt["reason"], receipt["diets"]) == (
        made["id"],
        "event-cancelled",
        1,
    )
    assert refused(await house.get(f"/events/{made['id']}/diets", who="organiser"), 409) == {}
    assert json.dumps(receipt).count("Aino") == 0


@pytest.mark.promise("P2")
async def test_no_diet_without_catering_and_none_by_an_employer(house: House) -> None:
    plain, catered = await make_event(house), await make_event(house, catered=True)
    given = {"person": person(1), "diet": DIET}
    answer = await house.post(f"/events/{plain['id']}/registrations", given)
    assert refused(answer, 422) == {"diet": "not_catered"}
    answer = await house.post(f"/events/{catered['id']}/registrations", given, who="company")
    assert refused(answer, 422) == {"diet": "not_yours"}
    session = await make_session(house)
    answer = await house.post(f"/sessions/{session['id']}/enrolments", given)
    assert refused(answer, 422) == {"diet": "extra_forbidden"}


async def test_organisers_change_and_cancel_their_own_events(house: House) -> None:
    made = await make_event(house)
    path = f"/events/{made['id']}"
    change: Json = {"capacity": 3, "erase_diets_after": "PT1H30M", "catered": True}
    after = found(await house.call("PATCH", path, change, who="organiser"))
    assert (after["capacity"], after["erase_diets_after"]) == (3, "PT1H30M")
    assert after["title"] == made["title"]
    for method, address in (("PATCH", path), ("PUT", path), ("POST", f"{path}/cancel")):
        body = change if method != "POST" else None
        answer = await house.call(method, address, body, who="organiser2")
        assert refused(answer, 403) == {}
    assert found(await house.post(f"{path}/cancel", who="organiser"))["status"] == "cancelled"
    assert items(await house.get("/events")) == []


async def test_staff_name_the_organisers(house: House) -> None:
    named = [str(house.ids["organiser"]), "organiser2@house.example"]
    made = await make_event(house, who="staff", organisers=named)
    for who in ("organiser", "organiser2"):
        assert items(await house.get(f"/events/{made['id']}/diets", who=who)) == []
    assert refused(await house.get(f"/events/{made['id']}/diets", who="staff"), 403) == {}
    answer = await house.post("/events", event(organisers=["x@y.example"]), who="staff")
    assert refused(answer, 422) == {"organisers.0": "unknown"}
    answer = await house.post("/events", event(organisers=["staff@house.example"]), who="staff")
    assert refused(answer, 422) == {"organisers.0": "oneself"}
    answer = await house.post("/events", event(organisers=named), who="organiser")
    assert refused(answer, 422) == {"organisers": "not_yours"}


async def test_a_draft_is_seen_by_those_who_make_it(house: House) -> None:
    made = await make_event(house, status="draft")
    path = f"/events/{made['id']}"
    assert [(await house.get(path, who=who)).status_code for who in ("", "organiser", "staff")] == [
        404,
        200,
        200,
    ]
    assert items(await house.get("/events")) == []
    given = {"person": person(1)}
    assert refused(await house.post(f"{path}/registrations", given), 404) == {}


async def test_staff_add_companies_accounts_and_look_at_places(house: House) -> None:
    given = {"name": "Silta Oy", "business_id": "0112038-9"}
    company = found(await house.post("/companies", given, who="staff"), 201)
    shown = found(await house.get(f"/companies/{company['id']}", who="staff"))
    assert shown["business_id"] == "0112038-9"
    path = f"/companies/{company['id']}"
    changed = found(await house.call("PATCH", path, {"city": "Turku"}, who="staff"))
    assert changed == {**shown, "city": "Turku"}
    asked: Json = {"email": "uusi@silta.example", "name": "Uusi", "role": "coordinator"}
    assert refused(await house.post("/accounts", asked, who="staff"), 422) == {"company": "missing"}
    asked["company"] = company["id"]
    account = found(await house.post("/accounts", asked, who="staff"), 201)
    lines = items(await house.get("/accounts", who="staff"))
    (line,) = [line for line in lines if line["id"] == account["id"]]
    roles = line["roles"]
    assert isinstance(roles, list)
    (role,) = roles
    assert role["given_by"] == str(house.ids["staff"])
    assert datetime.fromisoformat(role["until"]) < datetime.now(UTC) + timedelta(days=366)
    assert {name: role[name] for name in ("role", "over", "reason", "in_force")} == {
        "role": "coordinator",
        "over": company["id"],
        "reason": "",
        "in_force": True,
    }
    assert refused(await house.post("/accounts", asked, who="staff"), 409) == {}

    made = await make_event(house)
    place = found(
        await house.post(f"/events/{made['id']}/registrations", {"person": person(1)}), 201
    )
    (seen,) = items(await house.get(f"/registrations?event={made['id']}", who="staff"))
    assert seen["id"] == place["id"]
    assert items(await house.get("/enrolments", who="staff")) == []
