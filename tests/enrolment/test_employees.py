"""One employee at a time, by several companies and programs at once."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import UUID, uuid4

import pytest

from registration import clock
from registration.catalogue.queries import session_offering
from registration.catalogue.rules import Offering
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.answers import Answer, answer_once
from registration.enrolment.employees import enrol_one
from registration.enrolment.rules import PlaceStatus
from registration.people.models import Person
from registration.people.rules import Contact
from registration.settings import Settings
from tests.web.makers import make_session

AINO = Contact("Aino", "Virtanen", "aino@example.fi", language="en")


async def enrolled(offering: Offering, company: UUID, settings: Settings) -> Answer:
    made = await enrol_one(
        offering, AINO, company_id=company, actor_id=uuid4(), settings=settings, now=clock.now()
    )
    return Answer(201, str(made.status))


@pytest.mark.parametrize("keyed", [False, True], ids=["plain", "with-a-key"])
async def test_a_person_nobody_knew_is_made_once_by_all_who_enrol_at_once(
    store: Settings, keyed: bool
) -> None:
    work = [
        partial(
            enrolled,
            session_offering(await make_session()),
            await add_company(CompanyGiven(name=f"Rata {number}"), actor_id=None, now=clock.now()),
            store,
        )
        for number in range(6)
    ]
    if keyed:
        asked = [answer_once(uuid4().hex * 2, "d" * 64, each, now=clock.now()) for each in work]
        answers = await asyncio.gather(*asked)
    else:
        answers = await asyncio.gather(*[each() for each in work])
    assert [each.body for each in answers] == [PlaceStatus.CONFIRMED.value] * 6
    assert await Person.all().count() == 1
