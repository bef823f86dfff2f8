"""Lists in parts: a page of items, and the cursor that leads to the next one.

A cursor is the sort key of the last item, in base64; it grants nothing, and whatever does not read
as a key of the list at hand is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Generic, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from registration.edge import Unreadable
from registration.errors import FieldError
from registration.forms import Command
from registration.i18n import N_

T = TypeVar("T")
S = TypeVar("S")

LONGEST_CURSOR = 600


class PageQuery(Command):
    """``cursor`` is the ``next`` of the page before."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=LONGEST_CURSOR)] = ""


class Page(BaseModel, Generic[S]):
    """``next`` is the cursor of the following page, null on the last one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: tuple[S, ...]
    next: str | None


def page(lines: Sequence[T], limit: int, *, key: Callable[[T], tuple[str, ...]]) -> Page[T]:
    """The first ``limit`` of ``lines``, which were asked for with one to spare."""
    kept = tuple(lines[:limit])
    more = len(lines) > limit and bool(kept)
    return Page[T].model_construct(items=kept, next=write(key(kept[-1])) if more else None)


def page_of(
    lines: Sequence[T], asked: PageQuery, *, key: Callable[[T], tuple[str, ...]]
) -> Page[T]:
    """The page of a whole list that ``asked`` names, for short lists; it is ordered by ``key``."""
    ordered = sorted(lines, key=key)
    if asked.cursor:
        size = len(key(ordered[0])) if ordered else 1
        after = read(asked.cursor, size) if ordered else ()
        ordered = [line for line in ordered if key(line) > after]
    return page(ordered[: asked.limit + 1], asked.limit, key=key)


def write(key: tuple[str, ...]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def read(cursor: str, size: int) -> tuple[str, ...]:
    """The key of ``size`` parts in a cursor. Raises ``Unreadable`` (400)."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    if not isinstance(key, list) or len(key) != size:
        raise bad_cursor()
    if not all(isinstance(part, str) for part in key):
        raise bad_cursor()
    return tuple(key)


def after_id(asked: PageQuery) -> UUID | None:
    """The last id that was seen, of lists by id. Raises ``Unreadable``."""
    if not asked.cursor:
        return None
    try:
        return UUID(read(asked.cursor, 1)[0])
    except ValueError:
        raise bad_cursor() from None


def after_start(asked: PageQuery) -> tuple[datetime, UUID] | None:
    """The last start and id that were seen, of lists by start. Raises ``Unreadable``."""
    if not asked.cursor:
        return None
    start, last = read(asked.cursor, 2)
    try:
        moment, seen = datetime.fromisoformat(start), UUID(last)
    except ValueError:
        raise bad_cursor() from None
    if moment.tzinfo is None:
        raise bad_cursor()
    return moment, seen


def bad_cursor() -> Unreadable:
    return Unreadable(
        FieldError(
            "cursor", "cursor", N_("This cursor is not one of ours: use the “next” of a list.")
        )
    )
