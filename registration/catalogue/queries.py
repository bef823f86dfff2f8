"""Reading the catalogue into frozen values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from registration.catalogue.lines import (
    DayLine,
    EventLine,
    SessionLine,
    Sought,
    TrainingLine,
    VenueLine,
)
from registration.catalogue.models import Event, Seating, Session, Training, Venue
from registration.catalogue.rules import (
    LONGEST_SLUG,
    MEAL_ORDER,
    CertificateDesign,
    EventNotFound,
    GradeScale,
    MealLine,
    Offering,
    SessionNotFound,
    State,
    Terms,
    TrainingNotFound,
    VenueNotFound,
    about,
)
from registration.i18n import collation_key, text_in

M = TypeVar("M", Session, Event)


async def trainings(
    *, published_only: bool = True, words: str = "", topic: str = ""
) -> list[TrainingLine]:
    """By title, as the reader's language orders them."""
    found = Training.filter(published=True) if published_only else Training.all()
    lines = [training_line(row) for row in await found]
    lines = [
        line
        for line in lines
        if _has_words(words, line.title, line.summary) and about(line.topic, topic)
    ]
    return sorted(lines, key=lambda line: collation_key(text_in(line.title)))


async def training(training_id: UUID) -> TrainingLine:
    row = await Training.get_or_none(id=training_id)
    if row is None:
        raise TrainingNotFound
    return training_line(row)


async def training_by_slug(slug: str) -> TrainingLine:
    row = await Training.get_or_none(slug=slug) if len(slug) <= LONGEST_SLUG else None
    if row is None:
        raise TrainingNotFound
    return training_line(row)


async def venues() -> list[VenueLine]:
    return [_venue(row) for row in await Venue.all().order_by("name")]


async def venue(venue_id: UUID) -> VenueLine:
    row = await Venue.get_or_none(id=venue_id)
    if row is None:
        raise VenueNotFound
    return _venue(row)


async def sessions(sought: Sought, *, limit: int = 500) -> list[SessionLine]:
    """Sessions in the order of their start, with training, venue, seats and days."""
    found = _between(Session.all(), sought)
    if sought.language:
        found = found.filter(language=sought.language)
    if sought.training is not None:
        found = found.filter(training_id=sought.training)
    if State.DRAFT not in sought.states:
        found = found.filter(training__published=True)
    lines = await _session_lines(found.order_by("starts_at", "id").limit(limit))
    return [
        line
        for line in lines
        if _has_words(sought.words, line.training.title, line.training.summary)
    ]


async def sessions_by_id(ids: Sequence[UUID]) -> dict[UUID, SessionLine]:
    if not ids:
        return {}
    return {line.id: line for line in await _session_lines(Session.filter(id__in=list(ids)))}


async def session(session_id: UUID) -> SessionLine:
    """Raises ``SessionNotFound``."""
    lines = await _session_lines(Session.filter(id=session_id))
    if not lines:
        raise SessionNotFound
    return lines[0]


async def events(sought: Sought, *, limit: int = 500) -> list[EventLine]:
    found = _between(Event.all(), sought)
    lines = await _event_lines(found.order_by("starts_at", "id").limit(limit))
    return [line for line in lines if _has_words(sought.words, line.title, line.summary)]


async def event(event_id: UUID) -> EventLine:
    """Raises ``EventNotFound``."""
    lines = await _event_lines(Event.filter(id=event_id))
    if not lines:
        raise EventNotFound
    return lines[0]


async def event_by_slug(slug: str) -> EventLine:
    lines = await _event_lines(Event.filter(slug=slug)) if len(slug) <= LONGEST_SLUG else []
    if not lines:
        raise EventNotFound
    return lines[0]


async def events_by_id(ids: Sequence[UUID]) -> dict[UUID, EventLine]:
    if not ids:
        return {}
    return {line.id: line for line in await _event_lines(Event.filter(id__in=list(ids)))}


async def offerings_by_seating(seating_ids: Sequence[UUID]) -> dict[UUID, Offering]:
    """What the seatings belong to, whichever kind; two queries and their parts, however many."""
    ids = list(dict.fromkeys(seating_ids))
    if not ids:
        return {}
    found = {
        line.seating_id: session_offering(line)
        for line in await _session_lines(Session.filter(seating_id__in=ids))
    }
    if len(found) < len(ids):
        found |= {
            line.seating_id: event_offering(line)
            for line in await _event_lines(Event.filter(seating_id__in=ids))
        }
    return found


def session_offering(line: SessionLine) -> Offering:
    return Offering(
        kind="session",
        id=line.id,
        slug=line.training.slug,
        seating_id=line.seating_id,
        revision=line.revision,
        title=line.training.title,
        days=tuple((day.starts_at, day.ends_at) for day in line.days),
        zone=line.zone,
        venue=line.venue.where if line.venue else "",
        venue_city=line.venue.city if line.venue else "",
        link=line.link,
        opens_at=line.opens_at,
        closes_at=line.closes_at,
        price_cents=line.price_cents,
        language=line.language,
        state=line.state,
        terms=line.terms,
    )


def event_offering(line: EventLine) -> Offering:
    return Offering(
        kind="event",
        id=line.id,
        slug=line.slug,
        seating_id=line.seating_id,
        revision=line.revision,
        title=line.title,
        days=((line.starts_at, line.ends_at),),
        zone=line.zone,
        venue=line.venue.where if line.venue else "",
        venue_city=line.venue.city if line.venue else "",
        link=line.link,
        opens_at=line.opens_at,
        closes_at=line.closes_at,
        price_cents=0,
        language="",
        state=line.state,
        catered=line.catered,
        erase_at=line.erase_at,
        diets_deleted_at=line.diets_deleted_at,
        diets_until=line.diets_until,
        meals=line.meals,
        terms=line.terms,
    )


async def _session_lines(found: QuerySet[Session]) -> list[SessionLine]:
    rows = await found.select_related("training", "venue", "seating").prefetch_related("days")
    return [_session(row) for row in rows]


async def _event_lines(found: QuerySet[Event]) -> list[EventLine]:
    rows = await found.select_related("venue", "seating").prefetch_related("meals")
    return [_event(row) for row in rows]


def _between(found: QuerySet[M], sought: Sought) -> QuerySet[M]:
    found = found.filter(state__in=[state.value for state in sought.states])
    if sought.since is not None:
        found = found.filter(ends_at__gte=sought.since)
    if sought.until is not None:
        found = found.filter(starts_at__lt=sought.until)
    if sought.city:
        found = found.filter(Q(venue__city=sought.city))
    if sought.after is not None:
        start, last = sought.after
        found = found.filter(Q(starts_at__gt=start) | Q(starts_at=start, id__gt=last))
    return found


def _has_words(words: str, *texts: Mapping[str, str]) -> bool:
    """Whether every word stands somewhere in the texts, in any language."""
    if not words:
        return True
    whole = " ".join(" ".join(text.values()) for text in texts).casefold()
    return all(word in whole for word in words.casefold().split())


def training_line(row: Training) -> TrainingLine:
    return TrainingLine(
        row.id,
        row.slug,
        row.title,
        row.summary,
        row.aims,
        row.qualifies_for,
        row.topic,
        row.length_minutes,
        GradeScale(row.grade_scale),
        row.valid_months,
        CertificateDesign(row.certificate_design),
        row.published,
        row.attendance_percent,
        row.lowest_grade,
    )


def _venue(row: Venue) -> VenueLine:
    return VenueLine(row.id, row.name, row.street, row.postal_code, row.city, row.country)


def _terms(row: Seating) -> Terms:
    return Terms(**{name: getattr(row, name) for name in Terms.__slots__})


def _session(row: Session) -> SessionLine:
    days = sorted(row.days, key=lambda day: day.starts_at)
    return SessionLine(
        id=row.id,
        seating_id=row.seating.id,
        training=training_line(row.training),
        venue=_venue(row.venue) if row.venue else None,
        link=row.link,
        language=row.language,
        days=tuple(DayLine(day.id, day.starts_at, day.ends_at) for day in days),
        zone=row.time_zone,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        price_cents=row.price_cents,
        state=State(row.state),
        seats=row.seating.seats,
        waiting_open=row.seating.waiting_open,
        revision=row.seating.revision,
        terms=_terms(row.seating),
    )


def _event(row: Event) -> EventLine:
    meals = sorted(row.meals, key=lambda meal: (meal.on, MEAL_ORDER[meal.kind]))
    return EventLine(
        id=row.id,
        slug=row.slug,
        seating_id=row.seating.id,
        title=row.title,
        summary=row.summary,
        venue=_venue(row.venue) if row.venue else None,
        link=row.link,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.time_zone,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        catered=row.catered,
        meals=tuple(MealLine(meal.id, meal.on, meal.kind, meal.name) for meal in meals),
        erase_diets_seconds=row.erase_diets_seconds,
        erase_daily=row.erase_daily,
        latest_erase_at=row.latest_erase_at,
        erase_at=row.erase_at,
        diets_deleted_at=row.diets_deleted_at,
        diets_until=row.diets_until,
        state=State(row.state),
        seats=row.seating.seats,
        waiting_open=row.seating.waiting_open,
        revision=row.seating.revision,
        terms=_terms(row.seating),
    )
