"""The outbox empties itself, and the log of mail forgets in time."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.mail.sending import send_due
from registration.mail.service import drop_stale, on_queued, sweep
from registration.schedule import Job
from registration.settings import Settings


async def send(settings: Settings) -> int:
    return await send_due(settings)


async def drop(_settings: Settings) -> int:
    return await drop_stale(now=clock.now())


async def sweep_log(_settings: Settings) -> int:
    return await sweep(now=clock.now())


JOBS = (
    Job("send-mail", send, every=timedelta(seconds=30), wake_on=on_queued),
    Job("drop-stale-mail", drop, every=timedelta(minutes=5)),
    Job("sweep-mail-log", sweep_log, every=timedelta(minutes=10)),
)
