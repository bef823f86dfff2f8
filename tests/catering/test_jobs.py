"""When the deletions wake, and that lateness is seen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registration import clock
from registration.catalogue.service import add_event
from registration.catering import jobs
from registration.catering.deletion import DeletionsFailed, delete_due
from registration.catering.queries import overdue
from registration.catering.rules import Diet
from registration.enrolment.changes import cancel_event
from registration.ledger.queries import receipts
from registration.settings import Settings
from tests.catering.makers import SECOND, diet, event_given, make_guest, offering_of


async def event_now(settings: Settings, given: Diet) -> None:
    """An event of next week that is cancelled at this moment: its diets are due."""
    now = clock.now()
    starts_at = now + timedelta(days=7)
    event_id = await add_event(event_given(starts_at=starts_at), actor_id=None, now=now)
    await make_guest(await offering_of(event_id), given, settings=settings, now=now)
    await cancel_event(event_id, actor_id=None, settings=settings, now=now)


@pytest.mark.promise("P4")
async def test_the_job_wakes_at_the_deadline_and_deletes(store: Settings) -> None:
    assert await jobs.next_due() is None
    await event_now(store, diet("one"))
    due_at = await jobs.next_due()
    assert due_at is not None
    assert due_at <= clock.now()
    assert await jobs.delete_diets(store) == 1
    assert await jobs.next_due() is None
    assert [line.reason for line in await receipts()] == ["event-cancelled"]


async def test_a_failure_is_tried_again_after_growing_pauses(store: Settings) -> None:
    await event_now(store, diet("one"))
    [key] = store.keys_folder.glob("*.key")
    key.unlink()
    key.mkdir()
    now, pauses = clock.now(), []
    for _try in range(8):
        with pytest.raises(DeletionsFailed):
            await delete_due(store, now=now)
        again = await jobs.next_due()
        assert again is not None
        assert await delete_due(store, now=again - SECOND / 2) == 0
        pauses.append((again - now).total_seconds())
        now = again
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    [late] = await overdue(now)
    assert (late.tries, late.next_try_at, late.trouble) == (8, now, "IsADirectoryError")
    key.rmdir()
    assert await delete_due(store, now=now) == 1
    assert await jobs.next_due() is None
