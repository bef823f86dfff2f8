"""What an older version stored is still there after an upgrade, and is what it was."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from tortoise import Tortoise
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


@pytest.fixture
def first_version(tmp_path: Path) -> Settings:
    """An installation as the first version left it."""
    made = settings_in(tmp_path / "old")
    with tarfile.open(FIRST_VERSION) as packed:
        packed.extractall(made.data, filter="data")
    for name in STORES:
        with closing(sqlite3.connect(made.data / name)) as opened:
            opened.executescript((made.data / name).with_suffix(".sql").read_text())
    return made


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


async def test_nothing_is_lost_by_an_upgrade(first_version: Settings, migrated: Path) -> None:
    before = rows_of(first_version.data)
    await upkeep.migrate_once(first_version)
    after = rows_of(first_version.data)
    assert {table: after[table] for table in before} == before
    assert schema_of(first_version.data) == schema_of(migrated)


async def test_the_migrations_make_what_the_models_say(migrated: Path, tmp_path: Path) -> None:
    """Indexes too: SQLite's tables lose theirs when a migration writes them anew."""
    made = settings_in(tmp_path / "by-models")
    config = db.tortoise_config(made)
    config["connections"]["reader"] = config["connections"]["main"]
    await Tortoise.init(config=config)
    await Tortoise.generate_schemas()
    await db.disconnect()
    assert schema_of(migrated) == schema_of(made.data)


async def test_what_was_stored_reads_as_before_after_an_upgrade(first_version: Settings) -> None:
    await upkeep.migrate_once(first_version)
    await db.connect(first_version)
    try:
        trainings = await catalogue.trainings(published_only=False)
        assert {each.slug: each.topic for each in trainings} == TOPICS
        assert (await verify_chain()).broken_at is None
        opened = {
            vault.event_id: await dietary_store.opened(vault.event_id, settings=first_version)
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


async def test_topics_become_texts_on_postgresql(postgres_server: str, tmp_path: Path) -> None:
    admin = await asyncpg.connect(postgres_server.format("postgres"))
    names = [f"{store}_{uuid4().hex[:12]}" for store in ("main", "dietary")]
    for name in names:
        await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    main, dietary = (postgres_server.format(name) for name in names)
    settings = settings_in(tmp_path / "pg", database_url=main, dietary_url=dietary)
    config = db.tortoise_config(settings)
    config["connections"]["reader"] = config["connections"]["main"]
    await run_migrations(config=config, app_labels=["main"], target="main.0001_initial")
    await db.disconnect()
    raw = await asyncpg.connect(main)
    await raw.execute(
        "INSERT INTO training (id, slug, title, summary, aims, qualifies_for, topic,"
        " length_minutes, grade_scale, published, changed_at)"
        " VALUES (gen_random_uuid(), 'rata', '{}', '{}', '{}', '{}', 'Rata', 60, 'pass_fail',"
        " true, now()), (gen_random_uuid(), 'none', '{}', '{}', '{}', '{}', '', 60,"
        " 'pass_fail', true, now())"
    )
    await raw.close()
    await upkeep.migrate_once(settings)
    await db.connect(settings)
    try:
        trainings = await catalogue.trainings(published_only=False)
        assert {each.slug: each.topic for each in trainings} == {"rata": {"fi": "Rata"}, "none": {}}
    finally:
        await db.disconnect()
