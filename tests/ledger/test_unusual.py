"""What the privacy officer is shown: what stands out, why, and nothing that does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from registration.ledger.looks import look
from registration.ledger.models import Entry
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.ledger.unusual import (
    MANY_DOWNLOADS,
    MANY_REFUSED,
    Happened,
    Why,
    activity,
    findings,
    is_night,
    is_office_time,
)
from registration.settings import Settings

SARI, TEA, EVENT = UUID(int=1), UUID(int=2), UUID(int=3)
# Wednesday 1.4.2026, noon in Helsinki.
NOON = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def happened(act: Act, at: datetime = NOON, *, actor: UUID | None = SARI) -> Happened:
    return Happened(at, act, actor, TEA, EVENT)


def why(*entries: Happened) -> list[tuple[Why, int]]:
    return [(each.why, each.number) for each in findings(entries)]


@pytest.mark.parametrize(
    ("hour", "night"), [(21, False), (22, True), (23, True), (0, True), (5, True), (6, False)]
)
def test_night_is_from_22_to_6_in_finland(hour: int, night: bool) -> None:
    local = datetime(2026, 4, 1, hour, 59, tzinfo=UTC) - 3 * HOUR
    assert is_night(local) is night


def test_office_time_is_on_weekdays_from_7_to_18() -> None:
    morning = NOON - 5 * HOUR
    assert [is_office_time(morning), is_office_time(morning - HOUR)] == [True, False]
    assert [is_office_time(NOON + 5 * HOUR), is_office_time(NOON + 6 * HOUR)] == [True, False]
    assert not is_office_time(NOON + timedelta(days=3))


def test_downloads_stand_out_at_night_or_in_number() -> None:
    assert why(happened(Act.DISCLOSED)) == []
    assert why(happened(Act.DISCLOSED, NOON + 12 * HOUR)) == [(Why.NIGHT_DOWNLOAD, 1)]
    many = [happened(Act.DISCLOSED)] * MANY_DOWNLOADS
    assert why(*many) == [(Why.MANY_DOWNLOADS, MANY_DOWNLOADS)]
    assert why(*many[1:], happened(Act.DISCLOSED, actor=TEA)) == []


def test_refusals_stand_out_by_the_day() -> None:
    refused = [happened(Act.LOGIN_REFUSED, actor=None)] * (MANY_REFUSED - 1)
    assert why(*refused, happened(Act.LOGIN_REFUSED, NOON + 24 * HOUR, actor=None)) == []
    assert why(*refused, happened(Act.FACTOR_REFUSED, actor=None)) == [(Why.REFUSED, MANY_REFUSED)]


def test_grants_stand_out_at_odd_times_or_without_a_person() -> None:
    assert why(happened(Act.GRANT_GIVEN)) == []
    assert why(happened(Act.GRANT_GIVEN, NOON + 9 * HOUR)) == [(Why.GRANT_AT_ODD_TIME, 1)]
    assert why(happened(Act.GRANT_GIVEN, actor=None)) == [(Why.GRANT_WITHOUT_PERSON, 1)]


@pytest.mark.promise("P3")
def test_every_look_at_food_restrictions_is_summed_by_who_and_where() -> None:
    looks = [happened(Act.DIETS_SEEN), happened(Act.DIETS_SEEN, NOON + HOUR)]
    (found,) = findings([*looks, happened(Act.LIST_SEEN)])
    assert (found.why, found.number, found.actor_id, found.about_id, found.at) == (
        Why.DIETS,
        2,
        SARI,
        EVENT,
        NOON + HOUR,
    )


async def test_only_the_last_thirty_days_are_read(store: Settings) -> None:
    for days in (0, 29, 31):
        await record(Act.LOGIN_REFUSED, now=NOON - timedelta(days=days))
    await record(Act.LOGIN, now=NOON, actor_id=SARI)
    found = await activity(now=NOON)
    # Summer time began in between: 9 UTC was 11 then and is 12 now.
    assert (found.refused_by_hour[11:13], sum(found.refused_by_hour)) == ((1, 1), 2)
    assert found.whole
    assert found.findings == ()


@pytest.mark.promise("P14")
async def test_looking_again_within_an_hour_is_one_look(store: Settings) -> None:
    for minutes in (0, 59, 60):
        await look(SARI, EVENT, now=NOON + timedelta(minutes=minutes))
    await look(SARI, None, now=NOON)
    await look(TEA, EVENT, now=NOON)
    assert await Entry.filter(act="list-seen", actor_id=SARI, object_id=EVENT).count() == 2
    assert await Entry.filter(act="list-seen").count() == 4
