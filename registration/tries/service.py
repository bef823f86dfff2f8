"""Counting tries, in one table for all processes and all nodes."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from registration.db import connection, transaction
from registration.tries.models import Tries

POSTGRES = ("$1", "$2", "$3", "$4")
SQLITE = ("?1", "?2", "?3", "?4")


@dataclass(frozen=True, slots=True)
class Counted:
    """How often it was tried in the window that ends at ``ends_at``."""

    hits: int
    ends_at: datetime


def key_of(secret: str, *parts: str) -> UUID:
    """Where ``parts`` (what is tried, by whom) are counted: a keyed hash, so that neither an
    address nor a name stands in the table."""
    said = "\0".join(parts).encode("utf-8", "surrogatepass")
    return UUID(bytes=hmac.new(b"tries" + secret.encode(), said, sha256).digest()[:16])


async def count(key: UUID, *, hits: int = 1, window: timedelta, now: datetime) -> Counted:
    """``hits`` more are counted in the window that runs, or in a new one if none does.

    One statement, so that of many who count at once none is lost.
    """
    db = connection()
    server = db.capabilities.support_for_update
    at_key, at_hits, at_end, at_now = POSTGRES if server else SQLITE
    rows = await db.execute_query_dict(
        f"INSERT INTO tries (id, hits, ends_at) VALUES ({at_key}, {at_hits}, {at_end}) "  # noqa: S608 -- placeholders
        f"ON CONFLICT (id) DO UPDATE SET hits = excluded.hits + "
        f"CASE WHEN tries.ends_at > {at_now} THEN tries.hits ELSE 0 END, "
        f"ends_at = CASE WHEN tries.ends_at > {at_now} THEN tries.ends_at ELSE excluded.ends_at "
        "END RETURNING hits, ends_at",
        [key if server else str(key), hits, now + window, now],
    )
    ends_at = rows[0]["ends_at"]
    return Counted(
        rows[0]["hits"],
        ends_at if isinstance(ends_at, datetime) else datetime.fromisoformat(ends_at),
    )


async def sweep(*, now: datetime) -> int:
    """Counts whose window has ended are gone; says how many."""
    async with transaction():
        return await Tries.filter(ends_at__lte=now).delete()
