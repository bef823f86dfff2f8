"""A ledger in lists: the rows that the walk takes, without a database, and ways to tamper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TypeVar
from uuid import UUID

from registration.ledger.chain import (
    BlockRow,
    Break,
    DisclosureRow,
    EntryRow,
    ReceiptRow,
    SealRow,
    Wrong,
    block_content,
    block_digest,
    disclosure_content,
    entry_content,
    old_digest,
    receipt_content,
)
from registration.ledger.merkle import leaf_hash, root_of
from registration.ledger.rules import GENESIS, Act
from registration.ledger.verifying import Strays, Walked

START = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
ACTS = tuple(Act)


@dataclass(frozen=True, slots=True)
class Lists:
    """The tables. ``strays`` says in lists what ``ledger.strays`` asks a database."""

    entry: tuple[EntryRow, ...]
    seal: tuple[SealRow, ...]
    block: tuple[BlockRow, ...]
    disclosure: tuple[DisclosureRow, ...]
    receipt: tuple[ReceiptRow, ...]

    async def seals(
        self, after: int, *, upto: int | None = None, limit: int | None = None
    ) -> list[SealRow]:
        found = [
            r for r in self.seal if r.position > after and (upto is None or r.position <= upto)
        ]
        return sorted(found, key=lambda row: row.position)[:limit]

    async def entries(self, numbers: Sequence[int]) -> Mapping[int, EntryRow]:
        wanted = set(numbers)
        return {row.number: row for row in self.entry if row.number in wanted}

    async def blocks(self, after: int, *, limit: int) -> list[BlockRow]:
        found = [row for row in self.block if row.position > after]
        return sorted(found, key=lambda row: row.position)[:limit]

    async def disclosures_in(self, first: int, last: int) -> list[DisclosureRow]:
        return sorted(_within(self.disclosure, first, last), key=_leaf)

    async def receipts_in(self, first: int, last: int) -> list[ReceiptRow]:
        return sorted(_within(self.receipt, first, last), key=_leaf)

    async def last_seal(self) -> int:
        return max((row.position for row in self.seal), default=0)

    async def strays(self, walked: Walked) -> Strays:
        sealed = {row.entry_number for row in self.seal}
        waiting = [row for row in self.entry if row.number not in sealed]
        found = self._outside(walked) or _inserted(waiting, walked)
        return Strays(found, len(waiting))

    def _outside(self, walked: Walked) -> Break | None:
        start, link = walked.start or 1, walked.link
        if any(row.position < start for row in self.block):
            return Break(Wrong.BLOCK, 0)
        for seal in self.seal:
            if not 1 <= seal.position <= link.seals:
                return Break(Wrong.SEAL, seal.entry_number)
        for told in self.disclosure:
            if _stray(told.block, told.at, walked):
                return Break(Wrong.DISCLOSURE_INSERTED, link.entry, named=told.id)
        for given in self.receipt:
            if _stray(given.block, given.done_at, walked):
                return Break(Wrong.RECEIPT_INSERTED, link.entry, named=given.id)
        return None


Held = TypeVar("Held", DisclosureRow, ReceiptRow)


def _within(rows: Sequence[Held], first: int, last: int) -> list[Held]:
    return [row for row in rows if row.block is not None and first <= row.block <= last]


def _leaf(row: DisclosureRow | ReceiptRow) -> tuple[int, int, UUID]:
    return row.block or 0, -1 if row.leaf is None else row.leaf, row.id


def _stray(block: int | None, at: datetime, walked: Walked) -> bool:
    if block is None:
        return walked.swept is not None and at < walked.swept
    return not (walked.start or 1) <= block <= walked.link.place


def _inserted(waiting: Sequence[EntryRow], walked: Walked) -> Break | None:
    for row in sorted(waiting, key=lambda row: row.number):
        old = walked.swept is not None and row.at < walked.swept
        if row.number <= walked.settled or old:
            return Break(Wrong.ENTRY_INSERTED, row.number)
    return None


def uuid(chance: Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)


def make_lists(chance: Random, *, old: int = 20, blocks: int = 12, each: int = 6) -> Lists:
    """A chain of ``old`` links of an older version and then ``blocks``, a quarter of an hour
    between them, with rolled-back numbers and a late commit here and there."""
    entry: list[EntryRow] = []
    seal: list[SealRow] = []
    block: list[BlockRow] = []
    told: list[DisclosureRow] = []
    given: list[ReceiptRow] = []
    at, number, digest = START, 0, GENESIS
    for position in range(1, old + 1):
        number, at = number + chance.choice((1, 1, 1, 2)), at + timedelta(seconds=30)
        entry.append(_entry(chance, number, at))
        digest = old_digest(entry[-1], previous=digest)
        seal.append(SealRow(uuid(chance), position, number, digest))
    settled = 0
    for place in range(old + 1, old + blocks + 1):
        new: list[EntryRow] = []
        for _each in range(chance.randint(0, each)):
            number, at = number + chance.choice((1, 1, 1, 2)), at + timedelta(seconds=20)
            new.append(_entry(chance, number, at))
        chance.shuffle(new)
        size = len(new)
        own = [
            _disclosure(chance, at, place, size + leaf) for leaf in range(chance.randint(0, each))
        ]
        size += len(own)
        done = [_receipt(chance, at, place, size, number)] if chance.random() < 0.5 else []
        if not new and not own and not done:
            own = [_disclosure(chance, at, place, 0)]
        leaves = [leaf_hash(entry_content(one)) for one in new]
        for position, (one, leaf) in enumerate(zip(new, leaves, strict=True), len(seal) + 1):
            seal.append(SealRow(UUID(int=position), position, one.number, leaf))
        leaves += [leaf_hash(disclosure_content(one)) for one in own]
        leaves += [leaf_hash(receipt_content(one)) for one in done]
        at += timedelta(minutes=15)
        settled = max(settled, number - 5 * each)
        row = BlockRow(
            UUID(int=place), place, at, len(new), len(own), len(done), len(seal),
            max(0, settled), root_of(leaves), b"",
        )  # fmt: skip
        digest = block_digest(block_content(row, previous=digest))
        block.append(replace(row, digest=digest))
        entry += new
        told += own
        given += done
    return Lists(tuple(entry), tuple(seal), tuple(block), tuple(told), tuple(given))


def _entry(chance: Random, number: int, at: datetime) -> EntryRow:
    return EntryRow(
        number, at, chance.choice(ACTS).value, uuid(chance), uuid(chance), uuid(chance),
        f'{{"count":{chance.randint(0, 9)}}}',
    )  # fmt: skip


def _disclosure(chance: Random, at: datetime, block: int, leaf: int) -> DisclosureRow:
    return DisclosureRow(
        uuid(chance), at, uuid(chance), uuid(chance), None, uuid(chance), "teaching", "contract",
        "page", "name,company", block, leaf,
    )  # fmt: skip


def _receipt(chance: Random, at: datetime, block: int, leaf: int, number: int) -> ReceiptRow:
    return ReceiptRow(
        uuid(chance), uuid(chance), "event-over", 3, at, at, 0.25, uuid(chance).hex,
        "key-destroyed", number, block, leaf,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tampered:
    """``how`` and to what, in words for a failing test."""

    how: str
    lists: Lists


Tampering = Callable[[Lists, Random], Tampered]
TABLES = ("entry", "seal", "block", "disclosure", "receipt")


def change(lists: Lists, chance: Random) -> Tampered:
    """One column of one row says something else. (An older seal's own id means nothing.)"""
    table = chance.choice(TABLES)
    rows = list(getattr(lists, table))
    at = chance.randrange(len(rows))
    names = [one.name for one in fields(rows[at])]
    if table == "seal" and rows[at].position < lists.block[0].position:
        names.remove("id")
    name = chance.choice(names)
    rows[at] = replace(rows[at], **{name: _other(getattr(rows[at], name), chance)})
    return Tampered(f"{table} {at}: {name}", replace(lists, **{table: tuple(rows)}))


def _other(value: object, chance: Random) -> object:
    match value:
        case None:
            return chance.choice((uuid(chance), 1))
        case UUID():
            return uuid(chance)
        case datetime():
            return value + timedelta(microseconds=chance.choice((-1, 1, 10**9)))
        case float():
            return value + 0.5
        case int():
            return value + chance.choice((-3, -1, 1, 2, 1000))
        case bytes():
            at = chance.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1 << chance.randrange(8)]) + value[at + 1 :]
        case str():
            return value + "x" if not value or chance.random() < 0.5 else value[1:]
    raise TypeError(type(value))


def delete(lists: Lists, chance: Random) -> Tampered:
    """One row is gone; not the newest block with all that it holds (see ``truncate``)."""
    table = chance.choice(TABLES)
    rows = list(getattr(lists, table))
    at = chance.randrange(len(rows))
    del rows[at]
    return Tampered(f"{table} {at} deleted", replace(lists, **{table: tuple(rows)}))


def delete_with_seal(lists: Lists, chance: Random) -> Tampered:
    """An entry is gone, and its seal too; those behind it close up."""
    at = chance.randrange(len(lists.seal))
    gone = lists.seal[at]
    seals = [
        replace(row, position=row.position - (row.position > gone.position))
        for row in lists.seal
        if row is not gone
    ]
    kept = tuple(row for row in lists.entry if row.number != gone.entry_number)
    return Tampered(
        f"seal {at} and its entry deleted", replace(lists, entry=kept, seal=tuple(seals))
    )


def swap(lists: Lists, chance: Random) -> Tampered:
    """Two rows have each other's key, or each other's place in the chain."""
    table, name = chance.choice(
        (
            ("entry", "number"),
            ("seal", "position"),
            ("seal", "entry_number"),
            ("block", "position"),
            ("disclosure", "leaf"),
            ("disclosure", "block"),
            ("receipt", "block"),
            ("disclosure", "person_id"),
        )
    )
    rows = list(getattr(lists, table))
    while True:
        one, two = chance.sample(range(len(rows)), 2)
        first, second = getattr(rows[one], name), getattr(rows[two], name)
        if first != second:
            break
    rows[one] = replace(rows[one], **{name: second})
    rows[two] = replace(rows[two], **{name: first})
    return Tampered(f"{table} {one} and {two}: {name}", replace(lists, **{table: tuple(rows)}))


def insert(lists: Lists, chance: Random) -> Tampered:
    """A row that never was, among the sealed ones."""
    table = chance.choice(("entry", "entry-late-number", "disclosure", "receipt", "seal"))
    settled = lists.block[-1].settled
    long_ago = lists.block[-1].sealed_at - timedelta(hours=1, seconds=chance.randint(1, 5000))
    taken = {row.number for row in lists.entry}
    if table == "entry":
        free = [n for n in range(-3, settled + 1) if n not in taken]
        row = _entry(chance, chance.choice(free), lists.block[-1].sealed_at)
        return Tampered(f"entry {row.number} inserted", replace(lists, entry=(*lists.entry, row)))
    if table == "entry-late-number":
        row = _entry(chance, max(taken) + chance.randint(1, 5), long_ago)
        return Tampered(f"entry {row.number} inserted", replace(lists, entry=(*lists.entry, row)))
    if table == "seal":
        number = max(taken) + 1
        entry = _entry(chance, number, lists.block[-1].sealed_at)
        position = len(lists.seal) + 1
        made = SealRow(UUID(int=position), position, number, leaf_hash(entry_content(entry)))
        return Tampered(
            "seal inserted",
            replace(lists, entry=(*lists.entry, entry), seal=(*lists.seal, made)),
        )
    block = chance.choice((None, *(row.position for row in lists.block)))
    at = long_ago if block is None else lists.block[-1].sealed_at
    leaf = None if block is None else chance.randint(0, 12)
    if table == "disclosure":
        told = replace(_disclosure(chance, at, 0, 0), block=block, leaf=leaf)
        return Tampered(
            f"disclosure inserted in {block}", replace(lists, disclosure=(*lists.disclosure, told))
        )
    given = replace(_receipt(chance, at, 0, 0, 1), block=block, leaf=leaf)
    return Tampered(f"receipt inserted in {block}", replace(lists, receipt=(*lists.receipt, given)))


def truncate(lists: Lists, chance: Random) -> Tampered:
    """The newest blocks are gone with all that they held: a whole chain, only a shorter one."""
    first = lists.block[-chance.randint(1, len(lists.block) - 1)].position
    kept = tuple(row for row in lists.block if row.position < first)
    seals = tuple(row for row in lists.seal if row.position <= kept[-1].seals_to)
    numbers = {row.entry_number for row in seals}
    return Tampered(
        f"truncated at {first}",
        Lists(
            tuple(row for row in lists.entry if row.number in numbers),
            seals,
            kept,
            tuple(row for row in lists.disclosure if (row.block or 0) < first),
            tuple(row for row in lists.receipt if (row.block or 0) < first),
        ),
    )


TAMPERINGS: tuple[Tampering, ...] = (change, delete, delete_with_seal, swap, insert)
