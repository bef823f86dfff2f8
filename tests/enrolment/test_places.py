from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar

from registration.catalogue import queries as catalogue
from registration.catalogue.rules import TooFewSeats
from registration.enrolment.changes import cancel_session, change_session
from registration.enrolment.models import Place
from registration.enrolment.moving import substitute
from registration.enrolment.queries import counts, place, places_on
from registration.enrolment.rules import (
    AlreadySignedUp,
    NotCancellable,
    PlaceNotFound,
    PlaceStatus,
    SeatingFull,
    SignUpClosed,
    SubmissionReused,
    Taken,
    place_for,
)
from registration.enrolment.service import cancel, sign_up
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import STARTS, make_session, make_training, session_given, take, wish

CONFIRMED, WAITING = PlaceStatus.CONFIRMED, PlaceStatus.WAITING


async def test_who_comes_first_is_confirmed_and_the_others_wait_in_order(store: Settings) -> None:
    offering = await make_session(seats=2)
    taken = [await take(offering, number, store) for number in range(4)]
    assert [each.status for each in taken] == [CONFIRMED, CONFIRMED, WAITING, WAITING]
    assert [each.position for each in taken] == [None, None, 1, 2]


async def test_300_at_once_for_50_seats_confirm_50_in_order_of_arrival(store: Settings) -> None:
    offering = await make_session(seats=50)
    taken = await asyncio.gather(*(take(offering, number, store) for number in range(300)))
    assert await counts([offering.seating_id]) == {offering.seating_id: (50, 250)}
    assert sorted(each.position or 0 for each in taken) == [0] * 50 + list(range(1, 251))
    rows = await Place.filter(seating_id=offering.seating_id).order_by("turn")
    assert [row.turn for row in rows] == list(range(1, 301))
    assert [row.status for row in rows] == ["confirmed"] * 50 + ["waiting"] * 250


async def test_without_the_lock_the_same_rush_oversells(store: Settings) -> None:
    """The control of the test before: it must be able to fail."""
    offering = await make_session(seats=5)
    person = Person(
        first_name="A", last_name="B", email="", language="en", source="self",
        created_at=NOON, changed_at=NOON,
    )  # fmt: skip

    async def careless(number: int) -> None:
        taken = (await counts([offering.seating_id])).get(offering.seating_id, (0, 0))[0]
        await asyncio.sleep(0)
        status = place_for(5, taken, waiting=0, waiting_open=True)
        made = person.clone(pk=uuid4())
        made.email, made.name_key = f"{number}@example.fi", "a b"
        await made.save(force_create=True)
        await Place.create(
            id=uuid4(), seating_id=offering.seating_id, person_id=made.id, status=status.value,
            turn=number, source="self", created_at=NOON, changed_at=NOON,
        )  # fmt: skip

    await asyncio.gather(*(careless(number) for number in range(20)))
    assert (await counts([offering.seating_id]))[offering.seating_id][0] > 5


async def test_no_waiting_list_means_a_plain_refusal_and_nothing_written(store: Settings) -> None:
    offering = await make_session(seats=1, waiting_open=False)
    await take(offering, 1, store)
    with pytest.raises(SeatingFull):
        await take(offering, 2, store)
    assert await Place.all().count() == 1
    assert await Person.all().count() == 1
    assert await Mail.all().count() == 1


async def test_cancelling_gives_the_seat_to_who_waits_first(store: Settings) -> None:
    offering = await make_session(seats=1)
    first, second, third = [await take(offering, number, store) for number in range(3)]
    await cancel(first.id, actor_id=None, settings=store, now=NOON)
    assert (await place(second.id)).status is CONFIRMED
    assert (await place(third.id)).position == 1
    assert await Mail.filter(template="place-moved-up", person_id=second.person_id).count() == 1


async def test_a_place_is_cancelled_once_and_not_after_the_end(store: Settings) -> None:
    offering = await make_session(seats=1)
    taken = await take(offering, 1, store)
    with pytest.raises(NotCancellable):
        await cancel(taken.id, actor_id=None, settings=store, now=STARTS + timedelta(days=1))
    await cancel(taken.id, actor_id=None, settings=store, now=NOON)
    with pytest.raises(NotCancellable):
        await cancel(taken.id, actor_id=None, settings=store, now=NOON)
    with pytest.raises(PlaceNotFound):
        await cancel(uuid4(), actor_id=None, settings=store, now=NOON)


async def test_who_cancelled_can_come_again(store: Settings) -> None:
    offering = await make_session(seats=1)
    first = await take(offering, 1, store)
    await cancel(first.id, actor_id=None, settings=store, now=NOON)
    again = await take(offering, 1, store)
    assert (again.status, again.person_id) == (CONFIRMED, first.person_id)


async def test_more_seats_go_to_those_who_wait(store: Settings) -> None:
    training = await make_training()
    offering = await make_session(seats=1)
    taken = [await take(offering, number, store) for number in range(4)]
    more = session_given(training, 3)
    await change_session(offering.id, more, actor_id=None, settings=store, now=NOON)
    found = [(await place(each.id)).status for each in taken]
    assert found == [CONFIRMED, CONFIRMED, CONFIRMED, WAITING]


async def test_seats_cannot_be_fewer_than_those_taken(store: Settings) -> None:
    offering = await make_session(seats=3)
    for number in range(3):
        await take(offering, number, store)
    fewer = session_given(await make_training(), 2)
    with pytest.raises(TooFewSeats):
        await change_session(offering.id, fewer, actor_id=None, settings=store, now=NOON)
    assert (await catalogue.session(offering.id)).seats == 3


async def test_the_same_person_twice_is_said_and_not_doubled(store: Settings) -> None:
    offering = await make_session(seats=5)
    await take(offering, 1, store)
    with pytest.raises(AlreadySignedUp):
        await take(offering, 1, store)
    assert await counts([offering.seating_id]) == {offering.seating_id: (1, 0)}


async def test_a_form_sent_twice_is_answered_twice_and_done_once(store: Settings) -> None:
    offering = await make_session(seats=5)
    form = wish(1, submission="form-1")
    both = await asyncio.gather(
        *(sign_up(offering, form, settings=store, now=NOON) for _each in range(2))
    )
    assert {each.id for each in both} == {both[0].id}
    assert sorted(each.repeated for each in both) == [False, True]
    assert await Mail.all().count() == 1
    with pytest.raises(SubmissionReused):
        await sign_up(offering, wish(2, submission="form-1"), settings=store, now=NOON)


async def test_what_changed_since_the_page_was_read_counts(store: Settings) -> None:
    offering = await make_session(seats=5)
    await cancel_session(offering.id, actor_id=None, settings=store, now=NOON)
    with pytest.raises(Exception, match="OfferingCancelled"):
        await take(offering, 1, store)


async def test_sign_up_closes_when_the_session_starts(store: Settings) -> None:
    offering = await make_session(seats=5)
    with pytest.raises(SignUpClosed):
        await sign_up(offering, wish(1), settings=store, now=STARTS)


async def test_a_substitute_has_the_same_standing(store: Settings) -> None:
    offering = await make_session(seats=1)
    await take(offering, 1, store)
    second = await take(offering, 2, store)
    third = await take(offering, 3, store)
    heir = await substitute(second.id, wish(9), settings=store, now=NOON)
    assert (heir.status, heir.position) == (WAITING, 1)
    assert (await place(third.id)).position == 2
    assert (await place(second.id)).status is PlaceStatus.CANCELLED


async def test_a_cancelled_session_holds_nobody_and_tells_everybody(store: Settings) -> None:
    offering = await make_session(seats=1)
    for number in range(3):
        await take(offering, number, store)
    await cancel_session(offering.id, actor_id=None, settings=store, now=NOON)
    assert await places_on(offering.seating_id) == []
    assert await Mail.filter(template="place-called-off").count() == 3


async def test_a_moved_session_moves_the_same_calendar_entry(store: Settings) -> None:
    offering = await make_session(seats=1)
    taken = await take(offering, 1, store)
    moved = session_given(
        await make_training(),
        1,
        starts_at=STARTS + timedelta(days=1),
        ends_at=STARTS + timedelta(days=1, hours=7),
    )
    await change_session(offering.id, moved, actor_id=None, settings=store, now=NOON)
    await cancel(taken.id, actor_id=None, settings=store, now=NOON)
    mails = await Mail.all().order_by("queued_at", "template")
    entries = {}
    for mail in mails:
        calendar = Calendar.from_ical(mail.calendar)
        entry = calendar.events[0]
        entries[mail.template] = (
            str(calendar["method"]),
            str(entry["uid"]),
            int(str(entry["sequence"])),
            entry.start,
        )
    first, changed, cancelled = (
        entries[f"place-{news}"] for news in ("confirmed", "changed", "cancelled")
    )
    assert first[1] == changed[1] == cancelled[1]
    assert first[2] < changed[2] < cancelled[2]
    assert (first[0], changed[0], cancelled[0]) == ("REQUEST", "REQUEST", "CANCEL")
    assert (first[3], changed[3]) == (STARTS, STARTS + timedelta(days=1))


async def test_mail_of_a_place_that_was_not_given_is_not_sent(store: Settings) -> None:
    offering = await make_session(seats=5)
    await take(offering, 1, store)
    before = await Mail.all().count(), await Entry.all().count()
    with pytest.raises(AlreadySignedUp):
        await take(offering, 1, store)
    assert (await Mail.all().count(), await Entry.all().count()) == before


async def test_known_data_is_not_changed_by_whoever_types_a_name(store: Settings) -> None:
    """An address and a name are no proof of who is typing (P11)."""
    from dataclasses import replace

    from registration.people.queries import suggestions

    offering, other = await make_session(seats=5), await make_session(seats=5)
    asked = wish(1)
    asked = replace(asked, contact=replace(asked.contact, phone="+358401234567"))
    taken: Taken = await sign_up(offering, asked, settings=store, now=NOON)
    later = replace(asked, contact=replace(asked.contact, phone="+358507654321", city="Oulu"))
    await sign_up(other, later, settings=store, now=NOON)
    person = await Person.get(id=taken.person_id)
    assert (person.phone, person.city) == ("+358401234567", "Oulu")
    assert [(each.field, each.value) for each in await suggestions(person.id)] == [
        ("phone", "+358507654321")
    ]


async def test_who_waits_gets_no_calendar_entry(store: Settings) -> None:
    offering = await make_session(seats=1)
    await take(offering, 1, store)
    waiting = await take(offering, 2, store)
    moved = session_given(await make_training(), 1, link="https://meet.example/other")
    await change_session(offering.id, moved, actor_id=None, settings=store, now=NOON)
    await cancel(waiting.id, actor_id=None, settings=store, now=NOON)
    mails = await Mail.filter(person_id=waiting.person_id)
    assert {mail.template for mail in mails} == {
        "place-waiting",
        "place-changed",
        "place-cancelled",
    }
    assert [mail.calendar for mail in mails] == ["", "", ""]


async def test_one_new_person_on_many_sessions_at_once_is_one_person(store: Settings) -> None:
    offerings = [await make_session(seats=5) for _each in range(6)]
    taken = await asyncio.gather(*(take(offering, 1, store) for offering in offerings))
    assert len({each.person_id for each in taken}) == 1
    assert await Person.all().count() == 1
    assert [each.status for each in taken] == [CONFIRMED] * 6
