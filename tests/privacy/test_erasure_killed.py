"""An erasure whose process is killed, at many of its steps: then it has not begun, or is done when
it is asked for again; it is on record once, and no byte is left of it (P13).

``REGISTRATION_THOROUGH=1`` kills at every step instead of some.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest

from registration import db
from registration.catering.deletion import ORPHAN_AGE, delete_unheld
from registration.catering.models import SealedDiet
from registration.ledger.models import Entry
from registration.ledger.service import seal_entries, verify_chain
from registration.people.models import Person
from registration.privacy import erasure_jobs
from registration.privacy.erasure import erase
from registration.privacy.gone import path_of
from registration.privacy.gone_list import read
from registration.privacy.models import Gone
from registration.privacy.restored import catch_up
from registration.settings import Settings
from tests.catering.makers import NOW, SECOND, diet, make_event, make_guest
from tests.conftest import settings_in
from tests.crash.marks import Marks
from tests.faults import killed_at_each
from tests.privacy.filler import Rows, everything, fill_rest

T = TypeVar("T")
THOROUGH = bool(os.environ.get("REGISTRATION_THOROUGH"))
WATCHED = tuple(
    f"registration/{name}" for name in ("privacy/", "catering/", "enrolment/", "ledger/", "db.py")
)


@dataclass(frozen=True, slots=True)
class Furnished:
    """A guest with a diet, of whom every other table says something too."""

    settings: Settings
    person_id: UUID
    marks: Marks
    register: Rows


async def _within(settings: Settings, work: Callable[[], Awaitable[T]]) -> T:
    await db.connect(settings)
    try:
        return await work()
    finally:
        await db.disconnect()


@pytest.fixture
def furnished(settings: Settings) -> Furnished:
    marks = Marks()

    async def furnish() -> Furnished:
        event = await make_event()
        taken = await make_guest(event, diet(marks.new()), settings=settings)
        await make_guest(event, diet("another"), settings=settings)
        await fill_rest(taken.person_id, marks.new, certified=False)
        return Furnished(settings, taken.person_id, marks, await everything())

    return asyncio.run(_within(settings, furnish))


def _erase(settings: Settings, person_id: UUID) -> None:
    async def work() -> None:
        await erase(person_id, actor_id=person_id, settings=settings, now=NOW)

    asyncio.run(_within(settings, work))


async def _check(given: Furnished, settings: Settings, before: Rows) -> None:
    """After the fault: nothing happened to the register, or all. Then it is asked for again."""
    whose = given.person_id
    await catch_up(settings, now=NOW)
    if await Gone.filter(subject_id=whose).exists():
        assert not await Person.filter(id=whose).exclude(email="").exists()
    else:
        assert await everything() == before
        assert await SealedDiet.all().count() == 2, "who is still a guest has their diet"
        await erase(whose, actor_id=whose, settings=settings, now=NOW)
    await erasure_jobs.keep_list(settings)
    await erasure_jobs.finish(settings)
    await delete_unheld(settings, now=NOW + ORPHAN_AGE + SECOND)
    assert [line.subject_id for line in read(path_of(settings)).erased] == [whose]
    assert await Entry.filter(act="person-erased", subject_id=whose).count() == 1
    assert await SealedDiet.all().count() == 1, "another guest's diet is nobody else's matter"
    await seal_entries()
    assert (await verify_chain()).broken is None


@pytest.mark.promise("P13")
@pytest.mark.slow
def test_killed_at_any_step_it_is_whole_or_done(furnished: Furnished) -> None:
    data = furnished.settings.data

    def work(folder: Path) -> None:
        _erase(settings_in(folder), furnished.person_id)

    def check(folder: Path) -> None:
        settings = settings_in(folder)
        asyncio.run(_within(settings, lambda: _check(furnished, settings, furnished.register)))
        assert furnished.marks.found_below(folder) == []

    assert furnished.marks.found_below(data) != []
    steps = range(1, 20_000, 1 if THOROUGH else 97)
    killed_at_each(steps, data, work, check, watched=WATCHED)
