"""A yes counts when its address is proven, in the words that were read, until it is taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from registration.enrolment.service import sign_up
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people import queries as people
from registration.people.allowing import ASK_PAUSE, SENT, UNCONFIRMED_FOR, AskNotFound, Channel
from registration.people.asking import ask_due, ask_token
from registration.people.consents import allow, refuse
from registration.people.legacy import note_addresses
from registration.people.models import Consent, Person
from registration.people.prohibitions import forbidden
from registration.people.queries import ConsentLine
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import correct
from registration.people.subscribing import asked, confirm_asked, subscribe
from registration.people.wording import CURRENT, EVER
from registration.privacy.subscribers import forget_unconfirmed
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.enrolment.makers import make_session, wish
from tests.people.makers import tick

LATER = NOON + timedelta(hours=1)
ANNA = Contact("Anna", "Aalto", "anna@example.fi", language="sv")


async def lines(person_id: UUID) -> list[tuple[str, str]]:
    """Purpose and state of each consent, the newest first."""
    return [(line.purpose.value, state(line)) for line in await people.consents(person_id)]


def state(line: ConsentLine) -> str:
    if line.counts:
        return "yes"
    return "waits" if line.waits else "ended"


async def link() -> str:
    """The token in the newest mail that asks."""
    mail = await Mail.filter(template="consent-asked").order_by("-queued_at").first()
    assert mail is not None
    found = re.search(r"/consent/(\S+)", mail.body_text)
    assert found
    return found[1]


def test_each_version_of_the_words_is_as_it_was_read() -> None:
    """Other words are a new version: what people said yes to is never changed under them."""
    assert {
        f"{each.purpose} {each.version}": [each.digest(code)[:8] for code in ("fi", "sv", "en")]
        for each in EVER
    } == DIGESTS
    assert {code for each in EVER for code in each.texts} == {"fi", "sv", "en"}
    assert set(CURRENT) == set(Purpose)


DIGESTS = {
    "newsletter 2026-11": ["8dd50d9a", "ad5566d6", "113d5dd1"],
    "surveys 2026-11": ["9019f89b", "5fbbcd27", "39f7c303"],
    "marketing 2026-11": ["c3e70a7c", "501bb03d", "5a65397f"],
    "newsletter newsletter-1": ["05115fe9", "f56eb861", "831c5c14"],
    "surveys surveys-1": ["1863c391", "3a7349f2", "dd7ead33"],
    "marketing marketing-1": ["47066fbf", "a7cb2a13", "511e60e5"],
    "notice 2026-11": ["4cede62e", "6e31e26d", "b4adce10"],
}


@pytest.mark.promise("P10")
async def test_a_tick_beside_a_typed_address_is_no_yes_until_its_reader_confirms(
    store: Settings,
) -> None:
    offering = await make_session(seats=3)
    asks = wish(1, consents=(Purpose.NEWSLETTER, Purpose.SURVEYS), read_in="sv")
    taken = await sign_up(offering, asks, settings=store, now=NOON)
    assert sorted(await lines(taken.person_id)) == [("newsletter", "waits"), ("surveys", "waits")]
    assert await ask_due(store, now=LATER) == 1
    mail = await Mail.get(template="consent-asked")
    assert (mail.purpose, mail.drop_at) == ("rights", LATER + UNCONFIRMED_FOR)
    shown = await asked(await link(), settings=store, now=LATER)
    assert [line.words for line in shown] == [
        CURRENT[Purpose.NEWSLETTER].text("sv"),
        CURRENT[Purpose.SURVEYS].text("sv"),
    ]
    chosen = [line.id for line in shown if line.purpose is Purpose.SURVEYS]
    assert await confirm_asked(await link(), chosen, settings=store, now=LATER) == [Purpose.SURVEYS]
    assert sorted(await lines(taken.person_id)) == [("newsletter", "waits"), ("surveys", "yes")]
    row = await Consent.get(purpose="surveys")
    words = CURRENT[Purpose.SURVEYS]
    assert (row.text_version, row.language, row.text_digest, row.source, row.channel) == (
        words.version,
        "sv",
        words.digest("sv"),
        "self",
        "email",
    )
    assert (row.given_at, row.confirmed_at) == (NOON, LATER)
    assert await Entry.filter(act="consent-given").count() == 1


async def test_a_sign_up_that_ticks_nothing_writes_no_consent_and_asks_nobody(
    store: Settings,
) -> None:
    await sign_up(await make_session(seats=3), wish(1), settings=store, now=NOON)
    assert await Consent.all().count() == 0
    assert await ask_due(store, now=LATER) == 0


async def test_a_tick_by_who_has_shown_the_address_to_be_theirs_counts_at_once(
    store: Settings,
) -> None:
    person = await make_person()
    asks = wish(1, consents=(Purpose.NEWSLETTER,), logged_in=person.id, proven=True)
    offering = await make_session(seats=3)
    contact = Contact("Aino", "Virtanen", "aino@example.fi", language="en")
    taken = await sign_up(offering, replace(asks, contact=contact), settings=store, now=NOON)
    assert await lines(taken.person_id) == [("newsletter", "yes")]
    other = await sign_up(
        await make_session(seats=3),
        replace(asks, contact=Contact("Olli", "Oja", "olli@example.fi")),
        settings=store,
        now=NOON,
    )
    assert await lines(other.person_id) == [("newsletter", "waits")], "not the one logged in"


async def test_nobody_is_asked_twice_a_day_whoever_types_the_address(store: Settings) -> None:
    for first in ("Anna", "Bo"):
        person = await make_person(first, email="shared@example.fi")
        await tick(person, Purpose.NEWSLETTER, settings=store)
    assert await ask_due(store, now=NOON) == 1
    await tick(person, Purpose.SURVEYS, settings=store, now=LATER)
    assert await ask_due(store, now=LATER) == 0
    assert await ask_due(store, now=NOON + ASK_PAUSE) == 1, "the other one, a day later"
    assert await Mail.filter(template="consent-asked").count() == 2
    again = NOON + 2 * ASK_PAUSE
    await tick(person, Purpose.SURVEYS, settings=store, now=again)
    assert await ask_due(store, now=again) == 1, "ticked once more, another day"


@pytest.mark.promise("P17")
async def test_what_nobody_confirms_is_gone_after_a_week_and_the_person_with_it(
    store: Settings,
) -> None:
    await subscribe(ANNA, [Purpose.NEWSLETTER], read_in="sv", settings=store, now=NOON)
    offering = await make_session(seats=3)
    guest = await sign_up(
        offering, wish(1, consents=(Purpose.NEWSLETTER,)), settings=store, now=NOON
    )
    await ask_due(store, now=NOON)
    assert await forget_unconfirmed(now=NOON + UNCONFIRMED_FOR - timedelta(seconds=1)) == 0
    assert await forget_unconfirmed(now=NOON + UNCONFIRMED_FOR) == 2
    assert [row.id for row in await Person.all()] == [guest.person_id]
    assert await Consent.all().count() == 0
    assert await Mail.filter(template="consent-asked", person_id=guest.person_id).count() == 1
    assert await Mail.exclude(person_id=guest.person_id).count() == 0


async def test_who_confirmed_stays(store: Settings) -> None:
    await subscribe(ANNA, [Purpose.NEWSLETTER], read_in="sv", settings=store, now=NOON)
    await ask_due(store, now=NOON)
    token = await link()
    ids = [line.id for line in await asked(token, settings=store, now=NOON)]
    await confirm_asked(token, ids, settings=store, now=LATER)
    assert await forget_unconfirmed(now=NOON + 9 * UNCONFIRMED_FOR) == 0
    assert await lines((await Person.get()).id) == [("newsletter", "yes")]


async def test_a_link_confirms_once_for_a_week_and_only_what_its_mail_asked(
    store: Settings,
) -> None:
    person = await make_person()
    await tick(person, Purpose.NEWSLETTER, settings=store)
    await ask_due(store, now=NOON)
    token = await link()
    await tick(person, Purpose.MARKETING, settings=store, now=LATER)
    shown = await asked(token, settings=store, now=LATER)
    assert [line.purpose for line in shown] == [Purpose.NEWSLETTER]
    added = [row.id for row in await Consent.all()]
    assert await confirm_asked(token, added, settings=store, now=LATER) == [Purpose.NEWSLETTER]
    assert sorted(await lines(person.id)) == [("marketing", "waits"), ("newsletter", "yes")]
    for bad in (token, token + "x", "", "a" * 999, ask_token(person.id, store)):
        with pytest.raises(AskNotFound):
            await confirm_asked(bad, added, settings=store, now=LATER)
    await ask_due(store, now=NOON + ASK_PAUSE)
    with pytest.raises(AskNotFound):
        await asked(await link(), settings=store, now=NOON + ASK_PAUSE + UNCONFIRMED_FOR)


async def test_another_address_needs_another_yes(store: Settings) -> None:
    """What was said yes to was mail to that address."""
    person = await make_person()
    await tick(person, Purpose.NEWSLETTER, settings=store, proven=True)
    moved = Contact("Aino", "Virtanen", "new@example.fi", language="en")
    await correct(person.id, moved, actor_id=None, now=LATER)
    await allow(
        person.id, [Purpose.NEWSLETTER], language="en", proven=True, secret=store.secret, now=LATER
    )
    assert await lines(person.id) == [("newsletter", "yes"), ("newsletter", "ended")]
    assert [row.withdrawn_source for row in await Consent.all().order_by("given_at")] == [
        "replaced",
        "",
    ]


async def test_no_to_everything_ends_every_yes_and_closes_every_channel(store: Settings) -> None:
    person = await make_person()
    await tick(person, *SENT, settings=store, proven=True)
    everything = Contact(
        "Aino", "Virtanen", "aino@example.fi", "+358401234567", "Katu 1", "00100", language="en"
    )
    await correct(person.id, everything, actor_id=None, now=NOON)
    await refuse(person.id, SENT, tuple(Channel), secret=store.secret, now=LATER)
    assert {said for _purpose, said in await lines(person.id)} == {"ended"}
    for channel, address in (
        (Channel.EMAIL, "AINO@example.fi "),
        (Channel.PHONE, "040 123 4567"),
        (Channel.LETTER, "katu 1, 00100"),
    ):
        closed = await forbidden([address], Purpose.MARKETING, channel, secret=store.secret)
        assert closed == {address}
    await allow(
        person.id, [Purpose.SURVEYS], language="en", proven=True, secret=store.secret, now=LATER
    )
    assert ("surveys", "yes") not in await lines(person.id), "at the same moment, no wins"
    after = LATER + timedelta(seconds=1)
    await allow(
        person.id, [Purpose.SURVEYS], language="en", proven=True, secret=store.secret, now=after
    )
    assert ("surveys", "yes") in await lines(person.id)


async def test_yeses_from_before_count_once_their_address_is_known(store: Settings) -> None:
    """As the migration leaves them: confirmed as of then, and without an address."""
    person, left = await make_person(), await make_person("Olli", email="olli@example.fi")
    for whose, ended in ((person, None), (left, LATER)):
        await Consent.create(
            id=whose.id,
            person_id=whose.id,
            purpose="newsletter",
            text_version="2026-11",
            source="self",
            given_at=NOON,
            confirmed_at=NOON,
            withdrawn_at=ended,
        )
    assert await note_addresses(store) == 2
    assert await note_addresses(store) == 0
    assert await lines(person.id) == [("newsletter", "yes")]
    [line] = await people.consents(person.id)
    assert line.words == "Newsletters on trainings and events"
    closed = await forbidden([person.email, left.email], Purpose.NEWSLETTER, secret=store.secret)
    assert closed == {left.email}, "a yes that was withdrawn then is a no now"


async def test_having_read_the_notice_is_kept_once_and_is_no_yes_to_mail(store: Settings) -> None:
    person = await make_person()
    for _each in range(2):
        await tick(person, Purpose.NOTICE, settings=store, source=Source.API)
    assert await lines(person.id) == [("notice", "yes")]
    assert await ask_due(store, now=LATER) == 0
