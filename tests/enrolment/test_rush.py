"""Fifty clients at once, with expiries and changed seats among them: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.catalogue.models import Seating, Session
from registration.catalogue.rules import Offering
from registration.catalogue.service import LockedSeating
from registration.enrolment import arrivals
from registration.enrolment.arrivals import Arrival, place_all
from registration.enrolment.changes import change_session
from registration.enrolment.filling import settle_due
from registration.enrolment.holds import give_back, hold_seats, name_seat
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.offers import accept_offer, decline_offer
from registration.enrolment.queries import counts
from registration.enrolment.service import cancel, sign_up
from registration.errors import DomainError
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import make_company, make_session, session_given, wish

CLIENTS = 50
SEATS = 20
ENDED = ("cancelled",)


@dataclass(slots=True)
class Rush:
    """What all clients were told: the last word on each place that they heard of."""

    offering: Offering
    house: Settings
    company: UUID
    training: UUID
    chance: random.Random
    hours: int = 0
    person: int = 0
    first_word: dict[UUID, str] = field(default_factory=dict)
    ended: set[UUID] = field(default_factory=set)
    accepted: set[UUID] = field(default_factory=set)
    seats: int = SEATS
    most: int = SEATS
    done: bool = False

    @property
    def now(self) -> datetime:
        return NOON + timedelta(hours=self.hours)

    async def client(self, number: int) -> None:
        mine: list[UUID] = []
        for _each in range(4):
            try:
                await self.act(mine)
            except DomainError:
                continue

    async def act(self, mine: list[UUID]) -> None:
        common = {"settings": self.house, "now": self.now}
        what = self.chance.random()
        if what < 0.5 or not mine:
            self.person += 1
            taken = await sign_up(self.offering, wish(self.person), **common)  # type: ignore[arg-type]
            mine.append(taken.id)
            self.first_word[taken.id] = taken.status.value
        elif what < 0.65:
            await cancel(mine[-1], actor_id=None, **common)  # type: ignore[arg-type]
            self.ended.add(mine.pop())
        elif what < 0.8:
            await accept_offer(mine[-1], actor_id=None, **common)  # type: ignore[arg-type]
            self.accepted.add(mine[-1])
        elif what < 0.85:
            await decline_offer(mine[-1], actor_id=None, **common)  # type: ignore[arg-type]
            self.ended.add(mine.pop())
        else:
            await self.company_acts()

    async def company_acts(self) -> None:
        who = {"company_id": self.company, "actor_id": uuid4()}
        common = {"settings": self.house, "now": self.now}
        lines = await hold_seats(self.offering, number=2, **who, **common)  # type: ignore[arg-type]
        self.person += 1
        contact = wish(self.person).contact
        answer = await name_seat(lines[0].id, contact, **who, **common)  # type: ignore[arg-type]
        if answer.place_id is not None:
            self.first_word[answer.place_id] = "confirmed"
        assert await give_back([lines[1].id], **who, **common) == 1  # type: ignore[arg-type]

    async def clock(self) -> None:
        """Time goes on, the job of two processes runs, staff change the seats."""
        while not self.done:
            self.hours += 3
            await asyncio.gather(*(settle_due(self.house, now=self.now) for _process in range(2)))
            seats = self.chance.randint(SEATS - 4, SEATS + 6)
            given = session_given(self.training, seats, offer_hours=12)
            self.most = max(self.most, seats)
            try:
                await change_session(
                    self.offering.id,
                    given,
                    actor_id=None,
                    settings=self.house,
                    now=self.now,
                )
                self.seats = seats
            except DomainError:
                pass
            row = await Seating.get(id=self.offering.seating_id)
            taken = (await counts([row.id])).get(row.id, (0, 0))[0]
            assert taken <= self.most
            await asyncio.sleep(0)

    async def run(self) -> None:
        clock = asyncio.create_task(self.clock())
        await asyncio.gather(*(self.client(number) for number in range(CLIENTS)))
        self.done = True
        await clock


async def rush_in(house: Settings, seed: int) -> Rush:
    offering = await make_session(SEATS, offer_hours=12)
    training = (await Session.get(id=offering.id)).training_id
    return Rush(offering, house, await make_company(), training, random.Random(seed))


@pytest.mark.parametrize("seed", range(2))
async def test_nothing_is_lost_doubled_or_oversold_in_a_rush(store: Settings, seed: int) -> None:
    rush = await rush_in(store, seed)
    await rush.run()
    rows = {row.id: row for row in await Place.all()}
    seats = (await Seating.get(id=rush.offering.seating_id)).seats
    by_status: dict[str, int] = {}
    for row in rows.values():
        by_status[row.status] = by_status.get(row.status, 0) + 1
    unnamed = await HeldSeat.all().count()
    taken = by_status.get("confirmed", 0) + by_status.get("offered", 0) + unnamed
    assert set(by_status) <= {"confirmed", "offered", "waiting", "cancelled"}
    assert taken <= seats
    assert set(rows) == set(rush.first_word)
    assert sum(by_status.values()) == len(rush.first_word)
    assert {rows[each].status for each in rush.ended} <= {"cancelled"}
    assert {rows[each].status for each in rush.accepted - rush.ended} <= {"confirmed"}
    confirmed_at_once = {id_ for id_, word in rush.first_word.items() if word == "confirmed"}
    assert {rows[each].status for each in confirmed_at_once - rush.ended} <= {"confirmed"}
    turns = [row.turn for row in rows.values() if row.status == "waiting"]
    moved = [
        rows[id_].turn
        for id_, word in rush.first_word.items()
        if word == "waiting" and rows[id_].status in ("offered", "confirmed")
    ]
    assert not turns or max(moved, default=0) < min(turns)


@pytest.mark.parametrize("server_address", ["postgres"], indirect=True)
async def test_without_the_lock_a_rush_oversells(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test before: it must be able to fail. Each comes to a process of their
    own, as it were, since those of one process are placed together."""

    async def unlocked(seating_id: UUID, *, turns: int = 1) -> LockedSeating:
        row = await Seating.get(id=seating_id)
        await asyncio.sleep(0.01)
        return LockedSeating(row.id, row.seats, row.waiting_open, 1, row.revision)

    monkeypatch.setattr(arrivals, "lock_seating", unlocked)
    offering = await make_session(5)
    await asyncio.gather(
        *(place_all([Arrival(offering, wish(number), store, NOON)]) for number in range(40))
    )
    assert (await counts([offering.seating_id]))[offering.seating_id][0] > 5
