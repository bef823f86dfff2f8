"""The rules of a seating as they are given, in a session's form or an event's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from registration.forms import Command, FieldRefused
from registration.i18n import N_

MOST_SEATS = 100_000
LONGEST_OFFER = 336
LONGEST_REMINDER = 720

# The fields, in the order of the form; ``sure_at`` is not given but found.
FIELDS = (
    "offer_hours",
    "company_quota",
    "minimum",
    "decide_by",
    "cancels_until",
    "names_until",
    "remind_hours",
)
# Where an error stands that a rule found between fields: its code is the field's name.
BETWEEN = frozenset(FIELDS)

Number = Annotated[int, Field(ge=1, le=MOST_SEATS)]


class TermsGiven(Command):
    """``offer_hours``: a freed seat is offered so long to who waits first; absent: it is theirs at
    once. ``company_quota``: most seats of one company. ``minimum``: it runs when so many have
    signed up, which is decided by ``decide_by``. Until ``cancels_until`` people cancel by
    themselves, until ``names_until`` companies name who comes (absent: until the start).
    ``remind_hours`` before the start a reminder goes out."""

    offer_hours: Annotated[int, Field(ge=1, le=LONGEST_OFFER)] | None = None
    company_quota: Number | None = None
    minimum: Number | None = None
    decide_by: AwareDatetime | None = None
    cancels_until: AwareDatetime | None = None
    names_until: AwareDatetime | None = None
    remind_hours: Annotated[int, Field(ge=1, le=LONGEST_REMINDER)] | None = None

    def columns(self) -> dict[str, object]:
        """What the seating's row says of them. Without a minimum nothing is tentative."""
        given = {name: getattr(self, name) for name in FIELDS}
        return given if self.minimum is not None else given | {"sure_at": None}


def check_terms(given: TermsGiven, *, seats: int, starts_at: datetime) -> None:
    """Raises ``FieldRefused`` with the field as its code."""
    for name in ("company_quota", "minimum"):
        number = getattr(given, name)
        if number is not None and number > seats:
            raise FieldRefused(N_("There are only {seats} seats."), code=name, seats=seats)
    if given.decide_by is not None and given.minimum is None:
        raise FieldRefused(
            N_("Say also how many it takes, or leave the day of the decision empty."),
            code="decide_by",
        )
    if given.decide_by is not None and given.decide_by >= starts_at:
        raise FieldRefused(N_("It must be decided before it starts."), code="decide_by")
    for name in ("cancels_until", "names_until"):
        moment = getattr(given, name)
        if moment is not None and moment > starts_at:
            raise FieldRefused(N_("Give a time at the start or before it."), code=name)
