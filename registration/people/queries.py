from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration import i18n
from registration.people.allowing import Channel, outweighs
from registration.people.models import Consent, Person, Prohibition, Suggestion
from registration.people.rules import CONTACT_FIELDS, Contact, PersonNotFound, Purpose
from registration.people.wording import words_of


@dataclass(frozen=True, slots=True)
class SuggestionLine:
    field: str
    value: str
    source: str
    suggested_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A yes, and what became of it. ``words`` as they were read; ``confirmed_at`` None: it
    was only asked for. ``outweighed_at``: when somebody at its address
    said no later, if they did."""

    id: UUID
    purpose: Purpose
    channel: Channel
    address_key: str
    words: str
    language: str
    text_version: str
    source: str
    given_at: datetime
    asked_at: datetime | None
    confirmed_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_source: str
    outweighed_at: datetime | None = None

    @property
    def counts(self) -> bool:
        return bool(self.confirmed_at and not self.withdrawn_at and not self.outweighed_at)

    @property
    def waits(self) -> bool:
        return not self.confirmed_at and not self.withdrawn_at


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
    rows = await Consent.filter(person_id=person_id).order_by("-given_at", "purpose")
    closed: dict[tuple[str, str, str], datetime] = {}
    if rows:
        noes = Prohibition.filter(address_key__in=list({row.address_key for row in rows}))
        closed = {(row.address_key, row.purpose, row.channel): row.since for row in await noes}
    return [_consent(row, closed.get((row.address_key, row.purpose, row.channel))) for row in rows]


def _consent(row: Consent, no_since: datetime | None) -> ConsentLine:
    purpose = Purpose(row.purpose)
    outweighed = row.confirmed_at is not None and outweighs(no_since, row.confirmed_at)
    return ConsentLine(
        id=row.id,
        purpose=purpose,
        channel=Channel(row.channel),
        address_key=row.address_key,
        words=words_of(purpose, row.text_version, row.language or i18n.language()),
        language=row.language,
        text_version=row.text_version,
        source=row.source,
        given_at=row.given_at,
        asked_at=row.asked_at,
        confirmed_at=row.confirmed_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_source=row.withdrawn_source,
        outweighed_at=no_since if outweighed else None,
    )


@dataclass(frozen=True, slots=True)
class NoLine:
    """A no that stands at an address, by one channel."""

    purpose: Purpose
    channel: Channel
    source: str
    since: datetime


async def noes(keys: Iterable[str]) -> list[NoLine]:
    """What the addresses with these keys are closed to, the newest no first."""
    rows = await Prohibition.filter(address_key__in=list(keys)).order_by("-since", "purpose")
    return [
        NoLine(Purpose(row.purpose), Channel(row.channel), row.source, row.since) for row in rows
    ]
