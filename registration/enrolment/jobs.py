"""What enrolment does by itself: ends are kept, reminders go out, wishes are answered, lists that
were left half enrolled go on, and what is over goes."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.enrolment import answers, enrolling, filling, interests, reminders, uploads
from registration.enrolment.ending import next_end
from registration.enrolment.placing import on_end_set
from registration.schedule import Job
from registration.settings import Settings


async def end_places(settings: Settings) -> int:
    return await filling.settle_due(settings, now=clock.now())


async def tell_interested(settings: Settings) -> int:
    now = clock.now()
    return await interests.drop_interests(now=now) + await interests.tell_interested(
        settings, now=now
    )


async def drop_uploads(_settings: Settings) -> int:
    return await uploads.drop_due(now=clock.now())


async def go_on_enrolling(settings: Settings) -> int:
    return await enrolling.go_on_with_stalled(settings, now=clock.now())


async def drop_answers(_settings: Settings) -> int:
    return await answers.drop_old(now=clock.now())


async def remind(settings: Settings) -> int:
    return await reminders.remind_due(settings=settings, now=clock.now())


JOBS = (
    Job("end-places", end_places, every=timedelta(minutes=1), wake_on=on_end_set, due_at=next_end),
    Job("tell-interested", tell_interested, every=timedelta(minutes=1)),
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
