"""Who asked for something to be sent, and never confirmed it, is not kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from registration import clock
from registration.db import transaction
from registration.people.asking import drop_unconfirmed
from registration.people.models import Person
from registration.privacy import gate
from registration.privacy.datamap import DATA_MAP, Erasure
from registration.privacy.export import model_of
from registration.schedule import Job
from registration.settings import Settings

# Imported with the jobs, so that it stands wherever mail is sent.
GATE = gate.unrestricted
# What is held on a person only because they are on record.
NO_TIES = frozenset({"person", "suggestion", "mail", "dead_address"})


async def forget_unconfirmed(*, now: datetime) -> int:
    """Ticks that nobody confirmed within a week are gone, and their persons too, where nothing
    else is held on them; says how many ticks' persons there were."""
    whose = await drop_unconfirmed(now=now)
    for start in range(0, len(whose), 200):
        await _forget_untied(whose[start : start + 200])
    return len(whose)


async def _forget_untied(person_ids: Sequence[UUID]) -> None:
    async with transaction():
        tied: set[UUID] = set()
        for name, table in DATA_MAP.items():
            if not table.subject or table.store != "main" or name in NO_TIES:
                continue
            if table.erasure is Erasure.PSEUDONYMOUS:
                continue
            found = model_of(name).filter(**{f"{table.subject}__in": list(person_ids)})
            tied |= {UUID(str(each)) for each in await found.values_list(table.subject, flat=True)}
        alone = [person_id for person_id in person_ids if person_id not in tied]
        for name in ("mail", "dead_address", "suggestion"):
            subject = DATA_MAP[name].subject
            await model_of(name).filter(**{f"{subject}__in": alone}).delete()
        await Person.filter(id__in=alone).delete()


async def forget(_settings: Settings) -> int:
    return await forget_unconfirmed(now=clock.now())


JOBS = (Job("forget-unconfirmed", forget, every=timedelta(hours=1)),)
