"""Steps of migrations that leave what is stored where it is.

On SQLite Tortoise changes or removes a column by writing the whole table anew and dropping the old
one: indexes are lost, and so are the rows of other tables that refer to it with ON DELETE CASCADE.
These steps use SQLite's own ALTER TABLE instead. So in migrations: no ``AlterField`` and no
``RemoveField``; ``migrate`` switches foreign keys off besides, and a test compares what was there
before and after.
"""

from __future__ import annotations

from typing import Any

from tortoise.fields import Field
from tortoise.migrations import operations as ops
from tortoise.migrations.schema_editor.base import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State


class AddColumn(ops.AddField):
    """Adds a column that may not be empty; rows that are there get ``given``."""

    def __init__(self, model_name: str, name: str, field: Field[Any], *, given: object) -> None:
        super().__init__(model_name, name, field)
        self.given = given

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        model = new_state.apps.get_model(f"{app_label}.{self.model_name}")
        model._meta.fields_map[self.name].db_default = self.given
        await super().database_forward(app_label, old_state, new_state, state_editor)


class DropColumn(ops.RemoveField):
    """Drops a column; the rest of the table is not touched."""

    async def database_forward(
        self,
        app_label: str,
        old_state: State,
        new_state: State,
        state_editor: BaseSchemaEditor | None = None,
    ) -> None:
        if state_editor is None:
            return
        meta = old_state.apps.get_model(f"{app_label}.{self.model_name}")._meta
        column = meta.fields_db_projection[self.name]
        await state_editor.client.execute_script(
            f'ALTER TABLE "{meta.db_table}" DROP COLUMN "{column}"'
        )
