"""What a coordinator does for one employee: a place, another person in it, or none any more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from registration.catalogue.rules import Offering
from registration.companies import queries as companies
from registration.companies.service import employ
from registration.db import transaction
from registration.enrolment import moving
from registration.enrolment.groups import Group, RowAnswer, enrol_group
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import (
    AlreadySignedUp,
    PrerequisitesMissing,
    SeatingFull,
    ShownTo,
    Taken,
)
from registration.enrolment.service import SignUp
from registration.people.rules import Contact, Source
from registration.people.service import once_more
from registration.settings import Settings


@once_more
async def enrol_one(
    offering: Offering,
    contact: Contact,
    *,
    company_id: UUID,
    actor_id: UUID,
    settings: Settings,
    now: datetime,
    order_number: str = "",
) -> RowAnswer:
    """The employee has a place and is told who gave it (P6), once it needs no approval.

    Raises ``AlreadySignedUp``, ``SeatingFull``, ``PrerequisitesMissing`` and what ``check_open``
    raises.
    """
    async with transaction():
        company = await companies.company(company_id)
        group = Group(company_id, company.name, actor_id, Source.COMPANY, (contact,), order_number)
        (answer,) = await enrol_group(offering, group, settings=settings, now=now)
        if answer.refused == AlreadySignedUp().code:
            raise AlreadySignedUp
        if answer.lacks:
            raise PrerequisitesMissing(answer.lacks)
        if answer.refused:
            raise SeatingFull
    return answer


@once_more
async def substitute(
    line: PlaceLine,
    contact: Contact,
    *,
    company_id: UUID,
    actor_id: UUID,
    settings: Settings,
    now: datetime,
) -> Taken:
    """``contact`` works for the company and has the place of ``line``; both are told.

    Raises what ``moving.substitute`` raises.
    """
    async with transaction():
        company = await companies.company(company_id)
        wish = SignUp(
            contact=contact,
            source=Source.COMPANY,
            company_id=company_id,
            company_name=company.name,
            actor_id=actor_id,
            shown_to=ShownTo.COMPANY,
        )
        taken = await moving.substitute(line.id, wish, settings=settings, now=now)
        await employ(company_id, [taken.person_id], source=Source.COMPANY, now=now)
    return taken
