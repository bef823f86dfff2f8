"""Moving an event: what guests were told stands, and who is asked again is asked once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from registration.catalogue import queries as catalogue
from registration.catering.deletion import delete_due
from registration.catering.foresight import Foreseen, foresee
from registration.catering.lost import ask_again, lost_diets
from registration.catering.models import SealedDiet, Vault
from registration.catering.rules import NotYourEvent
from registration.catering.service import change_diet
from registration.enrolment.changes import change_event
from registration.enrolment.models import Place
from registration.ledger.queries import receipts
from registration.mail.models import Mail
from registration.settings import Settings
from tests.catering.makers import (
    DUE,
    END,
    NOW,
    SECOND,
    START,
    diet,
    event_given,
    make_event,
    make_guest,
    organiser_of,
)

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)


async def moved(event_id: object, settings: Settings, *, by: timedelta, past: bool = False) -> None:
    assert hasattr(event_id, "hex")
    await change_event(
        event_id,  # type: ignore[arg-type]  # told above
        event_given(starts_at=START + by),
        actor_id=None,
        settings=settings,
        now=NOW,
        past=past,
    )


@pytest.mark.promise("P4")
async def test_it_goes_seven_days_after_the_first_end_told_wherever_it_moves(
    store: Settings,
) -> None:
    event = await make_event()
    await make_guest(event, diet("one"), settings=store)
    for _again in range(2):
        await moved(event.id, store, by=MONTH)
    assert (await catalogue.event(event.id)).erase_at == END + WEEK
    assert await delete_due(store, now=END + WEEK - SECOND) == 0
    assert await delete_due(store, now=END + WEEK) == 1
    assert [line.due_at for line in await receipts()] == [END + WEEK]
    assert await SealedDiet.all().count() == 0


@pytest.mark.promise("P4")
async def test_an_event_that_nobody_was_told_of_moves_freely(store: Settings) -> None:
    event = await make_event()
    await moved(event.id, store, by=MONTH)
    assert (await catalogue.event(event.id)).erase_at == DUE + MONTH
    await make_guest(event, diet("one"), settings=store)
    await moved(event.id, store, by=2 * MONTH)
    assert (await catalogue.event(event.id)).erase_at == END + MONTH + WEEK


@pytest.mark.promise("P4")
async def test_answers_that_went_before_the_event_are_asked_for_anew(store: Settings) -> None:
    event = await make_event()
    answered = await make_guest(event, diet("one"), settings=store)
    await make_guest(event, None, settings=store)
    await moved(event.id, store, by=MONTH)
    await delete_due(store, now=END + WEEK)
    later = END + WEEK + SECOND
    line = await catalogue.event(event.id)
    assert (line.diets_deleted_at, line.erase_at) == (None, DUE + MONTH)
    [mail] = await Mail.filter(template="place-diet-again")
    place = await Place.get(id=answered.id)
    assert (mail.person_id, place.diet_token) == (place.person_id, None)
    assert await Vault.all().count() == 0
    assert await delete_due(store, now=later) == 0
    await change_diet(answered.id, diet("two"), settings=store, now=later)
    assert await SealedDiet.all().count() == 1
    assert await delete_due(store, now=DUE + MONTH) == 1
    assert len(await receipts()) == 2
    assert await Mail.filter(template="place-diet-again").count() == 1


@pytest.mark.promise("P4")
async def test_an_event_moved_to_the_past_is_due_at_once(store: Settings) -> None:
    event = await make_event()
    await make_guest(event, diet("one"), settings=store)
    await moved(event.id, store, by=-timedelta(days=15), past=True)
    assert await delete_due(store, now=NOW) == 1


async def test_a_change_is_foreseen_before_it_is_saved(store: Settings) -> None:
    event = await make_event()
    line = await catalogue.event(event.id)
    later = event_given(starts_at=START + MONTH)
    assert await foresee(line, later, now=NOW) is None
    await make_guest(event, diet("one"), settings=store)
    assert await foresee(line, event_given(), now=NOW) is None
    assert await foresee(line, later, now=NOW) == Foreseen(
        1, DUE, END + WEEK, past=False, capped=True, early=True
    )
    sooner = event_given(erase_diets_after="PT0S")
    assert await foresee(line, sooner, now=NOW) == Foreseen(
        1, DUE, END, past=False, capped=False, early=False
    )
    without = event_given(catered=False)
    assert await foresee(line, without, now=NOW) == Foreseen(
        1, DUE, None, past=False, capped=False, early=False
    )
    over = event_given(starts_at=START - timedelta(days=15))
    found = await foresee(line, over, now=NOW)
    assert found is not None
    assert (found.past, found.after) == (True, DUE - timedelta(days=15))


@pytest.mark.promise("P5")
async def test_what_a_restored_register_lost_is_asked_for_once(store: Settings) -> None:
    event = await make_event()
    for _guest in range(3):
        await make_guest(event, diet("one"), settings=store)
    await make_guest(event, None, settings=store)
    line = await catalogue.event(event.id)
    assert await lost_diets(line, now=NOW) == []
    await SealedDiet.all().delete()  # a backup holds neither the rows nor their vault
    await Vault.all().delete()
    assert len(await lost_diets(line, now=NOW)) == 3
    with pytest.raises(NotYourEvent):
        await ask_again(event.id, identity=organiser_of(), settings=store, now=NOW)
    who = organiser_of(event.id)
    assert await ask_again(event.id, identity=who, settings=store, now=NOW) == 3
    assert await ask_again(event.id, identity=who, settings=store, now=NOW) == 0
    assert await lost_diets(line, now=NOW) == []
    mails = await Mail.filter(template="place-diet-again")
    assert len({mail.person_id for mail in mails}) == len(mails) == 3
    assert [mail for mail in mails if "vegan" in mail.body_text + mail.body_html] == []


@pytest.mark.promise("P4")
@pytest.mark.parametrize(
    ("ends_at", "due_at"),
    [
        ("2027-03-28T02:30:00+02:00", datetime(2027, 3, 29, 0, 30, tzinfo=UTC)),
        ("2027-10-31T03:30:00+03:00", datetime(2027, 11, 1, 0, 30, tzinfo=UTC)),
        ("2027-10-31T03:30:00+02:00", datetime(2027, 11, 1, 1, 30, tzinfo=UTC)),
    ],
    ids=["spring", "autumn-first", "autumn-second"],
)
async def test_a_day_after_is_24_hours_also_when_the_clocks_change(
    store: Settings, ends_at: str, due_at: datetime
) -> None:
    ends = datetime.fromisoformat(ends_at)
    event = await make_event(event_given(starts_at=ends - timedelta(hours=3), ends_at=ends))
    assert event.erase_at == due_at
    assert await delete_due(store, now=due_at - SECOND) == 0
    assert await delete_due(store, now=due_at) == 1
