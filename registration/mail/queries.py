from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.errors import NotFound
from registration.i18n import N_
from registration.mail.models import Mail
from registration.mail.rules import MailState


class MailNotFound(NotFound):
    message = N_("There is no such mail.")


@dataclass(frozen=True, slots=True)
class MailLine:
    id: UUID
    address: str
    subject: str
    state: str
    queued_at: datetime


@dataclass(frozen=True, slots=True)
class MailShown:
    line: MailLine
    text: str
    html: str
    calendar: str


async def outbox(*, limit: int = 100) -> list[MailLine]:
    """The newest mails that still have something to show."""
    rows = (
        await Mail.filter(state=MailState.QUEUED.value)
        .order_by("-queued_at")
        .limit(limit)
        .only("id", "address", "subject", "state", "queued_at")
    )
    return [MailLine(row.id, row.address, row.subject, row.state, row.queued_at) for row in rows]


async def waiting_count() -> int:
    return await Mail.filter(state=MailState.QUEUED.value).count()


async def shown(mail_id: UUID) -> MailShown:
    """Raises ``MailNotFound``."""
    row = await Mail.get_or_none(id=mail_id)
    if row is None:
        raise MailNotFound
    line = MailLine(row.id, row.address, row.subject, row.state, row.queued_at)
    return MailShown(line, row.body_text, row.body_html, row.calendar)
