"""Access that nobody looks at for a year ends by itself; the person hears of it a month before.

What is due follows from the rows, so a run that was missed is made up for by the next, and two
runs at once tell nobody twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.accounts.grants import staff_in_force
from registration.accounts.models import Account, Grant
from registration.accounts.rules import (
    REMINDED_BEFORE,
    REVIEWED_WITHIN,
    Role,
    closes_at,
    reminds_at,
)
from registration.db import transaction
from registration.ledger.rules import Act, Note
from registration.ledger.service import record
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue
from registration.settings import Settings

UNREVIEWED = "unreviewed"
LAST = "last-administrator"


@dataclass(frozen=True, slots=True)
class EndingMail:
    """What ``mail/access-ending`` shows the holder: role and end of each."""

    name: str
    grants: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True, slots=True)
class ReviewMail:
    """What ``mail/access-review`` shows staff: how many end within a month, and where to look."""

    number: int
    url: str


async def review(settings: Settings, *, now: datetime) -> int:
    """Access that ends within a month has been announced, access that nobody reviewed has ended,
    and the last administrator still is one. Says how many were told or ended."""
    spared = await _spare_the_last(now=now)
    ended = await _end_unreviewed(now=now)
    return spared + ended + await _remind(settings, now=now)


async def _standing(*, now: datetime) -> list[Grant]:
    rows = (
        Grant.filter(starts_at__lte=now, account__ended_at=None)
        .filter(Q(ends_at=None) | Q(ends_at__gt=now))
        .filter(
            Q(starts_at__lte=now - REVIEWED_WITHIN + REMINDED_BEFORE)
            | Q(ends_at__lte=now + REMINDED_BEFORE)
        )
    )
    return await rows.select_related("account").order_by("starts_at", "id")


async def _end_unreviewed(*, now: datetime) -> int:
    ended = 0
    async with transaction():
        staff = {row.id for row in await staff_in_force(now=now, lock=True)}
        for row in await _standing(now=now):
            if row.reminded_at is None or _closes(row) > now or staff == {row.id}:
                continue
            staff.discard(row.id)
            row.ends_at, row.end_reason = now, UNREVIEWED
            await row.save(update_fields=["ends_at", "end_reason"])
            await record(
                Act.GRANT_ENDED,
                now=now,
                subject_id=row.account_id,
                object_id=row.scope_id,
                note=Note(purpose=UNREVIEWED, codes=(row.role,)),
            )
            ended += 1
    return ended


def _closes(row: Grant) -> datetime:
    return closes_at(
        row.starts_at,
        reviewed_at=row.reviewed_at,
        reminded_at=row.reminded_at,
        ends_at=row.ends_at,
    )


async def _spare_the_last(*, now: datetime) -> int:
    """If all staff access would have ended within a month, the one that lasts longest is kept for
    a month more: nobody could give any new access otherwise. It is in the ledger."""
    async with transaction():
        staff = await staff_in_force(now=now, lock=True)
        ends = [row.ends_at for row in staff if row.ends_at is not None]
        if not staff or len(ends) < len(staff) or max(ends) > now + REMINDED_BEFORE:
            return 0
        longest = max(staff, key=lambda row: row.ends_at or now)
        longest.ends_at = now + 2 * REMINDED_BEFORE
        await longest.save(update_fields=["ends_at"])
        await record(
            Act.GRANT_KEPT,
            now=now,
            subject_id=longest.account_id,
            note=Note(purpose=LAST, codes=(longest.role,)),
        )
    return 1


async def _remind(settings: Settings, *, now: datetime) -> int:
    async with transaction():
        told: dict[UUID, list[Grant]] = {}
        for row in await _standing(now=now):
            due = reminds_at(row.starts_at, reviewed_at=row.reviewed_at, ends_at=row.ends_at)
            if row.reminded_at is not None or due is None or due > now:
                continue
            if await Grant.filter(id=row.id, reminded_at=None).update(reminded_at=now):
                row.reminded_at = now
                told.setdefault(row.account_id, []).append(row)
        for rows in told.values():
            await _tell_holder(rows, settings, now=now)
        number = sum(len(rows) for rows in told.values())
        if number:
            await _tell_staff(number, settings, now=now)
    return number


async def _tell_holder(rows: Sequence[Grant], settings: Settings, *, now: datetime) -> None:
    holder = rows[0].account
    page = EndingMail(holder.name, tuple((Role(row.role).value, _closes(row)) for row in rows))
    await queue(
        compose(
            "access-ending",
            _addressee(holder),
            page,
            settings=settings,
            purpose=MailPurpose.ACCESS,
            now=now,
        )
    )


async def _tell_staff(number: int, settings: Settings, *, now: datetime) -> None:
    page = ReviewMail(number, f"{settings.base_url}/staff/access")
    colleagues = {row.account.id: row.account for row in await staff_in_force(now=now)}
    for each in colleagues.values():
        await queue(
            compose(
                "access-review",
                _addressee(each),
                page,
                settings=settings,
                purpose=MailPurpose.ACCESS,
                now=now,
            )
        )


def _addressee(account: Account) -> Addressee:
    return Addressee(account.email, account.name, account.language, account_id=account.id)


async def administrators_end(*, now: datetime) -> datetime | None:
    """When the last staff access ends by its own date, if that is within two months; None: some
    lasts longer."""
    ends = [row.ends_at for row in await staff_in_force(now=now)]
    last = max((end for end in ends if end), default=None) if all(ends) else None
    return last if last is not None and last <= now + 2 * REMINDED_BEFORE else None
