"""The nightly sweep: what is due by a retention rule goes, in steps that nobody notices (P13).

Each step is one short transaction. It locks the persons and the rows (whoever has one locked is
left for the next night), looks again what is due and what speaks against it, and deletes. So many
sweeps may run at once, each row goes once, and one that was broken off goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from uuid import UUID

from registration.accounts.models import (
    Account,
    ApiToken,
    Authenticator,
    CodeGuess,
    Grant,
    Login,
    LoginHelp,
    LoginLink,
    OutsideLogin,
    Passkey,
    RecoveryCode,
)  # fmt: skip
from registration.companies.models import CompanyApprover
from registration.db import connection, reading, scrub, transaction
from registration.enrolment.models import Place
from registration.people.models import Person
from registration.people.rules import forget_typed
from registration.periods import Schedule
from registration.privacy.due import NIL, Found, due_lists, still_due
from registration.privacy.export import model_of
from registration.privacy.forgetting import filled_tables, forget, remember_ties
from registration.privacy.reasons import judged, reasons_for
from registration.privacy.receipts import Run
from registration.privacy.remains import leave_counts
from registration.privacy.retention import RULES, Night, Rule, Sort
from registration.privacy.rules import Why
from registration.qualifications.workforce import forget_sorted
from registration.settings import Settings
from registration.teaching.models import Assignment

_OF_ACCOUNTS = (
    CompanyApprover, ApiToken, Authenticator, CodeGuess, Grant, Login, LoginHelp, LoginLink,
    OutsideLogin, Passkey, RecoveryCode,
)  # fmt: skip
# What ties a person to us, of the rows that go by a rule of their own.
_TIES = frozenset({"employment", "consent", "rights_request"})


@dataclass(slots=True)
class Pace:
    """How much is deleted in one transaction, and how long others have the database after it.

    The size follows how long the last ones took (``aim``, in seconds); ``rest`` is how many times
    as long the sweep stays away after each. ``longest`` is the longest that locks were held.
    """

    aim: float = 0.025
    rest: float = 6.0
    size: int = 20
    least: int = 5
    most: int = 60
    longest: float = 0.0

    def note(self, took: float) -> None:
        self.longest = max(self.longest, took)
        if took > self.aim:
            self.size = max(self.least, int(self.size * max(0.5, self.aim / took)))
        elif took < self.aim / 2:
            self.size = min(self.most, self.size + max(1, self.size // 4))

    async def pause(self, took: float) -> None:
        await asyncio.sleep(took * self.rest)


@dataclass(slots=True)
class Swept:
    """How many were deleted by each rule, and how many that were due were left, by why."""

    deleted: dict[str, int] = field(default_factory=dict)
    left: dict[str, dict[Why, int]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.deleted.values())


@dataclass(frozen=True, slots=True)
class Broom:
    """What every step of one sweep needs to know."""

    night: Night
    schedule: Schedule
    pace: Pace
    run: Run
    swept: Swept
    actor_id: UUID | None
    prepared: set[tuple[str, int]] = field(default_factory=set)


async def sweep(
    settings: Settings,
    *,
    now: datetime,
    actor_id: UUID | None = None,
    pace: Pace | None = None,
) -> Swept:
    """What was due at ``now`` is gone, but for what the rules of ``rules.verdict`` keep. Every rule
    by which something was deleted has its receipt. Nothing is deleted a day early."""
    night = Night(now, settings.time_zone)
    run = await Run.begin(settings.organisation.retention, actor_id=actor_id)
    broom = Broom(night, settings.organisation.retention, pace or Pace(), run, Swept(), actor_id)
    for rule in RULES:
        await _follow(rule, broom)
    await run.end(longest=broom.pace.longest)
    if broom.swept.deleted:
        # What this process still remembers of them.
        forget_typed()
        forget_sorted()
        await scrub()
    return broom.swept


async def _follow(rule: Rule, broom: Broom) -> None:
    pace, swept = broom.pace, broom.swept
    left = swept.left.setdefault(rule.name, {})
    begun = perf_counter()
    async for due in due_lists(rule, broom.night, broom.schedule):
        await pace.pause((perf_counter() - begun) / 2)
        at = 0
        while at < len(due):
            step = due[at : at + pace.size]
            at += len(step)
            gone, took, kept = await _step(rule, step, broom)
            pace.note(took)
            if gone:
                swept.deleted[rule.name] = swept.deleted.get(rule.name, 0) + gone
            for why, number in kept.items():
                left[why] = left.get(why, 0) + number
            await pace.pause(took)
        await broom.run.step()
        begun = perf_counter()
    await broom.run.leave(rule, left)


async def _step(
    rule: Rule, step: Sequence[Found], broom: Broom
) -> tuple[int, float, dict[Why, int]]:
    """How many went, for how long locks were held, and how many stay for which reason."""
    kept: dict[Why, int] = {}
    async with transaction():
        await _prepare(rule, broom)
        begun = perf_counter()
        ids = await _locked(rule, step)
        due = await still_due(rule, broom.night, broom.schedule, ids)
        reasons = await reasons_for([each.person_id for each in due if each.person_id])
        going: list[Found] = []
        for each in due:
            said = judged(rule, each, reasons, today=broom.night.today)
            if said.goes:
                going.append(each)
            else:
                kept[said.why] = kept.get(said.why, 0) + 1
        if going:
            await _delete(rule, going, broom)
            await broom.run.add(rule, len(going))
        gone = len(going)
    return gone, perf_counter() - begun, kept


async def _prepare(rule: Rule, broom: Broom) -> None:
    """PostgreSQL's first look at a table on a connection takes longer than all the rest: it is
    taken before anything is locked, for nobody."""
    if not connection().capabilities.support_for_update:
        return
    [row] = await reading().execute_query_dict("SELECT pg_backend_pid() AS pid")
    if (rule.name, row["pid"]) in broom.prepared:
        return
    broom.prepared.add((rule.name, row["pid"]))
    await _locked(rule, [Found(NIL, NIL)])
    await still_due(rule, broom.night, broom.schedule, [NIL])
    await reasons_for([NIL])
    if rule.sort is Sort.PERSON:
        await filled_tables([NIL])


async def _locked(rule: Rule, step: Sequence[Found]) -> list[UUID]:
    """The rows of these that are locked now: persons first, then the rows, in the order of ids.
    On SQLite nobody else writes until the transaction ends."""
    if not connection().capabilities.support_for_update:
        return [each.id for each in step]
    whose = sorted({each.person_id for each in step if each.person_id})
    persons = {
        row.id
        for row in await Person.filter(id__in=whose)
        .order_by("id")
        .select_for_update(skip_locked=True)
        .only("id")
    }
    if rule.sort is Sort.PERSON:
        return sorted(persons)
    free = sorted(each.id for each in step if each.person_id is None or each.person_id in persons)
    rows = model_of(rule.table).filter(id__in=free).order_by("id")
    return [row.pk for row in await rows.select_for_update(skip_locked=True).only("id")]


async def _delete(rule: Rule, going: Sequence[Found], broom: Broom) -> None:
    ids = [each.id for each in going]
    if rule.sort is Sort.PERSON:
        await forget(ids, actor_id=broom.actor_id, now=broom.night.now)
        return
    if rule.sort is Sort.ACCOUNT:
        await _delete_accounts(ids)
        return
    if rule.table == "place":
        await leave_counts(ids)
    if rule.table == "place" or rule.table in _TIES:
        ends: dict[UUID, datetime] = {}
        for each in going:
            if each.person_id is not None and each.ended_at is not None:
                ends[each.person_id] = max(each.ended_at, ends.get(each.person_id, each.ended_at))
        await remember_ties(ends)
    model = Place if rule.table == "place" else model_of(rule.table)
    await model.filter(id__in=ids).delete()


async def _delete_accounts(ids: Sequence[UUID]) -> None:
    """An account that taught stays as an id without a name, for the packs that it was given are on
    record; the others go."""
    taught = {
        UUID(str(each))
        for each in await Assignment.filter(account_id__in=list(ids)).values_list(
            "account_id", flat=True
        )
    }
    for model in _OF_ACCOUNTS:
        await model.filter(account_id__in=list(ids)).delete()
    await Account.filter(id__in=list(taught)).update(name="", email="", nda_on=None)
    await Account.filter(id__in=[each for each in ids if each not in taught]).delete()
