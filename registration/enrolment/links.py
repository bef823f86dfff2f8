"""Links in mails that need no login: signed, of one place and one mailbox."""

from __future__ import annotations

from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from registration.mail.rules import address_hash
from registration.settings import Settings

SALT = "enrolled"
LONGEST = 200
MARK_LETTERS = 16


def enrolled_path(place_id: UUID, address: str, settings: Settings) -> str:
    """Where the person whom a company enrolled answers to that. The link is of the mailbox that it
    was sent to: it ends when the person has another address."""
    token = _signer(settings).dumps(place_id.hex + address_mark(address, settings))
    return f"/enrolled/{token}"


def address_mark(address: str, settings: Settings) -> str:
    return address_hash(settings.secret, address)[:MARK_LETTERS]


def read_enrolled(token: str, settings: Settings) -> tuple[UUID, str] | None:
    """The place and the mark of the address; None for what we never gave."""
    if len(token) > LONGEST:
        return None
    try:
        said = str(_signer(settings).loads(token))
        return UUID(hex=said[:32]), said[32:]
    except (BadData, ValueError):
        return None


def _signer(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret, salt=SALT)
