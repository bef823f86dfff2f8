"""Mail goes to the outbox with what it tells of; ``sending`` takes it from there, once."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID, uuid4

from markupsafe import escape

from registration.db import after_commit, transaction
from registration.errors import Conflict
from registration.i18n import N_, _, speaking
from registration.mail.gates import passing
from registration.mail.models import DeadAddress, Mail
from registration.mail.queries import MailNotFound
from registration.mail.rules import (
    LOGGED_FOR,
    UNDECIDED_FOR,
    Addressee,
    Brand,
    Calendar,
    MailPurpose,
    MailState,
    address_hash,
    brand_of,
    needs_yes,
)
from registration.mail.stopping import Stop, stop_url
from registration.settings import Settings
from registration.templating import render, render_plain


class NotAllowed(Conflict):
    message = N_("Nobody at this address has allowed mail of this kind.")


class NotUnsure(Conflict):
    message = N_("This mail is not waiting for a decision any more.")


_listeners: list[Callable[[], None]] = []


def on_queued(wake: Callable[[], None]) -> None:
    """``wake`` is called whenever mail was queued and its transaction has committed."""
    _listeners.append(wake)


def _wake() -> None:
    for listener in _listeners:
        listener()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail's templates see as ``page``, beside ``letter`` (this) itself. ``stop_url`` stops
    mail of this kind; empty where it needs no yes."""

    addressee: Addressee
    base_url: str
    organisation: str
    brand: Brand
    privacy_contact: str
    authority: str
    stop_url: str = ""


def own(name: str) -> str:
    """What stands in a page for something of the addressee's own until ``compose`` fills it in."""
    return f"\ue000{name}\ue001"


_OWN = re.compile("\ue000([a-z_]+)\ue001")


def compose(
    template: str,
    addressee: Addressee,
    page: Hashable,
    *,
    settings: Settings,
    purpose: MailPurpose,
    now: datetime,
    calendar: Calendar | None = None,
    drop_at: datetime | None = None,
    filled: Mapping[str, str] | None = None,
) -> Mail:
    """An unsaved mail from ``templates/mail/<template>/``, in the addressee's language.

    With ``filled`` the page holds nothing of the addressee but what ``own`` marks: it is rendered
    once for all who are told the same, and these values are put in for each. One that needs a yes
    shows the way to stop it. Raises ``NotAllowed`` where nobody is known who could have said it.
    """
    hashed, stop = address_hash(settings.secret, addressee.address), ""
    if needs_yes(purpose):
        if addressee.person_id is None:
            raise NotAllowed
        link = stop_url(Stop(purpose, hashed), settings)
        stop = f"{link}?lang={addressee.language}"
    if filled is None:
        subject, text, html = _render(template, _letter(addressee, settings, stop), page)
    else:
        subject, text, html = _filled(template, addressee, settings, stop, page, filled)
    return Mail(
        id=uuid4(),
        template=template,
        purpose=purpose.value,
        person_id=addressee.person_id,
        account_id=addressee.account_id,
        language=addressee.language,
        address=addressee.address,
        address_hash=hashed,
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


def _filled(
    template: str,
    addressee: Addressee,
    settings: Settings,
    stop: str,
    page: Hashable,
    filled: Mapping[str, str],
) -> tuple[str, str, str]:
    """Subject, text and HTML: rendered once for all, with these values put in for this one."""
    anybody = Addressee("", own("name"), addressee.language)
    mark = own("stop_url") if stop else ""
    subject, text, html = _render_once(template, _letter(anybody, settings, mark), page)
    values = {**filled, "name": addressee.name, "stop_url": stop}
    safe = {name: str(escape(value)) for name, value in values.items()}
    return _fill(subject, values), _fill(text, values), _fill(html, safe)


def _letter(addressee: Addressee, settings: Settings, stop: str) -> Letter:
    house = settings.organisation
    return Letter(
        addressee,
        settings.base_url,
        house.name,
        brand_of(house.brand),
        f"{house.privacy_contact}, {house.privacy_email}",
        f"{house.authority}, {house.authority_url}",
        stop,
    )


def _render(template: str, letter: Letter, page: Hashable) -> tuple[str, str, str]:
    """Subject, text and HTML."""
    context = {"page": page, "letter": letter}
    with speaking(letter.addressee.language):
        text = render_plain(f"mail/{template}/body.txt", context)
        if letter.stop_url:
            text += f"\n{_('Stop these mails')}: {letter.stop_url}\n"
        return (
            render_plain(f"mail/{template}/subject.txt", context),
            text,
            render(f"mail/{template}/body.html", context),
        )


_render_once = lru_cache(maxsize=64)(_render)


def _fill(text: str, values: Mapping[str, str]) -> str:
    """In one pass: what somebody typed is never taken for a mark."""
    return _OWN.sub(lambda mark: values.get(mark[1], mark[0]), text)


async def queue(mail: Mail) -> None:
    """The mail is sent after the surrounding transaction has committed, and never if it rolls
    back. Raises ``NotAllowed`` for one whose yes is missing."""
    async with transaction():
        await _check([mail])
        await mail.save(force_create=True)
        after_commit(_wake)


async def queue_many(mails: list[Mail]) -> None:
    """As ``queue``: all of them, or none."""
    async with transaction():
        await _check(mails)
        await Mail.bulk_create(mails, batch_size=100)
        after_commit(_wake)


async def queue_allowed(mails: Sequence[Mail]) -> list[Mail]:
    """Those of the mails that may go are queued, the others are not; says which were."""
    async with transaction():
        may = await passing(mails)
        queued = [mail for mail in mails if mail.id in may]
        if queued:
            await Mail.bulk_create(queued, batch_size=100)
            after_commit(_wake)
    return queued


async def _check(mails: Sequence[Mail]) -> None:
    asked = [mail for mail in mails if needs_yes(mail.purpose)]
    if asked and len(await passing(asked)) < len(asked):
        raise NotAllowed


# A mail that is over keeps that it was, and to which person; not what it said.
BLANK: Mapping[str, str | None] = dict.fromkeys(
    ("address", "subject", "body_text", "body_html", "calendar"), ""
) | dict.fromkeys(("next_try_at", "claimed_by"))
SWEEP = 1000


async def drop_stale(*, now: datetime) -> int:
    """Mail whose use is over (a login link that has ended) leaves the outbox unsent."""
    waiting = [MailState.QUEUED.value, MailState.UNSURE.value]
    async with transaction():
        return await Mail.filter(state__in=waiting, drop_at__lte=now).update(
            state=MailState.DROPPED.value, **BLANK
        )


async def sweep(*, now: datetime) -> int:
    """What was on its way to the server when the sender died is unsure from now on; unsure mail
    on which nobody decided loses its text; the log forgets what is older than 13 months."""
    async with transaction():
        found = Mail.filter(state=MailState.SENDING.value, next_try_at__lte=now)
        done = await found.update(
            state=MailState.UNSURE.value, failure="interrupted", next_try_at=None, claimed_by=None
        )
        undecided = Mail.filter(
            state=MailState.UNSURE.value, queued_at__lte=now - UNDECIDED_FOR
        ).exclude(address="")
        done += await undecided.update(**BLANK)
    return done + await _forget_old(now - LOGGED_FOR)


async def _forget_old(before: datetime) -> int:
    done = 0
    while True:
        async with transaction():
            ids = await Mail.filter(queued_at__lte=before).limit(SWEEP).values_list("id", flat=True)
            if not ids:
                break
            done += await Mail.filter(id__in=ids).delete()
    async with transaction():
        return done + await DeadAddress.filter(bounced_at__lte=before).delete()


async def send_again(mail_id: UUID, *, now: datetime) -> None:
    """An unsure mail is sent once more, under the same Message-ID, so that a mailbox which has it
    can tell. Raises ``MailNotFound``, ``NotUnsure``."""
    async with transaction():
        unsure = Mail.filter(id=mail_id, state=MailState.UNSURE.value).exclude(address="")
        if await unsure.update(state=MailState.QUEUED.value, next_try_at=now, failure=""):
            after_commit(_wake)
            return
        if not await Mail.filter(id=mail_id).exists():
            raise MailNotFound
        raise NotUnsure


async def leave_unsure(mail_id: UUID) -> None:
    """An unsure mail is not sent again. Raises ``MailNotFound``, ``NotUnsure``."""
    async with transaction():
        unsure = Mail.filter(id=mail_id, state=MailState.UNSURE.value).exclude(address="")
        if not await unsure.update(**BLANK):
            if not await Mail.filter(id=mail_id).exists():
                raise MailNotFound
            raise NotUnsure


async def forget(person_id: UUID) -> None:
    """Nothing in the outbox or the log of mail says anything of this person."""
    async with transaction():
        await Mail.filter(person_id=person_id).delete()
        await DeadAddress.filter(person_id=person_id).delete()
