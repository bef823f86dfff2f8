"""Rows that the chain does not hold although they say, or are as old as if, it did."""

from __future__ import annotations

from tortoise.expressions import Q

from registration.ledger import stored
from registration.ledger.chain import Break, Wrong
from registration.ledger.models import Block, Disclosure, Entry, Receipt, Seal
from registration.ledger.sealing import unsealed_numbers
from registration.ledger.verifying import Strays, Walked

AT_ONCE = 5_000
LOWEST = -(2**63) + 1


async def strays(walked: Walked) -> Strays:
    """The first of them, and how many entries rightly wait for their seal."""
    found = await _without_block(walked) or await _inserted_records(walked)
    if found is None:
        found = await _inserted_entry(walked)
    return Strays(found, max(0, await Entry.all().count() - walked.sealed))


async def _without_block(walked: Walked) -> Break | None:
    """Blocks and seals that stand before or behind all others."""
    link = walked.link
    if await Block.filter(position__lt=walked.start or 1).exists():
        return Break(Wrong.BLOCK, 0)
    seal = await Seal.filter(Q(position__gt=link.seals) | Q(position__lt=1)).first()
    return Break(Wrong.SEAL, seal.entry_number, link.place) if seal else None


async def _inserted_records(walked: Walked) -> Break | None:
    """Disclosures and receipts that name a block which never was, or that are older than what
    the job has looked through."""
    outside = Q(block__gt=walked.link.place) | Q(block__lt=walked.start or walked.link.place + 1)
    told, given = outside, outside
    if walked.swept is not None:
        told = told | Q(block__isnull=True, at__lt=walked.swept)
        given = given | Q(block__isnull=True, done_at__lt=walked.swept)
    disclosure = await Disclosure.filter(told).first()
    if disclosure is not None:
        return Break(Wrong.DISCLOSURE_INSERTED, walked.link.entry, named=disclosure.id)
    receipt = await Receipt.filter(given).first()
    if receipt is not None:
        return Break(Wrong.RECEIPT_INSERTED, walked.link.entry, named=receipt.id)
    return None


async def _inserted_entry(walked: Walked) -> Break | None:
    """An entry without a seal whose number, or time, lies where all were sealed already."""
    after = LOWEST
    while numbers := await unsealed_numbers(after, limit=AT_ONCE):
        if numbers[0] <= walked.settled:
            return Break(Wrong.ENTRY_INSERTED, numbers[0])
        if walked.swept is None:
            return None
        rows = await stored.entries(numbers)
        old = [each for each in numbers if each in rows and rows[each].at < walked.swept]
        if old:
            return Break(Wrong.ENTRY_INSERTED, old[0])
        after = numbers[-1]
    return None
