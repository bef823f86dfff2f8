"""The description says what there is, all of it, and what it shows is true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter

from registration import clock
from registration.api import ROUTES
from registration.api.openapi import OPERATIONS, document
from registration.api.operation import Operation
from registration.api.shapes import Problem
from registration.app import endpoints
from registration.edge.call import API
from registration.forms import parse
from registration.invoicing.rules import month_of
from registration.qualifications.service import issue
from registration.settings import Settings
from tests.api.makers import House, found, make_event, make_session, make_training, person, teach
from tests.invoicing.makers import make_run, seat
from tests.teaching.makers import enrol, make_school, record


def described(settings: Settings) -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    paths = document(settings)["paths"]
    assert isinstance(paths, dict)
    return paths


def test_every_endpoint_is_described_and_none_besides(settings: Settings) -> None:
    declared = {
        (method, endpoint.path)
        for endpoint in endpoints()
        for method in endpoint.methods
        if endpoint.path.startswith(f"{API}/")
    }
    said = {
        (method.upper(), API + path)
        for path, methods in described(settings).items()
        for method in methods
    }
    assert said == declared
    assert {endpoint.path for endpoint in ROUTES} - {path for _m, path in declared} == {"/api"}


def test_who_may_call_is_said(settings: Settings) -> None:
    words = {"coordinator": "company"}
    for path, methods in described(settings).items():
        for method, call in methods.items():
            (operation,) = [
                one for one in OPERATIONS if (one.path, one.method) == (path, method.upper())
            ]
            held = {words.get(role.value, role.value) for role in operation.access.roles}
            assert set(call["x-tokens"]) == held  # type: ignore[call-overload]
            refused = bool(held) or method != "get"
            assert ("403" in call["responses"]) == refused  # type: ignore[operator]


def test_every_reference_leads_somewhere(settings: Settings) -> None:
    made = document(settings)
    schemas = made["components"]["schemas"]  # type: ignore[index]

    def walk(part: object) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [ref for each in part.values() for ref in walk(each)]
        return [ref for each in part for ref in walk(each)] if isinstance(part, list) else []

    names = {ref.removeprefix("#/components/schemas/") for ref in walk(made)}
    assert names - set(schemas) == set()


def test_examples_of_bodies_are_right(settings: Settings) -> None:
    for path, methods in described(settings).items():
        for method, call in methods.items():
            (operation,) = [
                one for one in OPERATIONS if (one.path, one.method) == (path, method.upper())
            ]
            if operation.bodies:
                said = call["requestBody"]["content"]["application/json"]  # type: ignore[index]
                body = operation.bodies[0]
                assert isinstance(parse(body, said["example"]), body)


def test_examples_of_answers_are_right(settings: Settings) -> None:
    for path, methods in described(settings).items():
        for method, call in methods.items():
            (operation,) = [
                one for one in OPERATIONS if (one.path, one.method) == (path, method.upper())
            ]
            if operation.answers:
                said = call["responses"][str(operation.status)]  # type: ignore[index]
                example = said["content"]["application/json"]["example"]
                made = TypeAdapter(operation.answers[0]).validate_python(example)
                assert isinstance(made, BaseModel)


async def _certificate(settings: Settings) -> UUID:
    now = clock.now()
    start = (now - timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    school = await make_school(settings, start=start)
    taken = await enrol(school)
    await record(school, {"place_id": taken.id, "grade": "4", "completed": True}, now=now)
    return await issue(taken.id, actor_id=None, settings=settings, now=now)


async def _request(house: House) -> object:
    letter = {"kind": "access", "channel": "letter"}
    return found(await house.post("/requests", letter, who="staff"), 201)["id"]


async def test_answers_are_as_described(house: House, settings: Settings) -> None:
    training = await make_training(house)
    session = await make_session(house, training)
    event = await make_event(house, catered=True)
    await teach(house, session)
    enrolments = f"/sessions/{session['id']}/enrolments"
    place = (await house.post(enrolments, {"person": person(1)}, who="company")).json()
    ids = {
        "/trainings/{id}": training["id"],
        "/sessions/{id}": session["id"],
        "/sessions/{id}/trainers": session["id"],
        "/events/{id}": event["id"],
        "/events/{id}/diets": event["id"],
        "/events/{id}/kitchen": event["id"],
        "/companies/{id}": house.ids["firm"],
        "/enrolments/{id}": place["id"],
        "/enrolments/{id}/changes": place["id"],
        "/webhooks/{id}/deliveries": await _webhook(house),
        "/invoicing/{id}": await _invoice(house, settings),
        "/certificates/{id}": await _certificate(settings),
        "/requests/{id}": await _request(house),
    }
    for operation in OPERATIONS:
        if operation.method != "GET" or not operation.answers:
            continue
        path = operation.path.replace("{id}", str(ids.get(operation.path, session["id"])))
        path = path.replace("{enrolment}", str(place["id"]))
        response = await house.get(path, who=_who(operation))
        if operation.path == "/venues/{id}":
            assert response.status_code == 404
            Problem.model_validate_json(response.content)
            continue
        assert (path, response.status_code) == (path, 200)
        _fits(operation, response)


async def _webhook(house: House) -> str:
    wanted = {"url": "https://hr.example.fi/hooks", "events": ["place.changed"]}
    return str((await house.post("/webhooks", wanted, who="company")).json()["id"])


async def _invoice(house: House, settings: Settings) -> str:
    """Of a seat that the company has had since yesterday."""
    firm, yesterday = UUID(str(house.ids["firm"])), clock.now() - timedelta(days=1)
    run = await make_run(starts_at=yesterday)
    await seat(run, firm, settings, now=yesterday - timedelta(days=1))
    month = month_of(yesterday, settings.time_zone)
    made = await house.post("/invoicing", {"company": str(firm), "month": month}, who="staff")
    return str(made.json()["id"])


def _who(operation: Operation) -> str:
    if operation.access.anyone:
        return ""
    return {"company": "company", "trainer": "trainer", "organiser": "organiser"}.get(
        operation.who, "staff"
    )


def _fits(operation: Operation, response: httpx.Response) -> None:
    (shape,) = operation.answers
    made: BaseModel = TypeAdapter(shape).validate_json(response.content)
    assert made.model_dump_json() == response.text


async def test_the_document_and_the_page(house: House, settings: Settings) -> None:
    answer = await house.get("/openapi.json")
    assert answer.json() == document(settings)
    page = await house.client.get("/api", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in page.text
    assert "<script>" not in page.text
    assert "style=" not in page.text
