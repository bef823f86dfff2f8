"""The two databases: the register ("main") and the dietary store ("dietary"), never joined (P5).

On SQLite the register has a second, read-only connection, so that a page need not wait for the
transaction of a sign-up; ``Router`` sends reads there unless they are inside a transaction.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from asyncpg.exceptions import LockNotAvailableError
from tortoise import Tortoise
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.api import migrate as run_migrations
from tortoise.models import Model
from tortoise.transactions import in_transaction

from registration.schema import make_new
from registration.settings import Settings

MAIN_MODELS = (
    "registration.tries.models",
    "registration.ledger.models",
    "registration.mail.models",
    "registration.people.models",
    "registration.accounts.models",
    "registration.companies.models",
    "registration.catalogue.models",
    "registration.enrolment.models",
    "registration.teaching.models",
    "registration.qualifications.models",
    "registration.invoicing.models",
    "registration.webhooks.models",
    "registration.feedback.models",
    "registration.privacy.models",
)
DIETARY_MODELS = ("registration.catering.models",)
BUSY_MILLISECONDS = 15_000
POOL_SIZE = 10

# Tortoise logs each statement with its values at DEBUG: no log may hold personal data.
logging.getLogger("tortoise").setLevel(logging.WARNING)
logging.getLogger("aiosqlite").setLevel(logging.WARNING)

Callback = Callable[[], None]
_pending: ContextVar[list[Callback] | None] = ContextVar("pending", default=None)
_generation = 0


class Router:
    """Which connection a query takes; models of the dietary app keep their own."""

    def db_for_read(self, model: type[Model]) -> str:
        if model._meta.app == "dietary":
            return "dietary"
        return "main" if joined() else "reader"

    def db_for_write(self, model: type[Model]) -> str:
        return "dietary" if model._meta.app == "dietary" else "main"


async def _nothing_to_reset(_returned: object) -> None:
    """What a connection goes through on its way back to the pool, its transaction ended already.

    asyncpg would let go of advisory locks, cursors, notifications and changed settings, which costs
    a round trip each time; no pooled connection of ours takes any of these.
    """


def _credentials(url: str, *, application: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(url.removeprefix("sqlite://").partition("?")[0])
        return {
            "engine": "registration.sqlite",
            "credentials": {
                "file_path": path if path.startswith("/") else str(Path(path).absolute()),
                "journal_mode": "WAL",
                "synchronous": "FULL",
                "foreign_keys": "ON",
                "secure_delete": "ON",
                "busy_timeout": BUSY_MILLISECONDS,
                "journal_size_limit": 16_777_216,
                "temp_store": "MEMORY",
            },
        }
    # ``?host=`` (a folder with the server's socket) is libpq's way, and wins over the address.
    query = dict(parse_qsl(parts.query))
    return {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": query.get("host") or parts.hostname or "127.0.0.1",
            "port": parts.port or int(query.get("port", 5432)),
            "user": unquote(parts.username or query.get("user", "postgres")),
            "password": unquote(parts.password or "") or None,
            "database": parts.path.lstrip("/") or "registration",
            "min_size": 1,
            "max_size": POOL_SIZE,
            "reset": _nothing_to_reset,
            "server_settings": {"application_name": application},
        },
    }


def tortoise_config(settings: Settings) -> dict[str, Any]:
    main = _credentials(settings.main_url, application="registration")
    reader = main
    if not settings.on_postgres:
        reader = main | {"credentials": main["credentials"] | {"query_only": "ON"}}
    return {
        "connections": {
            "main": main,
            "reader": reader,
            "dietary": _credentials(settings.diets_url, application="registration-dietary"),
        },
        "apps": {
            "main": {
                "models": list(MAIN_MODELS),
                "default_connection": "main",
                "migrations": "registration.migrations.main",
            },
            "dietary": {
                "models": list(DIETARY_MODELS),
                "default_connection": "dietary",
                "migrations": "registration.migrations.dietary",
            },
        },
        "routers": [Router],
        "use_tz": True,
        "timezone": "UTC",
    }


async def connect(settings: Settings) -> TortoiseContext:
    """Open both databases for this process; each request's task finds them.

    File modes are set before the first byte is written: both stores are their owner's alone.
    """
    for url in (settings.main_url, settings.diets_url):
        if url.startswith("sqlite"):
            _private_file(Path(_credentials(url, application="")["credentials"]["file_path"]))
    # Tortoise keeps statements by the connection's name, whatever database that names now.
    EXECUTOR_CACHE.clear()
    return await Tortoise.init(config=tortoise_config(settings), _enable_global_fallback=True)


async def disconnect() -> None:
    await Tortoise.close_connections()


async def migrate(settings: Settings) -> None:
    """Bring both databases to the newest schema; safe when several processes start at once."""
    for url in (settings.main_url, settings.diets_url):
        if url.startswith("sqlite"):
            _private_file(Path(_credentials(url, application="")["credentials"]["file_path"]))
    config = tortoise_config(settings)
    for name in ("main", "dietary"):
        if config["connections"][name]["engine"] == "registration.sqlite":
            # A table that is written anew is dropped first: that must not take others' rows along.
            config["connections"][name]["credentials"]["foreign_keys"] = "OFF"
    config["connections"]["reader"] = config["connections"]["main"]
    EXECUTOR_CACHE.clear()
    try:
        await make_new(config)
        await run_migrations(config=config)
    finally:
        await Tortoise.close_connections()


def _private_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """All writes to the register inside the block happen, or none; a block inside one joins it.

    On SQLite the write lock is taken at once. Callbacks given to ``after_commit`` run only when
    the outermost block has committed.
    """
    if _pending.get() is not None:
        yield
        return
    callbacks: list[Callback] = []
    token = _pending.set(callbacks)
    try:
        async with in_transaction("main"):
            yield
    finally:
        _pending.reset(token)
    for callback in callbacks:
        callback()


@asynccontextmanager
async def dietary_transaction() -> AsyncIterator[None]:
    """All writes to the dietary store inside the block happen, or none. It is never part of a
    transaction of the register: the two commit in the order that their services say."""
    async with in_transaction("dietary"):
        yield


def after_commit(callback: Callback) -> None:
    """Run ``callback`` when the present transaction has committed; at once when there is none."""
    pending = _pending.get()
    if pending is None:
        callback()
    else:
        pending.append(callback)


def generation() -> int:
    """Rises when this process has changed what many read (see ``announce``)."""
    return _generation


def announce() -> None:
    """What the present transaction writes is to be seen at once by all readers of kept pages.

    Catalogue changes are; taking a place is not, or a rush would have every page made anew for
    every visitor: a kept page's seats are as old as it is, a second at most.
    """
    after_commit(_advance)


def _advance() -> None:
    global _generation
    _generation += 1


def joined() -> bool:
    """Whether a transaction of the register is open here, so that another block would join it."""
    return _pending.get() is not None


async def one_at_a_time(matter: str) -> None:
    """Until the present transaction ends, no other gets past here with the same ``matter``, on any
    server. On SQLite that is so of every transaction."""
    db = connection()
    if db.capabilities.dialect == "postgres":
        await db.execute_query("SELECT pg_advisory_xact_lock(hashtext($1))", [matter])


async def scrub(tables: Sequence[str] = (), *, name: str = "main") -> bool:
    """Nothing deleted is left in the database's journal, on SQLite; says whether that was done at
    once, or a reader was in the way. Deleted rows are overwritten in the file itself by
    ``secure_delete``.

    On PostgreSQL rows deleted from ``tables`` are taken off their pages: the room is free, and what
    stood there is overwritten by what comes next, or by ``rewrite``. Outside any transaction.
    """
    db = get_connection(name)
    if db.capabilities.dialect != "sqlite":
        if tables:
            await db.execute_script(f"VACUUM {_quoted(tables)}")
        return True
    answer = await db.execute_query_dict("PRAGMA wal_checkpoint(TRUNCATE)")
    return not answer[0]["busy"]


# Of a larger table nobody could read for too long.
LARGEST_REWRITTEN = 512 * 1024 * 1024
REWRITING = 7_203_114_403


async def rewrite(tables: Sequence[str], *, largest: int = LARGEST_REWRITTEN) -> int:
    """Each of these tables of up to ``largest`` bytes is written anew without the room where
    deleted rows stood, on PostgreSQL; says how many were. SQLite needs none (see ``scrub``).

    Nobody reads a table meanwhile, so it is for quiet hours. One that is in use for longer than two
    seconds is left for the next time, and all are when another process is at it.
    """
    db = get_connection("main")
    if not isinstance(db, AsyncpgDBClient):
        return 0
    done = 0
    # One connection of our own for all of it: VACUUM is not allowed in a transaction.
    async with db.acquire_connection() as own:
        if not await own.fetchval("SELECT pg_try_advisory_lock($1)", REWRITING):
            return 0
        try:
            await own.execute("SET lock_timeout = '2s'")
            for table in tables:
                size = await own.fetchval("SELECT pg_total_relation_size($1::regclass)", table)
                with suppress(LockNotAvailableError):
                    if size <= largest:
                        await own.execute(f"VACUUM (FULL) {_quoted([table])}")
                        done += 1
        finally:
            await own.execute("RESET lock_timeout")
            await own.execute("SELECT pg_advisory_unlock($1)", REWRITING)
    return done


def _quoted(tables: Sequence[str]) -> str:
    return ", ".join(f'"{table}"' for table in tables)


def connection(name: str = "main") -> BaseDBAsyncClient:
    """The raw connection, for the few statements that the ORM cannot say."""
    return get_connection(name)


def reading() -> BaseDBAsyncClient:
    """The raw connection for a statement that only reads: inside a transaction, its own."""
    return get_connection("main" if joined() else "reader")
