"""What the privacy notice does by itself: it keeps up with what is true, and people are told."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.privacy.notice_telling import next_due, tell_due
from registration.privacy.notice_versions import keep_up
from registration.schedule import Job
from registration.settings import Settings


async def make_version(settings: Settings) -> int:
    return int(await keep_up(settings, now=clock.now()) is not None)


async def tell(settings: Settings) -> int:
    return await tell_due(settings, now=clock.now())


JOBS = (
    Job("notice-version", make_version, every=timedelta(minutes=10)),
    Job("notice-tell", tell, every=timedelta(minutes=10), due_at=next_due),
)
