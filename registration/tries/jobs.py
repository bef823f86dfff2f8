"""What counts of tries do by themselves: they go when their window has ended."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.schedule import Job
from registration.settings import Settings
from registration.tries.service import sweep


async def forget(_settings: Settings) -> int:
    return await sweep(now=clock.now())


JOBS = (Job("forget-tries", forget, every=timedelta(minutes=15)),)
