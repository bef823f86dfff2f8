"""What the data map says of a table, and the words that several of its parts share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registration.i18n import N_
from registration.ledger.rules import Basis


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
    Kind.OUTCOME: N_("attendance, grade, completion and certificates"),
    Kind.DIET: N_("food restrictions that you gave for one event"),
    Kind.CHOICE: N_("what you allowed or forbade us, and when"),
    Kind.OPINION: N_("what you said of a training or an event"),
    Kind.ACCESS: N_("your account, your logins and the kind of device"),
    Kind.TRACE: N_("which acts on your data were done, under ids without your name"),
    Kind.LETTER: N_("mail that waits to be sent to you"),
}


class Erasure(StrEnum):
    """What happens to a table's rows of a person when that person's data is erased."""

    DELETE = "delete"
    KEEP_BY_DUTY = "keep-by-duty"  # while a completed training must stay provable (P8)
    PSEUDONYMOUS = "pseudonymous"  # ids that lead nowhere once the person is gone
    NOT_PERSONAL = "not-personal"
    BY_ITSELF = "by-itself"  # has a deadline of its own


@dataclass(frozen=True, slots=True)
class Table:
    """``subject`` is the ORM path from a row to the person's id, or empty. ``purpose``,
    ``kept`` are msgids; they are empty where nothing is about a person."""

    columns: Mapping[str, Kind]
    erasure: Erasure
    subject: str = ""
    purpose: str = ""
    basis: Basis | None = None
    kept: str = ""
    store: str = "main"
    heading: str = ""


def columns_of(kind: Kind, *names: str) -> dict[str, Kind]:
    return dict.fromkeys(names, kind)


PLACE_PURPOSE = N_("to arrange the training or event and to tell you about it")
DUTY_PURPOSE = N_("to prove that you may work at a site, and to see what training you need next")
DUTY_KEPT = N_("as long as the qualification must be provable; you see each record on your page")
RELATION_KEPT = N_("until you ask us to delete it, or our relationship ends")
FACTOR_PURPOSE = N_("to make sure that it is you who logs in")
FACTOR_KEPT = N_("until you remove it, or your account ends")


def nobodys(*names: str) -> Table:
    """A table with nothing about a person in it."""
    return Table(columns=columns_of(Kind.NONE, *names), erasure=Erasure.NOT_PERSONAL)
