"""Writing to the ledger, in the transaction of the act: neither is without the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

import orjson

from registration.db import transaction
from registration.ledger import stored
from registration.ledger.models import Disclosure, Entry, Receipt
from registration.ledger.rules import Act, Basis, Note
from registration.ledger.sealing import seal_entries
from registration.ledger.strays import strays
from registration.ledger.verifying import ChainCheck, walk

__all__ = [
    "ChainCheck",
    "Shown",
    "disclose",
    "entry",
    "give_receipt",
    "record",
    "record_many",
    "seal_entries",
    "verify_chain",
]
EMPTY = Note()
EMPTIES: tuple[object, ...] = (None, "", ())


@dataclass(frozen=True, slots=True)
class Shown:
    """That data of ``person_id`` was shown or sent: which fields, to whom, what for, by which road
    (``page``, ``api``, ``pack``, ``mail``)."""

    person_id: UUID
    fields: tuple[str, ...]
    purpose: str
    basis: Basis
    road: str
    actor_id: UUID | None = None
    recipient_id: UUID | None = None
    object_id: UUID | None = None


def entry(
    act: Act,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    object_id: UUID | None = None,
    note: Note = EMPTY,
) -> Entry:
    """An unsaved entry, for callers that write many at once."""
    said = {key: value for key, value in asdict(note).items() if value not in EMPTIES}
    return Entry(
        at=now,
        act=act.value,
        actor_id=actor_id,
        subject_id=subject_id,
        object_id=object_id,
        detail=orjson.dumps(said).decode() if said else "",
    )


async def record(
    act: Act,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    subject_id: UUID | None = None,
    object_id: UUID | None = None,
    note: Note = EMPTY,
) -> None:
    """One entry is in the ledger when the surrounding transaction commits."""
    await entry(
        act, now=now, actor_id=actor_id, subject_id=subject_id, object_id=object_id, note=note
    ).save(force_create=True)


async def record_many(entries: Sequence[Entry]) -> None:
    await Entry.bulk_create(entries, batch_size=500)


async def disclose(shown: Iterable[Shown], *, now: datetime) -> None:
    """Each showing is on record, person by person (P3, P7, P15)."""
    await Disclosure.bulk_create(
        [
            Disclosure(
                id=uuid4(),
                at=now,
                person_id=each.person_id,
                actor_id=each.actor_id,
                recipient_id=each.recipient_id,
                object_id=each.object_id,
                purpose=each.purpose,
                basis=each.basis.value,
                road=each.road,
                fields_shown=",".join(each.fields),
            )
            for each in shown
        ],
        batch_size=500,
    )


async def give_receipt(
    *,
    event_id: UUID,
    reason: str,
    diets: int,
    due_at: datetime,
    done_at: datetime,
    deletion_id: str,
    steps: Sequence[str] = (),
) -> None:
    """The receipt of one deletion, once: a second call with the same ``deletion_id`` changes
    nothing (P4). ``steps`` were done and looked at again. The chain holds the receipt's id, its
    count, reason, steps and moment."""
    async with transaction():
        if await Receipt.filter(deletion_id=deletion_id).exists():
            return
        receipt_id = uuid4()
        note = Note(count=diets, purpose=reason, codes=tuple(steps), receipt=receipt_id)
        proof = entry(Act.DIETS_DELETED, now=done_at, object_id=event_id, note=note)
        await proof.save(force_create=True)
        await Receipt.create(
            id=receipt_id,
            event_id=event_id,
            reason=reason,
            diets=diets,
            due_at=due_at,
            done_at=done_at,
            lateness_seconds=max(0.0, (done_at - due_at).total_seconds()),
            deletion_id=deletion_id,
            steps=",".join(steps),
            entry_number=proof.number,
        )


@dataclass(frozen=True, slots=True)
class _Stored:
    """The rows of the database, as the walk takes them."""

    seals = staticmethod(stored.seals)
    entries = staticmethod(stored.entries)
    blocks = staticmethod(stored.blocks)
    disclosures_in = staticmethod(stored.disclosures_in)
    receipts_in = staticmethod(stored.receipts_in)
    last_seal = staticmethod(stored.last_seal)
    strays = staticmethod(strays)


async def verify_chain(
    *, at: int | None = None, heads: Mapping[int, str] | None = None
) -> ChainCheck:
    """Walk the stored chain from its beginning (``verifying.walk``)."""
    return await walk(_Stored(), at=at, heads=heads)
