"""A store without tables gets the newest schema at once.

Its tables are those that the migrations would leave, but making them one after the other takes
seconds, because the schema is thought through anew after every step. A test compares the two.
"""

from __future__ import annotations

from datetime import UTC, datetime
from graphlib import TopologicalSorter
from typing import Any

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.migrations.loader import MigrationLoader
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import (
    AsyncpgSchemaEditor,
    BaseSchemaEditor,
    SqliteSchemaEditor,
)
from tortoise.models import Model
from tortoise.transactions import in_transaction

RECORDS = "tortoise_migrations"
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "postgres": "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
}


async def make_new(config: dict[str, Any]) -> None:
    """Each store that has no tables has all of them, and its migrations are on record as done; in
    one transaction, so that a crash leaves it as it was. The others are not touched."""
    await Tortoise.init(config=config, init_connections=False)
    for label, app in config["apps"].items():
        store = get_connection(app["default_connection"])
        if not await _tables(store) - {RECORDS}:
            await _make(label, app, store)


async def _tables(store: BaseDBAsyncClient) -> set[str]:
    rows = await store.execute_query_dict(_TABLES[store.capabilities.dialect])
    return {str(row["name"]) for row in rows}


async def _make(label: str, app: dict[str, Any], store: BaseDBAsyncClient) -> None:
    recorder = MigrationRecorder(store)
    await recorder.ensure_schema(_editor(store))
    loader = MigrationLoader({label: app}, recorder)
    await loader.build_graph()
    editor = _editor(store, collect_sql=True)
    for model in _in_order(label):
        await editor.create_model(model)
    names = sorted(key.name for key in loader.graph.nodes)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S+00:00")
    done = [
        f"INSERT INTO {RECORDS} (app, name, applied_at) VALUES ('{label}', '{name}', '{at}');"  # noqa: S608 -- our files' names
        for name in names
    ]
    script = "\n".join([*editor.collected_sql, *done])
    if store.capabilities.dialect == "sqlite":
        await store.execute_script(f"BEGIN IMMEDIATE;\n{script}\nCOMMIT;")
        return
    async with in_transaction(store.connection_name) as joined:
        await joined.execute_script(script)


def _editor(store: BaseDBAsyncClient, *, collect_sql: bool = False) -> BaseSchemaEditor:
    kind = SqliteSchemaEditor if store.capabilities.dialect == "sqlite" else AsyncpgSchemaEditor
    return kind(store, atomic=False, collect_sql=collect_sql)


def _in_order(label: str) -> list[type[Model]]:
    """Each table after those that it refers to."""
    models = (Tortoise.apps or {})[label]
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, model in models.items():
        meta = model._meta
        needed = {
            meta.fields_map[field].related_model.__name__
            for field in (*meta.fk_fields, *meta.o2o_fields)
        }
        sorter.add(name, *(needed - {name}))
    return [models[name] for name in sorter.static_order()]
