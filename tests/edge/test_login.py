from __future__ import annotations

import re

import httpx
import pytest

from registration.accounts.models import Login
from registration.accounts.rules import Role
from registration.edge import local_path
from registration.mail.models import Mail
from registration.web.entering import device_of
from tests.builders import log_in, make_account, make_participant

LINK = re.compile(r"http://testserver(/login/\S+)")


async def mailed_link() -> str:
    mail = await Mail.all().order_by("-queued_at").first()
    assert mail is not None
    found = LINK.search(mail.body_text)
    assert found is not None
    return found[1]


async def test_answer_is_the_same_for_a_known_and_an_unknown_address(
    client: httpx.AsyncClient,
) -> None:
    await make_participant("aino@example.fi")
    pages = []
    for email in ("aino@example.fi", "eero@example.fi"):
        answer = await client.post("/login", data={"email": email})
        assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
        pages.append(answer.text.replace(email, "ADDRESS"))
    assert pages[0] == pages[1]
    assert [mail.address for mail in await Mail.all()] == ["aino@example.fi"]


async def test_mailed_link_asks_before_it_logs_in(client: httpx.AsyncClient) -> None:
    await make_participant()
    await client.post("/login", data={"email": "aino@example.fi", "next": "/me?tab=data"})
    path = await mailed_link()
    for _ in range(2):
        page = await client.get(path)
        assert page.status_code == 200
        assert "Log in as Aino Virtanen" in page.text
        assert page.headers["referrer-policy"] == "strict-origin"
    assert await Login.all().count() == 0
    done = await client.post(path)
    assert (done.status_code, done.headers["location"]) == (303, "/me?tab=data")
    assert await Login.all().count() == 1
    again = await client.post(path)
    assert again.status_code == 403
    assert "Ask for a new link" in again.text


async def test_printed_link_logs_in_at_once_but_not_on_head(client: httpx.AsyncClient) -> None:
    account_id = await make_account()
    answer = await log_in(client, account_id)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert "Sari Staff" in (await client.get("/no-such-page")).text


@pytest.mark.parametrize(
    ("role", "home"),
    [(Role.STAFF, "/staff"), (Role.ORGANISER, "/staff"), (Role.TRAINER, "/trainer")],
)
async def test_each_role_begins_at_its_own_page(
    client: httpx.AsyncClient, role: Role, home: str
) -> None:
    assert (await log_in(client, await make_account(role))).headers["location"] == home


async def test_logging_out_ends_the_login_itself(client: httpx.AsyncClient) -> None:
    await log_in(client, await make_account())
    kept = client.cookies["login"]
    answer = await client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    client.cookies.set("login", kept)
    assert "Sari Staff" not in (await client.get("/no-such-page")).text


async def test_nobody_logged_in_is_led_to_the_login(client: httpx.AsyncClient) -> None:
    answer = await client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


EVIL = (
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "\\\\evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "evil.example",
    "",
)


@pytest.mark.parametrize("address", EVIL)
async def test_login_never_leads_elsewhere(client: httpx.AsyncClient, address: str) -> None:
    assert local_path(address) == ""
    await make_participant()
    await client.post("/login", data={"email": "aino@example.fi", "next": address})
    answer = await client.post(await mailed_link())
    assert answer.headers["location"] == "/me"


@pytest.mark.parametrize("path", ["/me", "/sessions/1?a=b&c=//d", "/p%C3%A4iv%C3%A4"])
def test_paths_of_ours_are_kept(path: str) -> None:
    assert local_path(path) == path


async def test_language_is_asked_for_once_and_kept(client: httpx.AsyncClient) -> None:
    assert '<html lang="en">' in (await client.get("/login")).text
    assert '<html lang="sv">' in (await client.get("/login?lang=sv")).text
    assert '<html lang="sv">' in (await client.get("/login")).text
    assert '<html lang="sv">' in (await client.get("/login?lang=xx")).text


async def test_account_speaks_its_own_language(client: httpx.AsyncClient) -> None:
    await log_in(client, await make_account(language="sv"))
    assert '<html lang="sv">' in (await client.get("/no-such-page")).text
    assert '<html lang="fi">' in (await client.get("/no-such-page?lang=fi")).text


def test_device_says_browser_and_system_only() -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert device_of(agent) == "Firefox, Linux"
    assert device_of("curl/8.0") == ""
