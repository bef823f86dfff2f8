"""Requests made from the description itself: what comes back is as described, whatever is sent.

``REGISTRATION_EXAMPLES`` says how many per operation; more find more.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from registration.accounts.rules import Role
from registration.api.openapi import OPERATIONS, document
from registration.api.operation import Operation
from registration.edge.call import API
from tests.attacks.world import World, build, living
from tests.conftest import ORIGIN

EXAMPLES = int(os.environ.get("REGISTRATION_EXAMPLES", "6"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# Which id of the world fits a parameter or a field of that name.
KINDS = {
    "account": "account",
    "company": "company",
    "enrolment": "taken",
    "event": "event",
    "person": "person",
    "recipient": "recipient",
    "session": "session",
    "training": "training",
    "venue": "venue",
}
ROLES = (None, Role.STAFF, Role.ORGANISER, Role.COORDINATOR, Role.TRAINER)


@dataclass(frozen=True, slots=True)
class Bench:
    """The application in a loop of its own, and the world that it holds."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    world: World
    schema: schemathesis.schemas.BaseSchema

    def send(self, case: Case[Any], role: Role | None) -> None:
        """Raises what is wrong with the answer."""
        given = case.as_transport_kwargs(base_url=ORIGIN + API)
        headers = dict(given.pop("headers"))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.world.own.tokens[role]}"
        content: dict[str, Any] = {
            name: given[name] for name in ("json", "data", "params") if name in given
        }
        if isinstance(content.get("data"), str | bytes):
            content["content"] = content.pop("data")
        answer = self.runner.run(
            self.client.request(given["method"], given["url"], headers=headers, **content)
        )
        case.validate_response(answer, checks=CHECKS)

    def real(self, name: str, path: str) -> str | None:
        """An id of the world that fits there."""
        kind = KINDS.get(name)
        if name == "id":
            kind = next((each for part, each in PLACES if part in path), None)
        return str(self.world.own.ids[kind]) if kind else None


PLACES = (
    ("/teaching/", "taught"),
    ("/sessions/", "session"),
    ("/events/", "event"),
    ("/enrolments/", "employee"),
    ("/trainings/", "training"),
    ("/companies/", "company"),
    ("/recipients/", "recipient"),
    ("/venues/", "venue"),
    ("/requests/", "request"),
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Iterator[Bench]:
    world = build(tmp_path_factory.mktemp("generated"), migrated)
    house = world.settings(tmp_path_factory.mktemp("served"))
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        app = runner.run(stack.enter_async_context(living(house)))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN)
        own = deepcopy(document(house))  # examples are filled into it
        yield Bench(runner, client, world, schemathesis.openapi.from_dict(own))
        runner.run(client.aclose())
        runner.run(stack.aclose())


# What ends things comes last.
ENDS = ("/cancel", "/lock", "/decline", "/withdraw")
ORDER = sorted(OPERATIONS, key=lambda each: each.path.endswith(ENDS))


@pytest.mark.parametrize("operation", ORDER, ids=lambda each: each.name)
def test_answers_are_as_described(bench: Bench, operation: Operation) -> None:
    described = bench.schema[operation.path][operation.method]
    known = [role for role in ROLES if role and role in operation.access.roles]
    callers: list[Role | None] = [*ROLES, *(known * 3)]
    if not known:
        callers += [None, Role.STAFF]
    cases = described.as_strategy(GenerationMode.POSITIVE)
    if operation.bodies or operation.query or "{" in operation.path:
        cases = cases | described.as_strategy(GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=cases,
        role=strategies.sampled_from(callers),
        real=strategies.sampled_from((True, True, False)),
    )
    def walk(case: Case[Any], role: Role | None, real: bool) -> None:
        if real:
            for name in case.path_parameters or {}:
                found = bench.real(name, operation.path)
                if found:
                    case.path_parameters[name] = found
            if isinstance(case.body, dict):
                for name in set(case.body) & set(KINDS):
                    case.body[name] = bench.real(name, operation.path)
        bench.send(case, role)

    walk()
