"""The ledger's rows as plain values, many at a time."""

from __future__ import annotations

from collections.abc import Sequence

from registration.ledger.chain import BlockRow, DisclosureRow, EntryRow, ReceiptRow, SealRow
from registration.ledger.models import Block, Disclosure, Entry, Receipt, Seal

ENTRY = tuple(EntryRow.__slots__)
SEAL = tuple(SealRow.__slots__)
BLOCK = tuple(BlockRow.__slots__)
DISCLOSURE = tuple(DisclosureRow.__slots__)
RECEIPT = tuple(ReceiptRow.__slots__)


async def entries(numbers: Sequence[int]) -> dict[int, EntryRow]:
    """By number; those that are not there are absent."""
    rows = await Entry.filter(number__in=list(numbers)).values_list(*ENTRY)
    return {row[0]: EntryRow(*row) for row in rows}


async def seals(after: int, *, upto: int | None = None, limit: int | None = None) -> list[SealRow]:
    """Those whose position is higher than ``after``, in order."""
    found = Seal.filter(position__gt=after).order_by("position")
    if upto is not None:
        found = found.filter(position__lte=upto)
    rows = await (found if limit is None else found.limit(limit)).values_list(*SEAL)
    return [SealRow(made, at, number, bytes(digest)) for made, at, number, digest in rows]


async def last_seal() -> int:
    """The position of the last one, 0 without any."""
    row = await Seal.all().order_by("-position").first()
    return row.position if row else 0


async def blocks(after: int, *, limit: int) -> list[BlockRow]:
    rows = await Block.filter(position__gt=after).order_by("position").limit(limit)
    return [block_row(row) for row in rows]


async def last_block() -> BlockRow | None:
    row = await Block.all().order_by("-position").first()
    return block_row(row) if row else None


def block_row(row: Block) -> BlockRow:
    given = {name: getattr(row, name) for name in BLOCK}
    return BlockRow(**given | {"root": bytes(row.root), "digest": bytes(row.digest)})


async def disclosures_in(first: int, last: int) -> list[DisclosureRow]:
    """Those of the blocks from ``first`` to ``last``, in the order of their leaves."""
    found = Disclosure.filter(block__gte=first, block__lte=last).order_by("block", "leaf", "id")
    return [DisclosureRow(*row) for row in await found.values_list(*DISCLOSURE)]


async def receipts_in(first: int, last: int) -> list[ReceiptRow]:
    found = Receipt.filter(block__gte=first, block__lte=last).order_by("block", "leaf", "id")
    return [ReceiptRow(*row) for row in await found.values_list(*RECEIPT)]


async def waiting_disclosures(limit: int) -> list[DisclosureRow]:
    """Those that no block holds yet."""
    rows = await Disclosure.filter(block=None).limit(limit).values_list(*DISCLOSURE)
    return [DisclosureRow(*row) for row in rows]


async def waiting_receipts(limit: int) -> list[ReceiptRow]:
    rows = await Receipt.filter(block=None).limit(limit).values_list(*RECEIPT)
    return [ReceiptRow(*row) for row in rows]
