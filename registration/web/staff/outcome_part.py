"""What is recorded of a place on a session, as staff see it: the result and how it came to be."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from registration.catalogue import queries as catalogue
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceStatus
from registration.teaching.deciding import by_date
from registration.teaching.history import changes_of
from registration.teaching.outcomes import session_days
from registration.teaching.packs import grade_words
from registration.teaching.queries import outcomes_of
from registration.teaching.rules import TAUGHT
from registration.web.outcome_words import Told, changes_told, day_words, result_words


@dataclass(frozen=True, slots=True)
class OutcomePart:
    """``days`` are the marked ones in words; ``because`` why the result is against the rule;
    ``changes`` for a timeline."""

    result: str
    grade: str
    days: tuple[str, ...]
    because: str
    changes: tuple[Told, ...]


async def outcome_part(line: PlaceLine) -> OutcomePart | None:
    """None: nothing is recorded, or it is no session's place."""
    if line.offering.kind != "session" or line.status not in TAUGHT:
        return None
    outcome = (await outcomes_of([line.id]))[line.id]
    changes = await changes_of(line.id)
    absent = line.status is PlaceStatus.NO_SHOW
    if not (outcome.version or changes or absent):
        return None
    session = await catalogue.session(line.offering.id)
    recorded, scale = outcome.recorded, session.training.grade_scale
    return OutcomePart(
        result=result_words(recorded.completed, no_show=absent),
        grade=grade_words(recorded.grade, scale),
        days=day_words(by_date(recorded.attendance, session_days(session))),
        because=recorded.because,
        changes=changes_told(changes, scale, ZoneInfo(session.zone)),
    )
