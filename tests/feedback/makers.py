"""A session or an event that is over, people who were there, and what they say of it."""

from __future__ import annotations

from datetime import timedelta

from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.rules import EventGiven, Offering
from registration.enrolment import queries as enrolment
from registration.enrolment.queries import PlaceLine
from registration.feedback.rules import FeedbackGiven
from registration.feedback.service import answer_from_place
from registration.forms import parse
from registration.settings import Settings
from tests.builders import NOON
from tests.enrolment.makers import make_session, take

OVER = NOON + timedelta(days=11)  # a while after the end


def said(overall: int = 4, **more: object) -> FeedbackGiven:
    return parse(FeedbackGiven, {"overall": overall, **more})


async def make_class(people: int, settings: Settings) -> tuple[Offering, list[PlaceLine]]:
    """A session with that many people on it; at ``OVER`` it has ended."""
    offering = await make_session(max(people, 1))
    taken = [await take(offering, number, settings) for number in range(people)]
    return offering, [await enrolment.place(each.id) for each in taken]


async def make_event() -> Offering:
    given = EventGiven(
        title={"en": "Safety day"},
        starts_at=NOON + timedelta(days=10),
        ends_at=NOON + timedelta(days=10, hours=8),
        capacity=50,
    )
    made = await catalogue_service.add_event(given, actor_id=None, now=NOON)
    return catalogue.event_offering(await catalogue.event(made))


async def answer(place: PlaceLine, settings: Settings, overall: int = 4, **more: object) -> None:
    await answer_from_place(place, said(overall, **more), settings=settings, now=OVER)
