"""What may be offered: texts, times, windows, prices, and when diets must be gone."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from registration.catalogue.grading import GradeScale as GradeScale
from registration.catalogue.grading import check_lowest
from registration.catalogue.terms import MOST_SEATS, TermsGiven, check_terms
from registration.errors import Conflict, NotFound
from registration.forms import Command, FieldRefused
from registration.i18n import LANGUAGES, N_
from registration.people.rules import Code, Country, Line, ShortLine, clean_text

MOST_DAYS = 60
MOST_NEEDS = 20
LONGEST_GRACE = timedelta(days=7)
DEFAULT_GRACE = timedelta(hours=24)
DEFAULT_ZONE = "Europe/Helsinki"


class CertificateDesign(StrEnum):
    """How a training's certificates look: two sheets, and a permit of the size of a card."""

    FORMAL = "formal"
    MODERN = "modern"
    CARD = "card"


class State(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class MealKind(StrEnum):
    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    COFFEE = "coffee"
    DINNER = "dinner"
    EVENING = "evening"


MEAL_ORDER: Mapping[str, int] = {kind.value: at for at, kind in enumerate(MealKind)}


class TrainingNotFound(NotFound):
    message = N_("There is no such training.")


class SessionNotFound(NotFound):
    message = N_("There is no such session.")


class EventNotFound(NotFound):
    message = N_("There is no such event.")


class VenueNotFound(NotFound):
    message = N_("There is no such venue.")


class SlugTaken(Conflict):
    message = N_("Another page has this address already. Choose another.")


class AlreadyCancelled(Conflict):
    message = N_("This has been cancelled already.")


class TooFewSeats(Conflict):
    message = N_(
        "{taken} people hold a seat, so the seats cannot be fewer. Cancel or move some first."
    )


def _texts(value: object) -> object:
    """A map by language; a bare text is taken as being in the first language of the house."""
    if isinstance(value, str):
        return {LANGUAGES[0]: value}
    return {} if value is None else value


def _known_languages(value: dict[str, str]) -> dict[str, str]:
    for code in value:
        if code not in LANGUAGES:
            raise FieldRefused(N_("Give the texts by language: fi, sv, en."), code="language")
    return {code: text for code, text in value.items() if text}


def _some(value: dict[str, str]) -> dict[str, str]:
    if not value:
        raise FieldRefused(N_("Give the text in at least one language."), code="missing")
    return value


def _said(value: dict[str, str]) -> dict[str, str]:
    """Without the languages in which nothing is said."""
    return {code: text for code, text in value.items() if text}


def clean_paragraphs(value: object) -> object:
    """Text with its line breaks, without other control characters."""
    if not isinstance(value, str):
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(str(clean_text(line)) for line in lines).strip()


TitleText = Annotated[str, Field(max_length=300), BeforeValidator(clean_text)]
BodyText = Annotated[str, Field(max_length=5000), BeforeValidator(clean_paragraphs)]
Titles = Annotated[
    dict[str, TitleText],
    BeforeValidator(_texts),
    AfterValidator(_known_languages),
    AfterValidator(_some),
]
Bodies = Annotated[dict[str, BodyText], BeforeValidator(_texts), AfterValidator(_known_languages)]
Topics = Annotated[
    dict[str, Annotated[ShortLine, Field(max_length=40)]],
    BeforeValidator(_texts),
    AfterValidator(_known_languages),
    AfterValidator(_said),
]


def _slug(value: str) -> str:
    if value and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise FieldRefused(
            N_("Use small letters, digits and single hyphens, as first-aid-2027."), code="slug"
        )
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise FieldRefused(N_("Give a time zone as Europe/Helsinki."), code="zone") from None
    return value


def _web_address(value: str) -> str:
    if value and not re.fullmatch(r"https?://[^\s<>\"']+", value):
        raise FieldRefused(N_("Give the link with https:// in front."), code="link")
    return value


_DURATION = re.compile(r"P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?\Z")


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str) or not _DURATION.match(value.strip()):
        raise FieldRefused(N_("Give a duration, as PT24H."), code="duration")
    return value.strip()


def _grace(value: timedelta) -> timedelta:
    if not timedelta(0) <= value <= LONGEST_GRACE:
        raise FieldRefused(
            N_("Food restrictions go at the end or within 7 days of it: give PT0S to P7D."),
            code="duration",
        )
    return value


LONGEST_SLUG = 80
Slug = Annotated[str, Field(max_length=LONGEST_SLUG), AfterValidator(_slug)]
Zone = Annotated[str, Field(max_length=40), AfterValidator(_zone)]
Link = Annotated[
    str, Field(max_length=300), BeforeValidator(clean_text), AfterValidator(_web_address)
]
Grace = Annotated[timedelta, BeforeValidator(_duration), AfterValidator(_grace)]
Seats = Annotated[int, Field(ge=1, le=MOST_SEATS)]


def about(topic: Mapping[str, str], sought: str) -> bool:
    """Whether a topic is the one sought, by its name in any language; none sought: it is."""
    return not sought or sought.casefold() in {name.casefold() for name in topic.values()}


class NeedGiven(Command):
    """A training that must have been completed before. ``valid``: and what it gave must still be
    in force when the session begins."""

    training: UUID
    valid: bool = False


def _grade_text(value: object) -> object:
    """A program gives a grade as a number where it is one."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class TrainingGiven(Command):
    """Who was there for ``attendance_percent`` of the days and has at least ``lowest_grade`` has
    completed it; absent: that is not looked at. ``lowest_grade`` stands on the scale."""

    title: Titles
    slug: Slug = ""
    summary: Bodies = Field(default_factory=dict)
    aims: Bodies = Field(default_factory=dict)
    qualifies_for: Bodies = Field(default_factory=dict)
    topic: Topics = Field(default_factory=dict)
    length_minutes: Annotated[int, Field(ge=0, le=60_000)] = 0
    grade_scale: GradeScale = GradeScale.PASS_FAIL
    attendance_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    lowest_grade: Annotated[str, Field(max_length=8), BeforeValidator(_grade_text)] = ""
    valid_months: Annotated[int, Field(ge=1, le=600)] | None = None
    certificate_design: CertificateDesign = CertificateDesign.FORMAL
    published: bool = True
    prerequisites: Annotated[tuple[NeedGiven, ...], Field(max_length=MOST_NEEDS)] = ()

    @field_validator("lowest_grade")
    @classmethod
    def _on_scale(cls, given: str, known: ValidationInfo) -> str:
        scale = known.data.get("grade_scale")
        return check_lowest(scale, given) if isinstance(scale, GradeScale) else given

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        if len({need.training for need in self.prerequisites}) < len(self.prerequisites):
            raise FieldRefused(N_("Name each training once."), code="prerequisites")
        return self


class VenueGiven(Command):
    name: Annotated[Line, Field(min_length=1, max_length=120)]
    street: Line = ""
    postal_code: Code = ""
    city: ShortLine = ""
    country: Country = "FI"


class Day(Command):
    starts_at: AwareDatetime
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise FieldRefused(N_("It must end after it starts."), code="order")
        return self


class SessionGiven(TermsGiven):
    """``days`` are in order and do not overlap; one day may be given as ``starts_at`` and
    ``ends_at`` instead. ``closes_at`` absent: sign-up closes when the session starts."""

    training: UUID
    days: Annotated[tuple[Day, ...], Field(max_length=MOST_DAYS)] = ()
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    capacity: Seats
    waiting_open: bool = True
    language: Annotated[str, Field(pattern="^(fi|sv|en)$")] = "fi"
    venue: UUID | None = None
    link: Link = ""
    time_zone: Zone = DEFAULT_ZONE
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    price_cents: Annotated[int, Field(ge=0, le=100_000_000)] = 0
    state: State = State.PUBLISHED

    @model_validator(mode="after")
    def _times(self) -> Self:
        days = self.all_days
        if not days:
            raise FieldRefused(N_("Give the days, or a start and an end."), code="days")
        for before, after in itertools.pairwise(days):
            if after.starts_at < before.ends_at:
                raise FieldRefused(
                    N_("The days must be in order and must not overlap."), code="days"
                )
        _check_window(self.opens_at, self.closes_at, ends_at=days[-1].ends_at)
        check_terms(self, seats=self.capacity, starts_at=days[0].starts_at)
        return self

    @property
    def all_days(self) -> tuple[Day, ...]:
        if self.days:
            return self.days
        if self.starts_at is None or self.ends_at is None:
            return ()
        return (Day(starts_at=self.starts_at, ends_at=self.ends_at),)


MealName = Annotated[str, Field(max_length=80), BeforeValidator(clean_text)]
MealNames = Annotated[
    dict[str, MealName], BeforeValidator(_texts), AfterValidator(_known_languages)
]


class MealGiven(Command):
    """One meal of a kind on a day; ``name`` by language, where "Lunch" is not enough."""

    on: date
    kind: MealKind
    name: MealNames = Field(default_factory=dict)


class EventGiven(TermsGiven):
    """``closes_at`` absent: sign-up closes when the event ends. ``diets_until`` is the kitchen's
    deadline; absent: food restrictions can be given and changed as long as sign-up is open."""

    title: Titles
    slug: Slug = ""
    summary: Bodies = Field(default_factory=dict)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: Seats
    waiting_open: bool = True
    venue: UUID | None = None
    link: Link = ""
    time_zone: Zone = DEFAULT_ZONE
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    catered: bool = False
    meals: Annotated[tuple[MealGiven, ...], Field(max_length=200)] = ()
    erase_diets_after: Grace = DEFAULT_GRACE
    erase_daily: bool = False
    diets_until: AwareDatetime | None = None
    state: State = State.PUBLISHED

    @model_validator(mode="after")
    def _times(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise FieldRefused(N_("It must end after it starts."), code="order")
        if self.ends_at - self.starts_at > timedelta(days=MOST_DAYS):
            raise FieldRefused(N_("An event lasts at most {days} days."), days=MOST_DAYS)
        zone = ZoneInfo(self.time_zone)
        first, last = self.starts_at.astimezone(zone).date(), self.ends_at.astimezone(zone).date()
        for meal in self.meals:
            if not first <= meal.on <= last:
                raise FieldRefused(N_("Each meal is on a day of the event."), code="meals")
        if self.meals and not self.catered:
            raise FieldRefused(N_("An event without catering has no meals."), code="meals")
        _check_window(self.opens_at, self.closes_at, ends_at=self.ends_at)
        check_terms(self, seats=self.capacity, starts_at=self.starts_at)
        self._check_kitchen()
        return self

    def _check_kitchen(self) -> None:
        kinds = {(meal.on, meal.kind) for meal in self.meals}
        if len(kinds) < len({(meal.on, meal.kind, str(meal.name)) for meal in self.meals}):
            raise FieldRefused(N_("Give each kind of meal once a day."), code="meals")
        if self.catered and self.diets_until and self.diets_until > self.starts_at:
            raise FieldRefused(
                N_("The kitchen's deadline is at the start of the event or before it."),
                code="kitchen",
            )


def _check_window(
    opens_at: datetime | None, closes_at: datetime | None, *, ends_at: datetime
) -> None:
    if opens_at and closes_at and closes_at <= opens_at:
        raise FieldRefused(N_("Sign-up must close after it opens."), code="window")
    if closes_at and closes_at > ends_at:
        raise FieldRefused(N_("Sign-up must close before the end."), code="window")


class EndsInThePast(Conflict):
    message = N_("It would end in the past. Give a later end.")


def erase_after(ends_at: datetime, grace: timedelta, *, latest: datetime | None) -> datetime:
    """When an event's diets must be gone (P4): ``grace`` after the end, and never later than
    ``latest``, seven days after the first end that guests were told. All aware; UTC.

    Both count in elapsed time: a local day may have 23 hours or 25.
    """
    due = ends_at.astimezone(UTC) + grace
    return due if latest is None else min(due, latest)


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A local date and time as an aware UTC moment. Of the hour that comes twice in autumn the
    first is meant; raises ``FieldRefused`` for the hour that spring skips."""
    local = datetime.combine(day, clock, tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise FieldRefused(
            N_("The clocks go forward then: there is no such time on that day."), code="dst"
        )
    return moment


def slugify(texts: Mapping[str, str]) -> str:
    """An address from the first title: plain letters, digits, hyphens; never empty."""
    title = next((texts[code] for code in LANGUAGES if texts.get(code)), "")
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "item"


VAT_FROM_SEPTEMBER_2024 = 2550
VAT_BEFORE = 2400


def vat_basis_points(on: date) -> int:
    """The general VAT rate in Finland, in hundredths of a per cent (25,5 % is 2550)."""
    return VAT_FROM_SEPTEMBER_2024 if on >= date(2024, 9, 1) else VAT_BEFORE


@dataclass(frozen=True, slots=True)
class MealLine:
    """``name`` by language, empty where the kind says enough."""

    id: UUID
    on: date
    kind: str
    name: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of a seating, as of ``models.Seating``; moments are aware UTC."""

    offer_hours: int | None = None
    company_quota: int | None = None
    minimum: int | None = None
    sure_at: datetime | None = None
    decide_by: datetime | None = None
    cancels_until: datetime | None = None
    names_until: datetime | None = None
    remind_hours: int | None = None

    @property
    def tentative(self) -> bool:
        """Whether it is not known yet that it runs."""
        return self.minimum is not None and self.sure_at is None


@dataclass(frozen=True, slots=True)
class Offering:
    """A session or an event as a person signs up for it. Times are aware UTC; ``price_cents``
    excludes VAT; ``days`` has at least one (start, end). ``diets_until`` None: with sign-up."""

    kind: str
    id: UUID
    slug: str
    seating_id: UUID
    revision: int
    title: Mapping[str, str]
    days: tuple[tuple[datetime, datetime], ...]
    zone: str
    venue: str
    venue_city: str
    link: str
    opens_at: datetime | None
    closes_at: datetime
    price_cents: int
    language: str
    state: State
    catered: bool = False
    erase_at: datetime | None = None
    diets_deleted_at: datetime | None = None
    diets_until: datetime | None = None
    meals: tuple[MealLine, ...] = ()
    terms: Terms = Terms()

    @property
    def starts_at(self) -> datetime:
        return self.days[0][0]

    @property
    def ends_at(self) -> datetime:
        return self.days[-1][1]

    @property
    def path(self) -> str:
        return f"/sessions/{self.id}" if self.kind == "session" else f"/events/{self.slug}"
