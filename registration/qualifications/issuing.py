"""Writing new certificates out, for those that issue them to call under the seating's lock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from registration.catalogue.lines import SessionLine
from registration.companies import queries as companies
from registration.db import connection
from registration.enrolment.models import Place
from registration.i18n import DEFAULT_ZONE, LANGUAGES, collation_key, text_in
from registration.qualifications.models import Certificate
from registration.qualifications.rules import clip, new_token, number_of, valid_until
from registration.teaching.models import Assignment, Outcome

QUALIFIES_LIMIT = 600
VENUE_LIMIT = 240


# The series that counts the places in the list of what was revoked.
ALL_YEARS = 0
NONE_BEFORE: Mapping[UUID, UUID] = {}


async def new(
    session: SessionLine,
    missing: Sequence[Outcome],
    *,
    replaced: Mapping[UUID, UUID] = NONE_BEFORE,
    now: datetime,
) -> list[Certificate]:
    """Unsaved certificates for these completed outcomes, numbered by name; none if their validity
    would be over. ``replaced``: by place, the certificate in whose stead it is issued."""
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
    first = await reserve(today.year, len(places))
    index = await reserve_places(len(places))
    return [
        Certificate(
            id=uuid4(),
            number=number_of(today.year, first + nth),
            place_id=place.id,
            person_id=place.person_id,
            training_id=session.training.id,
            token=new_token(),
            language=place.person.language or LANGUAGES[0],
            person_name=f"{place.person.first_name} {place.person.last_name}",
            company_name=company_names.get(place.company_id, "")
            if place.company_id
            else place.person.company_name,
            design=session.training.certificate_design.value,
            status_index=index + nth,
            replaces_id=replaced.get(place.id),
            told_at=now,
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
        for nth, place in enumerate(_by_name(places))
    ]


async def withheld(outcomes: Sequence[Outcome]) -> set[UUID]:
    """The places of these whose certificate was revoked after the result was recorded: nothing is
    issued for them until the result is recorded anew."""
    recorded = {outcome.place_id: outcome.recorded_at for outcome in outcomes}
    rows = await Certificate.filter(
        place_id__in=list(recorded), revoked_at__isnull=False
    ).values_list("place_id", "revoked_at")
    revoked = [(UUID(str(place)), at) for place, at in rows]
    return {place for place, at in revoked if at > recorded[place]}


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


async def reserve(year: int, many: int) -> int:
    """The first of ``many`` consecutive numbers of the year, from 1; a write, so that the row is
    locked."""
    return await _count_on(year, many, "VALUES ({0}, {1}, {2})")


async def reserve_places(many: int) -> int:
    """The first of ``many`` consecutive places in the list of what was revoked, from 0."""
    # The first time, after what was issued before there was a list.
    before = "SELECT {0}, {1}, {2} + COALESCE(MAX(status_index) + 1, 0) FROM certificate WHERE true"
    return await _count_on(ALL_YEARS, many, before) - 1


async def _count_on(year: int, many: int, first: str) -> int:
    db = connection()
    server = db.capabilities.support_for_update
    kinds = ("uuid", "int", "int")
    marks = [f"${at}::{kind}" if server else f"?{at}" for at, kind in enumerate(kinds, 1)]
    new_id = uuid4()
    rows = await db.execute_query_dict(
        "INSERT INTO certificate_series (id, year, issued) "
        f"{first.format(*marks)} ON CONFLICT (year) "
        f"DO UPDATE SET issued = certificate_series.issued + {marks[2]} RETURNING issued",
        [new_id if server else str(new_id), year, many],
    )
    return int(rows[0]["issued"]) - many + 1
