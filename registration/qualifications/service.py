"""Giving certificates, taking them back, and printing them: the only one that knows the press."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from certificates.document import CertificateDocument, Issuer, Language
from certificates.key import certificate_of
from certificates.press import PressBusy
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.models import Session
from registration.catalogue.rules import GradeScale
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceNotFound
from registration.i18n import speaking
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.press import press_of, signing_key
from registration.qualifications.issuing import new, tell
from registration.qualifications.models import Certificate
from registration.qualifications.rules import (
    CORRECTED,
    NOT_COMPLETED,
    AlreadyRevoked,
    CertificateNotFound,
    CertificateRevoked,
    CertificatesBusy,
    NotCompleted,
    clip,
)
from registration.settings import Settings
from registration.teaching.models import Outcome
from registration.teaching.packs import grade_words

REASON_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Issued:
    """What a call did: ids of certificates."""

    issued: tuple[UUID, ...] = ()
    revoked: tuple[UUID, ...] = ()


async def issue_for_session(
    session_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> Issued:
    """Everybody who is recorded as having completed holds one current certificate that says what
    is recorded, from the last day's beginning on (P8); who holds a new one is told by mail.

    Again and again: nothing more happens. One whose result was corrected since is revoked, and
    replaced if the training is still completed. Nothing is issued whose validity has ended before.
    """
    async with transaction():
        session = await catalogue.session(session_id)
        if now < session.days[-1].starts_at:
            return Issued()
        await lock_seating(session.seating_id, turns=0)
        outcomes = await Outcome.filter(place__seating_id=session.seating_id)
        return await _settle(session, outcomes, actor_id=actor_id, settings=settings, now=now)


async def issue(
    place_id: UUID, *, actor_id: UUID | None, settings: Settings, now: datetime
) -> UUID:
    """The place's current certificate, issued if there was none. Raises ``PlaceNotFound``, and
    ``NotCompleted`` also before the last day and when its validity would be over."""
    async with transaction():
        place = await Place.get_or_none(id=place_id)
        row = await Session.get_or_none(seating_id=place.seating_id) if place else None
        if row is None:
            raise PlaceNotFound
        await issue_for_session(row.id, actor_id=actor_id, settings=settings, now=now)
        current = await Certificate.get_or_none(place_id=place_id, current=True)
        if current is None:
            raise NotCompleted
    return current.id


async def _settle(
    session: SessionLine,
    outcomes: Sequence[Outcome],
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> Issued:
    held = await Certificate.filter(
        place_id__in=[outcome.place_id for outcome in outcomes], current=True
    )
    current = {row.place_id: row for row in held}
    revoked: list[UUID] = []
    missing: list[Outcome] = []
    for outcome in outcomes:
        row = current.get(outcome.place_id)
        if row is not None and (not outcome.completed or row.grade != outcome.grade):
            reason = CORRECTED if outcome.completed else NOT_COMPLETED
            await _revoke(row, reason, actor_id=actor_id, now=now)
            revoked.append(row.id)
            row = None
        if row is None and outcome.completed:
            missing.append(outcome)
    made = await new(session, missing, now=now)
    await Certificate.bulk_create(made, batch_size=100)
    await tell(made, actor_id=actor_id, settings=settings, now=now)
    return Issued(tuple(row.id for row in made), tuple(revoked))


async def revoke(
    certificate_id: UUID, reason: str, *, actor_id: UUID | None, now: datetime
) -> None:
    """It no longer holds, and its verification page says so, when and why. ``reason`` is seen by
    anyone who checks it: no person's data. Raises ``CertificateNotFound``, ``AlreadyRevoked``."""
    async with transaction():
        row = await Certificate.filter(id=certificate_id).select_for_update().first()
        if row is None:
            raise CertificateNotFound
        if row.revoked_at is not None:
            raise AlreadyRevoked
        await _revoke(row, clip(reason.strip(), REASON_LIMIT), actor_id=actor_id, now=now)


async def _revoke(row: Certificate, reason: str, *, actor_id: UUID | None, now: datetime) -> None:
    row.current, row.revoked_at, row.revoked_because = None, now, reason
    await row.save()
    await record(
        Act.CERTIFICATE_REVOKED,
        now=now,
        actor_id=actor_id,
        subject_id=row.person_id,
        object_id=row.id,
    )


async def issue_due(settings: Settings, *, since: datetime, now: datetime) -> int:
    """Certificates that nobody's act has brought yet (a result recorded before the last day, a
    process that died in between), for sessions that ended after ``since``; says how many."""
    sessions = await Session.filter(ends_at__gte=since, starts_at__lte=now)
    by_seating = {row.seating_id: row.id for row in sessions}
    outcomes = await Outcome.filter(
        completed=True, place__current=True, place__seating_id__in=list(by_seating)
    ).select_related("place")
    places = [outcome.place_id for outcome in outcomes]
    rows = await Certificate.filter(place_id__in=places, current=True)
    held = {row.place_id for row in rows}
    waiting = {
        by_seating[outcome.place.seating_id] for outcome in outcomes if outcome.place_id not in held
    }
    issued = 0
    for session_id in waiting:
        done = await issue_for_session(session_id, actor_id=None, settings=settings, now=now)
        issued += len(done.issued)
    return issued


async def pdf(certificate_id: UUID, *, settings: Settings) -> bytes:
    """The certificate as a signed file, printed by a worker process.

    Raises ``CertificateNotFound``, ``CertificateRevoked``, ``CertificatesBusy``.
    """
    row = await Certificate.get_or_none(id=certificate_id)
    if row is None:
        raise CertificateNotFound
    if row.revoked_at is not None:
        raise CertificateRevoked
    press = await press_of(settings)
    try:
        (printed,) = await press.print_certificates([document_of(row, settings)])
    except PressBusy:
        raise CertificatesBusy from None
    return printed


def document_of(row: Certificate, settings: Settings) -> CertificateDocument:
    """What stands on the page; texts longer than a page has room for end in an ellipsis."""
    house = settings.organisation
    with speaking(row.language):
        grade = grade_words(row.grade, GradeScale(row.grade_scale))
    logo = house.logo.read_bytes() if house.logo else None
    return CertificateDocument(
        number=row.number,
        person_name=clip(row.person_name, 160),
        training_title=clip(row.training_title, 200),
        days=tuple(date.fromisoformat(day) for day in row.held),
        issued_on=row.issued_on,
        language=Language(row.language),
        issuer=Issuer(
            clip(house.name, 120), clip(house.address, 240), accent=house.brand, logo=logo
        ),
        verify_url=f"{settings.base_url}/verify/{row.token}",
        company=clip(row.company_name, 160) or None,
        qualifies_for=row.qualifies_for or None,
        grade=grade or None,
        hours=(Decimal(row.length_minutes) / 60).quantize(Decimal("0.01")) or None,
        valid_until=row.valid_until,
        place=clip(row.venue, 120) or None,
        trainer_organisation=clip(row.trainer_organisation, 160) or None,
    )


async def public_certificate(settings: Settings) -> bytes:
    """The certificate (PEM) with which anyone can check the files offline."""
    return certificate_of(await asyncio.to_thread(signing_key, settings))
