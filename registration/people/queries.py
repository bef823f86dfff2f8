from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.people.models import Consent, Person, Suggestion
from registration.people.rules import CONTACT_FIELDS, Contact, PersonNotFound, Purpose


@dataclass(frozen=True, slots=True)
class SuggestionLine:
    field: str
    value: str
    source: str
    suggested_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentLine:
    purpose: Purpose
    given_at: datetime
    withdrawn_at: datetime | None


async def contact(person_id: UUID) -> Contact:
    """Raises ``PersonNotFound``."""
    person = await Person.get_or_none(id=person_id)
    if person is None:
        raise PersonNotFound
    return Contact(**{name: getattr(person, name) for name in CONTACT_FIELDS})


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the calendar of a person's places goes by."""

    number: int
    language: str


async def subscription(person_id: UUID) -> Subscription:
    """Raises ``PersonNotFound``."""
    person = await Person.get_or_none(id=person_id).only("calendar_number", "language")
    if person is None:
        raise PersonNotFound
    return Subscription(person.calendar_number, person.language)


async def suggestions(person_id: UUID) -> list[SuggestionLine]:
    rows = await Suggestion.filter(person_id=person_id).order_by("field")
    return [SuggestionLine(row.field, row.value, row.source, row.suggested_at) for row in rows]


async def consents(person_id: UUID) -> list[ConsentLine]:
    """All that were ever given, the newest first."""
    rows = await Consent.filter(person_id=person_id).order_by("-given_at")
    return [ConsentLine(Purpose(row.purpose), row.given_at, row.withdrawn_at) for row in rows]
