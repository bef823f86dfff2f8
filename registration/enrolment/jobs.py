"""What enrolment does by itself: ends are kept, wishes are answered, and what is over goes."""

from __future__ import annotations

from datetime import timedelta

from registration import clock
from registration.enrolment import answers, filling, interests, uploads
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


async def drop_answers(_settings: Settings) -> int:
    return await answers.drop_old(now=clock.now())


JOBS = (
    Job("end-places", end_places, every=timedelta(minutes=1), wake_on=on_end_set, due_at=next_end),
    Job("tell-interested", tell_interested, every=timedelta(minutes=1)),
    Job("drop-uploads", drop_uploads, every=timedelta(minutes=10)),
    Job("drop-answers", drop_answers, every=timedelta(hours=1)),
)
