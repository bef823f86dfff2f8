"""What the tests of diets need: an event, guests who say what they eat, an organiser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from registration.accounts.rules import Held, Identity, Role
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.queries import event_offering
from registration.catalogue.rules import EventGiven, Offering
from registration.catering.rules import Diet, DietGiven, DietShown, reveal
from registration.catering.service import register_guest
from registration.enrolment.rules import Taken
from registration.enrolment.service import SignUp
from registration.forms import parse
from registration.people.rules import Contact, Source
from registration.settings import Settings

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
START = NOW + timedelta(days=10)
END = START + timedelta(hours=6)
DUE = END + timedelta(hours=24)
SECOND = timedelta(seconds=1)

_numbers = count(1)


def event_given(
    *, catered: bool = True, capacity: int = 500, starts_at: datetime = START, **more: object
) -> EventGiven:
    return parse(
        EventGiven,
        {
            "title": {"fi": "Kevätpäivä", "en": "Spring day"},
            "starts_at": starts_at,
            "ends_at": starts_at + (END - START),
            "capacity": capacity,
            "catered": catered,
            **more,
        },
    )


async def make_event(given: EventGiven | None = None) -> Offering:
    event_id = await catalogue_service.add_event(given or event_given(), actor_id=None, now=NOW)
    return await offering_of(event_id)


async def offering_of(event_id: UUID) -> Offering:
    return event_offering(await catalogue.event(event_id))


def diet(other: str = "", *, needs: str = "vegan", allergies: str = "", **more: object) -> Diet:
    given = parse(
        DietGiven,
        {"needs": needs, "allergies": allergies, "other": other, "consent": True, **more},
    )
    made = given.diet()
    assert made is not None
    return made


def said(shown: Diet | None) -> DietShown | None:
    """What the diet says, without the moment of the consent."""
    if shown is None:
        return None
    open_ = reveal(shown)
    return DietShown(open_.needs, open_.allergies, open_.other, open_.serious)


def wish(*, submission: str | None = None, email: str = "") -> SignUp:
    number = next(_numbers)
    contact = Contact(f"Aino{number}", "Vieras", email or f"aino{number}@vieras.example")
    return SignUp(contact, Source.SELF, submission=submission)


async def make_guest(
    event: Offering, given: Diet | None, *, settings: Settings, now: datetime = NOW
) -> Taken:
    return await register_guest(event, wish(), given, settings=settings, now=now)


def organiser_of(*event_ids: UUID) -> Identity:
    return Identity(
        account_id=uuid4(),
        name="Oili Organiser",
        language="fi",
        person_id=None,
        held=tuple(Held(Role.ORGANISER, event_id) for event_id in event_ids),
    )
