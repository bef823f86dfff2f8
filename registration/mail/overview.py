"""How the outbox is doing, without what the mails say or to whom they go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.mail.models import Mail
from registration.mail.rules import NO_YES, MailState


@dataclass(frozen=True, slots=True)
class TroubledMail:
    """A mail that could not be sent, or not yet; ``failure`` is the server's answer in short.
    ``undecided``: it may have gone out or not, and can be sent again."""

    id: UUID
    template: str
    person_id: UUID | None
    account_id: UUID | None
    state: MailState
    failure: str
    tries: int
    queued_at: datetime
    next_try_at: datetime | None
    undecided: bool


@dataclass(frozen=True, slots=True)
class LoggedMail:
    """That a mail was, to whom, and what became of it; never what it said. ``undecided``: it may
    have gone out or not, and can be sent again."""

    id: UUID
    template: str
    person_id: UUID | None
    account_id: UUID | None
    state: MailState
    failure: str
    queued_at: datetime
    sent_at: datetime | None
    undecided: bool


# Not the text: it may be long, and is not for this.
_LOGGED = (
    "id",
    "template",
    "person_id",
    "account_id",
    "state",
    "failure",
    "queued_at",
    "sent_at",
    "address",
)
_STUCK = [MailState.FAILED.value, MailState.BOUNCED.value, MailState.STOPPED.value]
_TROUBLED = (
    Q(state__in=[*_STUCK, MailState.UNSURE.value])
    | Q(Q(state=MailState.DROPPED.value), ~Q(failure=NO_YES))
    | Q(state=MailState.QUEUED.value, tries__gt=0)
)


async def troubled(*, limit: int = 200) -> list[TroubledMail]:
    """The newest first: given up, dropped, or tried in vain so far. Not what was dropped because
    its reader said no: that is as it should be."""
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
            undecided=row.state == MailState.UNSURE and bool(row.address),
        )
        for row in rows
    ]


async def troubled_count() -> int:
    return await Mail.filter(_TROUBLED).count()


async def log(
    *,
    person_ids: Collection[UUID] | None = None,
    state: MailState | None = None,
    limit: int = 100,
) -> list[LoggedMail]:
    """The newest first: of these persons (None: of anybody), in this state (None: in any)."""
    found = Mail.all()
    if person_ids is not None:
        found = found.filter(person_id__in=list(person_ids))
    if state is not None:
        found = found.filter(state=state.value)
    rows = await found.order_by("-queued_at", "id").limit(limit).only(*_LOGGED)
    return [
        LoggedMail(
            row.id,
            row.template,
            row.person_id,
            row.account_id,
            MailState(row.state),
            row.failure,
            row.queued_at,
            row.sent_at,
            undecided=row.state == MailState.UNSURE and bool(row.address),
        )
        for row in rows
    ]
