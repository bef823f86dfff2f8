"""Sign-ups, offers, approvals, seats without names, moves and time in any order, on both databases,
against a model of a sheet of paper; and two mutants that the model must catch.

``REGISTRATION_THOROUGH=1`` draws many more orders.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, TypeVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tortoise.backends.base.executor import EXECUTOR_CACHE

from registration import db
from registration.enrolment import approvals, filling, holds, offers
from registration.enrolment.changes import change_session
from registration.enrolment.groups import enrol_group
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.moving import substitute, transfer
from registration.enrolment.rules import By, InLine, Taken
from registration.enrolment.service import cancel, sign_up
from registration.errors import DomainError
from registration.settings import Settings
from tests.builders import NOON
from tests.conftest import database_copies, settings_in
from tests.enrolment.makers import (
    group_of,
    make_approver,
    make_company,
    make_session,
    make_training,
    offering_of,
    session_given,
    wish,
)
from tests.enrolment.model import Paper, Seat, Sheet

THOROUGH = bool(os.environ.get("REGISTRATION_THOROUGH"))
T = TypeVar("T")
WHICH = st.integers(min_value=0, max_value=200)
SIDE = st.integers(min_value=0, max_value=1)


@dataclass(slots=True)
class World:
    """One open database for all orders: each draws sessions of its own."""

    house: Settings
    loop: asyncio.AbstractEventLoop
    companies: tuple[UUID, UUID]
    approver: UUID
    junior: UUID
    person: int = 0

    def does(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.loop.run_until_complete(awaited())


class Places(RuleBasedStateMachine):
    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.sheets: list[Sheet] = []

    @initialize(
        seats=st.tuples(st.integers(1, 5), st.integers(1, 5)),
        hours=st.none() | st.integers(1, 60),
        quota=st.none() | st.integers(1, 3),
    )
    def begin(self, seats: tuple[int, int], hours: int | None, quota: int | None) -> None:
        self.training = self.world.does(make_training())
        for number in seats:
            given = {"offer_hours": hours, "company_quota": min(quota, number) if quota else None}
            made = self.world.does(make_session(number, training=self.training, **given))
            self.sheets.append(Sheet(made, number))

    def tried(self, work: Awaitable[T]) -> tuple[T | None, str]:
        try:
            return self.world.does(work), ""
        except DomainError as refusal:
            return None, type(refusal).__name__

    def placed(self, expected: Paper | str, made: UUID | None, why: str) -> None:
        if isinstance(expected, str):
            assert why == expected
        else:
            assert (why, made is None) == ("", False)
            assert made is not None
            expected.id = made

    def place(self, side: int, which: int) -> Paper | None:
        places = self.sheets[side].places
        return places[which % len(places)] if places else None

    def seat(self, side: int, which: int) -> Seat | None:
        seats = self.sheets[side].unnamed
        return seats[which % len(seats)] if seats else None

    def next_person(self) -> int:
        self.world.person += 1
        return self.world.person

    @rule(side=SIDE)
    def somebody_signs_up(self, side: int) -> None:
        sheet = self.sheets[side]
        work = sign_up(
            sheet.offering, wish(self.next_person()), settings=self.world.house, now=self.now
        )
        taken, why = self.tried(work)
        self.placed(sheet.sign_up(None, "", self.now), taken.id if taken else None, why)

    @rule(side=SIDE, number=st.integers(2, 4))
    def several_sign_up_at_once(self, side: int, number: int) -> None:
        sheet = self.sheets[side]
        guests = [wish(self.next_person()) for _each in range(number)]

        async def all_of_them() -> list[Taken | BaseException]:
            common = {"settings": self.world.house, "now": self.now}
            works = [sign_up(sheet.offering, guest, **common) for guest in guests]  # type: ignore[arg-type]
            return await asyncio.gather(*works, return_exceptions=True)

        for answer in self.world.does(all_of_them()):
            made = answer.id if isinstance(answer, Taken) else None
            why = "" if isinstance(answer, Taken) else type(answer).__name__
            self.placed(sheet.sign_up(None, "", self.now), made, why)

    @rule(side=SIDE, second=st.booleans(), number=st.integers(1, 3))
    def company_enrols(self, side: int, second: bool, number: int) -> None:
        """The second company's coordinator needs another one's approval."""
        sheet, company = self.sheets[side], self.world.companies[second]
        people = group_of(
            company, self.world.junior, *(self.next_person() for _each in range(number))
        )
        answers, why = self.tried(
            enrol_group(sheet.offering, people, settings=self.world.house, now=self.now)
        )
        before = sheet.turn
        for row in range(number):
            sheet.turn = before + row
            expected = sheet.sign_up(company, "approval" if second else "", self.now)
            self.placed(expected, answers[row].place_id if answers else None, why)

    @rule(side=SIDE, which=WHICH)
    def cancels(self, side: int, which: int) -> None:
        if place := self.place(side, which):
            work = cancel(place.id, actor_id=None, settings=self.world.house, now=self.now)
            assert self.tried(work)[1] == self.sheets[side].cancel(place, self.now)

    @rule(side=SIDE, which=WHICH, accepts=st.booleans())
    def answers_offer(self, side: int, which: int, accepts: bool) -> None:
        offered = [each for each in self.sheets[side].places if each.status == "offered"]
        place = offered[which % len(offered)] if offered else self.place(side, which)
        if place is None:
            return
        verb = offers.accept_offer if accepts else offers.decline_offer
        work: Awaitable[object] = verb(
            place.id, actor_id=None, settings=self.world.house, now=self.now
        )
        said = self.sheets[side].accept if accepts else self.sheets[side].decline
        assert self.tried(work)[1] == said(place, self.now)

    @rule(side=SIDE, which=WHICH, yes=st.booleans())
    def approver_answers(self, side: int, which: int, yes: bool) -> None:
        places = [each for each in self.sheets[side].places if each.awaits]
        if not places:
            return
        place = places[which % len(places)]
        common = {"settings": self.world.house, "now": self.now}
        who = {"actor_id": self.world.approver, "company_id": self.world.companies[1]}
        if yes:
            work = approvals.approve([place.id], **who, **common)  # type: ignore[arg-type]
            assert self.tried(work)[1] == self.sheets[side].approve(place, self.now)
        else:
            work = approvals.refuse([place.id], reason="no", **who, **common)  # type: ignore[arg-type]
            assert self.tried(work)[1] == self.sheets[side].refuse(place, self.now)

    @rule(side=SIDE, number=st.integers(1, 3), hours=st.integers(1, 90))
    def company_holds_seats(self, side: int, number: int, hours: int) -> None:
        sheet, company = self.sheets[side], self.world.companies[0]
        made, why = self.tried(
            holds.hold_seats(
                sheet.offering,
                company_id=company,
                actor_id=self.world.junior,
                number=number,
                until=self.now + timedelta(hours=hours),
                settings=self.world.house,
                now=self.now,
            )
        )
        before = len(sheet.unnamed)
        assert why == sheet.hold(company, number, hours, self.now)
        if made:
            before = len(sheet.unnamed) - number
            for seat, line in zip(sheet.unnamed[before:], made, strict=True):
                seat.id = line.id

    @rule(side=SIDE, which=WHICH, named=st.booleans())
    def seat_is_named_or_given_back(self, side: int, which: int, named: bool) -> None:
        seat, sheet = self.seat(side, which), self.sheets[side]
        if seat is None:
            return
        company, junior = seat.company, self.world.junior
        if named:
            person = wish(self.next_person()).contact
            answer, why = self.tried(
                holds.name_seat(
                    seat.id,
                    person,
                    company_id=company,
                    actor_id=junior,
                    settings=self.world.house,
                    now=self.now,
                )
            )
            self.placed(sheet.name(seat, "", self.now), answer.place_id if answer else None, why)
            return
        work = holds.give_back(
            [seat.id],
            company_id=company,
            actor_id=junior,
            settings=self.world.house,
            now=self.now,
        )
        assert self.tried(work)[1] == sheet.give_back(seat, self.now)

    @rule(side=SIDE, which=WHICH)
    def moves(self, side: int, which: int) -> None:
        place, target = self.place(side, which), self.sheets[1 - side]
        if place is None:
            return
        work = transfer(
            place.id,
            target.offering,
            by=By.PERSON,
            actor_id=None,
            settings=self.world.house,
            now=self.now,
        )
        taken, why = self.tried(work)
        expected = self.sheets[side].move(place, target, self.now)
        self.placed(expected, taken.id if taken else None, why)

    @rule(side=SIDE, which=WHICH)
    def sends_another(self, side: int, which: int) -> None:
        place = self.place(side, which)
        if place is None or place.status == "cancelled" or self.now >= self.ends(side):
            return
        heir = wish(self.next_person(), company_id=place.company)
        taken = self.world.does(substitute(place.id, heir, settings=self.world.house, now=self.now))
        self.sheets[side].turn += 1
        place.id = taken.id

    def ends(self, side: int) -> datetime:
        return self.sheets[side].offering.ends_at

    @rule(
        side=SIDE,
        seats=st.integers(1, 7),
        hours=st.none() | st.integers(1, 60),
        quota=st.none() | st.integers(1, 3),
    )
    def staff_change(self, side: int, seats: int, hours: int | None, quota: int | None) -> None:
        sheet = self.sheets[side]
        terms = {"offer_hours": hours, "company_quota": min(quota, seats) if quota else None}
        given = session_given(self.training, seats, **terms)
        work = change_session(
            sheet.offering.id, given, actor_id=None, settings=self.world.house, now=self.now
        )
        _none, why = self.tried(work)
        changed = self.world.does(offering_of(sheet.offering))
        assert why == sheet.change(changed, seats, self.now)

    @rule(hours=st.integers(0, 40), job=st.booleans())
    def time_passes(self, hours: int, job: bool) -> None:
        """The job runs, or has not run yet: deadlines count all the same."""
        self.now += timedelta(hours=hours)
        if job:
            self.world.does(filling.settle_due(self.world.house, now=self.now))
            for sheet in self.sheets:
                if self.overdue(sheet):
                    sheet.turn += 1
                    sheet.settle(self.now)

    def overdue(self, sheet: Sheet) -> bool:
        ends = [place.until for place in sheet.seated()] + [seat.until for seat in sheet.unnamed]
        return any(end is not None and end <= self.now for end in ends)

    @precondition(lambda self: bool(self.sheets))
    @invariant()
    def rows_are_what_the_paper_says(self) -> None:
        for sheet in self.sheets:
            rows = self.world.does(Place.filter(seating_id=sheet.offering.seating_id))
            assert {(row.id, row.status, row.until if row.current else None) for row in rows} == {
                (each.id, each.status, each.until if each.status != "cancelled" else None)
                for each in sheet.places
                if each.id in {row.id for row in rows}
            } | {(row.id, "cancelled", None) for row in rows if row.id not in self.known(sheet)}
            assert self.known(sheet) <= {row.id for row in rows}
            held = self.world.does(HeldSeat.filter(seating_id=sheet.offering.seating_id))
            assert {seat.id for seat in held} == {seat.id for seat in sheet.unnamed}

    def known(self, sheet: Sheet) -> set[UUID]:
        return {place.id for place in sheet.places}

    @precondition(lambda self: bool(self.sheets))
    @invariant()
    def never_more_than_there_are_seats(self) -> None:
        for sheet in self.sheets:
            rows = self.world.does(
                Place.filter(
                    seating_id=sheet.offering.seating_id,
                    status__in=["confirmed", "held", "offered"],
                )
            )
            held = self.world.does(HeldSeat.filter(seating_id=sheet.offering.seating_id).count())
            assert len(rows) + held <= sheet.seats


@pytest.fixture
def world(server_address: str, settings: Settings, tmp_path: Path) -> Iterator[World]:
    """Either database, open in a loop of its own: Hypothesis runs outside of pytest's."""
    loop = asyncio.new_event_loop()
    house = settings
    if server_address:
        main, dietary = loop.run_until_complete(database_copies(server_address))
        house = settings_in(tmp_path / "pgvar", database_url=main, dietary_url=dietary)
    EXECUTOR_CACHE.clear()

    async def opened() -> World:
        await db.connect(house)
        first, second = await make_company("Rata Oy"), await make_company("Kisko Oy")
        return World(house, loop, (first, second), await make_approver(second), uuid4())

    yield loop.run_until_complete(opened())
    loop.run_until_complete(db.disconnect())
    loop.close()


def run(world: World, *, examples: int, steps: int, shrinks: bool = True) -> None:
    Places.world = world
    run_state_machine_as_test(
        Places,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=not THOROUGH,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
        ),
    )


def test_whatever_happens_in_whatever_order_the_rows_are_what_the_paper_says(
    world: World,
) -> None:
    run(world, examples=200 if THOROUGH else 15, steps=50 if THOROUGH else 30)


@pytest.mark.parametrize("server_address", [""], ids=["sqlite"])
def test_a_list_that_skips_the_first_is_found_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test before: it must be able to fail."""

    def skips(line: Sequence[InLine], free: int, **_more: object) -> list[UUID]:
        return [each.place_id for each in line[1 : free + 1]]

    monkeypatch.setattr(filling, "next_in_line", skips)
    with pytest.raises(AssertionError):
        run(world, examples=40, steps=25, shrinks=False)
