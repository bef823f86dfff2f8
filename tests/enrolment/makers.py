"""Sessions with few seats, and people who want them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.rules import Offering, SessionGiven, TrainingGiven
from registration.enrolment.rules import Taken
from registration.enrolment.service import SignUp, sign_up
from registration.people.rules import Contact, Source
from registration.settings import Settings
from tests.builders import NOON

STARTS = NOON + timedelta(days=10)


def session_given(training: UUID, seats: int, **more: object) -> SessionGiven:
    given = {
        "training": training,
        "capacity": seats,
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=7),
        "link": "https://meet.example/room",
    }
    return SessionGiven.model_validate(given | more)


async def make_training() -> UUID:
    given = TrainingGiven(title={"en": "Track work safety", "fi": "Ratatyöturvallisuus"})
    return await catalogue_service.add_training(given, actor_id=None, now=NOON)


async def make_session(seats: int = 2, **more: object) -> Offering:
    given = session_given(await make_training(), seats, **more)
    session_id = await catalogue_service.add_session(given, actor_id=None, now=NOON)
    return catalogue.session_offering(await catalogue.session(session_id))


def wish(number: int, *, submission: str | None = None, **more: object) -> SignUp:
    contact = Contact(f"Guest{number}", "Nieminen", f"guest{number}@example.fi", language="en")
    return SignUp(contact, Source.SELF, submission=submission, **more)  # type: ignore[arg-type]


async def take(offering: Offering, number: int, settings: Settings) -> Taken:
    return await sign_up(offering, wish(number), settings=settings, now=NOON)
