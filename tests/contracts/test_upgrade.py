"""What an older version stored is still there after an upgrade, and is what it was."""

from __future__ import annotations

import asyncio
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.migrations.api import migrate as run_migrations

from registration import db, upkeep
from registration.catalogue import queries as catalogue
from registration.catering import store as dietary_store
from registration.catering.models import SealedDiet, Vault
from registration.catering.rules import reveal
from registration.ledger.service import verify_chain
from registration.settings import Settings
from registration.teaching.models import Assignment, Pack
from tests.conftest import STORES, settings_in

# What the first version had stored: the demo's data, without logins and most of its mails.
FIRST_VERSION = Path(__file__).parents[1] / "data" / "first-version.tar.gz"
# Tables that the tools keep for themselves.
OURS_NOT = ("tortoise", "sqlite")
TOPICS = {
    "ensiapu-ea-1": {"fi": "Ensiapu"},
    "ratatyosta-vastaava": {"fi": "Rata"},
    "ratatyoturvallisuus": {"fi": "Rata"},
    "sahkotyoturvallisuus-sfs-6002": {"fi": "Sähkö"},
    "tulityot": {"fi": "Turvallisuus"},
    "tyoskentely-korkealla": {"fi": "Turvallisuus"},
    "tyoturvallisuuskortti": {"fi": "Turvallisuus"},
}


@dataclass(frozen=True, slots=True)
class Upgraded:
    """An installation of the first version, upgraded; ``before``: its rows then, by table."""

    settings: Settings
    before: dict[str, int]


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    made = settings_in(tmp_path_factory.mktemp("upgraded") / "old")
    with tarfile.open(FIRST_VERSION) as packed:
        packed.extractall(made.data, filter="data")
    for name in STORES:
        with closing(sqlite3.connect(made.data / name)) as opened:
            opened.executescript((made.data / name).with_suffix(".sql").read_text())
    before = rows_of(made.data)
    asyncio.run(upkeep.migrate_once(made))
    return Upgraded(made, before)


def rows_of(folder: Path) -> dict[str, int]:
    """How many rows each table of both stores has."""
    counted: dict[str, int] = {}
    for name in STORES:
        with closing(sqlite3.connect(folder / name)) as opened:
            assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
            for (table,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
                if not table.startswith(OURS_NOT):
                    (counted[table],) = opened.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    return counted


def schema_of(folder: Path) -> set[tuple[object, ...]]:
    """Each column, index and reference of both stores."""
    found: set[tuple[object, ...]] = set()
    for name in STORES:
        with closing(sqlite3.connect(folder / name)) as opened:
            tables = opened.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
            for (table,) in tables:
                if table.startswith(OURS_NOT):
                    continue
                columns = opened.execute(f'PRAGMA table_info("{table}")').fetchall()
                found |= {
                    (table, "column", name, kind, filled, key)
                    for _number, name, kind, filled, _given, key in columns
                }
                for _number, index, unique, *_rest in opened.execute(
                    f'PRAGMA index_list("{table}")'
                ).fetchall():
                    over = opened.execute(f'PRAGMA index_info("{index}")').fetchall()
                    found.add((table, "index", unique, *(column[2] for column in over)))
                references = opened.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
                found |= {(table, "reference", *reference[2:7]) for reference in references}
    return found


@pytest.mark.xdist_group("upgraded")
def test_nothing_is_lost_by_an_upgrade(upgraded: Upgraded, migrated: Path) -> None:
    after = rows_of(upgraded.settings.data)
    assert {table: after[table] for table in upgraded.before} == upgraded.before
    assert schema_of(upgraded.settings.data) == schema_of(migrated)


async def step_by_step(settings: Settings, **upto: Any) -> None:
    """Both stores are made by every migration in its turn, as an old installation's were."""
    EXECUTOR_CACHE.clear()  # it knows connections by their names alone
    config = db.tortoise_config(settings)
    config["connections"]["reader"] = config["connections"]["main"]
    await run_migrations(config=config, **upto)
    await db.disconnect()


async def test_a_new_store_is_what_the_migrations_would_have_left(
    migrated: Path, tmp_path: Path
) -> None:
    """Indexes too: SQLite's tables lose theirs when a migration writes them anew."""
    made = settings_in(tmp_path / "by-migrations")
    await step_by_step(made)
    assert schema_of(migrated) == schema_of(made.data)
    assert records_of(migrated) == records_of(made.data)


def records_of(folder: Path) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in STORES:
        with closing(sqlite3.connect(folder / name)) as opened:
            found += opened.execute("SELECT app, name FROM tortoise_migrations").fetchall()
    return sorted(found)


async def test_a_store_whose_making_was_cut_off_is_made_at_the_next_start(
    migrated: Path, tmp_path: Path
) -> None:
    made = settings_in(tmp_path / "cut-off")
    for name in STORES:
        with closing(sqlite3.connect(made.data / name)) as opened:
            opened.execute(
                "CREATE TABLE tortoise_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,"
                " app VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL,"
                " applied_at TIMESTAMP NOT NULL, UNIQUE (app, name))"
            )
            opened.commit()
    await upkeep.migrate_once(made)
    assert schema_of(made.data) == schema_of(migrated)
    await upkeep.migrate_once(made)
    assert records_of(made.data) == records_of(migrated)


# Each column, index and constraint of a PostgreSQL database, without the names that it gave them,
# and without what an added column gave to the rows that were there.
DESCRIBED = (
    "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT tablename, regexp_replace(indexdef, 'INDEX \\S+', 'INDEX') FROM pg_indexes"
    " WHERE schemaname = 'public'",
    "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
)


async def described(address: str) -> list[list[str]]:
    raw = await asyncpg.connect(address)
    try:
        return [sorted(repr(tuple(row)) for row in await raw.fetch(asked)) for asked in DESCRIBED]
    finally:
        await raw.close()


async def new_databases(postgres_server: str, folder: Path) -> Settings:
    admin = await asyncpg.connect(postgres_server.format("postgres"))
    names = [f"{store}_{uuid4().hex[:12]}" for store in ("main", "dietary")]
    for name in names:
        await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    main, dietary = (postgres_server.format(name) for name in names)
    return settings_in(folder, database_url=main, dietary_url=dietary)


@pytest.mark.xdist_group("upgraded")
async def test_what_was_stored_reads_as_before_after_an_upgrade(upgraded: Upgraded) -> None:
    await db.connect(upgraded.settings)
    try:
        trainings = await catalogue.trainings(published_only=False)
        assert {each.slug: each.topic for each in trainings} == TOPICS
        assert (await verify_chain()).broken_at is None
        opened = {
            vault.event_id: await dietary_store.opened(vault.event_id, settings=upgraded.settings)
            for vault in await Vault.filter(deleted_at=None)
        }
        packs = await Pack.all().select_related("assignment")
        assert {each.ends_at - each.made_at for each in packs} == {timedelta(days=90)}
        assert [each.recipient_id == each.assignment.recipient_id for each in packs] == [True] * 9
        assigned = await Assignment.all()
        assert {each.accepted_at == each.created_at for each in assigned} == {True}
        diets = [reveal(diet) for each in opened.values() for diet in each.values()]
        assert len(diets) == await SealedDiet.all().count() > 0
    finally:
        await db.disconnect()


async def test_an_upgraded_postgresql_is_what_a_new_one_is_with_what_was_stored(
    postgres_server: str, tmp_path: Path
) -> None:
    new, old = [await new_databases(postgres_server, tmp_path / name) for name in ("new", "old")]
    await upkeep.migrate_once(new)
    await step_by_step(old, app_labels=["main"], target="main.0001_initial")
    raw = await asyncpg.connect(old.main_url)
    await raw.execute(
        "INSERT INTO training (id, slug, title, summary, aims, qualifies_for, topic,"
        " length_minutes, grade_scale, published, changed_at)"
        " VALUES (gen_random_uuid(), 'rata', '{}', '{}', '{}', '{}', 'Rata', 60, 'pass_fail',"
        " true, now()), (gen_random_uuid(), 'none', '{}', '{}', '{}', '{}', '', 60,"
        " 'pass_fail', true, now())"
    )
    await raw.close()
    await step_by_step(old)
    assert await described(new.main_url) == await described(old.main_url)
    assert await described(new.diets_url) == await described(old.diets_url)
    await db.connect(old)
    try:
        trainings = await catalogue.trainings(published_only=False)
        assert {each.slug: each.topic for each in trainings} == {"rata": {"fi": "Rata"}, "none": {}}
    finally:
        await db.disconnect()
