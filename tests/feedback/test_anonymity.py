"""An answer is nobody's: whoever holds the whole database, and its secret too, cannot tell whose it
is (P18). The same search finds whose a named one is, so that it is known to search."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import pytest

from registration.db import connection
from registration.enrolment.queries import PlaceLine
from registration.feedback import tickets
from registration.feedback.service import close_survey
from registration.settings import Settings
from tests.feedback.makers import OVER, answer, make_class

pytestmark = pytest.mark.promise("P18")

Row = Mapping[str, object]
# Of SQLite: where a row lies. Of PostgreSQL: where, and which transaction wrote it.
HIDDEN = {"sqlite": "rowid AS at_, 0 AS by_", "postgres": "ctid::text AS at_, xmin::text AS by_"}


async def everything() -> dict[str, list[Row]]:
    """Each row of each table of the register, in the order in which they lie there."""
    db = connection()
    lite = db.capabilities.dialect == "sqlite"
    tables = await db.execute_query_dict(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        if lite
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    hidden = HIDDEN["sqlite" if lite else "postgres"]
    order = "rowid" if lite else "ctid"
    dump: dict[str, list[Row]] = {}
    for row in tables:
        dump[row["name"]] = list(
            await db.execute_query_dict(
                f'SELECT {hidden}, t.* FROM "{row["name"]}" t ORDER BY {order}'
            )
        )
    return dump


def words(row: Row) -> set[str]:
    """What stands in a row, as far as it could lead elsewhere: ids and texts, in one spelling."""
    found = set()
    for name, value in row.items():
        if name not in {"at_", "by_"} and isinstance(value, str | UUID) and len(str(value)) > 8:
            found.add(str(value).replace("-", "").casefold())
    return found


def marks_of(place: PlaceLine, settings: Settings) -> set[str]:
    marks = {str(place.id), str(place.person_id), tickets.of_place(place.id, settings.secret)}
    return {mark.replace("-", "") for mark in marks} | {place.email.casefold()}


def suspects(
    row: Row, places: list[PlaceLine], dump: Mapping[str, list[Row]], settings: Settings
) -> list[int]:
    """From whom the row can be come to by something that is not common to all of them."""
    others = {
        name: [each for each in table if words(each) != words(row)] for name, table in dump.items()
    }
    known = [marks_of(place, settings) for place in places]
    rows = [words(each) for table in others.values() for each in table]
    near = [marks | {w for each in rows if each & marks for w in each} for marks in known]
    common = set.intersection(*near) if len(near) > 1 else set()
    return [at for at, marks in enumerate(near) if (marks - common) & words(row)]


def holds(row: Row, text: str) -> bool:
    return any(text in str(value) for value in row.values())


async def test_nobody_can_tell_whose_an_answer_is(store: Settings) -> None:
    _offering, places = await make_class(5, store)
    before = await everything()
    for number, place in enumerate(places):
        await answer(place, store, number + 1, good=f"This is what number {number} said")
    dump = await everything()
    found = {
        (name, number)
        for name, table in dump.items()
        for row in table
        for number in range(5)
        if holds(row, f"number {number} said")
    }
    assert found == {("feedback", number) for number in range(5)}
    rows = dump["feedback"]
    assert [suspects(row, places, dump, store) for row in rows] == [[]] * 5
    same = ("survey_id", "way", "shown", "drop_at", "by_")
    assert [name for name in same if len({str(row[name]) for row in rows}) > 1] == []
    told = {"feedback", "spent_ticket", "survey"}
    assert {name for name in dump if len(dump[name]) != len(before[name])} == told


async def test_no_row_keeps_the_moment_of_an_answer(store: Settings) -> None:
    """Neither the answer nor the mark of who gave it: drop dates count from the session's end."""
    offering, places = await make_class(2, store)
    for place in places:
        await answer(place, store)
    dump = await everything()
    ends = {offering.ends_at.date().isoformat()}
    moments = {
        str(value)
        for name in ("feedback", "spent_ticket", "survey")
        for row in dump[name]
        for value in row.values()
        if isinstance(value, datetime) or str(value)[:4] in {"2026", "2028"}
    }
    assert len(moments) == 2  # when the marks go, and when the answers go
    assert not any(moment.startswith((OVER.date().isoformat(), *ends)) for moment in moments)


async def test_rows_lie_in_no_order_of_time_and_the_marks_do(store: Settings) -> None:
    """The control is the marks' own order: where rows are written one after the other, where they
    lie does tell. Of twelve answers the right order comes by chance once in 479,001,600 times."""
    _offering, places = await make_class(12, store)
    for number, place in enumerate(places):
        await answer(place, store, good=f"said {number:02}")
    dump = await everything()
    marks = [tickets.of_place(place.id, store.secret) for place in places]
    assert [row["key"] for row in dump["spent_ticket"]] == marks
    order = [str(row["good"]) for row in dump["feedback"]]
    assert sorted(order) == [f"said {number:02}" for number in range(12)]
    assert order != sorted(order)
    assert len({row["by_"] for row in dump["feedback"]}) == 1


async def test_closing_tells_nothing_more(store: Settings) -> None:
    offering, places = await make_class(4, store)
    for number, place in enumerate(places):
        await answer(place, store, good=f"Number {number} said so")
    await close_survey(offering, actor_id=None, now=OVER)
    dump = await everything()
    assert [suspects(row, places, dump, store) for row in dump["feedback"]] == [[]] * 4
    assert {bool(row["shown"]) for row in dump["feedback"]} == {True}


async def test_the_same_search_finds_whose_a_named_answer_is(store: Settings) -> None:
    _offering, places = await make_class(5, store)
    for number, place in enumerate(places):
        await answer(place, store, good=f"Number {number} said so", named=number == 2)
    dump = await everything()
    (row,) = dump["named_feedback"]
    assert holds(row, "Number 2 said so")
    assert suspects(row, places, dump, store) == [2]
    assert len(dump["feedback"]) == 4
