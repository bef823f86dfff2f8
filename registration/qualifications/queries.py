"""Reading certificates into frozen values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.expressions import Q

from registration.catalogue.rules import GradeScale
from registration.enrolment.admission import agreed_with
from registration.i18n import DEFAULT_ZONE, collation_key
from registration.qualifications.models import Certificate
from registration.qualifications.rules import (
    CertificateNotFound,
    CertificateState,
    Standing,
    standing_of,
    state_of,
)


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """One certificate as it was issued; ``held`` are the days of the training in order, and
    ``valid_until`` the last valid day (None: no end). ``token`` opens its verification page.

    ``replaces_id`` is the one in whose stead it was issued, ``reissued_because`` why, as staff
    wrote it; ``replaced_by`` the number of the one that was issued in its stead, or empty. What
    was replaced is revoked to whoever relies on ``state``."""

    id: UUID
    number: str
    token: str
    place_id: UUID
    person_id: UUID
    training_id: UUID
    language: str
    person_name: str
    company_name: str
    training_title: str
    qualifies_for: str
    grade: str
    grade_scale: GradeScale
    length_minutes: int
    held: tuple[date, ...]
    venue: str
    trainer_organisation: str
    issued_on: date
    valid_until: date | None
    revoked_at: datetime | None
    revoked_because: str
    design: str
    status_index: int | None
    replaces_id: UUID | None
    reissued_because: str
    replaced_by: str
    state: CertificateState
    standing: Standing

    @property
    def path(self) -> str:
        return f"/verify/{self.token}"


@dataclass(frozen=True, slots=True)
class Qualification:
    """That a person is qualified by a training, until the end of ``valid_until`` (None: no end)."""

    person_id: UUID
    person_name: str
    training_id: UUID
    training_title: str
    number: str
    issued_on: date
    valid_until: date | None
    state: CertificateState


async def certificate(certificate_id: UUID, *, now: datetime) -> CertificateLine:
    """Raises ``CertificateNotFound``."""
    row = await Certificate.get_or_none(id=certificate_id)
    if row is None:
        raise CertificateNotFound
    return (await lines_of([row], now=now))[0]


async def certificates_of(person_id: UUID, *, now: datetime) -> list[CertificateLine]:
    """All that this person was ever given, the newest first."""
    rows = await Certificate.filter(person_id=person_id).order_by("-issued_on", "-number")
    return await lines_of(rows, now=now)


async def certificates_of_place(place_id: UUID, *, now: datetime) -> list[CertificateLine]:
    """All that were ever issued for this place, the newest first: its certificate's history."""
    rows = await Certificate.filter(place_id=place_id).order_by("-number")
    return await lines_of(rows, now=now)


async def certificates_of_places(
    place_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, CertificateLine]:
    """The current certificate of each place that has one."""
    if not place_ids:
        return {}
    rows = await Certificate.filter(place_id__in=list(place_ids), current=True)
    return {row.place_id: _line(row, now=now) for row in rows}


async def certificates(
    *, after: UUID | None = None, limit: int = 50, now: datetime
) -> list[CertificateLine]:
    """All certificates by id, for paging."""
    found = Certificate.all().order_by("id")
    if after is not None:
        found = found.filter(id__gt=after)
    return await lines_of(await found.limit(limit), now=now)


async def by_token(token: str, *, now: datetime) -> CertificateLine:
    """What the holder of the secret may show to anyone. Raises ``CertificateNotFound``."""
    row = await Certificate.get_or_none(token=token) if token else None
    if row is None:
        raise CertificateNotFound
    return (await lines_of([row], now=now))[0]


async def lines_of(rows: Sequence[Certificate], *, now: datetime) -> list[CertificateLine]:
    """With the numbers of those that replaced them; one query, none if none was revoked."""
    ended = [row.id for row in rows if row.revoked_at is not None]
    newer: dict[UUID, str] = {}
    if ended:
        found = await Certificate.filter(replaces_id__in=ended).values_list("replaces_id", "number")
        newer = {UUID(str(each)): str(number) for each, number in found}
    return [_line(row, newer.get(row.id, ""), now=now) for row in rows]


async def qualifications_of_company(
    company_id: UUID, person_ids: Sequence[UUID], *, now: datetime
) -> list[Qualification]:
    """Who of these is, or was, qualified by which training until when (P8, P9): of each person and
    training the certificate that lasts longest, by name and title.

    The company sees what was earned on places that it took, and all of who agreed to such a place:
    a name that somebody typed opens nobody's records.
    """
    if not person_ids:
        return []
    agreed = await agreed_with(company_id, person_ids)
    rows = await Certificate.filter(
        Q(place__company_id=company_id) | Q(person_id__in=list(agreed)),
        person_id__in=list(person_ids),
        current=True,
    )
    longest: dict[tuple[UUID, UUID], Certificate] = {}
    for row in rows:
        known = longest.get((row.person_id, row.training_id))
        if known is None or _reach(row) > _reach(known):
            longest[row.person_id, row.training_id] = row
    found = [_line(row, now=now) for row in longest.values()]
    found.sort(
        key=lambda line: (collation_key(line.person_name), collation_key(line.training_title))
    )
    return [
        Qualification(
            line.person_id,
            line.person_name,
            line.training_id,
            line.training_title,
            line.number,
            line.issued_on,
            line.valid_until,
            line.state,
        )
        for line in found
    ]


def _reach(row: Certificate) -> tuple[date, date, str]:
    return row.valid_until or date.max, row.issued_on, row.number


def _line(row: Certificate, replaced_by: str = "", *, now: datetime) -> CertificateLine:
    today = now.astimezone(DEFAULT_ZONE).date()
    state = state_of(revoked=row.revoked_at is not None, valid_until=row.valid_until, today=today)
    return CertificateLine(
        id=row.id,
        number=row.number,
        token=row.token,
        place_id=row.place_id,
        person_id=row.person_id,
        training_id=row.training_id,
        language=row.language,
        person_name=row.person_name,
        company_name=row.company_name,
        training_title=row.training_title,
        qualifies_for=row.qualifies_for,
        grade=row.grade,
        grade_scale=GradeScale(row.grade_scale),
        length_minutes=row.length_minutes,
        held=tuple(date.fromisoformat(day) for day in row.held),
        venue=row.venue,
        trainer_organisation=row.trainer_organisation,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        revoked_at=row.revoked_at,
        revoked_because=row.revoked_because,
        design=row.design,
        status_index=row.status_index,
        replaces_id=row.replaces_id,
        reissued_because=row.reissued_because,
        replaced_by=replaced_by,
        state=state,
        standing=standing_of(
            state, replaced=bool(replaced_by), valid_until=row.valid_until, today=today
        ),
    )
