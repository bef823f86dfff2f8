"""Real faults: work that is done in a process of its own, and killed at a step that is counted."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from itertools import count
from types import FrameType


def in_child(work: Callable[[], object]) -> int:
    """Fork, do it there, and say how it ended: the exit status, or minus the signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # a child must never return into the tests of its parent
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(step: int, work: Callable[[], object], *, watched: Sequence[str]) -> int:
    """As ``in_child``, but at the ``step``-th call or return of code whose file's path has one of
    ``watched`` in it the child is killed as by ``kill -9``."""

    def killed() -> None:
        profiled = _kill_at(step, watched)
        threading.setprofile(profiled)
        sys.setprofile(profiled)
        work()

    return in_child(killed)


def _kill_at(step: int, watched: Sequence[str]) -> Callable[[FrameType, str, object], None]:
    numbers = count(1)
    lock = threading.Lock()

    def profiled(frame: FrameType, event: str, _argument: object) -> None:
        name = frame.f_code.co_filename
        if event in {"call", "return"} and any(part in name for part in watched):
            with lock:
                if next(numbers) == step:
                    os.kill(os.getpid(), signal.SIGKILL)

    return profiled
