"""An employee leaves a company: the person keeps places and records, the company lets go (P6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from registration.companies.service import end_employment
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import By, PlaceNotFound
from registration.enrolment.service import cancel
from registration.settings import Settings


async def leave(
    company_id: UUID,
    person_id: UUID,
    *,
    until: datetime,
    cancelled: Sequence[UUID] = (),
    actor_id: UUID,
    settings: Settings,
    now: datetime,
) -> None:
    """The employment ends at ``until``, and these places of it are given up; the others stand, and
    what was taken stays in the company's figures. All of it happens, or none.

    Raises ``NotEmployed``, ``PlaceNotFound`` for places that the company did not take for this
    person, and what ``cancel`` raises.
    """
    async with transaction():
        own = Place.filter(id__in=list(cancelled), company_id=company_id, person_id=person_id)
        if await own.count() < len(set(cancelled)):
            raise PlaceNotFound
        for place_id in sorted(set(cancelled)):
            await cancel(place_id, actor_id=actor_id, settings=settings, now=now, by=By.COORDINATOR)
        await end_employment(company_id, person_id, until=until, actor_id=actor_id, now=now)
