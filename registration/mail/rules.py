from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
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
