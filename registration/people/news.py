"""What staff write to many: its languages, its parts, and what may be done with it when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from registration.errors import Conflict, FieldError, Invalid, NotFound
from registration.i18n import LANGUAGES, N_
from registration.mail.rules import MailPurpose

LONGEST_SUBJECT = 150
LONGEST_BODY = 20_000
# So long can be asked what a mail said that we sent; then its text goes.
TEXT_KEPT = timedelta(days=30)
PURPOSES = (MailPurpose.NEWSLETTER, MailPurpose.MARKETING)
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


class MailingState(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"


class MailingNotFound(NotFound):
    message = N_("There is no such message.")


class NotDraft(Conflict):
    message = N_("This message has been sent, or is being sent. Write a new one.")


class NotSending(Conflict):
    message = N_("This message is not being sent any more.")


class NotTested(Conflict):
    message = N_("Send it to yourself first, and read it as it arrives.")


class NobodyThere(Conflict):
    message = N_("Nobody has said yes to this, so there is nobody to send it to.")


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a line: words, or an address that is a link."""

    text: str
    link: bool


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph or, with ``points``, a list; its lines."""

    lines: tuple[Line, ...]
    points: bool


@dataclass(frozen=True, slots=True)
class NewsMail:
    """What the mail's templates show; ``offer``: it is advertising, and says so."""

    subject: str
    text: str
    blocks: tuple[Block, ...]
    offer: bool


def blocks_of(text: str) -> tuple[Block, ...]:
    """Paragraphs stand apart by an empty line; lines that begin with “- ” are points."""
    found: list[Block] = []
    for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        points = bool(lines) and all(line.startswith("- ") for line in lines)
        plain = [line.removeprefix("- ") if points else line for line in lines]
        if plain:
            found.append(Block(tuple(_line(line) for line in plain), points))
    return tuple(found)


def _line(text: str) -> Line:
    pieces: list[Piece] = []
    at = 0
    for found in _URL.finditer(text):
        if found.start() > at:
            pieces.append(Piece(text[at : found.start()], link=False))
        pieces.append(Piece(found[0], link=True))
        at = found.end()
    if at < len(text):
        pieces.append(Piece(text[at:], link=False))
    return tuple(pieces)


Texts = Mapping[str, Mapping[str, str]]


def clean_texts(given: Texts) -> dict[str, dict[str, str]]:
    """By language the subject and the body, of those languages that have both. Raises ``Invalid``
    with what is wrong by field: half a language, none at all, or too long."""
    errors: list[FieldError] = []
    texts: dict[str, dict[str, str]] = {}
    for code in LANGUAGES:
        subject = " ".join(given.get(code, {}).get("subject", "").split())
        body = given.get(code, {}).get("body", "").replace("\r\n", "\n").strip()
        if bool(subject) != bool(body):
            field = f"body_{code}" if subject else f"subject_{code}"
            errors.append(FieldError(field, "missing", N_("Write both the subject and the text.")))
        if len(subject) > LONGEST_SUBJECT:
            errors.append(_too_long(f"subject_{code}", LONGEST_SUBJECT))
        if len(body) > LONGEST_BODY:
            errors.append(_too_long(f"body_{code}", LONGEST_BODY))
        if subject and body:
            texts[code] = {"subject": subject, "body": body}
    if not texts and not errors:
        message = N_("Write it in at least one language.")
        errors.append(FieldError(f"subject_{LANGUAGES[0]}", "missing", message))
    if errors:
        raise Invalid(*errors)
    return texts


def _too_long(field: str, most: int) -> FieldError:
    message = N_("Use at most {max_length} characters.")
    return FieldError(field, "too_long", message, {"max_length": most})


def language_for(texts: Texts, wish: str) -> str:
    """The language that somebody reads it in: their own, else the first that it was written in."""
    return next(code for code in (wish, *LANGUAGES) if code in texts)


def news_mail(texts: Texts, language: str, purpose: MailPurpose) -> NewsMail:
    text = texts[language]
    return NewsMail(
        text["subject"], text["body"], blocks_of(text["body"]), purpose is MailPurpose.MARKETING
    )
