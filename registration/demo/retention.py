"""What an authority holds in the demo, and what is due, or will be soon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from registration.db import transaction
from registration.people.rules import Contact, Source
from registration.people.service import know, suggest
from registration.periods import gone_before
from registration.privacy.holds import (
    HoldEnded,
    HoldGiven,
    HoldReviewed,
    lift_hold,
    place_hold,
    review_hold,
)
from registration.privacy.sweeping import Pace, sweep
from registration.qualifications.models import Certificate
from registration.settings import Settings

# Who is not heard of any more, and how many days before their time is over.
LONG_GONE = (
    ("Aarne", "Aikanen", -3),
    ("Märta", "Sjö", -1),
    ("Veikko", "Lahti", 5),
    ("Impi", "Suo", 12),
)


async def hold_and_let_go(*, staff_id: UUID, settings: Settings, now: datetime) -> None:
    """Some of those with certificates are held; people and proposals run out, and the first of them
    went last night."""
    certified = Certificate.all().order_by("number").limit(40)
    holders = [UUID(str(each)) for each in await certified.values_list("person_id", flat=True)]
    person_ids = list(dict.fromkeys(holders))
    await _hold(*person_ids[:3], staff_id=staff_id, now=now)
    await _let_run_out(person_ids[3:6], settings=settings, now=now)
    await sweep(settings, now=now - timedelta(days=1), pace=Pace(rest=0))


async def _hold(held: UUID, silent: UUID, lifted: UUID, *, staff_id: UUID, now: datetime) -> None:
    """One hold is due for review, one is silent, one is lifted."""

    async def hold(
        person_id: UUID, at: datetime, table: str, review_in: int, **more: object
    ) -> UUID:
        given = HoldGiven.model_validate(
            {
                "table": table,
                "authority": "Liikenne- ja viestintävirasto Traficom",
                "reference": "TRAFICOM/52814/05.00.10/2026",
                "reason": "Pätevyyden todentaminen vaaratilanteen selvityksessä.",
                "review_on": (at + timedelta(days=review_in)).date(),
            }
            | more
        )
        return await place_hold(person_id, given, actor_id=staff_id, today=at.date(), now=at)

    await hold(held, now - timedelta(days=120), "certificate", 118)
    police = {
        "authority": "Helsingin poliisilaitos",
        "reference": "5500/R/20417/26",
        "silent": True,
    }
    await hold(silent, now - timedelta(days=30), "", 180, **police)
    old = await hold(
        lifted, now - timedelta(days=200), "outcome", 90, reference="TRAFICOM/11207/26"
    )
    asked = now - timedelta(days=115)
    review = HoldReviewed(review_on=(asked + timedelta(days=60)).date())
    await review_hold(old, review, actor_id=staff_id, today=asked.date(), now=asked)
    ended = HoldEnded(because="Traficom ilmoitti selvityksen päättyneen.")
    await lift_hold(old, ended, actor_id=staff_id, now=now - timedelta(days=60))


async def _let_run_out(person_ids: Sequence[UUID], *, settings: Settings, now: datetime) -> None:
    """Whom nothing ties to us for long, and proposals to these that nobody answered."""
    schedule, today = settings.organisation.retention, now.astimezone(settings.time_zone).date()
    for first, last, days in LONG_GONE:
        end = gone_before(today, schedule.relation) + timedelta(days=days)
        at = datetime.combine(end, now.timetz())
        contact = Contact(first, last, f"{first}.{last}@entinen.example".lower(), language="fi")
        async with transaction():
            await know(contact, source=Source.SELF, now=at)
    for person_id, days in zip(person_ids, (2, 8, 20), strict=True):
        end = gone_before(today, schedule.suggestions) + timedelta(days=days)
        async with transaction():
            await suggest(
                person_id,
                {"phone": "+358405550100"},
                source=Source.COMPANY,
                now=datetime.combine(end, now.timetz()),
            )
