"""Writing to the ledger, in the transaction of the act: neither is without the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID, uuid4

import orjson

from registration.db import transaction
from registration.ledger.models import Disclosure, Entry, Receipt, Seal
from registration.ledger.rules import GENESIS, Act, Basis, Note, seal

SEAL_BATCH = 2_000
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


async def seal_entries() -> int:
    """Every committed entry that was not sealed yet is now part of the chain; says how many.

    Entries are sealed in the order of their numbers as far as they are known. One whose number is
    lower than the last sealed one's (its transaction committed later) is sealed next.
    """
    sealed = 0
    while True:
        async with transaction():
            last = await Seal.all().order_by("-position").first()
            waiting = await _unsealed(last)
            digest = bytes(last.digest) if last else GENESIS
            position = last.position if last else 0
            made: list[Seal] = []
            for one in waiting:
                position += 1
                digest = digest_of(one, previous=digest)
                made.append(Seal(position=position, entry_number=one.number, digest=digest))
            await Seal.bulk_create(made, batch_size=500)
        sealed += len(made)
        if len(made) < SEAL_BATCH:
            return sealed


SETTLING_ENTRIES = 10_000


async def _unsealed(last: Seal | None) -> list[Entry]:
    """Up to ``SEAL_BATCH`` entries without a seal, looking back far enough for late commits."""
    horizon = max(0, last.entry_number - SETTLING_ENTRIES) if last else 0
    done = set(await Seal.filter(entry_number__gt=horizon).values_list("entry_number", flat=True))
    recent = await Entry.filter(number__gt=horizon).order_by("number").limit(SEAL_BATCH + len(done))
    return [one for one in recent if one.number not in done][:SEAL_BATCH]


def digest_of(one: Entry, *, previous: bytes) -> bytes:
    return seal(
        previous,
        number=one.number,
        at_iso=one.at.isoformat(),
        act=one.act,
        actor_id=one.actor_id,
        subject_id=one.subject_id,
        object_id=one.object_id,
        detail=one.detail,
    )


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """``broken_at``: the number of the first entry whose seal does not fit, or None. ``head`` is
    the hash of the last seal, in hexadecimal, and ``wanted`` the one at the place asked for; empty
    when there is none."""

    sealed: int
    unsealed: int
    broken_at: int | None
    head: str = ""
    wanted: str = ""


VERIFY_BATCH = 5_000


async def verify_chain(*, at: int | None = None) -> ChainCheck:
    """Walk the chain from its beginning, in bounded memory; ``at`` is a place whose hash is wanted,
    counted from 1."""
    digest, position, wanted = GENESIS, 0, ""
    while True:
        seals = await Seal.filter(position__gt=position).order_by("position").limit(VERIFY_BATCH)
        if not seals:
            break
        numbers = [one.entry_number for one in seals]
        entries = {one.number: one for one in await Entry.filter(number__in=numbers)}
        for one in seals:
            position += 1
            held = entries.get(one.entry_number)
            if held is None or one.position != position:
                return ChainCheck(position - 1, 0, one.entry_number)
            digest = digest_of(held, previous=digest)
            if digest != bytes(one.digest):
                return ChainCheck(position - 1, 0, one.entry_number)
            wanted = digest.hex() if position == at else wanted
    unsealed = await Entry.all().count() - position
    return ChainCheck(position, unsealed, None, digest.hex() if position else "", wanted)
