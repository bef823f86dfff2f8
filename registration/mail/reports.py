"""Reading what a mail server reports of a mail (RFC 3464): strangers wrote it, and may lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from enum import StrEnum

# A report begins with what matters; what it returns of the mail may be long.
MOST_READ = 256 * 1024
MOST_PARTS = 50
MOST_MARKS = 20
# Where the address that a report was sent to may stand, the surest first.
RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
AUTOMATIC = frozenset({"auto-replied", "auto-notified"})
MARK = re.compile(r"\+([a-z2-7]{42})@", re.IGNORECASE)
STATUS = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")


class Said(StrEnum):
    """``DELAYED`` and ``DELIVERED`` are no bounces; ``NOTHING``: it is no report, as an answer of
    somebody who is out of the office."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    NOTHING = "nothing"


ACTIONS = {
    "failed": Said.FAILED,
    "delayed": Said.DELAYED,
    "delivered": Said.DELIVERED,
    "relayed": Said.DELIVERED,
    "expanded": Said.DELIVERED,
}


@dataclass(frozen=True, slots=True)
class Report:
    """``marks``: what looks like a mark of ours in the addresses that it was sent to. ``status`` is
    the enhanced one (RFC 3463)."""

    said: Said
    status: str
    marks: tuple[str, ...]


def read_report(content: bytes, *, sent_to: str = "") -> Report:
    """What ``content`` (the beginning of a mail, at most ``MOST_READ`` bytes) reports.

    ``sent_to`` is the address that the mail server took it for, if it says so. Raises nothing:
    what cannot be read reports nothing.
    """
    try:
        message = BytesParser().parsebytes(content[:MOST_READ])
        marks = _marks(message, sent_to)
        said, status = _outcome(message)
    except (MessageError, RecursionError, ValueError, LookupError):
        return Report(Said.NOTHING, "", ())
    return Report(said, status, marks)


def _marks(message: Message, sent_to: str) -> tuple[str, ...]:
    texts = [sent_to]
    for name in RECIPIENTS:
        texts += [str(value)[:2000] for value in (message.get_all(name) or [])[:10]]
    found = (mark.lower() for text in texts for mark in MARK.findall(text))
    return tuple(dict.fromkeys(found))[:MOST_MARKS]


def _outcome(message: Message) -> tuple[Said, str]:
    if str(message.get("Auto-Submitted", "")).partition(";")[0].strip().lower() in AUTOMATIC:
        kind = message.get_content_type()
        if kind != "multipart/report":
            return Said.NOTHING, ""
    for number, part in enumerate(_parts(message)):
        if number >= MOST_PARTS:
            break
        if part.get_content_type() == "message/delivery-status":
            return _delivery(part)
    return Said.NOTHING, ""


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a report, one level deep: what it returns of the mail is not looked into."""
    if message.get_content_type() != "multipart/report":
        return
    payload = message.get_payload()
    if isinstance(payload, list):
        yield from (part for part in payload if isinstance(part, Message))


def _delivery(part: Message) -> tuple[Said, str]:
    """Of several recipients (we write to one at a time) the one that failed."""
    found: tuple[Said, str] = (Said.NOTHING, "")
    blocks = part.get_payload()
    for block in blocks[:MOST_PARTS] if isinstance(blocks, list) else []:
        if not isinstance(block, Message) or "Action" not in block:
            continue
        said = ACTIONS.get(str(block["Action"]).partition(";")[0].strip().lower(), Said.NOTHING)
        status = STATUS.match(str(block.get("Status", "")))
        one = said, status[1] if status else ""
        if said is Said.FAILED:
            return one[0], one[1] or "5.0.0"
        if found[0] is Said.NOTHING:
            found = one
    return found
