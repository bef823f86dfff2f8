"""Who gets a place: pure decisions about seats, windows and the waiting list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from registration.catalogue.rules import State
from registration.errors import Conflict, Forbidden, NotFound
from registration.i18n import N_


class PlaceStatus(StrEnum):
    HELD = "held"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


# These occupy a seat.
SEATED = (
    PlaceStatus.HELD,
    PlaceStatus.OFFERED,
    PlaceStatus.CONFIRMED,
    PlaceStatus.ATTENDED,
    PlaceStatus.NO_SHOW,
)


class PlaceNotFound(NotFound):
    message = N_("There is no such place.")


class SeatingFull(Conflict):
    message = N_("No seats are left, and there is no waiting list. Choose another date.")


class NotPublished(Conflict):
    message = N_("Sign-up is not possible for this yet.")


class OfferingCancelled(Conflict):
    message = N_("This has been cancelled, so nobody can sign up for it.")


class NotOpenYet(Conflict):
    message = N_("Sign-up has not opened yet.")


class SignUpClosed(Conflict):
    message = N_("Sign-up has closed.")


class AlreadySignedUp(Conflict):
    message = N_("This person is signed up for this already. Look at your places on your own page.")


class NotCancellable(Conflict):
    message = N_("This place cannot be cancelled any more: it has ended or was cancelled before.")


class NotYourCompany(Forbidden):
    message = N_("This place was not taken by your company.")


class SubmissionReused(Conflict):
    message = N_("This form was sent before with other content. Open the page anew.")


def place_for(seats: int, taken: int, *, waiting: int, waiting_open: bool) -> PlaceStatus:
    """Confirmed while a seat is free and nobody waits before; else waiting.

    Raises ``SeatingFull`` when there is no waiting list.
    """
    if taken < seats and not waiting:
        return PlaceStatus.CONFIRMED
    if not waiting_open:
        raise SeatingFull
    return PlaceStatus.WAITING


def seats_to_fill(seats: int, taken: int) -> int:
    """How many of those who wait can have a seat now."""
    return max(0, seats - taken)


def check_open(
    state: State, *, opens_at: datetime | None, closes_at: datetime, now: datetime
) -> None:
    """Raises what stops a sign-up at this moment: ``OfferingCancelled``, ``NotPublished``,
    ``NotOpenYet``, ``SignUpClosed``. The window includes its opening, not its closing."""
    if state is State.CANCELLED:
        raise OfferingCancelled
    if state is not State.PUBLISHED:
        raise NotPublished
    if opens_at is not None and now < opens_at:
        raise NotOpenYet
    if now >= closes_at:
        raise SignUpClosed


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a sign-up. ``position`` counts from 1 on the waiting list, else None;
    ``repeated``: the same submission was answered before, and nothing was done again."""

    id: UUID
    status: PlaceStatus
    position: int | None
    person_id: UUID
    repeated: bool = False
