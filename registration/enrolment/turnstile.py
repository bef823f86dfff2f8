"""Who comes while others are being served is served next, together with all who came meanwhile.

One by one each would pay for a lock and for a commit that the disk has to confirm; in a rush those
are most of the work. Nobody waits for company: who comes alone is served at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")

MOST = 32


class Turnstile(Generic[A, R]):
    """Lines in this process, one by key, each served in the order of arrival.

    ``serve`` gives each its result, or the exception that it is to hear. Two who share one of their
    ``marks`` are never served together: the later one is served after the first is done.
    """

    def __init__(
        self,
        serve: Callable[[Sequence[A]], Awaitable[Sequence[R | Exception]]],
        *,
        marks: Callable[[A], frozenset[Hashable]],
    ) -> None:
        self._serve, self._marks = serve, marks
        self._lines: dict[Hashable, deque[tuple[A, asyncio.Future[R]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def enter(self, key: Hashable, one: A) -> R:
        """The result of ``one``, once it has been served. Raises what it is to hear.

        It is served by a task of its own, which goes on when this caller does not wait any more.
        """
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = deque()
            # In nobody's context: one caller's language or transaction is not the others'.
            task = asyncio.create_task(self._work_off(key, line), context=Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        waits: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        line.append((one, waits))
        return await waits

    async def _work_off(self, key: Hashable, line: deque[tuple[A, asyncio.Future[R]]]) -> None:
        group: list[tuple[A, asyncio.Future[R]]] = []
        try:
            while group := self._next(line):
                results = await self._serve([one for one, _waits in group])
                for (_one, waits), result in zip(group, results, strict=True):
                    if waits.done():
                        continue
                    if isinstance(result, Exception):
                        waits.set_exception(result)
                    else:
                        waits.set_result(result)
        finally:
            del self._lines[key]
            for _one, waits in (*group, *line):  # none, unless this task was cancelled
                waits.cancel()

    def _next(self, line: deque[tuple[A, asyncio.Future[R]]]) -> list[tuple[A, asyncio.Future[R]]]:
        """The first of the line who can be served together, without those who left."""
        group: list[tuple[A, asyncio.Future[R]]] = []
        seen: set[Hashable] = set()
        while line and len(group) < MOST:
            one, waits = line[0]
            marks = self._marks(one)
            if not seen.isdisjoint(marks):
                break
            line.popleft()
            if not waits.cancelled():
                seen |= marks
                group.append((one, waits))
        return group
