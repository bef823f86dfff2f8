from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from markupsafe import escape

from registration.db import transaction
from registration.enrolment.letters import News, Told, letter
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.sending import return_path, send_due
from registration.mail.service import compose, drop_stale, own, queue, sweep
from registration.settings import BadSetting, Settings, load
from tests.builders import NOON
from tests.conftest import Inbox
from tests.enrolment.makers import make_session, take
from tests.mail.makers import Page, make_mail
from tests.web.test_place_mails import offering


async def test_mail_arrives_with_text_html_and_calendar(
    register: Settings, mail_server: tuple[str, Inbox]
) -> None:
    url, inbox = mail_server
    settings = register.model_copy(update={"smtp_url": url})
    offering = await make_session(seats=1)
    await take(offering, 1, settings)
    assert await send_due(settings) == 1
    (message,) = inbox.messages
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar", "application/ics"]
    assert "guest1@example.fi" in str(message["To"])
    assert message["Auto-Submitted"] == "auto-generated"


async def test_a_sent_mail_keeps_nothing_of_what_it_said(
    register: Settings, mail_server: tuple[str, Inbox]
) -> None:
    settings = register.model_copy(update={"smtp_url": mail_server[0]})
    await queue(make_mail(settings))
    await send_due(settings)
    mail = await Mail.get()
    said = (mail.address, mail.subject, mail.body_text, mail.body_html, mail.calendar)
    assert (mail.state, said) == ("sent", ("", "", "", "", ""))


async def test_two_senders_send_each_mail_once(
    store: Settings, mail_server: tuple[str, Inbox]
) -> None:
    url, inbox = mail_server
    settings = store.model_copy(update={"smtp_url": url})
    for number in range(30):
        await queue(make_mail(settings, number))
    sent = await asyncio.gather(*(send_due(settings) for _each in range(3)))
    assert sum(sent) == 30
    assert len({str(message["To"]) for message in inbox.messages}) == 30
    assert len(inbox.messages) == 30


async def test_mail_of_a_transaction_that_rolls_back_is_never_sent(store: Settings) -> None:
    async def fail() -> None:
        async with transaction():
            await queue(make_mail(store))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await Mail.all().count() == 0


async def test_a_server_that_is_away_is_tried_again_later(register: Settings) -> None:
    settings = register.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    await queue(make_mail(settings))
    assert await send_due(settings) == 0
    mail = await Mail.get()
    assert (mail.state, mail.tries) == ("queued", 1)
    assert mail.next_try_at is not None
    assert mail.next_try_at > NOON


async def test_mail_stays_in_the_outbox_without_a_server(register: Settings) -> None:
    await queue(make_mail(register))
    assert await send_due(register) == 0
    assert (await Mail.get()).state == "queued"


async def test_stale_mail_leaves_with_its_text(register: Settings) -> None:
    await queue(make_mail(register, drop_at=NOON + timedelta(minutes=15)))
    assert await drop_stale(now=NOON + timedelta(minutes=14)) == 0
    assert await drop_stale(now=NOON + timedelta(minutes=15)) == 1
    mail = await Mail.get()
    assert (mail.state, mail.address, mail.body_text) == ("dropped", "", "")


async def test_a_name_cannot_add_a_header(register: Settings) -> None:
    addressee = Addressee("aino@example.fi", "Aino\r\nBcc: evil@example.com", "fi")
    page = Page()
    page.title = "Track\r\nBcc: evil@example.com"
    mail = compose(
        "place-called-off",
        addressee,
        page,
        settings=register,
        purpose=MailPurpose.PLACE,
        now=NOON,
    )
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject


async def test_the_log_forgets_after_13_months(register: Settings) -> None:
    for number, days in enumerate((395, 394)):
        await queue(make_mail(register, number, now=NOON - timedelta(days=days)))
    assert await sweep(now=NOON) == 1
    assert (await Mail.get()).queued_at == NOON - timedelta(days=394)


async def test_a_return_path_is_the_mails_own(
    register: Settings, mail_server: tuple[str, Inbox]
) -> None:
    changes = {"smtp_url": mail_server[0], "mail_return": "bounces@firm.fi"}
    settings = register.model_copy(update=changes)
    mail = make_mail(settings)
    await queue(mail)
    await send_due(settings)
    (message,) = mail_server[1].messages
    assert message["X-MailFrom"] == return_path(mail.id, settings)
    local, _at, domain = str(message["X-MailFrom"]).partition("@")
    assert (domain, len(local) <= 64, local == local.lower()) == ("firm.fi", True, True)
    assert "bounces" not in str(message["From"])


@pytest.mark.parametrize(
    "wrong", ["bounces", "@firm.fi", "b+c@firm.fi", "a b@firm.fi", "ä@firm.fi", "x" * 22 + "@a.fi"]
)
def test_a_return_path_that_cannot_bear_a_mark_stops_the_start(wrong: str) -> None:
    with pytest.raises(BadSetting, match="REGISTRATION_MAIL_RETURN: give an address"):
        load({"REGISTRATION_MAIL_RETURN": wrong})


async def test_a_page_is_rendered_once_for_all_and_filled_in_for_each(register: Settings) -> None:
    """What somebody is called is text, whatever it looks like."""
    names = ["Aino <b>", own("confirm_url"), "{{ 7*7 }} %(name)s", "Å\ue000x\ue001"]
    mails = [
        letter(
            News.CONFIRMED,
            offering(),
            Told(uuid4(), uuid4(), name, f"aino{number}@example.fi", "en"),
            settings=register,
            now=NOON,
            enrolled_by="Rata & Oy",
        )
        for number, name in enumerate(names)
    ]
    for name, mail in zip(names, mails, strict=True):
        assert f"Hello {name}," in mail.body_text
        assert f"Hello {escape(name)}," in mail.body_html
        (link,) = set(re.findall(r"/enrolled/[\w.-]+", mail.body_text))
        assert set(re.findall(r"/enrolled/[\w.-]+", mail.body_html)) == {link}
    assert len({mail.body_text for mail in mails}) == 4
