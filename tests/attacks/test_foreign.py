"""Every route as every role, with what is one's own and with what is somebody else's (P3, P7,
P14): what is not granted is refused, and nothing of the other side is shown."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from registration.accounts.rules import Role
from registration.app import route_table
from registration.edge import Of
from registration.edge.routes import TableRow
from tests.attacks.addresses import address, example, ids_in, with_foreign
from tests.attacks.world import OPEN_KINDS, SCOPES, Side, World, as_role

SCOPED = {Of.ACCOUNT, Of.PERSON, Of.COMPANY, Of.SESSION, Of.EVENT}
REFUSED = {401, 403, 404}
# These end the login that is walked with.
ENDING = {"/logout", "/me/erase"}
# What only the other side may read.
FOREIGN_WORDS = ("Employeeb", "aino-b@", "eero-b@", "sami-b@", "coordinator b", "b Oy")


def _rows(*, api: bool) -> list[tuple[TableRow, str]]:
    """Each route and method; what only shows comes first, since the others may end things."""
    found = [
        (row, method)
        for row in route_table()
        for method in row.methods
        if row.api is api and row.path not in ENDING
    ]
    return sorted(found, key=lambda each: each[1] != "GET")


def _refused(answer: httpx.Response) -> bool:
    to_login = answer.headers.get("location", "").startswith("/login")
    return answer.status_code in REFUSED or (answer.status_code == 303 and to_login)


def _silent(answer: httpx.Response) -> bool:
    return not any(word in answer.text for word in FOREIGN_WORDS)


async def _call(
    client: httpx.AsyncClient, row: TableRow, method: str, path: str, token: str = ""
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if row.api and method != "GET":
        body = example(row, method)
        return await client.request(method, path, headers=headers, json=body)
    return await client.request(method, path, headers=headers)


def _token(side: Side, row: TableRow, role: Role | None) -> str:
    return side.tokens[role] if row.api and role is not None else ""


@pytest.mark.promise("P14")
@pytest.mark.parametrize(
    ("role", "api"),
    [*((role, False) for role in (None, *Role)), *((role, True) for role in (None, *SCOPES))],
)
async def test_what_is_not_granted_is_refused(
    app: Starlette, world: World, role: Role | None, api: bool
) -> None:
    wrong = []
    async with as_role(app, world.own, None if api else role) as client:
        for row, method in _rows(api=api):
            granted = row.granted(role)
            path = address(row.path, world.own)
            answer = await _call(client, row, method, path, _token(world.own, row, role))
            fine = answer.status_code < 500 and (
                _refused(answer) if granted is None else answer.status_code != 401
            )
            if not fine:
                wrong.append((method, path, answer.status_code))
    assert wrong == []


@pytest.mark.promise("P3")
@pytest.mark.promise("P7")
@pytest.mark.promise("P14")
@pytest.mark.parametrize("role", [Role.ORGANISER, Role.COORDINATOR, Role.TRAINER, Role.PARTICIPANT])
async def test_the_other_sides_ids_open_nothing(app: Starlette, world: World, role: Role) -> None:
    """Each id of the other side, of whatever kind, in each place where an id stands."""
    own, wrong, asked = world.own, [], 0
    async with as_role(app, own, role) as page, as_role(app, own, None) as program:
        for row, method in _rows(api=False) + (_rows(api=True) if role in SCOPES else []):
            if row.granted(role) not in SCOPED:
                continue
            client = program if row.api else page
            for kind, path in with_foreign(row, own, world.foreign):
                if kind in OPEN_KINDS and _is_open(row):
                    continue
                asked += 1
                answer = await _call(client, row, method, path, _token(own, row, role))
                if not (_refused(answer) and _silent(answer)):
                    wrong.append((method, path, kind, answer.status_code))
    assert asked > 50
    assert wrong == []


def _is_open(row: TableRow) -> bool:
    """A coordinator may look at any session, and enrol their own people on it."""
    return row.path.startswith(("/company/sessions/", "/api/v1/sessions/{id}/seats"))


async def test_staff_see_no_diets_of_events_that_they_do_not_organise(
    app: Starlette, world: World
) -> None:
    async with as_role(app, world.own, Role.STAFF) as client:
        for side in world.sides.values():
            for part in ("diets", "kitchen"):
                event = side.ids["event"]
                answer = await client.get(f"/staff/events/{event}/{part}")
                assert answer.status_code in {403, 404}, part
                token = {"Authorization": f"Bearer {world.own.tokens[Role.STAFF]}"}
                answer = await client.get(f"/api/v1/events/{event}/{part}", headers=token)
                assert answer.status_code == 403


async def test_the_walk_has_a_control(app: Starlette, world: World) -> None:
    """One's own ids do open what the other side's do not: else the walk would show nothing."""
    opened = {
        Role.ORGANISER: "/staff/events/{event}/diets",
        Role.COORDINATOR: "/company/uploads/{upload}",
        Role.TRAINER: "/trainer/sessions/{taught}",
        Role.PARTICIPANT: "/me/places/{guest}/diet",
    }
    for role, path in opened.items():
        statuses = []
        async with as_role(app, world.own, role) as client:
            for side in world.sides.values():
                answer = await client.get(path.format(**side.ids))
                statuses.append(answer.status_code)
        assert statuses in ([200, 404], [200, 403]), role


def test_every_route_with_an_id_says_whose_it_is() -> None:
    """What is declared for more than one person's data and takes an id is scoped or staff's."""
    for row in route_table():
        if ids_in(row.path) and not row.access.anyone:
            assert {row.granted(role) for role in Role} - {None} <= SCOPED | {Of.ALL}, row.path
