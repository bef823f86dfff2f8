"""What the trainers recorded of the demo's sessions that are over."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from registration.accounts.rules import Held, Identity, Role
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import CertificateDesign, GradeScale
from registration.qualifications.queries import certificates_of_places
from registration.qualifications.reissuing import reissue
from registration.qualifications.service import issue_for_session, revoke
from registration.settings import Settings
from registration.teaching.rules import OutcomeRow
from registration.teaching.service import participants, record_outcomes


async def record_results(
    session_id: UUID, trainer: UUID, *, chance: random.Random, settings: Settings
) -> None:
    """All came but the second, and hold their certificates."""
    identity = Identity(trainer, "", "fi", None, (Held(Role.TRAINER, None),))
    session = await catalogue.session(session_id)
    after = session.ends_at + timedelta(hours=1)
    taught = await participants(session_id, identity=identity, now=after)
    rows = []
    for number, person in enumerate(taught):
        there = number != 1
        rows.append(
            OutcomeRow(
                place_id=person.place_id,
                attendance={str(day.id): there for day in session.days},
                grade=_grade(session.training.grade_scale, chance) if there else None,
                completed=there,
                no_show=not there,
            )
        )
    await record_outcomes(session_id, rows, identity=identity, now=after)
    await issue_for_session(session_id, actor_id=trainer, settings=settings, now=after)
    if session.training.certificate_design is CertificateDesign.FORMAL:
        await _correct([row.place_id for row in rows], settings=settings, now=after)


async def _correct(places: Sequence[UUID], *, settings: Settings, now: datetime) -> None:
    """One was issued anew since, and one revoked."""
    held = await certificates_of_places(places, now=now)
    anew, wrong = [held[each] for each in places if each in held][-2:]
    later = now + timedelta(hours=2)
    why, why_not = "Nimi oli kirjoitettu väärin.", "Annettu väärälle henkilölle."
    await reissue(anew.id, why, actor_id=None, settings=settings, now=later)
    await revoke(wrong.id, why_not, actor_id=None, settings=settings, now=later)


def _grade(scale: GradeScale, chance: random.Random) -> str:
    if scale is GradeScale.PASS_FAIL:
        return "pass"
    if scale is GradeScale.ZERO_TO_FIVE:
        return str(chance.randint(2, 5))
    return str(chance.randint(65, 99))
