"""The ledger seals itself: what happened in the last minute joins the chain."""

from __future__ import annotations

from datetime import timedelta

from registration.ledger.service import seal_entries
from registration.schedule import Job
from registration.settings import Settings


async def seal(_settings: Settings) -> int:
    return await seal_entries()


JOBS = (Job("seal-ledger", seal, every=timedelta(seconds=60)),)
