"""Another date, another day, another word: transfer, overlaps, tentative sessions, no-shows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar

from registration.enrolment.attendance import came_after_all, no_show
from registration.enrolment.changes import change_session
from registration.enrolment.groups import enrol_group
from registration.enrolment.moving import substitute, targets, transfer
from registration.enrolment.queries import counts, place
from registration.enrolment.rules import (
    AlreadySignedUp,
    By,
    NotAbsent,
    NotBegun,
    NotSameTraining,
    NotTentative,
    PlaceStatus,
    SameSession,
    ShownTo,
    TargetFull,
    TooLateToCancel,
)
from registration.enrolment.service import cancel, sign_up
from registration.enrolment.sureness import run_anyway, undecided
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import (
    STARTS,
    group_of,
    make_company,
    make_session,
    make_training,
    offering_of,
    session_given,
    take,
    wish,
)

CONFIRMED, WAITING = PlaceStatus.CONFIRMED, PlaceStatus.WAITING
CANCELLED = PlaceStatus.CANCELLED
WEEK = timedelta(days=7)


def later(weeks: int = 1) -> dict[str, Any]:
    starts = STARTS + weeks * WEEK
    return {"starts_at": starts, "ends_at": starts + timedelta(hours=7)}


async def test_a_move_gives_the_new_seat_first_and_the_old_one_on(store: Settings) -> None:
    training = await make_training()
    here = await make_session(1, training=training, price_cents=10_000)
    there = await make_session(1, training=training, price_cents=12_000, **later())
    first, second = [await take(here, number, store) for number in range(2)]
    assert [(each.offering.id, each.left) for each in await targets(first.id, now=NOON)] == [
        (there.id, 1)
    ]
    moved = await transfer(first.id, there, by=By.PERSON, actor_id=None, settings=store, now=NOON)
    line = await place(moved.id)
    assert (line.status, line.price_cents, line.moved_from) == (CONFIRMED, 12_000, first.id)
    assert (await place(first.id)).status is CANCELLED
    assert (await place(second.id)).status is CONFIRMED
    methods = {
        mail.template: str(Calendar.from_ical(mail.calendar)["method"])
        for mail in await Mail.filter(template__in=["place-moved", "place-left"])
    }
    assert methods == {"place-moved": "REQUEST", "place-left": "CANCEL"}
    with pytest.raises(TargetFull):
        await transfer(second.id, there, by=By.PERSON, actor_id=None, settings=store, now=NOON)
    assert (await place(second.id)).status is CONFIRMED


async def test_a_move_that_cannot_be_leaves_all_as_it_was(store: Settings) -> None:
    training = await make_training()
    here = await make_session(2, training=training, cancels_until=NOON + WEEK)
    there, other = await make_session(2, training=training, **later()), await make_session(2)
    taken = await take(here, 1, store)
    common = {"actor_id": None, "settings": store}
    for target, refusal in ((here, SameSession), (other, NotSameTraining)):
        with pytest.raises(refusal):
            await transfer(taken.id, target, by=By.PERSON, now=NOON, **common)  # type: ignore[arg-type]
    with pytest.raises(TooLateToCancel):
        await transfer(taken.id, there, by=By.COORDINATOR, now=NOON + WEEK, **common)  # type: ignore[arg-type]
    await take(there, 1, store)
    with pytest.raises(AlreadySignedUp):
        await transfer(taken.id, there, by=By.PERSON, now=NOON, **common)  # type: ignore[arg-type]
    assert (await place(taken.id)).status is CONFIRMED


async def test_two_who_swap_dates_at_once_wait_for_each_other(store: Settings) -> None:
    training = await make_training()
    both = [
        await make_session(2, training=training),
        await make_session(2, training=training, **later()),
    ]
    taken = [await take(each, number, store) for number, each in enumerate(both)]
    moved = await asyncio.gather(
        *(
            transfer(mine.id, both[1 - at], by=By.PERSON, actor_id=None, settings=store, now=NOON)
            for at, mine in enumerate(taken)
        )
    )
    assert [each.status for each in moved] == [CONFIRMED, CONFIRMED]
    found = await counts([each.seating_id for each in both])
    assert list(found.values()) == [(1, 0), (1, 0)]


async def test_a_substitute_keeps_what_was_agreed(store: Settings) -> None:
    offering = await make_session(1, price_cents=10_000)
    company = await make_company()
    group = replace(group_of(company, uuid4(), 1), order_number="PO-9")
    (answer,) = await enrol_group(offering, group, settings=store, now=NOON)
    dearer = session_given(await make_training(), 1, price_cents=20_000)
    await change_session(offering.id, dearer, actor_id=None, settings=store, now=NOON)
    assert answer.place_id
    heir = await substitute(answer.place_id, wish(2), settings=store, now=NOON)
    line = await place(heir.id)
    assert (line.price_cents, line.order_number, line.company_id) == (10_000, "PO-9", company)


async def test_overlaps_are_said_to_who_may_know_and_by_mail_to_the_person(
    store: Settings,
) -> None:
    one, same_day, next_week = (
        await make_session(5),
        await make_session(5),
        await make_session(5, **later()),
    )
    company = await make_company()
    (mine,) = await enrol_group(one, group_of(company, uuid4(), 1), settings=store, now=NOON)
    person = (await place(mine.place_id)).person_id if mine.place_id else uuid4()

    async def seen(shown_to: ShownTo, by: UUID | None, logged_in: UUID | None = None) -> list[UUID]:
        form = wish(1, shown_to=shown_to, company_id=by, logged_in=logged_in)
        taken = await sign_up(same_day, form, settings=store, now=NOON)
        await cancel(taken.id, actor_id=None, settings=store, now=NOON)
        return [each.place_id for each in taken.overlaps]

    assert await seen(ShownTo.NOBODY, None) == []
    (mail,) = await Mail.filter(template="place-confirmed", purpose="place")
    assert "Track work safety, 11.4.2026" in mail.body_text
    assert await seen(ShownTo.PERSON, None, logged_in=uuid4()) == []
    assert await seen(ShownTo.PERSON, None, logged_in=person) == [mine.place_id]
    assert await seen(ShownTo.COMPANY, uuid4()) == []
    assert await seen(ShownTo.COMPANY, company) == [mine.place_id]
    assert await seen(ShownTo.STAFF, None) == [mine.place_id]
    elsewhere = await sign_up(next_week, wish(1, shown_to=ShownTo.STAFF), settings=store, now=NOON)
    assert elsewhere.overlaps == ()


async def test_it_runs_once_enough_are_confirmed_and_for_good(store: Settings) -> None:
    offering = await make_session(3, minimum=2, decide_by=STARTS - WEEK)
    first = await take(offering, 1, store)
    (mail,) = await Mail.all()
    assert "It is not certain yet" in mail.body_text
    assert (await offering_of(offering)).terms.sure_at is None
    second = await take(offering, 2, store)
    assert (await offering_of(offering)).terms.sure_at == NOON
    told = {(each.template, each.person_id) for each in await Mail.all()}
    assert told == {
        ("place-confirmed", first.person_id),
        ("place-confirmed", second.person_id),
        ("place-runs", first.person_id),
    }
    certain = await Mail.get(template="place-confirmed", person_id=second.person_id)
    assert "It is not certain yet" not in certain.body_text
    await cancel(first.id, actor_id=None, settings=store, now=NOON)
    assert (await offering_of(offering)).terms.sure_at == NOON
    with pytest.raises(NotTentative):
        await run_anyway(offering.seating_id, actor_id=None, settings=store, now=NOON)


async def test_staff_decide_what_is_still_tentative(store: Settings) -> None:
    offering = await make_session(3, minimum=2, decide_by=STARTS - WEEK)
    taken = await take(offering, 1, store)
    assert await undecided(now=STARTS - WEEK - timedelta(seconds=1)) == []
    (line,) = await undecided(now=STARTS - WEEK)
    assert (line.offering.id, line.confirmed, line.minimum) == (offering.id, 1, 2)
    await run_anyway(offering.seating_id, actor_id=uuid4(), settings=store, now=NOON)
    assert await undecided(now=STARTS - WEEK) == []
    assert await Mail.filter(template="place-runs", person_id=taken.person_id).count() == 1


async def test_a_lowered_minimum_makes_it_sure(store: Settings) -> None:
    offering = await make_session(3, minimum=2)
    await take(offering, 1, store)
    given = session_given(await make_training(), 3, minimum=1)
    await change_session(offering.id, given, actor_id=None, settings=store, now=NOON)
    assert (await offering_of(offering)).terms.sure_at == NOON


async def test_who_did_not_come_is_marked_after_the_start_and_unmarked(store: Settings) -> None:
    offering = await make_session(1)
    taken, waiting = [await take(offering, number, store) for number in range(2)]
    with pytest.raises(NotBegun):
        await no_show(taken.id, actor_id=None, now=NOON)
    await no_show(taken.id, actor_id=None, now=STARTS)
    assert (await place(taken.id)).status is PlaceStatus.NO_SHOW
    await came_after_all(taken.id, actor_id=None, now=STARTS)
    assert (await place(taken.id)).status is CONFIRMED
    with pytest.raises(NotAbsent):
        await no_show(waiting.id, actor_id=None, now=STARTS)
