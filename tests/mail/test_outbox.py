from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest

from registration.db import transaction
from registration.mail.models import Mail
from registration.mail.rules import MOST_TRIES, Addressee, Calendar, MailPurpose, next_try
from registration.mail.service import compose, drop_stale, queue, send_due
from registration.settings import Settings
from tests.builders import NOON
from tests.conftest import Inbox
from tests.enrolment.makers import make_session, take


@dataclass(frozen=True, slots=True)
class Page:
    """Enough for the mail that a cancelled session sends."""

    title: str = "Track work safety"
    whens: tuple[str, ...] = ("1.4.2026 9.00–16.00",)
    where: str = "Depot"
    link: str = ""
    url: str = "http://testserver/sessions/1"
    me_url: str = "http://testserver/me"
    privacy_url: str = "http://testserver/privacy"
    position: int | None = None
    enrolled_by: str = ""
    catered: bool = False
    kind: str = "session"
    extra: tuple[str, ...] = field(default=())


def _mail(settings: Settings, number: int = 1, **more: object) -> Mail:
    addressee = Addressee(f"aino{number}@example.fi", "Aino Åberg", "fi", uuid4())
    return compose(
        "place-called-off",
        addressee,
        Page(),
        settings=settings,
        purpose=MailPurpose.PLACE,
        now=NOON,
        **more,  # type: ignore[arg-type]
    )


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
    assert kinds == ["text/plain", "text/html", "text/calendar", "text/calendar"]
    assert "guest1@example.fi" in str(message["To"])
    assert message["Auto-Submitted"] == "auto-generated"


async def test_a_sent_mail_keeps_nothing_of_what_it_said(
    register: Settings, mail_server: tuple[str, Inbox]
) -> None:
    settings = register.model_copy(update={"smtp_url": mail_server[0]})
    await queue(_mail(settings, calendar=Calendar("BEGIN:VCALENDAR", "REQUEST")))
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
        await queue(_mail(settings, number))
    sent = await asyncio.gather(*(send_due(settings) for _each in range(3)))
    assert sum(sent) == 30
    assert len({str(message["To"]) for message in inbox.messages}) == 30
    assert len(inbox.messages) == 30


async def test_mail_of_a_transaction_that_rolls_back_is_never_sent(store: Settings) -> None:
    async def fail() -> None:
        async with transaction():
            await queue(_mail(store))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert await Mail.all().count() == 0


async def test_a_server_that_is_away_is_tried_again_later(register: Settings) -> None:
    settings = register.model_copy(update={"smtp_url": "smtp://127.0.0.1:9"})
    await queue(_mail(settings))
    assert await send_due(settings) == 0
    mail = await Mail.get()
    assert (mail.state, mail.tries) == ("queued", 1)
    assert mail.next_try_at is not None
    assert mail.next_try_at > NOON


async def test_mail_stays_in_the_outbox_without_a_server(register: Settings) -> None:
    await queue(_mail(register))
    assert await send_due(register) == 0
    assert (await Mail.get()).state == "queued"


async def test_stale_mail_leaves_with_its_text(register: Settings) -> None:
    await queue(_mail(register, drop_at=NOON + timedelta(minutes=15)))
    assert await drop_stale(now=NOON + timedelta(minutes=14)) == 0
    assert await drop_stale(now=NOON + timedelta(minutes=15)) == 1
    mail = await Mail.get()
    assert (mail.state, mail.address, mail.body_text) == ("dropped", "", "")


def test_tries_are_further_and_further_apart_and_end() -> None:
    pauses = [next_try(tries, now=NOON) for tries in range(1, MOST_TRIES + 1)]
    assert pauses[-1] is None
    gaps = [pause - NOON for pause in pauses if pause is not None]
    assert gaps == sorted(gaps)
    assert gaps[0] == timedelta(minutes=1)


async def test_a_name_cannot_add_a_header(register: Settings) -> None:
    addressee = Addressee("aino@example.fi", "Aino\r\nBcc: evil@example.com", "fi")
    mail = compose(
        "place-called-off",
        addressee,
        Page(title="Track\r\nBcc: evil@example.com"),
        settings=register,
        purpose=MailPurpose.PLACE,
        now=NOON,
    )
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
