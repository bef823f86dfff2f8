"""What enrolment does by itself: reminders go out, lists that were left half enrolled go on, and
uploaded lists and stored answers go when their day is over."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.enrolment import answers, enrolling, reminders, uploads
from registration.schedule import Job
from registration.settings import Settings


async def drop_uploads(_settings: Settings) -> int:
    return await uploads.drop_due(now=clock.now())


async def go_on_enrolling(settings: Settings) -> int:
    return await enrolling.go_on_with_stalled(settings, now=clock.now())


async def drop_answers(_settings: Settings) -> int:
    return await answers.drop_old(now=clock.now())


async def remind(settings: Settings) -> int:
    return await reminders.remind_due(settings=settings, now=clock.now())


JOBS = (
    Job(
        "go-on-enrolling",
        go_on_enrolling,
        every=timedelta(minutes=1),
        due_at=enrolling.stalled_at,
    ),
    Job("send-reminders", remind, every=timedelta(minutes=5)),
    Job("drop-uploads", drop_uploads, every=timedelta(minutes=10)),
    Job("drop-answers", drop_answers, every=timedelta(hours=1)),
)
