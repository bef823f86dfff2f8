"""Companies' systems hear of changes by themselves."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.schedule import Job
from registration.settings import Settings
from registration.webhooks import delivery, gathering
from registration.webhooks.service import on_waiting


async def gather(_settings: Settings) -> int:
    return await gathering.gather(now=clock.now())


async def send(settings: Settings) -> int:
    return await delivery.send_due(settings)


async def drop(_settings: Settings) -> int:
    return await delivery.drop_old(now=clock.now())


JOBS = (
    Job("gather-webhooks", gather, every=timedelta(seconds=20)),
    Job("send-webhooks", send, every=timedelta(seconds=30), wake_on=on_waiting),
    Job("drop-webhook-deliveries", drop, every=timedelta(hours=6)),
)
