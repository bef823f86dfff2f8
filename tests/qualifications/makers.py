"""Certificates to begin with, and presses that need no worker processes."""

from __future__ import annotations

from typing import Any

from registration.qualifications.queries import CertificateLine, certificates_of
from registration.qualifications.service import Issued, issue_for_session
from registration.settings import Settings
from tests.teaching.makers import FIRST, LATER, School, enrol, make_school, record


async def settle(school: School) -> Issued:
    return await issue_for_session(
        school.id, actor_id=school.trainer.account_id, settings=school.settings, now=LATER
    )


async def make_certified(
    settings: Settings, *names: str, **training: Any
) -> tuple[School, list[CertificateLine]]:
    """A session that is over, and the certificates of these people, in the order of the names."""
    school = await make_school(settings, days=2, capacity=2000, start=FIRST, **training)
    people = []
    for name in names or ("Aino Virtanen",):
        taken = await enrol(school, name, company_name="Banan Oy")
        await record(school, {"place_id": taken.id, "grade": "4", "completed": True})
        people.append(taken.person_id)
    await settle(school)
    return school, [line for each in people for line in await certificates_of(each, now=LATER)]
