"""Lists cost the same number of queries however long they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from registration.db import connection
from registration.settings import Settings
from registration.teaching.queries import assigned_sessions, assignments_of_session
from registration.teaching.service import assign, participants
from tests.teaching.makers import (
    LATER,
    NOW,
    enrol,
    make_recipient,
    make_school,
    make_session,
    record,
)


async def selects(act: Callable[[], Awaitable[object]]) -> int:
    """How many SELECT statements SQLite runs meanwhile."""
    seen: list[str] = []
    opened = [connection(name)._connection for name in ("main", "reader")]
    for each in opened:
        await each.set_trace_callback(seen.append)
    await act()
    for each in opened:
        await each.set_trace_callback(None)
    return sum(statement.lstrip().upper().startswith("SELECT") for statement in seen)


async def test_one_or_many_cost_the_same(register: Settings) -> None:
    school = await make_school(register)

    async def fill() -> None:
        taken = await enrol(school)
        await record(school, {"place_id": taken.id, "completed": True})
        session = await make_session()
        who = school.trainer.account_id
        await assign(
            session.id,
            who,
            await make_recipient(),
            agreed=True,
            actor_id=None,
            settings=register,
            now=NOW,
        )

    async def cost() -> tuple[int, int, int]:
        who = school.trainer
        return (
            await selects(lambda: participants(school.id, identity=who, now=LATER)),
            await selects(lambda: assigned_sessions(who.account_id, now=LATER)),
            await selects(lambda: assignments_of_session(school.id)),
        )

    await fill()
    one = await cost()
    assert min(one) > 0
    for _time in range(8):
        await fill()
    assert await cost() == one
