"""Giving certificates, and taking them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.models import Session
from registration.catalogue.service import lock_seating
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceNotFound
from registration.ledger.rules import Act
from registration.ledger.service import record
from registration.qualifications import printed
from registration.qualifications.issuing import new, withheld
from registration.qualifications.models import Certificate
from registration.qualifications.rules import (
    CORRECTED,
    NOT_COMPLETED,
    REASON_LIMIT,
    AlreadyRevoked,
    CertificateNotFound,
    NotCompleted,
    clip,
)
from registration.qualifications.telling import tell, tell_revoked
from registration.settings import Settings
from registration.teaching.models import Outcome


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
    replaced if the training is still completed. Nothing is issued whose validity has ended before,
    nor for a place whose certificate was revoked since its result was recorded.
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
    barred = await withheld(outcomes)
    replaced: dict[UUID, UUID] = {}
    taken: list[Certificate] = []
    missing: list[Outcome] = []
    for outcome in outcomes:
        row = current.get(outcome.place_id)
        if row is not None and (not outcome.completed or row.grade != outcome.grade):
            reason = CORRECTED if outcome.completed else NOT_COMPLETED
            await _revoke(row, reason, actor_id=actor_id, now=now)
            taken.append(row)
            replaced[row.place_id] = row.id
            row = None
        if row is None and outcome.completed and outcome.place_id not in barred:
            missing.append(outcome)
    made = await new(session, missing, replaced=replaced, now=now)
    await Certificate.bulk_create(made, batch_size=100)
    await tell(made, actor_id=actor_id, settings=settings, now=now)
    anew = {row.replaces_id for row in made}
    for row in taken:
        if row.id not in anew:
            await tell_revoked(row, settings=settings, now=now)
    return Issued(tuple(row.id for row in made), tuple(row.id for row in taken))


async def revoke(
    certificate_id: UUID,
    reason: str,
    *,
    actor_id: UUID | None,
    settings: Settings,
    now: datetime,
) -> None:
    """It no longer holds: its verification page says so, when and why, its file is gone, and the
    holder is told. ``reason`` is seen by anyone who checks it: no person's data. Raises
    ``CertificateNotFound``, ``AlreadyRevoked``."""
    async with transaction():
        row = await Certificate.filter(id=certificate_id).select_for_update().first()
        if row is None:
            raise CertificateNotFound
        if row.revoked_at is not None:
            raise AlreadyRevoked
        await _revoke(row, clip(reason.strip(), REASON_LIMIT), actor_id=actor_id, now=now)
        await tell_revoked(row, settings=settings, now=now)


async def _revoke(row: Certificate, reason: str, *, actor_id: UUID | None, now: datetime) -> None:
    row.current, row.revoked_at, row.revoked_because = None, now, reason
    await row.save()
    await printed.forget([row.id])
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
    held = {row.place_id for row in rows} | await withheld(outcomes)
    waiting = {
        by_seating[outcome.place.seating_id] for outcome in outcomes if outcome.place_id not in held
    }
    issued = 0
    for session_id in waiting:
        done = await issue_for_session(session_id, actor_id=None, settings=settings, now=now)
        issued += len(done.issued)
    return issued
