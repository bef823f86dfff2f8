"""Whatever is held of a person: an erasure takes that, and nothing of anybody else (P11, P13)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from tortoise.backends.base.executor import EXECUTOR_CACHE

from registration import db
from registration.privacy.datamap import DATA_MAP, Erasure
from registration.privacy.erasure import erase, erase_again
from registration.privacy.export import model_of
from registration.privacy.holds import HoldGiven, holdable, holdable_columns, place_hold
from registration.privacy.staying import erasable, erasing_order, parents_of, said_by
from registration.settings import Settings
from tests.builders import NOON
from tests.conftest import database_copies, settings_in
from tests.privacy.filler import Filled, Rows, everything, fill, moment

NOBODY = UUID(int=1)
# What an erasure may add to or count up: no person is in these.
NOBODYS = {"ledger_entry", "gone", "kept_count", "seating", "revoked_place"}
TABLES = (
    "", "person", "place", "certificate", "consent", "outcome", "objection", "employment",
    "suggestion", "restriction",
)  # fmt: skip
Held = tuple[str, bool, int]


@pytest.fixture
def house(server_address: str, settings: Settings, tmp_path: Path) -> Settings:
    """Both databases, closed: each example opens them, and finds those of the examples before."""
    if not server_address:
        return settings
    main, dietary = asyncio.run(database_copies(server_address))
    return settings_in(tmp_path / "pgvar", database_url=main, dietary_url=dietary)


async def _hold(person: Filled, table: str, one: bool, columns: tuple[str, ...]) -> None:
    wanted = HoldGiven(
        table=table,
        record_id=person.rows.get(table) if one and table else None,
        columns=columns if table else (),
        authority="Traficom",
        reference=uuid4().hex,
        reason="Investigation",
        review_on=moment(30).date(),
    )
    await place_hold(person.id, wanted, actor_id=NOBODY, today=NOON.date(), now=NOON)


HOLDS = st.lists(
    st.tuples(st.sampled_from(TABLES), st.booleans(), st.integers(0, 3)), max_size=3, unique=True
)


@pytest.mark.promise("P11")
@pytest.mark.promise("P13")
@hypothesis(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(proven=st.booleans(), certified=st.booleans(), holds=HOLDS)
def test_an_erasure_takes_one_person_and_respects_holds(
    house: Settings, proven: bool, certified: bool, holds: list[Held]
) -> None:
    async def example() -> None:
        EXECUTOR_CACHE.clear()
        await db.connect(house)
        try:
            await _erase_one(house, proven=proven, certified=certified, holds=holds)
        finally:
            await db.disconnect()

    asyncio.run(example())


async def _erase_one(house: Settings, *, proven: bool, certified: bool, holds: list[Held]) -> None:
    other = await fill(proven=True)
    person = await fill(proven=proven, certified=certified)
    for table, one, number in holds:
        columns = tuple(sorted(holdable_columns(table))[:number]) if table else ()
        if not table or table in person.rows or not one:
            await _hold(person, table, one, columns)
    before, diets = await everything(), await everything("dietary")
    theirs = await _theirs(person.id)
    await erase(person.id, actor_id=None, settings=house, now=NOON)
    after = await everything()
    assert _without(after, theirs) == _without(before, theirs)
    assert await everything("dietary") == diets
    _check_held(person, holds, after)
    _check_gone(person, holds, after)
    assert await erase_again(person.id, settings=house, now=moment(1)) is False
    assert await everything() == after
    assert other.rows.keys() == {*erasing_order(), "rights_request"}


async def _theirs(person_id: UUID) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for name, table in DATA_MAP.items():
        if table.subject and table.store == "main":
            model: Any = model_of(name)
            rows = await model.filter(**{table.subject: person_id}).values_list(
                model._meta.pk_attr, flat=True
            )
            found.update((name, str(each)) for each in rows)
    return found


def _without(rows: Rows, theirs: set[tuple[str, str]]) -> Rows:
    return {
        name: {key: row for key, row in found.items() if (name, key) not in theirs}
        for name, found in rows.items()
        if name not in NOBODYS
    }


def _check_held(person: Filled, holds: list[Held], after: Rows) -> None:
    """What is held is there, word for word; only the key of the person's name is no name."""
    for table, _one, number in holds:
        for name, word in person.words.items():
            where, _dot, column = name.partition(".")
            covered = where in holdable() if not table else where == table
            columns = sorted(holdable_columns(table))[:number] if table and number else None
            if covered and (columns is None or column in columns) and name != "person.name_key":
                assert word in after[where].get(str(person.rows[where]), ""), (name, holds)


def _check_gone(person: Filled, holds: list[Held], after: Rows) -> None:
    """What is not held, leads to nothing that is, and proves nothing, is gone."""
    tables = {table for table, _one, _number in holds}
    if "" in tables:
        return
    kept = tables | {parent for table in tables for parent in _ancestors(table)}
    for name, table in erasable().items():
        if table.erasure is Erasure.DELETE and name in person.rows and name not in kept:
            assert str(person.rows[name]) not in after[name], name


def _ancestors(table: str) -> set[str]:
    found = set(parents_of(table).values())
    return found | {above for parent in found for above in _ancestors(parent)}


async def test_rows_that_lead_to_others_go_first(store: Settings) -> None:
    order = erasing_order()
    assert sorted(order) == sorted(erasable())
    for name in order:
        for parent in parents_of(name).values():
            assert order.index(name) < order.index(parent), (name, parent)


# Texts of rows that may stay, and are no words about the person: what the record is worth by.
PROVES = {
    "person.first_name", "person.last_name", "person.company_name",
    "outcome.grade", "outcome_change.grade_before", "outcome_change.grade_after",
    "outcome_change.attendance_before", "outcome_change.attendance_after",
    "place.status", "place.awaits", "place.source",
    "certificate.person_name", "certificate.company_name", "certificate.number",
    "certificate.training_title", "certificate.qualifies_for", "certificate.grade",
    "certificate.grade_scale", "certificate.held", "certificate.venue",
    "certificate.trainer_organisation", "certificate.language", "certificate.design",
    # A hold in force stays as it is; one that was lifted goes.
    "hold.record_table", "hold.columns", "hold.authority", "hold.reference", "hold.reason",
    "hold.lifted_because",
    "rights_request.kind", "rights_request.channel", "rights_request.language",
    "rights_request.behalf", "rights_request.identity", "rights_request.fee",
    "rights_request.state", "rights_request.decision", "rights_request.answered_how",
    "rights_request.ground",
    # These rows go with the words of the request (request_forgetting), unless it is still in hand.
    "rights_part.what", "rights_part.decision", "redaction.record_table",
    "redaction.record_column",
    "disclosure.purpose", "disclosure.basis", "disclosure.road", "disclosure.fields_shown",
    "ledger_entry.act", "ledger_entry.detail",
}  # fmt: skip


@pytest.mark.promise("P13")
async def test_every_text_that_may_stay_is_emptied_or_proves_something(store: Settings) -> None:
    left = set()
    for name, table in DATA_MAP.items():
        if table.subject and table.erasure in (Erasure.KEEP_BY_DUTY, Erasure.PSEUDONYMOUS):
            emptied = set(table.blanked) - set(table.proves)
            texts = {each for each in said_by(name) if _is_text(name, each)}
            left |= {f"{name}.{each}" for each in texts - emptied}
            assert set(table.blanked) <= set(table.columns)
            assert set(table.proves) <= set(table.blanked)
    assert left == PROVES


def _is_text(table: str, column: str) -> bool:
    kind = type(model_of(table)._meta.fields_map[column]).__name__
    return kind in {"CharField", "TextField", "JSONField", "BinaryField"} or "JSON" in kind


# Tables that bear no path to a person, and how an erasure reaches what they say of one.
REACHED = {
    "upload": "its rows of the person are taken out (enrolment.unlisting)",
    "company_application": "deleted by address and name",
    "prohibition": "a keyed hash, which has to outlive the person (P10)",
    "tries": "a keyed hash for some minutes",
    "held_seat": "a seat without a person",
    "stored_answer": "ids and states for a day",
    "webhook_delivery": "ids for two weeks",
    "feedback": "nobody can tell whose it is; it goes after two years",
    "gone": "an id that leads nowhere",
    "sealed_diet": "withdrawn first, in its own store",
}


async def test_every_table_without_a_path_has_a_reason(store: Settings) -> None:
    loose = {
        name
        for name, table in DATA_MAP.items()
        if table.erasure is Erasure.BY_ITSELF or (table.purpose and not table.subject)
    }
    assert loose == set(REACHED)
