"""Addresses that try to mean another one, or to lead away."""

from __future__ import annotations

from urllib.parse import quote, unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette

from registration.accounts.rules import Role
from registration.app import route_table
from registration.edge import local_path
from tests.attacks.addresses import address
from tests.attacks.raw import ask
from tests.attacks.world import World, as_role
from tests.conftest import ORIGIN

TRICKS = (
    "/{}/", "//{}", "/./{}", "/x/../{}", "/static/../{}", "/static/..%2f{}", "/%2e%2e/{}",
    "/{};x=1", "/{}%00", "/{}%2f", "/%2f{}", "/\\{}", "/{}%20", "/{}%09", "/{}.json", "/{}/.",
    "/%c0%af{}", "/{}%c0%80", "/{}%ef%bc%8f", "/api/v1/../../{}", "/healthz/../{}",
    "/{}%252f..%252f", "/{}%u002f", "/brand.css/../{}", "/;/{}", "/{}/..;/",
)  # fmt: skip
GUARDED = ("staff", "staff/accounts", "company", "trainer", "me", "me/export.json")


def spellings(word: str) -> list[str]:
    """Other ways to write a path."""
    encoded = "".join(f"%{ord(each):02x}" for each in word)
    return [word.upper(), word.title(), encoded, quote(encoded), f"{word}%2e", word[:-1] + "%5c"]


@pytest.mark.parametrize("word", GUARDED)
async def test_no_spelling_of_an_address_gets_around_its_guard(
    app: Starlette, world: World, word: str
) -> None:
    tricks = [trick.format(word) for trick in TRICKS]
    tricks += [f"/{spelling}" for spelling in spellings(word)]
    wrong = []
    for role in (None,) if word.startswith("me") else (None, Role.PARTICIPANT):
        for path in tricks:
            headers = [("cookie", f"login={world.own.cookies[role]}")] if role else []
            answer = await ask(app, path, headers=headers)
            if answer.status == 200 or answer.status >= 500:
                wrong.append((role, path, answer.status))
    assert wrong == []


async def test_methods_cannot_be_put_on_by_a_header(app: Starlette, world: World) -> None:
    """What overrides a method elsewhere is nothing here, and odd methods are refused."""
    async with as_role(app, world.own, Role.PARTICIPANT) as client:
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            answer = await client.get("/me/data", headers={name: "POST"})
            assert answer.status_code == 200
            answer = await client.post("/api/v1/trainings?_method=DELETE", headers={name: "DELETE"})
            assert answer.status_code == 401
        for method in ("TRACE", "CONNECT", "PROPFIND", "DELETE"):
            answer = await client.request(method, "/me/data")
            assert answer.status_code == 405, method


async def test_forwarding_headers_move_nothing(app: Starlette, world: World) -> None:
    """Headers by which some proxies rewrite an address, a host or a person."""
    forged = {
        "X-Original-URL": "/staff",
        "X-Rewrite-URL": "/staff",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/staff",
        "X-Host": "evil.example",
        "Forwarded": "host=evil.example;for=127.0.0.1",
        "X-Remote-User": "staff-a@example.fi",
    }
    async with as_role(app, world.own, None) as client:
        answer = await client.get("/login", headers=forged)
        assert answer.status_code == 200
        assert "evil.example" not in answer.text
        answer = await client.get("/staff", headers=forged)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fstaff")


async def test_answers_for_another_host_are_not_given(app: Starlette, world: World) -> None:
    async with as_role(app, world.own, Role.STAFF) as client:
        for host in ("evil.example", "testserver@evil.example", "testserver.", "a, testserver"):
            assert (await client.get("/staff", headers={"Host": host})).status_code == 400, host


AWAY = st.text(
    alphabet=st.sampled_from(list("/\\:@?#%. \t\n\r\0evilhtps.m0Aä％／")), min_size=0, max_size=20
)


@given(st.one_of(AWAY, AWAY.map(lambda text: f"/{text}"), st.text(max_size=30)))
@example("//evil.example")
@example("/\\evil.example")
@example("\\/evil.example")
@example("///evil.example")
@example("https:evil.example")
@example("/\t/evil.example")
@example("/\n/evil.example")
@example("/%09/evil.example")
@example("/%2f/evil.example")
@example("/%5cevil.example")
@example("/.//evil.example")
@example("/..//evil.example")
@example("javascript:alert(1)")
@example("/@evil.example")
@example("/%00/evil.example")
def test_next_never_leads_away(wish: str) -> None:
    """Whatever is asked for as the next page, a browser stays on this site: as it stands, decoded
    once more, and with what browsers leave out or take for a slash."""
    given_back = local_path(wish)
    for form in (given_back, unquote(given_back)):
        if not given_back:
            break
        assert given_back.startswith("/")
        if form is given_back:
            read = form.replace("\\", "/").translate({9: None, 10: None, 13: None})
            there = urlsplit(urljoin(f"{ORIGIN}/login", read.strip("\0\x1f ")))
            assert (there.scheme, there.netloc) == ("http", "testserver")
    assert given_back in {"", wish}


@pytest.mark.parametrize(
    "wish", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example"]
)
async def test_no_login_leads_away(app: Starlette, world: World, wish: str) -> None:
    async with as_role(app, world.own, Role.PARTICIPANT) as client:
        answer = await client.get("/login", params={"next": wish})
        assert answer.headers["location"] == "/me"


async def test_a_token_in_an_address_is_refused_by_words(app: Starlette, world: World) -> None:
    token = world.own.tokens[Role.STAFF]
    tried = [
        f"/api/v1/accounts?token={token}",
        f"/api/v1/accounts?access_token={token}",
        f"/api/v1/accounts?q={token}",
        "/api/v1/accounts?Api-Key=x",
        f"/api/v1/accounts/{token}",
        f"/api/v1/{token}/accounts",
        "/api/v1/accounts?%74oken=x",
    ]
    async with as_role(app, world.own, None) as client:
        for path in tried:
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (400, "token_in_address"), path
            assert "Authorization: Bearer" in answer.json()["detail"]
            assert token not in answer.text
        headers = {"Authorization": f"Bearer {token}"}
        assert (await client.get("/api/v1/accounts?limit=1", headers=headers)).status_code == 200


async def test_what_no_store_takes_is_refused_in_every_address(
    app: Starlette, world: World
) -> None:
    """NUL bytes and bytes that are no text, in each parameter of each route and in queries."""
    wrong = []
    headers = [("cookie", f"login={world.own.cookies[Role.STAFF]}")]
    for row in route_table():
        if "GET" not in row.methods:
            continue
        for bad in ("%00", "%ed%a0%80", "%ff", "a" * 300):
            path = address(row.path, world.own)
            paths = [f"{path}?q={bad}&after={bad}&month={bad}&lang={bad}&role={bad}"]
            if "{" in row.path:
                paths.append(f"{row.path.partition('{')[0]}{bad}")
            for each in paths:
                answer = await ask(app, each, headers=headers)
                if answer.status >= 500 or (bad == "%00" and answer.status != 400):
                    wrong.append((each, answer.status))
    assert wrong == []


async def test_long_addresses_and_headers_are_refused(app: Starlette, world: World) -> None:
    async with as_role(app, world.own, None) as client:
        assert (await client.get("/?q=" + "a" * 5000)).status_code == 414
        client.cookies.set("x", "a" * 8192)
        answer = await client.get("/login")
        assert answer.status_code == 431
        assert "cookies" in answer.text
        assert (await client.get("/api/v1/trainings")).json()["code"] == "headers_too_large"
