"""What the chain is made of, and what of it does not fit. Pure: rows in, findings out.

Its links are numbered 1, 2, 3 … First come those of older versions, one for each entry. Then each
is a block: the root of a Merkle tree over all that was sealed together, chained to the link before.
In a block the entries stand first, in the order of their seals, then disclosures, then receipts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

import orjson

from registration.ledger.merkle import leaf_hash, root_of
from registration.ledger.rules import GENESIS, seal

BLOCK = b"\x02"
# Longer than any transaction takes: what is not committed by then never will be.
SETTLING = timedelta(hours=1)
# How far back older versions looked for an entry that committed late.
OLD_HORIZON = 10_000


@dataclass(frozen=True, slots=True)
class EntryRow:
    number: int
    at: datetime
    act: str
    actor_id: UUID | None
    subject_id: UUID | None
    object_id: UUID | None
    detail: str


@dataclass(frozen=True, slots=True)
class SealRow:
    id: UUID
    position: int
    entry_number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class DisclosureRow:
    id: UUID
    at: datetime
    person_id: UUID
    actor_id: UUID | None
    recipient_id: UUID | None
    object_id: UUID | None
    purpose: str
    basis: str
    road: str
    fields_shown: str
    block: int | None
    leaf: int | None


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    id: UUID
    event_id: UUID
    reason: str
    diets: int
    due_at: datetime
    done_at: datetime
    lateness_seconds: float
    deletion_id: str
    steps: str
    entry_number: int | None
    block: int | None
    leaf: int | None


@dataclass(frozen=True, slots=True)
class BlockRow:
    """``seals_to``: the position of its last entry's seal. Below ``settled`` every entry that will
    ever be there has been sealed."""

    id: UUID
    position: int
    sealed_at: datetime
    entries: int
    disclosures: int
    receipts: int
    seals_to: int
    settled: int
    root: bytes
    digest: bytes

    @property
    def size(self) -> int:
        return self.entries + self.disclosures + self.receipts


class Wrong(StrEnum):
    """What does not fit."""

    ENTRY_CHANGED = "entry-changed"
    ENTRY_GONE = "entry-gone"
    ENTRY_INSERTED = "entry-inserted"
    SEAL = "seal"
    CONTENT = "content"
    BLOCK = "block"
    DISCLOSURE_INSERTED = "disclosure-inserted"
    RECEIPT_INSERTED = "receipt-inserted"
    HEAD = "head"
    HEAD_GONE = "head-gone"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Break:
    """``entry`` is the number of the entry it is about; for what is about a whole block, or about
    none, of the last one before it that is whole (0: there is none). ``link`` is the place in the
    chain, counted from 1, ``named`` an id where one row is meant."""

    wrong: Wrong
    entry: int
    link: int = 0
    named: UUID | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """How far the chain was walked and found whole: the last link's place and hash, the last
    seal's position, and the last entry's number."""

    place: int = 0
    digest: bytes = GENESIS
    seals: int = 0
    entry: int = 0


def entry_content(row: EntryRow) -> bytes:
    """What is sealed of an entry: canonical JSON, the time in UTC."""
    return orjson.dumps(
        [
            "entry", row.number, _iso(row.at), row.act, _text(row.actor_id),
            _text(row.subject_id), _text(row.object_id), row.detail,
        ]
    )  # fmt: skip


def disclosure_content(row: DisclosureRow) -> bytes:
    return orjson.dumps(
        [
            "disclosure", _text(row.id), _iso(row.at), _text(row.person_id), _text(row.actor_id),
            _text(row.recipient_id), _text(row.object_id), row.purpose, row.basis, row.road,
            row.fields_shown,
        ]
    )  # fmt: skip


def receipt_content(row: ReceiptRow) -> bytes:
    return orjson.dumps(
        [
            "receipt", _text(row.id), _text(row.event_id), row.reason, row.diets,
            _iso(row.due_at), _iso(row.done_at), row.lateness_seconds, row.deletion_id, row.steps,
            row.entry_number,
        ]
    )  # fmt: skip


def block_content(row: BlockRow, *, previous: bytes) -> bytes:
    """What a block's hash is made over, beside the byte that tells it from a leaf."""
    return orjson.dumps(
        [
            "block", row.position, previous.hex(), row.root.hex(), row.entries, row.disclosures,
            row.receipts, row.seals_to, row.settled, _iso(row.sealed_at),
        ]
    )  # fmt: skip


def block_digest(content: bytes) -> bytes:
    return sha256(BLOCK + content).digest()


def old_digest(row: EntryRow, *, previous: bytes) -> bytes:
    return seal(
        previous,
        number=row.number,
        at_iso=row.at.isoformat(),
        act=row.act,
        actor_id=row.actor_id,
        subject_id=row.subject_id,
        object_id=row.object_id,
        detail=row.detail,
    )


def check_old(before: Link, row: SealRow, entry: EntryRow | None) -> Link | Break:
    """The link of an older version that stands after ``before``, if it fits."""
    place = before.place + 1
    if row.position != place:
        return Break(Wrong.SEAL, row.entry_number, place)
    if entry is None:
        return Break(Wrong.ENTRY_GONE, row.entry_number, place)
    digest = old_digest(entry, previous=before.digest)
    if digest != row.digest:
        return Break(Wrong.ENTRY_CHANGED, entry.number, place)
    return Link(place, digest, place, entry.number)


def check_block(
    before: Link,
    row: BlockRow,
    seals: Sequence[SealRow],
    entries: Mapping[int, EntryRow],
    disclosures: Sequence[DisclosureRow],
    receipts: Sequence[ReceiptRow],
) -> Link | Break:
    """The block after ``before``, if it and all that it holds fit.

    ``seals`` are those after the last block's up to its own last, in their order; ``disclosures``
    and ``receipts`` those that name this block, in the order of their leaves.
    """
    place = before.place + 1
    if (row.position, row.id) != (place, UUID(int=place)):
        return Break(Wrong.BLOCK, before.entry, place)
    leaves: list[bytes] = []
    for position, one in enumerate(seals, before.seals + 1):
        if (one.position, one.id) != (position, UUID(int=position)):
            return Break(Wrong.SEAL, one.entry_number, place)
        entry = entries.get(one.entry_number)
        if entry is None:
            return Break(Wrong.ENTRY_GONE, one.entry_number, place)
        leaves.append(leaf_hash(entry_content(entry)))
        if leaves[-1] != one.digest:
            return Break(Wrong.ENTRY_CHANGED, entry.number, place)
    counts = (len(seals), len(disclosures), len(receipts))
    numbered = [*(each.leaf for each in disclosures), *(each.leaf for each in receipts)]
    leaves += [leaf_hash(disclosure_content(each)) for each in disclosures]
    leaves += [leaf_hash(receipt_content(each)) for each in receipts]
    if (
        counts != (row.entries, row.disclosures, row.receipts)
        or numbered != list(range(len(seals), row.size))
        or row.seals_to != before.seals + len(seals)
        or root_of(leaves) != row.root
    ):
        return Break(Wrong.CONTENT, before.entry, place)
    digest = block_digest(block_content(row, previous=before.digest))
    if digest != row.digest:
        return Break(Wrong.BLOCK, before.entry, place)
    last = seals[-1].entry_number if seals else before.entry
    return Link(place, digest, row.seals_to, last)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _text(given: UUID | None) -> str:
    return str(given) if given else ""
