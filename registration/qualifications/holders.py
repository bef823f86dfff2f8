"""The people of a session and their certificates, as staff see them; and the search for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from tortoise.expressions import Q, Subquery

from registration.catalogue import queries as catalogue
from registration.enrolment import queries as enrolment
from registration.enrolment.rules import SEATED, PlaceStatus
from registration.i18n import DEFAULT_ZONE, collation_key
from registration.qualifications import printed, printing
from registration.qualifications.issuing import withheld
from registration.qualifications.models import Certificate
from registration.qualifications.queries import CertificateLine, lines_of
from registration.qualifications.rules import ENDING, Standing
from registration.settings import Settings
from registration.teaching.models import Outcome


class Held(StrEnum):
    """Where a person stands: ``MISSING`` has completed and holds no certificate yet, ``REVOKED``
    gets none until the result is recorded anew."""

    CERTIFIED = "certified"
    REVOKED = "revoked"
    MISSING = "missing"
    NOT_COMPLETED = "not_completed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Holder:
    """``certificate`` is the current one, or the last that was revoked. ``ready``: its file is
    there; ``failure``: why it cannot be printed, or empty."""

    place_id: UUID
    name: str
    company: str
    held: Held
    certificate: CertificateLine | None
    ready: bool
    failure: str


@dataclass(frozen=True, slots=True)
class Sought:
    """``words``: of the number, the name or the training; ``before``: the number of the last one
    that was seen, for the next page."""

    words: str = ""
    standing: Standing | None = None
    session_id: UUID | None = None
    before: str = ""


async def holders(session_id: UUID, *, settings: Settings, now: datetime) -> list[Holder]:
    """All who hold a seat, by name; the same number of queries for one and for hundreds. Raises
    ``SessionNotFound``."""
    session = await catalogue.session(session_id)
    places = [
        each for each in await enrolment.places_on(session.seating_id) if each.status in SEATED
    ]
    results = await Outcome.filter(place__seating_id=session.seating_id)
    outcomes = {outcome.place_id: outcome.completed for outcome in results}
    barred = await withheld(results)
    rows = await Certificate.filter(place__seating_id=session.seating_id).order_by("number")
    lines = {line.place_id: line for line in await lines_of(rows, now=now)}
    ids = [line.id for line in lines.values()]
    key_id = await printing.key_in_use(settings, now=now)
    there = set(await printed.ready(ids, key_id=key_id, now=now))
    failed = await printed.failures(ids, now=now)
    found = []
    for place in places:
        line = lines.get(place.id)
        found.append(
            Holder(
                place.id,
                place.name,
                place.company_name,
                _held(line, outcomes.get(place.id), place.status, barred=place.id in barred),
                line,
                line is not None and line.id in there,
                failed.get(line.id, "") if line else "",
            )
        )
    return sorted(found, key=lambda each: (collation_key(each.name), str(each.place_id)))


def _held(
    line: CertificateLine | None, completed: bool | None, status: PlaceStatus, *, barred: bool
) -> Held:
    if line is not None and line.revoked_at is None:
        return Held.CERTIFIED
    if completed:
        return Held.REVOKED if barred else Held.MISSING
    if completed is None and status is not PlaceStatus.NO_SHOW:
        return Held.UNDECIDED
    return Held.NOT_COMPLETED


async def find(sought: Sought, *, limit: int, now: datetime) -> list[CertificateLine]:
    """Those that fit, the newest number first. Raises ``SessionNotFound``."""
    found = Certificate.all()
    for word in sought.words.split():
        found = found.filter(
            Q(number__icontains=word)
            | Q(person_name__icontains=word)
            | Q(training_title__icontains=word)
        )
    if sought.session_id is not None:
        session = await catalogue.session(sought.session_id)
        found = found.filter(place__seating_id=session.seating_id)
    if sought.before:
        found = found.filter(number__lt=sought.before)
    if sought.standing is not None:
        found = found.filter(_standing(sought.standing, now=now))
    return await lines_of(await found.order_by("-number").limit(limit), now=now)


def _standing(standing: Standing, *, now: datetime) -> Q:
    """As ``rules.standing_of`` says it, for the database."""
    today = now.astimezone(DEFAULT_ZONE).date()
    replaced = Certificate.filter(replaces_id__isnull=False).values("replaces_id")
    in_force = Q(revoked_at__isnull=True)
    lasting = Q(valid_until__isnull=True) | Q(valid_until__gt=today + ENDING)
    return {
        Standing.VALID: in_force & lasting,
        Standing.ENDING: in_force & Q(valid_until__gte=today, valid_until__lte=today + ENDING),
        Standing.EXPIRED: in_force & Q(valid_until__lt=today),
        Standing.REPLACED: Q(revoked_at__isnull=False, id__in=Subquery(replaced)),
        Standing.REVOKED: Q(revoked_at__isnull=False) & ~Q(id__in=Subquery(replaced)),
    }[standing]
