from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from registration.accounts.rules import Role
from registration.app import create_app
from registration.edge.fence import POLICY, host_of
from registration.edge.routes import SMALL_BODY
from registration.settings import Settings
from tests.builders import log_in, make_account
from tests.conftest import browser

ASK = {"email": "nobody@example.fi"}


async def test_every_answer_carries_the_headers(client: httpx.AsyncClient) -> None:
    for path in ("/login", "/no-such-page", "/healthz", "/static/icon.svg", "/api/v1/none"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"] == POLICY, path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "publickey-credentials-get=(self)" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers


async def test_https_is_kept_and_its_cookie_is_bound(settings: Settings) -> None:
    secure = settings.model_copy(update={"base_url": "https://testserver"})
    app = create_app(secure, run_jobs=False)
    async with app.router.lifespan_context(app), browser(app) as client:
        answer = await log_in(client, await make_account())
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-login=")
        assert cookie.endswith("; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure")


async def test_logged_in_pages_are_stored_nowhere(client: httpx.AsyncClient) -> None:
    await log_in(client, await make_account())
    assert (await client.get("/privacy-of-nobody")).headers["cache-control"] == "private, no-store"
    assert (await client.get("/brand.css")).headers["cache-control"] == "public, max-age=3600"
    versioned = await client.get("/static/icon.svg?v=1")
    assert versioned.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver"}, 200),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": "HTTP://TESTSERVER"}, 200),
        ({"Origin": "ftp://testserver"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "http://testserver:8000"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, 403),
        ({"Authorization": "Bearer x", "Origin": "http://evil.example"}, 403),
    ],
)
async def test_changes_come_from_our_own_pages(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await client.post("/login", data=ASK, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("testserver", 200),
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("testserver.evil.example", 400),
        ("", 400),
    ],
)
async def test_only_our_own_hosts_are_answered(
    client: httpx.AsyncClient, host: str, status: int
) -> None:
    assert (await client.get("/login", headers={"Host": host})).status_code == status


def test_host_without_port() -> None:
    hosts = ("Example.fi:80", "example.fi", "[::1]:8000", "[::1]")
    assert [host_of(each) for each in hosts] == ["example.fi", "example.fi", "[::1]", "[::1]"]


async def test_large_bodies_are_refused(client: httpx.AsyncClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    long = b"email=" + b"a" * SMALL_BODY
    assert (await client.post("/login", content=long, headers=form)).status_code == 413

    async def streamed() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"a" * (SMALL_BODY // 8)

    assert (await client.post("/login", content=streamed(), headers=form)).status_code == 413


async def test_unreadable_forms_are_refused(client: httpx.AsyncClient) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"email=%ff%fe", b"&".join(b"a%d=1" % n for n in range(300))):
        assert (await client.post("/login", content=body, headers=form)).status_code == 400
    parts = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await client.post("/login", content=b"--y\r\n", headers=parts)).status_code == 400


@pytest.fixture
def limited(settings: Settings) -> Starlette:
    return create_app(settings.model_copy(update={"rate_limit": "on"}), run_jobs=False)


async def test_sixth_ask_for_one_address_has_to_wait(limited: Starlette) -> None:
    async with limited.router.lifespan_context(limited), browser(limited) as client:
        answers = [await client.post("/login", data=ASK) for _ in range(6)]
        assert [each.status_code for each in answers] == [200] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 900
        other = await client.post("/login", data={"email": "other@example.fi"})
        assert other.status_code == 200


async def test_changes_are_counted_by_address(limited: Starlette) -> None:
    async with limited.router.lifespan_context(limited), browser(limited) as client:
        answers = [(await client.post("/no-such-page")).status_code for _ in range(121)]
        assert answers == [404] * 120 + [429]
        assert (await client.get("/login")).status_code == 200


@pytest.mark.parametrize("role", [Role.STAFF, Role.TRAINER])
async def test_api_takes_no_cookie_and_pages_take_no_token(
    client: httpx.AsyncClient, role: Role
) -> None:
    await log_in(client, await make_account(role))
    assert (
        await client.post("/logout", headers={"Origin": "http://testserver"})
    ).status_code == 303
    answer = await client.get("/api/v1/none", headers={"Authorization": "Bearer reg_wrong"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
