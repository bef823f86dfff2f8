"""Second steps and fresh proofs as a browser meets them, without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import httpx
import pyotp
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts import codes, totp
from registration.accounts.logins import new_link
from registration.accounts.models import Login
from registration.accounts.queries import logins_of
from registration.accounts.rules import LINK_LIFE, Role
from registration.app import route_table
from registration.edge.routes import TableRow
from registration.settings import Settings
from tests.builders import log_in, make_account, make_participant
from tests.conftest import browser
from tests.edge.test_login import mailed_link

LONG = timedelta(minutes=61)
SOME = timedelta(minutes=16)


async def come_by_mail(client: httpx.AsyncClient, account_id: UUID, next_path: str = "") -> str:
    """Logged in by a mailed link; where that leads."""
    path = await new_link(
        account_id, confirmed=True, life=LINK_LIFE, next_path=next_path, now=clock.now()
    )
    answer = await client.post(path)
    assert answer.status_code == 303
    return answer.headers["location"]


async def have_app(account_id: UUID, settings: Settings) -> pyotp.TOTP:
    """The account has an app for some minutes already."""
    before = clock.now() - timedelta(minutes=5)
    setup = totp.offer(account_id, "", settings=settings, now=before)
    app = pyotp.TOTP(setup.typed.replace(" ", ""))
    await totp.add_app(account_id, setup.sealed, app.at(before), settings=settings, now=before)
    return app


async def grow_old(by: timedelta) -> None:
    """All that was proved is that much longer ago."""
    for login in await Login.all():
        if login.proved_at is not None:
            login.proved_at -= by
            await login.save()


def shown(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("location", "")


async def test_a_mailed_link_leads_staff_to_the_second_step_and_back(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    account_id = await make_account()
    app = await have_app(account_id, settings)
    step = await come_by_mail(client, account_id, "/staff/venues?a=b")
    assert step == "/login/second?next=%2Fstaff%2Fvenues%3Fa%3Db"
    assert shown(await client.get("/staff/venues?a=b")) == (303, step)
    assert (await client.post("/staff/venues/new", data={})).status_code == 403
    page = await client.get(step)
    assert 'name="code"' in page.text
    before = client.cookies["login"]
    sent = {"code": app.now(), "next": "/staff/venues?a=b"}
    done = await client.post("/login/proof", data=sent)
    assert shown(done) == (303, "/staff/venues?a=b")
    assert client.cookies["login"] != before
    assert (await client.get("/staff")).status_code == 200
    client.cookies.set("login", before)
    assert shown(await client.get("/staff")) == (303, "/login?next=%2Fstaff")


async def test_a_code_is_not_taken_twice(
    client: httpx.AsyncClient, app: Starlette, settings: Settings
) -> None:
    account_id = await make_account()
    code = (await have_app(account_id, settings)).now()
    await come_by_mail(client, account_id)
    assert (await client.post("/login/proof", data={"code": code})).status_code == 303
    async with browser(app) as thief:
        await come_by_mail(thief, account_id)
        again = await thief.post("/login/proof", data={"code": code})
        assert again.status_code == 422
        assert "This code is not right, or it was used already." in again.text
        assert shown(await thief.get("/staff")) == (303, "/login/second?next=%2Fstaff")


async def test_after_five_wrong_codes_a_right_one_waits(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    account_id = await make_account()
    app = await have_app(account_id, settings)
    await come_by_mail(client, account_id)
    for _wrong in range(5):
        assert (await client.post("/login/proof", data={"code": "1"})).status_code == 422
    refused = await client.post("/login/proof", data={"code": app.now()})
    assert refused.status_code == 409
    assert "Too many codes were wrong." in refused.text


async def test_a_first_factor_is_set_up_on_the_way_and_its_codes_are_shown_once(
    client: httpx.AsyncClient,
) -> None:
    account_id = await make_account(Role.TRAINER)
    step = await come_by_mail(client, account_id, "/trainer")
    ways = await client.get(step)
    assert "/me/security/app?next=%2Ftrainer" in ways.text.replace("=/", "=%2F")
    assert "passkeys/new" not in ways.text  # not at an address without HTTPS
    page = await client.get("/me/security/app?next=/trainer")
    sealed = re.search(r'name="setup" value="([^"]+)"', page.text)
    typed = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert sealed is not None
    assert typed is not None
    app = pyotp.TOTP(typed[1].replace(" ", ""))
    sent = {"setup": sealed[1], "next": "/trainer", "code": "000000"}
    wrong = await client.post("/me/security/app", data=sent)
    assert (wrong.status_code, typed[1] in wrong.text) == (422, True)
    done = await client.post("/me/security/app", data=sent | {"code": app.now()})
    assert done.status_code == 200
    made = re.findall(r"<code>([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})</code>", done.text)
    assert len(set(made)) == 10
    assert 'href="/trainer"' in done.text
    assert (await client.get("/trainer")).status_code == 200
    security = await client.get("/me/security")
    assert ("10 codes are left." in security.text, made[0] in security.text) == (True, False)


async def test_recovery_code_by_the_page(client: httpx.AsyncClient, settings: Settings) -> None:
    account_id = await make_account()
    await have_app(account_id, settings)
    [code, *_more] = await codes.make_codes(account_id, settings=settings, now=clock.now())
    step = await come_by_mail(client, account_id)
    assert 'name="recovery"' in (await client.get(step)).text
    done = await client.post("/login/proof", data={"recovery": code})
    assert shown(done) == (303, "/staff")
    await client.post("/logout")
    await come_by_mail(client, account_id)
    assert (await client.post("/login/proof", data={"recovery": code})).status_code == 422


def sensitive() -> list[TableRow]:
    return [row for row in route_table() if row.fresh]


SENSITIVE = {
    "/me/export.json",
    "/me/erase",
    "/staff/events/{id}/kitchen",
    "/staff/events/{id}/diets",
    "/trainer/sessions/{id}/packs/{purpose}.{format}",
    "/staff/accounts/{id}",
    "/tokens",
    "/me/security/app",
    "/me/security/codes",
    "/me/security/passkeys",
    "/staff/events/{id}/organisers",
}


def test_what_is_sensitive_asks_for_a_fresh_proof() -> None:
    assert {row.path for row in sensitive()} >= SENSITIVE


def test_nothing_of_the_api_asks_for_it() -> None:
    assert [row.path for row in sensitive() if row.api] == []


async def test_what_is_sensitive_asks_again_and_leads_back(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    account_id = await make_account()
    app = await have_app(account_id, settings)
    await log_in(client, account_id)
    assert (await client.get("/me/security/app")).status_code == 200
    await grow_old(SOME)
    again = "/login/again?next=%2Fme%2Fsecurity%2Fapp"
    assert shown(await client.get("/me/security/app")) == (303, again)
    page = await client.get(again)
    assert ("Confirm that it is you" in page.text, 'name="again" value="1"' in page.text) == (
        True,
        True,
    )
    sent = {"code": app.now(), "again": "1", "next": "/me/security/app"}
    assert shown(await client.post("/login/proof", data=sent)) == (303, "/me/security/app")
    assert (await client.get("/me/security/app")).status_code == 200


async def test_a_form_just_opened_is_not_lost_and_an_old_one_asks(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    account_id = await make_account()
    await have_app(account_id, settings)
    await log_in(client, account_id)
    await grow_old(LONG - timedelta(minutes=2))
    assert (await client.post("/me/security/codes")).status_code == 200
    await grow_old(timedelta(minutes=2))
    referer = {"Referer": "http://testserver/me/security/codes"}
    answer = await client.post("/me/security/codes", headers=referer)
    assert shown(answer) == (303, "/login/again?next=%2Fme%2Fsecurity%2Fcodes")
    page = await client.get(answer.headers["location"])
    assert "Confirm first that it is you, then do this again." in page.text
    evil = {"Referer": "http://evil.example/me"}
    assert shown(await client.post("/me/security/codes", headers=evil)) == (303, "/login/again")


async def test_who_has_no_second_factor_proves_it_by_mail(client: httpx.AsyncClient) -> None:
    _person, account_id = await make_participant()
    await come_by_mail(client, account_id)
    assert (await client.get("/me/export.json")).status_code == 200
    await grow_old(SOME)
    again = (await client.get("/me/erase")).headers["location"]
    assert again == "/login/again?next=%2Fme%2Ferase"
    assert "aino@example.fi" in (await client.get(again)).text
    sent = await client.post("/login/again/link", data={"next": "/me/erase"})
    assert sent.status_code == 200
    done = await client.post(await mailed_link())
    assert shown(done) == (303, "/me/erase")
    assert (await client.get("/me/erase")).status_code == 200
    assert len(await logins_of(account_id, now=clock.now())) == 1


async def test_who_has_a_second_factor_does_not_prove_it_by_mail(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    _person, account_id = await make_participant()
    await have_app(account_id, settings)
    assert await come_by_mail(client, account_id) == "/me"
    assert (await client.get("/me")).status_code == 200
    assert shown(await client.get("/me/erase"))[0] == 303
    assert (await client.post("/login/again/link", data={})).status_code == 403
    page = await client.get("/login/again")
    assert ('name="code"' in page.text, "Send me a link" in page.text) == (True, False)


async def test_logins_are_listed_and_ended(client: httpx.AsyncClient, app: Starlette) -> None:
    account_id = await make_account()
    await log_in(client, account_id)
    async with browser(app) as phone, browser(app) as tablet:
        await log_in(phone, account_id)
        await come_by_mail(tablet, account_id)
        page = await client.get("/me/security")
        theirs = re.findall(r"/me/security/logins/([0-9a-f-]{36})/end", page.text)
        assert (len(theirs), page.text.count("E-mail link<")) == (2, 1)
        await client.post("/me/security/logins/others/end")
        for other in (phone, tablet):
            assert shown(await other.get("/me/security")) == (303, "/login?next=%2Fme%2Fsecurity")
        assert (await client.get("/staff")).status_code == 200


async def test_printed_link_invites_to_a_way_of_ones_own(client: httpx.AsyncClient) -> None:
    await log_in(client, await make_account())
    assert "This login was opened by a printed link" in (await client.get("/staff")).text
    assert "This login was opened by a printed link" not in (await client.get("/staff/venues")).text


@pytest.mark.parametrize(
    "cookie", ["x" * 7_000, "login", "..", "0" * 32 + "." + "A" * 43, "é"], ids=range(5)
)
async def test_a_cookie_that_is_no_login_opens_nothing(
    client: httpx.AsyncClient, cookie: str
) -> None:
    for name in ("login", "passkey", "sso", "flash"):
        headers = {"Cookie": f"{name}={cookie}".encode()}
        answer = await client.get("/me/security", headers=headers)  # type: ignore[arg-type]  # raw bytes
        assert shown(answer) == (303, "/login?next=%2Fme%2Fsecurity")
        sent = await client.post("/login/passkey", headers=headers)  # type: ignore[arg-type]  # raw bytes
        assert sent.status_code == 303


async def test_eight_kilobytes_of_cookies_are_refused_with_a_plain_page(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/login", headers={"Cookie": "login=" + "x" * 8192})
    assert answer.status_code in {200, 431}
    assert "<h1" in answer.text
