"""What accounts do by themselves: ended links, logins and tokens go."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.accounts.logins import purge_ended
from registration.schedule import Job
from registration.settings import Settings


async def purge(_settings: Settings) -> int:
    return await purge_ended(now=clock.now())


JOBS = (Job("purge-logins", purge, every=timedelta(hours=1)),)
