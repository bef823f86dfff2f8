"""What companies' domain does by itself: applications go when their time is over."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.companies import applications
from registration.schedule import Job
from registration.settings import Settings


async def drop_applications(_settings: Settings) -> int:
    return await applications.drop_due(now=clock.now())


JOBS = (Job("drop-applications", drop_applications, every=timedelta(hours=6)),)
