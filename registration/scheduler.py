"""Every domain's jobs, woken by APScheduler.

Nothing is remembered here: what is due stands in rows, and each job looks for what it missed. So
every process may run the scheduler, and one that was down catches up when it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from registration import clock
from registration.accounts import jobs as accounts_jobs
from registration.catering import jobs as catering_jobs
from registration.companies import jobs as companies_jobs
from registration.edge.log import described
from registration.enrolment import jobs as enrolment_jobs
from registration.feedback import jobs as feedback_jobs
from registration.ledger import jobs as ledger_jobs
from registration.mail import jobs as mail_jobs
from registration.people import jobs as people_jobs
from registration.privacy import erasure_jobs, notice_jobs, request_jobs, subscribers
from registration.privacy import jobs as privacy_jobs
from registration.qualifications import jobs as qualifications_jobs
from registration.schedule import Job
from registration.settings import Settings
from registration.teaching import jobs as teaching_jobs
from registration.tries import jobs as tries_jobs
from registration.webhooks import jobs as webhooks_jobs

JOBS: tuple[Job, ...] = (
    *mail_jobs.JOBS,
    *people_jobs.JOBS,
    *ledger_jobs.JOBS,
    *accounts_jobs.JOBS,
    *companies_jobs.JOBS,
    *enrolment_jobs.JOBS,
    *catering_jobs.JOBS,
    *teaching_jobs.JOBS,
    *qualifications_jobs.JOBS,
    *tries_jobs.JOBS,
    *webhooks_jobs.JOBS,
    *request_jobs.JOBS,
    *privacy_jobs.JOBS,
    *erasure_jobs.JOBS,
    *notice_jobs.JOBS,
    *subscribers.JOBS,
    *feedback_jobs.JOBS,
)
LOOK_AHEAD = timedelta(seconds=10)
STOP_SECONDS = 10.0
WAKE_PAUSE = timedelta(milliseconds=50)
log = structlog.get_logger("registration.jobs")


@dataclass(frozen=True, slots=True)
class Done:
    """What one run of a job came to; ``failed`` is the kind of the failure, or empty."""

    name: str
    did: int | str
    failed: str


async def run(job: Job, settings: Settings) -> Done:
    """Run a job once. A failure is logged, by its kind and place only; the next run tries again."""
    try:
        did = await job.body(settings)
    except Exception as error:  # one job's trouble stops no other
        log.error("job failed", job=job.name, **described(error))
        return Done(job.name, 0, type(error).__name__)
    if did:
        log.info("job done", job=job.name, did=did)
    return Done(job.name, did, "")


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as ``jobs list`` shows it; ``due_at`` None: nothing waits for a moment of its own."""

    name: str
    every: timedelta
    due_at: datetime | None
    overdue: bool


async def look(jobs: Sequence[Job] = JOBS, *, now: datetime) -> list[JobLine]:
    lines: list[JobLine] = []
    for job in jobs:
        due_at = await job.due_at() if job.due_at else None
        lines.append(JobLine(job.name, job.every, due_at, due_at is not None and due_at <= now))
    return lines


async def run_due(settings: Settings, jobs: Sequence[Job] = JOBS, *, now: datetime) -> list[Done]:
    """Run every job that has something due, or that cannot say whether it has."""
    done: list[Done] = []
    for job in jobs:
        due_at = await job.due_at() if job.due_at else now
        if due_at is not None and due_at <= now:
            done.append(await run(job, settings))
    return done


class _Turn:
    """One job never runs twice at once here; a wake during a run brings one more run."""

    def __init__(self, job: Job, settings: Settings) -> None:
        self.job, self.settings = job, settings
        self.idle = asyncio.Event()
        self.idle.set()
        self.again = False
        self.woken = False

    async def take(self) -> None:
        self.again, self.woken = True, False
        if not self.idle.is_set():
            return
        self.idle.clear()
        try:
            while self.again:
                self.again = False
                await run(self.job, self.settings)
        finally:
            self.idle.set()


class Scheduler:
    """The jobs of one process, from ``start`` to ``stop``."""

    def __init__(self, settings: Settings, jobs: Sequence[Job] = JOBS) -> None:
        self._turns = {job.name: _Turn(job, settings) for job in jobs}
        self._clock = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Inside the running loop: jobs run from now on."""
        for name, turn in self._turns.items():
            self._clock.add_job(
                turn.take,
                "interval",
                seconds=turn.job.every.total_seconds(),
                id=name,
                next_run_time=clock.now() + (timedelta() if turn.job.at_start else turn.job.every),
                max_instances=3,
                coalesce=True,
                misfire_grace_time=None,
            )
        if any(turn.job.due_at for turn in self._turns.values()):
            self._clock.add_job(
                self._look_ahead,
                "interval",
                seconds=LOOK_AHEAD.total_seconds(),
                next_run_time=clock.now(),
                coalesce=True,
                misfire_grace_time=None,
            )
        self._clock.start()
        _listen(self)

    async def stop(self) -> None:
        """No job starts any more; those at work get some seconds to finish."""
        _running.discard(self)
        self._clock.pause()
        for turn in self._turns.values():
            turn.again = False
        waiting = [asyncio.create_task(turn.idle.wait()) for turn in self._turns.values()]
        if waiting:
            _done, late = await asyncio.wait(waiting, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
        self._clock.shutdown(wait=False)

    def wake(self, name: str, *, at: datetime | None = None) -> None:
        """The job runs soon, or once more at ``at``. Many wakes in a moment are one."""
        turn = self._turns[name]
        if at is None and turn.woken:
            return
        turn.woken = turn.woken or at is None
        moment = at or clock.now() + WAKE_PAUSE
        self._clock.add_job(
            self._take_due if at else turn.take,
            "date",
            args=[name] if at else [],
            run_date=moment,
            id=f"{name}@{'due' if at else 'wake'}",
            replace_existing=True,
            misfire_grace_time=None,
        )

    def has(self, name: str) -> bool:
        return name in self._turns

    async def _look_ahead(self) -> None:
        """Jobs whose rows name a moment are woken at that very moment."""
        for name in self._turns:
            await self._look(name)

    async def _take_due(self, name: str) -> None:
        """What falls due right after this is not kept waiting for the next look ahead."""
        await self._turns[name].take()
        if self in _running:
            await self._look(name)

    async def _look(self, name: str) -> None:
        next_due = self._turns[name].job.due_at
        if next_due is None:
            return
        try:
            due_at = await next_due()
        except Exception as error:  # the sweep finds the work later
            log.error("due time not known", job=name, **described(error))
            return
        if due_at is not None and due_at <= clock.now() + LOOK_AHEAD * 2:
            self.wake(name, at=max(due_at, clock.now() + WAKE_PAUSE))


_running: set[Scheduler] = set()
_listening: set[str] = set()


def wake(name: str) -> None:
    """The job runs soon in this process, if it runs jobs at all."""
    for scheduler in _running:
        if scheduler.has(name):
            scheduler.wake(name)


def _listen(scheduler: Scheduler) -> None:
    """Whoever wakes a job is told of it once for the whole process."""
    _running.add(scheduler)
    for job in JOBS:
        if job.wake_on is not None and job.name not in _listening:
            _listening.add(job.name)
            job.wake_on(lambda name=job.name: wake(name))  # type: ignore[misc]
