"""Counts of tries: shared by all processes, nameless, and gone when their window has ended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from starlette.types import Scope

from registration.db import connection
from registration.edge.limits import Limit, Limiter, client_address
from registration.edge.refusals import Stop
from registration.settings import Settings
from registration.tries.models import Tries
from registration.tries.service import count, key_of, sweep

NOON = datetime(2026, 4, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STRICT = Limit("codes", 5, timedelta(hours=1))
EASY = Limit("changes", 30, timedelta(hours=1), alone=10)


def limiter(settings: Settings) -> Limiter:
    """As a process of its own has it."""
    return Limiter(settings.model_copy(update={"rate_limit": "on"}))


async def passed(asked: Limiter, limit: Limit, of: str, tries: int) -> int:
    """How many of ``tries`` were let through."""
    found, refusals = 0, []
    for _ in range(tries):
        try:
            await asked.hit(limit, of)
            found += 1
        except Stop as refusal:
            refusals.append(refusal)
    waits = [int(refusal.headers["Retry-After"]) for refusal in refusals]
    assert {refusal.status for refusal in refusals} <= {429}
    assert all(0 < wait <= limit.window.total_seconds() for wait in waits)
    return found


async def test_of_many_at_once_none_is_lost(store: Settings) -> None:
    key = key_of("secret", "codes", "somebody")
    await asyncio.gather(*(count(key, window=MINUTE, now=NOON) for _ in range(50)))
    assert (await count(key, window=MINUTE, now=NOON)).hits == 51


async def test_a_window_ends_and_another_begins(store: Settings) -> None:
    key = key_of("secret", "codes", "somebody")
    first = await count(key, window=MINUTE, now=NOON)
    later = await count(key, hits=3, window=MINUTE, now=NOON + MINUTE - timedelta(seconds=1))
    anew = await count(key, window=MINUTE, now=NOON + MINUTE)
    assert [(each.hits, each.ends_at) for each in (first, later, anew)] == [
        (1, NOON + MINUTE),
        (4, NOON + MINUTE),
        (1, NOON + 2 * MINUTE),
    ]


async def test_several_processes_share_a_limit(store: Settings) -> None:
    nodes = [limiter(store) for _ in range(3)]
    assert sum([await passed(node, STRICT, "anna", 4) for node in nodes]) == 5
    assert await passed(nodes[0], STRICT, "berit", 1) == 1


async def test_who_does_little_costs_no_write_and_who_does_much_is_held(store: Settings) -> None:
    nodes = [limiter(store) for _ in range(2)]
    assert await passed(nodes[0], EASY, "10.0.0.1", 10) == 10
    assert await Tries.all().count() == 0
    assert await passed(nodes[0], EASY, "10.0.0.1", 50) == 20
    assert await passed(nodes[1], EASY, "10.0.0.1", 50) == 10


async def test_what_is_known_to_be_over_asks_the_table_no_more(store: Settings) -> None:
    asked = limiter(store)
    await passed(asked, STRICT, "anna", 500)
    assert [row.hits for row in await Tries.all()] == [6]
    with pytest.raises(Stop):
        asked.check(STRICT, "anna")
    asked.check(STRICT, "berit")


async def test_rows_say_of_nobody_and_are_swept(store: Settings) -> None:
    address, email = "192.0.2.77", "anna@example.fi"
    asked = limiter(store)
    await asked.hit(STRICT, address)
    await asked.hit(STRICT, email)
    rows = await connection().execute_query_dict("SELECT * FROM tries")
    assert [sorted(row) for row in rows] == [["ends_at", "hits", "id"]] * 2
    assert not [row for row in rows if address in str(row) or email in str(row)]
    assert key_of("one secret", address) != key_of("another", address)
    assert await sweep(now=datetime.now(UTC)) == 0
    assert await sweep(now=datetime.now(UTC) + STRICT.window) == 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("nonsense", "more nonsense", True),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    def of(host: str) -> str:
        scope: Scope = {"type": "http", "client": (host, 1)}
        return client_address(scope)

    assert (of(one) == of(other)) is same


async def test_off_is_off(register: Settings) -> None:
    asked = Limiter(register)
    assert await passed(asked, STRICT, "anna", 50) == 50
    assert await Tries.all().count() == 0
