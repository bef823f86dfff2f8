"""How the outbox is doing, without what the mails say or to whom they go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.mail.models import Mail
from registration.mail.rules import MailState


@dataclass(frozen=True, slots=True)
class TroubledMail:
    """A mail that could not be sent, or not yet; ``failure`` is the server's answer in short."""

    id: UUID
    template: str
    person_id: UUID | None
    account_id: UUID | None
    state: MailState
    failure: str
    tries: int
    queued_at: datetime
    next_try_at: datetime | None


_TROUBLED = Q(state__in=[MailState.FAILED.value, MailState.DROPPED.value]) | Q(
    state=MailState.QUEUED.value, tries__gt=0
)


async def troubled(*, limit: int = 200) -> list[TroubledMail]:
    """The newest first: given up, dropped, or tried in vain so far."""
    rows = await Mail.filter(_TROUBLED).order_by("-queued_at", "id").limit(limit)
    return [
        TroubledMail(
            row.id,
            row.template,
            row.person_id,
            row.account_id,
            MailState(row.state),
            row.failure,
            row.tries,
            row.queued_at,
            row.next_try_at,
        )
        for row in rows
    ]


async def troubled_count() -> int:
    return await Mail.filter(_TROUBLED).count()
