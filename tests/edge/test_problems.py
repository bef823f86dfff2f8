from __future__ import annotations

import json
import logging

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from registration.accounts.rules import Role
from registration.app import create_app
from registration.edge import ANYONE, Endpoint, get, path_id, post, read_json, require, roles
from registration.edge.log import configure, described
from registration.edge.routes import build, table
from registration.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from registration.settings import Settings
from tests.builders import log_in, make_account
from tests.conftest import browser

PLANTED = "Aino Virtanen aino@example.fi"


class Full(Conflict):
    message = "No seats are left of {seats}."


async def refuse(request: Request) -> Response:
    errors = {
        "missing": NotFound(),
        "forbidden": Forbidden(),
        "full": Full(seats=5),
        "invalid": Invalid(FieldError("person.email", "email", "Write it as name@company.fi.")),
    }
    raise errors[request.path_params["kind"]]


async def fail(_request: Request) -> Response:
    raise ValueError(PLANTED)


async def echo(request: Request) -> Response:
    return Response(json.dumps(await read_json(request)))


async def mine(request: Request) -> Response:
    return Response(require(request).name)


async def one(request: Request) -> Response:
    return Response(str(path_id(request)))


ROUTES = (
    get("/test/refuse/{kind}", refuse, ANYONE),
    get("/api/v1/refuse/{kind}", refuse, ANYONE),
    get("/test/fail/{secret}", fail, ANYONE),
    get("/api/v1/fail", fail, ANYONE),
    post("/api/v1/echo", echo, ANYONE),
    get("/test/staff", mine, roles(Role.STAFF)),
    get("/test/things/new", mine, ANYONE),
    get("/test/things/{id}", one, ANYONE),
    get("/api/v1/staff", mine, roles(Role.STAFF)),
)


@pytest.fixture
async def here(settings: Settings):  # type: ignore[no-untyped-def]
    app = create_app(settings, run_jobs=False)
    app.router.routes.extend(build(ROUTES))
    async with app.router.lifespan_context(app), browser(app) as client:
        yield client


KINDS = [("missing", 404), ("forbidden", 403), ("full", 409), ("invalid", 422)]


@pytest.mark.parametrize(("kind", "status"), KINDS)
async def test_refusals_have_a_status_on_both_faces(
    here: httpx.AsyncClient, kind: str, status: int
) -> None:
    page = await here.get(f"/test/refuse/{kind}")
    assert (page.status_code, page.headers["content-type"]) == (status, "text/html; charset=utf-8")
    problem = await here.get(f"/api/v1/refuse/{kind}")
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == status


async def test_problem_says_all_that_is_wrong(here: httpx.AsyncClient) -> None:
    assert (await here.get("/api/v1/refuse/invalid")).json()["errors"] == [
        {"field": "person.email", "code": "email", "message": "Write it as name@company.fi."}
    ]
    full = (await here.get("/api/v1/refuse/full")).json()
    assert (full["code"], full["detail"]) == ("full", "No seats are left of 5.")


@pytest.mark.parametrize("path", ["/test/fail/eero?q=laine", "/api/v1/fail"])
async def test_failure_says_and_logs_nothing_of_a_person(
    here: httpx.AsyncClient, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    configure("debug")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the browser of this test
    try:
        answer = await here.get(path)
    finally:
        root.handlers, root.level = handlers, level
    logged = capfd.readouterr().err
    assert answer.status_code == 500
    for part in (*PLANTED.split(), "Traceback"):
        assert part not in answer.text
    for part in (*PLANTED.split(), "Traceback", "eero", "laine"):
        assert part not in logged
    lines = [json.loads(line) for line in logged.splitlines()]
    failed = next(line for line in lines if line["event"] == "failed")
    assert failed["error"] == ["builtins.ValueError"]
    assert failed["incident"] in answer.text
    request = next(line for line in lines if line["event"] == "request")
    assert request["route"] in {"/test/fail/{secret}", "/api/v1/fail"}
    assert set(request) == {"event", "level", "timestamp", "method", "route", "status", "ms"}


async def test_causes_are_named_without_their_texts() -> None:
    try:
        try:
            raise KeyError(PLANTED)
        except KeyError as cause:
            raise ValueError(PLANTED) from cause
    except ValueError as error:
        said = described(error)
    assert said["error"] == ["builtins.ValueError", "builtins.KeyError"]
    assert PLANTED not in str(said)


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"a": "\\u0000"}', b"\xff"])
async def test_api_refuses_what_is_no_object(here: httpx.AsyncClient, body: bytes) -> None:
    answer = await here.post("/api/v1/echo", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unreadable")


async def test_routes_are_closed_without_the_role(here: httpx.AsyncClient) -> None:
    led = await here.get("/test/staff?a=b")
    assert (led.status_code, led.headers["location"]) == (
        303,
        "/login?next=%2Ftest%2Fstaff%3Fa%3Db",
    )
    assert (await here.get("/api/v1/staff")).status_code == 401
    await log_in(here, await make_account(Role.TRAINER))
    assert (await here.get("/test/staff")).status_code == 403
    await log_in(here, await make_account(Role.STAFF))
    assert (await here.get("/test/staff")).text == "Sari Staff"
    assert (await here.get("/api/v1/staff")).status_code == 401


async def test_malformed_ids_are_not_found(here: httpx.AsyncClient) -> None:
    assert (await here.get("/test/things/1")).status_code == 404
    assert (await here.get("/test/things/new")).status_code == 303


async def test_wrong_method_names_the_right_ones(here: httpx.AsyncClient) -> None:
    answer = await here.post("/test/staff")
    assert answer.status_code == 405
    assert sorted(answer.headers["allow"].split(", ")) == ["GET", "HEAD"]


def test_route_cannot_be_declared_twice() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        build([*ROUTES, get("/test/staff", mine, ANYONE)])


def test_route_cannot_be_declared_without_access() -> None:
    with pytest.raises(TypeError):
        Endpoint(path="/x", handler=mine)  # type: ignore[call-arg]


def test_table_says_who_may_call() -> None:
    rows = {row.path: str(row.access) for row in table(ROUTES)}
    assert rows["/test/staff"] == "staff"
    assert rows["/api/v1/echo"] == "anyone"
