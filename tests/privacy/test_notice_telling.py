"""People are told of a change that concerns them: once each, whatever stops it on the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from registration.accounts.rules import Role
from registration.mail.models import DeadAddress, Mail
from registration.mail.rules import address_hash
from registration.people.consents import allow
from registration.people.models import Person
from registration.people.rules import Contact, Purpose
from registration.privacy import notice_telling
from registration.privacy.datamap.parties import Category
from registration.privacy.models import NoticeVersion
from registration.privacy.notice_telling import next_due, tell_due
from registration.privacy.notice_versions import (
    NoticeState,
    SummaryGiven,
    keep_up,
    tell_people,
    versions,
)
from registration.settings import Settings
from tests.builders import NOON, make_account, make_participant, make_person
from tests.privacy.test_notice_versions import renamed
from tests.web.makers import make_event, take_place
from tests.web.makers import make_session as make_line

LATER = NOON + timedelta(days=1)


async def _changed(settings: Settings, *categories: Category) -> None:
    """Version 2 waits for a decision, and concerns these, or everybody."""
    await keep_up(settings, now=NOON)
    assert await keep_up(renamed(settings), now=LATER) == 2
    if categories:
        concerned = [each.value for each in categories]
        await NoticeVersion.filter(number=2).update(concerned=concerned)


async def _told() -> list[tuple[str, str]]:
    found = await Mail.filter(template="notice-changed").order_by("address")
    return [(mail.address, mail.language) for mail in found]


async def _decide(now: datetime = LATER, **texts: str) -> None:
    await tell_people(2, SummaryGiven(**texts), actor_id=None, now=now)


@pytest.mark.promise("P19")
async def test_everybody_is_told_once_in_their_language(store: Settings) -> None:
    await make_person(email="aino@example.fi", language="fi")
    await make_participant("sven@example.fi")
    await make_account(Role.STAFF, "sari@example.fi", language="sv")
    await _changed(store)
    await _decide()
    assert await tell_due(store, now=LATER) == 3
    assert await tell_due(store, now=LATER) == 0
    assert await _told() == [
        ("aino@example.fi", "fi"),
        ("sari@example.fi", "sv"),
        ("sven@example.fi", "en"),
    ]
    line = (await versions())[0]
    assert (line.state, line.told, line.finished_at) == (NoticeState.TOLD, 3, LATER)


async def test_nobody_is_told_before_a_decision_or_of_the_first_version(store: Settings) -> None:
    await make_person()
    await _changed(store)
    assert await tell_due(store, now=LATER + timedelta(days=6)) == 0
    assert await next_due() == LATER + timedelta(days=7)


@pytest.mark.promise("P19")
async def test_after_a_week_they_are_told_with_the_list_that_is_made_by_itself(
    store: Settings,
) -> None:
    await make_person(language="en")
    await _changed(store)
    assert await tell_due(store, now=LATER + timedelta(days=7)) == 1
    mail = await Mail.get(template="notice-changed")
    assert "- The words under “Who is responsible”" in mail.body_text
    assert "http://testserver/privacy/versions/2" in mail.body_text
    assert mail.subject == "Our privacy notice has changed"
    assert await next_due() is None


async def test_the_words_of_staff_stand_instead_where_there_are_any(store: Settings) -> None:
    await make_person(email="aino@example.fi", language="en")
    await make_person("Sven", "Berg", email="sven@example.fi", language="sv")
    await _changed(store)
    await _decide(en="We have <moved>.")
    await tell_due(store, now=LATER)
    english = await Mail.get(address="aino@example.fi")
    assert "We have <moved>." in english.body_text
    assert "We have &lt;moved&gt;." in english.body_html
    assert "Who is responsible" not in english.body_text
    swedish = await Mail.get(address="sven@example.fi")
    assert "moved" not in swedish.body_text
    assert "Vem som ansvarar" in swedish.body_text


@pytest.mark.promise("P19")
async def test_it_goes_on_where_it_was_stopped(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_telling, "BATCH", 2)
    for number in range(5):
        await make_person("Aino", f"Virtanen{'abcde'[number]}", email=f"p{number}@example.fi")
    await make_account(Role.STAFF, "sari@example.fi")
    await _changed(store)
    await _decide()
    first = await tell_due(store, now=LATER, batches=1)
    second = await tell_due(store, now=LATER, batches=1)
    rest = await tell_due(store, now=LATER)
    assert (first, second, rest) == (2, 2, 2)
    assert [address for address, _language in await _told()] == [
        *(f"p{number}@example.fi" for number in range(5)),
        "sari@example.fi",
    ]


async def test_a_batch_that_dies_on_the_way_has_told_nobody(
    store: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail and how far it came are one transaction: another try tells the same people."""
    await make_person()
    await _changed(store)
    await _decide()
    with monkeypatch.context() as broken:
        broken.setattr(NoticeVersion, "save", _dies)
        with pytest.raises(OSError, match="the lights went out"):
            await tell_due(store, now=LATER)
    assert await _told() == []
    assert await tell_due(store, now=LATER) == 1


async def _dies(self: NoticeVersion, **given: object) -> None:
    raise OSError("the lights went out")


@pytest.mark.promise("P17")
@pytest.mark.parametrize(
    ("concerned", "expected"),
    [
        (Category.TRAINING_PARTICIPANT, "trained@example.fi"),
        (Category.EVENT_PARTICIPANT, "guest@example.fi"),
        (Category.POTENTIAL_CUSTOMER, "reader@example.fi"),
        (Category.TRAINER, "tea@example.fi"),
        (Category.STAFF, "sari@example.fi"),
    ],
)
async def test_only_who_is_in_the_category_is_told(
    store: Settings, concerned: Category, expected: str
) -> None:
    trained = Contact("Tero", "Trained", "trained@example.fi")
    await take_place(await make_line(), store, contact=trained, at=NOON)
    guest = Contact("Gun", "Guest", "guest@example.fi")
    await take_place(await make_event(), store, contact=guest, at=NOON)
    reader = await make_person("Riku", "Reader", email="reader@example.fi")
    await allow(
        reader.id, [Purpose.NEWSLETTER], language="fi", proven=True, secret=store.secret, now=NOON
    )
    await make_person("Nobody", "Nowhere", email="nobody@example.fi")
    await make_account(Role.TRAINER, "tea@example.fi")
    await make_account(Role.STAFF, "sari@example.fi")
    await _changed(store, concerned)
    await _decide()
    await tell_due(store, now=LATER)
    assert [address for address, _language in await _told()] == [expected]


async def test_not_to_the_erased_the_unreachable_or_who_came_later(store: Settings) -> None:
    erased = await make_person("Erased", "Person", email="erased@example.fi")
    await Person.filter(id=erased.id).update(email="")
    await make_person("Dead", "Box", email="dead@example.fi")
    await DeadAddress.create(
        id=uuid4(),
        address_hash=address_hash(store.secret, "dead@example.fi"),
        code="5.1.1",
        bounced_at=NOON,
    )
    await make_person("Later", "Comer", email="later@example.fi", now=LATER + timedelta(hours=1))
    await make_person("Aino", "Virtanen", email="aino@example.fi")
    await _changed(store)
    await _decide(now=LATER + timedelta(hours=2))
    assert await tell_due(store, now=LATER + timedelta(hours=2)) == 1
    assert [address for address, _language in await _told()] == ["aino@example.fi"]


async def test_who_works_and_takes_part_under_one_address_has_one_mail(store: Settings) -> None:
    await make_participant("sari@example.fi")
    await make_account(Role.STAFF, "sari@example.fi", "Sari Staff")
    await _changed(store)
    await _decide()
    assert await tell_due(store, now=LATER) == 1
    assert [address for address, _language in await _told()] == ["sari@example.fi"]
