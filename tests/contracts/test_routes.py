"""Every route, called as everybody: what is not granted is refused, and nothing breaks (P14)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from registration import clock
from registration.accounts.rules import Role, Scope
from registration.accounts.tokens import add_token
from registration.app import create_app, route_table
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.edge.routes import TableRow
from registration.settings import Settings
from tests.builders import log_in, make_account, make_participant
from tests.conftest import browser

# What these routes show is public, or is a secret that whoever knows it may use.
OPEN = {
    "/", "/trainings/{slug}", "/sessions/{id}", "/sessions/{id}/enrol", "/events/{slug}",
    "/events/{slug}/register", "/calendar/{token}.ics", "/verify", "/verify/{token}",
    "/verify/key.pem", "/verify/check", "/verify/status/{number}", "/.well-known/jwks.json",
    "/.well-known/did.json", "/privacy", "/privacy/details", "/privacy/versions",
    "/privacy/versions/{number}", "/accessibility", "/login", "/login/{secret}",
    "/login/passkey",
    "/login/passkey/options", "/login/sso", "/login/sso/callback", "/healthz",
    "/readyz", "/metrics", "/brand.css", "/brand/logo", "/favicon.ico", "/favicon.svg",
    "/kitchen/{token}", "/kitchen/{token}/sheet.pdf", "/company/apply", "/company/apply/sent",
    "/newsletter", "/newsletter/asked", "/consent/{token}", "/unsubscribe/{token}",
    "/offers/{token}", "/interest/{token}", "/trainings/{slug}/interest",
    "/enrolled/{token}", "/enrolled/{token}/object",
    "/feedback/thanks", "/feedback/{token}", "/feedback/{token}/screen",
    "/feedback/{token}/code.svg",
    "/dev/mail", "/dev/mail/{id}", "/dev/mail/{id}/body", "/patterns", "/api",
}  # fmt: skip
OPEN_API = {
    "/api/v1/openapi.json", "/api/v1/trainings", "/api/v1/trainings/{id}", "/api/v1/sessions",
    "/api/v1/sessions/{id}", "/api/v1/events", "/api/v1/events/{id}",
    "/api/v1/sessions/{id}/enrolments", "/api/v1/events/{id}/registrations",
    "/api/v1/trainings/{id}/interest",
}  # fmt: skip
SCOPES = {
    Role.STAFF: Scope.STAFF,
    Role.ORGANISER: Scope.ORGANISER,
    Role.COORDINATOR: Scope.COMPANY,
    Role.TRAINER: Scope.TRAINER,
}
REFUSED = {303, 401, 403, 404}
WITH_BODY = {"POST", "PUT", "PATCH"}


def _address(path: str) -> str:
    """The route with ids and words of nothing that exists."""
    filled = re.sub(r"\{(slug|token|secret|purpose|format)\}", "nothing", path)
    return re.sub(r"\{[a-z_]+\}", str(uuid4()), filled)


def _granted(row: TableRow, role: Role | None) -> bool:
    if row.access.anyone:
        return True
    return role is not None and (not row.access.roles or role in row.access.roles)


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[tuple[Starlette, dict[Role, object]]]:
    """Somebody of every role, each with a browser that is logged in and a token."""
    app = create_app(settings.model_copy(update={"demo": True}), run_jobs=False)
    async with app.router.lifespan_context(app):
        now = clock.now()
        company = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=now)
        accounts = {}
        for role in SCOPES:
            email = f"{role}@example.fi"
            scope = company if role is Role.COORDINATOR else None
            accounts[role] = await make_account(role, email, company_id=scope)
        _person, accounts[Role.PARTICIPANT] = await make_participant("me@example.fi")
        yield app, dict(accounts)


def test_only_the_routes_that_are_named_here_are_open_to_anyone() -> None:
    found = {row.path for row in route_table() if row.access.anyone}
    assert found <= OPEN | OPEN_API, f"open without a decision: {found - OPEN - OPEN_API}"


@pytest.mark.promise("P14")
@pytest.mark.parametrize("role", [None, *Role])
async def test_each_page_as_each_role(
    house: tuple[Starlette, dict[Role, object]], role: Role | None
) -> None:
    app, accounts = house
    async with browser(app) as client:
        if role is not None:
            await log_in(client, accounts[role])  # type: ignore[arg-type]  # ids by role
        wrong = []
        for row in route_table():
            if row.api or row.path in {"/logout", "/me/erase"}:
                continue
            for method in row.methods:
                answer = await client.request(method, _address(row.path))
                if not _right(answer, granted=_granted(row, role)):
                    wrong.append((method, row.path, answer.status_code))
    assert wrong == []


@pytest.mark.promise("P14")
@pytest.mark.parametrize("role", [None, *SCOPES])
async def test_each_call_of_the_api_as_each_scope(
    house: tuple[Starlette, dict[Role, object]], role: Role | None
) -> None:
    app, _accounts = house
    headers = {}
    if role is not None:
        email = f"{role}@example.fi"
        token = await add_token(email, SCOPES[role], days=1, now=clock.now())
        headers["Authorization"] = f"Bearer {token}"
    async with browser(app) as client:
        wrong = []
        for row in route_table():
            if not row.api:
                continue
            for method in row.methods:
                body: dict[str, str] | None = {} if method in WITH_BODY else None
                answer = await client.request(
                    method, _address(row.path), json=body, headers=headers
                )
                fine = _right(answer, granted=_granted(row, role))
                said = answer.status_code < 400 or answer.headers["content-type"].startswith(
                    "application/problem+json"
                )
                if not fine or not said:
                    wrong.append((method, row.path, answer.status_code))
    assert wrong == []


def _right(answer: httpx.Response, *, granted: bool) -> bool:
    if answer.status_code >= 500:
        return False
    if granted:
        return answer.status_code != 401
    to_login = answer.headers.get("location", "").startswith("/login")
    return answer.status_code in REFUSED and (answer.status_code != 303 or to_login)


async def test_a_token_opens_no_page_and_a_login_opens_no_api(
    house: tuple[Starlette, dict[Role, object]],
) -> None:
    app, accounts = house
    token = await add_token("staff@example.fi", Scope.STAFF, days=1, now=clock.now())
    async with browser(app) as client:
        answer = await client.get("/company", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 303
        await log_in(client, accounts[Role.STAFF])  # type: ignore[arg-type]  # ids by role
        api = [row.path for row in route_table() if row.api and not row.access.anyone]
        for path in api[:5]:
            assert (await client.get(_address(path))).status_code in {401, 405}
