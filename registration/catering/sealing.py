"""Diets as ciphertext: AES-256-GCM under the event's key, bound to guest and event (P5)."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registration.catering.rules import CONSENT_TEXT, CONTACT_TEXT, Diet, DietShown, reveal

NONCE_BYTES = 12
BLOCK = 512
TOKEN_BYTES = 32


class Unreadable(Exception):
    """The ciphertext does not open with this key for this guest and event."""


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def deletion_id(token: str, *, secret: str) -> str:
    """The same for the same diet, and no way back to whose it was."""
    return hmac.digest(secret.encode(), token.encode(), "sha256").hex()


def seal(diet: Diet, *, key: bytes, token: str, event_id: UUID, now: datetime) -> bytes:
    """Nonce and ciphertext. The plaintext is padded to blocks of 512 bytes, so that the length
    tells next to nothing; the consents lie inside, each with its moment and its words."""
    shown = reveal(diet)
    plain = orjson.dumps(
        {
            "needs": shown.needs,
            "allergies": shown.allergies,
            "other": shown.other,
            "serious": shown.serious,
            "consented_at": now if shown.restricts else None,
            "consent_text": CONSENT_TEXT if shown.restricts else "",
            "contact_at": now if shown.contact else None,
            "contact_text": CONTACT_TEXT if shown.contact else "",
            "skipped": [str(meal) for meal in shown.skipped],
        }
    )
    return seal_bytes(plain, key=key, token=token, event_id=event_id)


def seal_bytes(plain: bytes, *, key: bytes, token: str, event_id: UUID) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    padded = plain + b"\x80" + bytes(-(len(plain) + 1) % BLOCK)
    return nonce + AESGCM(key).encrypt(nonce, padded, _bound(token, event_id))


def unseal(content: bytes, *, key: bytes, token: str, event_id: UUID) -> Diet:
    """Raises ``Unreadable``. What the first version sealed says nothing of meals and contact."""
    said = orjson.loads(unseal_bytes(content, key=key, token=token, event_id=event_id))
    return Diet(
        DietShown(
            needs=tuple(said["needs"]),
            allergies=tuple(said["allergies"]),
            other=said["other"],
            serious=said["serious"],
            consented_at=_moment(said["consented_at"]),
            consent_text=said.get("consent_text", ""),
            contact=said.get("contact_at") is not None,
            contact_at=_moment(said.get("contact_at")),
            contact_text=said.get("contact_text", ""),
            skipped=tuple(UUID(meal) for meal in said.get("skipped", ())),
        )
    )


def unseal_bytes(content: bytes, *, key: bytes, token: str, event_id: UUID) -> bytes:
    """Raises ``Unreadable``."""
    nonce, sealed = content[:NONCE_BYTES], content[NONCE_BYTES:]
    try:
        padded = AESGCM(key).decrypt(nonce, sealed, _bound(token, event_id))
    except (InvalidTag, ValueError):
        raise Unreadable from None
    return padded[: padded.rindex(b"\x80")]


def _moment(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def _bound(token: str, event_id: UUID) -> bytes:
    return token.encode() + b"\0" + event_id.bytes
