"""Writing new certificates out, for ``service`` to call under the seating's lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from registration.catalogue.lines import SessionLine
from registration.companies import queries as companies
from registration.db import connection
from registration.enrolment.models import Place
from registration.i18n import DEFAULT_ZONE, LANGUAGES, collation_key, text_in
from registration.ledger.rules import Act
from registration.ledger.service import entry, record_many
from registration.mail.models import Mail
from registration.mail.rules import Addressee, MailPurpose
from registration.mail.service import compose, queue_many
from registration.people.models import Person
from registration.qualifications.models import Certificate
from registration.qualifications.rules import clip, new_token, number_of, valid_until
from registration.settings import Settings
from registration.teaching.models import Assignment, Outcome

QUALIFIES_LIMIT = 600
VENUE_LIMIT = 240


@dataclass(frozen=True, slots=True)
class CertificateMail:
    """What the mail says. ``valid_until`` is the last valid day, None for no end."""

    title: str
    number: str
    valid_until: date | None
    me_url: str
    verify_url: str
    privacy_url: str


async def new(
    session: SessionLine, missing: Sequence[Outcome], *, now: datetime
) -> list[Certificate]:
    """Unsaved certificates for these completed outcomes, numbered by name; none if their validity
    would be over."""
    zone = ZoneInfo(session.zone)
    days = sorted({day.starts_at.astimezone(zone).date() for day in session.days})
    today = now.astimezone(DEFAULT_ZONE).date()
    until = valid_until(days[-1], session.training.valid_months)
    places = await Place.filter(
        id__in=[outcome.place_id for outcome in missing], current=True
    ).select_related("person")
    if not places or (until is not None and until < today):
        return []
    company_names = await companies.names([row.company_id for row in places if row.company_id])
    organisations = await _organisations(session.id, missing)
    grades = {outcome.place_id: outcome.grade for outcome in missing}
    first = await _reserve(today.year, len(places))
    return [
        Certificate(
            id=uuid4(),
            number=number_of(today.year, first + index),
            place_id=place.id,
            person_id=place.person_id,
            training_id=session.training.id,
            token=new_token(),
            language=place.person.language or LANGUAGES[0],
            person_name=f"{place.person.first_name} {place.person.last_name}",
            company_name=company_names.get(place.company_id, "")
            if place.company_id
            else place.person.company_name,
            training_title=text_in(session.training.title, wish=place.person.language),
            qualifies_for=clip(
                text_in(session.training.qualifies_for, wish=place.person.language),
                QUALIFIES_LIMIT,
            ),
            grade=grades[place.id],
            grade_scale=session.training.grade_scale.value,
            length_minutes=session.training.length_minutes,
            held=[day.isoformat() for day in days],
            venue=clip(session.venue.where, VENUE_LIMIT) if session.venue else "",
            trainer_organisation=organisations.get(place.id, ""),
            issued_on=today,
            valid_until=until,
        )
        for index, place in enumerate(_by_name(places))
    ]


def _by_name(places: Iterable[Place]) -> list[Place]:
    return sorted(
        places,
        key=lambda place: (
            collation_key(place.person.last_name),
            collation_key(place.person.first_name),
            str(place.id),
        ),
    )


async def _organisations(session_id: UUID, outcomes: Sequence[Outcome]) -> dict[UUID, str]:
    """By place, whom the trainer who recorded it taught for."""
    rows = await Assignment.filter(session_id=session_id).select_related("recipient")
    by_account = {row.account_id: row.recipient.name for row in rows}
    return {
        outcome.place_id: by_account[outcome.recorded_by]
        for outcome in outcomes
        if outcome.recorded_by in by_account
    }


async def _reserve(year: int, many: int) -> int:
    """The first of ``many`` consecutive numbers of the year; a write, so that the row is locked."""
    db = connection()
    server = db.capabilities.support_for_update
    marks = "$1, $2, $3" if server else "?, ?, ?"
    new_id = uuid4()
    rows = await db.execute_query_dict(
        f"INSERT INTO certificate_series (id, year, issued) VALUES ({marks}) "  # noqa: S608 -- placeholders
        "ON CONFLICT (year) DO UPDATE SET issued = certificate_series.issued + excluded.issued "
        "RETURNING issued",
        [new_id if server else str(new_id), year, many],
    )
    return int(rows[0]["issued"]) - many + 1


async def tell(
    made: Sequence[Certificate], *, actor_id: UUID | None, settings: Settings, now: datetime
) -> None:
    """Each holder has a mail that leads to the certificate, and the ledger an entry."""
    persons = {
        person.id: person for person in await Person.filter(id__in=[row.person_id for row in made])
    }
    await queue_many(
        [_mail(row, persons[row.person_id], settings=settings, now=now) for row in made]
    )
    await record_many(
        [
            entry(
                Act.CERTIFICATE_ISSUED,
                now=now,
                actor_id=actor_id,
                subject_id=row.person_id,
                object_id=row.id,
            )
            for row in made
        ]
    )


def _mail(row: Certificate, person: Person, *, settings: Settings, now: datetime) -> Mail:
    page = CertificateMail(
        title=row.training_title,
        number=row.number,
        valid_until=row.valid_until,
        me_url=f"{settings.base_url}/me",
        verify_url=f"{settings.base_url}/verify/{row.token}",
        privacy_url=f"{settings.base_url}/privacy",
    )
    addressee = Addressee(person.email, row.person_name, person.language, person.id)
    return compose(
        "certificate-issued",
        addressee,
        page,
        settings=settings,
        purpose=MailPurpose.PLACE,
        now=now,
    )
