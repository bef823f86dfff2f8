"""Answers to the pages' own script: the same words as a page's, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response

from registration.edge.problems import problem_of
from registration.errors import DomainError, FieldError
from registration.i18n import _


def by_script(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def told(said: Mapping[str, object], *, status: int = 200) -> Response:
    return Response(orjson.dumps(said), status_code=status, media_type="application/json")


def refusal_text(refused: DomainError) -> str:
    """What stands in the way of one person's row: the row's own fault says more than the whole."""
    errors: Sequence[FieldError] = getattr(refused, "errors", ())
    if errors:
        return _(errors[0].message, **errors[0].params)
    return problem_of(refused).detail


def told_refusal(refused: DomainError, **more: object) -> Response:
    return told({"text": refusal_text(refused), **more}, status=problem_of(refused).status)
