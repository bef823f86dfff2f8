"""What staff say of somebody who did not come to a session: a result, so it is open to change only
while the results are, and what stood before is in the history."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment import attendance
from registration.enrolment import queries as enrolment
from registration.teaching.locking import check_open
from registration.teaching.opening import with_no_show
from registration.teaching.outcomes import change, session_days


async def no_show(place_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """As ``enrolment.attendance.no_show``. Raises ``ResultsLocked`` besides."""
    await _say(place_id, absent=True, actor_id=actor_id, now=now)


async def came_after_all(place_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """As ``enrolment.attendance.came_after_all``. Raises ``ResultsLocked`` besides."""
    await _say(place_id, absent=False, actor_id=actor_id, now=now)


async def _say(place_id: UUID, *, absent: bool, actor_id: UUID | None, now: datetime) -> None:
    say = attendance.no_show if absent else attendance.came_after_all
    async with transaction():
        line = await enrolment.place(place_id)
        if line.offering.kind != "session":
            await say(place_id, actor_id=actor_id, now=now)
            return
        await lock_seating(line.offering.seating_id, turns=0)
        await check_open(line.offering.id)
        before, version = (await with_no_show([await enrolment.place(place_id)]))[place_id]
        await say(place_id, actor_id=actor_id, now=now)
        after, _version = (await with_no_show([await enrolment.place(place_id)]))[place_id]
        if after != before and (version or before.no_show):
            days = session_days(await catalogue.session(line.offering.id))
            row = change(place_id, before, after, days, actor_id=actor_id, now=now)
            await row.save(force_create=True)
