"""The press of this process: the worker processes that print certificates, and sheets of counts.

It stands below the domains, so that each prints its own documents and none needs another for it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from certificates.document import CertificateError
from certificates.fonts import missing_scripts
from certificates.key import SigningKey, certificate_of, kid_of, make_self_signed
from certificates.paper import (
    Block,
    Facts,
    Grid,
    Heading,
    PaperDocument,
    Paragraph,
    Points,
    TooLong,
)
from certificates.press import Press, PressBusy
from certificates.sheet import SheetDocument, SheetRow, SheetTable
from certificates.tokens import Tokens
from registration import clock
from registration.errors import Conflict
from registration.i18n import N_
from registration.settings import BadSetting, Settings

__all__ = [
    "Block",
    "Facts",
    "Grid",
    "Heading",
    "PaperDocument",
    "Paragraph",
    "Points",
    "SheetDocument",
    "SheetRow",
    "SheetTable",
    "SheetsBusy",
    "TooLong",
    "close_press",
    "missing_scripts",
    "press_of",
    "print_paper",
    "print_sheet",
    "rotate_key",
    "signing_key",
    "tokens_of",
]
KEY_FILE = "signing.p12"
LOCK_FILE = "signing.lock"


class SheetsBusy(Conflict):
    message = N_("Many documents are being printed. Try again in a moment.")


class KeyIsGiven(Conflict):
    message = N_(
        "REGISTRATION_SIGNING_KEY names the key: put another file in its place and start again. "
        "What the old key signed stays valid."
    )


class KeyJustRotated(Conflict):
    message = N_("Somebody else has just made a new key. Nothing more was done.")


async def print_sheet(document: SheetDocument, *, settings: Settings) -> bytes:
    """The sheet as a tagged PDF, made in memory by a worker process. Raises ``SheetsBusy``."""
    press = await press_of(settings)
    try:
        return await press.print_sheet(document)
    except PressBusy:
        raise SheetsBusy from None


async def print_paper(document: PaperDocument, *, settings: Settings) -> bytes:
    """The paper as a tagged PDF, likewise. Raises ``SheetsBusy``, ``TooLong``."""
    press = await press_of(settings)
    try:
        return await press.print_paper(document)
    except PressBusy:
        raise SheetsBusy from None


Stamp: TypeAlias = tuple[object, ...]


@dataclass(slots=True)
class _Running:
    """The press of this process, and what it was started with: ``stamp`` tells when the key's file
    or a setting has changed."""

    press: Press | None = None
    tokens: Tokens | None = None
    stamp: Stamp = ()


_running = _Running()


async def press_of(settings: Settings) -> Press:
    """Started at first use, with the organisation's key; anew when that was changed. Raises
    ``BadSetting``."""
    press, _tokens = await _current(settings)
    return press


async def tokens_of(settings: Settings) -> Tokens:
    """The same key, ready to sign JSON in this process. Raises ``BadSetting``."""
    _press, tokens = await _current(settings)
    return tokens


async def _current(settings: Settings) -> tuple[Press, Tokens]:
    stamp = _stamp(settings)
    if _running.press is None or _running.tokens is None or _running.stamp != stamp:
        key = await asyncio.to_thread(signing_key, settings)
        tokens = await asyncio.to_thread(Tokens, key)
        stamp = _stamp(settings)
        # Another request may have come this far meanwhile: one press is enough.
        if _running.press is None or _running.tokens is None or _running.stamp != stamp:
            old, _running.press = _running.press, Press(key)
            _running.tokens, _running.stamp = tokens, stamp
            if old is not None:
                await old.close()
    return _running.press, _running.tokens


def _stamp(settings: Settings) -> Stamp:
    path = _path(settings)
    try:
        found = path.stat()
    except OSError:
        return (path,)
    marks = (found.st_ino, found.st_mtime_ns, found.st_size)
    return (path, *marks, settings.signing_passphrase, settings.timestamp_url)


async def close_press() -> None:
    """The worker processes end; the next certificate starts new ones."""
    press, _running.press = _running.press, None
    _running.tokens = None
    if press is not None:
        await press.close()


def signing_key(settings: Settings) -> SigningKey:
    """The organisation's key: the one that is set, else one of its own under ``DATA``, made with
    mode 0600 at first use. Raises ``BadSetting``. Blocks: call it in a thread."""
    path = _path(settings)
    if settings.signing_key is None and not path.exists():
        _make_key(settings)
    try:
        key = SigningKey(
            path.read_bytes(), _passphrase(settings), time_stamps=settings.timestamp_url or None
        )
        certificate_of(key)
    except (OSError, CertificateError) as unusable:
        raise BadSetting(f"REGISTRATION_SIGNING_KEY: cannot use {path}: {unusable}") from unusable
    return key


def rotate_key(settings: Settings, *, instead_of: str) -> SigningKey:
    """A new self-signed key in the place of the one whose thumbprint is ``instead_of``; the old
    one's private part is gone. Raises ``KeyIsGiven``, ``KeyJustRotated``, ``BadSetting``."""
    if settings.signing_key is not None:
        raise KeyIsGiven
    with _locked(settings):
        if kid_of(certificate_of(signing_key(settings))) != instead_of:
            raise KeyJustRotated
        path = _path(settings)
        os.replace(_write_key(settings), path)
    return signing_key(settings)


def _path(settings: Settings) -> Path:
    return settings.signing_key or settings.data / KEY_FILE


def _passphrase(settings: Settings) -> bytes | None:
    return settings.signing_passphrase.encode() or None


def _make_key(settings: Settings) -> None:
    """Linked to its place when it is whole, so that of two processes that start at once both use
    the same key."""
    beside = _write_key(settings)
    try:
        os.link(beside, _path(settings))
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _write_key(settings: Settings) -> Path:
    """A new key in a file of its own beside the place where keys are looked for."""
    made = make_self_signed(
        settings.organisation.name, now=clock.now(), passphrase=_passphrase(settings)
    )
    path = _path(settings)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(made)
        opened.flush()
        os.fsync(opened.fileno())
    return beside


@contextmanager
def _locked(settings: Settings) -> Iterator[None]:
    """One process at a time; the lock goes with whoever holds it."""
    handle = os.open(settings.data / LOCK_FILE, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
