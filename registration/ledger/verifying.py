"""Walking the chain from its beginning, in bounded memory, over rows from anywhere."""

from __future__ import annotations

from bisect import bisect_right as bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from registration.ledger.chain import (
    OLD_HORIZON,
    SETTLING,
    BlockRow,
    Break,
    DisclosureRow,
    EntryRow,
    Link,
    ReceiptRow,
    SealRow,
    Wrong,
    check_block,
    check_old,
)
from registration.ledger.sealing import SEAL_BATCH

VERIFY_BATCH = 5_000
MOST_BLOCKS = 500


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """``sealed`` and ``unsealed`` count entries, ``disclosures`` and ``receipts`` what is sealed of
    them, ``links`` the places of the chain. ``broken`` is the first thing that does not fit, and
    ``broken_at`` the number of the entry at which that is; None when all is whole. ``head`` is the
    hash of the last link, in hexadecimal, and ``wanted`` the one at the place asked for; empty
    when there is none."""

    sealed: int
    unsealed: int
    broken_at: int | None
    head: str = ""
    wanted: str = ""
    broken: Break | None = None
    links: int = 0
    disclosures: int = 0
    receipts: int = 0


@dataclass(frozen=True, slots=True)
class Walked:
    """What was found whole: up to ``link``, with ``sealed`` entries; ``start`` is the first block's
    place (None: there is none), ``settled`` as the last one's. What is older than ``swept`` and
    still waits for its seal was not there when the job looked."""

    link: Link
    sealed: int
    start: int | None
    settled: int
    swept: datetime | None


@dataclass(frozen=True, slots=True)
class Strays:
    """What the chain does not hold although it should, and how many entries wait for their seal."""

    found: Break | None
    unsealed: int


class Rows(Protocol):
    """Where the rows come from: both databases, or a list in a test."""

    async def seals(
        self, after: int, *, upto: int | None = None, limit: int | None = None
    ) -> list[SealRow]: ...

    async def entries(self, numbers: Sequence[int]) -> Mapping[int, EntryRow]: ...

    async def blocks(self, after: int, *, limit: int) -> list[BlockRow]: ...

    async def disclosures_in(self, first: int, last: int) -> list[DisclosureRow]: ...

    async def receipts_in(self, first: int, last: int) -> list[ReceiptRow]: ...

    async def last_seal(self) -> int: ...

    async def strays(self, walked: Walked) -> Strays: ...


@dataclass(slots=True)
class _Walk:
    """``heads``: hashes that were kept elsewhere, by their place; ``wanted`` the one asked for."""

    heads: Mapping[int, str]
    at: int | None
    link: Link = field(default_factory=Link)
    sealed: int = 0
    disclosures: int = 0
    receipts: int = 0
    wanted: str = ""
    settled: int = 0
    swept: datetime | None = None

    def step(self, found: Link | Break) -> Break | None:
        if isinstance(found, Break):
            return found
        digest = found.digest.hex()
        if self.heads.get(found.place, digest) != digest:
            return Break(Wrong.HEAD, found.entry, found.place)
        if found.place == self.at:
            self.wanted = digest
        self.link = found
        return None

    def answer(self, broken: Break | None, unsealed: int = 0) -> ChainCheck:
        place = self.link.place
        return ChainCheck(
            sealed=self.sealed,
            unsealed=unsealed,
            broken_at=broken.entry if broken else None,
            head=self.link.digest.hex() if place and not broken else "",
            wanted=self.wanted,
            broken=broken,
            links=place,
            disclosures=self.disclosures,
            receipts=self.receipts,
        )


async def walk(
    rows: Rows, *, at: int | None = None, heads: Mapping[int, str] | None = None
) -> ChainCheck:
    """The chain from its beginning, through both eras, up to the first break.

    ``at`` is a place whose hash is wanted, counted from 1; ``heads`` are hashes that were kept
    elsewhere, in hexadecimal, by their places. Sealing may go on meanwhile.
    """
    going = _Walk(heads or {}, at)
    try:
        return await _walk(rows, going)
    except (ValueError, TypeError):
        # What somebody wrote there is no time, no id or no number.
        return going.answer(Break(Wrong.UNREADABLE, going.link.entry, going.link.place + 1))


async def _walk(rows: Rows, going: _Walk) -> ChainCheck:
    upto = await rows.last_seal()
    first = await rows.blocks(0, limit=1)
    start = first[0].position if first else None
    broken = await _walk_old(rows, going, upto if start is None else start - 1)
    if broken is None and start is not None and going.link.place != start - 1:
        broken = Break(Wrong.SEAL, going.link.entry, going.link.place + 1)
    going.settled = max(0, going.link.entry - OLD_HORIZON)
    while broken is None:
        while broken is None and (batch := await rows.blocks(going.link.place, limit=MOST_BLOCKS)):
            for some in _portions(batch):
                broken = broken or await _walk_blocks(rows, going, some)
        if broken is not None:
            break
        walked = Walked(going.link, going.sealed, start, going.settled, going.swept)
        strays = await rows.strays(walked)
        if await rows.blocks(going.link.place, limit=1):
            start = start or going.link.place + 1
            continue  # the job has sealed something since
        beyond = [place for place in going.heads if not 1 <= place <= going.link.place]
        if strays.found is None and beyond:
            return going.answer(Break(Wrong.HEAD_GONE, going.link.entry, min(beyond)))
        return going.answer(strays.found, strays.unsealed)
    return going.answer(broken)


async def _walk_old(rows: Rows, going: _Walk, upto: int) -> Break | None:
    """The links of older versions: all before the first block."""
    while going.link.place < upto:
        seals = await rows.seals(going.link.place, upto=upto, limit=VERIFY_BATCH)
        if not seals:
            break
        entries = await rows.entries([one.entry_number for one in seals])
        for one in seals:
            broken = going.step(check_old(going.link, one, entries.get(one.entry_number)))
            if broken:
                return broken
            going.sealed += 1
    return None


def _portions(batch: Sequence[BlockRow]) -> list[list[BlockRow]]:
    """Blocks next to each other that hold about ``VERIFY_BATCH`` leaves together."""
    portions: list[list[BlockRow]] = []
    size = 0
    for row in batch:
        if not portions or size + row.size > VERIFY_BATCH:
            portions.append([])
            size = 0
        portions[-1].append(row)
        size += max(row.size, 0)  # a block that was tampered with may say anything
    return portions


async def _walk_blocks(rows: Rows, going: _Walk, some: Sequence[BlockRow]) -> Break | None:
    """A query for each kind of row, however many blocks."""
    first, last = some[0].position, some[-1].position
    seals = await rows.seals(going.link.seals, upto=some[-1].seals_to)
    places = [one.position for one in seals]
    entries = await rows.entries([one.entry_number for one in seals])
    told = _by_block(await rows.disclosures_in(first, last))
    given = _by_block(await rows.receipts_in(first, last))
    for row in some:
        own = seals[bisect(places, going.link.seals) : bisect(places, row.seals_to)]
        here = row.position
        found = check_block(going.link, row, own, entries, told.get(here, []), given.get(here, []))
        if broken := going.step(found):
            return broken
        going.sealed += row.entries
        going.disclosures += row.disclosures
        going.receipts += row.receipts
        going.settled = row.settled
        if row.size < SEAL_BATCH:
            going.swept = row.sealed_at - SETTLING
    return None


R = TypeVar("R", DisclosureRow, ReceiptRow)


def _by_block(rows: Sequence[R]) -> dict[int, list[R]]:
    found: dict[int, list[R]] = {}
    for row in rows:
        found.setdefault(row.block or 0, []).append(row)
    return found
