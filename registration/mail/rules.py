"""What becomes of a mail, when it is tried again, and what it looks like."""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from uuid import UUID


class MailState(StrEnum):
    """``SENDING``: its content is on the way to the server at this moment. ``UNSURE``: the server
    or we went away just then, so that nobody knows whether it has it; it is not sent again by
    itself. ``BOUNCED``: it came back. ``STOPPED``: not tried, since mail to there came back."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    BOUNCED = "bounced"
    STOPPED = "stopped"
    DROPPED = "dropped"


class MailPurpose(StrEnum):
    """Why a mail is sent; ``LEAVE`` says which of these needs a yes."""

    LOGIN = "login"
    PLACE = "place"
    ENROLLED = "enrolled"
    RIGHTS = "rights"
    ACCESS = "access"
    NEWSLETTER = "newsletter"
    MARKETING = "marketing"
    SURVEY = "survey"


class Leave(StrEnum):
    """What lets a mail go out. ``SERVICE``: it belongs to what the person takes part in, or answers
    them. ``YES``: the addressee's own yes to this purpose, confirmed from this very address, which
    no later no outweighs (P10)."""

    SERVICE = "service"
    YES = "yes"


LEAVE: Mapping[MailPurpose, Leave] = {
    MailPurpose.LOGIN: Leave.SERVICE,
    MailPurpose.PLACE: Leave.SERVICE,
    MailPurpose.ENROLLED: Leave.SERVICE,
    MailPurpose.RIGHTS: Leave.SERVICE,
    MailPurpose.ACCESS: Leave.SERVICE,
    MailPurpose.NEWSLETTER: Leave.YES,
    MailPurpose.MARKETING: Leave.YES,
    MailPurpose.SURVEY: Leave.YES,
}
# Why a mail was dropped whose yes is gone: no trouble, but what the person wants.
NO_YES = "no-yes"


def needs_yes(purpose: str) -> bool:
    """Whether a mail of this purpose must be allowed; one that we do not know is never sent."""
    return purpose not in set(MailPurpose) or LEAVE[MailPurpose(purpose)] is Leave.YES


@dataclass(frozen=True, slots=True)
class Addressee:
    address: str
    name: str
    language: str
    person_id: UUID | None = None
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """An iCalendar file beside the mail; ``method`` is REQUEST or CANCEL (RFC 5546)."""

    content: str
    method: str


FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
GIVEN_UP_AFTER = timedelta(days=4)  # RFC 5321, 4.5.4.1: at least four or five days
# How long the log says that a mail was sent, and how long staff can decide on an unsure one.
LOGGED_FOR = timedelta(days=395)
UNDECIDED_FOR = timedelta(days=7)


def next_try(tries: int, *, queued_at: datetime, now: datetime) -> datetime | None:
    """When to try again after ``tries`` failures, doubling from a minute; None: give up, for the
    mail has waited for four days."""
    again = now + min(FIRST_PAUSE * (1 << min(tries - 1, 16)), LONGEST_PAUSE)
    return again if again <= queued_at + GIVEN_UP_AFTER else None


def is_dead_address(code: str) -> bool:
    """Whether an enhanced status (RFC 3463) says that the address itself does not work: not that
    its box is full, that the content was refused, or that the route there is down."""
    return code.startswith(("5.1.", "5.0.")) or code in {"5.2.0", "5.2.1"}


def address_hash(secret: str, address: str) -> str:
    """By this two addresses are the same one, and nobody without the secret can tell which."""
    said = address.strip().casefold().encode("utf-8", "surrogatepass")
    return hmac.new(b"address" + secret.encode(), said, sha256).hexdigest()


MARK_BYTES = 10
MARK_LETTERS = 42  # an id of 16 bytes and its mark, in base 32


def return_mark(secret: str, mail_id: UUID) -> str:
    """The id of a mail with our mark, as it stands in the address that it comes back to. Letters of
    one case, since mail servers may change it."""
    return (_letters(mail_id.bytes) + _letters(_mark(secret, mail_id))).lower()


def read_return_mark(secret: str, given: str) -> UUID | None:
    """Which mail a mark is of; None for one that we never made."""
    text = given.upper()
    if len(text) != MARK_LETTERS or not text.isascii():
        return None
    try:
        mail_id = UUID(bytes=b32decode(text[:26] + "======"))
        mark = b32decode(text[26:])
    except (NotBase32, ValueError):
        return None
    return mail_id if hmac.compare_digest(mark, _mark(secret, mail_id)) else None


def _mark(secret: str, mail_id: UUID) -> bytes:
    return hmac.new(b"return" + secret.encode(), mail_id.bytes, sha256).digest()[:MARK_BYTES]


def _letters(given: bytes) -> str:
    return b32encode(given).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Brand:
    """The organisation's colour as a mail can show it: ``band`` lies under white words,
    ``accent`` is read on white paper and ``light`` on the paper of the dark."""

    band: str
    accent: str
    light: str


WHITE, BLACK, DARK_PAPER = "#ffffff", "#000000", "#1a2220"
# WCAG 2.2 asks 4.5 to 1 for text of any size (1.4.3); more room for what carries a whole band.
READABLE, CLEAR = 4.5, 9.0
SHADES = 40


@lru_cache(maxsize=8)
def brand_of(colour: str) -> Brand:
    """``colour`` (``#rrggbb``) made darker or lighter as far as it must to be legible."""
    return Brand(
        band=legible(colour, on=WHITE, towards=BLACK, least=CLEAR),
        accent=legible(colour, on=WHITE, towards=BLACK, least=READABLE + 1),
        light=legible(colour, on=DARK_PAPER, towards=WHITE, least=READABLE + 2),
    )


def legible(colour: str, *, on: str, towards: str, least: float) -> str:
    """The nearest shade between ``colour`` and ``towards`` that stands out from ``on``."""
    start, end = _channels(colour), _channels(towards)
    for step in range(SHADES + 1):
        share = step / SHADES
        mixed = [round(a + (b - a) * share) for a, b in zip(start, end, strict=True)]
        shade = "#" + "".join(f"{value:02x}" for value in mixed)
        if contrast(shade, on) >= least:
            return shade
    return towards


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _channels(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
