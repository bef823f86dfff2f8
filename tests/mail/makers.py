"""Mails of their own for tests of the outbox."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from registration import clock
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.settings import Settings


class Page:
    """Enough for the mail that a cancelled session sends."""

    title = "Track work safety"
    whens = ("1.4.2026 9.00–16.00",)
    where = "Depot"
    link = ""
    url = "http://testserver/sessions/1"
    me_url = "http://testserver/me"
    privacy_url = "http://testserver/privacy"
    position = None
    enrolled_by = ""
    confirm_url = ""
    catered = False
    kind = "session"
    seated = True
    until = act_url = reason = decide_by = source = ""
    tentative = False
    overlaps = ()
    offer_hours = None


def address(number: int) -> str:
    return f"aino{number}@example.fi"


def make_mail(
    settings: Settings,
    number: int = 1,
    *,
    person_id: UUID | None = None,
    purpose: MailPurpose = MailPurpose.PLACE,
    now: datetime | None = None,
    drop_at: datetime | None = None,
) -> Mail:
    return compose(
        "place-called-off",
        Addressee(address(number), "Aino Åberg", "fi", person_id or uuid4()),
        Page(),
        settings=settings,
        purpose=purpose,
        now=now or clock.now(),
        drop_at=drop_at,
    )


async def queued(settings: Settings, number: int = 1, **more: object) -> UUID:
    """A mail in the outbox, due now."""
    mail = make_mail(settings, number, **more)  # type: ignore[arg-type]
    await queue(mail)
    return UUID(str(mail.id))


async def due_now() -> None:
    """Whatever waits for another try is due."""
    await Mail.filter(state="queued").update(next_try_at=clock.now())


async def states() -> list[tuple[str, str]]:
    """(state, failure) of all mails, in the order in which they were queued."""
    rows = await Mail.all().order_by("queued_at")
    return [(row.state, row.failure) for row in rows]
