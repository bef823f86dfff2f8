"""JSON in and out: what a handler reads from a request, and how it answers."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import db
from registration.edge import Stop, Unreadable, identity, read_json
from registration.edge.routes import Handler
from registration.errors import FieldError
from registration.forms import MESSAGES, parse
from registration.i18n import N_

Q = TypeVar("Q", bound=BaseModel)

JSON = "application/json"
LIFE_SECONDS = 1.0
MOST_KEPT = 500
LONGEST_QUERY = 300


def asked(request: Request, query: type[Q]) -> Q:
    """The query of the address; an empty value counts as absent. Raises ``Refused``."""
    given = {name: value for name, value in request.query_params.items() if value != ""}
    return parse(query, given)


async def read_body(request: Request) -> dict[str, object]:
    """The JSON object that was sent; an empty body is an empty object.

    Raises ``Stop`` (415, 413) and ``Unreadable`` (400).
    """
    if not await request.body():
        return {}
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Stop(
            415,
            "unsupported_media_type",
            N_("Send JSON, and say so: Content-Type: application/json."),
        )
    return await read_json(request)


async def read_nothing(request: Request) -> None:
    """For calls whose path says it all: no body, or an empty object. Raises as ``read_body``."""
    given = await read_body(request)
    if given:
        field = next(iter(given))[:80]
        raise Unreadable(FieldError(field, "extra_forbidden", MESSAGES["extra_forbidden"]))


def answer(shown: BaseModel, *, status: int = 200) -> Response:
    return json_response(shown.model_dump_json(), status=status)


def json_response(
    body: str | bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(body, status_code=status, media_type=JSON, headers=dict(headers or {}))


class Kept:
    """Public lists of one application, for a moment: until this process changes the catalogue, and
    at most ``LIFE_SECONDS``; the seats in them are as old as they are."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[tuple[str, str, int], tuple[float, bytes]] = OrderedDict()

    def find(self, key: tuple[str, str, int]) -> bytes | None:
        until, body = self._bodies.get(key, (0.0, b""))
        return body if until > time.monotonic() else None

    def keep(self, key: tuple[str, str, int], body: bytes) -> None:
        self._bodies[key] = time.monotonic() + LIFE_SECONDS, body
        while len(self._bodies) > MOST_KEPT:
            self._bodies.popitem(last=False)


def kept(handler: Handler) -> Handler:
    """``handler`` of a list, answering callers without a token from what is kept."""

    async def answered(request: Request) -> Response:
        query = request.url.query
        if identity(request) is not None or len(query) > LONGEST_QUERY:
            return await handler(request)
        store, generation = _kept(request), db.generation()
        key = request.url.path, query, generation
        body = store.find(key)
        if body is None:
            response = await handler(request)
            if response.status_code != 200 or db.generation() != generation:
                return response
            body = bytes(response.body)
            store.keep(key, body)
        return json_response(body, headers={"Cache-Control": "public, max-age=1"})

    return answered


def _kept(request: Request) -> Kept:
    state = request.app.state
    if not hasattr(state, "api_answers"):
        state.api_answers = Kept()
    found = state.api_answers
    assert isinstance(found, Kept)  # noqa: S101 -- narrows the type for mypy
    return found
