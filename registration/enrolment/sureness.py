"""From tentative to certain: when enough are confirmed, or when staff say so. Never back again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from tortoise.functions import Count

from registration.catalogue import queries as catalogue
from registration.catalogue.models import Seating
from registration.catalogue.rules import Offering, State
from registration.catalogue.service import lock_seating
from registration.catalogue.sureness import mark_sure
from registration.db import transaction
from registration.enrolment.letters import News
from registration.enrolment.models import Place
from registration.enrolment.rules import NotTentative, OfferingCancelled
from registration.enrolment.seats import CONFIRMED_VALUES
from registration.enrolment.telling import tell_all
from registration.settings import Settings


async def sure_with(
    offering: Offering,
    *,
    confirmed: int,
    besides: Collection[UUID],
    settings: Settings,
    now: datetime,
) -> Offering:
    """Once enough are ``confirmed`` it is certain that it takes place, for good, and all hear of
    it but ``besides``, whose own mail comes from the offering that this returns."""
    terms = offering.terms
    if not terms.tentative or confirmed < (terms.minimum or 0):
        return offering
    return await make_sure(offering, actor_id=None, besides=besides, settings=settings, now=now)


async def make_sure(
    offering: Offering,
    *,
    actor_id: UUID | None,
    besides: Collection[UUID],
    settings: Settings,
    now: datetime,
) -> Offering:
    if not await mark_sure(offering.seating_id, actor_id=actor_id, now=now):
        return offering
    sure = replace(
        offering, revision=offering.revision + 1, terms=replace(offering.terms, sure_at=now)
    )
    await tell_all(News.RUNS, sure, besides=besides, settings=settings, now=now)
    return sure


async def run_anyway(
    seating_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """Staff decide that it takes place with however many there are, and all are told.

    Raises ``NotTentative``, ``OfferingCancelled``.
    """
    async with transaction():
        await lock_seating(seating_id)
        offering = (await catalogue.offerings_by_seating([seating_id]))[seating_id]
        if offering.state is State.CANCELLED:
            raise OfferingCancelled
        if not offering.terms.tentative:
            raise NotTentative
        await make_sure(offering, actor_id=actor_id, besides=(), settings=settings, now=now)


@dataclass(frozen=True, slots=True)
class Undecided:
    """Something tentative whose day of decision has come: run it anyway, or call it off."""

    offering: Offering
    confirmed: int
    minimum: int
    decide_by: datetime | None


async def undecided(*, now: datetime) -> list[Undecided]:
    """What staff must decide now, the nearest start first. It follows from the rows, so that no
    run of a job can miss it; nothing is called off by itself."""
    due = await Seating.filter(minimum__isnull=False, sure_at=None, decide_by__lte=now).values_list(
        "id", flat=True
    )
    offerings = await catalogue.offerings_by_seating([UUID(str(each)) for each in due])
    coming = [
        each for each in offerings.values() if each.state is State.PUBLISHED and each.ends_at > now
    ]
    counted = (
        await Place.filter(
            seating_id__in=[each.seating_id for each in coming],
            current=True,
            status__in=list(CONFIRMED_VALUES),
        )
        .annotate(number=Count("id"))
        .group_by("seating_id")
        .values("seating_id", "number")
    )
    confirmed = {UUID(str(row["seating_id"])): int(row["number"]) for row in counted}
    return [
        Undecided(
            each, confirmed.get(each.seating_id, 0), each.terms.minimum or 0, each.terms.decide_by
        )
        for each in sorted(coming, key=lambda each: (each.starts_at, each.id))
    ]
