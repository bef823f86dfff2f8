"""Logins, links and tokens under attack: planted, played again, guessed, asked for in masses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.logins import ask_link, identify, identify_token, look_at_link, new_link
from registration.accounts.models import Login, LoginLink
from registration.accounts.rules import TOKEN_PREFIX, Role, new_secret
from registration.db import connection
from registration.edge.call import settings_of
from registration.mail.models import Mail
from registration.qualifications.queries import by_token
from registration.qualifications.rules import CertificateNotFound
from tests.attacks.raw import ask
from tests.attacks.world import World, as_role, living
from tests.builders import log_in
from tests.web.counting import statements

GUESSES = 10_000


@pytest.fixture
async def limited(world: World, tmp_path: Path) -> AsyncIterator[Starlette]:
    async with living(world.settings(tmp_path / "limited", rate_limit="on")) as opened:
        yield opened


async def _opens(app: Starlette, *cookies: str) -> bool:
    """Whether the participant's page opens with these cookies."""
    answer = await ask(app, "/me", headers=[("cookie", "; ".join(cookies))])
    return answer.status == 200


async def test_a_login_is_new_and_ends_the_one_before(app: Starlette, world: World) -> None:
    """What was in the browser before, planted or not, is worth nothing afterwards."""
    before = world.own.cookies[Role.PARTICIPANT]
    for planted in (before, "planted", new_secret(uuid4()).text):
        async with as_role(app, world.own, None) as client:
            client.cookies.set("login", planted)
            answer = await log_in(client, world.own.accounts[Role.PARTICIPANT])
            after = answer.headers["set-cookie"].partition(";")[0]
            assert after != f"login={planted}"
            assert await _opens(app, after)
            assert not await _opens(app, f"login={planted}")


async def test_a_planted_login_is_not_taken(app: Starlette, world: World) -> None:
    own, other = world.own.cookies[Role.PARTICIPANT], world.own.cookies[Role.STAFF]
    assert await _opens(app, f"login={own}")
    for cookies in (
        ("__Host-login=" + own,),
        ("__Secure-login=" + own,),
        ("Login=" + own,),
        ("login=",),
        (f"login={own.partition('.')[0]}.",),
        (f"login={own.partition('.')[0]}.{other.partition('.')[2]}",),
        (f"login={own[:-1]}",),
        (f"login={own}x",),
        ("login=%00", "a=b"),
        (f"x=login={own}",),
    ):
        assert not await _opens(app, *cookies), cookies


async def test_with_https_only_the_bound_cookie_counts(world: World, tmp_path: Path) -> None:
    """A cookie that a site beside ours can plant for the whole domain does not bear the prefix."""
    secure = world.settings(tmp_path / "var", base_url="https://testserver")
    async with living(secure) as app:
        own, other = world.own.cookies[Role.PARTICIPANT], world.own.cookies[Role.STAFF]
        assert not await _opens(app, f"login={own}")
        assert await _opens(app, f"__Host-login={own}")
        assert await _opens(app, f"login={other}", f"__Host-login={own}", f"login={other}")
        async with as_role(app, world.own, None) as client:
            answer = await client.get("/?lang=sv")
            (line,) = answer.headers.get_list("set-cookie")
            assert line.startswith("__Host-language=sv; Path=/; ")
            assert line.endswith("; HttpOnly; SameSite=Lax; Secure")


async def test_a_link_works_once(app: Starlette, world: World) -> None:
    now, account = clock.now(), world.own.accounts[Role.PARTICIPANT]
    path = await new_link(account, confirmed=True, life=timedelta(minutes=15), now=now)
    async with as_role(app, world.own, None) as thief, as_role(app, world.own, None) as owner:
        assert (await thief.get(path)).status_code == 200
        assert (await owner.post(path)).status_code == 303
        assert (await thief.post(path)).status_code == 403
        assert (await thief.get(path)).status_code == 403
        assert "login" not in thief.cookies


async def test_guesses_get_nobody_in(app: Starlette, world: World) -> None:
    """Secrets of rows that exist, with anything but their own random part."""
    now = clock.now()
    account = world.own.accounts[Role.STAFF]
    path = await new_link(account, confirmed=False, life=timedelta(hours=1), now=now)
    link = path.removeprefix("/login/")
    login, token = world.own.cookies[Role.STAFF], world.own.tokens[Role.STAFF]
    for _ in range(GUESSES // 4):
        guess = new_secret(uuid4()).text.partition(".")[2]
        assert await look_at_link(f"{link.partition('.')[0]}.{guess}", now=now) is None
        assert await identify(f"{login.partition('.')[0]}.{guess}", now=now) is None
        assert await identify_token(f"{token.partition('.')[0]}.{guess}", now=now) is None
        with pytest.raises(CertificateNotFound):
            await by_token(guess, now=now)
    assert await look_at_link(link, now=now) is not None
    assert await identify_token(token, now=now) is not None


@pytest.mark.parametrize(
    ("path", "most"),
    [("/login/{secret}", 30), ("/verify/{code}", 60), ("/api/v1/accounts", 200)],
)
async def test_guessing_is_held(limited: Starlette, world: World, path: str, most: int) -> None:
    """After so many misses an address is not even looked up; others are."""
    statuses = []
    async with as_role(limited, world.own, None) as client:
        for number in range(most + 20):
            secret = new_secret(uuid4()).text
            headers = {"Authorization": f"Bearer {TOKEN_PREFIX}{secret}"} if "api" in path else {}
            address = path.format(secret=secret, code=f"ABCD-EFGH-JKMN-PQRS-{number:04}")
            statuses.append((await client.get(address, headers=headers)).status_code)
    assert set(statuses[:most]) <= {401, 403, 404}
    assert set(statuses[most:]) == {429}


async def test_one_token_cannot_be_guessed_at_from_one_address(
    limited: Starlette, world: World
) -> None:
    """And who guesses at one does not keep the others of their house out."""
    known = world.own.tokens[Role.STAFF]
    claimed = known.partition(".")[0]
    async with as_role(limited, world.own, None) as client:
        headers = {"Authorization": ""}
        statuses = []
        for _ in range(25):
            guess = new_secret(uuid4()).text.partition(".")[2]
            headers["Authorization"] = f"Bearer {claimed}.{guess}"
            answer = await client.get("/api/v1/companies", headers=headers)
            statuses.append(answer.status_code)
        assert statuses == [401] * 20 + [429] * 5
        other = {"Authorization": f"Bearer {world.foreign.tokens[Role.STAFF]}"}
        assert (await client.get("/api/v1/companies", headers=other)).status_code == 200


async def test_asking_for_links_is_held_by_mailbox(limited: Starlette, world: World) -> None:
    """Whether the mailbox is known or not, and from whichever address it is asked."""
    for email in ("aino-a@example.fi", "nobody@example.fi"):
        async with as_role(limited, world.own, None) as client:
            answers = [await client.post("/login", data={"email": email}) for _ in range(7)]
            assert [each.status_code for each in answers] == [200] * 5 + [429] * 2


async def test_known_and_unknown_mailboxes_cost_the_same_work(app: Starlette, world: World) -> None:
    """Not the clock but the work is compared: one transaction each, with writes in it, and the
    same answer word by word. (A mail is composed for both, and sent to one.)"""
    pages, commits = [], []
    async with as_role(app, world.own, None) as client:
        for email in ("warm@example.fi", "aino-a@example.fi", "aino-x@example.fi"):
            async with statements() as seen:
                page: httpx.Response = await client.post("/login", data={"email": email})
            pages.append((page.status_code, page.text.replace(email, "EMAIL")))
            commits.append([each for each in seen if each.split()[0] in {"BEGIN", "COMMIT"}])
            assert [each for each in seen if each.startswith("INSERT")]
    assert pages[1] == pages[2]
    assert commits[1] == commits[2]


async def test_an_unknown_mailbox_leaves_no_link(app: Starlette, world: World) -> None:
    before = await LoginLink.all().count(), await Mail.all().count()
    await ask_link("nobody@example.fi", settings=settings_of({"app": app}), now=clock.now())
    assert (await LoginLink.all().count(), await Mail.all().count()) == before


async def test_secrets_stand_in_no_table(app: Starlette, world: World) -> None:
    for table in ("login", "login_link", "api_token"):
        rows = await connection().execute_query_dict(f"SELECT * FROM {table}")
        text = repr(rows)
        for side in world.sides.values():
            for secret in (*side.cookies.values(), *side.tokens.values()):
                assert secret.partition(".")[2] not in text
    assert await Login.all().count() > 0
