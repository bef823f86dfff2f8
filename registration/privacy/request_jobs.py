"""The register of requests forgets in time."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.privacy.answering import close_old
from registration.schedule import Job
from registration.settings import Settings


async def close(_settings: Settings) -> int:
    return await close_old(now=clock.now())


JOBS = (Job("close-requests", close, every=timedelta(hours=6)),)
