"""The command, the periods in the organisation's file, and when a night's sweep is due."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from registration.privacy.jobs import night_after
from registration.settings import BadSetting, load
from tests.edge.test_command_line import command


@pytest.mark.promise("P13")
def test_the_command_says_what_is_due_and_deletes_it(tmp_path: Path) -> None:
    data = tmp_path / "var"
    planned = command("retention", "--dry-run", "--on", "2030-01-01", data=data)
    assert (planned.returncode, planned.stdout.splitlines()[0]) == (0, "Due on 2030-01-01: 0")
    swept = command("retention", data=data)
    assert (swept.returncode, swept.stdout) == (0, "Deleted: 0\n")
    again = command("retention", data=data)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.startswith("registration: another sweep is at work")
    early = command("retention", "--on", "2030-01-01", data=data)
    assert (early.returncode, early.stdout) == (2, "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("relation = 0", "RETENTION.relation: Input should be greater than or equal to 1"),
        ("relation = 121", "RETENTION.relation: Input should be less than or equal to 120"),
        ("forever = 1", "RETENTION.forever: Extra inputs are not permitted"),
    ],
    ids=["short", "long", "unknown"],
)
def test_a_period_that_cannot_be_stops_the_start(tmp_path: Path, line: str, said: str) -> None:
    file = tmp_path / "organisation.toml"
    file.write_text(f"[retention]\n{line}\n")
    environ = {"REGISTRATION_ORGANISATION": str(file), "REGISTRATION_DATA": str(tmp_path / "var")}
    with pytest.raises(BadSetting, match=said):
        load(environ)
    file.write_text("[retention]\nrelation = 36\n")
    assert load(environ).organisation.retention.relation == 36


@pytest.mark.parametrize(
    ("begun", "now", "due"),
    [
        (None, (22, 12), (23, 0, 15)),
        ((22, 0, 15), (22, 12), (23, 0, 15)),
        ((21, 0, 15), (22, 0), (22, 0, 15)),
        ((21, 0, 15), (22, 12), (22, 0, 15)),
        ((19, 0, 15), (22, 12), (22, 0, 15)),
        ((22, 9), (22, 12), (23, 0, 15)),
    ],
    ids=["new", "done", "tonight", "missed", "long-missed", "by-hand"],
)
def test_each_night_has_its_sweep_once(
    begun: tuple[int, ...] | None, now: tuple[int, ...], due: tuple[int, ...]
) -> None:
    """Hours in UTC: a quarter past two in Finland's winter."""

    def at(parts: tuple[int, ...]) -> datetime:
        day, hour, minute = (*parts, 0, 0)[:3]
        return datetime(2026, 11, day, hour, minute, tzinfo=UTC)

    assert night_after(at(begun) if begun else None, now=at(now)) == at(due)
