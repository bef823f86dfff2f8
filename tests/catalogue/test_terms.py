"""The terms of a seating as they are given: what is refused, and where that stands."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.models import Seating
from registration.catalogue.prerequisites import needs_of
from registration.catalogue.rules import (
    EventGiven,
    NeedGiven,
    SessionGiven,
    Terms,
    TrainingGiven,
)
from registration.catalogue.sureness import mark_sure
from registration.db import transaction
from registration.forms import Refused, parse
from registration.settings import Settings
from tests.builders import NOON

START = NOON + timedelta(days=20)
HOUR = timedelta(hours=1)


def given(**terms: object) -> dict[str, object]:
    times = {"starts_at": START, "ends_at": START + 7 * HOUR}
    return {"training": uuid4(), "capacity": 10, **times, **terms}


def wrong(**terms: object) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as refused:
        parse(SessionGiven, given(**terms))
    return [(error.field, error.code) for error in refused.value.errors]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("offer_hours", 0, "greater_than_equal"),
        ("offer_hours", 337, "less_than_equal"),
        ("offer_hours", "soon", "int_parsing"),
        ("offer_hours", 1.5, "int_from_float"),
        ("company_quota", 0, "greater_than_equal"),
        ("company_quota", -1, "greater_than_equal"),
        ("minimum", 0, "greater_than_equal"),
        ("minimum", 10**30, "less_than_equal"),
        ("remind_hours", 0, "greater_than_equal"),
        ("remind_hours", 721, "less_than_equal"),
        ("cancels_until", datetime(2026, 4, 1, 9, 0), "timezone_aware"),  # noqa: DTZ001 -- wanted
        ("names_until", "yesterday", "datetime_from_date_parsing"),
    ],
)
def test_each_value_has_its_bounds(field: str, value: object, code: str) -> None:
    assert wrong(**{field: value}) == [(field, code)]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"company_quota": 11}, "company_quota"),
        ({"minimum": 11}, "minimum"),
        ({"decide_by": START - HOUR}, "decide_by"),
        ({"minimum": 2, "decide_by": START}, "decide_by"),
        ({"cancels_until": START + HOUR}, "cancels_until"),
        ({"names_until": START + HOUR}, "names_until"),
    ],
    ids=["quota", "minimum", "no-minimum", "late-decision", "late-cancel", "late-names"],
)
def test_what_does_not_fit_together_is_refused(terms: dict[str, object], code: str) -> None:
    assert wrong(**terms) == [("", code)]
    event = {**given(**terms), "title": {"en": "Day"}}
    del event["training"]
    with pytest.raises(Refused) as refused:
        parse(EventGiven, event)
    assert [error.code for error in refused.value.errors] == [code]


def test_the_bounds_themselves_are_taken() -> None:
    terms = {
        "offer_hours": 336,
        "company_quota": 10,
        "minimum": 10,
        "decide_by": START - timedelta(microseconds=1),
        "cancels_until": START,
        "names_until": START,
        "remind_hours": 720,
    }
    made = parse(SessionGiven, given(**terms))
    assert {name: getattr(made, name) for name in terms} == terms


async def make_training(**more: object) -> TrainingGiven:
    return TrainingGiven.model_validate({"title": {"en": "Track work"}, **more})


async def test_terms_are_kept_and_changed_with_the_session(register: Settings) -> None:
    training = await service.add_training(await make_training(), actor_id=None, now=NOON)
    terms = {"offer_hours": 24, "minimum": 3, "decide_by": START - 24 * HOUR, "remind_hours": 48}
    wanted = parse(SessionGiven, given(training=training, **terms))
    made = await service.add_session(wanted, actor_id=None, now=NOON)
    assert (await catalogue.session(made)).terms == Terms(
        offer_hours=24, minimum=3, decide_by=START - 24 * HOUR, remind_hours=48
    )
    less = parse(SessionGiven, given(training=training, cancels_until=START))
    await service.change_session(made, less, actor_id=None, now=NOON)
    assert (await catalogue.session(made)).terms == Terms(cancels_until=START)


async def test_what_became_certain_stays_so_until_no_minimum_is_asked(
    register: Settings,
) -> None:
    training = await service.add_training(await make_training(), actor_id=None, now=NOON)
    tentative = parse(SessionGiven, given(training=training, minimum=3))
    made = await service.add_session(tentative, actor_id=None, now=NOON)
    seating = (await catalogue.session(made)).seating_id
    async with transaction():
        await mark_sure(seating, actor_id=None, now=NOON)
    higher = parse(SessionGiven, given(training=training, minimum=5))
    await service.change_session(made, higher, actor_id=None, now=NOON)
    assert (await catalogue.session(made)).terms.tentative is False
    plain = parse(SessionGiven, given(training=training))
    await service.change_session(made, plain, actor_id=None, now=NOON)
    assert (await Seating.get(id=seating)).sure_at is None


async def test_a_training_needs_others_by_title_and_says_how(register: Settings) -> None:
    first, second = [
        await service.add_training(
            await make_training(title={"en": title}), actor_id=None, now=NOON
        )
        for title in ("Zinc", "Aid")
    ]
    needs = [{"training": first, "valid": True}, {"training": second}]
    lead = await service.add_training(
        await make_training(prerequisites=needs), actor_id=None, now=NOON
    )
    found = (await needs_of([lead, first]))[lead]
    assert [(need.training_id, need.valid) for need in found] == [(second, False), (first, True)]
    assert await needs_of([first, second]) == {}


async def test_circles_are_refused_however_long(register: Settings) -> None:
    ids: list[UUID] = []
    for number in range(3):
        needs = [{"training": ids[-1]}] if ids else []
        given = await make_training(title={"en": f"T{number}"}, prerequisites=needs)
        ids.append(await service.add_training(given, actor_id=None, now=NOON))
    for needed, code in ((ids[2], "circle"), (ids[1], "circle"), (ids[0], "itself")):
        change = await make_training(title={"en": "T0"}, prerequisites=[{"training": needed}])
        with pytest.raises(Refused) as refused:
            await service.change_training(ids[0], change, actor_id=None, now=NOON)
        errors = [(error.field, error.code) for error in refused.value.errors]
        assert errors == [("prerequisites.0.training", code)]
    assert await needs_of([ids[0]]) == {}


async def test_unknown_and_repeated_needs_are_refused(register: Settings) -> None:
    unknown = await make_training(prerequisites=[{"training": uuid4()}])
    with pytest.raises(Refused) as refused:
        await service.add_training(unknown, actor_id=None, now=NOON)
    assert [error.code for error in refused.value.errors] == ["unknown"]
    twice = NeedGiven(training=uuid4())
    with pytest.raises(Refused) as repeated:
        parse(TrainingGiven, {"title": {"en": "T"}, "prerequisites": [twice, twice]})
    assert [error.code for error in repeated.value.errors] == ["prerequisites"]
    rows = [{"training": uuid4()} for _each in range(21)]
    with pytest.raises(Refused) as many:
        parse(TrainingGiven, {"title": {"en": "T"}, "prerequisites": rows})
    assert [error.code for error in many.value.errors] == ["too_long"]


async def test_needs_given_at_once_close_no_circle(store: Settings) -> None:
    ids = [
        await service.add_training(
            await make_training(title={"en": f"T{number}"}), actor_id=None, now=NOON
        )
        for number in range(4)
    ]
    changes = [
        await make_training(title={"en": f"T{number}"}, prerequisites=[{"training": after}])
        for number, after in enumerate([*ids[1:], ids[0]])
    ]
    done = await asyncio.gather(
        *[
            service.change_training(training_id, change, actor_id=None, now=NOON)
            for training_id, change in zip(ids, changes, strict=True)
        ],
        return_exceptions=True,
    )
    assert [type(each) for each in done if each is not None] == [Refused]
