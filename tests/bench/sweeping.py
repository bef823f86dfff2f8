"""The nightly sweep of a large register, by the server itself, while people use it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter, sleep
from uuid import uuid4

import asyncpg
import psutil

from registration import db
from registration.enrolment.placing import new_place
from registration.enrolment.rules import PlaceStatus
from registration.people.rules import Contact, Source
from registration.people.service import new_person
from registration.privacy.models import RetentionRun
from registration.privacy.receipts import last_runs
from tests.bench.client import Connection, Load, Work, getting, signing_up, summed
from tests.bench.measures import House, connected, serving
from tests.bench.server import HOST
from tests.bench.stored import BATCH, PER_SESSION, Row, columns_of, session_at, write

YEAR = timedelta(days=365)
DUE_IN = 10
BEFORE_SECONDS = 20.0
PROBE_EVERY = 0.02
LONG = 0.1


@dataclass(slots=True)
class Waited:
    """How long another writer waited at most, in seconds, and how often for longer than
    ``LONG``."""

    longest: float = 0.0
    often: int = 0

    def note(self, took: float) -> None:
        self.longest = max(self.longest, took)
        self.often += took > LONG


@dataclass(frozen=True, slots=True)
class Sweep:
    """``longest`` in milliseconds: for how long a step held its locks. ``grown`` in MiB.
    ``loads``: what was asked for, before and during."""

    deleted: int
    seconds: float
    longest: float
    waited: Waited
    grown: float
    loads: Sequence[tuple[str, Load, Load]]


async def write_old(house: House, number: int) -> None:
    """``number`` people, of whom one in ten is due: half of these as a place of long ago, half as
    a person whom nothing ties to us any more. The others have a place of last year."""
    async with connected(house.settings):
        now = datetime.now(UTC)
        recent = [await session_at(house, now - YEAR) for _each in range(-(-number // PER_SESSION))]
        old = [await session_at(house, now - 3 * YEAR) for _each in range(-(-number // 20_000))]
        template = _person(now)
        place = columns_of(
            new_place(
                recent[0], uuid4(), status=PlaceStatus.CONFIRMED, turn=0, source=Source.SELF,
                now=now - YEAR,
            )
        )  # fmt: skip
        long_ago = {"created_at": now - 4 * YEAR, "changed_at": now - 4 * YEAR}
        for start in range(0, number, BATCH):
            people: list[Row] = []
            places: list[Row] = []
            for at in range(start, min(start + BATCH, number)):
                made, due = uuid4(), at % DUE_IN == 0
                named = {"id": made, "name_key": f"talletettu {at}", "email": f"{at}@talle.example"}
                people.append(template | named | (long_ago if due else {}))
                if due and at % (2 * DUE_IN):
                    continue
                offering = old[at % len(old)] if due else recent[at // PER_SESSION]
                places.append(
                    place
                    | {
                        "id": uuid4(),
                        "person_id": made,
                        "seating_id": offering.seating_id,
                        "turn": at,
                    }
                )
            await write(house, "person", people)
            await write(house, "place", places)
        await db.connection().execute_script("ANALYZE")


def _person(now: datetime) -> Row:
    contact = Contact("Matti", "Talletettu", "matti@talle.example", language="fi")
    return columns_of(new_person(contact, source=Source.SELF, now=now))


def sweep_of(house: House) -> Sweep:
    """Starts the server, measures it in use, lets the sweep be due, and measures until its end."""
    with serving(house) as (port, process):
        return asyncio.run(_sweep_of(house, port, process))


async def _sweep_of(house: House, port: int, process: psutil.Process) -> Sweep:
    async with connected(house.settings):
        mix = _mix(house)
        await _used(port, mix, until=_after(3.0))  # the server's first answers are its slowest
        before = await _used(port, mix, until=_after(BEFORE_SECONDS))
        held = _resident(process)
        await RetentionRun.create(
            id=uuid4(),
            started_at=datetime.now(UTC) - timedelta(days=3),
            stepped_at=datetime.now(UTC) - timedelta(days=3),
            ended_at=datetime.now(UTC) - timedelta(days=3),
        )
        ended = asyncio.Event()
        watched = asyncio.create_task(_watch(process, ended))
        probed = asyncio.create_task(_probe(house, ended))
        while (await last_runs(limit=1))[0].started_at < datetime.now(UTC) - timedelta(days=1):
            await asyncio.sleep(0.1)
        during = await _used(port, mix, until=_when_swept(ended))
        run = (await last_runs(limit=1))[0]
        row = await RetentionRun.get(id=run.id)
        peak, waited = await watched, await probed
    assert run.ended_at is not None
    loads = [(name, before[name], during[name]) for name, _work, _rate in mix]
    seconds = (run.ended_at - run.started_at).total_seconds()
    return Sweep(run.deleted, seconds, row.longest_ms, waited, peak - held, loads)


Mix = Sequence[tuple[str, Work, float]]


def _mix(house: House) -> Mix:
    """What people do: (name, work, how often a second). As in a busy hour."""
    page = f"/sessions/{house.roomy}"
    paths = ["/", page, f"/trainings/{house.training}", f"/events/{house.event}"]
    mark = f"w{uuid4().hex[:6]}"
    return (
        ("pages", getting(paths), 40.0),
        ("sign-ups", signing_up(page, f"{page}/enrol", mark, []), 5.0),
    )


class _Until:
    """When to stop: a moment, or an event."""

    def __init__(self, moment: float | None = None, event: asyncio.Event | None = None) -> None:
        self._moment, self._event = moment, event

    @property
    def over(self) -> bool:
        if self._event is not None:
            return self._event.is_set()
        return self._moment is not None and perf_counter() >= self._moment


def _after(seconds: float) -> _Until:
    return _Until(moment=perf_counter() + seconds)


def _when_swept(ended: asyncio.Event) -> _Until:
    return _Until(event=ended)


_numbers = iter(range(100_000_000))


async def _used(port: int, mix: Mix, *, until: _Until) -> dict[str, Load]:
    """Requests come at their rate, whether the earlier ones have their answer or not."""
    began = perf_counter()
    found: dict[str, list[float]] = {name: [] for name, _work, _rate in mix}

    async def one(work: Work, into: list[float]) -> None:
        connection = Connection(HOST, port)
        start = perf_counter()
        await work(connection, next(_numbers))
        into.append(perf_counter() - start)
        connection.close()

    async def stream(name: str, work: Work, rate: float) -> None:
        due, waiting = perf_counter(), set()
        while not until.over:
            task = asyncio.create_task(one(work, found[name]))
            waiting.add(task)
            task.add_done_callback(waiting.discard)
            due += 1 / rate
            await asyncio.sleep(max(0.0, due - perf_counter()))
        await asyncio.gather(*waiting)

    await asyncio.gather(*(stream(*each) for each in mix))
    return {name: summed(took, perf_counter() - began) for name, took in found.items()}


def _resident(process: psutil.Process) -> float:
    """MiB that the server holds, with its children."""
    held: int = process.memory_info().rss
    held += sum(child.memory_info().rss for child in process.children(recursive=True))
    return held / 1024 / 1024


async def _watch(process: psutil.Process, ended: asyncio.Event) -> float:
    """The most that the server held until the sweep's end, which it finds out."""
    peak = _resident(process)
    while True:
        await asyncio.sleep(0.5)
        peak = max(peak, _resident(process))
        latest = (await last_runs(limit=1))[0]
        if latest.started_at > datetime.now(UTC) - timedelta(days=1) and latest.ended_at:
            ended.set()
            return peak


async def _probe(house: House, ended: asyncio.Event) -> Waited:
    """How a writer of another process waited for the sweep."""
    if house.urls is None:
        return await asyncio.to_thread(_probe_file, house, ended)
    opened = await asyncpg.connect(house.urls[0])
    waited = Waited()
    while not ended.is_set():
        await asyncio.sleep(PROBE_EVERY)
        began = perf_counter()
        await opened.execute(
            "UPDATE person SET calendar_number = calendar_number WHERE id = "
            "(SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT 1)",
            uuid4(),
        )
        waited.note(perf_counter() - began)
    await opened.close()
    return waited


def _probe_file(house: House, ended: asyncio.Event) -> Waited:
    path = house.settings.data / "registration.sqlite3"
    waited = Waited()
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as opened:
        while not ended.is_set():
            began = perf_counter()
            opened.execute("BEGIN IMMEDIATE")
            waited.note(perf_counter() - began)
            opened.execute("ROLLBACK")
            sleep(PROBE_EVERY)
    return waited
