"""Staff write a newsletter: tried on oneself, sent once to each who said yes, then forgotten."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from registration import clock
from registration.db import transaction
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.sending import send_due
from registration.people import mailings
from registration.people.allowing import SENT, NoFrom
from registration.people.mailings import BATCH, audience, mailing, send_mailings, start, write
from registration.people.models import Consent, Mailing, Person, Prohibition
from registration.people.news import TEXT_KEPT, MailingState, NotDraft, NotTested, blocks_of
from registration.people.prohibitions import forbid
from registration.people.rules import Purpose
from registration.settings import Settings
from tests.builders import NOON, log_in, make_account, make_person
from tests.conftest import Inbox
from tests.people.makers import tick

TEXTS = {
    "fi": {"subject": "Uusia päiviä", "body": "Hei,\n\n- rata\n- sähkö\n\nhttps://raide.example/"},
    "sv": {"subject": "Nya datum", "body": "Hej!"},
}
ME = Addressee("staff@example.fi", "Sari Staff", "fi", account_id=uuid4())


async def readers(settings: Settings, number: int) -> list[Person]:
    found = []
    for each in range(number):
        person = await make_person(f"Reader{each}", email=f"reader{each}@example.fi")
        await tick(person, Purpose.NEWSLETTER, settings=settings, proven=True)
        found.append(person)
    return found


async def sending(settings: Settings, **texts: dict[str, str]) -> Mailing:
    """A newsletter that was tried out and started."""
    purpose = MailPurpose.NEWSLETTER
    made = await write(None, purpose, texts or TEXTS, actor_id=uuid4(), now=NOON)
    await mailings.try_out(made, ME, language="fi", settings=settings, now=NOON)
    await start(made, actor_id=uuid4(), now=NOON)
    await Mail.filter(purpose="access").update(state="sent")
    return await Mailing.get(id=made)


@pytest.mark.promise("P10")
async def test_it_goes_once_to_each_who_said_yes_and_to_nobody_else(
    store: Settings, mail_server: tuple[str, Inbox]
) -> None:
    settings = store.model_copy(update={"smtp_url": mail_server[0]})
    known = await readers(settings, 4)
    await tick(
        await make_person("No", email="no@example.fi"), Purpose.NEWSLETTER, settings=settings
    )
    await tick(
        await make_person("Other", email="other@example.fi"),
        Purpose.SURVEYS,
        settings=settings,
        proven=True,
    )
    shared = await make_person("Shared", email=known[0].email)
    await tick(shared, Purpose.NEWSLETTER, settings=settings, proven=True)
    row = await sending(settings)
    assert row.total == 4
    await forbid(known[3].email, SENT, source=NoFrom.LINK, secret=settings.secret, now=NOON)
    assert await send_mailings(settings, now=NOON) == 3
    assert await send_mailings(settings, now=NOON) == 0
    assert await send_due(settings) == 3
    arrived = sorted(str(message["To"]) for message in mail_server[1].messages)
    assert arrived == [f"reader{number}@example.fi" for number in range(3)]
    line = await mailing(row.id)
    assert (line.state, line.queued, line.ended_at) == (MailingState.SENT, 3, NOON)


async def test_each_reads_it_in_their_language_or_the_first_there_is(store: Settings) -> None:
    for language in ("fi", "sv", "en"):
        person = await make_person(language, email=f"{language}@example.fi", language=language)
        await tick(person, Purpose.NEWSLETTER, settings=store, proven=True)
    await sending(store)
    await send_mailings(store, now=NOON)
    mails = {mail.address[:2]: mail for mail in await Mail.filter(purpose="newsletter")}
    assert {code: mail.subject for code, mail in mails.items()} == {
        "fi": "Uusia päiviä",
        "sv": "Nya datum",
        "en": "Uusia päiviä",
    }
    assert '<html lang="fi">' in mails["en"].body_html
    assert '<a href="https://raide.example/"' in mails["fi"].body_html
    links = {mail.body_text.splitlines()[-1] for mail in mails.values()}
    assert len(links) == 3, "each has a link of their own"


async def test_it_goes_on_where_it_was_stopped_and_nobody_has_it_twice(store: Settings) -> None:
    """A crash between two batches: what is in the outbox and how far it came are one."""
    await readers(store, 2 * BATCH + 5)
    row = await sending(store)
    first = await mailings._send_batch(row.id, store, now=NOON)
    with pytest.raises(RuntimeError):
        await _broken(row, store)
    assert (first, await Mail.filter(purpose="newsletter").count()) == (BATCH, BATCH)
    assert await send_mailings(store, now=NOON) == BATCH + 5
    addresses = [mail.address for mail in await Mail.filter(purpose="newsletter")]
    assert (len(addresses), len(set(addresses))) == (2 * BATCH + 5, 2 * BATCH + 5)


async def _broken(row: Mailing, settings: Settings) -> None:
    async with transaction():
        await mailings._send_batch(row.id, settings, now=NOON)
        raise RuntimeError("the machine went away")


async def test_stopped_is_stopped(store: Settings) -> None:
    await readers(store, BATCH + 1)
    row = await sending(store)
    await mailings._send_batch(row.id, store, now=NOON)
    await mailings.stop(row.id, now=NOON)
    assert await send_mailings(store, now=NOON) == 0
    assert (await mailing(row.id)).queued == BATCH


async def test_its_words_are_forgotten_after_a_month(store: Settings) -> None:
    await readers(store, 1)
    row = await sending(store)
    await send_mailings(store, now=NOON)
    early = NOON + TEXT_KEPT - timedelta(seconds=1)
    assert await mailings.forget_texts(now=early) == 0
    assert await mailings.forget_texts(now=NOON + TEXT_KEPT) == 1
    line = await mailing(row.id)
    assert (line.texts, line.state, line.queued) == ({}, MailingState.SENT, 1)


async def test_first_to_oneself_and_again_after_a_change(store: Settings) -> None:
    await readers(store, 1)
    purpose, actor = MailPurpose.NEWSLETTER, uuid4()
    made = await write(None, purpose, TEXTS, actor_id=actor, now=NOON)
    with pytest.raises(NotTested):
        await start(made, actor_id=actor, now=NOON)
    await mailings.try_out(made, ME, language="sv", settings=store, now=NOON)
    later = NOON + timedelta(minutes=1)
    await write(made, purpose, TEXTS, actor_id=actor, now=later)
    with pytest.raises(NotTested):
        await start(made, actor_id=actor, now=later)
    await mailings.try_out(made, ME, language="sv", settings=store, now=later)
    await start(made, actor_id=actor, now=later)
    with pytest.raises(NotDraft):
        await write(made, purpose, TEXTS, actor_id=actor, now=later)
    tests = await Mail.filter(template="news")
    assert [(mail.address, mail.purpose, mail.subject) for mail in tests] == [
        ("staff@example.fi", "access", "Nya datum")
    ] * 2
    assert await Consent.filter(purpose="newsletter").count() == 1


async def test_offers_have_readers_of_their_own(store: Settings) -> None:
    [person] = await readers(store, 1)
    assert await audience(MailPurpose.MARKETING) == 0
    await tick(person, Purpose.MARKETING, settings=store, proven=True)
    assert await audience(MailPurpose.MARKETING) == 1


def test_what_staff_type_becomes_paragraphs_points_and_links() -> None:
    blocks = blocks_of("One\r\ntwo\r\n\r\n- a\n- b (see https://x.example/y).\n\n\n<b>no</b>")
    assert [(block.points, len(block.lines)) for block in blocks] == [
        (False, 2),
        (True, 2),
        (False, 1),
    ]
    pieces = [(piece.text, piece.link) for piece in blocks[1].lines[1]]
    assert pieces == [("b (see ", False), ("https://x.example/y", True), (").", False)]
    assert blocks[2].lines[0][0].text == "<b>no</b>"


async def staff(client: httpx.AsyncClient) -> None:
    await log_in(client, await make_account(email="staff@example.fi"))


async def test_pages_from_writing_to_sent(client: httpx.AsyncClient, settings: Settings) -> None:
    await staff(client)
    [reader] = await readers(settings, 1)
    page = await client.get("/staff/mail/news")
    assert "Nothing was written yet" in page.text
    bad = await client.post("/staff/mail/news/new", data={"subject_fi": "Hei", "body_fi": ""})
    assert bad.status_code == 422
    assert "Write both the subject and the text." in bad.text
    typed = {"kind": "newsletter", "subject_fi": "Hei", "body_fi": "<script>x</script>"}
    made = await client.post("/staff/mail/news/new", data=typed)
    home = made.headers["location"]
    page = await client.get(home)
    assert "&lt;script&gt;x&lt;/script&gt;" in page.text
    assert "Send it to 1 address" not in page.text, "not before it was tried"
    early = await client.post(f"{home}/send")
    assert (early.status_code, "Send it to yourself first" in early.text) == (409, True)
    assert (await client.post(f"{home}/test", data={"language": "fi"})).status_code == 303
    assert "Send it to 1 address" in (await client.get(home)).text
    assert (await client.post(f"{home}/send")).status_code == 303
    await send_mailings(settings, now=clock.now())
    page = await client.get(home)
    assert "Addresses that had their turn" in page.text
    [mail] = await Mail.filter(purpose="newsletter")
    assert (mail.address, "&lt;script&gt;" in mail.body_html) == (reader.email, True)
    assert (await client.post(f"{home}/stop")).status_code == 409
    assert (await client.post(f"{home}/delete")).status_code == 409
    assert "Sent" in (await client.get("/staff/mail/news")).text


async def test_a_draft_can_be_changed_and_thrown_away(client: httpx.AsyncClient) -> None:
    await staff(client)
    typed = {"kind": "marketing", "subject_sv": "Hej", "body_sv": "Text"}
    home = (await client.post("/staff/mail/news/new", data=typed)).headers["location"]
    page = (await client.get(f"{home}/edit")).text
    assert 'value="Hej"' in page
    await client.post(f"{home}/edit", data=typed | {"subject_sv": "Hej då"})
    assert "Hej då" in (await client.get(home)).text
    assert (await client.post(f"{home}/delete")).status_code == 303
    assert (await client.get(home)).status_code == 404


async def test_nobody_there_is_said(client: httpx.AsyncClient) -> None:
    await staff(client)
    typed = {"subject_en": "Hello", "body_en": "Text"}
    home = (await client.post("/staff/mail/news/new", data=typed)).headers["location"]
    await client.post(f"{home}/test")
    answer = await client.post(f"{home}/send")
    assert (answer.status_code, "Nobody has said yes" in answer.text) == (409, True)


@pytest.mark.promise("P10")
async def test_a_no_told_to_staff_is_noted_and_found_by_typing_the_address(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await staff(client)
    [reader] = await readers(settings, 1)
    page = "/staff/mail/prohibitions"
    assert (await client.get(page)).status_code == 200
    look = {"channel": "email", "address": reader.email.upper(), "do": "look"}
    assert "No prohibition is noted" in (await client.post(page, data=look)).text
    told = look | {"do": "forbid", "purpose": ["newsletter", "marketing"]}
    answer = await client.post(page, data=told)
    assert re.findall(r'role="rowheader"[^>]*>([^<]+)<', answer.text) == [
        "Offers and advertising",
        "Newsletters on trainings and events",
    ]
    rows = {(row.purpose, row.channel, row.source) for row in await Prohibition.all()}
    assert rows == {("newsletter", "email", "staff"), ("marketing", "email", "staff")}
    assert [row.withdrawn_source for row in await Consent.all()] == ["staff"]
    assert "by staff" in (await client.post(page, data=look)).text
    phone = {"channel": "phone", "address": "040 1234567", "do": "forbid", "purpose": "marketing"}
    assert (await client.post(page, data=phone)).status_code == 200
    found = await client.post(page, data=phone | {"address": "+358 40 123 4567", "do": "look"})
    assert "by staff" in found.text


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"channel": "email", "address": "nobody", "do": "look"}, "f-address-error"),
        ({"channel": "phone", "address": "call me", "do": "look"}, "f-address-error"),
        ({"channel": "letter", "address": " ", "do": "look"}, "f-address-error"),
        ({"channel": "email", "address": "a@example.fi", "do": "forbid"}, "f-purpose-error"),
    ],
)
async def test_what_cannot_be_an_address_is_said_beside_the_field(
    client: httpx.AsyncClient, given: dict[str, str], wrong: str
) -> None:
    await staff(client)
    answer = await client.post("/staff/mail/prohibitions", data=given)
    assert (answer.status_code, wrong in answer.text) == (422, True)
    assert await Prohibition.all().count() == 0
