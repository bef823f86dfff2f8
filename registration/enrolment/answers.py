"""A POST that bears a key is done once: its repeat gets the same answer (IETF draft
``Idempotency-Key``).

Kept are a key that says nothing by itself, keyed hashes, and an answer of ids and states: never a
diet, and nothing of a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from registration.db import transaction
from registration.enrolment.models import StoredAnswer
from registration.errors import Conflict, FieldError, Invalid
from registration.i18n import N_
from registration.people.service import once_more

KEPT_FOR = timedelta(hours=24)
REFUSED_FROM = 400


class KeyReused(Invalid):
    message = N_("This Idempotency-Key was sent before with another content. Use a new key.")

    def __init__(self) -> None:
        super().__init__(FieldError("Idempotency-Key", "key_reused", self.message))


class StillRunning(Conflict):
    message = N_("The request with this Idempotency-Key is still being done. Ask again soon.")


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is the protocol's; ``body`` holds ids and states. ``repeated``: of an earlier
    request, nothing was done again."""

    status: int
    body: str
    repeated: bool = False


_running: set[str] = set()


async def answer_once(
    key: str, request_digest: str, work: Callable[[], Awaitable[Answer]], *, now: datetime
) -> Answer:
    """What ``work`` did and its answer stand together, or neither; a refusal is not kept.

    ``key`` and ``request_digest`` are hex digests of 64 characters. Raises ``KeyReused``,
    ``StillRunning``, and what ``work`` raises. Another process's repeat waits where it must, and
    then has the stored answer.
    """
    if key in _running:
        raise StillRunning
    _running.add(key)
    try:
        known = await _known(key, request_digest, now=now)
        return known or await _answer(key, request_digest, work, now=now)
    finally:
        _running.discard(key)


@once_more
async def _answer(
    key: str, request_digest: str, work: Callable[[], Awaitable[Answer]], *, now: datetime
) -> Answer:
    try:
        async with transaction():
            known = await _known(key, request_digest, now=now)
            if known is not None:
                return known
            made = await work()
            if made.status < REFUSED_FROM:
                await StoredAnswer.filter(key=key, created_at__lte=now - KEPT_FOR).delete()
                await StoredAnswer.create(
                    key=key,
                    request_digest=request_digest,
                    status=made.status,
                    body=made.body,
                    created_at=now,
                )
        return made
    except IntegrityError:
        known = await _known(key, request_digest, now=now)
        if known is None:
            raise
        return known


async def _known(key: str, request_digest: str, *, now: datetime) -> Answer | None:
    row = await StoredAnswer.get_or_none(key=key, created_at__gt=now - KEPT_FOR)
    if row is None or row.status is None:
        return None
    if row.request_digest != request_digest:
        raise KeyReused
    return Answer(row.status, row.body, repeated=True)


async def drop_old(*, now: datetime) -> int:
    """Answers of more than a day ago are gone; says how many."""
    async with transaction():
        return await StoredAnswer.filter(created_at__lte=now - KEPT_FOR).delete()
