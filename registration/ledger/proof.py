"""Proof of one entry to somebody who has nothing but a head of the chain, and of one deletion by
its receipt (P4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from registration.errors import NotFound
from registration.i18n import N_
from registration.ledger import stored
from registration.ledger.chain import (
    BlockRow,
    EntryRow,
    block_content,
    block_digest,
    disclosure_content,
    entry_content,
    receipt_content,
)
from registration.ledger.inclusion import Head, Inclusion
from registration.ledger.merkle import leaf_hash, path_of
from registration.ledger.models import Block, Entry, Receipt, Seal
from registration.ledger.queries import ReceiptLine, receipt_line
from registration.ledger.rules import GENESIS

MOST_AFTER = 20_000


class ReceiptNotFound(NotFound):
    message = N_("There is no such receipt.")


class EntryNotFound(NotFound):
    message = N_("There is no entry with this number in the ledger.")


@dataclass(frozen=True, slots=True)
class EntryProof:
    """``entry`` is the entry's number, ``says`` what its note holds. ``seal`` is the link of the
    chain that holds it, None until it is sealed, some seconds after; ``inclusion`` shows that the
    link does hold it, None for what an older version sealed (its link is over the entry alone).
    ``head`` is the newest link: whoever writes it down can tell later that nothing before it was
    changed."""

    entry: int
    says: str
    seal: Head | None
    head: Head | None
    inclusion: Inclusion | None


@dataclass(frozen=True, slots=True)
class Proof:
    """``steps`` are codes; the others as in ``EntryProof``. ``entry`` None: a receipt of an older
    version, which no entry is known to."""

    receipt: ReceiptLine
    steps: tuple[str, ...]
    entry: int | None
    entry_says: str
    seal: Head | None
    head: Head | None
    inclusion: Inclusion | None = None


async def proof_of(receipt_id: UUID) -> Proof:
    """Raises ``ReceiptNotFound``."""
    row = await Receipt.get_or_none(id=receipt_id)
    if row is None:
        raise ReceiptNotFound
    held: EntryProof | None = None
    if row.entry_number and await Entry.filter(number=row.entry_number).exists():
        held = await proof_of_entry(row.entry_number)
    return Proof(
        receipt=receipt_line(row),
        steps=tuple(row.steps.split(",")) if row.steps else (),
        entry=held.entry if held else None,
        entry_says=held.says if held else "",
        seal=held.seal if held else None,
        head=held.head if held else await last_head(),
        inclusion=held.inclusion if held else None,
    )


async def proof_of_entry(number: int, *, to_hand_on: bool = False) -> EntryProof:
    """``to_hand_on``: with the links of all later blocks, so that any head from then on proves it.
    Raises ``EntryNotFound``."""
    entry = (await stored.entries([number])).get(number)
    if entry is None:
        raise EntryNotFound
    seal = await Seal.get_or_none(entry_number=number)
    link, inclusion = None, None
    if seal is not None:
        row = await Block.filter(seals_to__gte=seal.position).order_by("position").first()
        first = await Block.all().order_by("position").first()
        if row is None or first is None or seal.position < first.position:
            link = Head(seal.position, bytes(seal.digest).hex())
        else:
            block = stored.block_row(row)
            link = Head(block.position, block.digest.hex())
            later = await stored.blocks(block.position, limit=MOST_AFTER) if to_hand_on else []
            inclusion = await _inclusion(entry, seal.position, block, later)
    return EntryProof(number, entry.detail, link, await last_head(), inclusion)


async def last_head() -> Head | None:
    """The newest link of the chain."""
    block = await stored.last_block()
    if block is not None:
        return Head(block.position, block.digest.hex())
    seal = await Seal.all().order_by("-position").first()
    return Head(seal.position, bytes(seal.digest).hex()) if seal else None


async def _inclusion(
    entry: EntryRow, position: int, block: BlockRow, later: Sequence[BlockRow]
) -> Inclusion:
    """A handful of queries, however many blocks came after."""
    seals = await stored.seals(block.seals_to - block.entries, upto=block.seals_to)
    place = block.position
    leaves = [
        *(each.digest for each in seals),
        *(leaf_hash(disclosure_content(d)) for d in await stored.disclosures_in(place, place)),
        *(leaf_hash(receipt_content(r)) for r in await stored.receipts_in(place, place)),
    ]
    index = position - (block.seals_to - block.entries) - 1
    before = await _digest_before(place)
    return Inclusion(
        content=entry_content(entry).decode(),
        index=index,
        size=len(leaves),
        path=tuple(each.hex() for each in path_of(leaves, index)),
        links=_links([block, *later], before),
    )


async def _digest_before(place: int) -> bytes:
    block = await Block.get_or_none(position=place - 1)
    if block is not None:
        return bytes(block.digest)
    seal = await Seal.get_or_none(position=place - 1)
    return bytes(seal.digest) if seal else GENESIS


def _links(blocks: Sequence[BlockRow], before: bytes) -> tuple[str, ...]:
    """What each block's hash is made over."""
    said: list[str] = []
    for block in blocks:
        content = block_content(block, previous=before)
        said.append(content.decode())
        before = block_digest(content)
    return tuple(said)
