"""What belongs to erasures and happens by itself: the list of what is gone, what was held and is
not any more, what came in at the last moment, and the files that held what was deleted."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from registration import clock
from registration.db import rewrite, scrub, transaction
from registration.i18n import DEFAULT_ZONE
from registration.mail.models import DeadAddress, Mail
from registration.mail.rules import MailState
from registration.privacy.datamap import Erasure
from registration.privacy.erasure import LAST_MAIL, erase_again, forget_in_memory
from registration.privacy.export import model_of
from registration.privacy.gone import forget_old, mirror, subjects_since
from registration.privacy.models import Gone
from registration.privacy.staying import erasable, erasing_order
from registration.schedule import Job
from registration.settings import Settings

# What was under way when a person was erased has ended by then.
RECENT = timedelta(days=1)
# Tables besides the person's own that may have said something of them.
BESIDE = ("upload", "company_application", "rights_request")
NIGHT = time(3, 30)
OVER = (MailState.SENT, MailState.FAILED, MailState.BOUNCED, MailState.STOPPED, MailState.DROPPED)


async def keep_list(settings: Settings) -> int:
    """The data folder's list is what the register knows; what no backup can hold is forgotten."""
    now = clock.now()
    if await subjects_since(now - RECENT):
        forget_in_memory()
    await forget_old(now=now)
    return await mirror(settings, now=now)


async def finish(settings: Settings) -> int:
    """Nothing is left of who was erased but what still must stay; the last mails are gone."""
    now = clock.now()
    done = await _drop_last_mails()
    waiting = await Gone.filter(waits=True).values_list("subject_id", flat=True)
    recent = await subjects_since(now - RECENT)
    again = {UUID(str(each)) for each in waiting} | await _left_of(recent)
    for person_id in sorted(again):
        done += await erase_again(person_id, settings=settings, now=now)
    if recent:
        await scrub()  # whoever died right after the last erasure has not
    return done


async def _left_of(person_ids: list[UUID]) -> set[UUID]:
    """Of whom something was written while they were erased."""
    found: set[UUID] = set()
    for name, table in erasable().items():
        if person_ids and table.erasure is Erasure.DELETE:
            rows = model_of(name).filter(**{f"{table.subject}__in": person_ids})
            found.update(
                UUID(str(each)) for each in await rows.values_list(table.subject, flat=True)
            )
    return found


async def _drop_last_mails() -> int:
    """The mail that told of an erasure leaves nothing behind: no hash of its address either."""
    async with transaction():
        over = Mail.filter(template=LAST_MAIL, state__in=[state.value for state in OVER])
        hashes = await over.values_list("address_hash", flat=True)
        await DeadAddress.filter(person_id=None, address_hash__in=list(hashes)).delete()
        return await over.delete()


async def write_anew(_settings: Settings) -> int:
    """On PostgreSQL: files without the room where deleted rows stood (see ``db.rewrite``)."""
    if not await subjects_since(clock.now() - 2 * RECENT):
        return 0
    return await rewrite([*erasing_order(), *BESIDE])


async def next_night() -> datetime | None:
    now = clock.now().astimezone(DEFAULT_ZONE)
    tonight = datetime.combine(now.date(), NIGHT, DEFAULT_ZONE)
    return (tonight if now < tonight else tonight + timedelta(days=1)).astimezone(UTC)


JOBS = (
    Job("list-of-gone", keep_list, every=timedelta(minutes=10)),
    Job("finish-erasures", finish, every=timedelta(minutes=10)),
    Job(
        "rewrite-after-erasures",
        write_anew,
        every=timedelta(days=1),
        at_start=False,
        due_at=next_night,
    ),
)
