"""A repeated POST is answered twice and done once: header ``Idempotency-Key``."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.api.exchange import json_response
from registration.edge import Unreadable, identity, settings
from registration.enrolment.answers import Answer, answer_once
from registration.errors import FieldError
from registration.i18n import N_

HEADER = "Idempotency-Key"
LONGEST_KEY = 255

Work = Callable[[], Awaitable[tuple[int, BaseModel]]]


def submission_of(request: Request) -> str | None:
    """What names this submission for good, even when its answer was lost; None without a key."""
    key = _key(request)
    return _digest(request, b"key", _about(request, key).encode()) if key else None


async def once(request: Request, work: Work) -> Response:
    """The answer of ``work`` (its status and content); with a key the same one each time.

    The content must hold ids and states only, for it is kept for a day. Raises ``KeyReused``
    (422), ``StillRunning`` (409), ``Unreadable`` for a key that is none.
    """
    key = submission_of(request)
    if key is None:
        status, shown = await work()
        return json_response(shown.model_dump_json(), status=status)

    async def worked() -> Answer:
        made, said = await work()
        return Answer(made, said.model_dump_json())

    content = _digest(request, b"content", await request.body())
    found = await answer_once(key, content, worked, now=clock.now())
    headers = {"Idempotency-Replayed": "true"} if found.repeated else {}
    return json_response(found.body, status=found.status, headers=headers)


def _key(request: Request) -> str:
    key = request.headers.get(HEADER, "")
    if not key:
        return ""
    if len(key) > LONGEST_KEY or not key.isprintable() or not key.strip():
        raise Unreadable(
            FieldError(HEADER, "key", N_("Give a key of 1 to 255 characters, best a new UUID."))
        )
    return key


def _about(request: Request, key: str) -> str:
    """The key is the caller's own, for this address; anybody without a token is one caller."""
    who = identity(request)
    caller = str(who.account_id) if who else ""
    return "\n".join((caller, request.method, request.url.path, request.url.query, key))


def _digest(request: Request, what: bytes, content: bytes) -> str:
    """With the secret of this installation: nobody can try out what a request may have said."""
    secret = settings(request).secret.encode()
    return hmac.new(secret, what + b"\n" + content, sha256).hexdigest()
