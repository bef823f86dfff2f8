"""Real faults: work that is done in a process of its own, and killed at a step that is counted."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType


def in_child(work: Callable[[], object]) -> int:
    """Fork, do it there, and say how it ended: the exit status, or minus the signal."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # even on its own exit a child must not go on as a second test run
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


def killed_at_each(
    steps: Iterable[int],
    data: Path,
    work: Callable[[Path], object],
    check: Callable[[Path], object],
    *,
    watched: Sequence[str],
) -> None:
    """At each of these steps, until the work runs to its end: it is done in a copy of ``data`` and
    killed there (see ``killed_at``), and then the copy is checked."""
    for step in steps:
        folder = data.with_name(f"killed-{step}")
        shutil.copytree(data, folder)
        ended = killed_at(step, partial(work, folder), watched=watched)
        check(folder)
        shutil.rmtree(folder)
        if ended == 0:
            return
        assert ended == -signal.SIGKILL
    raise AssertionError("it never ran to its end: count further")


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
