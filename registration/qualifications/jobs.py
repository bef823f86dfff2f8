"""Certificates that are due are issued, whatever came between."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.qualifications.service import issue_due
from registration.schedule import Job
from registration.settings import Settings

LOOK_BACK = timedelta(days=60)


async def issue(settings: Settings) -> int:
    now = clock.now()
    return await issue_due(settings, since=now - LOOK_BACK, now=now)


JOBS = (Job("issue-certificates", issue, every=timedelta(minutes=30)),)
