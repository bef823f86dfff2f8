"""One reminder before the start, to everybody who has a place (``Seating.remind_hours``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from registration.catalogue import queries as catalogue
from registration.catalogue.models import Event, Session
from registration.catalogue.rules import State
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment.letters import News, Told, letter
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.mail.service import queue_many
from registration.settings import Settings

# Who had their place confirmed so shortly before, or later, has just read all of it.
SPARED = timedelta(hours=1)
# A start that moves on by so much is another day, of which people are reminded anew.
REARMED = timedelta(hours=12)
CHUNK = 200


def remind_at(starts_at: datetime, hours: int, zone: ZoneInfo) -> datetime:
    """When the reminder goes out, in UTC. Whole days are of the calendar: a day before 9.00 it is
    9.00, also when the clocks change in between."""
    local = starts_at.astimezone(zone) - timedelta(days=hours // 24)
    return local.astimezone(UTC) - timedelta(hours=hours % 24)


async def remind_due(*, settings: Settings, now: datetime) -> int:
    """Everybody whose reminder is due has one mail; says how many.

    The seating is locked while it is done: of several processes one reminds, and whoever moves or
    cancels comes before or after. It is too late once it has begun.
    """
    done = 0
    for seating_id, at in await _begun(now):
        if await _due(seating_id, at).exists():
            while number := await _remind(seating_id, settings=settings, now=now):
                done += number
    return done


async def _begun(now: datetime) -> list[tuple[UUID, datetime]]:
    """Seatings that have not started and whose reminder time has come, and that time."""
    found: list[tuple[UUID, datetime]] = []
    for model in (Session, Event):
        rows = await model.filter(
            state=State.PUBLISHED.value, starts_at__gt=now, seating__remind_hours__not_isnull=True
        ).values_list("seating_id", "starts_at", "time_zone", "seating__remind_hours")
        for seating_id, starts_at, zone, hours in rows:
            at = remind_at(starts_at, hours, ZoneInfo(zone))
            if at <= now:
                found.append((UUID(str(seating_id)), at))
    return found


def _due(seating_id: UUID, at: datetime) -> QuerySet[Place]:
    return Place.filter(
        Q(reminded_at=None) | Q(reminded_at__lt=at - REARMED),
        seating_id=seating_id,
        current=True,
        status=PlaceStatus.CONFIRMED.value,
        changed_at__lt=at - SPARED,
    )


async def _remind(seating_id: UUID, *, settings: Settings, now: datetime) -> int:
    async with transaction():
        await lock_seating(seating_id)
        offering = (await catalogue.offerings_by_seating([seating_id]))[seating_id]
        hours = offering.terms.remind_hours
        if hours is None or offering.state is not State.PUBLISHED or now >= offering.starts_at:
            return 0
        at = remind_at(offering.starts_at, hours, ZoneInfo(offering.zone))
        if now < at:
            return 0
        places: Sequence[Place] = (
            await _due(seating_id, at).order_by("turn").limit(CHUNK).select_related("person")
        )
        await Place.filter(id__in=[place.id for place in places]).update(reminded_at=now)
        await queue_many(
            [
                letter(
                    News.REMINDER,
                    offering,
                    Told.of(place.id, place.person),
                    settings=settings,
                    now=now,
                )
                for place in places
            ]
        )
    return len(places)
