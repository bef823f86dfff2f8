"""Keys made from the house's secret, and what is kept under them: useless without it, and useless
in another account's row."""

from __future__ import annotations

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from registration.settings import Settings

NONCE_BYTES = 12
KEY_BYTES = 32


class Sealed(Exception):
    """What was given does not open for this account and purpose."""


def key_for(settings: Settings, purpose: str) -> bytes:
    """A key for ``purpose`` alone (RFC 5869)."""
    derive = HKDF(SHA256(), KEY_BYTES, salt=None, info=f"registration/{purpose}".encode())
    return derive.derive(settings.secret.encode())


def seal(plain: bytes, *, purpose: str, account_id: UUID, settings: Settings) -> bytes:
    """Nonce and AES-256-GCM ciphertext, bound to the account."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = AESGCM(key_for(settings, purpose))
    return nonce + box.encrypt(nonce, plain, account_id.bytes)


def unseal(content: bytes, *, purpose: str, account_id: UUID, settings: Settings) -> bytes:
    """Raises ``Sealed``."""
    box = AESGCM(key_for(settings, purpose))
    try:
        return box.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], account_id.bytes)
    except (InvalidTag, ValueError):
        raise Sealed from None
