"""Files of certificates, kept a while in the register so that every process and server finds them.

One that was revoked, or whose person was erased, is kept no longer; one that another key signed is
as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from registration.db import transaction
from registration.qualifications.models import Certificate, Printed, PrintOrder

KEPT = timedelta(days=14)
# Longer than any step takes; then whoever comes next prints what a dead process had claimed.
LEASE = timedelta(seconds=120)


async def content_of(certificate_id: UUID, *, key_id: str, now: datetime) -> bytes | None:
    """The kept file, or None."""
    row = await Printed.get_or_none(
        certificate_id=certificate_id, key_id=key_id, content__isnull=False, drop_at__gt=now
    )
    return bytes(row.content) if row is not None and row.content is not None else None


async def ready(certificate_ids: Sequence[UUID], *, key_id: str, now: datetime) -> list[UUID]:
    """Which of these have a kept file, in the order of their numbers."""
    rows = await (
        Printed.filter(
            certificate_id__in=list(certificate_ids),
            key_id=key_id,
            content__isnull=False,
            drop_at__gt=now,
        )
        .order_by("certificate__number")
        .values_list("certificate_id", flat=True)
    )
    return [UUID(str(each)) for each in rows]


async def failures(certificate_ids: Sequence[UUID], *, now: datetime) -> dict[UUID, str]:
    """Why those of these cannot be printed that cannot."""
    rows = await Printed.filter(
        certificate_id__in=list(certificate_ids), failure__not="", drop_at__gt=now
    ).values_list("certificate_id", "failure")
    return {UUID(str(each)): str(why) for each, why in rows}


async def keep(certificate_id: UUID, content: bytes, *, key_id: str, now: datetime) -> bytes | None:
    """The file that is kept from now on, which is the first that was made; None, with nothing
    kept, when the certificate does not hold any more."""
    async with transaction():
        if not await _holding([certificate_id]):
            return None
        found = await content_of(certificate_id, key_id=key_id, now=now)
        if found is not None:
            return found
        await Printed.filter(certificate_id=certificate_id).delete()
        await Printed.create(
            id=uuid4(),
            certificate_id=certificate_id,
            content=content,
            key_id=key_id,
            made_at=now,
            drop_at=now + KEPT,
        )
    return content


async def claim(
    session_id: UUID, seating_id: UUID, *, many: int, by: UUID, key_id: str, now: datetime
) -> list[Certificate] | None:
    """Up to ``many`` of the session's certificates that have no file, and that nobody else prints
    until the lease ends. Empty: others print what is left. None: nothing is left, or nothing was
    ordered; then the order is gone."""
    async with transaction():
        # A write first: whoever else claims of this session waits until these are taken.
        if not await PrintOrder.filter(session_id=session_id).update(stepped_at=now):
            return None
        wanted = await Certificate.filter(place__seating_id=seating_id, current=True).order_by(
            "number"
        )
        rows = await Printed.filter(
            certificate_id__in=[each.id for each in wanted], drop_at__gt=now
        ).values_list("certificate_id", "key_id", "failure", "claimed_until")
        done: set[UUID] = set()
        claimed: set[UUID] = set()
        for found, key, failure, until in rows:
            if until is not None:
                if until > now:
                    claimed.add(UUID(str(found)))
            elif failure or key == key_id:
                done.add(UUID(str(found)))
        free = [each for each in wanted if each.id not in done and each.id not in claimed][:many]
        if not free and not claimed:
            await PrintOrder.filter(session_id=session_id).delete()
            return None
        await Printed.filter(certificate_id__in=[each.id for each in free]).delete()
        await Printed.bulk_create(
            [
                Printed(
                    id=uuid4(),
                    certificate_id=each.id,
                    claimed_by=by,
                    claimed_until=now + LEASE,
                    made_at=now,
                    drop_at=now + KEPT,
                )
                for each in free
            ],
            batch_size=100,
        )
    return free


async def fulfil(
    files: Mapping[UUID, bytes], troubles: Mapping[UUID, str], *, by: UUID, key_id: str,
    now: datetime,
) -> None:  # fmt: skip
    """What was claimed ``by`` a process has its file, or the word why it has none. What does not
    hold any more, or another process has claimed since, is left alone."""
    async with transaction():
        holding = await _holding([*files, *troubles])
        for each in holding:
            mine = Printed.filter(certificate_id=each, claimed_by=by)
            await mine.update(
                content=files.get(each),
                failure=troubles.get(each, ""),
                key_id=key_id,
                claimed_by=None,
                claimed_until=None,
                made_at=now,
                drop_at=now + KEPT,
            )


async def give_back(by: UUID) -> None:
    """What a process claimed and did not print is for others at once."""
    async with transaction():
        await Printed.filter(claimed_by=by, content__isnull=True).delete()


async def forget(certificate_ids: Sequence[UUID]) -> None:
    """No file of these is kept. Inside the caller's transaction, which changed them."""
    await Printed.filter(certificate_id__in=list(certificate_ids)).delete()


async def drop_due(*, now: datetime) -> int:
    """Files whose time is over are gone; says how many."""
    async with transaction():
        return await Printed.filter(drop_at__lte=now).delete()


async def _holding(certificate_ids: Sequence[UUID]) -> list[UUID]:
    """Those that hold, and nobody revokes before this transaction has ended."""
    rows = await Certificate.filter(id__in=list(certificate_ids), current=True).select_for_update()
    return [row.id for row in rows]
