"""A program of staff's puts letters into the register of requests, and follows them (P11, P12)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role, Scope
from registration.accounts.tokens import add_token
from registration.privacy.models import RightsRequest
from registration.privacy.request_rules import RequestKind, State
from tests.builders import make_account, make_person
from tests.conftest import browser

URL = "/api/v1/requests"
LETTER = {"kind": "access", "channel": "letter", "language": "fi", "asked": "Kaikki tietoni."}


@pytest.fixture
async def program(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await make_account(Role.STAFF, "staff@example.fi")
    token = await add_token("staff@example.fi", Scope.STAFF, days=1, now=clock.now())
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def wrong(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


@pytest.mark.promise("P11")
@pytest.mark.promise("P12")
async def test_a_letter_from_its_coming_to_its_decision(program: httpx.AsyncClient) -> None:
    aino = await make_person()
    key = {"Idempotency-Key": "a"}
    made = await program.post(URL, json=LETTER, headers=key)
    again = await program.post(URL, json=LETTER, headers=key)
    assert (made.status_code, again.json()) == (201, made.json())
    assert await RightsRequest.all().count() == 1
    assert (made.json()["state"], made.json()["person"]) == ("received", None)
    one = f"{URL}/{made.json()['id']}"
    assert (await program.get(one)).json()["next"] == "match"
    named = await program.post(f"{one}/person", json={"person": str(aino.id)})
    assert (named.status_code, named.json()["person"]) == (200, str(aino.id))
    early = await program.post(f"{one}/decision", json={"decision": "granted"})
    assert (early.status_code, early.json()["code"]) == (409, "identity_missing")
    seen = {"how": "id-shown", "seen": "passport"}
    assert (await program.post(f"{one}/identity", json=seen)).json()["state"] == "in-hand"
    parts = [
        {"what": "A copy", "decision": "granted"},
        {"what": "A colleague's words", "decision": "refused", "because": "They are hers."},
    ]
    done = await program.post(f"{one}/decision", json={"parts": parts})
    assert (done.status_code, done.json()["decision"]) == (200, "partly")
    shown = (await program.get(one)).json()
    assert (shown["next"], shown["asked"], len(shown["parts"])) == (
        "carry-out",
        "Kaikki tietoni.",
        2,
    )
    twice = await program.post(f"{one}/decision", json={"decision": "granted"})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_decided")


@pytest.mark.promise("P12")
async def test_of_two_decisions_at_once_one_counts(
    app: Starlette, program: httpx.AsyncClient
) -> None:
    wanted = LETTER | {"kind": "other", "person": str((await make_person()).id)}
    one = f"{URL}/{(await program.post(URL, json=wanted)).json()['id']}/decision"
    async with browser(app) as second:
        second.headers["Authorization"] = program.headers["Authorization"]
        done = await asyncio.gather(
            program.post(one, json={"decision": "granted"}),
            second.post(one, json={"decision": "refused", "because": "No."}),
        )
    assert sorted(each.status_code for each in done) == [200, 409]


async def test_what_cannot_be_used_is_named_by_its_field(program: httpx.AsyncClient) -> None:
    cases: list[tuple[dict[str, object], list[tuple[str, str]]]] = [
        ({"kind": "all"}, [("kind", "enum")]),
        ({"asked": "a" * 10_001}, [("asked", "string_too_long")]),
        ({"person": str(uuid4())}, [("person", "unknown")]),
        ({"language": "de"}, [("language", "language")]),
        ({"received_on": "2999-01-01"}, [("received_on", "future")]),
        ({"hetu": "131052-308T"}, [("hetu", "extra_forbidden")]),
    ]
    for given, expected in cases:
        answer = await program.post(URL, json=LETTER | given)
        assert (answer.status_code, wrong(answer)) == (422, expected)
    made = (await program.post(URL, json=LETTER)).json()["id"]
    answer = await program.post(f"{URL}/{made}/decision", json={"decision": "refused"})
    assert (answer.status_code, wrong(answer)) == (422, [("because", "missing")])
    numbered = {"how": "id-shown", "seen": "passport XP1234567"}
    answer = await program.post(f"{URL}/{made}/identity", json=numbered)
    assert (answer.status_code, wrong(answer)) == (422, [("seen", "document")])
    far = {"until": "2999-01-01", "because": "Long."}
    answer = await program.post(f"{URL}/{made}/extension", json=far)
    assert (answer.status_code, wrong(answer)) == (422, [("until", "range")])


async def test_lists_are_filtered_and_come_in_parts(program: httpx.AsyncClient) -> None:
    for kind in ("access", "erasure", "other"):
        await program.post(URL, json=LETTER | {"kind": kind})
    old = (clock.now() - timedelta(days=60)).date().isoformat()
    await program.post(URL, json=LETTER | {"received_on": old})
    first = (await program.get(URL, params={"limit": 3})).json()
    rest = (await program.get(URL, params={"limit": 3, "cursor": first["next"]})).json()
    kinds = [each["kind"] for each in (*first["items"], *rest["items"])]
    assert (kinds, rest["next"]) == (["access", "other", "erasure", "access"], None)
    late = (await program.get(URL, params={"late": "true"})).json()["items"]
    assert [each["reference"] for each in late] == [first["items"][0]["reference"]]
    erasures = await program.get(URL, params={"kind": "erasure", "state": "received"})
    assert len(erasures.json()["items"]) == 1
    for state in State:
        answer = await program.get(URL, params={"state": state.value})
        assert len(answer.json()["items"]) == (4 if state is State.RECEIVED else 0)
    for kind in RequestKind:
        assert (await program.get(URL, params={"kind": kind.value})).status_code == 200
    assert (await program.get(URL, params={"state": "lost"})).status_code == 422


async def test_an_extension_and_a_withdrawal(program: httpx.AsyncClient) -> None:
    made = (await program.post(URL, json=LETTER)).json()
    until = (clock.now() + timedelta(days=60)).date().isoformat()
    wanted = {"until": until, "because": "Many records."}
    longer = await program.post(f"{URL}/{made['id']}/extension", json=wanted)
    assert (longer.status_code, longer.json()["until"][:10]) == (200, until)
    assert (await program.post(f"{URL}/{made['id']}/extension", json=wanted)).status_code == 409
    gone = await program.post(f"{URL}/{made['id']}/withdraw")
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert (await program.post(f"{URL}/{made['id']}/withdraw")).status_code == 409
    assert (await program.get(f"{URL}/{uuid4()}")).status_code == 404
