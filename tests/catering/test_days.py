"""Each day's answers go after the day, where the event says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from registration.catalogue.rules import Offering
from registration.catering import daily, keys
from registration.catering import store as dietary
from registration.catering.daily import delete_days, next_day
from registration.catering.days import DayEnd, cut_down, day_ends
from registration.catering.deletion import delete_due
from registration.catering.models import SealedDiet, Vault
from registration.catering.queries import due_days, overdue
from registration.catering.rules import Diet, DietGiven, reveal
from registration.catering.service import change_diet, diet_of
from registration.enrolment.models import Place
from registration.forms import parse
from registration.ledger.queries import receipts
from registration.settings import Settings
from tests.catering.makers import NOW, SECOND, event_given, make_event, make_guest

HELSINKI = ZoneInfo("Europe/Helsinki")
FIRST, SECOND_DAY, THIRD = date(2027, 3, 27), date(2027, 3, 28), date(2027, 3, 29)
STARTS = datetime(2027, 3, 27, 8, tzinfo=HELSINKI)
ENDS = datetime(2027, 3, 29, 16, tzinfo=HELSINKI)
# The clocks go forward on 28 March 2027: that day has 23 hours.
FIRST_DUE = datetime(2027, 3, 27, 22, tzinfo=UTC) + timedelta(hours=2)
SECOND_DUE = datetime(2027, 3, 28, 21, tzinfo=UTC) + timedelta(hours=2)


async def three_days(*, erase_daily: bool = True) -> Offering:
    given = event_given(
        starts_at=STARTS,
        ends_at=ENDS,
        meals=[{"on": day, "kind": "lunch"} for day in (FIRST, SECOND_DAY, THIRD)],
        erase_diets_after="PT2H",
        erase_daily=erase_daily,
    )
    return await make_event(given)


def eats(event: Offering, *days: date, other: str = "") -> Diet:
    taken = [meal.id for meal in event.meals if meal.on in days]
    given = parse(DietGiven, {"needs": "vegan", "other": other, "consent": True, "meals": taken})
    made = given.diet(event.meals)
    assert made is not None
    return made


def skipped(event: Offering, diet: Diet) -> list[date]:
    days = {meal.id: meal.on for meal in event.meals}
    return [days[meal] for meal in reveal(diet).skipped]


@pytest.mark.promise("P4")
async def test_a_day_takes_along_what_concerns_only_it(store: Settings) -> None:
    event = await three_days()
    first = await make_guest(event, eats(event, FIRST), settings=store)
    second = await make_guest(event, eats(event, SECOND_DAY), settings=store)
    every = await make_guest(event, eats(event, FIRST, SECOND_DAY, THIRD), settings=store)
    [old] = await Vault.all()
    assert await next_day(NOW) == FIRST_DUE
    assert await delete_days(store, now=FIRST_DUE - SECOND) == 0
    assert await delete_days(store, now=FIRST_DUE) == 1
    assert await delete_days(store, now=FIRST_DUE + SECOND) == 0
    assert await diet_of(first.id, settings=store) is None
    assert (await Place.get(id=first.id)).diet_token is None
    kept = await diet_of(second.id, settings=store)
    assert kept is not None
    assert (skipped(event, kept), reveal(kept).needs) == ([THIRD], ("vegan",))
    assert reveal(kept).consented_at == NOW
    whole = await diet_of(every.id, settings=store)
    assert whole is not None
    assert skipped(event, whole) == []
    [line] = await receipts()
    assert (line.reason, line.diets, line.due_at) == ("day-over", 2, FIRST_DUE)
    assert not keys.exists(store.keys_folder, old.key_id)
    assert len(list(store.keys_folder.glob("*.key"))) == 1
    assert await delete_due(store, now=ENDS + timedelta(hours=2)) == 1
    assert [line.reason for line in sorted(await receipts(), key=lambda each: each.done_at)] == [
        "day-over",
        "event-over",
    ]
    assert await SealedDiet.all().count() == 0


@pytest.mark.promise("P4")
async def test_an_old_copy_of_the_rows_opens_with_no_key_that_is_left(store: Settings) -> None:
    event = await three_days()
    await make_guest(event, eats(event, FIRST, THIRD), settings=store)
    [row] = await SealedDiet.all()
    before = bytes(row.content)
    await delete_days(store, now=FIRST_DUE)
    await SealedDiet.filter(token=row.token).update(content=before)
    assert await dietary.opened(event.id, settings=store) == {}


@pytest.mark.promise("P4")
async def test_days_that_were_missed_go_together_and_say_since_when(store: Settings) -> None:
    event = await three_days()
    guest = await make_guest(event, eats(event, SECOND_DAY), settings=store)
    assert [each.day for each in await due_days(SECOND_DUE)] == [SECOND_DAY]
    assert [line.due_at for line in await overdue(SECOND_DUE)] == [FIRST_DUE]
    assert await delete_days(store, now=SECOND_DUE) == 1
    assert await diet_of(guest.id, settings=store) is None
    assert [line.due_at for line in await receipts()] == [FIRST_DUE]
    assert await overdue(SECOND_DUE + SECOND) == []


async def test_without_the_option_all_stays_until_the_event_goes(store: Settings) -> None:
    event = await three_days(erase_daily=False)
    await make_guest(event, eats(event, FIRST), settings=store)
    assert await next_day(NOW) is None
    assert await delete_days(store, now=SECOND_DUE) == 0
    assert await SealedDiet.all().count() == 1


@pytest.mark.promise("P4")
async def test_what_is_told_later_says_nothing_of_a_day_that_is_gone(store: Settings) -> None:
    event = await three_days()
    guest = await make_guest(event, eats(event, FIRST, THIRD), settings=store)
    await delete_days(store, now=FIRST_DUE)
    await change_diet(guest.id, eats(event, THIRD), settings=store, now=FIRST_DUE + SECOND)
    kept = await diet_of(guest.id, settings=store)
    assert kept is not None
    assert skipped(event, kept) == [SECOND_DAY]


@pytest.mark.promise("P4")
async def test_a_day_whose_deletion_died_half_way_is_finished(store: Settings) -> None:
    event = await three_days()
    await make_guest(event, eats(event, FIRST), settings=store)
    [old] = await Vault.all()
    [due] = await due_days(FIRST_DUE)
    assert await daily._reseal(due, store)
    assert keys.exists(store.keys_folder, old.key_id)
    assert await delete_days(store, now=FIRST_DUE + SECOND) == 1
    assert not keys.exists(store.keys_folder, old.key_id)
    assert [line.diets for line in await receipts()] == [1]


@pytest.mark.promise("P4")
async def test_the_events_own_deletion_takes_an_old_key_along(store: Settings) -> None:
    event = await three_days()
    await make_guest(event, eats(event, THIRD), settings=store)
    [due] = await due_days(FIRST_DUE)
    await daily._reseal(due, store)
    assert await delete_due(store, now=ENDS + timedelta(hours=2)) == 1
    assert list(store.keys_folder.glob("*.key")) == []


def test_days_end_at_local_midnight_and_the_last_goes_with_the_event() -> None:
    found = day_ends(
        [THIRD, FIRST, FIRST, SECOND_DAY],
        zone=HELSINKI,
        grace=timedelta(hours=2),
        latest=ENDS,
    )
    assert found == [DayEnd(FIRST, FIRST_DUE), DayEnd(SECOND_DAY, SECOND_DUE)]
    assert day_ends([FIRST], zone=HELSINKI, grace=timedelta(0), latest=ENDS) == []
    assert day_ends([FIRST, THIRD], zone=HELSINKI, grace=timedelta(days=7), latest=ENDS) == []


def test_what_stays_of_the_meals_that_are_skipped() -> None:
    one, two, three = (UUID(int=at) for at in (1, 2, 3))
    served = {one: FIRST, two: SECOND_DAY, three: THIRD}
    assert cut_down([one, two], served, gone=FIRST) == (two,)
    assert cut_down([two, three], served, gone=FIRST) is None
    assert cut_down([], served, gone=SECOND_DAY) == ()
    assert cut_down([uuid4()], served, gone=FIRST) == ()
