"""What the tests of the API start from: tokens of every scope, a catalogue, people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx

from registration.accounts.rules import Role, Scope
from registration.accounts.service import add_account
from registration.accounts.tokens import add_token
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company

Json = dict[str, object]
NOW = datetime.now(UTC).replace(microsecond=0)
SIGNED = date(2026, 1, 15)
ROOT = "/api/v1"
ERROR_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class House:
    """``tokens`` by name: staff, organiser, organiser2, company, company2, trainer, trainer2;
    ``ids`` of accounts by the same names, and of the two companies."""

    client: httpx.AsyncClient
    tokens: Mapping[str, str]
    ids: Mapping[str, UUID]

    async def call(
        self,
        method: str,
        path: str,
        given: object = None,
        *,
        who: str = "",
        key: str = "",
        language: str = "en",
    ) -> httpx.Response:
        headers = {"Accept-Language": language}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        if key:
            headers["Idempotency-Key"] = key
        if given is None:
            return await self.client.request(method, ROOT + path, headers=headers)
        return await self.client.request(method, ROOT + path, headers=headers, json=given)

    async def get(self, path: str, *, who: str = "") -> httpx.Response:
        return await self.call("GET", path, who=who)

    async def post(
        self, path: str, given: object = None, *, who: str = "", key: str = ""
    ) -> httpx.Response:
        return await self.call("POST", path, given, who=who, key=key)


async def made_house(client: httpx.AsyncClient) -> House:
    ids: dict[str, UUID] = {}
    tokens: dict[str, str] = {}
    for number in ("", "2"):
        given = CompanyGiven(name=f"Rata{number} Oy")
        company = await add_company(given, actor_id=None, now=NOW)
        ids[f"firm{number}"] = company
        for scope, role in (
            (Scope.STAFF, Role.STAFF),
            (Scope.ORGANISER, Role.ORGANISER),
            (Scope.COMPANY, Role.COORDINATOR),
            (Scope.TRAINER, Role.TRAINER),
        ):
            name = f"{scope.value}{number}"
            email = f"{name}@house.example"
            ids[name] = await add_account(
                email,
                name.title(),
                role,
                company_id=company if role is Role.COORDINATOR else None,
                nda_on=SIGNED,
                now=NOW,
            )
            tokens[name] = await add_token(email, scope, days=30, now=NOW)
    return House(client, tokens, ids)


def person(number: int = 1, **more: object) -> Json:
    return {
        "first_name": f"Aino{number}",
        "last_name": "Virtanen",
        "email": f"aino{number}@example.fi",
        "language": "fi",
        **more,
    }


def at(hours: float) -> str:
    return (NOW + timedelta(hours=hours)).isoformat()


def event(**more: object) -> Json:
    return {
        "title": {"fi": "Kevätpäivä", "en": "Spring day"},
        "starts_at": at(240),
        "ends_at": at(248),
        "capacity": 20,
        **more,
    }


def found(response: httpx.Response, status: int = 200) -> Json:
    assert response.status_code == status, response.text
    made = response.json()
    assert isinstance(made, dict)
    return made


def items(response: httpx.Response) -> list[Json]:
    made = found(response)["items"]
    assert isinstance(made, list)
    return made


def refused(response: httpx.Response, status: int) -> dict[str, str]:
    """The codes by field of a problem, which must be one in full."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == ERROR_TYPE
    said = response.json()
    assert {"type", "title", "status", "detail", "code", "errors"} <= set(said)
    assert said["status"] == status
    return {each["field"]: each["code"] for each in said["errors"]}


async def make_training(house: House, **more: object) -> Json:
    given = {"title": {"fi": "Ratatyö", "en": "Track work"}, "length_minutes": 420, **more}
    return found(await house.post("/trainings", given, who="staff"), 201)


async def make_session(house: House, training: Json | None = None, **more: object) -> Json:
    training = training or await make_training(house)
    given = {
        "training": training["id"],
        "days": [{"starts_at": at(240), "ends_at": at(247)}],
        "capacity": 20,
        **more,
    }
    return found(await house.post("/sessions", given, who="staff"), 201)


async def make_event(house: House, *, who: str = "organiser", **more: object) -> Json:
    return found(await house.post("/events", event(**more), who=who), 201)


async def teach(house: House, session: Json, *, who: str = "trainer") -> None:
    """The trainer has the session, for an organisation with an agreement."""
    given = {"name": f"Opetus {who} Oy", "country": "FI", "agreement_on": "2026-01-01"}
    recipient = found(await house.post("/recipients", given, who="staff"), 201)
    asked = {"account": f"{who}@house.example", "recipient": recipient["id"]}
    found(await house.post(f"/sessions/{session['id']}/trainers", asked, who="staff"), 201)
