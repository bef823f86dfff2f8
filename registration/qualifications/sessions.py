"""From a certificate to the session where it was earned."""

from __future__ import annotations

from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.models import Session
from registration.enrolment.models import Place


async def session_of(place_id: UUID) -> SessionLine | None:
    """None when the session is gone."""
    place = await Place.get_or_none(id=place_id)
    row = await Session.get_or_none(seating_id=place.seating_id) if place else None
    return await catalogue.session(row.id) if row else None
