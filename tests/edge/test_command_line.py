from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest


def command(*arguments: str, data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "registration", *arguments],
        env=_environ(data, **environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _environ(data: Path, **environ: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if "REGISTRATION_" not in key}
    return kept | {"REGISTRATION_DATA": str(data), "REGISTRATION_LOG_LEVEL": "error"} | environ


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"REGISTRATION_LANGUAGES": "de"}, "REGISTRATION_LANGUAGES"),
        ({"REGISTRATION_NO_SUCH": "1"}, "REGISTRATION_NO_SUCH"),
        ({"REGISTRATION_BASE_URL": "example"}, "REGISTRATION_BASE_URL"),
    ],
)
def test_wrong_setting_is_named_in_one_line(
    tmp_path: Path, environ: dict[str, str], named: str
) -> None:
    done = command("migrate", data=tmp_path, **environ)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert named in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("account", "add", "a@example.fi"),
        ("account", "add", "no address", "--name", "A", "--role", "staff"),
        ("jobs", "run"),
        ("jobs", "run", "no-such-job"),
        ("verify", "no-such-file.pdf"),
    ],
)
def test_wrong_usage_ends_with_two_and_no_traceback(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = command(*arguments, data=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_unreachable_database_is_one_line(tmp_path: Path) -> None:
    url = "postgres://user@127.0.0.1:1/none"
    done = command("migrate", data=tmp_path, REGISTRATION_DATABASE_URL=url)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_account_token_jobs_ledger_and_backup(tmp_path: Path) -> None:
    data = tmp_path / "var"
    add = ("account", "add", "a@example.fi", "--name", "Anna", "--role", "staff")
    added = command(*add, "--nda", "2026-01-15", data=data)
    assert added.returncode == 0
    assert added.stdout.startswith("http://127.0.0.1:8000/login/")
    again = command(*add, data=data)
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    token = command("token", "add", "a@example.fi", "--scope", "staff", data=data)
    assert token.stdout.startswith("reg_")
    none = command("token", "add", "a@example.fi", "--scope", "trainer", data=data)
    assert (none.returncode, none.stdout) == (1, "")
    unlocked = command("account", "unlock", "A@example.fi", data=data)
    assert unlocked.stdout.startswith("http://127.0.0.1:8000/login/")
    unknown = command("account", "unlock", "b@example.fi", data=data)
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    sealed = command("jobs", "run", "seal-ledger", data=data)
    assert (sealed.returncode, sealed.stdout) == (0, "seal-ledger: 5\n")
    whole = command("ledger", "verify", data=data)
    said, head = whole.stdout.splitlines()
    assert said == "The ledger is whole: 5 entries sealed, 0 not sealed yet."
    assert re.fullmatch(r"End of the chain: 1:[0-9a-f]{64}", head)

    copy = tmp_path / "copy"
    assert command("backup", str(copy), data=data).returncode == 0
    assert sorted(path.name for path in copy.iterdir()) == ["registration.sqlite3", "secret"]
    assert command("backup", str(copy), data=data).returncode == 1
    assert command("restore", str(copy), data=data).returncode == 1
    other = tmp_path / "other"
    assert command("restore", str(copy), data=other).returncode == 0
    assert command("ledger", "verify", data=other).stdout == whole.stdout


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_serves_until_told_to_stop(tmp_path: Path, workers: str) -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "registration", "serve", "--port", "0", "--workers", workers],
        env=_environ(tmp_path, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with started:
        assert started.stdout is not None
        try:
            line = next(each for each in started.stdout if each.startswith("Serving "))
            base = line.split()[1]
            _wait_for(f"{base}/healthz")
            with urllib.request.urlopen(f"{base}/readyz", timeout=10) as ready:
                assert ready.status == 200
            with urllib.request.urlopen(f"{base}/metrics", timeout=10) as metrics:
                assert b"registration_outbox_waiting 0.0" in metrics.read()
        finally:
            started.send_signal(signal.SIGTERM)
            _out, errors = started.communicate(timeout=20)
    assert "Traceback" not in errors
    assert started.returncode in {0, -signal.SIGTERM}


def _wait_for(url: str, seconds: float = 15.0) -> None:
    ends = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
