"""Two servers on one PostgreSQL, one of them killed again and again: every sign-up counts once.

600 sign-ups in the suite; ``REGISTRATION_SIGNUPS=10000`` for as many as one wants.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from urllib.parse import urlencode
from uuid import UUID

import pytest

from registration import clock, db
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventGiven
from registration.catalogue.service import add_event
from registration.enrolment.models import Place
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from registration.settings import Settings
from tests.bench.client import Connection
from tests.bench.server import HOST, environ_of, free_port, ours, running
from tests.conftest import database_copies, settings_in

# Taken out: a server does not start with a setting that it does not know.
SIGN_UPS = int(os.environ.pop("REGISTRATION_SIGNUPS", "600"))
SEATS = SIGN_UPS * 3 // 5
AT_ONCE = 16
LIFE = 1.0
LETTERS = str.maketrans("0123456789", "abcdefghij")


@dataclass(slots=True)
class Rush:
    """People who send their form until it is answered. ``again``: those whose server died before
    it had answered, so that they sent the same form once more."""

    path: str
    ports: tuple[int, int]
    waiting: Iterator[int] = field(default_factory=lambda: iter(range(SIGN_UPS)))
    answered: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)

    async def client(self, which: int) -> None:
        """One browser after another, each at its server first, and at the other while that one is
        dead or dies."""
        links = [Connection(HOST, port) for port in self.ports]
        for number in self.waiting:
            at = which
            while not await self._sent(links[at % 2], number):
                links[at % 2].close()
                links[at % 2] = Connection(HOST, self.ports[at % 2])
                at += 1
        for link in links:
            link.close()

    async def _sent(self, link: Connection, number: int) -> bool:
        given = {
            "token": f"{number:032x}",
            "first_name": "Ruusu",
            "last_name": "Ryntää " + str(number).translate(LETTERS),
            "email": f"ruusu{number}@rynnakko.example",
            "language": "fi",
        }
        try:
            sent = await link.ask("POST", self.path, urlencode(given).encode())
        except ConnectionRefusedError:
            return False
        except (OSError, asyncio.IncompleteReadError):
            self.again.add(number)
            return False
        assert sent.status == 200, (sent.status, sent.body.decode()[-2000:])
        self.answered.add(number)
        return True


@dataclass(slots=True)
class Victim:
    """A server that is killed ``LIFE`` seconds after it answers, and started anew."""

    port: int
    environ: dict[str, str]
    lives: int = 0

    async def live_and_die(self) -> None:
        while True:
            process = subprocess.Popen(
                ours(self.port),
                env={**os.environ, **self.environ},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                await self._answers()
                self.lives += 1
                await asyncio.sleep(LIFE)
            finally:
                process.send_signal(signal.SIGKILL)
                process.wait(20)

    async def _answers(self) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                link = Connection(HOST, self.port)
                await link.ask("GET", "/healthz")
                link.close()
                return
            await asyncio.sleep(0.02)


async def _make_event(house: Settings) -> str:
    await db.connect(house)
    now = clock.now()
    given = EventGiven(
        title={"fi": "Ryntäys"},
        starts_at=now + timedelta(days=1),
        ends_at=now + timedelta(days=1, hours=3),
        capacity=SEATS,
    )
    event_id = await add_event(given, actor_id=None, now=now)
    slug = (await catalogue.event(event_id)).slug
    await db.disconnect()
    return f"/events/{slug}/register"


async def _rush(rush: Rush, victim: Victim) -> None:
    killing = asyncio.create_task(victim.live_and_die())
    while not victim.lives:
        await asyncio.sleep(0.05)
    await asyncio.gather(*(rush.client(which) for which in range(AT_ONCE)))
    killing.cancel()
    with suppress(asyncio.CancelledError):
        await killing


async def _look(house: Settings) -> None:
    """Each person is there once, with one place, one mail and one entry, in the order of turns."""
    await db.connect(house)
    try:
        places = await Place.all().order_by("turn")
        people: set[UUID] = {place.person_id for place in places}
        assert len(places) == len(people) == SIGN_UPS == await Person.all().count()
        assert len({place.turn for place in places}) == SIGN_UPS
        statuses = [place.status for place in places]
        assert statuses == ["confirmed"] * SEATS + ["waiting"] * (SIGN_UPS - SEATS)
        assert await Mail.filter(template="place-confirmed").count() == SEATS
        assert await Mail.filter(template="place-waiting").count() == SIGN_UPS - SEATS
        assert await Entry.filter(act="place-taken").count() == SIGN_UPS
    finally:
        await db.disconnect()


@pytest.mark.slow
def test_no_sign_up_is_lost_or_doubled_while_one_of_two_servers_is_killed(
    postgres_server: str, tmp_path: Path
) -> None:
    main, dietary = asyncio.run(database_copies(postgres_server))
    house = settings_in(tmp_path / "var", database_url=main, dietary_url=dietary)
    path = asyncio.run(_make_event(house))
    ports = free_port(), free_port()
    rush = Rush(path, ports)
    victim = Victim(ports[1], environ_of(house.data, ports[1], (main, dietary)))
    began = perf_counter()
    with running(ours(ports[0]), ports[0], environ_of(house.data, ports[0], (main, dietary))):
        asyncio.run(_rush(rush, victim))
    took = perf_counter() - began
    print(  # noqa: T201 -- the figures, with ``pytest -s``
        f"{SIGN_UPS} sign-ups in {took:.0f} s, {victim.lives} lives,"
        f" {len(rush.again)} cut off and sent again"
    )
    assert len(rush.answered) == SIGN_UPS
    assert rush.again, "nothing was cut off: the test has shown nothing"
    asyncio.run(_look(house))
