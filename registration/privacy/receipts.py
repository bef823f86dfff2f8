"""Runs of the sweep and their receipts: counts by rule, and the same in the ledger (P13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID, uuid4

from tortoise.expressions import F, Q

from registration import clock
from registration.db import one_at_a_time, transaction
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Note
from registration.ledger.service import entry
from registration.periods import Schedule
from registration.privacy.models import RetentionReceipt, RetentionRun
from registration.privacy.retention import RULES, Rule
from registration.privacy.rules import Why

# A run that said nothing for so long was broken off.
SILENT = timedelta(minutes=15)
SAID_EVERY = timedelta(seconds=30)


class Run:
    """One sweep on record. Its counts grow in the transactions that delete, so that they are true
    whatever happens to the process."""

    def __init__(self, run_id: UUID, begun: datetime) -> None:
        self.id, self._said = run_id, begun

    @classmethod
    async def begin(cls, schedule: Schedule, *, actor_id: UUID | None) -> Run:
        """Runs that were broken off end with what they did."""
        now = clock.now()
        async with transaction():
            await one_at_a_time("retention")
            for stale in await RetentionRun.filter(ended_at=None, stepped_at__lt=now - SILENT):
                await _close(stale.id, at=stale.stepped_at)
            run = await RetentionRun.create(
                id=uuid4(), started_at=now, stepped_at=now, actor_id=actor_id
            )
            await RetentionReceipt.bulk_create(
                [
                    RetentionReceipt(
                        id=uuid4(),
                        run_id=run.id,
                        rule=rule.name,
                        months=rule.said(schedule),
                        done_at=now,
                    )
                    for rule in RULES
                ]
            )
        return cls(run.id, now)

    async def add(self, rule: Rule, number: int) -> None:
        """So many were deleted by the rule, in the present transaction."""
        await RetentionReceipt.filter(run_id=self.id, rule=rule.name).update(
            deleted=F("deleted") + number, done_at=clock.now()
        )

    async def leave(self, rule: Rule, left: Mapping[Why, int]) -> None:
        """So many were due by the rule and stay."""
        if left:
            await RetentionReceipt.filter(run_id=self.id, rule=rule.name).update(
                held=left.get(Why.HOLD, 0),
                restricted=left.get(Why.RESTRICTION, 0),
                pending=left.get(Why.PENDING, 0),
            )

    async def step(self) -> None:
        """It is alive; said now and then."""
        now = clock.now()
        if now - self._said >= SAID_EVERY:
            self._said = now
            await RetentionRun.filter(id=self.id).update(stepped_at=now)

    async def end(self, *, longest: float) -> None:
        """``longest``: for how many seconds one step held its locks, at most."""
        async with transaction():
            await RetentionRun.filter(id=self.id).update(longest_ms=ceil(longest * 1000))
            await _close(self.id, at=clock.now())


async def _close(run_id: UUID, *, at: datetime) -> None:
    """Each rule that deleted something has its entry in the ledger; the empty lines go."""
    if not await RetentionRun.filter(id=run_id, ended_at=None).update(ended_at=at, stepped_at=at):
        return
    empty = Q(deleted=0, held=0, restricted=0, pending=0)
    await RetentionReceipt.filter(empty, run_id=run_id).delete()
    for row in await RetentionReceipt.filter(run_id=run_id, deleted__gt=0).order_by("rule"):
        note = Note(
            count=row.deleted, purpose=row.rule, codes=(row.months,), receipt=UUID(str(row.id))
        )
        proof = entry(Act.RETENTION_SWEPT, now=row.done_at, object_id=run_id, note=note)
        await proof.save(force_create=True)
        row.entry_number = proof.number
        await row.save(update_fields=["entry_number"])


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What a run did by one rule; ``entry_number`` is where the ledger has it."""

    id: UUID
    rule: str
    months: str
    deleted: int
    held: int
    restricted: int
    pending: int
    done_at: datetime
    entry_number: int | None


@dataclass(frozen=True, slots=True)
class RunLine:
    """``ended_at`` None: it is under way, or was broken off. ``lines`` without what had nothing."""

    id: UUID
    started_at: datetime
    ended_at: datetime | None
    actor_id: UUID | None
    lines: Sequence[ReceiptLine]

    @property
    def deleted(self) -> int:
        return sum(line.deleted for line in self.lines)


async def last_runs(*, limit: int = 14) -> list[RunLine]:
    """The newest first, in two queries."""
    runs = await RetentionRun.all().order_by("-started_at", "id").limit(limit)
    rows = await RetentionReceipt.filter(run_id__in=[run.id for run in runs]).order_by("rule")
    return [
        RunLine(
            run.id,
            run.started_at,
            run.ended_at,
            run.actor_id,
            tuple(
                ReceiptLine(
                    row.id, row.rule, row.months, row.deleted, row.held, row.restricted,
                    row.pending, row.done_at, row.entry_number,
                )
                for row in rows
                if row.run_id == run.id
                and any((row.deleted, row.held, row.restricted, row.pending))
            ),
        )
        for run in runs
    ]  # fmt: skip


async def last_end() -> datetime | None:
    """When the last run that came to its end did so."""
    row = await RetentionRun.exclude(ended_at=None).order_by("-ended_at").first()
    return row.ended_at if row else None


async def at_work(*, now: datetime) -> bool:
    """Whether some process sweeps now, or did so a minute ago."""
    open_ = Q(ended_at=None, stepped_at__gte=now - SILENT)
    just = Q(started_at__gte=now - timedelta(minutes=1))
    return await RetentionRun.filter(open_ | just).exists()


async def last_start() -> datetime | None:
    """When the last run began, whether it came to its end or not."""
    row = await RetentionRun.all().order_by("-started_at").first()
    return row.started_at if row else None


LATE = timedelta(days=2)


async def is_late(*, now: datetime) -> bool:
    """Whether no sweep has come to its end for two days, since the installation has been in use."""
    ended = await last_end()
    if ended is None:
        first = await Entry.all().order_by("number").first()
        ended = first.at if first else now
    return now - ended > LATE
