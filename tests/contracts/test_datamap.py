"""Every column is in the data map, and nothing else is (P1, P2)."""

from __future__ import annotations

import pytest
from tortoise import Tortoise

from registration.privacy.datamap import Erasure, Kind, personal, tables
from registration.settings import Settings


def _columns() -> dict[str, set[str]]:
    return {
        model._meta.db_table: set(model._meta.fields_db_projection.values())
        for models in (Tortoise.apps or {}).values()
        for model in models.values()
    }


@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
async def test_each_column_of_each_table_is_in_the_map(register: Settings) -> None:
    mapped = {name: set(table.columns) for name, table in tables().items()}
    assert mapped == _columns()


async def test_the_two_stores_are_where_the_map_says_and_never_joined(register: Settings) -> None:
    apps = Tortoise.apps or {}
    dietary = {model._meta.db_table for model in apps["dietary"].values()}
    assert {name for name, table in tables().items() if table.store == "dietary"} == dietary
    for app, models in apps.items():
        for model in models.values():
            for name in model._meta.fk_fields | model._meta.o2o_fields:
                related = model._meta.fields_map[name].related_model
                assert related._meta.app == app, f"{model.__name__}.{name} crosses the stores"


async def test_what_is_personal_says_whose_what_for_and_how_long(register: Settings) -> None:
    unsaid = [
        name
        for name, table in tables().items()
        if set(table.columns.values()) - {Kind.NONE, Kind.LINK}
        and not (table.heading and table.purpose and table.kept and table.basis)
    ]
    assert unsaid == []
    for name, table in personal().items():
        findable = table.subject or table.erasure is Erasure.BY_ITSELF
        assert findable, f"{name}: whose rows are they?"


async def test_diets_are_in_no_table_of_the_register(register: Settings) -> None:
    """P5: and the only trace there is a random token."""
    diets = [name for name, table in tables().items() if Kind.DIET in table.columns.values()]
    assert diets == ["sealed_diet"]
