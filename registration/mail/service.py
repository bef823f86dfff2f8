"""Mail goes to the outbox with what it tells of, and from there to the server once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

import aiosmtplib

from registration import clock
from registration.db import after_commit, connection, transaction
from registration.i18n import speaking
from registration.mail.models import Mail
from registration.mail.rules import (
    Addressee,
    Brand,
    Calendar,
    MailPurpose,
    MailState,
    brand_of,
    next_try,
)
from registration.settings import Settings
from registration.templating import render, render_plain

CLAIM = timedelta(minutes=5)
BATCH = 50
TIMEOUT_SECONDS = 30.0

_listeners: list[Callable[[], None]] = []


def on_queued(wake: Callable[[], None]) -> None:
    """``wake`` is called whenever mail was queued and its transaction has committed."""
    _listeners.append(wake)


def _wake() -> None:
    for listener in _listeners:
        listener()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail's templates see as ``page``, beside ``letter`` (this) itself."""

    addressee: Addressee
    base_url: str
    organisation: str
    brand: Brand


def compose(
    template: str,
    addressee: Addressee,
    page: object,
    *,
    settings: Settings,
    purpose: MailPurpose,
    now: datetime,
    calendar: Calendar | None = None,
    drop_at: datetime | None = None,
) -> Mail:
    """An unsaved mail from ``templates/mail/<template>/``, in the addressee's language."""
    house = settings.organisation
    letter = Letter(addressee, settings.base_url, house.name, brand_of(house.brand))
    context = {"page": page, "letter": letter}
    with speaking(addressee.language):
        subject = render_plain(f"mail/{template}/subject.txt", context)
        text = render_plain(f"mail/{template}/body.txt", context)
        html = render(f"mail/{template}/body.html", context)
    return Mail(
        id=uuid4(),
        template=template,
        purpose=purpose.value,
        person_id=addressee.person_id,
        account_id=addressee.account_id,
        language=addressee.language,
        address=addressee.address,
        subject=" ".join(subject.split())[:300],
        body_text=text,
        body_html=html,
        calendar=calendar.content if calendar else "",
        calendar_method=calendar.method if calendar else "",
        state=MailState.QUEUED.value,
        queued_at=now,
        next_try_at=now,
        drop_at=drop_at,
    )


async def queue(mail: Mail) -> None:
    """The mail is sent after the surrounding transaction has committed, and never if it rolls
    back."""
    await mail.save(force_create=True)
    after_commit(_wake)


async def queue_many(mails: list[Mail]) -> None:
    await Mail.bulk_create(mails, batch_size=100)
    after_commit(_wake)


async def send_due(settings: Settings) -> int:
    """Send what is due, if there is a server; says how many were sent.

    Each mail is claimed before it is sent, so that two processes do not send it twice; one that
    was claimed by a process that died is tried again when the claim has ended.
    """
    if not settings.smtp_url:
        return 0
    sent = 0
    while claimed := await _claim(clock.now()):
        sent += sum(await _deliver(claimed, settings))
    return sent


async def _claim(now: datetime) -> list[Mail]:
    skip_locked = connection().capabilities.support_for_update
    async with transaction():
        due = (
            Mail.filter(state=MailState.QUEUED.value, next_try_at__lte=now)
            .order_by("next_try_at")
            .limit(BATCH)
        )
        mails = await (due.select_for_update(skip_locked=True) if skip_locked else due)
        ids = [mail.id for mail in mails]
        if ids:
            await Mail.filter(id__in=ids).update(next_try_at=now + CLAIM)
    return mails


async def _deliver(mails: list[Mail], settings: Settings) -> list[bool]:
    server = urlsplit(settings.smtp_url)
    client = aiosmtplib.SMTP(
        hostname=server.hostname or "",
        port=server.port or (465 if server.scheme == "smtps" else 587 if server.username else 25),
        use_tls=server.scheme == "smtps",
        username=unquote(server.username) if server.username else None,
        password=unquote(server.password) if server.password else None,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        async with client:
            return [await _send(client, mail, settings) for mail in mails]
    except (aiosmtplib.SMTPException, OSError) as failure:
        unsent = [mail for mail in mails if mail.state == MailState.QUEUED.value and not mail.tries]
        for mail in unsent:
            await _failed(mail, type(failure).__name__)
        return []


async def _send(client: aiosmtplib.SMTP, mail: Mail, settings: Settings) -> bool:
    message = message_of(mail, settings)
    try:
        await client.send_message(message)
    except aiosmtplib.SMTPRecipientsRefused:
        await _failed(mail, "refused", final=True)
        return False
    except aiosmtplib.SMTPResponseException as answer:
        await _failed(mail, str(answer.code), final=answer.code >= 500)
        return False
    mail.state = MailState.SENT.value
    mail.sent_at = clock.now()
    _blank(mail)
    async with transaction():
        await mail.save()
    return True


async def _failed(mail: Mail, why: str, *, final: bool = False) -> None:
    mail.tries += 1
    mail.failure = why[:60]
    again = None if final else next_try(mail.tries, now=clock.now())
    if again is None:
        mail.state = MailState.FAILED.value
        _blank(mail)
    mail.next_try_at = again
    async with transaction():
        await mail.save()


def _blank(mail: Mail) -> None:
    """A mail that is over keeps that it was, and to which person; not what it said."""
    mail.address = mail.subject = mail.body_text = mail.body_html = mail.calendar = ""
    mail.next_try_at = None


async def drop_stale(*, now: datetime) -> int:
    """Mail whose use is over (a login link that has ended) leaves the outbox unsent."""
    async with transaction():
        return await Mail.filter(state=MailState.QUEUED.value, drop_at__lte=now).update(
            state=MailState.DROPPED.value,
            address="",
            subject="",
            body_text="",
            body_html="",
            calendar="",
            next_try_at=None,
        )


def message_of(mail: Mail, settings: Settings) -> EmailMessage:
    """The mail as MIME: text, HTML, and the calendar as an alternative and as a file."""
    message = EmailMessage()
    sender = settings.mail_from or settings.organisation.email
    message["From"] = formataddr((settings.organisation.name, sender))
    message["To"] = mail.address
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body_text)
    message["Content-Language"] = mail.language  # set_content drops what begins with Content-
    message.add_alternative(mail.body_html, subtype="html")
    if mail.calendar:
        message.add_alternative(
            mail.calendar,
            subtype="calendar",
            params={"method": mail.calendar_method},
        )
        message.add_attachment(
            mail.calendar.encode(), maintype="text", subtype="calendar", filename="invite.ics"
        )
    return message


async def forget(person_id: UUID) -> None:
    """Nothing in the outbox or the log of mail says anything of this person."""
    async with transaction():
        await Mail.filter(person_id=person_id).delete()
