"""What is read of the catalogue, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.catalogue.rules import CertificateDesign, GradeScale, MealLine, State, Terms


@dataclass(frozen=True, slots=True)
class VenueLine:
    id: UUID
    name: str
    street: str
    postal_code: str
    city: str
    country: str

    @property
    def where(self) -> str:
        return ", ".join(part for part in (self.name, self.street, self.city) if part)


@dataclass(frozen=True, slots=True)
class TrainingLine:
    """``attendance_percent`` and ``lowest_grade`` make the rule of completion, as of the model."""

    id: UUID
    slug: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    aims: Mapping[str, str]
    qualifies_for: Mapping[str, str]
    topic: Mapping[str, str]
    length_minutes: int
    grade_scale: GradeScale
    valid_months: int | None
    certificate_design: CertificateDesign
    published: bool
    attendance_percent: int | None = None
    lowest_grade: str = ""


@dataclass(frozen=True, slots=True)
class DayLine:
    id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SessionLine:
    """``price_cents`` excludes VAT; times are aware UTC, ``zone`` is where they are read."""

    id: UUID
    seating_id: UUID
    training: TrainingLine
    venue: VenueLine | None
    link: str
    language: str
    days: tuple[DayLine, ...]
    zone: str
    opens_at: datetime | None
    closes_at: datetime
    price_cents: int
    state: State
    seats: int
    waiting_open: bool
    revision: int
    terms: Terms

    @property
    def starts_at(self) -> datetime:
        return self.days[0].starts_at

    @property
    def ends_at(self) -> datetime:
        return self.days[-1].ends_at


@dataclass(frozen=True, slots=True)
class EventLine:
    id: UUID
    slug: str
    seating_id: UUID
    title: Mapping[str, str]
    summary: Mapping[str, str]
    venue: VenueLine | None
    link: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    opens_at: datetime | None
    closes_at: datetime
    catered: bool
    meals: tuple[MealLine, ...]
    erase_diets_seconds: int
    erase_daily: bool
    latest_erase_at: datetime | None
    erase_at: datetime | None
    diets_deleted_at: datetime | None
    diets_until: datetime | None
    state: State
    seats: int
    waiting_open: bool
    revision: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Sought:
    """What a reader is looking for; an empty value does not narrow. ``after``: start and id of the
    last one that was seen, in the order of start and id."""

    words: str = ""
    language: str = ""
    city: str = ""
    training: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    states: tuple[State, ...] = (State.PUBLISHED,)
    after: tuple[datetime, UUID] | None = None
