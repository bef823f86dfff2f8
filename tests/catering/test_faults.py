"""Whatever breaks during a deletion: never early, never twice, never lost, done when it ends.

The faults are real: processes killed, files that may not grow, folders that may not be written,
databases that are gone. ``REGISTRATION_THOROUGH=1`` kills at every step instead of some.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from registration import clock, db
from registration.catalogue import service as catalogue_service
from registration.catering import jobs
from registration.catering.deletion import delete_due
from registration.catering.models import SealedDiet, Vault
from registration.catering.queries import RECEIPT_PAUSE
from registration.catering.steady import STANDS, elapsed_now, this_boot
from registration.ledger.models import Entry
from registration.ledger.queries import receipts
from registration.settings import Settings
from tests.catering.makers import (
    DUE,
    SECOND,
    diet,
    event_given,
    make_event,
    make_guest,
    offering_of,
)
from tests.conftest import settings_in
from tests.faults import in_child, killed_at_each

THOROUGH = bool(os.environ.get("REGISTRATION_THOROUGH"))
WATCHED = tuple(f"registration/{name}" for name in ("catering/", "ledger/", "catalogue/service"))
LATER = DUE + RECEIPT_PAUSE + SECOND
NOBODY = 65_534


async def _furnish(settings: Settings) -> list[UUID]:
    await db.connect(settings)
    try:
        events = [await make_event() for _each in range(2)]
        for event in events:
            await make_guest(event, diet("one"), settings=settings)
            await make_guest(event, diet("two"), settings=settings)
        return [event.id for event in events]
    finally:
        await db.disconnect()


@dataclass(frozen=True, slots=True)
class Furnished:
    settings: Settings
    events: list[UUID]


@pytest.fixture
def furnished(settings: Settings) -> Furnished:
    """Two events with two guests each, nothing open."""
    return Furnished(settings, asyncio.run(_furnish(settings)))


async def _delete(settings: Settings, **_more: object) -> None:
    await db.connect(settings)
    try:
        await delete_due(settings, now=DUE)
    finally:
        await db.disconnect()


async def _all_is_done(given: Furnished) -> None:
    """After the fault: each event once, both guests' answers gone, and the chain tells it once."""
    settings = given.settings
    await db.connect(settings)
    try:
        await delete_due(settings, now=LATER)
        found = sorted((line.event_id, line.diets, line.due_at) for line in await receipts())
        assert found == sorted((event_id, 2, DUE) for event_id in given.events)
        assert await Entry.filter(act="diets-deleted").count() == 2
        assert await SealedDiet.all().count() == 0
        assert await Vault.filter(finished_at=None).count() == 0
        assert list(settings.keys_folder.glob("*.key")) == []
    finally:
        await db.disconnect()


@pytest.mark.promise("P4")
@pytest.mark.slow
def test_killed_at_any_step_it_resumes_there(furnished: Furnished) -> None:
    def work(folder: Path) -> None:
        asyncio.run(_delete(settings_in(folder)))

    def check(folder: Path) -> None:
        asyncio.run(_all_is_done(Furnished(settings_in(folder), furnished.events)))

    steps = range(1, 2000, 1 if THOROUGH else 23)
    killed_at_each(steps, furnished.settings.data, work, check, watched=WATCHED)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("most", [0, 16, 4096, 65_536, 8_388_608])
def test_a_full_disk_delays_and_loses_nothing(furnished: Furnished, most: int) -> None:
    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        asyncio.run(_delete(furnished.settings))

    ended = in_child(work)
    assert ended == (1 if most < 8_388_608 else 0), "the disk was not full, or full too late"
    asyncio.run(_all_is_done(furnished))


@pytest.fixture
def unlocked() -> Iterator[Path]:
    """A folder that somebody who is not root can reach."""
    folder = Path(tempfile.mkdtemp(prefix="registration-faults-"))
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


def _owned(folder: Path) -> None:
    """Root may write anywhere, so the child is nobody, and the files are nobody's."""
    if os.getuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("which", [".", "keys"], ids=["data", "keys"])
def test_a_folder_that_cannot_be_written_delays_and_loses_nothing(
    furnished: Furnished, unlocked: Path, which: str
) -> None:
    folder = unlocked / "var"
    shutil.copytree(furnished.settings.data, folder)
    _owned(folder)
    (folder / which).chmod(0o500)

    def work() -> None:
        if os.getuid() == 0:
            os.setuid(NOBODY)
        asyncio.run(_delete(settings_in_place(folder)))

    given = Furnished(settings_in_place(folder), furnished.events)
    assert in_child(work) == 1
    (folder / which).chmod(0o700)
    asyncio.run(_all_is_done(given))


def settings_in_place(folder: Path) -> Settings:
    return Settings.model_validate({"data": folder, "secret": "s" * 43})


@pytest.mark.promise("P4")
async def test_a_database_that_is_gone_delays_and_loses_nothing(
    postgres: Settings, postgres_server: str
) -> None:
    events = await _furnish(postgres)
    name = postgres.diets_url.partition("?")[0].rpartition("/")[2]
    admin = await asyncpg.connect(postgres_server.format("postgres"))
    await db.connect(postgres)
    try:
        await SealedDiet.all().count()
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        with pytest.raises(Exception, match=r".") as failure:  # whatever the driver says
            await delete_due(postgres, now=DUE)
        assert not isinstance(failure.value, AssertionError)
        assert await receipts() == []
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    finally:
        await db.disconnect()
        await admin.close()
    await _all_is_done(Furnished(postgres, events))


@pytest.mark.promise("P4")
@pytest.mark.slow
@pytest.mark.parametrize("many", [2, 8])
def test_processes_at_once_delete_once(furnished: Furnished, many: int) -> None:
    begin, go = os.pipe()
    children: list[int] = []
    for _each in range(many):
        child = os.fork()
        if child == 0:
            os.close(go)
            os.read(begin, 1)
            code = 0
            try:
                asyncio.run(_delete(furnished.settings))
            except BaseException:  # nor here
                code = 1
            os._exit(code)
        children.append(child)
    os.close(begin)
    os.close(go)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert 0 in ended, "somebody must get it done"
    asyncio.run(_all_is_done(furnished))


def _leap(settings: Settings, by: timedelta, *, stood: timedelta = timedelta(0)) -> None:
    """As if the system's clock had been set forward by ``by``, so long ago."""
    elapsed = elapsed_now()
    kept = (
        f'{{"boot": "{this_boot()}", "elapsed": {elapsed}, '
        f'"at": "{(clock.now() - by).isoformat()}", '
        f'"leapt": {elapsed - stood.total_seconds()}, "by": {by.total_seconds()}}}'
    )
    (settings.data / "steady-clock").write_text(kept)


@pytest.mark.promise("P4")
async def test_a_clock_set_forward_deletes_nothing_early(register: Settings) -> None:
    ends = clock.now() - timedelta(days=1)
    before = ends - timedelta(hours=7)
    given = event_given(starts_at=ends - timedelta(hours=6), ends_at=ends)
    event_id = await catalogue_service.add_event(given, actor_id=None, now=before)
    event = await offering_of(event_id)
    await make_guest(event, diet("one"), settings=register, now=before)
    jobs.steady_clock.cache_clear()
    _leap(register, timedelta(days=3))
    assert await jobs.delete_diets(register) == 0
    assert jobs.leapt_by(register) is not None
    assert await SealedDiet.all().count() == 1
    _leap(register, timedelta(days=3), stood=STANDS)
    assert await jobs.delete_diets(register) == 1
    assert jobs.leapt_by(register) is None
    with suppress(FileNotFoundError):
        (register.data / "steady-clock").unlink()
