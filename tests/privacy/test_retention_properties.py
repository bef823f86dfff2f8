"""Whatever there is and whenever it is swept: nothing goes early, nothing held goes, and what is
due goes (P13). Against a sheet of paper that knows only dates."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tortoise.backends.base.executor import EXECUTOR_CACHE

from registration import db
from registration.companies.models import Employment
from registration.enrolment.models import KeptCount, Place
from registration.people.models import Consent, Person
from registration.periods import Schedule, goes_on
from registration.privacy.holds import HoldGiven, place_hold
from registration.privacy.models import Gone, Hold
from registration.privacy.sweeping import Pace, sweep
from registration.settings import Organisation, Settings
from tests.conftest import settings_in
from tests.privacy import past

THOROUGH = bool(os.environ.get("REGISTRATION_THOROUGH"))
HELSINKI = ZoneInfo("Europe/Helsinki")
NIGHT = date(2026, 11, 22)
SHORT = Schedule(
    relation=9, qualification=5, lasting_qualification=24, training_places=6, event_places=3,
    employment=4, consents=12,
)  # fmt: skip
# About as many days as the longest period, so that both sides of each end are drawn.
AGES = st.integers(min_value=0, max_value=900)
DAYS_LATER = st.integers(min_value=0, max_value=400)


@dataclass(frozen=True)
class Drawn:
    """One thing of a person: ``kind``, how many days ago it ended, until when a certificate is
    valid beyond that (None: endless), and whether an authority holds it."""

    kind: str
    ago: int
    valid: int | None
    held: bool


THINGS = st.builds(
    Drawn,
    kind=st.sampled_from(["event", "training", "cancelled", "certified", "employment", "consent"]),
    ago=AGES,
    valid=st.none() | st.integers(min_value=0, max_value=400),
    held=st.booleans(),
)
PERSONS = st.lists(st.lists(THINGS, max_size=3), min_size=1, max_size=4)


def day(ago: int) -> date:
    return NIGHT - timedelta(days=ago)


def noon(on: date) -> datetime:
    return datetime.combine(on, time(12), HELSINKI).astimezone(UTC)


def end_of(thing: Drawn) -> date:
    """The paper's own reckoning: the first day on which the thing may go."""
    last = day(thing.ago)
    if thing.kind == "certified":
        if thing.valid is None:
            return goes_on(last, SHORT.lasting_qualification)
        return goes_on(last + timedelta(days=thing.valid), SHORT.qualification)
    months = {
        "event": SHORT.event_places,
        "training": SHORT.training_places,
        "cancelled": SHORT.training_places,
        "employment": SHORT.employment,
        "consent": SHORT.consents,
    }
    return goes_on(last, months[thing.kind])


TABLES = {"employment": Employment, "consent": Consent}


async def write(person: UUID, thing: Drawn) -> UUID:
    ended, begun = noon(day(thing.ago)), noon(day(thing.ago + 200))
    if thing.kind == "employment":
        made = await past.employed(person, begun, ended)
    elif thing.kind == "consent":
        made = await past.consented(person, begun, ended)
    elif thing.kind == "event":
        made = await past.place_on(await past.event_ended(ended), person)
    else:
        status = "cancelled" if thing.kind == "cancelled" else "attended"
        made = await past.place_on(await past.session_ended(ended), person, status)
    if thing.kind == "certified":
        until = None if thing.valid is None else day(thing.ago) + timedelta(days=thing.valid)
        await past.certified(made, until)
    if thing.held:
        table = thing.kind if thing.kind in TABLES else "place"
        hold = HoldGiven(
            table=table, record_id=made, authority="A", reference=str(made), reason="R",
            review_on=NIGHT + timedelta(days=9),
        )  # fmt: skip
        await place_hold(person, hold, actor_id=UUID(int=1), today=NIGHT, now=noon(NIGHT))
    return made


async def there() -> set[UUID]:
    found: set[UUID] = set()
    for model in (Place, Employment, Consent, Person):
        found |= {UUID(str(each)) for each in await model.all().values_list("id", flat=True)}
    return found


async def example(settings: Settings, persons: list[list[Drawn]], nights: list[int]) -> None:
    async with db.transaction():
        for model in (Hold, Gone, KeptCount, Place, Employment, Consent, Person):
            await model.all().delete()
    drawn: dict[UUID, Drawn] = {}
    whose: dict[UUID, set[UUID]] = {}
    ages: dict[UUID, date] = {}
    for things in persons:
        oldest = noon(day(1200))
        person = await past.person_of_old(oldest)
        made = {await write(person, each): each for each in things}
        drawn |= made
        whose[person] = set(made)
        ages[person] = max([day(each.ago) for each in things], default=day(1200))
    for later in sorted({0, *nights}):
        today = NIGHT + timedelta(days=later)
        now = datetime.combine(today, time(2, 15), HELSINKI).astimezone(UTC)
        before = await there()
        for _again in range(3):  # whose last tie goes tonight may go in the next sweep
            await sweep(settings, now=now, pace=Pace(rest=0))
        left = await there()
        for each, thing in drawn.items():
            due = end_of(thing) <= today and not thing.held
            assert (each in left) == (each in before and not due), (thing, today)
        for person, own in whose.items():
            tied = any(each in left for each in own)
            held = any(drawn[each].held for each in own)
            due = goes_on(ages[person], SHORT.relation) <= today and not tied and not held
            assert (person in left) == (person in before and not due), (person, today)
        swept = await sweep(settings, now=now, pace=Pace(rest=0))
        assert (swept.total, await there()) == (0, left)


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path
) -> Iterator[tuple[asyncio.AbstractEventLoop, Settings]]:
    """One open database for all examples."""
    folder = tmp_path_factory.mktemp("retention") / "var"
    settings = settings_in(folder, organisation=Organisation(retention=SHORT))
    for name in ("registration.sqlite3", "dietary.sqlite3"):
        (settings.data / name).write_bytes((migrated / name).read_bytes())
    EXECUTOR_CACHE.clear()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(db.connect(settings))
    yield loop, settings
    loop.run_until_complete(db.disconnect())
    loop.close()


@pytest.mark.promise("P13")
@examples(
    max_examples=200 if THOROUGH else 12,
    deadline=None,
    derandomize=not THOROUGH,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(persons=PERSONS, nights=st.lists(DAYS_LATER, max_size=2))
def test_nothing_goes_early_nothing_held_goes_and_what_is_due_goes(
    world: tuple[asyncio.AbstractEventLoop, Settings],
    persons: list[list[Drawn]],
    nights: list[int],
) -> None:
    loop, settings = world
    loop.run_until_complete(example(settings, persons, nights))
