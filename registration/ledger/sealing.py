"""The job's work: what was committed and not sealed yet becomes a block of the chain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from uuid import UUID

from registration import clock
from registration.db import connection, one_at_a_time, transaction
from registration.ledger import stored
from registration.ledger.chain import (
    OLD_HORIZON,
    SETTLING,
    BlockRow,
    DisclosureRow,
    EntryRow,
    ReceiptRow,
    block_content,
    block_digest,
    disclosure_content,
    entry_content,
    receipt_content,
)
from registration.ledger.merkle import leaf_hash, root_of
from registration.ledger.models import Block, Seal
from registration.ledger.rules import GENESIS

# As many as are sealed in some 30 ms: on SQLite nobody else writes meanwhile.
SEAL_BATCH = 500
MATTER = "seal-ledger"


@dataclass(frozen=True, slots=True)
class _End:
    """Where the chain ends now: ``seals`` is the last seal's position, ``settled`` as a block's."""

    place: int
    digest: bytes
    seals: int
    settled: int


@dataclass(frozen=True, slots=True)
class _Waiting:
    entries: list[EntryRow]
    disclosures: list[DisclosureRow]
    receipts: list[ReceiptRow]

    def __len__(self) -> int:
        return len(self.entries) + len(self.disclosures) + len(self.receipts)


async def seal_entries(*, now: datetime | None = None) -> int:
    """Everything committed that was not sealed yet is now part of the chain: entries, disclosures
    and receipts; says how many. One block for each ``SEAL_BATCH`` of them, none for nothing.

    Any process on any server may call it at any time. Entries are sealed in the order of their
    numbers as far as they are known. One whose number is lower than the last sealed one's (its
    transaction committed later) is sealed next, as long as that took less than ``SETTLING``.
    """
    sealed = 0
    while True:
        async with transaction():
            await one_at_a_time(MATTER)
            begun = perf_counter()
            made = await _seal_next(now or clock.now())
        sealed += made
        if made < SEAL_BATCH:
            return sealed
        await asyncio.sleep(perf_counter() - begun)  # others' turn: a backlog may be long


async def _seal_next(now: datetime) -> int:
    end = await _end()
    waiting = await _waiting(end)
    if not len(waiting):
        return 0
    leaves = [
        *(leaf_hash(entry_content(each)) for each in waiting.entries),
        *(leaf_hash(disclosure_content(each)) for each in waiting.disclosures),
        *(leaf_hash(receipt_content(each)) for each in waiting.receipts),
    ]
    place = end.place + 1
    row = BlockRow(
        id=UUID(int=place),
        position=place,
        sealed_at=now,
        entries=len(waiting.entries),
        disclosures=len(waiting.disclosures),
        receipts=len(waiting.receipts),
        seals_to=end.seals + len(waiting.entries),
        settled=await _settled(end, waiting.entries, full=len(waiting) >= SEAL_BATCH, now=now),
        root=root_of(leaves),
        digest=b"",
    )
    row = replace(row, digest=block_digest(block_content(row, previous=end.digest)))
    await Block.create(**{name: getattr(row, name) for name in stored.BLOCK})
    await Seal.bulk_create(
        [
            Seal(id=UUID(int=position), position=position, entry_number=each.number, digest=leaf)
            for position, (each, leaf) in enumerate(
                zip(waiting.entries, leaves, strict=False), end.seals + 1
            )
        ],
        batch_size=500,
    )
    at = len(waiting.entries)
    await _put_in("disclosure", place, at, [each.id for each in waiting.disclosures])
    at += len(waiting.disclosures)
    await _put_in("receipt", place, at, [each.id for each in waiting.receipts])
    return len(waiting)


async def _end() -> _End:
    last = await Seal.all().order_by("-position").first()
    block = await stored.last_block()
    if block is not None:
        return _End(block.position, block.digest, block.seals_to, block.settled)
    if last is None:
        return _End(0, GENESIS, 0, 0)
    # The last link of an older version is what the first block is chained to.
    settled = max(0, last.entry_number - OLD_HORIZON)
    return _End(last.position, bytes(last.digest), last.position, settled)


async def _waiting(end: _End) -> _Waiting:
    """At most ``SEAL_BATCH`` rows."""
    numbers = await unsealed_numbers(end.settled, limit=SEAL_BATCH)
    found = await stored.entries(numbers)
    room = SEAL_BATCH - len(numbers)
    disclosures = await stored.waiting_disclosures(room) if room else []
    room -= len(disclosures)
    receipts = await stored.waiting_receipts(room) if room else []
    return _Waiting([found[each] for each in numbers], disclosures, receipts)


async def unsealed_numbers(after: int, *, limit: int) -> list[int]:
    """The lowest numbers above ``after`` of entries without a seal, in order."""
    db = connection()
    marks = ("$1", "$2") if db.capabilities.dialect == "postgres" else ("?", "?")
    rows = await db.execute_query_dict(
        "SELECT e.number FROM ledger_entry e WHERE e.number > "  # noqa: S608 -- placeholders
        f"{marks[0]} AND NOT EXISTS (SELECT 1 FROM ledger_seal s WHERE s.entry_number = e.number)"
        f" ORDER BY e.number LIMIT {marks[1]}",
        [after, limit],
    )
    return [int(row["number"]) for row in rows]


async def _settled(end: _End, entries: Sequence[EntryRow], *, full: bool, now: datetime) -> int:
    """Up to which number this block's search, which began at ``end.settled``, has found all that
    can ever be there: what is as old as a block that was sealed ``SETTLING`` ago."""
    old = await Block.filter(sealed_at__lte=now - SETTLING).order_by("-position").first()
    if old is None:
        return end.settled
    last = await Seal.filter(position__lte=old.seals_to).order_by("-position").first()
    if last is None:
        return end.settled
    reached = min(last.entry_number, entries[-1].number) if full and entries else last.entry_number
    return max(end.settled, int(reached))


async def _put_in(table: str, place: int, first_leaf: int, ids: Sequence[UUID]) -> None:
    """These rows are the block's leaves from ``first_leaf`` on."""
    if not ids:
        return
    db = connection()
    server = db.capabilities.dialect == "postgres"
    marks = ("$1", "$2", "$3") if server else ("?", "?", "?")
    await db.execute_many(
        f"UPDATE {table} SET block = {marks[0]}, leaf = {marks[1]} "  # noqa: S608 -- placeholders
        f"WHERE id = {marks[2]}",
        [[place, leaf, each if server else str(each)] for leaf, each in enumerate(ids, first_leaf)],
    )
