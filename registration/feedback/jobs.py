"""What feedback does by itself: asks those who want that, closes, and forgets."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.feedback import asking, service
from registration.schedule import Job
from registration.settings import Settings


async def ask_feedback(settings: Settings) -> int:
    return await asking.ask_due(settings, now=clock.now())


async def close_surveys(_settings: Settings) -> int:
    return await service.close_due(now=clock.now())


async def drop_feedback(_settings: Settings) -> int:
    return await service.drop_old(now=clock.now())


JOBS = (
    Job("ask-feedback", ask_feedback, every=timedelta(minutes=10)),
    Job("close-surveys", close_surveys, every=timedelta(minutes=10)),
    Job("drop-feedback", drop_feedback, every=timedelta(hours=1)),
)
