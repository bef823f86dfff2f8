"""Single sign-on: against a real provider, and against one that misbehaves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette

from registration.accounts import sso
from registration.accounts.models import Account, Login, OutsideLogin
from registration.app import create_app
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.settings import BadSetting, Settings, load
from tests.accounts.provider import CLIENT, SECRET, Provider, providing
from tests.bench.server import free_port
from tests.builders import make_account, make_participant
from tests.conftest import ORIGIN, browser
from tests.edge.test_steps import LONG, come_by_mail, grow_old, shown


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as made:
        yield made


@pytest.fixture
def app(settings: Settings, provider: Provider) -> Starlette:
    known = {"oidc_issuer": provider.url, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    sso._known.clear()
    return create_app(settings.model_copy(update=known), run_jobs=False)


async def log_in(
    client: httpx.AsyncClient, provider: Provider, path: str = "/login/sso"
) -> httpx.Response:
    """There and back."""
    away = await client.get(path)
    assert away.status_code == 303
    return await client.get(provider.log_in(away.headers["location"]))


async def test_a_verified_address_is_bound_to_the_person_behind_it(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    account_id = await make_account()
    assert "/login/sso" in (await client.get("/login")).text
    assert shown(await log_in(client, provider, "/login/sso?next=/staff/venues")) == (
        303,
        "/staff/venues",
    )
    assert (await client.get("/staff/venues")).status_code == 200
    bound = await OutsideLogin.get()
    assert (bound.account_id, bound.issuer, bound.outside_subject) == (
        account_id,
        provider.url,
        "person-1",
    )
    assert ["organisation" in mail.body_text for mail in await Mail.all()] == [True]
    acts = [row.act for row in await Entry.all().order_by("number")]
    assert acts[-2:] == ["factor-added", "login"]
    page = await client.get("/me/security")
    assert "You can log in with your organisation's account." in page.text


async def test_the_bound_person_comes_in_whatever_their_address_is_now(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await make_account()
    await log_in(client, provider)
    await client.post("/logout")
    provider.claims = {"email": "married@example.fi", "email_verified": False}
    assert shown(await log_in(client, provider)) == (303, "/staff")


async def test_an_address_that_changed_hands_opens_nothing(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await make_account()
    await log_in(client, provider)
    await client.post("/logout")
    provider.claims = {"sub": "person-2"}
    refused = await log_in(client, provider)
    assert refused.status_code == 403
    assert "There is no account for you here" in refused.text
    assert shown(await client.get("/staff")) == (303, "/login?next=%2Fstaff")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "stranger@example.fi"},
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"email": ["staff@example.fi"]},
    ],
    ids=range(6),
)
async def test_an_unknown_person_gets_a_page_and_no_account(
    client: httpx.AsyncClient, provider: Provider, claims: dict[str, object]
) -> None:
    await make_account()
    provider.claims = claims
    refused = await log_in(client, provider)
    assert (refused.status_code, "There is no account for you here" in refused.text) == (403, True)
    counts = [
        await Account.all().count(),
        await OutsideLogin.all().count(),
        await Login.all().count(),
    ]
    assert counts == [1, 0, 0]


async def test_participants_have_no_single_sign_on(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await make_participant("staff@example.fi")
    assert (await log_in(client, provider)).status_code == 403


async def test_an_address_said_elsewhere_counts_if_it_is_the_same_person(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await make_account()
    provider.claims = {"email": None, "email_verified": None}
    provider.person = {"sub": "other", "email": "staff@example.fi", "email_verified": True}
    assert (await log_in(client, provider)).status_code == 403
    provider.person["sub"] = "person-1"
    assert shown(await log_in(client, provider)) == (303, "/staff")


def _now() -> int:
    return int(time.time())


BAD_TOKENS: dict[str, dict[str, object]] = {
    "issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "audience": {"aud": "another"},
    "among others": {"aud": [CLIENT, "another"]},
    "party": {"azp": "another"},
    "nonce": {"nonce": "of another login"},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "expired": {"exp": _now() - 120},
    "no end": {"exp": None},
    "not yet": {"nbf": _now() + 3600},
    "made later": {"iat": _now() + 3600},
    "no times": {"exp": "soon", "iat": "now"},
}


@pytest.mark.parametrize("wrong", list(BAD_TOKENS))
async def test_a_token_that_is_not_for_us_and_now_is_refused(
    client: httpx.AsyncClient, provider: Provider, wrong: str
) -> None:
    await make_account()
    provider.claims = BAD_TOKENS[wrong]
    refused = await log_in(client, provider)
    assert (refused.status_code, "The login did not work" in refused.text) == (403, True)
    assert await Login.all().count() == 0


async def test_a_signature_of_somebody_else_is_refused(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await make_account()
    provider.signed_with = RSAKey.generate_key(2048)
    assert (await log_in(client, provider)).status_code == 403


async def test_a_signature_with_our_own_secret_is_refused(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await make_account()
    provider.algorithm = "HS256"
    provider.signed_with = OctKey.import_key(SECRET.encode() * 8)  # type: ignore[assignment]  # wrong on purpose
    assert (await log_in(client, provider)).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        lambda back: re.sub("state=[^&]+", "state=other", back),
        lambda back: back.replace("state=", "was="),
        lambda back: back.replace("code=", "was="),
        lambda back: back + "&error=access_denied",
        lambda back: back + "&iss=https://evil.example",
        lambda back: re.sub("code=[^&]+", "code=" + "x" * 2100, back),
        lambda back: re.sub("code=[^&]+", "code=guessed", back),
    ],
    ids=["state", "no state", "no code", "refused there", "mixed up", "long", "code"],
)
async def test_a_way_back_that_was_changed_is_refused(
    client: httpx.AsyncClient, provider: Provider, change: object
) -> None:
    await make_account()
    back = provider.log_in((await client.get("/login/sso")).headers["location"])
    assert callable(change)
    refused = await client.get(change(back))
    assert (refused.status_code, "The login did not work" in refused.text) == (403, True)


async def test_state_and_code_are_taken_once_and_in_one_browser(
    client: httpx.AsyncClient, app: Starlette, provider: Provider
) -> None:
    await make_account()
    back = provider.log_in((await client.get("/login/sso")).headers["location"])
    kept = client.cookies["sso"]
    async with browser(app) as victim:
        assert (await victim.get(back)).status_code == 403
    assert shown(await client.get(back)) == (303, "/staff")
    await client.post("/logout")
    client.cookies.set("sso", kept)
    provider.codes["code-0"] = dict(
        redirect_uri=f"{ORIGIN}{sso.CALLBACK}", nonce="x", code_challenge="x"
    )
    assert (await client.get(back)).status_code == 403
    assert await Login.filter(revoked_at=None).count() == 0


async def test_who_is_bound_proves_it_there_and_anew(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    account_id = await make_account()
    await log_in(client, provider)
    await client.post("/logout")
    step = await come_by_mail(client, account_id)
    assert "/login/sso?" in (await client.get(step)).text
    assert shown(await client.get("/me/security/app"))[1].startswith("/login/again")
    way = "/login/sso?next=/me/security/app&again=1"
    away = (await client.get(way)).headers["location"]
    assert ("prompt=login" in away, "max_age=0" in away) == (True, True)
    provider.claims = {"auth_time": _now() - 3600}
    assert (await log_in(client, provider, way)).status_code == 403
    provider.claims = {"auth_time": None}
    assert (await log_in(client, provider, way)).status_code == 403
    provider.claims = {}
    assert shown(await log_in(client, provider, way)) == (303, "/me/security/app")
    assert (await client.get("/me/security/app")).status_code == 200
    await grow_old(LONG)
    provider.claims = {"sub": "person-2"}
    assert (await log_in(client, provider, way)).status_code == 403


async def test_a_provider_that_fails_is_said_plainly(
    client: httpx.AsyncClient, provider: Provider
) -> None:
    await make_account()
    back = provider.log_in((await client.get("/login/sso")).headers["location"])
    provider.broken = True
    answer = await client.get(back)
    assert (answer.status_code, "does not answer just now" in answer.text) == (503, True)
    sso._known.clear()
    assert (await client.get("/login/sso")).status_code == 503


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://evil.example"},
        {"jwks_uri": ""},
    ],
    ids=range(3),
)
async def test_a_provider_that_says_it_is_another_is_not_believed(
    client: httpx.AsyncClient, provider: Provider, about: dict[str, object]
) -> None:
    provider.about = about
    assert (await client.get("/login/sso")).status_code == 403


@pytest.fixture
def real() -> Iterator[str]:
    """A provider that others have written, in a process of its own."""
    port = free_port()
    person = {"sub": "anna", "email": "staff@example.fi", "email_verified": True}
    command = ["-m", "oidc_provider_mock", "-H", "127.0.0.1", "-p", str(port), "-n", "true"]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", *command, "--user-claims", json.dumps(person)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    while process.poll() is None:
        try:
            httpx.get(f"{address}/.well-known/openid-configuration")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            break
    yield address
    process.terminate()
    process.wait(20)


@pytest.fixture
async def against_real(settings: Settings, real: str) -> AsyncIterator[httpx.AsyncClient]:
    known = {"oidc_issuer": real, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    made = create_app(settings.model_copy(update=known), run_jobs=False)
    async with made.router.lifespan_context(made), browser(made) as opened:
        yield opened


async def test_a_login_at_a_provider_that_others_wrote(
    against_real: httpx.AsyncClient,
) -> None:
    await make_account()
    for path in ("/login/sso?next=/staff/venues", "/login/sso?next=/staff/venues&again=1"):
        away = (await against_real.get(path)).headers["location"]
        async with httpx.AsyncClient() as there:
            back = (await there.post(away, data={"sub": "anna"})).headers["location"]
        assert urlsplit(back).path == sso.CALLBACK
        done = await against_real.get(back)
        assert shown(done) == (303, "/staff/venues")
    assert (await against_real.get("/staff/venues")).status_code == 200
    assert await OutsideLogin.all().count() == 1


async def test_without_settings_there_is_no_single_sign_on(settings: Settings) -> None:
    made = create_app(settings, run_jobs=False)
    async with made.router.lifespan_context(made), browser(made) as client:
        assert "/login/sso" not in (await client.get("/login")).text
        for path in ("/login/sso", sso.CALLBACK):
            assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"OIDC_ISSUER": "https://idp.example"}, "OIDC_ISSUER: give OIDC_CLIENT_ID and "),
        ({"OIDC_CLIENT_SECRET": "x", "OIDC_CLIENT_ID": "y"}, "OIDC_CLIENT_ID: give OIDC_ISSUER"),
        (
            {"OIDC_ISSUER": "http://idp.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"},
            "OIDC_ISSUER: give the provider's address with https",
        ),
    ],
    ids=range(3),
)
def test_half_a_provider_stops_the_start(
    settings: Settings, given: dict[str, str], named: str
) -> None:
    environ = {f"REGISTRATION_{name}": value for name, value in given.items()}
    with pytest.raises(BadSetting) as refused:
        load(environ | {"REGISTRATION_DATA": str(settings.data)})
    assert named in str(refused.value)
