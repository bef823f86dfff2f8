"""Addresses of the form, which are signed, and the marks of those who have answered, which say
nothing without the secret."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

MARK_BYTES = 13  # 104 bits: with kind and id 30 bytes, which fill base 64 without a rest
LETTERS = 40


class Leads(StrEnum):
    """Where an address leads: to the form of a place, or of whoever is in the room."""

    PLACE = "p"
    SESSION = "s"
    EVENT = "e"


@dataclass(frozen=True, slots=True)
class Ticket:
    leads: Leads
    id: UUID


def write(ticket: Ticket, secret: str) -> str:
    """The token of an address; the same one gives the same."""
    said = ticket.leads.value.encode() + ticket.id.bytes
    return urlsafe_b64encode(said + _mark(said, secret)).decode()


def read(token: str, secret: str) -> Ticket | None:
    """None for what we never gave."""
    if len(token) != LETTERS or not token.isascii():
        return None
    try:
        whole = urlsafe_b64decode(token)
    except (NotBase64, ValueError):
        return None
    said, mark = whole[:-MARK_BYTES], whole[-MARK_BYTES:]
    if not hmac.compare_digest(mark, _mark(said, secret)):
        return None
    return Ticket(Leads(chr(said[0])), UUID(bytes=said[1:]))


def _mark(said: bytes, secret: str) -> bytes:
    return hmac.new(b"feedback" + secret.encode(), said, sha256).digest()[:MARK_BYTES]


def spent_key(what: bytes, secret: str) -> str:
    """The mark of who has answered, by their place's id or by the code's page."""
    return hmac.new(b"feedback answered" + secret.encode(), what, sha256).hexdigest()


def of_place(place_id: UUID, secret: str) -> str:
    return spent_key(b"place" + place_id.bytes, secret)


def of_page(page: str, secret: str) -> str:
    """``page`` is what the form of the code sent along, so that a second click is none."""
    return spent_key(b"page" + page.encode("utf-8", "surrogatepass"), secret)
