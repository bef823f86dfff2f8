"""How the waiting list moves: offers with an end, quotas, and who is told what."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration.catalogue.models import Session
from registration.enrolment.changes import change_session
from registration.enrolment.ending import next_end
from registration.enrolment.filling import settle_due
from registration.enrolment.groups import enrol_group
from registration.enrolment.letters import offer_token, place_of_token
from registration.enrolment.models import Place
from registration.enrolment.offers import accept_offer, decline_offer
from registration.enrolment.queries import counts, place, queue
from registration.enrolment.rules import (
    By,
    NotOffered,
    OfferEnded,
    PlaceStatus,
    Taken,
    TooLateToCancel,
    Why,
    WhyNeeded,
)
from registration.enrolment.service import cancel, sign_up
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import (
    STARTS,
    group_of,
    make_company,
    make_session,
    session_given,
    take,
    wish,
)

HOUR = timedelta(hours=1)
OFFERED, CONFIRMED = PlaceStatus.OFFERED, PlaceStatus.CONFIRMED
WAITING, CANCELLED = PlaceStatus.WAITING, PlaceStatus.CANCELLED


async def statuses(*taken: Taken) -> list[PlaceStatus]:
    return [(await place(each.id)).status for each in taken]


async def test_a_freed_seat_is_offered_to_who_waits_first_until_an_end(store: Settings) -> None:
    offering = await make_session(seats=1, offer_hours=24)
    first, second, third = [await take(offering, number, store) for number in range(3)]
    await cancel(first.id, actor_id=None, settings=store, now=NOON)
    assert await statuses(first, second, third) == [CANCELLED, OFFERED, WAITING]
    assert (await place(second.id)).until == NOON + 24 * HOUR == await next_end()
    (mail,) = await Mail.filter(template="place-offered")
    assert (mail.person_id, mail.calendar) == (second.person_id, "")
    token = offer_token(second.id, store)
    assert f"{store.base_url}/offers/{token}" in mail.body_text
    assert place_of_token(token, store) == second.id
    assert place_of_token(token.swapcase(), store) is None
    assert await counts([offering.seating_id]) == {offering.seating_id: (1, 1)}


async def test_an_offer_is_accepted_once_however_often_it_is_clicked(store: Settings) -> None:
    offering = await make_session(seats=1, offer_hours=24)
    first, second = [await take(offering, number, store) for number in range(2)]
    await cancel(first.id, actor_id=None, settings=store, now=NOON)
    for _click in range(2):
        taken = await accept_offer(second.id, actor_id=None, settings=store, now=NOON + HOUR)
        assert (taken.status, taken.until) == (CONFIRMED, None)
    assert await Mail.filter(template="place-confirmed", person_id=second.person_id).count() == 1
    with pytest.raises(NotOffered):
        await decline_offer(second.id, actor_id=None, settings=store, now=NOON + HOUR)


async def test_an_offer_ends_to_the_second_though_no_job_has_run(store: Settings) -> None:
    offering = await make_session(seats=1, offer_hours=24)
    first, second = [await take(offering, number, store) for number in range(2)]
    await cancel(first.id, actor_id=None, settings=store, now=NOON)
    end = NOON + 24 * HOUR
    with pytest.raises(OfferEnded):
        await accept_offer(second.id, actor_id=None, settings=store, now=end)
    third = await sign_up(offering, wish(3), settings=store, now=end)
    assert await statuses(second) == [CANCELLED]
    assert third.status is CONFIRMED
    assert await settle_due(store, now=end) == 0


async def test_declined_and_ended_offers_go_on_to_the_next_in_order(store: Settings) -> None:
    offering = await make_session(seats=1, offer_hours=24)
    taken = [await take(offering, number, store) for number in range(5)]
    await cancel(taken[0].id, actor_id=None, settings=store, now=NOON)
    await decline_offer(taken[1].id, actor_id=None, settings=store, now=NOON)
    assert await statuses(*taken[1:]) == [CANCELLED, OFFERED, WAITING, WAITING]
    end = NOON + 24 * HOUR
    assert await settle_due(store, now=end - timedelta(seconds=1)) == 0
    assert await settle_due(store, now=end) == 1
    assert await settle_due(store, now=end) == 0
    assert await statuses(*taken[1:]) == [CANCELLED, CANCELLED, OFFERED, WAITING]
    told = await Mail.filter(template="place-offer-ended").values_list("person_id", flat=True)
    assert told == [taken[2].person_id]


async def test_an_offer_never_outlasts_the_start_or_the_last_day_to_cancel(
    store: Settings,
) -> None:
    ends = []
    for last in (None, STARTS - 48 * HOUR):
        offering = await make_session(seats=1, offer_hours=300, cancels_until=last)
        first, second = [await take(offering, number, store) for number in range(2)]
        await cancel(first.id, actor_id=None, settings=store, now=NOON)
        ends.append((await place(second.id)).until)
    assert ends == [STARTS, STARTS - 48 * HOUR]
    given = session_given(
        await _training(offering.id),
        1,
        offer_hours=300,
        starts_at=NOON + 20 * HOUR,
        ends_at=NOON + 21 * HOUR,
    )
    await change_session(offering.id, given, actor_id=None, settings=store, now=NOON)
    assert (await place(second.id)).until == NOON + 20 * HOUR


async def _training(session_id: UUID) -> UUID:
    return (await Session.get(id=session_id)).training_id


async def test_a_company_at_its_quota_waits_and_is_passed_over_visibly(store: Settings) -> None:
    offering = await make_session(seats=3, company_quota=1)
    company = await make_company()
    group = group_of(company, uuid4(), 1, 2)
    one, two = await enrol_group(offering, group, settings=store, now=NOON)
    assert [(each.status, each.position) for each in (one, two)] == [
        (CONFIRMED, None),
        (WAITING, 1),
    ]
    private = await take(offering, 3, store)
    assert private.status is CONFIRMED  # nobody who waits could have had that seat
    last = await take(offering, 4, store)
    behind = await take(offering, 5, store)
    lines = await queue(offering.seating_id)
    assert [(line.place_id, line.position, line.passed_over) for line in lines] == [
        (two.place_id, 1, True),
        (behind.id, 2, False),
    ]
    await cancel(last.id, actor_id=None, settings=store, now=NOON)
    assert await statuses(behind) == [CONFIRMED]
    assert one.place_id
    assert two.place_id
    await cancel(one.place_id, actor_id=None, settings=store, now=NOON, by=By.COORDINATOR)
    assert (await place(two.place_id)).status is CONFIRMED


async def test_a_raised_quota_lets_in_who_waits(store: Settings) -> None:
    offering = await make_session(seats=3, company_quota=1)
    group = group_of(await make_company(), uuid4(), 1, 2, 3)
    answers = await enrol_group(offering, group, settings=store, now=NOON)
    given = session_given(await _training(offering.id), 3, company_quota=2)
    await change_session(offering.id, given, actor_id=None, settings=store, now=NOON)
    rows = [(await place(each.place_id)).status for each in answers if each.place_id]
    assert rows == [CONFIRMED, CONFIRMED, WAITING]


async def test_after_the_last_day_only_staff_cancel_and_say_why(store: Settings) -> None:
    offering = await make_session(seats=1, cancels_until=NOON + HOUR)
    first, second = [await take(offering, number, store) for number in range(2)]
    late = NOON + HOUR
    for by in (By.PERSON, By.COORDINATOR):
        with pytest.raises(TooLateToCancel):
            await cancel(first.id, actor_id=None, settings=store, now=late, by=by)
    with pytest.raises(WhyNeeded):
        await cancel(first.id, actor_id=None, settings=store, now=late, by=By.STAFF)
    staff = uuid4()
    await cancel(first.id, actor_id=staff, settings=store, now=late, by=By.STAFF, why=Why.AGREED)
    (entry,) = await Entry.filter(object_id=first.id, act="place-changed")
    assert (entry.actor_id, entry.detail) == (staff, '{"codes":["cancelled","agreed"]}')
    assert await statuses(second) == [CONFIRMED]
    waiting = await take(offering, 4, store)
    await cancel(waiting.id, actor_id=None, settings=store, now=late)
    assert await statuses(waiting) == [CANCELLED]


async def test_within_an_hour_of_the_start_nobody_is_offered_and_nobody_jumps_the_queue(
    store: Settings,
) -> None:
    offering = await make_session(seats=1, offer_hours=24)
    first, second = [await take(offering, number, store) for number in range(2)]
    late = STARTS - timedelta(minutes=30)
    await cancel(first.id, actor_id=None, settings=store, now=late)
    newcomer = await sign_up(offering, wish(3), settings=store, now=late)
    assert (newcomer.status, newcomer.position) == (WAITING, 2)
    assert await Place.filter(id=second.id, status="waiting").exists()
