"""How many statements a request sends to the register."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tortoise.backends.sqlite.client import SqliteClient

from registration import db


@asynccontextmanager
async def statements() -> AsyncIterator[list[str]]:
    """What SQLite is asked, on both connections, while the block runs."""
    seen: list[str] = []
    clients = [db.connection(name) for name in ("main", "reader")]
    for client in clients:
        assert isinstance(client, SqliteClient)
        await client.execute_query("SELECT 1")
        assert client._connection is not None
        await client._connection.set_trace_callback(seen.append)
    try:
        yield seen
    finally:
        for client in clients:
            assert isinstance(client, SqliteClient)
            assert client._connection is not None
            await client._connection.set_trace_callback(lambda _statement: None)
