"""The retention rules: what the calendar deletes, by which period, and from when (P8, P13).

They are made from the data map: a table that counts from a moment of its own has a rule under its
name; places fall under three, by what they were for; a person as a whole under one. Persons come
first: whose last tie goes tonight goes the night after, so that a sweep does just what could be
foreseen of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from registration.i18n import N_, _
from registration.periods import Schedule, gone_before
from registration.privacy.datamap import DATA_MAP, Since
from registration.privacy.datamap.columns import period_words


class Sort(StrEnum):
    """What a rule looks at."""

    EVENT = "event"
    TRAINING = "training"
    RECORD = "record"
    ROW = "row"
    ACCOUNT = "account"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Rule:
    """``name`` is what receipts bear; ``table`` and ``column`` are where it counts from;
    ``periods`` are names in the ``Schedule``, the shortest first where there are two."""

    name: str
    sort: Sort
    table: str
    periods: tuple[str, ...]
    column: str = ""

    def months(self, schedule: Schedule) -> int:
        return int(getattr(schedule, self.periods[0]))

    def said(self, schedule: Schedule) -> str:
        """The periods in months, as a receipt keeps them: ``24/120``."""
        return "/".join(str(getattr(schedule, name)) for name in self.periods)


_ROWS = tuple(
    Rule(
        name,
        Sort.ACCOUNT if name == "account" else Sort.ROW,
        name,
        table.keep.periods,
        table.keep.column,
    )
    for name, table in DATA_MAP.items()
    if table.keep.since in (Since.ENDED, Since.MADE)
)

RULES: tuple[Rule, ...] = (
    Rule("person", Sort.PERSON, "person", ("relation",)),
    Rule("event-place", Sort.EVENT, "place", ("event_places",)),
    Rule("training-place", Sort.TRAINING, "place", ("training_places",)),
    Rule("training-record", Sort.RECORD, "place", ("qualification", "lasting_qualification")),
    *_ROWS,
)
BY_NAME: Mapping[str, Rule] = {rule.name: rule for rule in RULES}

TITLES: Mapping[str, str] = {
    "event-place": N_("Places at events"),
    "training-place": N_("Trainings that were not completed"),
    "training-record": N_("Completed trainings and their certificates"),
    "suggestion": N_("Proposed changes of contact data"),
    "consent": N_("Consents that were taken back"),
    "employment": N_("Ended employments"),
    "objection": N_("Settled objections"),
    "account": N_("Ended accounts"),
    "account_grant": N_("Ended access"),
    "rights_request": N_("Answered requests"),
    "restriction": N_("Lifted restrictions"),
    "hold": N_("Lifted holds"),
    "person": N_("Contact data of people whom nothing ties to us"),
}
COUNTED_FROM: Mapping[str, str] = {
    "event-place": N_("the end of the event"),
    "training-place": N_("the end of the training"),
    "training-record": N_(
        "the last day of the qualification; without one, the last day of the training"
    ),
    "suggestion": N_("the day it was proposed"),
    "consent": N_("the day it was taken back"),
    "employment": N_("the last day of the employment"),
    "objection": N_("the day it was settled"),
    "account": N_("the end of the account"),
    "account_grant": N_("the end of the access"),
    "rights_request": N_("the day of the answer"),
    "restriction": N_("the day it was lifted"),
    "hold": N_("the day it was lifted"),
    "person": N_("the last place, employment, login, consent or request"),
}


def title_of(rule: str) -> str:
    """In the language now spoken; a rule of another version keeps its name."""
    return _(TITLES[rule]) if rule in TITLES else rule.replace("_", " ")


def counted_from(rule: Rule) -> str:
    return _(COUNTED_FROM[rule.name]) if rule.name in COUNTED_FROM else _("its own end")


def period_of(rule: Rule, schedule: Schedule) -> str:
    """``2 years``, or ``2 years; without an end 10 years``."""
    first, *others = (period_words(getattr(schedule, name)) for name in rule.periods)
    return (
        _("{period}; without an end {lasting}", period=first, lasting=others[0])
        if others
        else first
    )


@dataclass(frozen=True, slots=True)
class Night:
    """When a sweep looks: ``now``, the calendar day that it is here, and the zone of both."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def day_before(self, months: int) -> date:
        """What had its last day before this day is due."""
        return gone_before(self.today, months)

    def moment_before(self, months: int) -> datetime:
        """The same as a moment: what ended before it is due."""
        return datetime.combine(self.day_before(months), time(), self.zone)
