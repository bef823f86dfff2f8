"""A coordinator lets the company's system be told, tries it out, and ends it."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Scope
from registration.accounts.tokens import add_token
from registration.settings import Settings
from registration.webhooks.delivery import send_due
from registration.webhooks.models import Webhook
from registration.webhooks.queries import webhooks_of
from tests.conftest import browser
from tests.web.company.conftest import Office
from tests.web.staff.conftest import error, ticked, words
from tests.webhooks.conftest import BASE_URL
from tests.webhooks.receiver import is_signed, receiving

PATH = "/company/webhooks"
FORM = {"url": "https://hr.example.fi/hooks", "events": ["place.changed"]}


async def add(client: httpx.AsyncClient, **changes: object) -> httpx.Response:
    return await client.post(PATH, data=FORM | changes)


async def test_the_secret_is_shown_once(office: Office) -> None:
    made = await add(office.coordinator)
    (secret,) = re.findall(r"<code>(whsec_[A-Za-z0-9+/=]{44})</code>", made.text)
    assert made.headers["cache-control"] == "private, no-store"
    (line,) = await webhooks_of(office.company)
    for path in (PATH, f"{PATH}/{line.id}"):
        shown = await office.coordinator.get(path)
        assert (shown.status_code, "whsec_" in shown.text) == (200, False)
    assert secret.encode() not in bytes((await Webhook.get()).sealed_secret)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "http://hr.example.fi/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://localhost/"}, "url"),
        ({"url": "https://a:b@hr.example.fi/"}, "url"),
        ({"url": "x" * 600}, "url"),
        ({"events": []}, "events"),
        ({"events": ["webhook.test"]}, "events"),
        ({"events": ["diets.seen"]}, "events"),
    ],
)
async def test_what_cannot_be_added_comes_back_with_what_was_typed(
    office: Office, changes: dict[str, object], field: str
) -> None:
    answer = await add(office.coordinator, **changes)
    assert (answer.status_code, await webhooks_of(office.company)) == (422, [])
    if field == "url":
        assert len(error(answer, "url")) == 1
        assert ticked(answer, "events") == ["place.changed"]
    assert "data-copy" not in answer.text


async def test_a_company_has_no_more_than_five(office: Office) -> None:
    for _each in range(5):
        assert (await add(office.coordinator)).status_code == 200
    assert (await add(office.coordinator)).status_code == 409


async def test_another_companys_webhook_is_not_there(office: Office) -> None:
    await add(office.coordinator)
    (line,) = await webhooks_of(office.company)
    assert (await office.stranger.get(f"{PATH}/{line.id}")).status_code == 404
    for verb in ("test", "end"):
        assert (await office.stranger.post(f"{PATH}/{line.id}/{verb}")).status_code == 404
        assert (await office.coordinator.post(f"{PATH}/{uuid4()}/{verb}")).status_code == 404
    assert (await webhooks_of(office.company))[0].ended_at is None


async def test_a_test_message_is_sent_seen_and_the_webhook_ended(
    office: Office, settings: Settings
) -> None:
    local = settings.model_copy(update={"base_url": BASE_URL})
    await add(office.coordinator)
    (line,) = await webhooks_of(office.company)
    async with receiving() as receiver:
        await Webhook.filter(id=line.id).update(url=receiver.url)
        page = f"{PATH}/{line.id}"
        assert (await office.coordinator.post(f"{page}/test")).status_code == 303
        assert (await office.coordinator.post(f"{page}/test")).status_code == 409
        assert await send_due(local) == 1
    shown = await office.coordinator.get(page)
    assert words(shown, "tbody tr th") == ["Test message"]
    assert words(shown, "tbody tr .badge") == ["Delivered"]
    assert (await office.coordinator.post(f"{page}/end")).status_code == 303
    assert (await office.coordinator.post(f"{page}/end")).status_code == 404
    assert (await office.coordinator.post(f"{page}/test")).status_code == 404
    assert words(await office.coordinator.get(PATH), "tbody .badge") == ["Ended"]


async def test_a_program_does_the_same_and_a_repeat_gives_the_same_secret(
    app: Starlette, office: Office, settings: Settings
) -> None:
    token = await add_token("kaisa@example.fi", Scope.COMPANY, days=1, now=clock.now())
    other = await add_token("olli@example.fi", Scope.COMPANY, days=1, now=clock.now())
    bearer = {"Authorization": f"Bearer {token}"}
    key = bearer | {"Idempotency-Key": "1"}
    async with browser(app) as client:
        hooks = "/api/v1/webhooks"
        made = await client.post(hooks, json=FORM, headers=key)
        again = await client.post(hooks, json=FORM, headers=key)
        assert (made.status_code, again.json()) == (201, made.json())
        assert again.headers["idempotency-replayed"] == "true"
        own = f"{hooks}/{made.json()['id']}"
        async with receiving() as receiver:
            await Webhook.filter(company_id=office.company).update(url=receiver.url)
            assert (await client.post(f"{own}/test", headers=bearer)).status_code == 202
            await send_due(settings.model_copy(update={"base_url": BASE_URL}))
        assert is_signed(receiver.got[0], made.json()["secret"])
        (sent,) = (await client.get(f"{own}/deliveries", headers=bearer)).json()["items"]
        assert (sent["id"], sent["state"]) == (receiver.got[0].headers["webhook-id"], "delivered")
        foreign = {"Authorization": f"Bearer {other}"}
        assert (await client.get(f"{own}/deliveries", headers=foreign)).status_code == 404
        assert (await client.post(f"{own}/end", headers=foreign)).status_code == 404
        assert (await client.post(f"{own}/end", headers=bearer)).status_code == 200
        (line,) = (await client.get(hooks, headers=bearer)).json()["items"]
        assert (line["ended_because"], "secret" in line) == ("by-hand", False)
        wrong = await client.post(hooks, json=FORM | {"events": ["webhook.test"]}, headers=bearer)
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "events")
