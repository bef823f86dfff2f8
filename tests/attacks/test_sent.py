"""What is sent: from another site, with more than was asked for, or with bytes that are no text."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette

from registration.accounts.models import Account, Grant
from registration.accounts.rules import Role
from registration.app import route_table
from registration.edge.routes import TableRow
from registration.enrolment.models import Place
from tests.attacks.addresses import address, example
from tests.attacks.world import SCOPES, World, as_role

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# What nobody may give themselves by naming it.
EXTRA: Mapping[str, object] = {
    "id": "00000000-0000-4000-8000-000000000001",
    "role": "staff",
    "roles": ["staff"],
    "status": "confirmed",
    "position": 0,
    "turn": 0,
    "price_cents": -1,
    "person_id": "00000000-0000-4000-8000-000000000001",
    "account_id": "00000000-0000-4000-8000-000000000001",
    "company_id": "00000000-0000-4000-8000-000000000001",
    "nda_on": "2020-01-01",
    "is_admin": True,
    "__class__": "x",
}


def _posts() -> list[TableRow]:
    """But for the one that a mail program may send to from anywhere (RFC 8058)."""
    return [
        row
        for row in route_table()
        if not row.api and row.methods == ("POST",) and row.path != "/unsubscribe/{token}"
    ]


def _who(row: TableRow) -> Role:
    """Somebody who may call it."""
    roles: tuple[Role, ...] = (Role.PARTICIPANT, *Role)
    return next(role for role in roles if row.granted(role))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=["modern", "sibling", "old", "sandboxed"],
)
async def test_nothing_is_done_for_another_sites_page(
    app: Starlette, world: World, headers: dict[str, str]
) -> None:
    """Every page that changes something, with the login of somebody who may."""
    wrong = []
    for role in Role:
        async with as_role(app, world.own, role) as client:
            for row in _posts():
                if _who(row) is role:
                    path = address(row.path, world.own)
                    answer = await client.post(path, headers=headers)
                    if answer.status_code != 403:
                        wrong.append((path, answer.status_code))
    assert wrong == []


async def test_the_walk_reaches_every_page_that_changes_something() -> None:
    assert len(_posts()) > 60


@pytest.mark.parametrize(
    "value", ["%00", "a%00b", "%ed%a0%80", "%ff%fe", "%ef%bf%bf", "%e2%80%ae", "%1b%5b2J"]
)
async def test_bytes_that_are_no_text_break_nothing(
    app: Starlette, world: World, value: str
) -> None:
    """In every field of every form: what cannot be read is refused, never our failure."""
    names = (
        "email", "first_name", "last_name", "phone", "street", "city", "name", "reason", "words",
        "q", "next", "do", "title_en", "role", "language", "token", "code", "note", "other",
        "account", "nda_on", "ends_on", "company", "sure", "grade",
    )  # fmt: skip
    body = "&".join(f"{name}={value}" for name in names)
    wrong = []
    for role in Role:
        async with as_role(app, world.own, role) as client:
            for row in _posts():
                if _who(row) is role and row.path not in {"/logout", "/me/erase"}:
                    path = address(row.path, world.own)
                    answer = await client.post(path, content=body, headers=FORM)
                    unreadable = value.startswith(("%ed", "%ff")) and "options" not in path
                    if answer.status_code >= 500 or (unreadable and answer.status_code == 200):
                        wrong.append((path, answer.status_code))
    assert wrong == []


async def _calls(
    app: Starlette, world: World, more: Mapping[str, object]
) -> list[tuple[str, str, httpx.Response]]:
    """Every call of the API that takes a body: its example, and ``more``."""
    found = []
    async with as_role(app, world.own, None) as client:
        for row in route_table():
            for method in set(row.methods) - {"GET"} if row.api else ():
                body = example(row, method)
                role = next(each for each in SCOPES if row.granted(each))
                headers = {"Authorization": f"Bearer {world.own.tokens[role]}"}
                path = address(row.path, world.own)
                given = {**(body if isinstance(body, dict) else {}), **more}
                answer = await client.request(method, path, json=given, headers=headers)
                found.append((method, path, answer))
    return found


@pytest.mark.parametrize("name", EXTRA)
async def test_the_api_takes_no_field_that_it_does_not_name(
    app: Starlette, world: World, name: str
) -> None:
    before = await Grant.all().count(), await Account.all().count(), await Place.all().count()
    wrong = []
    for method, path, answer in await _calls(app, world, {name: EXTRA[name]}):
        if answer.status_code < 400 and not _names(path, name):
            wrong.append((method, path, answer.status_code))
        if answer.status_code >= 500:
            wrong.append((method, path, answer.status_code))
    assert wrong == []
    after = await Grant.all().count(), await Account.all().count(), await Place.all().count()
    assert after[1] - before[1] <= 1
    assert after[2] == before[2] or name in {"nda_on", "price_cents", "role"}


def _names(path: str, name: str) -> bool:
    """Staff's own calls do take some of these: a session's price, an account's role."""
    taken = {
        "accounts": {"role", "nda_on"},
        "sessions": {"price_cents", "status"},
        "events": {"status"},
    }
    return name in taken.get(path.split("/")[3], set())


async def test_more_fields_in_ones_own_form_change_nothing(app: Starlette, world: World) -> None:
    """A participant who sends the names of columns with the form of their own data."""
    own = world.own
    account = await Account.get(id=own.accounts[Role.PARTICIPANT])
    form = {
        "first_name": "Aino", "last_name": "Virtanen", "email": "aino-a@example.fi",
        "language": "en", "person_id": str(world.foreign.ids["person"]),
        "id": str(world.foreign.ids["person"]), **{k: str(v) for k, v in EXTRA.items()},
    }  # fmt: skip
    grants = await Grant.all().order_by("id").values()
    async with as_role(app, own, Role.PARTICIPANT) as client:
        assert (await client.post("/me/data", data=form)).status_code < 500
    assert await Grant.all().order_by("id").values() == grants
    again = await Account.get(id=account.id)
    assert (again.person_id, again.nda_on) == (account.person_id, account.nda_on)


async def test_a_name_sent_twice_opens_nothing(app: Starlette, world: World) -> None:
    """The last counts, everywhere: what is checked is what is used."""
    own, foreign = world.own.ids["company"], world.foreign.ids["company"]
    async with as_role(app, world.own, Role.COORDINATOR) as client:
        for first, second, status in ((own, foreign, 404), (foreign, own, 200)):
            answer = await client.get(f"/company?company={first}&company={second}")
            assert answer.status_code == status
            assert "b Oy" not in answer.text
    token = {"Authorization": f"Bearer {world.own.tokens[Role.COORDINATOR]}"}
    async with as_role(app, world.own, None) as client:
        path = f"/api/v1/qualifications?company={own}&company={foreign}"
        assert (await client.get(path, headers=token)).status_code in {403, 404}
