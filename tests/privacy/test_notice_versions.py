"""A version of the notice is made by itself when what is true has changed (P19)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from registration import scheduler
from registration.i18n import LANGUAGES, speaking
from registration.ledger.models import Entry
from registration.ledger.rules import Act
from registration.privacy import notice_versions
from registration.privacy.datamap import Kind, Table, personal
from registration.privacy.datamap.parties import Category
from registration.privacy.notice import Line, Mark
from registration.privacy.notice_content import (
    Change,
    changes,
    compared,
    concerned,
    content_of,
    read_content,
)
from registration.privacy.notice_jobs import JOBS, make_version, tell
from registration.privacy.notice_versions import (
    AlreadyDecided,
    NoticeState,
    QuietGiven,
    SummaryGiven,
    VersionNotFound,
    keep_quiet,
    keep_up,
    tell_people,
)
from registration.settings import Organisation, Settings
from registration.teaching.rules import RecipientGiven
from registration.teaching.service import add_recipient
from tests.builders import NOON

HOUSE = Organisation()
LATER = NOON + timedelta(days=1)


def renamed(settings: Settings, name: str = "Toinen Oy") -> Settings:
    house = settings.organisation.model_copy(update={"name": name})
    return settings.model_copy(update={"organisation": house})


def with_column(table: str, column: str, kind: Kind = Kind.CONTACT) -> dict[str, Table]:
    held = personal()
    changed = replace(held[table], columns={**held[table].columns, column: kind})
    return {**held, table: changed}


@pytest.mark.promise("P19")
async def test_the_first_version_is_made_and_then_nothing(store: Settings) -> None:
    assert await keep_up(store, now=NOON) == 1
    assert await keep_up(store, now=LATER) is None
    (line,) = await notice_versions.versions()
    assert (line.number, line.state, line.concerned, line.tell_at) == (
        1,
        NoticeState.FIRST,
        (),
        None,
    )


@pytest.mark.promise("P19")
async def test_a_changed_organisation_makes_a_version(store: Settings) -> None:
    await keep_up(store, now=NOON)
    assert await keep_up(renamed(store), now=LATER) == 2
    assert await keep_up(renamed(store), now=LATER) is None
    found = await notice_versions.version(2)
    assert (found.line.state, found.line.made_at, found.line.tell_at) == (
        NoticeState.WAITING,
        LATER,
        LATER + timedelta(days=7),
    )
    assert found.line.concerned == tuple(Category)
    assert found.before is not None
    with speaking("en"):
        assert changes(found.before, found.content) == ["The words under “Who is responsible”"]
    acts = await Entry.filter(act=Act.NOTICE_MADE.value).order_by("number").values_list("detail")
    assert [each[0] for each in acts] == ['{"count":1}', '{"count":2}']


@pytest.mark.promise("P19")
async def test_a_changed_map_makes_a_version_for_the_people_it_is_about(store: Settings) -> None:
    await keep_up(store, now=NOON)
    tables = with_column("outcome", "shoe_size", Kind.OUTCOME)
    assert await keep_up(store, now=LATER, tables=tables) == 2
    line = (await notice_versions.versions())[0]
    assert line.concerned == (Category.TRAINING_PARTICIPANT,)


def test_a_column_that_says_nothing_of_a_person_makes_none() -> None:
    tables = with_column("outcome", "batch", Kind.LINK)
    assert content_of(HOUSE, tables=tables).digest == content_of(HOUSE).digest


@pytest.mark.promise("P16")
async def test_a_firm_outside_the_eea_makes_a_version(store: Settings) -> None:
    await keep_up(store, now=NOON)
    given = RecipientGiven(
        name="Track Ltd", country="GB", agreement_on=date(2026, 1, 1), safeguard="Clauses 2026"
    )
    await add_recipient(given, actor_id=None, now=NOON)
    assert await keep_up(store, now=LATER) == 2
    found = await notice_versions.version(2)
    assert found.before is not None
    with speaking("en"):
        assert changes(found.before, found.content) == ["The words under “Outside Europe”"]


async def test_a_firm_inside_or_without_a_safeguard_makes_none(store: Settings) -> None:
    await keep_up(store, now=NOON)
    for name, country in (("Rata Oy", "FI"), ("Track Ltd", "GB")):
        given = RecipientGiven(name=name, country=country, agreement_on=date(2026, 1, 1))
        await add_recipient(given, actor_id=None, now=NOON)
    assert await keep_up(store, now=LATER) is None


async def test_processes_that_start_at_once_make_one(store: Settings) -> None:
    made = await asyncio.gather(*(keep_up(store, now=NOON) for _ in range(6)))
    assert sorted(each or 0 for each in made) == [0, 0, 0, 0, 0, 1]
    again = await asyncio.gather(*(keep_up(renamed(store), now=LATER) for _ in range(6)))
    assert sorted(each or 0 for each in again) == [0, 0, 0, 0, 0, 2]
    assert [line.number for line in await notice_versions.versions()] == [2, 1]


async def test_an_old_release_beside_a_new_one_does_not_bring_its_words_back(
    store: Settings,
) -> None:
    await keep_up(store, now=NOON)
    await keep_up(renamed(store), now=LATER)
    assert await keep_up(store, now=LATER + timedelta(minutes=59)) is None
    assert await keep_up(store, now=LATER + timedelta(minutes=60)) == 3


async def test_what_was_changed_back_concerns_nobody(store: Settings) -> None:
    await keep_up(store, now=NOON)
    await keep_up(renamed(store), now=LATER)
    await keep_up(store, now=LATER + timedelta(days=1))
    states = [(line.number, line.state) for line in await notice_versions.versions()]
    assert states == [(3, NoticeState.QUIET), (2, NoticeState.REPLACED), (1, NoticeState.FIRST)]


async def test_a_version_nobody_was_told_of_is_replaced_and_not_forgotten(store: Settings) -> None:
    """People are told of both changes at once, against what they knew."""
    await keep_up(store, now=NOON)
    await keep_up(renamed(store), now=LATER)
    tables = with_column("outcome", "shoe_size", Kind.OUTCOME)
    await keep_up(renamed(store), now=LATER + timedelta(days=1), tables=tables)
    found = await notice_versions.version(3)
    assert found.before_number == 1
    assert found.before is not None
    with speaking("en"):
        assert changes(found.before, found.content) == [
            "Your grades and completions: what we hold",
            "The words under “Who is responsible”",
        ]


@pytest.mark.promise("P19")
async def test_an_old_version_stays_as_it_was(store: Settings) -> None:
    await keep_up(store, now=NOON)
    await keep_up(renamed(store), now=LATER)
    old = (await notice_versions.version(1)).content
    assert old == content_of(store.organisation)
    assert old.digest == content_of(store.organisation).digest
    assert (await notice_versions.version(2)).content.digest != old.digest
    with pytest.raises(VersionNotFound):
        await notice_versions.version(3)


async def test_a_decision_is_taken_once(store: Settings) -> None:
    await keep_up(store, now=NOON)
    await keep_up(renamed(store), now=LATER)
    why = QuietGiven(because="A typing error")
    await keep_quiet(2, why, actor_id=None, now=LATER)
    line = (await notice_versions.versions())[0]
    assert (line.state, line.because, line.tell_at) == (NoticeState.QUIET, "A typing error", None)
    with pytest.raises(AlreadyDecided):
        await tell_people(2, SummaryGiven(), actor_id=None, now=LATER)
    with pytest.raises(AlreadyDecided):
        await keep_quiet(1, why, actor_id=None, now=LATER)
    with pytest.raises(VersionNotFound):
        await keep_quiet(9, why, actor_id=None, now=LATER)


def test_content_is_the_same_after_it_was_stored() -> None:
    content = content_of(HOUSE)
    assert read_content(content.as_json.decode()) == content
    assert set(content.texts) == set(LANGUAGES)


def test_a_language_that_was_not_offered_then_shows_another() -> None:
    content = content_of(HOUSE)
    only = replace(content, texts={"sv": content.texts["sv"]})
    assert only.in_language("en") == content.texts["sv"]
    assert replace(content, texts={}).in_language("en").notice == ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"purpose": "to sell shoes"}, "Your places: what for"),
        ({"categories": (Category.STAFF,)}, "Your places: about whom"),
        ({"receivers": ()}, "Your places: who gets it"),
        ({"basis": None}, "Your places: on what ground"),
        ({"purpose": "to sell", "receivers": ()}, "Your places: what for, who gets it"),
    ],
    ids=["purpose", "people", "receivers", "ground", "two"],
)
def test_each_sort_of_change_is_said(changed: dict[str, object], said: str) -> None:
    before = content_of(HOUSE)
    place = replace(personal()["place"], **changed)  # type: ignore[arg-type]  # by name
    after = content_of(HOUSE, tables={**personal(), "place": place})
    with speaking("en"):
        assert changes(before, after) == [said]


def test_tables_that_come_and_go_are_said() -> None:
    without = {name: table for name, table in personal().items() if name != "interest"}
    more, fewer = content_of(HOUSE), content_of(HOUSE, tables=without)
    with speaking("en"):
        assert changes(fewer, more) == ["New: Trainings that you want to hear of"]
        assert changes(more, fewer) == [
            "We no longer hold this: Trainings that you want to hear of"
        ]
    assert concerned(fewer, more) == concerned(more, fewer) == (Category.POTENTIAL_CUSTOMER,)


def test_lines_are_compared_one_by_one() -> None:
    one, two, other = (Line(Mark.TEXT, text) for text in ("one", "two", "other"))
    assert compared([one, two], [one, other]) == [
        (Change.SAME, one),
        (Change.GONE, two),
        (Change.ADDED, other),
    ]
    assert compared([one], [one]) == [(Change.SAME, one)]


async def test_the_job_keeps_the_notice_up(store: Settings) -> None:
    assert [await make_version(store), await make_version(store)] == [1, 0]
    assert await tell(store) == 0
    assert {job.name for job in JOBS} <= {job.name for job in scheduler.JOBS}
