"""Everything that is held on somebody, in words: what a page shows and a paper prints (P11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from registration.i18n import _
from registration.periods import Schedule
from registration.privacy.datamap import kept_words
from registration.privacy.held_codes import BASES
from registration.privacy.held_reading import (
    Reading,
    Row,
    of_account,
    of_person,
    visible,
    without_links,
)
from registration.privacy.held_values import Names, names_of, said
from registration.privacy.held_words import COLUMNS, is_wordless

DEFAULT = Schedule()
SHORT = 5
PAGE = 25
# Where a thing is corrected, ended or asked about by oneself.
SECURITY = "/me/security"
WAYS = {
    "person": "/me/data",
    "suggestion": "/me/data",
    "consent": "/me/consents",
    "place": "/me",
    "interest": "/me#interests",
    "certificate": "/me",
    "disclosure": "/me/seen",
    "mail": "/me/mail",
    "dead_address": "/me/mail",
    "login": SECURITY,
    "passkey": SECURITY,
    "authenticator": SECURITY,
    "recovery_code": SECURITY,
    "restriction": "/me/rights",
    "rights_request": "/me/rights",
}
# What a row is known by stands first in it.
FIRST = {
    "place": "seating_id",
    "objection": "place_id",
    "interest": "training_id",
    "suggestion": "field",
    "employment": "company_id",
    "company_approver": "company_id",
    "attendance": "place_id",
    "outcome": "place_id",
    "outcome_change": "place_id",
    "certificate": "training_title",
    "mail": "subject",
    "rights_request": "reference",
    "hold": "authority",
    "assignment": "session_id",
    "account_grant": "role",
    "login": "device",
}
Cut = tuple[str, UUID, str]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """(label, value) of all that is filled in: what it is known by, then as in the data map."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HeldTable:
    """``total`` rows are held, ``rows`` are some of them, the newest first. ``correct`` is where
    one does something about it by oneself, or empty."""

    name: str
    heading: str
    purpose: str
    ground: str
    kept: str
    correct: str
    total: int
    rows: tuple[HeldRow, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True, slots=True)
class Held:
    tables: tuple[HeldTable, ...]

    @property
    def total(self) -> int:
        return sum(table.total for table in self.tables)


async def held_in_words(
    person_id: UUID,
    *,
    limit: int | None = SHORT,
    only: str = "",
    number: int = 1,
    left_out: Sequence[Cut] = (),
    schedule: Schedule = DEFAULT,
) -> Held:
    """What is held on a person, in the language now spoken.

    ``limit``: so many rows of each table (None: all); with ``only`` page ``number`` of that one
    table. ``left_out`` are (table, row's id, column) that stay unsaid to protect another person;
    an empty column is the whole row. Raises ``PersonNotFound``.
    """
    return await _held(await of_person(person_id), limit, only, number, left_out, schedule)


async def held_of_account(
    account_id: UUID,
    *,
    limit: int | None = SHORT,
    only: str = "",
    number: int = 1,
    schedule: Schedule = DEFAULT,
) -> Held:
    """What hangs on an account that is no participant's, likewise."""
    return await _held(await of_account(account_id), limit, only, number, (), schedule)


async def _held(
    readings: Sequence[Reading],
    limit: int | None,
    only: str,
    number: int,
    left_out: Sequence[Cut],
    schedule: Schedule,
) -> Held:
    cut = frozenset(left_out)
    found = [
        await _table(reading, limit, number, cut, schedule)
        for reading in readings
        if not only or reading.name == only
    ]
    return Held(tuple(table for table in found if table.total))


async def _table(
    reading: Reading, limit: int | None, number: int, cut: frozenset[Cut], schedule: Schedule
) -> HeldTable:
    total, rows = await _rows(reading, limit, number)
    names = await names_of(reading, rows)
    told = [_row(reading, row, names, cut) for row in rows]
    table = reading.table
    return HeldTable(
        name=reading.name,
        heading=_(reading.heading),
        purpose=_(table.purpose) if table.purpose else "",
        ground=_(BASES[table.basis.value]) if table.basis else "",
        kept=kept_words(table, schedule),
        correct=_way(reading),
        total=total,
        rows=tuple(row for row in told if row.facts),
    )


def _way(reading: Reading) -> str:
    """Of an account without a person only the pages on logging in are there."""
    way = WAYS.get(reading.name, "")
    return way if reading.path != "account_id" or way == SECURITY else ""


async def _rows(reading: Reading, limit: int | None, number: int) -> tuple[int, list[Row]]:
    found = (await visible(reading)).order_by(*reading.newest_first)
    asked = found
    if limit is not None:
        # One more than asked for says whether there are more to count.
        asked = found.offset((number - 1) * limit).limit(limit + 1)
    rows = [without_links(reading.name, row) for row in await asked.values()]
    if limit is None or (number == 1 and len(rows) <= limit):
        return len(rows), rows
    return await found.count(), rows[:limit]


def _row(reading: Reading, row: Row, names: Names, cut: frozenset[Cut]) -> HeldRow:
    key = row[reading.key]
    if isinstance(key, UUID) and (reading.name, key, "") in cut:
        return HeldRow(())
    facts = []
    first = FIRST.get(reading.name)
    for column in sorted(reading.table.columns, key=lambda each: each != first):
        if is_wordless(reading.name, column) or column not in row:
            continue
        if isinstance(key, UUID) and (reading.name, key, column) in cut:
            continue
        if value := said(reading.name, column, row[column], names):
            facts.append((_(label(reading.name, column)), value))
    return HeldRow(tuple(facts))


def label(table: str, column: str) -> str:
    """The msgid of a column; its own name where there is none, which the tests forbid."""
    return COLUMNS.get(f"{table}.{column}") or COLUMNS.get(column) or column
