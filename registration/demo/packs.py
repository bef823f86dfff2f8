"""What the demo's trainers took along, and whose agreement was renewed too late for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from registration.accounts.rules import Held, Identity, Role
from registration.catalogue import queries as catalogue
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.pack_lines import packs_of_trainer
from registration.teaching.queries import recipients
from registration.teaching.returning import confirm_destroyed
from registration.teaching.rules import PackFormat, PackPurpose, RecipientGiven
from registration.teaching.service import change_recipient

TAKEN = (
    (PackPurpose.ATTENDANCE, PackFormat.CSV),
    (PackPurpose.CERTIFICATE, PackFormat.XLSX),
    (PackPurpose.PERMIT, PackFormat.JSON),
)
ENDED, RENEWED = timedelta(days=20), timedelta(days=18)


async def take_packs(session_id: UUID, trainer: UUID, *, settings: Settings) -> None:
    """One of each when it was over; the list of those who attend is destroyed already."""
    who = Identity(trainer, "", "fi", None, (Held(Role.TRAINER, None),))
    after = (await catalogue.session(session_id)).ends_at + timedelta(hours=2)
    for purpose, format in TAKEN:
        await make_pack(session_id, purpose, format, identity=who, settings=settings, now=after)
    for each in await packs_of_trainer(trainer, now=after):
        if each.session.id == session_id and each.purpose is PackPurpose.ATTENDANCE:
            await confirm_destroyed(each.id, identity=who, now=after + timedelta(hours=1))


async def renew_late(recipient_id: UUID, *, staff_id: UUID, now: datetime) -> None:
    """For two days no agreement was in force, so what its trainers held had to go."""
    (line,) = [each for each in await recipients() if each.id == recipient_id]
    given = RecipientGiven(name=line.name, country=line.country, agreement_on=line.agreement_on)
    over = given.model_copy(update={"agreement_until": (now - ENDED).date()})
    await change_recipient(recipient_id, over, actor_id=staff_id, now=now - ENDED)
    await change_recipient(recipient_id, given, actor_id=staff_id, now=now - RENEWED)
