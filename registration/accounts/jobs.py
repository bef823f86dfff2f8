"""What accounts do by themselves: ended links, logins and tokens go, and access that nobody
reviewed ends."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.accounts.helping import purge_help
from registration.accounts.logins import purge_ended
from registration.accounts.review import review
from registration.schedule import Job
from registration.settings import Settings


async def purge(_settings: Settings) -> int:
    return await purge_ended(now=clock.now()) + await purge_help(now=clock.now())


async def review_access(settings: Settings) -> int:
    return await review(settings, now=clock.now())


JOBS = (
    Job("purge-logins", purge, every=timedelta(hours=1)),
    Job("review-access", review_access, every=timedelta(hours=6)),
)
