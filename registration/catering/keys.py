"""The events' keys: files of 32 random bytes outside both databases, one per event (P4, P5).

The folder is ``KEYS`` of the settings, mode 0700, kept out of backups. Where several machines serve
one PostgreSQL, it is a folder that all of them share. All functions here block on the disk: call
them in a thread. They raise ``OSError`` when the disk refuses.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32
# Lies beside the keys, so that a folder that is not mounted is not taken for one without keys.
MARKER = "keys-live-here"


class KeyMissing(Exception):
    """There is no such key, or it is damaged: what it sealed cannot be read any more."""


class FolderMissing(OSError):
    """The folder of the keys is not there, so nothing can be said of its keys."""


def _path(folder: Path, key_id: str) -> Path:
    return folder / f"{key_id}.key"


def create(folder: Path, key_id: str) -> bytes:
    """A new key is on the disk, also after a power cut, readable by its owner alone."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(folder / MARKER, b"", flags=os.O_CREAT)
    key = secrets.token_bytes(KEY_BYTES)
    path = _path(folder, key_id)
    try:
        _write(path, key, flags=os.O_CREAT | os.O_EXCL)
        _sync_folder(folder)
    except FileExistsError:
        raise
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise
    return key


def read(folder: Path, key_id: str) -> bytes:
    """Raises ``KeyMissing``."""
    try:
        key = _path(folder, key_id).read_bytes()
    except FileNotFoundError:
        raise KeyMissing from None
    if len(key) != KEY_BYTES:
        raise KeyMissing
    return key


def exists(folder: Path, key_id: str) -> bool:
    """Raises ``FolderMissing`` when that cannot be said."""
    if _path(folder, key_id).exists():
        return True
    if not (folder / MARKER).exists():
        raise FolderMissing(str(folder))
    return False


def destroy(folder: Path, key_id: str) -> None:
    """The key is gone for good: overwritten, then removed, each of them on the disk before the
    next. A key that is gone already stays so. Raises ``FolderMissing``."""
    if not exists(folder, key_id):
        _sync_folder(folder)
        return
    path = _path(folder, key_id)
    with suppress(FileNotFoundError):  # another process was quicker
        _write(path, secrets.token_bytes(KEY_BYTES), flags=0)
        path.unlink()
    _sync_folder(folder)


def _write(path: Path, content: bytes, *, flags: int) -> None:
    handle = os.open(path, flags | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if content:
            os.write(handle, content)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
