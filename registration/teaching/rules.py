"""What a trainer may see, until when, and which grades there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from phonenumbers import SUPPORTED_REGIONS
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from registration.catalogue.grading import check_grade as check_grade
from registration.catalogue.grading import is_failed as is_failed
from registration.enrolment.rules import PlaceStatus
from registration.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import DEFAULT_ZONE, N_
from registration.people.rules import Country, Line, clean_text

STAYS_OPEN = timedelta(days=14)
MOST_ROWS = 2_000

# The European Union, Iceland, Liechtenstein, Norway, and Åland with a code of its own.
# fmt: off
EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO", "AX",
})
# fmt: on

# Of these a trainer is shown the name. An offered seat is not taken yet.
TAUGHT = (PlaceStatus.CONFIRMED, PlaceStatus.ATTENDED, PlaceStatus.NO_SHOW)


class RecipientNotFound(NotFound):
    message = N_("There is no such trainer organisation.")


class RecipientKnown(Conflict):
    message = N_("A trainer organisation with this name is on record already.")


class AssignmentNotFound(NotFound):
    message = N_("There is no such assignment.")


class NotATrainer(Conflict):
    message = N_("This account is not a trainer's. Give it the trainer's role first.")


class AssignmentEnded(Forbidden):
    message = N_(
        "Your assignment to this session has ended, so its participants are no longer shown to "
        "you. If something is left to record, ask the people who run the training."
    )


class NotAccepted(Forbidden):
    message = N_(
        "You have not accepted this invitation, so its participants are not shown to you. "
        "Accept it first."
    )


class NoAgreement(Forbidden):
    message = N_(
        "No agreement with your organisation is in force, so participants cannot be shown to you. "
        "Ask the people who run the training to record it."
    )


class NoSafeguard(Forbidden):
    message = N_(
        "Your organisation is outside the European Economic Area and no safeguard for personal "
        "data is recorded, so participants cannot be shown to you. Ask the people who run the "
        "training to record it."
    )


class ResultsLocked(Conflict):
    message = N_(
        "The results of this session are final, so nothing more is recorded. To correct one, ask "
        "the people who run the training to reopen them."
    )


class NotLocked(Conflict):
    message = N_("The results of this session are open already.")


class NotHeldYet(Conflict):
    message = N_("The results can be made final from the last day of the session on.")


class NotAllDecided(Conflict):
    message = N_(
        "People without a result: {count}. Record theirs first, then make the results final."
    )

    def __init__(self, count: int) -> None:
        super().__init__(count=count)


MEANWHILE = N_("Somebody else recorded this person meanwhile. Look, and save again.")


class OutcomesRefused(Invalid):
    """Nothing was saved; ``errors`` name each wrong row as ``rows.<index>.<field>``."""

    message = N_("Nothing was saved: some rows need a correction.")


class RecordedMeanwhile(Conflict):
    """Nothing was saved. ``places`` are those that somebody else recorded after they were read;
    ``errors`` name their rows as ``OutcomesRefused`` does."""

    message = N_(
        "Nothing was saved: somebody else has recorded {count} of these people meanwhile. "
        "Look at what they wrote, and save again."
    )

    def __init__(self, places: tuple[UUID, ...], errors: tuple[FieldError, ...]) -> None:
        super().__init__(count=len(places))
        self.places, self.errors = places, errors


class PackPurpose(StrEnum):
    """What a pack is for; it fixes the fields."""

    ATTENDANCE = "attendance"
    CERTIFICATE = "certificate"
    PERMIT = "permit"


class PackFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    JSON = "json"


class PackField(StrEnum):
    """All that can ever be in a pack (P7): no address, no phone, no e-mail."""

    NAME = "name"
    COMPANY = "company"
    TRAINING = "training"
    DATES = "dates"
    GRADE = "grade"
    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class FieldReason:
    """One field of a pack and why the purpose needs it (a msgid)."""

    field: PackField
    reason: str


PACKS: Mapping[PackPurpose, tuple[FieldReason, ...]] = {
    PackPurpose.ATTENDANCE: (
        FieldReason(PackField.NAME, N_("To call the roll.")),
        FieldReason(PackField.COMPANY, N_("To tell people of the same name apart.")),
    ),
    PackPurpose.CERTIFICATE: (
        FieldReason(PackField.NAME, N_("The certificate is made out to it.")),
        FieldReason(PackField.COMPANY, N_("It stands on the certificate beside the name.")),
        FieldReason(PackField.TRAINING, N_("It is what the certificate is for.")),
        FieldReason(PackField.DATES, N_("The certificate says when the training was.")),
        FieldReason(PackField.GRADE, N_("The certificate says how the training went.")),
        FieldReason(PackField.COMPLETED, N_("Only a completed training gives a certificate.")),
    ),
    PackPurpose.PERMIT: (
        FieldReason(PackField.NAME, N_("The permit is made out to it.")),
        FieldReason(PackField.COMPANY, N_("The permit holds while working for it.")),
        FieldReason(PackField.TRAINING, N_("The permit rests on it.")),
        FieldReason(PackField.DATES, N_("The validity of the permit counts from them.")),
        FieldReason(PackField.COMPLETED, N_("Only a completed training gives a permit.")),
    ),
}


def fields_of(purpose: PackPurpose) -> tuple[PackField, ...]:
    return tuple(each.field for each in PACKS[purpose])


class Invitation(StrEnum):
    """What a trainer has said to being asked to teach a session."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a trainer's access rests on. ``ends_at`` is aware; the agreement's days include both
    its first and its last, in Finland; ``country`` is ISO 3166-1 alpha-2."""

    ends_at: datetime
    agreement_on: date | None
    agreement_until: date | None
    country: str
    safeguard: str
    accepted: bool = True


def may_teach(terms: Terms, *, now: datetime) -> None:
    """Passes while the trainer may see and record (P7, P15, P16).

    Raises ``AssignmentEnded`` from ``ends_at`` on, ``NotAccepted`` before the trainer has said
    yes, ``NoAgreement``, and outside the EEA ``NoSafeguard`` until one is recorded.
    """
    if now >= terms.ends_at:
        raise AssignmentEnded
    if not terms.accepted:
        raise NotAccepted
    may_receive(terms, now=now)


def may_receive(terms: Terms, *, now: datetime) -> None:
    """Passes while the recipient may be given data at all, whatever it is assigned to (P15, P16).

    Raises ``NoAgreement``, and outside the EEA ``NoSafeguard`` until one is recorded.
    """
    today = now.astimezone(DEFAULT_ZONE).date()
    if terms.agreement_on is None or today < terms.agreement_on:
        raise NoAgreement
    if terms.agreement_until is not None and today > terms.agreement_until:
        raise NoAgreement
    if terms.country not in EEA and not terms.safeguard.strip():
        raise NoSafeguard


def _known_country(code: str) -> str:
    """What is no country has no law that protects anybody there (P16)."""
    if code not in SUPPORTED_REGIONS:
        raise FieldRefused(N_("There is no country with this code."), code="country")
    return code


class RecipientGiven(Command):
    """``safeguard`` names what protects the data outside the EEA (GDPR Art. 46), with its date."""

    name: Annotated[Line, Field(min_length=1)]
    country: Annotated[Country, Field(min_length=2), AfterValidator(_known_country)]
    agreement_on: date | None = None
    agreement_until: date | None = None
    safeguard: Annotated[str, BeforeValidator(clean_text), Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _order(self) -> RecipientGiven:
        if self.agreement_until and not self.agreement_on:
            raise FieldRefused(N_("Give the first day of the agreement too."), code="order")
        if self.agreement_on and self.agreement_until and self.agreement_until < self.agreement_on:
            raise FieldRefused(N_("It must end after it starts."), code="order")
        return self


class OutcomeRow(Command):
    """What is recorded of one place. What is not given stays; null takes back.

    ``attendance`` is by the id of a day or its ISO date, in the session's zone. ``version`` is the
    one that was read: if it is another by now, the row is a conflict; absent: no such check.
    ``because``: why the result is another one than the rule of the training says.
    """

    place_id: UUID
    attendance: Annotated[dict[str, bool | None], Field(max_length=100)] = Field(
        default_factory=dict
    )
    grade: Annotated[str, Field(max_length=20)] | None = None
    completed: bool | None = None
    no_show: bool | None = None
    because: Annotated[str, BeforeValidator(clean_text), Field(max_length=200)] | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class OutcomesGiven(Command):
    rows: Annotated[tuple[OutcomeRow, ...], Field(min_length=1, max_length=MOST_ROWS)]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What stands on record of one place; ``attendance`` is by the id of the day, ``because`` says
    why the result is another one than the rule says."""

    attendance: Mapping[UUID, bool]
    grade: str = ""
    completed: bool | None = None
    no_show: bool = False
    because: str = ""


@dataclass(frozen=True, slots=True)
class DayOf:
    """A day of a session; ``on`` is its date where the session is held."""

    id: UUID
    on: date


def days_of(days: Sequence[tuple[UUID, datetime]], *, zone: str) -> tuple[DayOf, ...]:
    return tuple(
        DayOf(each, starts_at.astimezone(ZoneInfo(zone)).date()) for each, starts_at in days
    )
