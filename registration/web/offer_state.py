"""Where an offered seat stands for the person to whom it is, or was, offered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceStatus


class OfferState(StrEnum):
    OPEN = "open"
    YOURS = "yours"
    HELD = "held"
    WAITING = "waiting"
    ENDED = "ended"


def state_of(place: PlaceLine, *, now: datetime) -> OfferState:
    if place.status is PlaceStatus.OFFERED:
        stands = place.until is not None and now < place.until
        return OfferState.OPEN if stands else OfferState.ENDED
    if place.status in {PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED}:
        return OfferState.YOURS
    if place.status is PlaceStatus.HELD:
        return OfferState.HELD
    return OfferState.WAITING if place.status is PlaceStatus.WAITING else OfferState.ENDED
