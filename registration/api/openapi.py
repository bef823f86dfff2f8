"""The API's description, made from the table of its operations and the shapes they take and give
(OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from uuid import UUID

import orjson
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from registration.accounts.rules import Role
from registration.api import (
    certificates,
    company,
    company_desk,
    feedback,
    invited,
    invoicing,
    manual,
    office,
    organiser,
    packs,
    public,
    requests,
    results,
    seatings,
    seats,
    staff,
    trainer,
    webhooks,
)
from registration.api.exchange import JSON, json_response
from registration.api.idempotency import HEADER, LONGEST_KEY
from registration.api.operation import WHO, Operation
from registration.api.samples import BODIES, sample
from registration.api.shapes import Problem
from registration.edge import ANYONE, Endpoint, get
from registration.edge import settings as settings_of
from registration.edge.call import API
from registration.i18n import N_, _, language
from registration.settings import Settings
from registration.teaching.rules import PackPurpose

Schema = Mapping[str, object]

_GENERIC = re.compile(r"Page_(\w+?)_(?=\")")
PROBLEM_JSON = "application/problem+json"
REFS = "#/components/schemas/{model}"
TOKENS = {Role.COORDINATOR: "company"}

SAID = {
    400: N_("The request cannot be read."),
    401: N_("A token is needed, or it is not known."),
    403: N_("The token's role does not open this, or another site's page sent it."),
    404: N_("There is no such thing, or it is not yours."),
    409: N_("The state of things stands in the way; “code” says what."),
    413: N_("The body is too large."),
    414: N_("The address is too long."),
    415: N_("The body is not JSON."),
    422: N_("Something needs a correction; “errors” says which field and why."),
    429: N_("Too many requests; “Retry-After” says how many seconds to wait."),
    431: N_("The headers are too large."),
}
# By the fence around every call: what is in its address, its headers, its token.
ALWAYS = (400, 401, 414, 429, 431)
ABOUT = N_(
    "Errors are problem+json with errors by field. Lists hold “items” and “next”, a cursor or "
    "null. Texts for people are maps by language; times bear their offset; ids are UUIDs. Each "
    "POST may bear an Idempotency-Key: sent again with the same content it is answered again and "
    "not done again."
)


async def show(request: Request) -> Response:
    return json_response(orjson.dumps(document(settings_of(request))))


DESCRIPTION = Operation(
    method="GET",
    path="/openapi.json",
    handler=show,
    access=ANYONE,
    who="anyone",
    summary=N_("This description"),
)

OPERATIONS: tuple[Operation, ...] = (
    *public.OPERATIONS,
    *company.OPERATIONS,
    *company_desk.OPERATIONS,
    *webhooks.OPERATIONS,
    *trainer.OPERATIONS,
    *invited.OPERATIONS,
    *packs.OPERATIONS,
    *organiser.OPERATIONS,
    *staff.OPERATIONS,
    *results.OPERATIONS,
    *office.OPERATIONS,
    *seats.OPERATIONS,
    *seatings.OPERATIONS,
    *invoicing.OPERATIONS,
    *certificates.OPERATIONS,
    *requests.OPERATIONS,
    *feedback.OPERATIONS,
    DESCRIPTION,
)


def document(settings: Settings) -> dict[str, object]:
    """The whole description, its words in the language now spoken; do not change it."""
    return _document(language(), settings.organisation.name, settings.base_url)


@cache
def _document(_language: str, organisation: str, base_url: str) -> dict[str, object]:
    refs, schemas = _schemas()
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        described = _described(operation, refs, schemas)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{organisation}: {_('registration for trainings and events')}",
            "version": version("registration"),
            "description": _(ABOUT),
        },
        "servers": [{"url": f"{base_url}{API}"}],
        "tags": [{"name": who, "description": _(name)} for who, name in WHO.items()],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


Refs = Mapping[tuple[type[BaseModel], JsonSchemaMode], Schema]


def _schemas() -> tuple[Refs, Schema]:
    """Where each shape stands in the document, and all of them."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(Problem, "serialization"): None}
    for operation in OPERATIONS:
        wanted |= {(body, "validation"): None for body in operation.bodies}
        wanted |= {(shown, "serialization"): None for shown in operation.answers}
    refs, schema = models_json_schema(list(wanted), ref_template=REFS)
    named: dict[tuple[type[BaseModel], JsonSchemaMode], Schema] = {
        (shape, mode): _named(refs[shape, mode]) for shape, mode in wanted
    }
    return named, _named(schema["$defs"])


def _named(schema: Schema) -> Schema:
    """Lists are called ``SessionPage``, not ``Page_Session_``."""
    text = _GENERIC.sub(r"\1Page", orjson.dumps(schema).decode())
    named = orjson.loads(text)
    assert isinstance(named, dict)  # noqa: S101 -- narrows the type for mypy
    return named


def _described(operation: Operation, refs: Refs, schemas: Schema) -> dict[str, object]:
    roles = sorted(TOKENS.get(role, role.value) for role in operation.access.roles)
    said: dict[str, object] = {
        "operationId": operation.name,
        "tags": [operation.who],
        "summary": _(operation.summary),
        "description": _(operation.text) if operation.text else "",
        "security": [{}, {"bearer": []}] if operation.access.anyone else [{"bearer": []}],
        "x-tokens": roles,
        "parameters": [*_path(operation), *_query(operation), *_headers(operation)],
        "responses": {
            str(operation.status): _answer(operation, refs, schemas),
            **{
                str(status): _problem(status, refs)
                for status in sorted(set(_refusals(operation, roles)))
            },
        },
    }
    if operation.bodies:
        schema = _one_of([refs[body, "validation"] for body in operation.bodies])
        said["requestBody"] = {
            "required": True,
            "content": {JSON: {**_shown(schema, schemas), **_body_example(operation)}},
        }
    return said


def _refusals(operation: Operation, roles: Sequence[str]) -> Iterable[int]:
    yield from ALWAYS
    if roles or operation.method != "GET":
        yield 403
    if "{" in operation.path or _asks_for_one(operation):
        yield 404
    if operation.conflicts or operation.method == "POST":
        yield 409
    if operation.method != "GET":
        yield from (413, 415, 422)
    elif operation.query is not None:
        yield 422


def _asks_for_one(operation: Operation) -> bool:
    """Whether the query names a thing by its id, which may not be there."""
    fields = operation.query.model_fields.values() if operation.query else ()
    return any(field.annotation == UUID | None for field in fields)


def _answer(operation: Operation, refs: Refs, schemas: Schema) -> Schema:
    said: dict[str, object] = {"description": _("Done.")}
    shown = [refs[each, "serialization"] for each in operation.answers]
    if shown:
        said["content"] = {JSON: _shown(_one_of(shown), schemas)}
    elif operation.files:
        said["content"] = {kind: {} for kind in operation.files}
    else:
        said["content"] = {JSON: {"schema": {"type": "object"}}}
    return said


def _body_example(operation: Operation) -> Schema:
    given = BODIES.get(operation.bodies[0])
    return {"example": given} if given else {}


def _shown(schema: Schema, schemas: Schema) -> Schema:
    return {"schema": schema, "example": sample(schema, schemas)}


def _problem(status: int, refs: Refs) -> Schema:
    schema = refs[Problem, "serialization"]
    return {"description": _(SAID[status]), "content": {PROBLEM_JSON: {"schema": schema}}}


def _one_of(schemas: Sequence[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"oneOf": list(schemas)}


def _path(operation: Operation) -> list[Schema]:
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(name, operation)}
        for name in names
    ]


def _path_schema(name: str, operation: Operation) -> Schema:
    if name == "purpose":
        return {"type": "string", "enum": [purpose.value for purpose in PackPurpose]}
    if operation.path.startswith(("/events", "/trainings")):
        return {"type": "string", "description": _("An id or a slug.")}
    return {"type": "string", "format": "uuid"}


def _query(operation: Operation) -> list[Schema]:
    if operation.query is None:
        return []
    schema = operation.query.model_json_schema(mode="validation")
    return [
        {"name": name, "in": "query", "required": False, "schema": _plain(of)}
        for name, of in schema.get("properties", {}).items()
    ]


def _plain(schema: Mapping[str, object]) -> Schema:
    return {key: value for key, value in schema.items() if key != "title"}


def _headers(operation: Operation) -> list[Schema]:
    if operation.method != "POST":
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}
    return [{"name": HEADER, "in": "header", "required": False, "schema": schema}]


async def page(request: Request) -> Response:
    return manual.page(request, document(settings_of(request)))


ROUTES: tuple[Endpoint, ...] = (get("/api", page, ANYONE, name="api"),)
