"""Somebody in the demo does not want their company to see all that they have earned."""

from __future__ import annotations

from datetime import datetime, timedelta

from registration.people.overview import found_by
from registration.people.rules import Contact
from registration.privacy.restrictions import object_to


async def object_in_time(contact: Contact, *, now: datetime) -> None:
    """It waits for staff since four days. Nothing happens if nobody of that address is known."""
    for person_id in await found_by(contact.email, limit=1):
        await object_to(
            person_id,
            "employment",
            because="Vaihdan työpaikkaa.",
            actor_id=person_id,
            now=now - timedelta(days=4),
        )
