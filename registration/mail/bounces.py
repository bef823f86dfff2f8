"""Mail that came back: which one it was, and the addresses that do not work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.db import transaction
from registration.mail.models import DeadAddress, Mail
from registration.mail.reports import Report, Said
from registration.mail.rules import (
    MailState,
    address_hash,
    is_dead_address,
    read_return_mark,
)
from registration.settings import Settings

# A report may be quicker than our own record of what the server answered.
RETURNING = [MailState.SENDING.value, MailState.SENT.value, MailState.UNSURE.value]


@dataclass(frozen=True, slots=True)
class Dead:
    """An address that does not work; ``again``: somebody said that it does, and the next mail
    shows."""

    person_id: UUID | None
    code: str
    bounced_at: datetime
    again: bool


async def take_report(report: Report, *, settings: Settings, now: datetime) -> MailState | None:
    """What a mail server reported is on record: the mail came back, and if its address does not
    work, no more is sent there. None: it is of no mail of ours, or says of none that it failed.

    Only the mark that we gave a mail says which one it is: anybody can write a report.
    """
    mail_id = next(
        (found for mark in report.marks if (found := read_return_mark(settings.secret, mark))), None
    )
    if mail_id is None or report.said is not Said.FAILED:
        return None
    async with transaction():
        mail = await Mail.get_or_none(id=mail_id)
        if mail is None or mail.state == MailState.QUEUED:
            return None
        await Mail.filter(id=mail.id, state__in=RETURNING).update(
            state=MailState.BOUNCED.value,
            failure=report.status,
            address="",
            subject="",
            body_text="",
            body_html="",
            calendar="",
        )
        if is_dead_address(report.status):
            await mark_dead(mail.address_hash, mail.person_id, code=report.status, now=now)
    return MailState.BOUNCED


async def mark_dead(hashed: str, person_id: UUID | None, *, code: str, now: datetime) -> None:
    """No more mail goes to this address until it is said to work. Inside the caller's
    transaction."""
    if not hashed:
        return  # written before addresses could be told apart
    known = DeadAddress.filter(address_hash=hashed)
    if not await known.update(code=code, bounced_at=now, again_at=None):
        await DeadAddress.create(
            id=uuid4(), address_hash=hashed, person_id=person_id, code=code, bounced_at=now
        )


async def dead_address(address: str, *, settings: Settings) -> Dead | None:
    """What is known of an address that does not work, if it does not."""
    row = await DeadAddress.get_or_none(address_hash=address_hash(settings.secret, address))
    return _dead(row) if row else None


async def dead_among(addresses: Sequence[str], *, settings: Settings) -> dict[str, Dead]:
    """Those of the addresses that do not work, in a query for each 500."""
    hashes = {address_hash(settings.secret, each): each for each in addresses}
    wanted = list(hashes)
    found: dict[str, Dead] = {}
    for start in range(0, len(wanted), 500):
        rows = await DeadAddress.filter(address_hash__in=wanted[start : start + 500])
        found |= {hashes[row.address_hash]: _dead(row) for row in rows}
    return found


async def dead_addresses(*, limit: int = 200) -> list[Dead]:
    """The newest first."""
    return [_dead(row) for row in await DeadAddress.all().order_by("-bounced_at").limit(limit)]


async def try_again(address: str, *, settings: Settings, now: datetime) -> bool:
    """Somebody says that the address works: mail goes there again. False when it was not dead."""
    hashed = address_hash(settings.secret, address)
    async with transaction():
        return bool(await DeadAddress.filter(address_hash=hashed).update(again_at=now))


async def forget_dead(person_id: UUID) -> None:
    """The person has another address now. Inside the caller's transaction."""
    await DeadAddress.filter(person_id=person_id).delete()


def _dead(row: DeadAddress) -> Dead:
    return Dead(row.person_id, row.code, row.bounced_at, row.again_at is not None)
