"""What the data map says of a table, and the words that several of its parts share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registration.i18n import N_, _, ngettext
from registration.ledger.rules import Basis
from registration.periods import Schedule
from registration.privacy.datamap.parties import Activity, Category, Receiver


class Kind(StrEnum):
    """What sort of data a column holds."""

    NAME = "name"
    CONTACT = "contact"
    COMPANY = "company"
    PARTICIPATION = "participation"
    OUTCOME = "outcome"
    DIET = "diet"
    CHOICE = "choice"
    OPINION = "opinion"
    ACCESS = "access"
    TRACE = "trace"
    LETTER = "letter"
    LINK = "link"  # an id or a state: says nothing of a person by itself
    NONE = "none"  # not about a person


KIND_NAMES: Mapping[Kind, str] = {
    Kind.NAME: N_("name"),
    Kind.CONTACT: N_("e-mail address, phone number, postal address, language"),
    Kind.COMPANY: N_("the company you work for"),
    Kind.PARTICIPATION: N_("which trainings and events you signed up for, and when they were"),
    Kind.OUTCOME: N_("attendance, grade, completion and certificate"),
    Kind.DIET: N_("food restrictions that you gave for one event"),
    Kind.CHOICE: N_("what you said yes or no to, and when"),
    Kind.OPINION: N_("what you said of a training or an event"),
    Kind.ACCESS: N_("your login, what it lets you do, and the kind of device"),
    Kind.TRACE: N_("what was done with your data, under a number instead of your name"),
    Kind.LETTER: N_("mail that waits to be sent to you"),
}


class Erasure(StrEnum):
    """What happens to a table's rows of a person when that person's data is erased."""

    DELETE = "delete"
    KEEP_BY_DUTY = "keep-by-duty"  # while a completed training must stay provable (P8)
    PSEUDONYMOUS = "pseudonymous"  # ids that lead nowhere once the person is gone
    NOT_PERSONAL = "not-personal"
    BY_ITSELF = "by-itself"  # has a deadline of its own


class Since(StrEnum):
    """From when a table's period is counted."""

    RELATION = "relation"  # nothing ties the person to us any more
    OFFERING = "offering"  # the session or event of the place has ended
    QUALIFICATION = "qualification"  # with its place, when the qualification has ended
    ENDED = "ended"  # the moment in ``column``, empty while it goes on
    MADE = "made"  # the moment in ``column``
    DEADLINE = "deadline"  # none: the row bears its own deadline, and its own domain deletes it
    NEEDED = "needed"  # none: it stays with what it belongs to, or as long as it is needed


@dataclass(frozen=True, slots=True)
class Keep:
    """How long a table's rows stay. ``periods`` are names in the organisation's ``Schedule``,
    ``column`` is the row's own moment. ``said`` is a msgid in which each period's name stands in
    braces; the nightly sweep deletes by the same fields, so that words and program agree."""

    since: Since = Since.NEEDED
    periods: tuple[str, ...] = ()
    column: str = ""
    said: str = ""


NEEDED = Keep()


@dataclass(frozen=True, slots=True)
class Table:
    """``subject`` is the ORM path from a row to the person's id, or empty. ``purpose`` is a msgid;
    it is empty where nothing is about a person. ``receivers`` are those outside our own staff,
    beside ``parties.OF_ALL``; empty: nobody else."""

    columns: Mapping[str, Kind]
    erasure: Erasure
    subject: str = ""
    purpose: str = ""
    basis: Basis | None = None
    keep: Keep = NEEDED
    store: str = "main"
    heading: str = ""
    activity: Activity | None = None
    categories: tuple[Category, ...] = ()
    receivers: tuple[Receiver, ...] | None = None
    blanked: tuple[str, ...] = ()
    proves: tuple[str, ...] = ()


def columns_of(kind: Kind, *names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, kind)


PLACE_PURPOSE = N_("to arrange the training or event and to tell you about it")
DUTY_PURPOSE = N_("to prove that you may work at a site, and to see what training you need next")
DUTY_KEEP = Keep(
    Since.QUALIFICATION,
    ("qualification", "lasting_qualification"),
    said=N_(
        "{qualification} after the qualification has ended; without an end, "
        "{lasting_qualification} after the training"
    ),
)
LOGIN_PURPOSE = N_("to let you in, and to keep others out")
FACTOR_KEEP = Keep(said=N_("until you remove it, or your account ends"))


def nobodys(*names: str) -> Table:
    """A table with nothing about a person in it."""
    return Table(columns=columns_of(Kind.NONE, *names), erasure=Erasure.NOT_PERSONAL)


def kept_words(table: Table, schedule: Schedule) -> str:
    """How long a table's rows stay, in the language now spoken; empty where nothing is said."""
    if not table.keep.said:
        return ""
    periods = {name: period_words(getattr(schedule, name)) for name in table.keep.periods}
    return _(table.keep.said, **periods)


def period_words(months: int) -> str:
    """``2 years`` or ``18 months``."""
    if months % 12 == 0:
        years = months // 12
        return ngettext("{num} year", "{num} years", years).format(num=years)
    return ngettext("{num} month", "{num} months", months).format(num=months)
