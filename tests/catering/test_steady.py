"""A system clock that leaps makes no deletion early, and none late for more than a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.catering.steady import LEAP, STANDS, Anchor, SteadyClock, look

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Machine:
    """A machine whose clock can be set, and whose counter of elapsed seconds cannot."""

    wall: datetime = NOON
    elapsed: float = 1000.0
    boot: str = "first"

    def passes(self, time: timedelta, *, leap: timedelta = timedelta(0)) -> None:
        self.wall += time + leap
        self.elapsed += time.total_seconds()

    def clock(self, folder: Path) -> SteadyClock:
        return SteadyClock(
            folder,
            wall=lambda: self.wall,
            elapsed=lambda: self.elapsed,
            boot=lambda: self.boot,
        )


@pytest.mark.promise("P4")
@pytest.mark.parametrize("days", [3, -3], ids=["forward", "back"])
def test_a_leap_is_believed_only_when_it_has_stood(tmp_path: Path, days: int) -> None:
    machine = Machine()
    clock = machine.clock(tmp_path)
    assert clock.now() == NOON
    machine.passes(MINUTE, leap=timedelta(days=days))
    assert clock.now() == NOON + MINUTE
    assert clock.leapt_by() == timedelta(days=days)
    machine.passes(STANDS - MINUTE)
    assert clock.now() == NOON + STANDS
    machine.passes(MINUTE)
    assert clock.now() == machine.wall == NOON + STANDS + MINUTE + timedelta(days=days)
    assert clock.leapt_by() is None


@pytest.mark.promise("P4")
def test_a_leap_that_is_taken_back_has_never_been(tmp_path: Path) -> None:
    machine = Machine()
    clock = machine.clock(tmp_path)
    clock.now()
    machine.passes(MINUTE, leap=timedelta(days=9))
    clock.now()
    machine.passes(MINUTE, leap=timedelta(days=-9))
    assert (clock.now(), clock.leapt_by()) == (NOON + 2 * MINUTE, None)


def test_a_leap_on_a_leap_has_to_stand_for_itself(tmp_path: Path) -> None:
    machine = Machine()
    clock = machine.clock(tmp_path)
    clock.now()
    machine.passes(MINUTE, leap=timedelta(days=1))
    clock.now()
    machine.passes(STANDS, leap=timedelta(days=1))
    assert clock.now() == NOON + MINUTE + STANDS


@pytest.mark.promise("P4")
def test_a_process_that_starts_after_the_leap_knows_of_it(tmp_path: Path) -> None:
    machine = Machine()
    machine.clock(tmp_path).now()
    machine.passes(MINUTE, leap=timedelta(days=3))
    assert machine.clock(tmp_path).now() == NOON + MINUTE


def test_sleep_downtime_and_a_reboot_are_no_leaps(tmp_path: Path) -> None:
    machine = Machine()
    machine.clock(tmp_path).now()
    machine.passes(timedelta(days=4))
    assert machine.clock(tmp_path).now() == NOON + timedelta(days=4)
    machine.wall += timedelta(days=2)
    machine.elapsed, machine.boot = 5.0, "second"
    assert machine.clock(tmp_path).now() == NOON + timedelta(days=6)


@pytest.mark.parametrize("content", [b"", b"{}", b"nonsense", b'{"at": 5}'], ids=range(4))
def test_what_was_kept_and_cannot_be_read_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "steady-clock").write_bytes(content)
    machine = Machine()
    clock = machine.clock(tmp_path)
    assert clock.now() == NOON
    machine.passes(MINUTE, leap=timedelta(days=1))
    assert clock.now() == NOON + MINUTE


def test_a_folder_that_refuses_does_not_stop_the_clock(tmp_path: Path) -> None:
    machine = Machine()
    clock = machine.clock(tmp_path / "not-there")
    assert clock.now() == NOON
    machine.passes(MINUTE, leap=timedelta(days=1))
    assert clock.now() == NOON + MINUTE


@given(
    st.lists(
        st.tuples(
            st.integers(min_value=1, max_value=7200),
            st.sampled_from([0, 0, 0, 30, -30, 86_400, -86_400, 400_000]),
        ),
        max_size=40,
    )
)
def test_the_steady_time_is_never_further_from_elapsed_time_than_it_may_be(
    steps: list[tuple[int, int]],
) -> None:
    """Between two looks it moves as elapsed time does, or to the wall clock: never elsewhere."""
    wall, elapsed, known = NOON, 0.0, None
    for passed, leap in steps:
        wall += timedelta(seconds=passed + leap)
        elapsed += passed
        before: Anchor | None = known
        now, known = look(known, wall=wall, elapsed=elapsed, boot="one")
        if before is not None and now != wall:
            assert now == before.at + timedelta(seconds=passed)
            assert abs(wall - now) > LEAP
