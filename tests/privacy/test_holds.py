"""Holds: what an authority requires is kept, by whom, until when; bad input has clear answers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.errors import Invalid
from registration.ledger.models import Entry
from registration.people.rules import PersonNotFound
from registration.privacy.datamap import DATA_MAP
from registration.privacy.held_choices import held_words, read_choice
from registration.privacy.holds import (
    HoldEnded,
    HoldGiven,
    HoldReviewed,
    all_holds,
    held,
    hold,
    holdable,
    holds_of,
    lift_hold,
    lifted_holds,
    place_hold,
    review_hold,
)
from registration.privacy.models import Hold
from registration.privacy.rules import HoldKnown, HoldLifted, HoldNotFound, NothingToHold
from registration.settings import Settings
from tests.privacy import past

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
ACTOR = UUID(int=7)


def given(**more: object) -> HoldGiven:
    usual = {
        "authority": "Traficom",
        "reference": "TRA/1",
        "reason": "An accident at a site.",
        "review_on": TODAY + timedelta(days=90),
    }
    return HoldGiven.model_validate(usual | more)


async def place(person_id: UUID, **more: object) -> UUID:
    return await place_hold(person_id, given(**more), actor_id=ACTOR, today=TODAY, now=NOW)


@pytest.mark.promise("P13")
async def test_a_hold_has_its_authority_its_reference_and_its_review(store: Settings) -> None:
    person, other = await past.person_of_old(NOW), await past.person_of_old(NOW)
    made = await place(person)
    (line,) = await holds_of(person)
    assert (line.id, line.authority, line.reference, line.placed_by) == (
        made, "Traficom", "TRA/1", ACTOR,
    )  # fmt: skip
    assert dict(await held([person, other])) == {person: (line,)}
    later = NOW + timedelta(days=80)
    await review_hold(
        made,
        HoldReviewed(review_on=TODAY + timedelta(days=200)),
        actor_id=ACTOR,
        today=later.date(),
        now=later,
    )
    assert (await hold(made)).review_on == TODAY + timedelta(days=200)
    await lift_hold(made, HoldEnded(because="Closed."), actor_id=ACTOR, now=later)
    assert (await holds_of(person), dict(await held([person]))) == ([], {})
    assert [each.id for each in await lifted_holds()] == [made]
    acts = await Entry.all().order_by("number").values_list("act", "subject_id", "object_id")
    assert [tuple(row) for row in acts] == [
        (act, person, made) for act in ("hold-placed", "hold-reviewed", "hold-lifted")
    ]


async def test_a_silent_hold_keeps_and_is_told_to_nobody(store: Settings) -> None:
    person = await past.person_of_old(NOW)
    made = await place(person, silent=True)
    assert await holds_of(person) == []
    assert [each.id for each in await holds_of(person, silent=True)] == [made]
    assert [each.id for each in (await held([person]))[person]] == [made]
    assert await Entry.filter(subject_id=person).count() == 0
    assert await Entry.filter(object_id=made).count() == 1


async def test_late_reviews_come_first(store: Settings) -> None:
    days = (200, 5, 90)
    made = [
        await place(await past.person_of_old(NOW), review_on=TODAY + timedelta(days=each))
        for each in days
    ]
    assert [line.id for line in await all_holds()] == [made[1], made[2], made[0]]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"table": "no_such_table"}, "table"),
        ({"table": "place; DROP TABLE person"}, "table"),
        ({"table": "sealed_diet"}, "table"),
        ({"table": "ledger_entry"}, "table"),
        ({"table": "company"}, "table"),
        ({"record_id": uuid4()}, "table"),
        ({"columns": ("email",)}, "columns"),
        ({"table": "person", "columns": ("no_such_column",)}, "columns"),
        ({"table": "person", "columns": ("id",)}, "columns"),
        ({"review_on": TODAY}, "review_on"),
        ({"review_on": TODAY - timedelta(days=1)}, "review_on"),
        ({"review_on": date(2027, 11, 24)}, "review_on"),
    ],
    ids=[
        "table", "injected", "diets", "ledger", "company", "no-table", "no-table-columns",
        "column", "id", "today", "past", "too-far",
    ],
)  # fmt: skip
async def test_what_cannot_be_held_is_refused_at_its_field(
    register: Settings, more: dict[str, object], field: str
) -> None:
    person = await past.person_of_old(NOW)
    with pytest.raises(Invalid) as refused:
        await place(person, **more)
    assert [error.field for error in refused.value.errors] == [field]
    assert await Hold.all().count() == 0


async def test_a_hold_can_last_a_year_until_its_review(register: Settings) -> None:
    assert await place(await past.person_of_old(NOW), review_on=date(2027, 11, 23))


@pytest.mark.parametrize("name", ["authority", "reference", "reason"])
@pytest.mark.parametrize("text", ["", " \u200b ", "x" * 1001], ids=["empty", "unseen", "long"])
def test_oversized_and_empty_words_are_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=name):
        given(**{name: text})


async def test_anothers_record_nobody_and_a_second_time_are_refused(register: Settings) -> None:
    person, other = await past.person_of_old(NOW), await past.person_of_old(NOW)
    theirs = await past.place_on(await past.event_ended(NOW), other)
    with pytest.raises(NothingToHold):
        await place(person, table="place", record_id=theirs)
    with pytest.raises(PersonNotFound):
        await place(uuid4())
    made = await place(person)
    with pytest.raises(HoldKnown):
        await place(person, authority="TRAFICOM", reference="tra/1")
    assert await place(person, table="person") != made
    await lift_hold(made, HoldEnded(because="Closed."), actor_id=ACTOR, now=NOW)
    with pytest.raises(HoldLifted):
        await lift_hold(made, HoldEnded(because="Again."), actor_id=ACTOR, now=NOW)
    with pytest.raises(HoldNotFound):
        await lift_hold(uuid4(), HoldEnded(because="Nothing."), actor_id=ACTOR, now=NOW)
    assert await place(person)


async def test_every_kind_of_record_can_be_named_in_words(register: Settings) -> None:
    person = await past.person_of_old(NOW)
    for name in holdable():
        chosen = read_choice(name, ())
        assert (chosen.table, chosen.record_id, chosen.columns) == (name, None, ())
        made = await place(person, table=name)
        assert held_words(await hold(made)).startswith("All of: ")
    assert {"person", "place", "certificate", "outcome"} <= set(holdable())
    assert not {"sealed_diet", "hold", "mail", "login", "ledger_entry"} & set(holdable())


def test_parts_are_columns_of_the_record() -> None:
    chosen = read_choice("certificate", ["name", "company"])
    assert chosen.columns == ("company_name", "person_name")
    assert {DATA_MAP["certificate"].columns[each].value for each in chosen.columns} == {
        "name", "company",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "kinds", "field"),
    [
        ("", (), "held"),
        ("nothing", (), "held"),
        ("place:12", (), "held"),
        ("all", ("name",), "parts"),
        ("certificate", ("diet",), "parts"),
        ("certificate", ("'; --",), "parts"),
    ],
    ids=["empty", "unknown", "no-id", "parts-of-all", "other-part", "injected"],
)
def test_a_choice_that_cannot_be_is_refused_at_its_field(
    value: str, kinds: tuple[str, ...], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read_choice(value, kinds)
    assert [error.field for error in refused.value.errors] == [field]
