"""What the API answers, as it stands in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from registration.catalogue.lines import EventLine, SessionLine, TrainingLine, VenueLine
from registration.catalogue.prerequisites import Need
from registration.catalogue.rules import MealLine, Terms, vat_basis_points
from registration.companies.queries import CompanyLine
from registration.enrolment.queries import Occupancy

Texts = Mapping[str, str]
Status = Literal["draft", "published", "cancelled"]

AN_ID = "0b8f6a52-6d0c-4a8e-9b1e-2f3f6f0f8f11"


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Made(Shape):
    """The id of what was made or changed."""

    id: UUID


class Venue(Shape):
    id: UUID
    name: str
    street: str
    postal_code: str
    city: str
    country: str

    @classmethod
    def of(cls, line: VenueLine) -> Venue:
        return cls(
            id=line.id,
            name=line.name,
            street=line.street,
            postal_code=line.postal_code,
            city=line.city,
            country=line.country,
        )


class TrainingNeed(Shape):
    """What must have been completed before; ``valid``: and still be in force at the start."""

    training: UUID
    slug: str
    title: Texts
    valid: bool

    @classmethod
    def of(cls, need: Need) -> TrainingNeed:
        return cls(training=need.training_id, slug=need.slug, title=need.title, valid=need.valid)


class Training(Shape):
    """``valid_months``: how long a certificate of it is valid; null: without end. Completed has who
    was there for ``attendance_percent`` of the days (null: not looked at) with ``lowest_grade`` or
    better ("": not looked at); without both the trainer decides."""

    id: UUID
    slug: str
    title: Texts
    summary: Texts
    aims: Texts
    qualifies_for: Texts
    topic: Texts
    length_minutes: int
    grade_scale: Literal["pass_fail", "zero_to_five", "percent"]
    valid_months: int | None
    attendance_percent: int | None
    lowest_grade: str
    certificate_design: Literal["formal", "modern", "card"]
    published: bool
    prerequisites: tuple[TrainingNeed, ...]

    @classmethod
    def of(cls, line: TrainingLine, needs: Sequence[Need]) -> Training:
        return cls(
            prerequisites=tuple(TrainingNeed.of(need) for need in needs),
            id=line.id,
            slug=line.slug,
            title=line.title,
            summary=line.summary,
            aims=line.aims,
            qualifies_for=line.qualifies_for,
            topic=line.topic,
            length_minutes=line.length_minutes,
            grade_scale=line.grade_scale.value,
            valid_months=line.valid_months,
            attendance_percent=line.attendance_percent,
            lowest_grade=line.lowest_grade,
            certificate_design=line.certificate_design.value,
            published=line.published,
        )


class TrainingName(Shape):
    id: UUID
    slug: str
    title: Texts

    @classmethod
    def of(cls, line: TrainingLine) -> TrainingName:
        return cls(id=line.id, slug=line.slug, title=line.title)


class SessionDay(Shape):
    id: UUID
    date: date
    starts_at: datetime
    ends_at: datetime


class Price(Shape):
    """``cents`` is without VAT."""

    cents: int
    currency: Literal["EUR"] = "EUR"
    vat_percent: float


class Seated(Shape):
    """The terms of what people take places on. ``offer_hours``: so long a freed seat is offered;
    null: it goes on at once. ``minimum``: it is ``tentative`` until so many have signed up, decided
    by ``decide_by``. ``cancels_until``, ``names_until``: until then people cancel, companies name
    their people; null: until the start. ``remind_hours``: so long before the start."""

    tentative: bool
    offer_hours: int | None
    company_quota: int | None
    minimum: int | None
    decide_by: datetime | None
    cancels_until: datetime | None
    names_until: datetime | None
    remind_hours: int | None


def _terms(terms: Terms, zone: ZoneInfo) -> Seated:
    return Seated(
        tentative=terms.tentative,
        offer_hours=terms.offer_hours,
        company_quota=terms.company_quota,
        minimum=terms.minimum,
        decide_by=in_zone(terms.decide_by, zone),
        cancels_until=in_zone(terms.cancels_until, zone),
        names_until=in_zone(terms.names_until, zone),
        remind_hours=terms.remind_hours,
    )


class Session(Seated):
    """``seats_left``: what a newcomer can have now. Times are in the session's ``time_zone``."""

    id: UUID
    status: Status
    training: TrainingName
    language: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    days: tuple[SessionDay, ...]
    venue: Venue | None
    link: str
    capacity: int
    seats_left: int
    waiting: int
    waiting_open: bool
    opens_at: datetime | None
    closes_at: datetime
    price: Price

    @classmethod
    def of(cls, line: SessionLine, occupancy: Occupancy) -> Session:
        zone = ZoneInfo(line.zone)
        return cls(
            **_terms(line.terms, zone).model_dump(),
            id=line.id,
            status=line.state.value,
            training=TrainingName.of(line.training),
            language=line.language,
            starts_at=line.starts_at.astimezone(zone),
            ends_at=line.ends_at.astimezone(zone),
            time_zone=line.zone,
            days=days_of(line),
            venue=Venue.of(line.venue) if line.venue else None,
            link=line.link,
            capacity=line.seats,
            seats_left=occupancy.left,
            waiting=occupancy.waiting,
            waiting_open=line.waiting_open,
            opens_at=in_zone(line.opens_at, zone),
            closes_at=line.closes_at.astimezone(zone),
            price=Price(
                cents=line.price_cents,
                vat_percent=vat_basis_points(line.starts_at.astimezone(zone).date()) / 100,
            ),
        )


def days_of(line: SessionLine) -> tuple[SessionDay, ...]:
    zone = ZoneInfo(line.zone)
    local = [(day, day.starts_at.astimezone(zone)) for day in line.days]
    return tuple(
        SessionDay(
            id=day.id,
            date=start.date(),
            starts_at=start,
            ends_at=day.ends_at.astimezone(zone),
        )
        for day, start in local
    )


def in_zone(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone) if moment else None


class Meal(Shape):
    """``id`` is what ``diet.meals`` names; ``name`` is empty where the kind says enough."""

    id: UUID
    on: date
    kind: Literal["breakfast", "lunch", "coffee", "dinner", "evening"]
    name: Texts

    @classmethod
    def of(cls, line: MealLine) -> Meal:
        return cls.model_validate(line, from_attributes=True)


class Event(Seated):
    """``erase_diets_after``: food restrictions are deleted so long after the end (ISO 8601
    duration); ``diets_deleted_at`` says when they were; ``diets_until`` is the kitchen's deadline,
    null: they can be given while sign-up is open."""

    id: UUID
    slug: str
    status: Status
    title: Texts
    summary: Texts
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    venue: Venue | None
    link: str
    capacity: int
    seats_left: int
    waiting: int
    waiting_open: bool
    opens_at: datetime | None
    closes_at: datetime
    catered: bool
    meals: tuple[Meal, ...]
    diets_until: datetime | None
    erase_diets_after: str
    erase_daily: bool
    diets_deleted_at: datetime | None

    @classmethod
    def of(cls, line: EventLine, occupancy: Occupancy) -> Event:
        zone = ZoneInfo(line.zone)
        return cls(
            **_terms(line.terms, zone).model_dump(),
            id=line.id,
            slug=line.slug,
            status=line.state.value,
            title=line.title,
            summary=line.summary,
            starts_at=line.starts_at.astimezone(zone),
            ends_at=line.ends_at.astimezone(zone),
            time_zone=line.zone,
            venue=Venue.of(line.venue) if line.venue else None,
            link=line.link,
            capacity=line.seats,
            seats_left=occupancy.left,
            waiting=occupancy.waiting,
            waiting_open=line.waiting_open,
            opens_at=in_zone(line.opens_at, zone),
            closes_at=line.closes_at.astimezone(zone),
            catered=line.catered,
            meals=tuple(Meal.of(meal) for meal in line.meals),
            diets_until=in_zone(line.diets_until, zone),
            erase_diets_after=duration(line.erase_diets_seconds),
            erase_daily=line.erase_daily,
            diets_deleted_at=in_zone(line.diets_deleted_at, zone),
        )


def duration(seconds: int) -> str:
    """ISO 8601, in hours, minutes and seconds: ``PT24H``, ``PT1H30M``, ``PT0S``."""
    hours, rest = divmod(seconds, 3600)
    parts = ((hours, "H"), (rest // 60, "M"), (rest % 60, "S"))
    return "PT" + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0S")


class FieldProblem(Shape):
    field: str
    code: str
    message: str


class Problem(Shape):
    """RFC 9457. ``detail`` and ``message`` are in the language of ``Accept-Language``."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "Some of what you gave needs a correction.",
                    "code": "refused",
                    "errors": [
                        {
                            "field": "person.email",
                            "code": "missing",
                            "message": "This is needed.",
                        }
                    ],
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: tuple[FieldProblem, ...]


class Company(Shape):
    id: UUID
    name: str
    business_id: str
    street: str
    postal_code: str
    city: str
    country: str
    invoice_email: str
    einvoice_address: str
    einvoice_operator: str
    reference: str
    vat_number: str
    order_needed: bool
    cost_centre: str
    verified_at: datetime | None

    @classmethod
    def of(cls, line: CompanyLine) -> Company:
        return cls.model_validate(line, from_attributes=True)
