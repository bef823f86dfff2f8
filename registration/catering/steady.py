"""A clock that does not leap, so that nothing is deleted early because somebody set the clock (P4).

What can be promised: time runs on as it did while the system's clock steps by more than an hour
against the machine's own counter of elapsed seconds (which goes on through sleep), in either
direction. A step is believed only when it has stood for a quarter of an hour; until then
``/readyz`` fails, deletions keep to the steady time, and none is lost: what is due stands in rows.
The last look is kept in ``DATA``, so that a process that starts later, on the same boot, knows of
a step that it did not see.

What cannot be promised: across a reboot there is nothing to compare the clock with, so that it is
believed; machines should set it from the network before they serve. A clock that is wrong from the
beginning, or for longer than that quarter of an hour, is believed as well.

Changes of summer time are no steps: all of this is in UTC.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

LEAP = timedelta(hours=1)
STANDS = timedelta(minutes=15)
FILE = "steady-clock"


@dataclass(frozen=True, slots=True)
class Anchor:
    """At ``elapsed`` seconds of the boot ``boot`` it was ``at``. ``leapt``: since when (in elapsed
    seconds) the wall clock has stood ``by`` seconds away from that."""

    boot: str
    elapsed: float
    at: datetime
    leapt: float | None = None
    by: float = 0.0

    def now(self, elapsed: float) -> datetime:
        return self.at + timedelta(seconds=elapsed - self.elapsed)


def look(
    known: Anchor | None, *, wall: datetime, elapsed: float, boot: str
) -> tuple[datetime, Anchor]:
    """The time to act by, and what to remember of this look."""
    if known is None or known.boot != boot or elapsed < known.elapsed:
        return wall, Anchor(boot, elapsed, wall)
    steady = known.now(elapsed)
    by = (wall - steady).total_seconds()
    if abs(by) <= LEAP.total_seconds():
        return wall, Anchor(boot, elapsed, wall)
    stood = known.leapt is not None and abs(by - known.by) <= LEAP.total_seconds()
    leapt = known.leapt if stood and known.leapt is not None else elapsed
    if elapsed - leapt >= STANDS.total_seconds():
        return wall, Anchor(boot, elapsed, wall)
    return steady, Anchor(boot, elapsed, steady, leapt, by)


def elapsed_now() -> float:
    """Seconds that the machine has been up, asleep or awake."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def this_boot() -> str:
    """What tells this boot from another; elsewhere than on Linux only this process is known."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"process {os.getpid()}"


class SteadyClock:
    """The steady time of one installation, kept in ``folder`` from look to look."""

    def __init__(
        self,
        folder: Path,
        *,
        wall: Callable[[], datetime],
        elapsed: Callable[[], float] = elapsed_now,
        boot: Callable[[], str] = this_boot,
    ) -> None:
        self._path = folder / FILE
        self._wall, self._elapsed, self._boot = wall, elapsed, boot
        self._anchor: Anchor | None = None

    def now(self) -> datetime:
        """Blocks on the disk for a moment. A disk that refuses is no reason not to delete."""
        known = self._kept() or self._anchor
        now, self._anchor = look(
            known, wall=self._wall(), elapsed=self._elapsed(), boot=self._boot()
        )
        with suppress(OSError):
            self._keep(self._anchor)
        return now

    def leapt_by(self) -> timedelta | None:
        """By how much the system's clock has stepped, while that is not believed."""
        known = self._kept()
        if known is None or known.boot != self._boot() or known.leapt is None:
            return None
        return timedelta(seconds=known.by)

    def _kept(self) -> Anchor | None:
        try:
            said = orjson.loads(self._path.read_bytes())
            at = datetime.fromisoformat(said["at"]).astimezone(UTC)
            return Anchor(said["boot"], said["elapsed"], at, said["leapt"], said["by"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keep(self, anchor: Anchor) -> None:
        beside = self._path.with_name(f"{FILE}.{os.getpid()}")
        handle = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as written:
            written.write(
                orjson.dumps(
                    {
                        "boot": anchor.boot,
                        "elapsed": anchor.elapsed,
                        "at": anchor.at,
                        "leapt": anchor.leapt,
                        "by": anchor.by,
                    }
                )
            )
        beside.replace(self._path)
