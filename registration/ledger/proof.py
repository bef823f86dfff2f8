"""Proof of one deletion: its receipt, and where the chain holds it (P4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from registration.errors import NotFound
from registration.i18n import N_
from registration.ledger.models import Entry, Receipt, Seal
from registration.ledger.queries import ReceiptLine, receipt_line


class ReceiptNotFound(NotFound):
    message = N_("There is no such receipt.")


@dataclass(frozen=True, slots=True)
class Link:
    """A seal of the chain: its position, counted from 1, and its hash in hexadecimal."""

    position: int
    digest: str


@dataclass(frozen=True, slots=True)
class Proof:
    """``steps`` are codes. ``entry`` is the entry's number in the ledger, and ``entry_says`` what
    the chain holds of it; ``seal`` is None until the entry is sealed, some seconds after. ``head``
    is the newest seal: whoever writes it down can tell later that nothing before it was changed."""

    receipt: ReceiptLine
    steps: tuple[str, ...]
    entry: int | None
    entry_says: str
    seal: Link | None
    head: Link | None


async def proof_of(receipt_id: UUID) -> Proof:
    """Raises ``ReceiptNotFound``."""
    row = await Receipt.get_or_none(id=receipt_id)
    if row is None:
        raise ReceiptNotFound
    held = await Entry.get_or_none(number=row.entry_number) if row.entry_number else None
    sealed = await Seal.get_or_none(entry_number=held.number) if held else None
    return Proof(
        receipt=receipt_line(row),
        steps=tuple(row.steps.split(",")) if row.steps else (),
        entry=held.number if held else None,
        entry_says=held.detail if held else "",
        seal=_link(sealed),
        head=_link(await Seal.all().order_by("-position").first()),
    )


def _link(seal: Seal | None) -> Link | None:
    return Link(seal.position, bytes(seal.digest).hex()) if seal else None
