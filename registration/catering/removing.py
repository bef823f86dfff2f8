"""Deleting an event made by mistake: nobody was ever on it, no kitchen ever heard of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.removal import remove_event
from registration.catalogue.service import lock_seating
from registration.catering.models import CatererLink, HandedSheet, Vault
from registration.db import transaction
from registration.enrolment.models import HeldSeat, Place
from registration.enrolment.rules import PeopleOnIt
from registration.errors import Conflict
from registration.i18n import N_


class KitchenKnows(Conflict):
    message = N_(
        "The kitchen has a sheet or a link of this event. Call it off, so that it is told."
    )


async def delete_event(event_id: UUID, *, actor_id: UUID | None, now: datetime) -> None:
    """Nothing is left of the event. Raises ``PeopleOnIt``, ``KitchenKnows``: what had guests or a
    kitchen can only be called off, which deletes its food restrictions with a receipt (P4)."""
    event = await catalogue.event(event_id)
    async with transaction():
        seating = await lock_seating(event.seating_id)
        people = await Place.filter(seating_id=seating.id).count()
        people += await HeldSeat.filter(seating_id=seating.id).count()
        if people:
            raise PeopleOnIt(people=people)
        for held in (Vault, CatererLink, HandedSheet):
            if await held.filter(event_id=event_id).exists():
                raise KitchenKnows
        await remove_event(event_id, actor_id=actor_id, now=now)
