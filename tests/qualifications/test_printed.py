"""Files that are kept: claimed by one process at a time, gone when they do not hold any more."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from registration.backups import COPY, back_up
from registration.qualifications import printed, printing
from registration.qualifications.jobs import JOBS
from registration.qualifications.models import Certificate, Printed, PrintOrder
from registration.qualifications.printed import KEPT, LEASE
from registration.qualifications.printing import STALLED
from registration.qualifications.reissuing import reissue
from registration.qualifications.rules import NobodyCertified
from registration.qualifications.service import issue_for_session, revoke
from registration.settings import Settings
from tests.qualifications.makers import make_certified
from tests.teaching.makers import LATER, School, make_school, record

KEY = "k" * 43
NAMES = ("Aino Virtanen", "Bo Öhman", "Cia Dahl", "Dan Ek", "Eva Ståhl")


async def ordered(settings: Settings) -> tuple[School, list[UUID]]:
    school, lines = await make_certified(settings, *NAMES)
    await printing.order(school.id, actor_id=None, now=LATER)
    return school, [line.id for line in sorted(lines, key=lambda line: line.number)]


async def claim(school: School, *, by: UUID, many: int = 2, after: int = 0) -> list[UUID] | None:
    now = LATER + after * LEASE
    found = await printed.claim(
        school.id, school.session.seating_id, many=many, by=by, key_id=KEY, now=now
    )
    return None if found is None else [row.id for row in found]


def files(ids: list[UUID]) -> dict[UUID, bytes]:
    return {each: b"%PDF " + str(each).encode() for each in ids}


async def fulfil(ids: list[UUID], *, by: UUID) -> None:
    await printed.fulfil(files(ids), {}, by=by, key_id=KEY, now=LATER)


async def kept(certificate_id: UUID) -> bytes | None:
    return await printed.content_of(certificate_id, key_id=KEY, now=LATER)


async def test_each_is_claimed_by_one_process(store: Settings) -> None:
    school, ids = await ordered(store)
    claims = await asyncio.gather(*(claim(school, by=uuid4()) for _process in range(4)))
    found = [each for part in claims if part for each in part]
    assert (len(found), set(found)) == (5, set(ids))
    assert await claim(school, by=uuid4()) == []
    assert await PrintOrder.all().count() == 1


async def test_a_crash_between_loses_nothing_and_prints_nothing_twice(store: Settings) -> None:
    """One process dies after its claim, another after its files were kept."""
    school, ids = await ordered(store)
    dead, alive = uuid4(), uuid4()
    lost = await claim(school, by=dead)
    assert lost is not None
    rest = await claim(school, by=alive, many=9)
    assert rest is not None
    await fulfil(rest, by=alive)
    assert await claim(school, by=alive) == []
    again = await claim(school, by=alive, after=1)
    assert again == lost
    await fulfil(lost, by=dead)  # it was not dead, only slow: too late
    assert [await kept(each) for each in lost] == [None, None]
    await fulfil(again, by=alive)
    assert await claim(school, by=alive, after=1) is None
    assert await PrintOrder.all().count() == 0
    assert {each: await kept(each) for each in ids} == files(ids)


async def test_what_is_revoked_or_reissued_has_no_file(register: Settings) -> None:
    school, ids = await ordered(register)
    me = uuid4()
    for each in ids[:3]:
        await printed.keep(each, b"%PDF", key_id=KEY, now=LATER)
    await revoke(ids[0], "Wrong", actor_id=None, settings=register, now=LATER)
    await reissue(ids[1], "New name", actor_id=None, settings=register, now=LATER)
    place = (await Certificate.get(id=ids[2])).place_id
    await record(school, {"place_id": place, "grade": "5"})
    await issue_for_session(school.id, actor_id=None, settings=register, now=LATER)
    assert [await kept(each) for each in ids[:3]] == [None, None, None]
    assert await printed.keep(ids[0], b"%PDF late", key_id=KEY, now=LATER) is None
    taken = await claim(school, by=me, many=9)
    assert taken is not None
    assert set(taken) & set(ids[:3]) == set()
    await revoke(ids[3], "Wrong", actor_id=None, settings=register, now=LATER)
    await fulfil(taken, by=me)
    assert await Printed.filter(certificate_id=ids[3]).count() == 0


async def test_the_first_file_is_the_one_that_stays(register: Settings) -> None:
    _school, (line, *_rest) = await make_certified(register, *NAMES[:2])
    assert await printed.keep(line.id, b"first", key_id=KEY, now=LATER) == b"first"
    assert await printed.keep(line.id, b"second", key_id=KEY, now=LATER) == b"first"
    other = "o" * 43
    assert await printed.content_of(line.id, key_id=other, now=LATER) is None
    assert await printed.keep(line.id, b"third", key_id=other, now=LATER) == b"third"


async def test_a_single_one_is_not_undone_by_a_batch(register: Settings) -> None:
    school, ids = await ordered(register)
    me = uuid4()
    claimed = await claim(school, by=me, many=1)
    assert claimed == ids[:1]
    assert await printed.keep(ids[0], b"single", key_id=KEY, now=LATER) == b"single"
    await fulfil(ids[:1], by=me)
    assert await kept(ids[0]) == b"single"


async def test_no_file_is_in_a_backup(register: Settings, tmp_path: Path) -> None:
    _school, (line,) = await make_certified(register)
    await printed.keep(line.id, b"%PDF " + b"marked" * 3000, key_id=KEY, now=LATER)
    await asyncio.to_thread(back_up, register, tmp_path / "copy")
    copy = tmp_path / "copy" / COPY
    assert b"markedmarked" not in copy.read_bytes()
    with closing(sqlite3.connect(copy)) as opened:
        counts = [
            opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("printed", "certificate")
        ]
    assert counts == [0, 1]


async def test_files_go_by_themselves(register: Settings) -> None:
    _school, (line,) = await make_certified(register)
    await printed.keep(line.id, b"%PDF", key_id=KEY, now=LATER)
    assert await printed.drop_due(now=LATER + KEPT) == 1
    assert await kept(line.id) is None


async def test_what_cannot_be_printed_is_named_and_tried_with_the_next_order(
    register: Settings,
) -> None:
    school, ids = await ordered(register)
    me = uuid4()
    claimed = await claim(school, by=me, many=9)
    assert claimed is not None
    await printed.fulfil(files(ids[1:]), {ids[0]: "DoesNotFit"}, by=me, key_id=KEY, now=LATER)
    assert await printed.failures(ids, now=LATER) == {ids[0]: "DoesNotFit"}
    assert await claim(school, by=me) is None
    await printing.order(school.id, actor_id=None, now=LATER)
    assert await claim(school, by=me) == ids[:1]


async def test_a_session_without_certificates_has_nothing_to_prepare(register: Settings) -> None:
    school = await make_school(register)
    with pytest.raises(NobodyCertified):
        await printing.order(school.id, actor_id=None, now=LATER)
    assert await printing.go_on(school.id, settings=register) == 0
    assert await printing.go_on(uuid4(), settings=register) == 0


async def test_an_order_that_nobody_goes_on_with_wakes_the_job(register: Settings) -> None:
    assert await printing.stalled_at() is None
    school, _ids = await ordered(register)
    assert await printing.stalled_at() == LATER + STALLED
    assert await claim(school, by=uuid4(), after=1) is not None
    assert await printing.stalled_at() == LATER + LEASE + STALLED
    (job,) = [job for job in JOBS if job.name == "go-on-printing"]
    assert job.due_at is printing.stalled_at
