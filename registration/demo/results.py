"""What the trainers said and recorded of the demo's sessions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from registration.accounts.rules import Held, Identity, Role
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import CertificateDesign, GradeScale
from registration.qualifications.queries import certificates_of_places
from registration.qualifications.reissuing import reissue
from registration.qualifications.service import issue_for_session, revoke
from registration.settings import Settings
from registration.teaching.rules import Invitation, OutcomeRow
from registration.teaching.service import (
    Participant,
    assign,
    decline,
    lock_results,
    participants,
    record_outcomes,
)

DECLINED = "Jag undervisar på annat håll den dagen."
OVERRIDDEN = "Korvasi puuttuvan päivän toisella kurssilla."


def _trainer(account_id: UUID) -> Identity:
    return Identity(account_id, "", "fi", None, (Held(Role.TRAINER, None),))


async def ask_trainer(
    session_id: UUID,
    trainer: UUID,
    recipient: UUID,
    answer: Invitation,
    *,
    staff_id: UUID,
    settings: Settings,
    now: datetime,
) -> None:
    """The trainer has given ``answer`` to being asked; the access lasts two months."""
    session = await catalogue.session(session_id)
    await assign(
        session_id,
        trainer,
        recipient,
        ends_at=session.ends_at + timedelta(days=60),
        agreed=answer is Invitation.ACCEPTED,
        actor_id=staff_id,
        settings=settings,
        now=now,
    )
    if answer is Invitation.DECLINED:
        later = now + timedelta(days=1)
        await decline(session_id, DECLINED, identity=_trainer(trainer), now=later)


async def record_results(
    session_id: UUID, trainer: UUID, *, chance: random.Random, settings: Settings
) -> None:
    """All came but the second, and hold their certificates. Of several days the third person missed
    the last and completed it all the same; the first one's percentage was corrected a day later;
    where the trainer alone decides, the results are final."""
    identity = _trainer(trainer)
    session = await catalogue.session(session_id)
    after = session.ends_at + timedelta(hours=1)
    taught = await participants(session_id, identity=identity, now=after)
    rows = [_row(number, each, session, chance) for number, each in enumerate(taught)]
    await record_outcomes(session_id, rows, identity=identity, now=after)
    if session.training.grade_scale is GradeScale.PERCENT:
        after += timedelta(days=1)
        better = OutcomeRow(place_id=taught[0].place_id, grade="100")
        await record_outcomes(session_id, [better], identity=identity, now=after)
    await issue_for_session(session_id, actor_id=trainer, settings=settings, now=after)
    if session.training.attendance_percent is None:
        await lock_results(session_id, identity=identity, now=after)
    if session.training.certificate_design is CertificateDesign.FORMAL:
        await _correct([row.place_id for row in rows], settings=settings, now=after)


def _row(
    number: int, person: Participant, session: SessionLine, chance: random.Random
) -> OutcomeRow:
    there = number != 1
    missed = session.days[-1].id if number == 2 and len(session.days) > 1 else None
    return OutcomeRow(
        place_id=person.place_id,
        attendance={str(day.id): there and day.id != missed for day in session.days},
        grade=_grade(session.training.grade_scale, chance) if there else None,
        completed=there,
        no_show=not there,
        because=OVERRIDDEN if missed else None,
    )


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
