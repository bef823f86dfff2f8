"""One reminder before the start: at its time, once, to those whom it helps."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from registration.catalogue.models import Seating
from registration.catalogue.rules import Offering
from registration.db import transaction
from registration.enrolment.changes import cancel_session, change_session
from registration.enrolment.models import Place
from registration.enrolment.reminders import remind_at, remind_due
from registration.enrolment.service import cancel
from registration.mail.models import Mail
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import STARTS, make_session, session_given, take

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = STARTS - DAY
HELSINKI = ZoneInfo("Europe/Helsinki")


async def make_reminded(seats: int = 9, *, hours: int | None = 24, **more: object) -> Offering:
    offering = await make_session(seats, **more)  # type: ignore[arg-type]
    await terms(offering, remind_hours=hours)
    return offering


async def terms(offering: Offering, **columns: object) -> None:
    async with transaction():
        await Seating.filter(id=offering.seating_id).update(**columns)


async def reminded(settings: Settings) -> list[str]:
    rows = await Mail.filter(template="place-reminder").order_by("address")
    return [row.address for row in rows]


@pytest.mark.parametrize(
    ("start", "hours", "wanted"),
    [
        (datetime(2027, 4, 2, 6, tzinfo=UTC), 24, datetime(2027, 4, 1, 6, tzinfo=UTC)),
        (datetime(2027, 4, 2, 6, tzinfo=UTC), 3, datetime(2027, 4, 2, 3, tzinfo=UTC)),
        # The clocks go forward on 28.3.: a day before 9.00 is 9.00, in 23 hours.
        (datetime(2027, 3, 28, 6, tzinfo=UTC), 24, datetime(2027, 3, 27, 7, tzinfo=UTC)),
        (datetime(2027, 3, 28, 6, tzinfo=UTC), 23, datetime(2027, 3, 27, 7, tzinfo=UTC)),
        (datetime(2027, 3, 29, 6, tzinfo=UTC), 50, datetime(2027, 3, 27, 5, tzinfo=UTC)),
        # And back on 31.10.: 25 hours.
        (datetime(2027, 10, 31, 7, tzinfo=UTC), 24, datetime(2027, 10, 30, 6, tzinfo=UTC)),
        # A day before is an hour that was skipped: the moment after it.
        (datetime(2027, 3, 29, 0, 30, tzinfo=UTC), 24, datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_day_before_is_the_same_hour(start: datetime, hours: int, wanted: datetime) -> None:
    assert remind_at(start, hours, HELSINKI) == wanted


async def test_everybody_with_a_place_is_reminded_once(store: Settings) -> None:
    offering = await make_reminded(2)
    for number in (1, 2, 3):
        await take(offering, number, store)
    assert await remind_due(settings=store, now=DUE - timedelta(seconds=1)) == 0
    assert await remind_due(settings=store, now=DUE) == 2
    assert await remind_due(settings=store, now=DUE + HOUR) == 0
    assert await reminded(store) == ["guest1@example.fi", "guest2@example.fi"], "who waits is not"


async def test_many_processes_remind_once(store: Settings) -> None:
    offering = await make_reminded(30)
    for number in range(30):
        await take(offering, number, store)
    done = await asyncio.gather(*(remind_due(settings=store, now=DUE) for _each in range(4)))
    assert (sum(done), len(set(await reminded(store)))) == (30, 30)
    assert len(await reminded(store)) == 30


async def test_what_is_said(register: Settings) -> None:
    offering = await make_reminded()
    await take(offering, 1, register)
    await terms(offering, minimum=5)
    await remind_due(settings=register, now=DUE)
    mail = await Mail.get(template="place-reminder")
    for body in (mail.body_text, mail.body_html):
        for words in (
            "Track work safety",
            "11.4.2026 12:00–19:00",
            "https://meet.example/room",
            "It is not certain yet that it takes place",
            "cancel on your own page",
            "http://testserver/me",
        ):
            assert (words in body, words) == (True, words)
    assert (mail.subject, mail.calendar) == ("Reminder: Track work safety", "")


async def test_nothing_is_said_of_doubt_when_there_is_none(register: Settings) -> None:
    offering = await make_reminded()
    await take(offering, 1, register)
    await remind_due(settings=register, now=DUE)
    assert "not certain" not in (await Mail.get(template="place-reminder")).body_text


@pytest.mark.parametrize(
    ("before", "number"),
    [(HOUR + timedelta(seconds=1), 1), (HOUR, 0), (timedelta(), 0), (-HOUR, 0)],
)
async def test_who_has_just_been_told_is_spared(
    register: Settings, before: timedelta, number: int
) -> None:
    offering = await make_reminded()
    taken = await take(offering, 1, register)
    async with transaction():
        await Place.filter(id=taken.id).update(changed_at=DUE - before)
    assert await remind_due(settings=register, now=DUE + 2 * HOUR) == number


async def test_no_reminder_without_a_place_a_wish_or_a_future(register: Settings) -> None:
    without = await make_reminded(hours=None)
    off, gone, begun = [await make_reminded() for _each in range(3)]
    for offering in (without, off, gone, begun):
        taken = await take(offering, 1, register)
        if offering is gone:
            await cancel(taken.id, actor_id=None, settings=register, now=NOON)
    await cancel_session(off.id, actor_id=None, settings=register, now=NOON)
    assert await remind_due(settings=register, now=STARTS) == 0, "it has begun"
    await terms(begun, remind_hours=None)
    assert await remind_due(settings=register, now=DUE) == 0


async def _move(offering: Offering, by: timedelta, settings: Settings) -> None:
    training = await _training(offering.id)
    starts_at = STARTS + by
    given = session_given(
        training, 9, starts_at=starts_at, ends_at=starts_at + 7 * HOUR, remind_hours=24
    )
    await change_session(offering.id, given, actor_id=None, settings=settings, now=NOON)


async def _training(session_id: UUID) -> UUID:
    from registration.catalogue.queries import session

    return (await session(session_id)).training.id


async def test_a_later_day_is_reminded_of_anew(store: Settings) -> None:
    offering = await make_reminded()
    await take(offering, 1, store)
    assert await remind_due(settings=store, now=DUE) == 1
    await _move(offering, HOUR, store)
    assert await remind_due(settings=store, now=DUE + 2 * HOUR) == 0, "an hour later is no new day"
    await _move(offering, 3 * DAY, store)
    assert await remind_due(settings=store, now=DUE + 3 * DAY - HOUR) == 0
    assert await remind_due(settings=store, now=DUE + 3 * DAY) == 1
    assert await remind_due(settings=store, now=DUE + 3 * DAY + HOUR) == 0


async def test_a_job_that_was_away_reminds_late_but_not_too_late(register: Settings) -> None:
    offering = await make_reminded()
    await take(offering, 1, register)
    assert await remind_due(settings=register, now=STARTS - timedelta(minutes=1)) == 1


async def test_a_reminder_that_rolls_back_is_made_again(store: Settings) -> None:
    offering = await make_reminded()
    await take(offering, 1, store)

    async def fail() -> None:
        async with transaction():
            await remind_due(settings=store, now=DUE)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await reminded(store) == []
    assert await remind_due(settings=store, now=DUE) == 1
