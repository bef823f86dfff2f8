"""What enrolment does by itself: uploaded lists go when their day is over."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.enrolment import uploads
from registration.schedule import Job
from registration.settings import Settings


async def drop_uploads(_settings: Settings) -> int:
    return await uploads.drop_due(now=clock.now())


JOBS = (Job("drop-uploads", drop_uploads, every=timedelta(minutes=10)),)
