"""Certificates that are due are issued, files that were ordered are printed, whatever came between;
and files that were kept long enough go."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.qualifications import printed, printing
from registration.qualifications.service import issue_due
from registration.schedule import Job
from registration.settings import Settings

LOOK_BACK = timedelta(days=60)


async def issue(settings: Settings) -> int:
    now = clock.now()
    return await issue_due(settings, since=now - LOOK_BACK, now=now)


async def go_on_printing(settings: Settings) -> int:
    return await printing.go_on_with_stalled(settings, now=clock.now())


async def drop_printed(_settings: Settings) -> int:
    return await printed.drop_due(now=clock.now())


JOBS = (
    Job("issue-certificates", issue, every=timedelta(minutes=30)),
    Job(
        "go-on-printing",
        go_on_printing,
        every=timedelta(minutes=1),
        due_at=printing.stalled_at,
    ),
    Job("drop-printed", drop_printed, every=timedelta(hours=1)),
)
