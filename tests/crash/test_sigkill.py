"""A server killed at any moment loses no sign-up it acknowledged and keeps no diet alone."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

import psutil
import pytest

from registration import clock, db
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventGiven
from registration.catalogue.service import add_event
from registration.catering.deletion import delete_unheld
from registration.catering.models import SealedDiet
from registration.enrolment.models import Place
from registration.settings import Settings
from tests.bench.client import TOKEN, Connection
from tests.bench.server import HOST, environ_of, free_port, ours, running

SEATS = 120
GUESTS = 200
MOST_LIVES = 40


@dataclass(slots=True)
class Crowd:
    """Guests who try until they are answered; ``answered`` are those who saw a confirmation."""

    path: str
    answered: set[int] = field(default_factory=set)

    async def sign_up(self, connection: Connection, number: int) -> None:
        shown = await connection.ask("GET", self.path)
        token = TOKEN.search(shown.body.decode())
        assert token, shown.status
        given = {
            "token": token[1],
            "first_name": "Kalle",
            "last_name": f"Kaatuu {'abcdefghij'[number % 10]}{number}",
            "email": f"kalle{number}@kuorma.example",
            "language": "fi",
            "needs": "vegan",
            "other": f"marked{number}",
            "consent": "1",
        }
        sent = await connection.ask("POST", self.path, urlencode(given).encode())
        # 409: the life before had taken the place and died before it could say so.
        assert sent.status in {200, 409}, (sent.status, sent.body.decode()[-3000:])
        self.answered.add(number)

    async def press_on(self, port: int, numbers: list[int]) -> None:
        """The guests of ``numbers`` sign up, eight at a time, until the server is gone."""
        waiting = iter(numbers)

        async def one() -> None:
            connection = Connection(HOST, port)
            for number in waiting:
                with suppress(OSError, asyncio.IncompleteReadError):
                    await self.sign_up(connection, number)
                    continue
                connection.close()
                return
            connection.close()

        await asyncio.gather(*(one() for _each in range(8)))


def _one_life(settings: Settings, crowd: Crowd, after: float) -> None:
    port = free_port()
    with running(ours(port), port, environ_of(settings.data, port, None)) as process:
        left = [number for number in range(GUESTS) if number not in crowd.answered]

        async def live() -> None:
            work = asyncio.create_task(crowd.press_on(port, left))
            await asyncio.wait({work}, timeout=after)
            if not work.done():
                process.send_signal(signal.SIGKILL)
            await work

        with suppress(psutil.NoSuchProcess, subprocess.TimeoutExpired):
            asyncio.run(live())


async def _make_event(settings: Settings) -> str:
    await db.connect(settings)
    now = clock.now()
    event_id = await add_event(
        EventGiven(
            title={"fi": "Kaatumaton"},
            starts_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=1, hours=3),
            capacity=SEATS,
            catered=True,
        ),
        actor_id=None,
        now=now,
    )
    slug = (await catalogue.event(event_id)).slug
    await db.disconnect()
    return f"/events/{slug}/register"


async def _look(settings: Settings, crowd: Crowd) -> None:
    await db.connect(settings)
    try:
        places = await Place.all().order_by("turn").select_related("person")
        held = {int(place.person.email[5:].partition("@")[0]) for place in places}
        assert crowd.answered <= held, "an acknowledged sign-up is lost"
        assert len(held) == len(places), "somebody holds two places"
        confirmed = [place for place in places if place.status == "confirmed"]
        assert len(confirmed) == min(SEATS, len(places))
        assert confirmed == places[: len(confirmed)], "the order of arrival was not kept"
        await delete_unheld(settings, now=clock.now() + timedelta(hours=1))
        tokens = {place.diet_token for place in places}
        assert tokens == {diet.token for diet in await SealedDiet.all()}
    finally:
        await db.disconnect()


@pytest.mark.slow
@pytest.mark.promise("P5")
def test_killed_again_and_again_it_keeps_every_sign_up_and_its_diet(settings: Settings) -> None:
    crowd = Crowd(asyncio.run(_make_event(settings)))
    chance = random.Random(time.time_ns())
    lives = 0
    while len(crowd.answered) < GUESTS and lives < MOST_LIVES:
        _one_life(settings, crowd, after=chance.uniform(0.3, 1.6))
        lives += 1
    assert len(crowd.answered) == GUESTS, f"only {len(crowd.answered)} in {lives} lives"
    assert lives > 1
    asyncio.run(_look(settings, crowd))
