"""The outbox empties itself."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.mail.service import drop_stale, on_queued, send_due
from registration.schedule import Job
from registration.settings import Settings


async def send(settings: Settings) -> int:
    return await send_due(settings)


async def drop(_settings: Settings) -> int:
    return await drop_stale(now=clock.now())


JOBS = (
    Job("send-mail", send, every=timedelta(seconds=30), wake_on=on_queued),
    Job("drop-stale-mail", drop, every=timedelta(minutes=5)),
)
