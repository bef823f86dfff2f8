"""What a job is: a domain names its work here, and the scheduler wakes it.

Deadlines are rows of the domain's own; a job that runs twice, or in two processes at once, does
each piece of work once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from registration.settings import Settings

Wake = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Job:
    """``body`` does all that is due and says how much, or what, it did.

    It runs every ``every``, also at the start if ``at_start``; soon after whatever ``wake_on`` was
    given a callback for; and at the moment that ``due_at`` names, if it names one.
    """

    name: str
    body: Callable[[Settings], Awaitable[int | str]]
    every: timedelta
    at_start: bool = True
    wake_on: Callable[[Wake], None] | None = None
    due_at: Callable[[], Awaitable[datetime | None]] | None = None
