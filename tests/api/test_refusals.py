"""Every wrong request has a clear answer, by field where there is one, and nothing is half done."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration.enrolment.models import Place
from registration.people.models import Person
from tests.api.makers import (
    ROOT,
    House,
    Json,
    at,
    event,
    found,
    items,
    make_event,
    make_session,
    person,
    refused,
    teach,
)


async def send(
    house: House, path: str, body: bytes, kind: str = "application/json"
) -> httpx.Response:
    headers = {"Content-Type": kind, "Accept-Language": "en"}
    return await house.client.post(ROOT + path, content=body, headers=headers)


NESTED = b'{"person":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
MALFORMED = {
    "nothing": b"{",
    "a list": b"[]",
    "a text": b'"person"',
    "not a number": b'{"person": NaN}',
    "nested deep": NESTED,
    "not UTF-8": b'{"person": "\xff\xfe"}',
    "half a character": b'{"person": {"first_name": "\\ud800"}}',
    "a zero": b'{"person": {"first_name": "A\\u0000"}}',
    "a comment": b'{"person": /* me */ 1}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=list(MALFORMED))
async def test_malformed_json(house: House, body: bytes) -> None:
    session = await make_session(house)
    answer = await send(house, f"/sessions/{session['id']}/enrolments", body)
    assert refused(answer, 400) == {"": "json_invalid"}


WRONG: dict[str, tuple[object, dict[str, str]]] = {
    "empty": ({}, {"person": "missing"}),
    "null": ({"person": None}, {"person": "model_type"}),
    "a list": ({"person": []}, {"person": "model_type"}),
    "a huge number": (
        {"person": {**person(), "first_name": 10**30}},
        {"person.first_name": "string_type"},
    ),
    "a long name": (
        {"person": {**person(), "first_name": "a" * 200_000}},
        {"person.first_name": "string_too_long"},
    ),
    "a formula": (
        {"person": {**person(), "last_name": "=cmd|' /C calc'!A0"}},
        {"person.last_name": "name"},
    ),
    "an unknown field": ({"person": person(), "admin": True}, {"admin": "extra_forbidden"}),
    "an unknown field inside": (
        {"person": {**person(), "id": "1"}},
        {"person.id": "extra_forbidden"},
    ),
    "an unknown consent": (
        {"person": person(), "consents": {"cookies": True}},
        {"consents": "consents"},
    ),
    "a consent that is no answer": (
        {"person": person(), "consents": {"newsletter": "yes"}},
        {"consents": "consents"},
    ),
    "two wrong fields": (
        {"person": {**person(), "email": "x@", "phone": "abc"}},
        {"person.email": "email", "person.phone": "phone"},
    ),
    "a wrong address": (
        {"person": {**person(), "address": {"country": "Finland"}}},
        {"person.address.country": "country"},
    ),
}


@pytest.mark.parametrize(("given", "fields"), WRONG.values(), ids=list(WRONG))
async def test_wrong_fields(house: House, given: object, fields: dict[str, str]) -> None:
    session = await make_session(house)
    answer = await house.post(f"/sessions/{session['id']}/enrolments", given)
    assert refused(answer, 422) == fields
    assert (await Person.all().count(), await Place.all().count()) == (0, 0)


async def test_of_a_key_given_twice_the_last_counts(house: House) -> None:
    session = await make_session(house)
    body = (
        b'{"person": 1, "person": {"first_name": "A", "last_name": "B", "email": "a@b.fi",'
        b' "email": "c@d.fi"}}'
    )
    answer = await send(house, f"/sessions/{session['id']}/enrolments", body)
    assert answer.status_code == 201
    assert [one.email for one in await Person.all()] == ["c@d.fi"]


async def test_messages_are_in_the_language_asked_for(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    answer = await house.call("POST", path, {}, language="en")
    assert answer.json()["errors"][0]["message"] == "This is needed."


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/json"])
async def test_another_media_type(house: House, kind: str) -> None:
    session = await make_session(house)
    answer = await send(house, f"/sessions/{session['id']}/enrolments", b"{}", kind)
    assert refused(answer, 415) == {}


async def test_too_large_a_body(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    large = b'{"person": "' + b"a" * 300_000 + b'"}'
    assert refused(await send(house, path, large), 413) == {}
    huge = b'{"person": "' + b"a" * 13_000_000 + b'"}'
    assert refused(await send(house, path, huge), 413) == {}
    people = [{"first_name": "x" * 50}] * 5_001
    answer = await house.post(path, {"people": people}, who="company")
    assert refused(answer, 422) == {"people": "too_long"}


async def test_protocol(house: House) -> None:
    answer = await house.call("DELETE", "/trainings")
    assert refused(answer, 405) == {}
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert refused(await house.get("/nothing"), 404) == {}
    assert refused(await house.get(f"/sessions/{uuid4()}"), 404) == {}
    assert refused(await house.get("/sessions/1 or 1=1"), 404) == {}
    assert refused(await house.get("/events/no-such-event"), 404) == {}


async def test_without_a_token_or_with_a_false_one(house: House) -> None:
    for method, path in (("GET", "/enrolments"), ("POST", "/trainings"), ("GET", "/receipts")):
        answer = await house.call(method, path)
        assert refused(answer, 401) == {}
        assert answer.headers["www-authenticate"] == "Bearer"
    for value in ("Bearer x", "Bearer reg_" + "0" * 32 + "." + "a" * 43, "Basic YTpi"):
        answer = await house.client.get(f"{ROOT}/trainings", headers={"Authorization": value})
        assert refused(answer, 401) == {}
    altered = house.tokens["staff"][:-1] + ("a" if house.tokens["staff"][-1] != "a" else "b")
    headers = {"Authorization": f"Bearer {altered}"}
    assert refused(await house.client.get(f"{ROOT}/receipts", headers=headers), 401) == {}


async def test_people_need_a_companys_token(house: House) -> None:
    session = await make_session(house)
    path, given = f"/sessions/{session['id']}/enrolments", {"people": [person()]}
    assert refused(await house.post(path, given), 401) == {}
    assert refused(await house.post(path, given, who="trainer"), 403) == {}
    assert await Place.all().count() == 0


async def test_another_companys_places_are_not_there(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    own = found(await house.post(path, {"person": person(1)}, who="company"), 201)
    anyones = found(await house.post(path, {"person": person(2)}), 201)
    for place in (own["id"], anyones["id"], uuid4()):
        cancel = await house.post(f"/enrolments/{place}/cancel", who="company2")
        assert refused(cancel, 404) == {}
        given = {"person": person(3)}
        answer = await house.post(f"/enrolments/{place}/substitute", given, who="company2")
        assert refused(answer, 404) == {}
    for address in ("enrolments", "qualifications"):
        answer = await house.get(f"/{address}?company={house.ids['firm']}", who="company2")
        assert refused(answer, 404) == {}
    answer = await house.post(
        f"{path}?company={house.ids['firm']}", {"person": person(4)}, who="company2"
    )
    assert refused(answer, 404) == {}
    assert await Place.filter(current=True).count() == 2


async def test_another_trainers_session_is_not_there(house: House) -> None:
    session = await make_session(house)
    await teach(house, session)
    teaching = f"/teaching/sessions/{session['id']}"
    for part in ("participants", "outcomes", "packs/certificate"):
        assert refused(await house.get(f"{teaching}/{part}", who="trainer2"), 404) == {}
    rows = {"outcomes": [{"enrolment": str(uuid4()), "completed": True}]}
    answer = await house.call("PUT", f"{teaching}/outcomes", rows, who="trainer2")
    assert refused(answer, 404) == {}
    assert items(await house.get("/teaching/sessions", who="trainer2")) == []


NOBODY = "00000000-0000-4000-8000-000000000000"
ELSEWHERE = [
    ("POST", "/trainings"),
    ("PATCH", "/trainings/x"),
    ("POST", "/sessions"),
    ("POST", "/venues"),
    ("POST", "/companies"),
    ("POST", "/accounts"),
    ("GET", "/accounts"),
    ("GET", "/companies"),
    ("GET", "/registrations"),
    ("GET", "/receipts"),
    ("GET", "/disclosures"),
    ("POST", f"/sessions/{NOBODY}/cancel"),
    ("POST", f"/sessions/{NOBODY}/trainers"),
]


@pytest.mark.promise("P14")
@pytest.mark.parametrize(("method", "path"), ELSEWHERE)
async def test_only_staff(house: House, method: str, path: str) -> None:
    for who in ("organiser", "company", "trainer"):
        assert refused(await house.call(method, path, who=who), 403) == {}


BAD_EVENTS: dict[str, tuple[Json, dict[str, str]]] = {
    "backwards": ({"ends_at": at(200)}, {"ends_at": "order"}),
    "without offset": ({"starts_at": "2027-04-01T09:00:00"}, {"starts_at": "timezone_aware"}),
    "kept too long": ({"erase_diets_after": "P8D"}, {"erase_diets_after": "duration"}),
    "a negative time": ({"erase_diets_after": "-PT1H"}, {"erase_diets_after": "duration"}),
    "no seats": ({"capacity": 0}, {"capacity": "greater_than_equal"}),
    "too many seats": ({"capacity": 10**40}, {"capacity": "int_parsing_size"}),
    "half a seat": ({"capacity": 1.5}, {"capacity": "int_from_float"}),
    "an unknown language": ({"title": {"xx": "?"}}, {"title": "language"}),
    "no title": ({"title": {}}, {"title": "missing"}),
    "an unknown venue": ({"venue": str(uuid4())}, {"venue": "unknown"}),
    "cancelled": ({"status": "cancelled"}, {"status": "literal_error"}),
    "meals without catering": (
        {"meals": [{"on": at(240)[:10], "kind": "lunch"}]},
        {"meals": "meals"},
    ),
    "a script as link": ({"link": "javascript:alert(1)"}, {"link": "link"}),
}


@pytest.mark.parametrize(("change", "fields"), BAD_EVENTS.values(), ids=list(BAD_EVENTS))
async def test_wrong_events(house: House, change: Json, fields: dict[str, str]) -> None:
    assert refused(await house.post("/events", event(**change), who="organiser"), 422) == fields


async def test_an_event_in_the_past(house: House) -> None:
    given = event(starts_at=at(-9), ends_at=at(-5))
    assert refused(await house.post("/events", given, who="organiser"), 409) == {}


async def test_fewer_seats_than_people(house: House) -> None:
    made = await make_event(house, capacity=2)
    for number in (1, 2):
        given = {"person": person(number)}
        found(await house.post(f"/events/{made['id']}/registrations", given), 201)
    answer = await house.call("PATCH", f"/events/{made['id']}", {"capacity": 1}, who="organiser")
    assert refused(answer, 409) == {}
    assert answer.json()["code"] == "too_few_seats"


async def test_closed_sign_up(house: House) -> None:
    made = await make_event(house, closes_at=at(-1))
    answer = await house.post(f"/events/{made['id']}/registrations", {"person": person()})
    assert refused(answer, 409) == {}
    assert answer.json()["code"] == "sign_up_closed"


async def test_a_body_where_none_is_taken(house: House) -> None:
    made = await make_event(house)
    answer = await house.post(f"/events/{made['id']}/cancel", {"reason": "x"}, who="organiser")
    assert refused(answer, 400) == {"reason": "extra_forbidden"}


async def test_a_cookie_opens_nothing(house: House, app: Starlette) -> None:
    headers = {"Cookie": f"login={house.tokens['staff'].removeprefix('reg_')}"}
    assert refused(await house.client.get(f"{ROOT}/receipts", headers=headers), 401) == {}
