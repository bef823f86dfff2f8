from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class MailPurpose(StrEnum):
    """Why a mail is sent. None of these is marketing, so none needs a consent."""

    LOGIN = "login"
    PLACE = "place"
    ENROLLED = "enrolled"
    RIGHTS = "rights"
    ACCESS = "access"


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


MOST_TRIES = 8
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)


def next_try(tries: int, *, now: datetime) -> datetime | None:
    """When to try again after ``tries`` failures, doubling from a minute; None: give up."""
    if tries >= MOST_TRIES:
        return None
    return now + min(FIRST_PAUSE * (1 << (tries - 1)), LONGEST_PAUSE)


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
