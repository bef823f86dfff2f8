"""What people said of the demo's trainings and events afterwards."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, SessionLine, Sought
from registration.catalogue.queries import event_offering, session_offering
from registration.catalogue.rules import Offering
from registration.enrolment import queries as enrolment
from registration.feedback.rules import WAS_THERE, FeedbackGiven, QuestionsGiven
from registration.feedback.service import (
    answer_by_code,
    answer_from_place,
    close_due,
    set_questions,
)
from registration.settings import Settings

GOOD = (
    "Kouluttaja osasi asiansa ja antoi aikaa kysymyksille.",
    "Harjoitukset radalla olivat parasta.",
    "Selkeä materiaali, jonka saa mukaan.",
    "Bra exempel ur verkligheten.",
    "Hyvä porukka ja sopiva tahti.",
    "Käytännön esimerkit omasta työstä.",
)
BETTER = (
    "Tauot voisivat olla pidempiä iltapäivällä.",
    "Enemmän aikaa harjoituksille, vähemmän kalvoja.",
    "Sali oli kylmä aamulla.",
    "Material på svenska i förväg, tack.",
    "Ohje pysäköinnistä kutsuun.",
)
LUNCH = {"fi": "Miltä ruoka maistui?", "sv": "Hur smakade maten?", "en": "How was the food?"}
# Of what is over for long nobody reads: the newest are enough.
MOST = 10
YEAR = timedelta(days=365)


async def give_feedback(
    settings: Settings, *, quiet: str, staff_id: UUID, chance: random.Random, now: datetime
) -> None:
    """Most of those who were there have answered, some of them by the code in the room and one in
    ten under their name. ``quiet``: the address of who has not yet, so that they still can."""
    sought = Sought(since=now - YEAR, until=now)
    lines: list[SessionLine | EventLine] = [
        *await catalogue.sessions(sought),
        *await catalogue.events(sought),
    ]
    over = [line for line in lines if line.ends_at < now]
    for line in sorted(over, key=lambda line: line.ends_at)[-MOST:]:
        if isinstance(line, SessionLine):
            offering = session_offering(line)
        else:
            offering = event_offering(line)
            lunch = QuestionsGiven(own_1=LUNCH)
            await set_questions(offering, lunch, actor_id=staff_id, now=line.starts_at)
        await _answers(offering, line.seats, settings, quiet=quiet, chance=chance, now=now)
    await close_due(now=now)


async def _answers(
    offering: Offering,
    seats: int,
    settings: Settings,
    *,
    quiet: str,
    chance: random.Random,
    now: datetime,
) -> None:
    soon = min(now, offering.ends_at + timedelta(hours=2))
    liking = chance.choice((3, 4, 4, 5))
    for number, place in enumerate(await enrolment.places_on(offering.seating_id)):
        if place.status not in WAS_THERE or place.email == quiet or chance.random() < 0.15:
            continue
        given = _said(liking, chance, named=number % 10 == 9)
        await answer_from_place(place, given, settings=settings, now=soon)
    for number in range(chance.choice((0, 4, 7))):
        await answer_by_code(
            offering,
            _said(liking, chance),
            page=f"{offering.id} {number}",
            seats=seats,
            settings=settings,
            now=soon,
        )


def _said(liking: int, chance: random.Random, *, named: bool = False) -> FeedbackGiven:
    """Scores around ``liking``; every second writes something."""
    scores = [min(5, max(1, liking + chance.choice((-1, 0, 0, 0, 1)))) for _each in range(5)]
    return FeedbackGiven(
        overall=scores[0],
        content=scores[1],
        arrangements=scores[2] if chance.random() < 0.9 else None,
        recommend=scores[3],
        own_1=scores[4],
        good=chance.choice(GOOD) if chance.random() < 0.5 else "",
        better=chance.choice(BETTER) if named or chance.random() < 0.4 else "",
        named=named,
    )
