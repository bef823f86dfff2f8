"""What a restored copy of the register brings back is erased again (P10, P13)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.models import Model

from registration import clock
from registration.app import create_app
from registration.db import transaction
from registration.ledger.models import Entry
from registration.people.models import Person, Prohibition
from registration.privacy import erasure_jobs
from registration.privacy.erasure import erase
from registration.privacy.gone import KEPT, known, mirror, path_of
from registration.privacy.gone_list import (
    HEAD,
    ErasedLine,
    GoneRefused,
    append,
    is_torn,
    read,
    write,
)
from registration.privacy.holds import HoldGiven, held, place_hold
from registration.privacy.models import Gone, Hold
from registration.privacy.restored import catch_up
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.privacy.filler import everything, fill

KEY = "a" * 64
LINE = f"erased {NOON.isoformat()} 5 {uuid4()}"


async def _prohibited(purpose: str = "newsletter") -> None:
    await Prohibition.create(
        id=uuid4(), address_key=KEY, purpose=purpose, channel="email", source="self", since=NOON
    )


Copied = dict[type[Model], list[dict[str, Any]]]


async def _copy(*models: type[Model]) -> Copied:
    return {model: [dict(row) for row in await model.all().values()] for model in models}


async def _bring_back(copied: Copied) -> None:
    """As an older copy of the register would: these tables are as they were, the ledger too."""
    async with transaction():
        for model, rows in copied.items():
            await model.all().delete()
            for row in rows:
                await model.create(**row)


@pytest.mark.promise("P13")
async def test_who_comes_back_with_a_copy_is_erased_again(store: Settings) -> None:
    person, other = await make_person(), await make_person("Bo", "Ek", "bo@example.fi")
    copied = await _copy(Person, Gone, Entry)
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    await _bring_back(copied)
    assert await Person.filter(id=person.id).exists()  # without the list they would be back
    assert await catch_up(store, now=clock.now()) == 1
    assert await Person.all().values_list("id", flat=True) == [other.id]
    assert await Gone.all().values_list("subject_id", flat=True) == [person.id]
    assert await catch_up(store, now=clock.now()) == 0


@pytest.mark.promise("P13")
async def test_who_signed_up_anew_is_somebody_else(store: Settings) -> None:
    person = await make_person()
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    anew = await make_person()
    before = await everything()
    assert await catch_up(store, now=clock.now()) == 0
    assert await everything() == before
    async with transaction():
        await Gone.all().delete()
    assert await catch_up(store, now=clock.now()) == 0
    assert await Person.all().values_list("id", flat=True) == [anew.id]


@pytest.mark.promise("P10")
async def test_a_prohibition_comes_back_after_a_restore_and_only_then(store: Settings) -> None:
    copied = await _copy(Prohibition, Gone, Entry, Person)
    person = await make_person()
    await _prohibited()
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    await _bring_back(copied)
    await catch_up(store, now=clock.now())
    assert await Prohibition.all().values_list("purpose", "source") == [("newsletter", "list")]
    async with transaction():
        await Prohibition.all().delete()  # the person says yes again
    await catch_up(store, now=clock.now())
    assert await Prohibition.all().count() == 0
    await mirror(store, now=clock.now())
    assert read(path_of(store)).forbidden == ()


@pytest.mark.promise("P13")
async def test_what_an_unknown_hold_kept_is_not_destroyed_by_a_restore(store: Settings) -> None:
    person = await make_person()
    copied = await _copy(Person, Gone, Entry, Hold)
    given = HoldGiven(
        table="person",
        authority="Traficom",
        reference="1",
        reason="Accident",
        review_on=(NOON + timedelta(days=30)).date(),
    )
    await place_hold(person.id, given, actor_id=UUID(int=1), today=NOON.date(), now=NOON)
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    await _bring_back(copied)
    await catch_up(store, now=clock.now())
    [line] = (await held([person.id]))[person.id]
    assert (line.table, line.silent) == ("", True)
    kept = await Person.get(id=person.id)
    assert (kept.email, kept.name_key) == ("aino@example.fi", str(person.id))


async def test_the_list_has_no_name_and_is_its_owners_alone(store: Settings) -> None:
    person = await fill()
    await _prohibited()
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    path = path_of(store)
    assert path.stat().st_mode & 0o777 == 0o600
    lines = path.read_text().splitlines()
    assert lines[0] == HEAD
    assert sorted(line.split()[0] for line in lines[1:]) == ["erased", "forbidden"]
    assert read(path) == await known()


async def test_old_erasures_are_no_longer_spoken_of(store: Settings) -> None:
    person, later = await make_person(), await make_person("Bo", "Ek", "bo@example.fi")
    for each in (person, later):
        await erase(each.id, actor_id=None, settings=store, now=clock.now())
    long_ago = clock.now() - KEPT - timedelta(hours=1)
    async with transaction():
        await Gone.filter(subject_id=person.id).update(erased_at=long_ago)
    write(path_of(store), await known())
    await erasure_jobs.keep_list(store)
    assert [line.subject_id for line in read(path_of(store)).erased] == [later.id]
    assert await Gone.all().values_list("subject_id", flat=True) == [later.id]


async def test_a_register_that_is_older_than_its_list_does_not_shorten_it(store: Settings) -> None:
    person = await make_person()
    copied = await _copy(Gone, Entry)
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    await _bring_back(copied)
    before = path_of(store).read_bytes()
    with pytest.raises(GoneRefused):
        await mirror(store, now=clock.now())
    assert path_of(store).read_bytes() == before


async def test_a_line_cut_short_by_a_crash_is_written_again(store: Settings) -> None:
    person = await make_person()
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    path = path_of(store)
    whole = path.read_bytes()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        await catch_up(store, now=clock.now())
        await mirror(store, now=clock.now())
        assert [line.subject_id for line in read(path).erased] == [person.id]
        assert not is_torn(path)


HOSTILE = {
    "nothing": b"",
    "another file": b"PK\x03\x04\xff",
    "no head": f"{LINE}\n".encode(),
    "cut short": f"{HEAD}\n{LINE}"[:-3].encode(),
    "no id": f"{HEAD}\n{LINE[:-1]}\n".encode(),
    "no time": f"{HEAD}\nerased 2026-13-01T00:00:00+00:00 5 {uuid4()}\n".encode(),
    "long line": f"{HEAD}\nerased {'9' * 100_000}\n".encode(),
    "statement": f"{HEAD}\n{LINE}\n{LINE}'; DROP TABLE person; --\n".encode(),
    "other lines": f"{HEAD}\r\n{LINE}\r\n".encode(),
    "no key": f"{HEAD}\nforbidden {NOON.isoformat()} 5 {'z' * 64} newsletter email\n".encode(),
    "large number": f"{HEAD}\nerased {NOON.isoformat()} {'9' * 19} {uuid4()}\n".encode(),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
async def test_a_list_that_is_none_is_refused_whole(
    register: Settings, tmp_path: Path, content: bytes
) -> None:
    person = await make_person()
    good = f"erased {clock.now().isoformat()} 5 {person.id}\n".encode()
    path = tmp_path / "given.list"
    path.write_bytes(content.replace(f"{HEAD}\n".encode(), f"{HEAD}\n".encode() + good))
    with pytest.raises(GoneRefused):
        await catch_up(register, now=clock.now(), lists=[path])
    assert await Person.filter(id=person.id).count() == 1
    assert await Gone.all().count() == 0


async def test_a_list_that_is_too_large_is_not_read(register: Settings, tmp_path: Path) -> None:
    path = tmp_path / "given.list"
    with path.open("wb") as opened:
        opened.truncate(513 * 1024 * 1024)
    with pytest.raises(GoneRefused, match="512 MB"):
        await catch_up(register, now=clock.now(), lists=[path])


async def test_nobody_is_served_when_the_list_cannot_be_read(settings: Settings) -> None:
    path_of(settings).write_text("nonsense\n")
    app = create_app(settings, run_jobs=False)
    with pytest.raises(GoneRefused):
        async with app.router.lifespan_context(app):
            raise AssertionError("it serves")


def test_what_is_appended_is_there(tmp_path: Path) -> None:
    path = tmp_path / "gone.list"
    lines = read_lines(path)
    append(path, lines)
    append(path, lines)
    assert read(path).erased == (*lines, *lines)


def read_lines(path: Path) -> tuple[ErasedLine, ...]:
    path.write_text(f"{HEAD}\n{LINE}\n{LINE} held\n")
    found = read(path).erased
    path.unlink()
    return found
