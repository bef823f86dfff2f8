"""Events, guests, diets, moves and time in any order, against a model of a few lines.

``REGISTRATION_THOROUGH=1`` draws many more orders.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from registration import db
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import State
from registration.catering.deletion import delete_due, delete_unheld
from registration.catering.models import SealedDiet
from registration.catering.service import change_diet
from registration.enrolment import service as enrolment_service
from registration.enrolment.changes import cancel_event, change_event
from registration.enrolment.models import Place
from registration.errors import DomainError
from registration.ledger.queries import receipts
from registration.settings import Settings
from tests.catering.makers import NOW, diet, event_given, make_event, make_guest, offering_of
from tests.conftest import settings_in

THOROUGH = bool(os.environ.get("REGISTRATION_THOROUGH"))
WEEK = timedelta(days=7)
HOURS = st.integers(min_value=-400, max_value=900).map(lambda hours: timedelta(hours=hours))
T = TypeVar("T")


@dataclass(slots=True)
class Known:
    """What must be true of one event: ``promise`` is the last moment that guests were told."""

    id: UUID
    starts_at: datetime
    promise: datetime
    told: bool = False
    over: bool = False
    places: list[UUID] = field(default_factory=list)
    answered: set[UUID] = field(default_factory=set)

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(hours=6)

    @property
    def due_at(self) -> datetime:
        return min(self.ends_at + timedelta(hours=24), self.promise)


class Diets(RuleBasedStateMachine):
    """A real SQLite; each rule is one thing that people or time do."""

    migrated: ClassVar[Path]
    deleted_late_by: ClassVar[timedelta] = timedelta(0)
    events: Bundle[Known] = Bundle("events")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="registration-stateful-"))
        self.house: Settings = settings_in(self.folder / "var")
        for name in ("registration.sqlite3", "dietary.sqlite3"):
            shutil.copyfile(self.migrated / name, self.house.data / name)
        self.loop = asyncio.new_event_loop()
        self.now = NOW
        self.known: list[Known] = []
        self.does(db.connect(self.house))

    def does(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        return self.loop.run_until_complete(awaited())

    def teardown(self) -> None:
        self.does(db.disconnect())
        self.loop.close()
        shutil.rmtree(self.folder)

    @initialize(target=events, after=st.integers(min_value=1, max_value=400))
    def begin(self, after: int) -> Known:
        """There is always an event with two guests, one of whom said something."""
        self.tick(timedelta(0))
        event = self.planned(after)
        self.sign_up(event, answers=True)
        self.sign_up(event, answers=False)
        return event

    @rule(target=events, after=st.integers(min_value=1, max_value=400))
    def plan(self, after: int) -> Known:
        return self.planned(after)

    def planned(self, after: int) -> Known:
        starts_at = max(self.now, NOW) + timedelta(hours=after)
        made = self.does(make_event(event_given(starts_at=starts_at)))
        known = Known(made.id, starts_at, made.ends_at + WEEK)
        self.known.append(known)
        return known

    @rule(event=events, answers=st.booleans())
    def sign_up(self, event: Known, answers: bool) -> None:
        offering = self.does(offering_of(event.id))
        given = diet("word") if answers else None
        try:
            taken = self.does(make_guest(offering, given, settings=self.house, now=self.now))
        except DomainError:
            return
        assert not (event.over and answers), "the form is open after its answers were deleted"
        event.told = True
        event.places.append(taken.id)
        if answers:
            event.answered.add(taken.id)

    @rule(event=events, answers=st.booleans(), which=st.integers(min_value=0, max_value=5))
    def change(self, event: Known, answers: bool, which: int) -> None:
        if not event.places:
            return
        place = event.places[which % len(event.places)]
        given = diet("other") if answers else None
        try:
            self.does(change_diet(place, given, settings=self.house, now=self.now))
        except DomainError:
            return
        (event.answered.add if answers else event.answered.discard)(place)

    @rule(event=events, which=st.integers(min_value=0, max_value=5))
    def cancel_place(self, event: Known, which: int) -> None:
        if not event.places:
            return
        place = event.places[which % len(event.places)]
        try:
            self.does(
                enrolment_service.cancel(place, actor_id=None, settings=self.house, now=self.now)
            )
        except DomainError:
            return
        event.answered.discard(place)
        event.places.remove(place)
        self.does(delete_unheld(self.house, now=self.now))

    @rule(event=events, by=HOURS)
    def move(self, event: Known, by: timedelta) -> None:
        starts_at = event.starts_at + by
        given = event_given(starts_at=starts_at)
        try:
            self.does(
                change_event(
                    event.id, given, actor_id=None, settings=self.house, now=self.now, past=True
                )
            )
        except DomainError:
            return
        event.starts_at = starts_at
        if not event.told:
            event.promise = event.ends_at + WEEK

    @rule(event=events)
    def cancel(self, event: Known) -> None:
        self.tick(timedelta(seconds=1))  # a deletion of its own has a moment of its own
        try:
            self.does(cancel_event(event.id, actor_id=None, settings=self.house, now=self.now))
        except DomainError:
            return
        event.promise = min(event.promise, self.now)
        event.places.clear()

    @rule(by=st.integers(min_value=0, max_value=200))
    def time_passes(self, by: int) -> None:
        self.tick(timedelta(hours=by))

    @rule(event=events)
    def the_last_second_passes(self, event: Known) -> None:
        """To just before the deadline: nothing may go yet; then to it."""
        if event.over or event.due_at - timedelta(seconds=1) <= self.now:
            return
        self.tick(event.due_at - timedelta(seconds=1) - self.now)
        self.stored_is_known()
        self.tick(timedelta(seconds=1))

    def tick(self, by: timedelta) -> None:
        self.now += by
        self.does(delete_due(self.house, now=self.now - self.deleted_late_by))
        for event in self.known:
            if not event.over and event.due_at <= self.now:
                event.answered.clear()
                cancelled = self.does(catalogue.event(event.id)).state is State.CANCELLED
                if self.now < event.ends_at and not cancelled:
                    event.promise = event.ends_at + WEEK
                else:
                    event.over = True

    @invariant()
    def stored_is_known(self) -> None:
        if not self.known:
            return
        due = [each for each in self.known if each.due_at <= self.now and not each.over]
        rows = self.does(SealedDiet.all().only("token"))
        held = self.does(Place.exclude(diet_token=None).only("id", "diet_token"))
        wanted = {place for each in self.known if each not in due for place in each.answered}
        unknown = {place for each in due for place in each.answered}
        assert {place.id for place in held} - unknown == wanted
        assert {row.token for row in rows} >= {
            place.diet_token for place in held if place.id in wanted
        }

    @invariant()
    def every_receipt_is_given_once_and_never_before_its_time(self) -> None:
        lines = self.does(receipts(limit=1000))
        assert all(line.done_at >= line.due_at for line in lines)
        whole = [(line.event_id, line.due_at) for line in lines if "event" in line.reason]
        assert len(whole) == len(set(whole))
        over = {each.id for each in self.known if each.over}
        assert over <= {event_id for event_id, _due in whole}


def run(machine: type[Diets], migrated: Path, *, shrink: bool = True) -> None:
    machine.migrated = migrated
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=200 if THOROUGH else 25,
            stateful_step_count=50 if THOROUGH else 25,
            deadline=None,
            derandomize=not THOROUGH,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=tuple(each for each in Phase if shrink or each is not Phase.shrink),
        ),
    )


@pytest.mark.promise("P4")
def test_whatever_happens_in_whatever_order_diets_are_there_until_then_and_not_after(
    migrated: Path,
) -> None:
    run(Diets, migrated)


class DietsDeletedLate(Diets):
    deleted_late_by = timedelta(seconds=1)


class DietsDeletedEarly(Diets):
    deleted_late_by = timedelta(seconds=-1)


@pytest.mark.parametrize("machine", [DietsDeletedLate, DietsDeletedEarly])
def test_a_second_too_late_or_too_early_is_found(machine: type[Diets], migrated: Path) -> None:
    """The positive control: the model is worth nothing if it cannot fail."""
    with pytest.raises(AssertionError):
        run(machine, migrated, shrink=False)
