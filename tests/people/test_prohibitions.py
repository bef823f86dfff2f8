"""A no stands at its address, whatever becomes of the person, until they say yes themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registration.enrolment.service import sign_up
from registration.forms import FieldRefused
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people import queries as people
from registration.people.allowing import ASK_PAUSE, SENT, UNCONFIRMED_FOR, Channel, NoFrom, key_of
from registration.people.asking import ask_due
from registration.people.consents import refuse
from registration.people.models import Consent, Person, Prohibition
from registration.people.prohibitions import forbid, forbidden
from registration.people.rules import Purpose, Source
from registration.privacy.erasure import erase
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.enrolment.makers import make_session, wish
from tests.people.makers import tick

LATER = NOON + timedelta(hours=1)
AINO = "aino@example.fi"


async def no(
    settings: Settings, *purposes: Purpose, address: str = AINO, channel: Channel = Channel.EMAIL
) -> None:
    await forbid(
        address,
        purposes or SENT,
        channel,
        source=NoFrom.STAFF,
        secret=settings.secret,
        now=LATER,
    )


@pytest.mark.promise("P10")
async def test_a_no_outlives_an_erasure_as_a_key_that_names_nobody(store: Settings) -> None:
    person = await make_person()
    await tick(person, *SENT, settings=store, proven=True)
    await refuse(person.id, [Purpose.MARKETING], secret=store.secret, now=LATER)
    await erase(person.id, actor_id=None, settings=store, now=LATER)
    assert await Person.all().count() == 0
    assert await Consent.all().count() == 0
    row = await Prohibition.get()
    assert row.address_key == key_of(Channel.EMAIL, AINO, secret=store.secret)
    assert row.address_key != key_of(Channel.EMAIL, AINO, secret="another")
    assert AINO not in str(row.__dict__)
    closed = await forbidden([AINO, "olli@example.fi"], Purpose.MARKETING, secret=store.secret)
    assert closed == {AINO}
    assert await forbidden([AINO], Purpose.NEWSLETTER, secret=store.secret) == set()


@pytest.mark.promise("P10")
@pytest.mark.parametrize("source", [Source.API, Source.STAFF, Source.IMPORT, Source.COMPANY])
async def test_what_others_bring_makes_no_yes_where_the_address_said_no(
    store: Settings, source: Source
) -> None:
    await no(store, Purpose.NEWSLETTER)
    person = await make_person()
    refused = await tick(
        person, Purpose.NEWSLETTER, Purpose.SURVEYS, settings=store, source=source, now=LATER
    )
    assert refused == {person.id: (Purpose.NEWSLETTER,)}
    assert [row.purpose for row in await Consent.all()] == ["surveys"]
    assert [line.waits for line in await people.consents(person.id)] == [True]


@pytest.mark.promise("P10")
async def test_the_readers_own_form_asks_once_a_week_and_their_yes_outweighs_the_no(
    store: Settings,
) -> None:
    await no(store)
    person = await make_person()
    for hours in (2, 30, 60):
        now = NOON + timedelta(hours=hours)
        await tick(person, Purpose.NEWSLETTER, settings=store, now=now)
        await ask_due(store, now=now)
    assert await Mail.filter(template="consent-asked").count() == 1
    again = NOON + timedelta(hours=2) + UNCONFIRMED_FOR
    await tick(person, Purpose.SURVEYS, settings=store, now=again)
    await ask_due(store, now=again)
    assert await Mail.filter(template="consent-asked").count() == 2
    await tick(person, Purpose.NEWSLETTER, settings=store, proven=True, now=again)
    yes = [line.purpose for line in await people.consents(person.id) if line.counts]
    assert yes == [Purpose.NEWSLETTER]
    assert await Prohibition.all().count() == 3, "the no of the address stands, for others"


async def test_an_open_address_is_asked_again_after_a_day(store: Settings) -> None:
    person = await make_person()
    for days in range(3):
        now = NOON + days * ASK_PAUSE
        await tick(person, Purpose.NEWSLETTER, settings=store, now=now)
        await ask_due(store, now=now)
    assert await Mail.filter(template="consent-asked").count() == 3


@pytest.mark.promise("P10")
async def test_of_two_at_one_address_the_no_of_one_holds_for_both(store: Settings) -> None:
    """The next mail would be read by whoever said no. The other one's own later yes is theirs."""
    one, other = await make_person("Anna", email=AINO), await make_person("Bo", email=AINO)
    for person in (one, other):
        await tick(person, Purpose.NEWSLETTER, settings=store, proven=True)
    await refuse(one.id, [Purpose.NEWSLETTER], secret=store.secret, now=LATER)
    ends = {row.person_id: row.withdrawn_source for row in await Consent.all()}
    assert ends == {one.id: "page", other.id: "address"}
    after = LATER + timedelta(minutes=1)
    await tick(other, Purpose.NEWSLETTER, settings=store, proven=True, now=after)
    counts = {
        person.id: [line.counts for line in await people.consents(person.id)]
        for person in (one, other)
    }
    assert counts == {one.id: [False], other.id: [True, False]}


async def test_a_no_said_twice_is_one_no(store: Settings) -> None:
    for _each in range(2):
        await no(store, Purpose.SURVEYS)
    assert [row.since for row in await Prohibition.all()] == [LATER]
    entries = await Entry.filter(act="forbidden")
    assert [entry.detail for entry in entries] == [
        '{"purpose":"surveys","codes":["email","staff"]}'
    ]


@pytest.mark.parametrize(
    ("channel", "address"), [(Channel.EMAIL, "no address"), (Channel.PHONE, "call me")]
)
async def test_what_is_no_address_is_refused(
    store: Settings, channel: Channel, address: str
) -> None:
    with pytest.raises(FieldRefused):
        await no(store, address=address, channel=channel)
    assert await Prohibition.all().count() == 0


async def test_a_withdrawn_tick_cannot_be_confirmed_by_its_link(store: Settings) -> None:
    offering = await make_session(seats=3)
    taken = await sign_up(
        offering, wish(1, consents=(Purpose.NEWSLETTER,)), settings=store, now=NOON
    )
    await ask_due(store, now=NOON)
    await refuse(taken.person_id, [Purpose.NEWSLETTER], secret=store.secret, now=LATER)
    assert [line.waits for line in await people.consents(taken.person_id)] == [False]
    assert await Entry.filter(act="consent-withdrawn").count() == 0, "it never was a yes"


async def test_many_addresses_are_looked_up_at_once(store: Settings) -> None:
    await no(store, Purpose.MARKETING, address="guest7@example.fi")
    addresses = [f"guest{number}@example.fi" for number in range(1200)]
    found = await forbidden(addresses, Purpose.MARKETING, secret=store.secret)
    assert found == {"guest7@example.fi"}
