"""Who wants to hear of a date: told once, by one process, and easily forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from registration.catalogue.queries import training_by_slug
from registration.catalogue.rules import State, TrainingNotFound
from registration.enrolment.interests import (
    KEPT,
    drop_interests,
    forget_by_token,
    forget_interest,
    interest_token,
    interests_of,
    look_at_token,
    tell_interested,
    tell_me,
)
from registration.enrolment.models import Interest
from registration.mail.models import Mail
from registration.people.models import Person
from registration.people.rules import Source
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import make_session, make_training, wish

BEFORE = NOON - timedelta(days=1)


async def test_who_asked_is_told_once_when_a_date_opens(store: Settings) -> None:
    training = await make_training()
    for number in range(3):
        contact = wish(number).contact
        await tell_me(contact, training, source=Source.SELF, settings=store, now=BEFORE)
    await tell_me(wish(1).contact, training, source=Source.SELF, settings=store, now=BEFORE)
    assert await Mail.filter(template="interest-noted").count() == 3
    assert await tell_interested(store, now=BEFORE) == 0
    await make_session(2, training=training, state=State.DRAFT)
    assert await tell_interested(store, now=NOON) == 0
    opens = NOON + timedelta(days=2)
    offering = await make_session(2, training=training, opens_at=opens)
    assert await tell_interested(store, now=NOON) == 0
    told = await asyncio.gather(*(tell_interested(store, now=opens) for _process in range(2)))
    assert sum(told) == 3
    mails = await Mail.filter(template="interest-open")
    assert {mail.person_id for mail in mails} == {each.id for each in await Person.all()}
    assert len(mails) == 3
    assert all(f"{store.base_url}{offering.path}" in mail.body_text for mail in mails)
    assert await tell_interested(store, now=opens) == 0


async def test_dates_that_were_there_before_are_no_news(store: Settings) -> None:
    training = await make_training()
    await make_session(2, training=training)
    later = NOON + timedelta(hours=1)
    await tell_me(wish(1).contact, training, source=Source.SELF, settings=store, now=later)
    assert await tell_interested(store, now=later) == 0


async def test_a_wish_is_withdrawn_by_its_link_or_on_the_own_page(store: Settings) -> None:
    training = await make_training()
    contact = wish(1).contact
    for _time in range(2):
        await tell_me(contact, training, source=Source.SELF, settings=store, now=NOON)
    (row,) = await Interest.all()
    token = interest_token(row.id, store)
    mail = await Mail.get(template="interest-noted")
    assert f"{store.base_url}/interest/{token}" in mail.body_text
    line = await look_at_token(token, settings=store)
    assert line == (await interests_of(row.person_id))[0]
    assert await look_at_token(token.swapcase(), settings=store) is None
    assert await forget_by_token(token, settings=store)
    assert not await forget_by_token(token, settings=store)
    await tell_me(contact, training, source=Source.SELF, settings=store, now=NOON)
    await forget_interest(row.person_id, training)
    assert await interests_of(row.person_id) == []


async def test_a_wish_lives_a_year(store: Settings) -> None:
    training = await make_training()
    await tell_me(wish(1).contact, training, source=Source.SELF, settings=store, now=NOON)
    assert await drop_interests(now=NOON + KEPT - timedelta(seconds=1)) == 0
    assert await drop_interests(now=NOON + KEPT) == 1


async def test_what_is_not_published_is_not_there(store: Settings) -> None:
    training = await make_training()
    from registration.catalogue.models import Training

    await Training.filter(id=training).update(published=False)
    with pytest.raises(TrainingNotFound):
        await tell_me(wish(1).contact, training, source=Source.SELF, settings=store, now=NOON)
    assert (await training_by_slug("ratatyoturvallisuus")).id == training
