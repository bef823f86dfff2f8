"""What teaching does by itself: trainers are asked what became of the packs that have ended."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.schedule import Job
from registration.settings import Settings
from registration.teaching.returning import ask


async def ask_for_packs(settings: Settings) -> int:
    return await ask(settings, now=clock.now())


JOBS = (Job("ask-for-packs", ask_for_packs, every=timedelta(hours=1)),)
