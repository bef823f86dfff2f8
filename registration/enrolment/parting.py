"""The end of a customer relationship: after it nobody books for the company, and the periods of
retention begin to run (P13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from registration.accounts.grants import end_grants_over
from registration.accounts.rules import Role
from registration.companies.models import CompanyApprover
from registration.companies.service import end_company
from registration.db import transaction
from registration.enrolment.holds import give_back
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.queries import PlaceLine, lines_of
from registration.enrolment.rules import By, NotCancellable, PlaceNotFound, Why
from registration.enrolment.service import cancel
from registration.errors import FieldError
from registration.forms import Command, Refused
from registration.i18n import DEFAULT_ZONE, N_
from registration.settings import Settings

# Longer ago or further ahead somebody has mistyped the year.
FARTHEST = timedelta(days=366)


class PartingGiven(Command):
    """``last_day`` of the relationship. ``cancel_places``: those to come are given up."""

    last_day: date
    cancel_places: bool


@dataclass(frozen=True, slots=True)
class Parted:
    """How many places were cancelled, seats without a name given back, employments and accesses
    ended."""

    places: int
    seats: int
    employees: int
    coordinators: int


async def places_to_come(company_id: UUID, *, since: datetime) -> list[PlaceLine]:
    """The company's places on what starts after ``since``, the first to start first."""
    rows = await Place.filter(company_id=company_id, current=True).select_related("person")
    lines = [line for line in await lines_of(rows) if line.offering.starts_at > since]
    return sorted(lines, key=lambda line: (line.offering.starts_at, line.name, line.id))


async def part(
    company_id: UUID, given: PartingGiven, *, actor_id: UUID, settings: Settings, now: datetime
) -> Parted:
    """After ``last_day`` nobody works for the company on record, books for it or holds a seat of
    it; places to come stand or are cancelled, as was chosen. Should it be broken off, a second call
    does the rest. Raises ``Refused`` for a day too far off, ``CompanyNotFound``, ``CompanyGone``.
    """
    today = now.astimezone(DEFAULT_ZONE).date()
    if abs(given.last_day - today) > FARTHEST:
        raise Refused(
            FieldError("last_day", "far", N_("Give a day at most a year ago or a year from now."))
        )
    until = datetime.combine(given.last_day, time(23, 59, 59), DEFAULT_ZONE)
    cancelled = 0
    if given.cancel_places:
        to_come = await places_to_come(company_id, since=max(now, until))
        cancelled = await _cancel(to_come, actor_id=actor_id, settings=settings, now=now)
    # A day that has begun is over at once: nobody books any more.
    ends_at = min(until, now) if given.last_day <= today else until
    seats = await _give_back(
        company_id, until=ends_at, actor_id=actor_id, settings=settings, now=now
    )
    async with transaction():
        people = await end_company(company_id, until=ends_at, actor_id=actor_id, now=now)
        ended = await end_grants_over(
            company_id,
            Role.COORDINATOR,
            until=ends_at,
            actor_id=actor_id,
            reason="relationship ended",
            now=now,
        )
        if ends_at <= now:
            await CompanyApprover.filter(company_id=company_id).delete()
    return Parted(cancelled, seats, len(people), ended)


async def _cancel(
    lines: Sequence[PlaceLine], *, actor_id: UUID, settings: Settings, now: datetime
) -> int:
    """Each in a transaction of its own, for a large company has many."""
    cancelled = 0
    for line in lines:
        try:
            await cancel(
                line.id, actor_id=actor_id, settings=settings, now=now, by=By.STAFF, why=Why.AGREED
            )
        except (PlaceNotFound, NotCancellable):
            continue  # somebody cancelled it meanwhile
        cancelled += 1
    return cancelled


async def _give_back(
    company_id: UUID, *, until: datetime, actor_id: UUID, settings: Settings, now: datetime
) -> int:
    """Seats without a name are free at once, or then."""
    ids = [seat.id for seat in await HeldSeat.filter(company_id=company_id, until__gt=until)]
    if until > now:
        await HeldSeat.filter(id__in=ids).update(until=until)
        return len(ids)
    return await give_back(
        ids, company_id=company_id, actor_id=actor_id, settings=settings, now=now
    )
