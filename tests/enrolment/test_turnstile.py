from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence

import pytest

from registration.enrolment.turnstile import MOST, Turnstile


class Counter:
    """Serves whoever comes, when it is let; remembers who came together."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.free = asyncio.Event()
        self.door: Turnstile[int, int] = Turnstile(self.serve, marks=self.marks)

    async def serve(self, group: Sequence[int]) -> list[int | Exception]:
        self.groups.append(list(group))
        await self.free.wait()
        return [ValueError(one) if one < 0 else one * 2 for one in group]

    def marks(self, one: int) -> frozenset[Hashable]:
        return frozenset({abs(one) % 100})

    def comes(self, one: int, key: str = "a") -> asyncio.Task[int]:
        return asyncio.create_task(self.door.enter(key, one))

    async def served(self, number: int) -> None:
        while len(self.groups) < number:
            await asyncio.sleep(0)


async def test_who_comes_meanwhile_is_served_together_in_order() -> None:
    counter = Counter()
    first = counter.comes(1)
    await counter.served(1)
    others = [counter.comes(number) for number in (4, 2, 3)]
    elsewhere = counter.comes(5, key="b")
    await counter.served(2)
    counter.free.set()
    assert await asyncio.gather(first, *others, elsewhere) == [2, 8, 4, 6, 10]
    assert counter.groups == [[1], [5], [4, 2, 3]]


async def test_a_line_has_an_end_to_how_many_are_served_together() -> None:
    counter = Counter()
    counter.free.set()
    everybody = range(1, MOST + 4)
    assert await asyncio.gather(*map(counter.comes, everybody)) == [2 * one for one in everybody]
    assert [len(group) for group in counter.groups] == [MOST, 3]


async def test_two_with_the_same_mark_are_served_one_after_the_other() -> None:
    counter = Counter()
    counter.free.set()
    assert await asyncio.gather(*map(counter.comes, (7, 8, 107, 9))) == [14, 16, 214, 18]
    assert counter.groups == [[7, 8], [107, 9]]


async def test_what_one_is_refused_for_is_heard_by_that_one_alone() -> None:
    counter = Counter()
    counter.free.set()
    answers = await asyncio.gather(*map(counter.comes, (1, -2, 3)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["2", "-2", "6"]
    assert counter.groups == [[1, -2, 3]]


async def test_who_leaves_the_line_is_not_served_and_holds_up_nobody() -> None:
    counter = Counter()
    first = counter.comes(1)
    await counter.served(1)
    second, third = counter.comes(2), counter.comes(3)
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    counter.free.set()
    assert await third == 6
    assert counter.groups == [[1], [3]]


async def test_after_the_last_one_the_next_begins_a_line_of_their_own() -> None:
    counter = Counter()
    counter.free.set()
    assert [await counter.comes(1), await counter.comes(2)] == [2, 4]
    assert counter.groups == [[1], [2]]


async def test_nobody_waits_for_ever_when_the_serving_is_broken_off() -> None:
    counter = Counter()
    waits = counter.comes(1)
    await counter.served(1)
    [task] = counter.door._tasks
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waits
    counter.free.set()
    assert await counter.comes(2) == 4
