"""Heads of the chain, as they are kept elsewhere: what is cut off later is missed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from registration.ledger.inclusion import Head
from registration.ledger.models import Block
from registration.ledger.proof import last_head

MOST_HEADS = 10_000


@dataclass(frozen=True, slots=True)
class HeadLine:
    """``sealed_at`` None: the last link of an older version; ``leaves`` is how many entries,
    disclosures and receipts its block holds."""

    head: Head
    sealed_at: datetime | None
    leaves: int


async def newest_heads(*, since: int | None = None, limit: int = MOST_HEADS) -> list[HeadLine]:
    """The newest head; with ``since`` those of all blocks from that place on, in order."""
    found = Block.all().order_by("-position").limit(1)
    if since is not None:
        found = Block.filter(position__gte=since).order_by("position").limit(limit)
    lines = [_line(row) for row in await found]
    if not lines and (last := await last_head()) and last.position >= (since or 1):
        return [HeadLine(last, None, 1)]
    return lines


async def latest_heads(*, limit: int) -> list[HeadLine]:
    """The newest first."""
    return [_line(row) for row in await Block.all().order_by("-position").limit(limit)]


def _line(row: Block) -> HeadLine:
    head = Head(row.position, bytes(row.digest).hex())
    return HeadLine(head, row.sealed_at, row.entries + row.disclosures + row.receipts)


def heads_text(lines: Sequence[HeadLine]) -> str:
    """A line for each, as ``inclusion.read_heads`` takes them again."""
    return "".join(f"{line.head}{_when(line.sealed_at, '  # sealed ')}\n" for line in lines)


def heads_values(lines: Sequence[HeadLine]) -> list[dict[str, object]]:
    return [
        {
            "place": line.head.position,
            "hash": line.head.digest,
            "sealed_at": _when(line.sealed_at, "") or None,
            "leaves": line.leaves,
        }
        for line in lines
    ]


def _when(at: datetime | None, before: str) -> str:
    return f"{before}{at.astimezone(UTC).isoformat(timespec='seconds')}" if at else ""
