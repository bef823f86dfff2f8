"""Passkeys as a browser uses them, with a phone of software in its hand."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from tortoise.backends.base.executor import EXECUTOR_CACHE

from registration.accounts.rules import Role
from registration.settings import Settings
from tests.accounts.device import ORIGIN, Device
from tests.builders import log_in, make_account
from tests.edge.test_steps import come_by_mail, shown


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """At an address where browsers know passkeys."""
    return settings.model_copy(update={"base_url": ORIGIN})


def browser(app: Starlette) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, headers={"Accept-Language": "en"}
    )


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    EXECUTOR_CACHE.clear()
    async with app.router.lifespan_context(app), browser(app) as opened:
        yield opened


async def press(client: httpx.AsyncClient, device: Device, next_path: str = "") -> httpx.Response:
    question = await client.post("/login/passkey/options")
    answer = json.dumps(device.answer(question.text))
    return await client.post("/login/passkey", data={"answer": answer, "next": next_path})


async def have_passkey(client: httpx.AsyncClient, name: str = "Phone") -> Device:
    device = Device()
    question = await client.post("/me/security/passkeys/options")
    sent = {"answer": json.dumps(device.make(question.text)), "name": name}
    assert (await client.post("/me/security/passkeys", data=sent)).status_code in {200, 303}
    return device


async def test_passkey_alone_opens_every_role(client: httpx.AsyncClient) -> None:
    account_id = await make_account()
    assert (await come_by_mail(client, account_id)).startswith("/login/second")
    device = await have_passkey(client)
    assert (await client.get("/staff")).status_code == 200
    await client.post("/logout")
    assert shown(await press(client, device, "/staff/venues")) == (303, "/staff/venues")
    assert (await client.get("/staff/venues")).status_code == 200


async def test_passkey_answer_is_taken_once_and_only_in_its_own_browser(
    client: httpx.AsyncClient, app: Starlette
) -> None:
    account_id = await make_account()
    await log_in(client, account_id)
    device = await have_passkey(client)
    await client.post("/logout")
    question = await client.post("/login/passkey/options")
    kept = client.cookies["passkey"]
    answer = {"answer": json.dumps(device.answer(question.text))}
    async with browser(app) as stranger:
        assert shown(await stranger.post("/login/passkey", data=answer)) == (303, "/login")
        await stranger.post("/login/passkey/options")
        assert shown(await stranger.post("/login/passkey", data=answer)) == (303, "/login")
    assert shown(await client.post("/login/passkey", data=answer)) == (303, "/staff")
    await client.post("/logout")
    client.cookies.set("passkey", kept)
    assert shown(await client.post("/login/passkey", data=answer)) == (303, "/login")


async def test_passkey_of_another_account_proves_nothing(
    client: httpx.AsyncClient, app: Starlette
) -> None:
    async with browser(app) as other:
        await log_in(other, await make_account(Role.TRAINER, "tea@example.fi"))
        device = await have_passkey(other)
    account_id = await make_account()
    await come_by_mail(client, account_id)
    assert shown(await press(client, device, "/staff")) == (303, "/login/second?next=%2Fstaff")
    assert shown(await client.get("/staff")) == (303, "/login/second?next=%2Fstaff")


async def test_passkey_question_for_logging_in_adds_no_key(client: httpx.AsyncClient) -> None:
    await log_in(client, await make_account())
    question = json.loads((await client.post("/login/passkey/options")).text)
    asked = json.dumps(question | {"user": {"id": "AAAA"}})
    sent = {"answer": json.dumps(Device().make(asked)), "name": "Phone"}
    assert (await client.post("/me/security/passkeys", data=sent)).status_code == 422


async def test_passkey_is_renamed_and_removed_by_the_page(client: httpx.AsyncClient) -> None:
    await log_in(client, await make_account())
    await have_passkey(client)
    found = re.search(
        r"/me/security/passkeys/[0-9a-f-]{36}", (await client.get("/me/security")).text
    )
    assert found is not None
    assert (await client.get(found[0])).status_code == 200
    assert (await client.post(found[0], data={"name": " "})).status_code == 422
    assert shown(await client.post(found[0], data={"name": "Tablet"})) == (303, "/me/security")
    assert "Tablet" in (await client.get("/me/security")).text
    assert shown(await client.post(f"{found[0]}/remove")) == (303, "/me/security")
    assert (await client.get(found[0])).status_code == 404


async def test_passkey_page_says_the_same_of_everybody(client: httpx.AsyncClient) -> None:
    page = await client.get("/login")
    assert 'autocomplete="email webauthn"' in page.text
    questions = [json.loads((await client.post("/login/passkey/options")).text) for _each in "12"]
    for question in questions:
        del question["challenge"]
    assert questions[0] == questions[1]
