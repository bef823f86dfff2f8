"""Care of both databases as a whole: schema, whether they answer, whether they hold anything."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from tortoise.migrations.executor import MigrationExecutor

from registration.db import connection, disconnect, migrate, tortoise_config
from registration.settings import Settings

LOCK_NUMBER = 7_203_114_402
STORES = ("main", "dietary")
# Where the first data of an installation always lands.
TELLING_TABLES = ("account", "person", "training", "event", "company")


async def migrate_once(settings: Settings) -> None:
    """Both databases have the newest schema, however many processes ask for it at once."""
    async with _alone(settings):
        try:
            await migrate(settings)
        finally:
            await disconnect()


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[None]:
    """A lock that all processes of this installation know: on the server, else in ``DATA``."""
    if settings.on_postgres:
        credentials = tortoise_config(settings)["connections"]["main"]["credentials"]
        options = {
            key: credentials[key] for key in ("host", "port", "user", "password", "database")
        }
        held = await asyncpg.connect(**options)
        try:
            await held.execute("SELECT pg_advisory_lock($1)", LOCK_NUMBER)
            yield
        finally:
            await held.close()
        return
    handle = os.open(settings.data / "migrate.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        await asyncio.to_thread(fcntl.flock, handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


async def answers(_settings: Settings) -> str:
    """Empty when every store answers a question, else what is wrong."""
    for name in (*STORES, "reader"):
        await connection(name).execute_query("SELECT 1")
    return ""


async def schema_is_current(settings: Settings) -> str:
    """Empty when no migration is missing, else how many are."""
    apps = tortoise_config(settings)["apps"]
    missing = 0
    for name in STORES:
        plan = await MigrationExecutor(connection(name), {name: apps[name]}).plan()
        missing += len(plan)
    return f"{missing} migrations are missing: run `registration migrate`" if missing else ""


async def holds_data() -> bool:
    """Whether the register has anything in it that people put there."""
    for table in TELLING_TABLES:
        count, _rows = await connection().execute_query(
            f'SELECT 1 FROM "{table}" LIMIT 1'  # noqa: S608 -- names from the tuple above
        )
        if count:
            return True
    return False
