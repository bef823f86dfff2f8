"""What was long ago: places, certificates and employments with any dates, written row by row."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from registration.catalogue.models import Event, Seating, Session, Training
from registration.companies.models import Company, Employment
from registration.enrolment.models import Place
from registration.people.models import Consent, Person
from registration.qualifications.models import Certificate
from registration.teaching.models import Outcome
from tests.builders import NOON

_numbers = count(1)


async def person_of_old(since: datetime, **more: Any) -> UUID:
    """Somebody of whom nothing is known but who they are, since then."""
    number, made = next(_numbers), uuid4()
    given: dict[str, Any] = {
        "id": made,
        "first_name": "Vanha",
        "last_name": f"Tuttu{number}",
        "email": f"vanha{number}@example.fi",
        "name_key": f"vanha tuttu{number}",
        "language": "fi",
        "source": "self",
        "created_at": since,
        "changed_at": since,
    }
    await Person.create(**(given | more))
    return made


async def training(valid_months: int | None = None) -> UUID:
    made = uuid4()
    await Training.create(
        id=made, slug=f"t{next(_numbers)}", title={"en": "Track work"}, summary={}, aims={},
        qualifies_for={}, length_minutes=60, grade_scale="pass_fail", valid_months=valid_months,
        changed_at=NOON,
    )  # fmt: skip
    return made


async def session_ended(ends_at: datetime, training_id: UUID | None = None) -> UUID:
    """Its seating."""
    seating = uuid4()
    await Seating.create(id=seating, seats=20)
    await Session.create(
        id=uuid4(), training_id=training_id or await training(), seating_id=seating, language="fi",
        starts_at=ends_at - timedelta(hours=4), ends_at=ends_at, time_zone="Europe/Helsinki",
        closes_at=ends_at, state="published", changed_at=NOON,
    )  # fmt: skip
    return seating


async def event_ended(ends_at: datetime) -> UUID:
    """Its seating."""
    seating, number = uuid4(), next(_numbers)
    await Seating.create(id=seating, seats=20)
    await Event.create(
        id=uuid4(), slug=f"e{number}", seating_id=seating, title={"en": "Open day"}, summary={},
        starts_at=ends_at - timedelta(hours=4), ends_at=ends_at, time_zone="Europe/Helsinki",
        closes_at=ends_at, erase_diets_seconds=0, state="published", changed_at=NOON,
    )  # fmt: skip
    return seating


async def place_on(seating: UUID, person_id: UUID, status: str = "confirmed", **more: Any) -> UUID:
    made = uuid4()
    await Place.create(
        id=made, seating_id=seating, person_id=person_id, status=status,
        current=None if status == "cancelled" else True, turn=next(_numbers), source="self",
        created_at=NOON, changed_at=NOON, **more,
    )  # fmt: skip
    return made


async def completed(place_id: UUID, *, done: bool = True) -> UUID:
    made = uuid4()
    await Outcome.create(
        id=made, place_id=place_id, completed=done, recorded_by=uuid4(), recorded_at=NOON
    )
    return made


async def certified(place_id: UUID, valid_until: date | None, **more: Any) -> UUID:
    made, number = uuid4(), next(_numbers)
    place = await Place.get(id=place_id)
    given: dict[str, Any] = {
        "id": made, "number": f"2020-{number}", "place_id": place_id, "person_id": place.person_id,
        "training_id": uuid4(), "token": f"token{number}", "language": "fi",
        "person_name": "Vanha Tuttu", "training_title": "Track work", "grade_scale": "pass_fail",
        "length_minutes": 60, "held": ["2020-01-01"], "issued_on": date(2020, 1, 1),
        "valid_until": valid_until, "status_index": number,
    }  # fmt: skip
    await Certificate.create(**(given | more))
    return made


async def employed(person_id: UUID, since: datetime, until: datetime | None) -> UUID:
    company, made = uuid4(), uuid4()
    await Company.create(id=company, name="Rata Oy", created_at=since)
    await Employment.create(
        id=made, company_id=company, person_id=person_id, source="company", since=since, until=until
    )
    return made


async def consented(
    person_id: UUID, given_at: datetime, withdrawn_at: datetime | None, purpose: str = "newsletter"
) -> UUID:
    made = uuid4()
    await Consent.create(
        id=made, person_id=person_id, purpose=purpose, text_version="1", source="self",
        given_at=given_at, withdrawn_at=withdrawn_at,
    )  # fmt: skip
    return made
