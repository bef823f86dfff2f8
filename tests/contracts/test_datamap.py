"""Every column is in the data map, and nothing else is (P1, P2)."""

from __future__ import annotations

import pytest
from tortoise import Tortoise

from registration.privacy.datamap import TO_TRAINERS, Erasure, Kind, personal, tables
from registration.privacy.datamap.parties import Activity, Category, Receiver
from registration.settings import Settings


def _columns() -> dict[str, set[str]]:
    return {
        model._meta.db_table: set(model._meta.fields_db_projection.values())
        for models in (Tortoise.apps or {}).values()
        for model in models.values()
    }


def _copy() -> dict[str, set[str]]:
    return {name: set(columns) for name, columns in _columns().items()}


def _mapped() -> dict[str, set[str]]:
    return {name: set(table.columns) for name, table in tables().items()}


def _differing(models: dict[str, set[str]], mapped: dict[str, set[str]]) -> list[str]:
    """Columns that only one of the two knows."""
    one, other = (
        {(name, column) for name, columns in side.items() for column in columns or {""}}
        for side in (models, mapped)
    )
    return sorted(f"{name}.{column}" for name, column in one ^ other)


@pytest.mark.promise("P1")
@pytest.mark.promise("P2")
async def test_each_column_of_each_table_is_in_the_map(register: Settings) -> None:
    assert _differing(_columns(), _mapped()) == []


@pytest.mark.promise("P1")
async def test_a_column_that_is_added_or_removed_is_seen(register: Settings) -> None:
    """What the comparison above is worth: it finds each of these in a copy of the models."""
    added, removed, forgotten, invented = (_copy() for _ in range(4))
    added["person"].add("shoe_size")
    removed["person"].remove("phone")
    forgotten["shoe"] = {"id", "size"}
    del invented["consent"]
    found = [_differing(models, _mapped()) for models in (added, removed, forgotten, invented)]
    assert found == [
        ["person.shoe_size"],
        ["person.phone"],
        ["shoe.id", "shoe.size"],
        sorted(f"consent.{column}" for column in tables()["consent"].columns),
    ]
    assert _differing(_copy(), _mapped()) == []


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
        and not (table.heading and table.purpose and table.keep.said and table.basis)
    ]
    assert unsaid == []
    for name, table in personal().items():
        findable = table.subject or table.erasure is Erasure.BY_ITSELF
        assert findable, f"{name}: whose rows are they?"


async def test_diets_are_in_no_table_of_the_register(register: Settings) -> None:
    """P5: and the only trace there is a random token."""
    diets = [name for name, table in tables().items() if Kind.DIET in table.columns.values()]
    assert diets == ["sealed_diet"]


@pytest.mark.promise("P17")
@pytest.mark.promise("P15")
async def test_what_is_personal_says_about_whom_and_who_may_receive_it(register: Settings) -> None:
    unsaid = [
        name
        for name, table in personal().items()
        if not table.categories or table.activity is None or table.receivers is None
    ]
    assert unsaid == []
    said = {each for table in personal().values() for each in table.categories}
    assert said == set(Category)


@pytest.mark.promise("P7")
async def test_trainers_are_named_as_receivers_of_what_their_packs_hold(register: Settings) -> None:
    """And of what they see while they teach: who is on the list, and the roll they call."""
    held = personal()
    in_packs = {table for table, _column in TO_TRAINERS if table in held}
    named = {
        name
        for name, table in held.items()
        if Receiver.TRAINER_ORGANISATION in (table.receivers or ())
    }
    assert in_packs == {"person", "outcome"}
    assert named == in_packs | {"place", "attendance"}


@pytest.mark.promise("P3")
async def test_diets_go_to_the_events_organisers_and_as_counts_to_the_kitchen() -> None:
    diet = tables()["sealed_diet"]
    assert diet.receivers == (Receiver.ORGANISERS, Receiver.CATERER)
    assert diet.activity is Activity.DIETS
