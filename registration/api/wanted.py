"""What the API takes: the domains' own commands, and what only a program sends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    AliasChoices,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)
from pydantic.config import JsonDict

from registration.api.paging import PageQuery
from registration.api.shapes import AN_ID
from registration.catalogue.rules import EventGiven, SessionGiven, State
from registration.catalogue.terms import BETWEEN as TERMS
from registration.catering.rules import DietGiven
from registration.companies.rules import OrderNumber
from registration.enrolment.rules import Why
from registration.errors import FieldError
from registration.forms import MESSAGES, Command, FieldRefused, Refused, parse
from registration.i18n import N_
from registration.people.rules import Email, Line, PersonGiven, Purpose, purposes_of

C = TypeVar("C", bound=BaseModel)

MOST_PEOPLE = 5_000
# Where an error stands that a rule found between fields.
BETWEEN: Mapping[str, str] = {
    "order": "ends_at",
    "days": "days",
    "meals": "meals",
    "window": "closes_at",
    "kitchen": "diets_until",
    "prerequisites": "prerequisites",
    **{name: name for name in TERMS},
}

A_PERSON: JsonDict = {
    "first_name": "Aino",
    "last_name": "Virtanen",
    "email": "aino.virtanen@example.fi",
    "phone": "+358401234567",
    "address": {
        "street": "Ratakatu 1",
        "postal_code": "00100",
        "city": "Helsinki",
        "country": "FI",
    },
    "company": "Rata Oy",
    "language": "fi",
}


def parse_between(command: type[C], given: Mapping[str, object]) -> C:
    """As ``parse``; an error between fields stands at the field where it is mended."""
    try:
        return parse(command, given)
    except Refused as refused:
        raise Refused(*(_placed(error) for error in refused.errors)) from None


def _placed(error: FieldError) -> FieldError:
    if error.field or error.code not in BETWEEN:
        return error
    return FieldError(BETWEEN[error.code], error.code, error.message, error.params)


def moment(value: object) -> datetime | date:
    """An ISO date or moment. A plus sign that an address turned into a space is put back."""
    text = str(value).strip()
    if "T" in text:
        text = text.replace(" ", "+")
    try:
        return date.fromisoformat(text) if len(text) == len("2026-04-01") else _aware(text)
    except ValueError:
        raise FieldRefused(
            N_("Give a date as 2026-04-01, or a time with its offset."), code="moment"
        ) from None


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError
    return found


Moment = Annotated[
    datetime | date,
    PlainValidator(moment),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ]
        }
    ),
]


def beginning(given: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    """The moment meant, of a date its midnight in ``zone``; UTC."""
    if given is None or isinstance(given, datetime):
        return given.astimezone(UTC) if given else None
    return datetime.combine(given, time.min, tzinfo=zone).astimezone(UTC)


def end(given: datetime | date | None, zone: ZoneInfo) -> datetime | None:
    """As ``beginning``, but of a date the midnight after it: the day is included."""
    whole_day = given is not None and not isinstance(given, datetime)
    try:
        return beginning(given + timedelta(days=1) if given and whole_day else given, zone)
    except OverflowError:
        return None


class TrainingsQuery(PageQuery):
    topic: Annotated[str, Field(max_length=40)] = ""


class EventsQuery(PageQuery):
    """Without ``from``: from now on. A date in ``to`` is included."""

    since: Annotated[Moment | None, Field(alias="from")] = None
    until: Annotated[Moment | None, Field(alias="to")] = None


class SessionsQuery(EventsQuery):
    """``training`` is an id or a slug."""

    training: Annotated[str, Field(max_length=80)] = ""
    language: Literal["", "fi", "sv", "en"] = ""


class EnrolmentsQuery(PageQuery):
    """``company``: for coordinators of several companies; else the first by name. ``status``,
    ``person`` and ``order_number`` narrow a company's own list."""

    session: UUID | None = None
    company: UUID | None = None
    status: Literal[
        "", "held", "offered", "confirmed", "waiting", "cancelled", "attended", "no_show"
    ] = ""
    person: UUID | None = None
    order_number: Annotated[str, Field(max_length=60)] = ""


class RegistrationsQuery(PageQuery):
    event: UUID | None = None


class CompanyQuery(Command):
    company: UUID | None = None


class QualificationsQuery(PageQuery):
    company: UUID | None = None


class PackQuery(Command):
    format: Literal["json", "csv", "xlsx", "pdf"] = "json"


Consents = Annotated[
    tuple[Purpose, ...],
    BeforeValidator(purposes_of),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": "boolean"}},
                {"type": "array", "items": {"type": "string"}},
                {"type": "null"},
            ],
            "examples": [{"notice": True, "newsletter": False}],
        }
    ),
]


class EnrolmentWanted(Command):
    """One person for a session. ``consents`` are the person's own, each optional."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person": A_PERSON, "consents": {"notice": True}}]}
    )

    person: PersonGiven
    consents: Consents = ()


class EmployeeWanted(EnrolmentWanted):
    """One employee for a session, with the company's own order number."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person": A_PERSON, "order_number": "PO-2027-118"}]}
    )

    order_number: OrderNumber = ""


class RegistrationWanted(Command):
    """One person for an event, with food restrictions if it is catered and they wish."""

    model_config = ConfigDict(
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "person": A_PERSON,
                    "consents": {"notice": True},
                    "diet": {
                        "needs": ["gluten-free"],
                        "allergies": ["nuts"],
                        "other": "",
                        "serious": False,
                        "contact_consent": False,
                        "consent": True,
                    },
                }
            ]
        },
    )

    person: PersonGiven
    consents: Consents = ()
    diet: DietGiven | None = None


class PeopleWanted(Command):
    """Employees of the company, at most 5,000 in one call; each is checked by itself.
    ``order_number`` is the company's own, for the invoice."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"people": [A_PERSON]}]})

    people: Annotated[
        list[object],
        Field(min_length=1, max_length=MOST_PEOPLE),
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_PEOPLE,
                "items": {"$ref": "#/components/schemas/PersonGiven"},
            }
        ),
    ]
    consents: Consents = ()
    order_number: OrderNumber = ""


class CancelWanted(Command):
    """``why``: staff's reason when the last day to cancel has passed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"why": "our-fault"}]})

    why: Why | None = None


class SubstituteWanted(Command):
    person: PersonGiven


class SessionWanted(SessionGiven):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "training": AN_ID,
                    "days": [
                        {
                            "starts_at": "2027-04-01T09:00:00+03:00",
                            "ends_at": "2027-04-01T16:00:00+03:00",
                        }
                    ],
                    "capacity": 20,
                    "language": "fi",
                    "price_cents": 39000,
                }
            ]
        }
    )

    state: Annotated[Literal[State.DRAFT, State.PUBLISHED], Field(alias="status")] = State.PUBLISHED


AccountNamed = Annotated[str, Field(max_length=254, min_length=1)]


class EventWanted(EventGiven):
    """``organisers`` (staff only): ids or e-mail addresses of the accounts that organise it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": {"fi": "Kevätpäivä", "en": "Spring day"},
                    "starts_at": "2027-05-12T09:00:00+03:00",
                    "ends_at": "2027-05-12T16:00:00+03:00",
                    "capacity": 120,
                    "catered": True,
                    "meals": [{"on": "2027-05-12", "kind": "lunch", "name": {"fi": "Lounas"}}],
                    "diets_until": "2027-05-05T16:00:00+03:00",
                    "erase_diets_after": "PT24H",
                }
            ]
        }
    )

    state: Annotated[Literal[State.DRAFT, State.PUBLISHED], Field(alias="status")] = State.PUBLISHED
    organisers: Annotated[tuple[AccountNamed, ...], Field(max_length=50)] = ()


class AccountWanted(Command):
    """``company`` for coordinators. ``nda_on``: when the non-disclosure agreement was signed;
    staff and organisers have no access before it. ``reason``: why the duty needs it. ``until``: at
    most 13 months ahead, absent a year; never later than your own access."""

    email: Email
    name: Annotated[Line, Field(min_length=1, max_length=202)]
    role: Literal["staff", "organiser", "coordinator", "trainer"]
    company: UUID | None = None
    nda_on: date | None = None
    reason: Annotated[Line, Field(max_length=200)] = ""
    until: AwareDatetime | None = None
    language: Literal["fi", "sv", "en"] = "fi"


class AssignmentWanted(Command):
    """``account`` is the trainer's id or e-mail address; without ``ends_at`` access ends two weeks
    after the session. ``agreed`` false: the trainer is asked by mail, and sees who takes part once
    they accept; else they have said yes already."""

    account: AccountNamed
    recipient: UUID
    ends_at: AwareDatetime | None = None
    agreed: bool = True


def _grade(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class OutcomeWanted(Command):
    """What is not given stays as it is, null takes back. ``attendance`` is by the date (or the id)
    of a day. With ``version`` it is recorded only if nobody recorded it since. Where the training
    has a rule, the result follows from the rest; another one needs ``because``."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "enrolment": AN_ID,
                    "attendance": {"2027-04-01": True},
                    "grade": "pass",
                    "completed": True,
                }
            ]
        }
    )

    enrolment: Annotated[UUID, Field(validation_alias=AliasChoices("enrolment", "id"))]
    attendance: Annotated[dict[str, bool | None], Field(max_length=100)] = Field(
        default_factory=dict
    )
    grade: Annotated[
        str | None,
        Field(max_length=20),
        BeforeValidator(_grade),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]}),
    ] = None
    completed: bool | None = None
    no_show: bool | None = None
    because: Annotated[str, Field(max_length=200)] | None = None
    version: Annotated[int, Field(ge=0)] | None = None


class OutcomesWanted(Command):
    outcomes: Annotated[tuple[OutcomeWanted, ...], Field(min_length=1, max_length=2_000)]


def unknown(field: str, message: str) -> Refused:
    """A field that names something which is not there."""
    return Refused(FieldError(field, "unknown", message))


def needed(field: str) -> Refused:
    return Refused(FieldError(field, "missing", MESSAGES["missing"]))
