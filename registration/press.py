"""The press of this process: the worker processes that print certificates, and sheets of counts.

It stands below the domains, so that each prints its own documents and none needs another for it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from certificates.document import CertificateError
from certificates.key import SigningKey, certificate_of, make_self_signed
from certificates.press import Press, PressBusy
from certificates.sheet import SheetDocument, SheetRow, SheetTable
from registration import clock
from registration.errors import Conflict
from registration.i18n import N_
from registration.settings import BadSetting, Settings

__all__ = [
    "SheetDocument",
    "SheetRow",
    "SheetTable",
    "SheetsBusy",
    "close_press",
    "press_of",
    "print_sheet",
    "signing_key",
]
KEY_FILE = "signing.p12"


class SheetsBusy(Conflict):
    message = N_("Many documents are being printed. Try again in a moment.")


async def print_sheet(document: SheetDocument, *, settings: Settings) -> bytes:
    """The sheet as a tagged PDF, made in memory by a worker process. Raises ``SheetsBusy``."""
    press = await press_of(settings)
    try:
        return await press.print_sheet(document)
    except PressBusy:
        raise SheetsBusy from None


@dataclass(slots=True)
class _Running:
    """The press of this process, and the settings that it was started for."""

    press: Press | None = None
    path: Path | None = None


_running = _Running()


async def press_of(settings: Settings) -> Press:
    """Started at first use, with the organisation's key; raises ``BadSetting``."""
    path = settings.signing_key or settings.data / KEY_FILE
    if _running.press is None or _running.path != path:
        await close_press()
        key = await asyncio.to_thread(signing_key, settings)
        _running.press, _running.path = Press(key), path
    return _running.press


async def close_press() -> None:
    """The worker processes end; the next certificate starts new ones."""
    press, _running.press = _running.press, None
    if press is not None:
        await press.close()


def signing_key(settings: Settings) -> SigningKey:
    """The organisation's key: the one that is set, else one of its own under ``DATA``, made with
    mode 0600 at first use. Raises ``BadSetting``. Blocks: call it in a thread."""
    path = settings.signing_key or settings.data / KEY_FILE
    if settings.signing_key is None and not path.exists():
        _make_key(path, settings.organisation.name)
    try:
        key = SigningKey(path.read_bytes())
        certificate_of(key)
    except (OSError, CertificateError) as unusable:
        raise BadSetting(f"REGISTRATION_SIGNING_KEY: cannot use {path}: {unusable}") from unusable
    return key


def _make_key(path: Path, organisation: str) -> None:
    """Written whole beside its place and then linked there, so that of two processes that start at
    once both use the same key."""
    made = make_self_signed(organisation, now=clock.now())
    beside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
        opened.write(made)
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
