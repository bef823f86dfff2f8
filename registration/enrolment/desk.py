"""Where files are read: a process of its own, so that a long list or a hostile one stops nobody."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from typing import Final, ParamSpec, TypeVar

from registration.enrolment.imports.fields import Reading
from registration.enrolment.imports.kept import open_file, pack, unpack
from registration.enrolment.imports.reading import Choice, read_kept
from registration.enrolment.imports.refusals import DamagedFile
from registration.errors import Invalid
from registration.i18n import N_

MEMORY: Final = 2 * 1024**3  # address space; the largest file that is taken needs far less
SECONDS: Final = 30.0
P = ParamSpec("P")
R = TypeVar("R")


class TakesTooLong(Invalid):
    message = N_("The file takes too long to read. Split the list into smaller files.")


@dataclass(frozen=True, slots=True)
class Opened:
    """What may be kept of a file, packed, and what it says."""

    kept: bytes
    reading: Reading


class Desk:
    """One reading process, started at the first use and anew when it had to be ended."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def open_file(self, content: bytes, filename: str) -> Opened:
        """The file as it may be kept, and read; nothing else of this process waits for it.

        Raises the refusals of the file, ``DamagedFile`` for one that ends the process,
        ``TakesTooLong``.
        """
        return await self._run(_open, content, filename)

    async def read_again(self, kept: bytes, choice: Choice) -> Reading:
        """What was kept, read as it was chosen. Raises as ``open_file``."""
        return await self._run(_read_again, kept, choice)

    async def _run(self, work: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
        for _attempt in range(2):  # the process may have ended because of somebody else's file
            pool = self._running()
            try:
                job = pool.submit(work, *given, **named)
                return await asyncio.wait_for(asyncio.wrap_future(job), SECONDS)
            except BrokenProcessPool:
                self._end(pool)
            except MemoryError:
                raise DamagedFile from None
            except TimeoutError:
                self._end(pool)
                raise TakesTooLong from None
        raise DamagedFile

    def warm(self) -> None:
        """Start the process: somebody is about to choose a file."""
        if self._pool is None:
            with suppress(BrokenProcessPool):  # whoever reads next starts another
                self._running().submit(_ready)

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Spawned, not forked: the server has threads and an event loop.
            self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_start)
        return self._pool

    def _end(self, pool: ProcessPoolExecutor) -> None:
        if self._pool is pool:
            self._pool = None
        for process in list((pool._processes or {}).values()):  # no public way in Python 3.11
            process.kill()
        pool.shutdown(wait=False)


DESK: Final = Desk()


def _start() -> None:
    # Ctrl-C goes to the whole group; the parent decides when its workers end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _end_with_parent() -> None:
    """A server that was killed leaves no reader behind."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _ready() -> None:
    """Nothing: that it was run says that all is imported."""


def _open(content: bytes, filename: str) -> Opened:
    kept = open_file(content, filename)
    return Opened(pack(kept), read_kept(kept, Choice()))


def _read_again(kept: bytes, choice: Choice) -> Reading:
    return read_kept(unpack(kept), choice)
