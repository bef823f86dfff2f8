"""What outranks what when somebody's data could go: pure, and the same for the nightly sweep, for
an erasure that a person asks for, and for what pages say (P8, P13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from registration.errors import Conflict, Invalid, NotFound
from registration.i18n import N_

# A hold that nobody looked at for so long may have lost its reason.
LONGEST_REVIEW_MONTHS = 12


class HoldNotFound(NotFound):
    message = N_("There is no such hold.")


class HoldLifted(Conflict):
    message = N_("This hold was lifted already. Look at the list again.")


class HoldKnown(Conflict):
    message = N_("The same authority already holds the same thing under this reference.")


class NothingToHold(Invalid):
    message = N_("Nothing of this person is on record there, so there is nothing to hold.")


class Why(StrEnum):
    """Why something stays or goes, from the strongest to the weakest."""

    HOLD = "hold"
    RESTRICTION = "restriction"
    DUTY = "duty"
    ASKED = "asked"
    PENDING = "pending"
    NEEDED = "needed"
    PERIOD = "period"
    OVER = "over"


WHY_WORDS: Mapping[Why, str] = {
    Why.HOLD: N_("an authority requires it"),
    Why.RESTRICTION: N_("the person asked that it is kept"),
    Why.DUTY: N_("a training must stay provable"),
    Why.ASKED: N_("the person asked that it is deleted"),
    Why.PENDING: N_("a request or an objection of the person is open"),
    Why.NEEDED: N_("it is still needed"),
    Why.PERIOD: N_("its time is not over"),
    Why.OVER: N_("its time is over"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one record, or of a person as a whole.

    ``held``: when each hold in force on it must be reviewed. ``restricted``: the person restricted
    its processing. ``duty_until``: the first day on which no law requires it any more, None where
    none does. ``pending``: a rights request or an objection of the person is open. ``goes_on``: the
    first day after its retention period, None while nothing has begun to count.
    """

    goes_on: date | None
    held: Sequence[date] = ()
    restricted: bool = False
    duty_until: date | None = None
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it goes, why, and when that is looked at again: the review of the last hold, the end
    of the duty or of the period. None: nobody knows a day."""

    goes: bool
    why: Why
    on: date | None


def verdict(facts: Facts, *, today: date, asked: bool = False) -> Verdict:
    """Whether a record goes today. ``asked``: the person asks for it; else the calendar does.

    The strongest first: an authority's hold; a restriction, which stops the calendar and never the
    person's own wish; a legal duty; the person's wish; an open request or objection, which pauses
    the calendar; the end of the period.
    """
    if facts.held:
        return Verdict(False, Why.HOLD, max(facts.held))
    if facts.restricted and not asked:
        return Verdict(False, Why.RESTRICTION, None)
    if facts.duty_until is not None and today < facts.duty_until:
        return Verdict(False, Why.DUTY, facts.duty_until)
    if asked:
        return Verdict(True, Why.ASKED, today)
    if facts.pending:
        return Verdict(False, Why.PENDING, None)
    if facts.goes_on is None:
        return Verdict(False, Why.NEEDED, None)
    if today < facts.goes_on:
        return Verdict(False, Why.PERIOD, facts.goes_on)
    return Verdict(True, Why.OVER, facts.goes_on)
