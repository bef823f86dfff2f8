"""What the tests of pages start from: a catalogue in the future, since pages look at the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import EventLine, SessionLine
from registration.catalogue.rules import Day, EventGiven, SessionGiven, TrainingGiven, VenueGiven
from registration.enrolment.rules import Taken
from registration.enrolment.service import SignUp, sign_up
from registration.people.rules import Contact, Source
from registration.settings import Settings

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def soon(*, days: int = 10) -> datetime:
    """A morning some days ahead: a day of seven hours from it ends on the same date."""
    return (clock.now() + timedelta(days=days)).replace(hour=7, minute=0, second=0, microsecond=0)


async def make_training(
    title: str = "Track safety",
    *,
    slug: str = "",
    topic: str = "Rail",
    valid_months: int | None = 60,
    published: bool = True,
) -> UUID:
    given = TrainingGiven(
        title={"en": title},
        slug=slug,
        summary={"en": "Work beside the track."},
        aims={"en": "Know the hazards."},
        qualifies_for={"en": "Work in the track area."},
        topic={"en": topic},
        length_minutes=450,
        valid_months=valid_months,
        published=published,
    )
    return await service.add_training(given, actor_id=None, now=clock.now())


async def make_venue(city: str = "Tampere") -> UUID:
    given = VenueGiven(name="Depot", street="Asemakatu 5", city=city)
    return await service.add_venue(given, actor_id=None, now=clock.now())


async def make_session(
    training: UUID | None = None,
    *,
    days: int = 1,
    capacity: int = 10,
    language: str = "fi",
    venue: UUID | None = None,
    price_cents: int = 0,
    waiting_open: bool = True,
    starts_at: datetime | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    made_at: datetime | None = None,
    **terms: object,
) -> SessionLine:
    first = starts_at or soon()
    given = SessionGiven.model_validate(
        {
            "training": training or await make_training(),
            "days": tuple(
                Day(starts_at=first + number * DAY, ends_at=first + number * DAY + 7 * HOUR)
                for number in range(days)
            ),
            "capacity": capacity,
            "language": language,
            "venue": venue,
            "price_cents": price_cents,
            "waiting_open": waiting_open,
            "opens_at": opens_at,
            "closes_at": closes_at,
            **terms,
        }
    )
    made = await service.add_session(given, actor_id=None, now=made_at or clock.now())
    return await catalogue.session(made)


async def make_event(
    title: str = "Safety day",
    *,
    slug: str = "safety-day",
    catered: bool = True,
    capacity: int = 10,
    waiting_open: bool = True,
    starts_at: datetime | None = None,
) -> EventLine:
    first = starts_at or soon()
    given = EventGiven(
        title={"en": title},
        slug=slug,
        summary={"en": "A day together."},
        starts_at=first,
        ends_at=first + 8 * HOUR,
        capacity=capacity,
        catered=catered,
        waiting_open=waiting_open,
    )
    made = await service.add_event(given, actor_id=None, now=clock.now())
    return await catalogue.event(made)


async def take_place(
    line: SessionLine | EventLine,
    settings: Settings,
    *,
    contact: Contact | None = None,
    company_name: str = "",
    at: datetime | None = None,
) -> Taken:
    offering = (await catalogue.offerings_by_seating([line.seating_id]))[line.seating_id]
    person = contact or Contact("Guest", "Person", f"{uuid4().hex}@example.fi", language="en")
    wish = SignUp(person, Source.SELF, company_name=company_name)
    return await sign_up(offering, wish, settings=settings, now=at or clock.now())


def filled(**changes: str) -> dict[str, str]:
    """The form's fields as one person fills them in, with a fresh token."""
    return {
        "first_name": "Aino",
        "last_name": "Virtanen",
        "email": "aino@example.fi",
        "language": "en",
        "token": uuid4().hex,
    } | changes
