"""Copies of the register while it serves. Diets and their keys are in none of them (P5).

A copy is a folder: the register (an SQLite file, or PostgreSQL's own archive), the secret that
its hashes need, and the signing key if it was made here. What lives for a day or less is in none:
a copy would keep it for months, and bring back logins that have ended and mail that was sent.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote

from registration.settings import Settings

COPY = "registration.sqlite3"
ARCHIVE = "registration.pgdump"
SECRET = "secret"  # noqa: S105 -- a file's name
SIGNING_KEY = "signing.p12"
BESIDE = (SECRET, SIGNING_KEY)
# No other table refers to one of these: files that can be made again, the outbox, uploaded lists,
# logins (everybody logs in anew), and what guards against repeats and guesses.
LEFT_OUT = (
    "printed", "mail", "upload", "stored_answer", "login", "login_link", "spent_proof",
    "code_guess", "tries",
)  # fmt: skip


class BackupRefused(Exception):
    """The text is one line that says what to do."""


def back_up(settings: Settings, folder: Path) -> tuple[str, ...]:
    """``folder`` holds a consistent copy; says the files' names. Raises ``BackupRefused``."""
    _empty_folder(folder)
    if settings.on_postgres:
        name = ARCHIVE
        left_out = [f"--exclude-table-data={table}" for table in LEFT_OUT]
        _run_tool(
            "pg_dump", "--format=custom", *left_out, f"--file={folder / name}", settings.main_url
        )
        os.chmod(folder / name, 0o600)
    else:
        name = COPY
        source = _sqlite_path(settings)
        if not source.exists():
            raise BackupRefused(f"there is no register at {source}; run `registration migrate`")
        _copy_sqlite(source, folder / name)
        _leave_out(folder / name)
    return name, *_copy_beside(settings.data, folder)


def restore(settings: Settings, folder: Path) -> tuple[str, ...]:
    """The register is what the copy says. The caller has seen that the target holds no data.

    Run migrations afterwards, for the copy may be older than the program. Raises
    ``BackupRefused``.
    """
    wanted = folder / (ARCHIVE if settings.on_postgres else COPY)
    if not wanted.exists():
        raise BackupRefused(f"{wanted} is missing; is {folder} a backup of this kind of database?")
    if settings.on_postgres:
        _run_tool(
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--dbname={settings.main_url}",
            str(wanted),
        )
    else:
        _copy_sqlite(wanted, _sqlite_path(settings))
    return wanted.name, *_copy_beside(folder, settings.data)


def _empty_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(folder.iterdir()):
            raise BackupRefused(f"{folder} is not empty; name a new folder")
    except OSError as refused:
        raise BackupRefused(f"cannot write in {folder}: {refused.strerror}") from refused


def _copy_beside(source: Path, target: Path) -> tuple[str, ...]:
    copied: list[str] = []
    for name in BESIDE:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
            os.chmod(target / name, 0o600)
            copied.append(name)
    return tuple(copied)


def _sqlite_path(settings: Settings) -> Path:
    return Path(unquote(settings.main_url.removeprefix("sqlite://").partition("?")[0]))


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy: whole, whatever is written meanwhile."""
    os.close(os.open(target, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as opened,
            closing(sqlite3.connect(target)) as copy,
        ):
            opened.backup(copy)
    except sqlite3.Error as failure:
        raise BackupRefused(f"{source} could not be copied: {type(failure).__name__}") from failure


def _leave_out(copy: Path) -> None:
    """Nothing of these tables is left in the copy, which is written anew if there was anything."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as opened:
        tables = {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}
        gone = [
            opened.execute(f"DELETE FROM {table}").rowcount  # noqa: S608 -- names of our own
            for table in LEFT_OUT
            if table in tables
        ]
        if any(gone):
            opened.execute("VACUUM")


def _run_tool(tool: str, *arguments: str) -> None:
    path = shutil.which(tool)
    if path is None:
        raise BackupRefused(f"{tool} is not installed; install PostgreSQL's client programs")
    done = subprocess.run(  # noqa: S603 -- the program and its options are ours
        [path, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise BackupRefused(f"{tool} failed: {'; '.join(lines[:3])}")
