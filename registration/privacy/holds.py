"""Legal holds: what an authority requires us to keep, until it is lifted (P13).

Whoever deletes locks the person's row first and asks ``held`` after that; placing a hold takes the
same lock. So a hold counts from its commit, also against a sweep or an erasure that is under way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import BeforeValidator, Field

from registration.db import transaction
from registration.errors import FieldError
from registration.forms import Command, Refused
from registration.i18n import DEFAULT_ZONE, N_
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.people.models import Person
from registration.people.rules import PersonNotFound, clean_text
from registration.periods import goes_on
from registration.privacy.datamap import DATA_MAP, Erasure, Kind, Since, Table
from registration.privacy.export import model_of
from registration.privacy.models import Hold
from registration.privacy.rules import (
    LONGEST_REVIEW_MONTHS,
    HoldKnown,
    HoldLifted,
    HoldNotFound,
    NothingToHold,
)

_ALL = 1_000_000


class HoldGiven(Command):
    """``table`` empty: everything of the person; ``columns`` empty: the whole record."""

    table: Annotated[str, Field(max_length=40)] = ""
    record_id: UUID | None = None
    columns: tuple[Annotated[str, Field(max_length=40)], ...] = ()
    authority: Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(clean_text)]
    reference: Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(clean_text)]
    reason: Annotated[str, Field(min_length=1, max_length=1000), BeforeValidator(clean_text)]
    review_on: date
    silent: bool = False


class HoldReviewed(Command):
    review_on: date


class HoldEnded(Command):
    because: Annotated[str, Field(min_length=1, max_length=300), BeforeValidator(clean_text)]


@dataclass(frozen=True, slots=True)
class HoldLine:
    """``table`` empty: everything of the person; ``record_id`` None: all rows of that table;
    ``columns`` empty: the whole of each. ``silent``: the person must not be told."""

    id: UUID
    person_id: UUID
    table: str
    record_id: UUID | None
    columns: frozenset[str]
    authority: str
    reference: str
    reason: str
    silent: bool
    review_on: date
    placed_at: datetime
    placed_by: UUID
    reviewed_at: datetime | None
    lifted_at: datetime | None
    lifted_because: str

    def covers(self, table: str, record_id: UUID | None = None) -> bool:
        """Whether the record, or something in it, must stay. Without ``record_id``: any of them."""
        if self.table not in ("", table):
            return False
        return None in (self.record_id, record_id) or self.record_id == record_id


def holdable() -> Mapping[str, Table]:
    """The tables of which something can be held: what a person's erasure or the calendar would
    delete. Food restrictions are not among them, for they are not part of the register (P5)."""
    return {
        name: table
        for name, table in DATA_MAP.items()
        if table.subject
        and table.erasure in (Erasure.DELETE, Erasure.KEEP_BY_DUTY)
        and table.keep.since is not Since.DEADLINE
        and name != "hold"
    }


def holdable_columns(table: str) -> Mapping[str, Kind]:
    """The columns of a table that say something of the person."""
    return {
        name: kind
        for name, kind in DATA_MAP[table].columns.items()
        if kind not in (Kind.LINK, Kind.NONE)
    }


async def place_hold(
    person_id: UUID, given: HoldGiven, *, actor_id: UUID, today: date, now: datetime
) -> UUID:
    """From now on neither the person's erasure nor the calendar deletes what is held.

    Raises ``PersonNotFound``, ``Refused`` for a table, a column or a date that cannot be,
    ``NothingToHold`` where the record is not the person's, ``HoldKnown``.
    """
    _check(given, today=today)
    columns = ",".join(sorted(set(given.columns)))
    async with transaction():
        if await Person.filter(id=person_id).select_for_update().first() is None:
            raise PersonNotFound
        if given.record_id is not None:
            path = DATA_MAP[given.table].subject
            rows = model_of(given.table).filter(id=given.record_id).filter(**{path: person_id})
            if not await rows.exists():
                raise NothingToHold
        same = Hold.filter(
            person_id=person_id, record_table=given.table, record_id=given.record_id,
            columns=columns, lifted_at=None, authority__iexact=given.authority,
            reference__iexact=given.reference,
        )  # fmt: skip
        if await same.exists():
            raise HoldKnown
        made = uuid4()
        await Hold.create(
            id=made, person_id=person_id, record_table=given.table, record_id=given.record_id,
            columns=columns, authority=given.authority, reference=given.reference,
            reason=given.reason, silent=given.silent, review_on=given.review_on,
            placed_by=actor_id, placed_at=now,
        )  # fmt: skip
        shown = tuple(sorted(set(given.columns))) or ((given.table,) if given.table else ())
        await _record(Act.HOLD_PLACED, made, person_id, shown, given.silent, actor_id, now)
    return made


async def review_hold(
    hold_id: UUID, given: HoldReviewed, *, actor_id: UUID, today: date, now: datetime
) -> None:
    """Somebody made sure that it is still required, and will again by ``review_on``.

    Raises ``HoldNotFound``, ``HoldLifted``, ``Refused``.
    """
    _check_date(given.review_on, today=today)
    async with transaction():
        row = await _in_force(hold_id)
        row.review_on, row.reviewed_at, row.reviewed_by = given.review_on, now, actor_id
        await row.save(update_fields=["review_on", "reviewed_at", "reviewed_by"])
        await _record(Act.HOLD_REVIEWED, hold_id, row.person_id, (), row.silent, actor_id, now)


async def lift_hold(hold_id: UUID, given: HoldEnded, *, actor_id: UUID, now: datetime) -> None:
    """The authority requires it no longer: what is due goes with the next sweep.

    Raises ``HoldNotFound``, ``HoldLifted``.
    """
    async with transaction():
        row = await _in_force(hold_id)
        row.lifted_at, row.lifted_by, row.lifted_because = now, actor_id, given.because
        await row.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])
        await _record(Act.HOLD_LIFTED, hold_id, row.person_id, (), row.silent, actor_id, now)


async def holds_of(person_id: UUID, *, silent: bool = False) -> list[HoldLine]:
    """What is held of the person now, the oldest first; the silent ones only where asked for, for
    they are never shown to the person."""
    rows = Hold.filter(person_id=person_id, lifted_at=None)
    if not silent:
        rows = rows.filter(silent=False)
    return [line_of(row) for row in await rows.order_by("placed_at", "id")]


async def held(person_ids: Collection[UUID]) -> Mapping[UUID, tuple[HoldLine, ...]]:
    """The holds in force on each of these, silent ones too; nothing for who has none. Ask it
    after locking the persons' rows, in the transaction that deletes."""
    found: dict[UUID, tuple[HoldLine, ...]] = {}
    ids = list(dict.fromkeys(person_ids))
    for start in range(0, len(ids), 500):
        rows = await Hold.filter(person_id__in=ids[start : start + 500], lifted_at=None)
        for row in rows:
            found[row.person_id] = (*found.get(row.person_id, ()), line_of(row))
    return found


async def all_holds(*, limit: int = _ALL) -> list[HoldLine]:
    """Every hold in force, by the day of its review: the late ones first."""
    rows = await Hold.filter(lifted_at=None).order_by("review_on", "id").limit(limit)
    return [line_of(row) for row in rows]


async def late_holds(*, now: datetime, limit: int = 20) -> list[HoldLine]:
    """Those whose review is due, the latest first."""
    today = now.astimezone(DEFAULT_ZONE).date()
    rows = Hold.filter(lifted_at=None, review_on__lte=today).order_by("review_on", "id")
    return [line_of(row) for row in await rows.limit(limit)]


async def lifted_holds(*, limit: int = 50) -> list[HoldLine]:
    """The last ones that were lifted."""
    rows = await Hold.exclude(lifted_at=None).order_by("-lifted_at", "id").limit(limit)
    return [line_of(row) for row in rows]


async def hold(hold_id: UUID) -> HoldLine:
    """Raises ``HoldNotFound``."""
    row = await Hold.get_or_none(id=hold_id)
    if row is None:
        raise HoldNotFound
    return line_of(row)


def line_of(row: Hold) -> HoldLine:
    return HoldLine(
        row.id, row.person_id, row.record_table, row.record_id,
        frozenset(name for name in row.columns.split(",") if name),
        row.authority, row.reference, row.reason, row.silent, row.review_on, row.placed_at,
        row.placed_by, row.reviewed_at, row.lifted_at, row.lifted_because,
    )  # fmt: skip


def longest_review(today: date) -> date:
    """The last day that may be given for a review."""
    return goes_on(today, LONGEST_REVIEW_MONTHS)


def _check(given: HoldGiven, *, today: date) -> None:
    if given.table and given.table not in holdable():
        raise Refused(
            FieldError("table", "unknown", N_("There is no such kind of record. Choose one."))
        )
    if given.record_id is not None and not given.table:
        raise Refused(FieldError("table", "missing", N_("Choose which kind of record it is.")))
    known = holdable_columns(given.table) if given.table else {}
    if set(given.columns) - set(known):
        raise Refused(
            FieldError("columns", "unknown", N_("This record has no such part. Choose again."))
        )
    _check_date(given.review_on, today=today)


def _check_date(review_on: date, *, today: date) -> None:
    if not today < review_on <= longest_review(today):
        raise Refused(
            FieldError(
                "review_on",
                "review_date",
                N_("Give a day after today and at most 12 months ahead."),
            )
        )


async def _in_force(hold_id: UUID) -> Hold:
    row = await Hold.filter(id=hold_id).select_for_update().first()
    if row is None:
        raise HoldNotFound
    if row.lifted_at is not None:
        raise HoldLifted
    return row


async def _record(
    act: Act,
    hold_id: UUID,
    person_id: UUID,
    fields: tuple[str, ...],
    silent: bool,
    actor_id: UUID,
    now: datetime,
) -> None:
    """A silent one names no person, for persons read what is on record of them."""
    await record(
        act,
        now=now,
        actor_id=actor_id,
        subject_id=None if silent else person_id,
        object_id=hold_id,
        note=Note(fields=fields),
    )
