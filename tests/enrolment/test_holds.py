"""Seats that a company keeps without names: taken by all counts, until an end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from registration.catalogue.rules import TooFewSeats
from registration.enrolment.changes import (
    cancel_session,
    change_session,
    delete_session,
)
from registration.enrolment.filling import settle_due
from registration.enrolment.holds import (
    give_back,
    held_of_company,
    held_on,
    hold_seats,
    name_seat,
)
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.queries import Occupancy, occupancies, place
from registration.enrolment.rules import (
    AlreadySignedUp,
    HeldSeatNotFound,
    NamesClosed,
    NotEnoughSeats,
    PeopleOnIt,
    PlaceStatus,
    QuotaReached,
    SeatEnded,
)
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON, make_account
from tests.enrolment.makers import (
    STARTS,
    make_company,
    make_session,
    make_training,
    session_given,
    take,
    wish,
)

HOUR = timedelta(hours=1)


async def test_kept_seats_are_taken_and_named_at_their_price(store: Settings) -> None:
    offering = await make_session(seats=3, price_cents=10_000)
    company, junior = await make_company(), uuid4()
    who = {"company_id": company, "actor_id": junior, "settings": store, "now": NOON}
    lines = await hold_seats(offering, number=2, order_number="PO-7", **who)  # type: ignore[arg-type]
    assert await occupancies({offering.seating_id: 3}) == {offering.seating_id: Occupancy(3, 2, 0)}
    assert {line.until for line in lines} == {STARTS}
    with pytest.raises(NotEnoughSeats) as refused:
        await hold_seats(offering, number=2, **who)  # type: ignore[arg-type]
    assert refused.value.params == {"free": 1}
    dearer = session_given(await make_training(), 3, price_cents=20_000)
    await change_session(offering.id, dearer, actor_id=None, settings=store, now=NOON)
    named = await name_seat(lines[0].id, wish(1).contact, **who)  # type: ignore[arg-type]
    row = await Place.get(id=named.place_id)
    assert (row.status, row.price_cents, row.order_number) == ("confirmed", 10_000, "PO-7")
    assert (await Mail.filter(person_id=row.person_id).first()).template == "place-confirmed"  # type: ignore[union-attr]
    with pytest.raises(AlreadySignedUp):
        await name_seat(lines[1].id, wish(1).contact, **who)  # type: ignore[arg-type]
    with pytest.raises(HeldSeatNotFound):
        await name_seat(lines[0].id, wish(2).contact, **who)  # type: ignore[arg-type]
    assert [line.id for line in await held_of_company(company)] == [lines[1].id]


async def test_others_seats_are_nobodys_to_name_or_give_back(store: Settings) -> None:
    offering, company, another = await make_session(), await make_company(), await make_company()
    who = {"actor_id": uuid4(), "settings": store, "now": NOON}
    (line,) = await hold_seats(offering, number=1, company_id=company, **who)  # type: ignore[arg-type]
    with pytest.raises(HeldSeatNotFound):
        await name_seat(line.id, wish(1).contact, company_id=another, **who)  # type: ignore[arg-type]
    with pytest.raises(HeldSeatNotFound):
        await give_back([line.id], company_id=another, **who)  # type: ignore[arg-type]


async def test_seats_end_by_themselves_and_who_waits_has_them(store: Settings) -> None:
    offering = await make_session(seats=1, names_until=NOON + 48 * HOUR)
    company = await make_company()
    junior = await make_account(email="junior@rata.example")
    who = {"company_id": company, "actor_id": junior, "settings": store}
    (line,) = await hold_seats(offering, number=1, now=NOON, **who)  # type: ignore[arg-type]
    waiting = await take(offering, 1, store)
    assert line.until == NOON + 48 * HOUR
    with pytest.raises(SeatEnded):
        await name_seat(line.id, wish(2).contact, now=line.until, **who)  # type: ignore[arg-type]
    assert await settle_due(store, now=line.until) == 1
    assert (await place(waiting.id)).status is PlaceStatus.CONFIRMED
    (mail,) = await Mail.filter(template="company-seats-ended")
    assert mail.account_id == junior
    with pytest.raises(NamesClosed):
        await hold_seats(offering, number=1, now=line.until, **who)  # type: ignore[arg-type]


async def test_given_back_seats_go_to_who_waits(store: Settings) -> None:
    offering, company = await make_session(seats=2), await make_company()
    who = {"company_id": company, "actor_id": uuid4(), "settings": store, "now": NOON}
    lines = await hold_seats(offering, number=2, **who)  # type: ignore[arg-type]
    waiting = [await take(offering, number, store) for number in range(2)]
    with pytest.raises(NotEnoughSeats):
        await hold_seats(offering, number=1, **who)  # type: ignore[arg-type]
    assert await give_back([line.id for line in lines], **who) == 2  # type: ignore[arg-type]
    assert [(await place(each.id)).status for each in waiting] == [PlaceStatus.CONFIRMED] * 2


async def test_unnamed_seats_count_for_the_quota_and_against_fewer_seats(store: Settings) -> None:
    offering = await make_session(seats=5, company_quota=2)
    who = {"company_id": await make_company(), "actor_id": uuid4(), "settings": store, "now": NOON}
    await hold_seats(offering, number=1, **who)  # type: ignore[arg-type]
    with pytest.raises(QuotaReached) as refused:
        await hold_seats(offering, number=2, **who)  # type: ignore[arg-type]
    assert refused.value.params == {"left": 1}
    await hold_seats(offering, number=1, **who)  # type: ignore[arg-type]
    fewer = session_given(await make_training(), 1)
    with pytest.raises(TooFewSeats):
        await change_session(offering.id, fewer, actor_id=None, settings=store, now=NOON)
    with pytest.raises(PeopleOnIt):
        await delete_session(offering.id, actor_id=None, now=NOON)
    await cancel_session(offering.id, actor_id=None, settings=store, now=NOON)
    assert await held_on(offering.seating_id) == []


async def test_two_coordinators_and_the_last_seat(store: Settings) -> None:
    offering = await make_session(seats=1)
    companies = [await make_company(), await make_company()]
    answers = await asyncio.gather(
        *(
            hold_seats(
                offering, number=1, company_id=each, actor_id=uuid4(), settings=store, now=NOON
            )
            for each in companies
        ),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, NotEnoughSeats) for each in answers) == [False, True]
    assert await HeldSeat.all().count() == 1


async def test_a_session_that_nobody_was_on_can_be_deleted(store: Settings) -> None:
    offering = await make_session()
    await delete_session(offering.id, actor_id=None, now=NOON)
    assert await occupancies({offering.seating_id: 0}) == {offering.seating_id: Occupancy(0, 0, 0)}
    held = await make_session()
    await take(held, 1, store)
    with pytest.raises(PeopleOnIt) as refused:
        await delete_session(held.id, actor_id=None, now=NOON)
    assert refused.value.params == {"people": 1}
