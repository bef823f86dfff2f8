"""What the tests of teaching need: a training with a session, people on it, a trainer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID

from registration.accounts.rules import Held, Identity, Role
from registration.accounts.service import add_account
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.lines import SessionLine
from registration.catalogue.queries import session_offering
from registration.catalogue.rules import SessionGiven, TrainingGiven
from registration.enrolment.rules import Taken
from registration.enrolment.service import SignUp, sign_up
from registration.forms import parse
from registration.people.rules import Contact, Source
from registration.settings import Settings
from registration.teaching.rules import OutcomeRow, RecipientGiven
from registration.teaching.service import add_recipient, assign, record_outcomes

NOW = datetime(2027, 4, 1, 5, tzinfo=UTC)  # 8.00 in Finland
HOUR = timedelta(hours=1)
FIRST = NOW + HOUR
SECOND = FIRST + timedelta(days=1)
END = SECOND + timedelta(hours=7)
LATER = END + HOUR

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class School:
    """A two-day session with a trainer who is assigned to it."""

    session: SessionLine
    trainer: Identity
    recipient_id: UUID
    settings: Settings

    @property
    def id(self) -> UUID:
        return self.session.id

    @property
    def days(self) -> tuple[UUID, ...]:
        return tuple(day.id for day in self.session.days)


async def make_recipient(name: str = "", **more: object) -> UUID:
    given = {
        "name": name or f"Raidekoulu {next(_numbers)} Oy",
        "country": "FI",
        "agreement_on": date(2020, 1, 1),
        **more,
    }
    return await add_recipient(parse(RecipientGiven, given), actor_id=None, now=NOW)


async def make_trainer(name: str = "Tuija Trainer", *, now: datetime = NOW) -> Identity:
    email = f"trainer{next(_numbers)}@raidekoulu.example"
    account_id = await add_account(email, name, Role.TRAINER, language="en", now=now)
    return Identity(account_id, name, "en", None, (Held(Role.TRAINER, None),))


async def make_session(
    *, days: int = 2, capacity: int = 50, start: datetime = FIRST, **training: object
) -> SessionLine:
    """``days`` days of seven hours, the first from ``start``."""
    now = start - HOUR
    made = await catalogue_service.add_training(
        parse(
            TrainingGiven,
            {
                "title": {"fi": "Ratatyön turvallisuus", "en": "Track safety"},
                "length_minutes": 840,
                "grade_scale": "zero_to_five",
                "valid_months": 60,
                **training,
            },
        ),
        actor_id=None,
        now=now,
    )
    starts = [start + timedelta(days=each) for each in range(days)]
    given = {
        "training": made,
        "days": [{"starts_at": each, "ends_at": each + timedelta(hours=7)} for each in starts],
        "capacity": capacity,
    }
    session_id = await catalogue_service.add_session(
        parse(SessionGiven, given), actor_id=None, now=now
    )
    return await catalogue.session(session_id)


async def make_school(
    settings: Settings,
    *,
    days: int = 2,
    capacity: int = 50,
    start: datetime = FIRST,
    agreed: bool = True,
    recipient_id: UUID | None = None,
    **training: object,
) -> School:
    """``agreed``: the trainer need not accept any more."""
    session = await make_session(days=days, capacity=capacity, start=start, **training)
    trainer = await make_trainer(now=start - HOUR)
    recipient_id = recipient_id or await make_recipient()
    await assign(
        session.id,
        trainer.account_id,
        recipient_id,
        agreed=agreed,
        actor_id=None,
        settings=settings,
        now=start,
    )
    return School(session, trainer, recipient_id, settings)


async def enrol(school: School, name: str = "Aino Virtanen", **contact: str) -> Taken:
    """The person holds a seat on the session (or waits for one)."""
    first, _space, last = name.partition(" ")
    given = Contact(first, last, f"person{next(_numbers)}@example.fi", language="en")
    wish = SignUp(replace(given, **contact), Source.SELF)
    offering = session_offering(school.session)
    now = school.session.starts_at - HOUR
    return await sign_up(offering, wish, settings=school.settings, now=now)


async def record(school: School, *rows: dict[str, object], now: datetime = LATER) -> None:
    given = [parse(OutcomeRow, row) for row in rows]
    await record_outcomes(school.id, given, identity=school.trainer, now=now)
