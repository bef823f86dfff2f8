"""Diets delete themselves: on time, once, completely, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from registration import db
from registration.catalogue import service as catalogue_service
from registration.catalogue.models import Event
from registration.catalogue.rules import Offering
from registration.catering import deletion
from registration.catering import store as dietary
from registration.catering.deletion import DeletionsFailed, delete_due, delete_unheld
from registration.catering.models import SealedDiet, Vault
from registration.catering.queries import (
    RECEIPT_PAUSE,
    deletion_calendar,
    due_deletions,
    next_deletion,
    overdue,
)
from registration.catering.rules import DietsClosed, DietsDeleted, Reason
from registration.catering.sealing import new_token, seal
from registration.catering.service import change_diet, diets_of_event
from registration.enrolment import service as enrolment_service
from registration.enrolment.changes import cancel_event
from registration.enrolment.models import Place
from registration.ledger.models import Entry, Receipt
from registration.ledger.queries import receipts
from registration.settings import Settings
from tests.catering.makers import (
    DUE,
    NOW,
    SECOND,
    START,
    diet,
    event_given,
    make_event,
    make_guest,
    offering_of,
    organiser_of,
)

ROOT = Path(__file__).parents[2]


async def given_receipts() -> list[tuple[UUID, str, int, datetime]]:
    lines = await receipts()
    return sorted((line.event_id, line.reason, line.diets, line.due_at) for line in lines)


def key_files(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.keys_folder.glob("*.key"))


async def event_with_diets(settings: Settings, *words: str) -> Offering:
    event = await make_event()
    for word in words:
        await make_guest(event, diet(word), settings=settings)
    return event


@pytest.mark.promise("P4")
async def test_diets_go_at_their_deadline_not_before_and_once(store: Settings) -> None:
    event = await event_with_diets(store, "one", "two")
    assert await delete_due(store, now=DUE - SECOND) == 0
    assert (await SealedDiet.all().count(), len(key_files(store))) == (2, 1)
    assert await delete_due(store, now=DUE) == 1
    assert await delete_due(store, now=DUE + SECOND) == 0
    assert (await SealedDiet.all().count(), key_files(store)) == (0, [])
    assert await given_receipts() == [(event.id, "event-over", 2, DUE)]


@pytest.mark.promise("P4")
async def test_afterwards_the_form_is_closed_and_the_register_knows_of_no_diet(
    store: Settings,
) -> None:
    event = await event_with_diets(store, "one")
    [place] = await Place.all()
    await delete_due(store, now=DUE)
    after = await offering_of(event.id)
    assert after.diets_deleted_at is not None
    assert timedelta(0) <= after.diets_deleted_at - DUE < timedelta(minutes=1)
    assert (await Place.get(id=place.id)).diet_token is None
    with pytest.raises(DietsDeleted):
        await change_diet(place.id, diet("late"), settings=store, now=DUE + SECOND)
    with pytest.raises(DietsDeleted):
        await diets_of_event(
            event.id, identity=organiser_of(event.id), road="page", settings=store, now=DUE
        )
    with pytest.raises(DietsClosed):
        await dietary.put(after, new_token(), diet("late"), settings=store, now=DUE)


@pytest.mark.promise("P4")
async def test_an_event_without_diets_gets_its_receipt_too(store: Settings) -> None:
    event = await make_event()
    await make_event(event_given(catered=False))
    assert await delete_due(store, now=DUE) == 1
    assert await given_receipts() == [(event.id, "event-over", 0, DUE)]


@pytest.mark.promise("P4")
async def test_moving_the_event_moves_the_deadline(store: Settings) -> None:
    event = await event_with_diets(store, "one")
    later = START + timedelta(days=2)
    await catalogue_service.change_event(
        event.id, event_given(starts_at=later), actor_id=None, now=NOW
    )
    assert await next_deletion(NOW) == DUE + timedelta(days=2)
    assert await delete_due(store, now=DUE + timedelta(days=2) - SECOND) == 0
    assert await delete_due(store, now=DUE + timedelta(days=2)) == 1


@pytest.mark.promise("P4")
async def test_cancelling_the_event_deletes_at_once(store: Settings) -> None:
    event = await event_with_diets(store, "one", "two")
    await cancel_event(event.id, actor_id=None, settings=store, now=NOW)
    assert await delete_unheld(store, now=NOW) == 0  # left to the event's own deletion
    assert await delete_due(store, now=NOW) == 1
    assert await given_receipts() == [(event.id, "event-cancelled", 2, NOW)]
    assert await Place.exclude(diet_token=None).count() == 0


@pytest.mark.promise("P4")
async def test_dropping_the_catering_deletes_at_once(store: Settings) -> None:
    event = await event_with_diets(store, "one")
    await catalogue_service.change_event(
        event.id, event_given(catered=False), actor_id=None, now=NOW
    )
    assert await delete_due(store, now=NOW) == 1
    assert await given_receipts() == [(event.id, "catering-dropped", 1, NOW)]


@pytest.mark.promise("P4")
async def test_cancelling_the_registration_deletes_its_diet_alone(store: Settings) -> None:
    event = await event_with_diets(store, "stays")
    taken = await make_guest(event, diet("goes"), settings=store)
    await enrolment_service.cancel(taken.id, actor_id=None, settings=store, now=NOW)
    assert await delete_unheld(store, now=NOW + SECOND) == 1
    assert await delete_unheld(store, now=NOW + SECOND) == 0
    assert await given_receipts() == [(event.id, "registration-cancelled", 1, NOW)]
    assert await SealedDiet.all().count() == 1
    assert await Place.exclude(diet_token=None).count() == 1


async def test_a_diet_whose_sign_up_died_half_way_is_swept(store: Settings) -> None:
    event = await event_with_diets(store, "held")
    await dietary.put(event, new_token(), diet("orphan"), settings=store, now=NOW)
    assert await delete_unheld(store, now=NOW + 59 * SECOND) == 0
    assert await delete_unheld(store, now=NOW + 61 * SECOND) == 1
    assert await SealedDiet.all().count() == 1
    [noted] = await Entry.filter(act="diets-deleted")
    assert (noted.object_id, noted.detail) == (event.id, '{"count":1,"purpose":"orphan"}')


@pytest.mark.promise("P4")
async def test_a_deletion_that_began_goes_on_though_the_event_was_moved(store: Settings) -> None:
    event = await event_with_diets(store, "one")
    [due] = await due_deletions(DUE)
    await deletion._close(due, now=DUE)
    moved = event_given(starts_at=START + timedelta(days=3))
    await catalogue_service.change_event(event.id, moved, actor_id=None, now=DUE)
    assert await delete_due(store, now=DUE + SECOND) == 1
    assert await given_receipts() == [(event.id, "event-over", 1, DUE)]


async def test_a_vault_whose_event_is_unknown_waits_for_the_deadline_it_knows(
    store: Settings,
) -> None:
    event = await make_event()
    await dietary.put(event, new_token(), diet("alone"), settings=store, now=NOW)
    await Event.filter(id=event.id).delete()
    assert await delete_unheld(store, now=DUE - SECOND) == 0
    assert await delete_due(store, now=DUE - SECOND) == 0
    assert await delete_due(store, now=DUE) == 1
    assert await given_receipts() == [(event.id, Reason.EVENT_GONE.value, 1, DUE)]


@pytest.mark.promise("P4")
async def test_a_restored_register_gets_the_same_receipt_again(store: Settings) -> None:
    event = await event_with_diets(store, "one")
    await delete_due(store, now=DUE)
    [before] = await receipts()
    await Receipt.filter(event_id=event.id).delete()
    await Event.filter(id=event.id).update(diets_deleted_at=None)
    assert await delete_due(store, now=DUE + timedelta(days=9)) == 1
    [after] = await receipts()
    assert (after.due_at, after.done_at, after.diets) == (before.due_at, before.done_at, 1)


@pytest.mark.promise("P4")
async def test_one_key_that_cannot_be_removed_does_not_keep_the_others(store: Settings) -> None:
    stuck = await event_with_diets(store, "stuck")
    [key] = store.keys_folder.glob("*.key")
    content = key.read_bytes()
    fine = await event_with_diets(store, "fine")
    key.unlink()
    key.mkdir()  # what cannot be opened for writing, even by root
    with pytest.raises(DeletionsFailed, match=str(stuck.id)):
        await delete_due(store, now=DUE)
    assert await given_receipts() == [(fine.id, "event-over", 1, DUE)]
    assert [line.event_id for line in await overdue(DUE + SECOND)] == [stuck.id]
    key.rmdir()
    key.write_bytes(content)
    assert await delete_due(store, now=DUE + 30 * SECOND) == 1
    assert (key_files(store), await overdue(DUE + 31 * SECOND)) == ([], [])
    late = {line.event_id: line.lateness_seconds for line in await receipts()}
    assert 30 <= late[stuck.id] < 60


@pytest.mark.promise("P4")
async def test_a_keys_folder_that_is_not_there_is_not_taken_for_deleted_keys(
    store: Settings,
) -> None:
    await event_with_diets(store, "one")
    away = store.keys_folder.with_name("unmounted")
    store.keys_folder.rename(away)
    store.keys_folder.mkdir(mode=0o700)  # the bare mount point
    with pytest.raises(DeletionsFailed, match="FolderMissing"):
        await delete_due(store, now=DUE)
    assert await given_receipts() == []
    store.keys_folder.rmdir()
    away.rename(store.keys_folder)
    assert await delete_due(store, now=DUE + SECOND) == 1
    assert key_files(store) == []


async def test_a_key_that_was_lost_before_is_no_obstacle(store: Settings) -> None:
    event = await event_with_diets(store, "one")
    [key] = store.keys_folder.glob("*.key")
    key.unlink()
    assert await delete_due(store, now=DUE) == 1
    assert await given_receipts() == [(event.id, "event-over", 1, DUE)]


@pytest.mark.promise("P4")
async def test_eight_deletions_at_once_give_one_receipt_each(store: Settings) -> None:
    events = [await event_with_diets(store, f"word {number}") for number in range(4)]
    done = await asyncio.gather(*[delete_due(store, now=DUE) for _each in range(8)])
    assert sum(done) == 4
    assert await given_receipts() == sorted((event.id, "event-over", 1, DUE) for event in events)
    assert (key_files(store), await SealedDiet.all().count()) == ([], 0)


async def start_child(settings: Settings, now: datetime) -> asyncio.subprocess.Process:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.catering.child",
        settings.model_dump_json(exclude={"time_zone", "organisation"}),
        now.isoformat(),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    assert await child.stdout.readline() == b"ready\n"
    return child


@pytest.mark.promise("P4")
@pytest.mark.slow
async def test_a_killed_deletion_is_completed_after_the_restart(store: Settings) -> None:
    events = [
        await event_with_diets(store, *[f"word {number}" for number in range(4)])
        for _event in range(12)
    ]
    draw = random.Random(5)
    for kill in range(8):
        child = await start_child(store, DUE + kill * RECEIPT_PAUSE)
        await asyncio.sleep(draw.uniform(0, 0.08))
        if child.returncode is None:
            child.kill()
        await child.wait()
    await delete_due(store, now=DUE + 8 * RECEIPT_PAUSE)
    assert await given_receipts() == sorted((event.id, "event-over", 4, DUE) for event in events)
    assert (key_files(store), await SealedDiet.all().count()) == ([], 0)
    assert await Vault.filter(finished_at=None).count() == 0
    assert await Event.filter(diets_deleted_at=None).count() == 0


@pytest.mark.promise("P4")
@pytest.mark.slow
async def test_processes_that_race_delete_once(store: Settings) -> None:
    events = [await event_with_diets(store, "one", "two") for _event in range(6)]
    children = await asyncio.gather(*[start_child(store, DUE) for _child in range(3)])
    assert [await child.wait() for child in children] == [0, 0, 0]
    await delete_due(store, now=DUE + 20 * SECOND)
    assert await given_receipts() == sorted((event.id, "event-over", 2, DUE) for event in events)
    assert key_files(store) == []


def files_with(pattern: bytes, *folders: Path) -> list[str]:
    wanted = re.compile(pattern)
    return sorted(
        path.name
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and wanted.search(path.read_bytes())
    )


async def server_folders() -> list[Path]:
    """Where PostgreSQL keeps its data; nothing on SQLite."""
    if not dietary.on_server():
        return []
    [row] = await db.connection("dietary").execute_query_dict("SHOW data_directory")
    return [Path(row["data_directory"])]


@pytest.mark.promise("P5")
async def test_marked_words_are_in_no_file_and_an_old_copy_does_not_open(
    store: Settings, tmp_path: Path
) -> None:
    words = [f"Marsipaanimuori{number:03}" for number in range(40)]
    event = await event_with_diets(store, *words)
    first = await Place.all().order_by("turn").first()
    assert first is not None
    await change_diet(first.id, diet("Kanelikaarle"), settings=store, now=NOW)
    await diets_of_event(
        event.id, identity=organiser_of(event.id), road="api", settings=store, now=NOW
    )
    marked = b"Marsipaanimuori|Kanelikaarle|marsipaanimuori"
    everywhere = [store.data, *await server_folders()]
    assert files_with(marked, *everywhere) == []
    copy = tmp_path / "copy"
    shutil.copytree(store.data, copy, ignore=shutil.ignore_patterns("keys"))
    rows = {row.token: bytes(row.content) for row in await SealedDiet.all()}
    assert len(rows) == 40
    assert (await dietary.opened(event.id, settings=store)).keys() == rows.keys()

    await delete_due(store, now=DUE)
    assert files_with(marked, *everywhere, copy) == []
    ciphertexts = b"|".join(re.escape(content[:32]) for content in rows.values())
    assert files_with(ciphertexts, store.data) == []
    assert dietary.on_server() or files_with(ciphertexts, copy) != []
    # All of the old copy back in place: without the key nothing opens.
    await Vault.filter(event_id=event.id).update(closed_at=None)
    for token, content in rows.items():
        await SealedDiet.create(token=token, event_id=event.id, content=content, written_at=NOW)
    assert await dietary.opened(event.id, settings=store) == {}
    assert key_files(store) == []


@pytest.mark.promise("P4")
async def test_the_calendar_shows_what_comes_and_what_is_done(store: Settings) -> None:
    over, coming = (
        await event_with_diets(store, "one"),
        await make_event(event_given(starts_at=START + timedelta(days=1))),
    )
    await delete_due(store, now=DUE)
    calendar = await deletion_calendar()
    assert [(line.event_id, line.due_at, line.done_at) for line in calendar.upcoming] == [
        (coming.id, DUE + timedelta(days=1), None)
    ]
    assert [(line.event_id, line.diets, line.reason) for line in calendar.done] == [
        (over.id, 1, "event-over")
    ]


@pytest.mark.slow
async def test_ten_thousand_diets_of_an_event_go_together(store: Settings) -> None:
    event = await event_with_diets(store, "first")
    vault = await Vault.get(event_id=event.id)
    key = (store.keys_folder / f"{vault.key_id}.key").read_bytes()
    one = diet("x" * 80)
    tokens = [new_token() for _number in range(9_999)]
    await SealedDiet.bulk_create(
        [
            SealedDiet(
                token=token,
                event_id=event.id,
                content=seal(one, key=key, token=token, event_id=event.id, now=NOW),
                written_at=NOW,
            )
            for token in tokens
        ],
        batch_size=500,
    )
    await delete_due(store, now=DUE)
    assert await given_receipts() == [(event.id, "event-over", 10_000, DUE)]
    assert await SealedDiet.all().count() == 0
