"""A certificate with the name, the company and the language that its holder has now.

The old one stays on record and is revoked; whoever checks it is told that a newer one took its
place, and never the newer one's secret.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from registration.catalogue import queries as catalogue
from registration.catalogue.models import Session
from registration.catalogue.service import lock_seating
from registration.companies import queries as companies
from registration.db import transaction
from registration.enrolment.models import Place
from registration.i18n import DEFAULT_ZONE, LANGUAGES, text_in
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.qualifications import printed
from registration.qualifications.issuing import QUALIFIES_LIMIT, reserve, reserve_places
from registration.qualifications.models import Certificate
from registration.qualifications.rules import (
    REASON_LIMIT,
    REISSUED,
    AlreadyRevoked,
    CertificateExpired,
    CertificateNotFound,
    NotCompleted,
    ReplacedAlready,
    clip,
    new_token,
    number_of,
)
from registration.qualifications.telling import tell
from registration.settings import Settings
from registration.teaching.models import Outcome


@dataclass(frozen=True, slots=True)
class Face:
    """What a certificate says that can be put right by issuing it anew."""

    person_name: str
    company_name: str
    language: str
    training_title: str
    qualifies_for: str
    design: str


@dataclass(frozen=True, slots=True)
class Correction:
    """What the certificate says, and what one issued now in its stead would say."""

    before: Face
    after: Face

    @property
    def changes(self) -> bool:
        return self.before != self.after


async def correction(certificate_id: UUID, *, now: datetime) -> Correction:
    """Raises as ``reissue`` does."""
    row = await _reissuable(certificate_id, now=now)
    return Correction(_face(row), await _face_now(row))


async def reissue(
    certificate_id: UUID,
    reason: str,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> UUID:
    """A new certificate of the same place, with its own number and secret, valid as long as the old
    one was; the old one is revoked, and the holder told. Staff and the holder read ``reason``.

    Raises ``CertificateNotFound``, ``AlreadyRevoked``, ``ReplacedAlready``, ``CertificateExpired``,
    and ``NotCompleted`` when the place or the result is not there any more.
    """
    async with transaction():
        known = await Certificate.get_or_none(id=certificate_id).select_related("place")
        if known is None:
            raise CertificateNotFound
        # Whoever issues or reissues for the same session waits here, and then sees what was done.
        await lock_seating(known.place.seating_id, turns=0)
        old = await _reissuable(certificate_id, now=now)
        made = await _anew(old, clip(reason.strip(), REASON_LIMIT), now=now)
        old.current, old.revoked_at, old.revoked_because = None, now, REISSUED
        await old.save()
        await made.save(force_create=True)
        await printed.forget([old.id])
        await record(
            Act.CERTIFICATE_REVOKED,
            now=now,
            actor_id=actor_id,
            subject_id=old.person_id,
            object_id=old.id,
        )
        await tell([made], actor_id=actor_id, settings=settings, now=now)
    return made.id


async def _reissuable(certificate_id: UUID, *, now: datetime) -> Certificate:
    row = await Certificate.get_or_none(id=certificate_id)
    if row is None:
        raise CertificateNotFound
    if row.revoked_at is not None:
        newer = await Certificate.filter(replaces_id=row.id).first()
        raise ReplacedAlready(number=newer.number) if newer else AlreadyRevoked
    if row.valid_until is not None and row.valid_until < now.astimezone(DEFAULT_ZONE).date():
        raise CertificateExpired
    place = {"place_id": row.place_id, "place__current": True}
    if not await Outcome.filter(**place, completed=True).exists():
        raise NotCompleted
    return row


def _face(row: Certificate) -> Face:
    return Face(
        row.person_name,
        row.company_name,
        row.language,
        row.training_title,
        row.qualifies_for,
        row.design,
    )


async def _face_now(row: Certificate) -> Face:
    """As the person and the company are on record now. The training's texts stay as they were
    issued, unless the language is another one."""
    place = await Place.get(id=row.place_id).select_related("person")
    company = place.person.company_name
    if place.company_id:
        company = (await companies.names([place.company_id])).get(place.company_id, "")
    language = place.person.language or LANGUAGES[0]
    said = dataclasses.replace(
        _face(row),
        person_name=f"{place.person.first_name} {place.person.last_name}".strip(),
        company_name=company,
        language=language,
    )
    session = await Session.get_or_none(seating_id=place.seating_id)
    if session is None:
        return said
    training = (await catalogue.session(session.id)).training
    said = dataclasses.replace(said, design=training.certificate_design.value)
    if language == row.language:
        return said
    return dataclasses.replace(
        said,
        training_title=text_in(training.title, wish=language),
        qualifies_for=clip(text_in(training.qualifies_for, wish=language), QUALIFIES_LIMIT),
    )


async def _anew(old: Certificate, reason: str, *, now: datetime) -> Certificate:
    face = await _face_now(old)
    today = now.astimezone(DEFAULT_ZONE).date()
    return Certificate(
        id=uuid4(),
        number=number_of(today.year, await reserve(today.year, 1)),
        place_id=old.place_id,
        person_id=old.person_id,
        training_id=old.training_id,
        token=new_token(),
        person_name=face.person_name,
        company_name=face.company_name,
        language=face.language,
        training_title=face.training_title,
        qualifies_for=face.qualifies_for,
        design=face.design,
        grade=old.grade,
        grade_scale=old.grade_scale,
        length_minutes=old.length_minutes,
        held=old.held,
        venue=old.venue,
        trainer_organisation=old.trainer_organisation,
        issued_on=today,
        valid_until=old.valid_until,
        status_index=await reserve_places(1),
        replaces_id=old.id,
        reissued_because=reason,
        told_at=now,
    )
