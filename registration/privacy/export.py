"""Everything held on a person, from the data map, so that no table can be forgotten (P11).

Written piece by piece: a hundred thousand rows cost no more memory than ten.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from registration.db import transaction
from registration.enrolment import queries as enrolment
from registration.i18n import _, text_in
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.people.queries import consents
from registration.periods import Schedule
from registration.privacy.datamap import Kind, kept_words
from registration.privacy.held import Cut
from registration.privacy.held_reading import Reading, Row, batches, model_of, of_account, of_person
from registration.privacy.held_values import GONE, Actor, actors
from registration.privacy.held_words import ACTORS, SECRET, UNTOLD
from registration.privacy.request_lines import requests_of
from registration.privacy.restrictions import restrictions_of
from registration.privacy.seen import seen
from registration.privacy.seen_pages import looks

__all__ = ["SCHEMA", "Row", "export", "export_of_account", "model_of", "pieces"]

Value = str | int | float | bool | None | list[str] | dict[str, str | bool]
PlainRow = dict[str, Value]
# Raised when a name changes or goes; what is added leaves it as it is.
SCHEMA = "1"
DEFAULT = Schedule()
LOOKS = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """``left_out`` are (table, row's id, column) that stay out to protect another person; an empty
    column is the whole row."""

    house: str
    now: datetime
    left_out: frozenset[Cut]
    schedule: Schedule


async def export(
    person_id: UUID,
    *,
    actor_id: UUID | None,
    house: str,
    now: datetime,
    left_out: Sequence[Cut] = (),
    schedule: Schedule = DEFAULT,
) -> dict[str, object]:
    """All of ``pieces`` at once, for what is known to be small. Raises ``PersonNotFound``."""
    parts = pieces(
        person_id,
        actor_id=actor_id,
        house=house,
        now=now,
        left_out=left_out,
        schedule=schedule,
    )
    whole: dict[str, object] = orjson.loads(b"".join([part async for part in parts]))
    return whole


async def pieces(
    person_id: UUID,
    *,
    actor_id: UUID | None,
    house: str,
    now: datetime,
    left_out: Sequence[Cut] = (),
    schedule: Schedule = DEFAULT,
) -> AsyncIterator[bytes]:
    """One JSON document, in order, and the export itself on record before the first piece.

    ``house`` names who runs this, in the sentences on who saw what. Ids of other people are in it
    as what they are (``staff``, ``coordinator`` …), never as ids. Diets are not in it: they are
    shown on the person's own page and are part of no file (P5). Raises ``PersonNotFound``.
    """
    readings = await of_person(person_id)
    async with transaction():
        await record(Act.PERSON_EXPORTED, now=now, actor_id=actor_id, subject_id=person_id)
    wanted = Wanted(house, now, frozenset(left_out), schedule)
    yield _opening(now)
    yield b'"places":' + orjson.dumps(await _places(person_id)) + b",\n"
    yield b'"consents":' + orjson.dumps(await _consents(person_id)) + b",\n"
    yield b'"requests":' + orjson.dumps(await _requests(person_id)) + b",\n"
    yield b'"restrictions":' + orjson.dumps(await _restrictions(person_id)) + b",\n"
    yield b'"seen":['
    async for part in _seen(person_id, wanted):
        yield part
    yield b"],\n"
    async for part in _held(readings, wanted):
        yield part
    yield b"}\n"


async def export_of_account(
    account_id: UUID,
    *,
    actor_id: UUID | None,
    house: str,
    now: datetime,
    schedule: Schedule = DEFAULT,
) -> AsyncIterator[bytes]:
    """What hangs on an account that is no participant's, likewise."""
    readings = await of_account(account_id)
    async with transaction():
        await record(Act.PERSON_EXPORTED, now=now, actor_id=actor_id, subject_id=account_id)
    yield _opening(now)
    async for part in _held(readings, Wanted(house, now, frozenset(), schedule)):
        yield part
    yield b"}\n"


def _opening(now: datetime) -> bytes:
    head = {"schema": SCHEMA, "made_at": now.isoformat()}
    return orjson.dumps(head)[:-1] + b",\n"


async def _places(person_id: UUID) -> list[dict[str, str]]:
    return [
        {
            "what": text_in(place.offering.title),
            "starts_at": place.offering.starts_at.isoformat(),
            "ends_at": place.offering.ends_at.isoformat(),
            "status": place.status.value,
        }
        for place in await enrolment.places_of_person(person_id)
    ]


async def _consents(person_id: UUID) -> list[dict[str, str | None]]:
    return [
        {
            "purpose": line.purpose.value,
            "given_at": line.given_at.isoformat(),
            "withdrawn_at": line.withdrawn_at.isoformat() if line.withdrawn_at else None,
        }
        for line in await consents(person_id)
    ]


async def _requests(person_id: UUID) -> list[dict[str, str | None]]:
    return [
        {
            "reference": line.reference,
            "kind": line.kind.value,
            "channel": line.channel.value,
            "state": line.state.value,
            "received_at": line.received_at.isoformat(),
            "due_at": line.until.isoformat(),
            "decision": line.decision.value if line.decision else None,
            "answered_at": line.answered_at.isoformat() if line.answered_at else None,
        }
        for line in await requests_of(person_id)
    ]


async def _restrictions(person_id: UUID) -> list[dict[str, str | bool | None]]:
    return [
        {
            "kind": line.kind.value,
            "of": line.scope or "everything",
            "made_at": line.made_at.isoformat(),
            "upheld": line.upheld,
            "ended_at": line.lifted_at.isoformat() if line.lifted_at else None,
        }
        for line in await restrictions_of(person_id)
    ]


async def _seen(person_id: UUID, wanted: Wanted) -> AsyncIterator[bytes]:
    """The newest first; as many as there are."""
    after, lead = None, b""
    while lines := await looks(person_id, after=after, limit=LOOKS):
        said = await seen(lines, house=wanted.house)
        told = [{"at": each.at.isoformat(), "what": each.said} for each in said]
        yield lead + orjson.dumps(told)[1:-1]
        after, lead = lines[-1], b",\n"


async def _held(readings: Sequence[Reading], wanted: Wanted) -> AsyncIterator[bytes]:
    yield b'"held":{'
    lead = b""
    for reading in readings:
        opened = False
        async for rows in batches(reading):
            plain = await _batch(reading, rows, wanted)
            if not plain:
                continue
            if not opened:
                yield lead + _table_opening(reading, wanted.schedule)
                opened, lead, between = True, b",\n", b""
            yield between + orjson.dumps(plain)[1:-1]
            between = b",\n"
        if opened:
            yield b"]}"
    yield b"}"


def _table_opening(reading: Reading, schedule: Schedule) -> bytes:
    table = reading.table
    about = {
        "what": _(reading.heading),
        "purpose": _(table.purpose) if table.purpose else "",
        "kept": kept_words(table, schedule),
    }
    return orjson.dumps(reading.name) + b":" + orjson.dumps(about)[:-1] + b',"rows":['


async def _batch(reading: Reading, rows: Sequence[Row], wanted: Wanted) -> list[PlainRow]:
    ids = {value for row in rows for each in ACTORS if isinstance(value := row.get(each), UUID)}
    known = await actors(ids, own=reading.own)
    plain = []
    for row in rows:
        key = row[reading.key]
        cut = {column for name, at, column in wanted.left_out if (name, at) == (reading.name, key)}
        if "" not in cut:
            plain.append(_plain(row, reading, known, cut))
    return plain


def _plain(row: Row, reading: Reading, known: Mapping[UUID, Actor], cut: set[str]) -> PlainRow:
    return {
        column: _actor(value, known) if column in ACTORS else _value(value)
        for column, value in row.items()
        if column not in SECRET | UNTOLD
        and column not in cut
        and (reading.name == "assignment" or reading.table.columns.get(column) is not Kind.NONE)
    }


def _actor(value: object, known: Mapping[UUID, Actor]) -> str | None:
    """In what part somebody acted: a stable word, no id."""
    if not isinstance(value, UUID):
        return None
    return known[value].role if value in known else GONE


def _value(value: object) -> Value:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return [str(each) for each in value]
    if isinstance(value, dict):
        return {str(k): v if isinstance(v, bool) else str(v) for k, v in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
