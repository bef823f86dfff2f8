"""Many people at once: each row has its answer, and all of it happens or none."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from registration import clock
from registration.catalogue.queries import session_offering
from registration.companies import queries as companies
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment.groups import Group, RowAnswer, enrol_group
from registration.enrolment.models import Place
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from registration.people.rules import Contact, Source
from registration.settings import Settings
from tests.web.makers import make_session

AINO = Contact("Aino", "Virtanen", "aino@example.fi", language="en")
BO = Contact("Bo", "Ek", "bo@example.fi", language="sv")
CAI = Contact("Cai", "Dahl", "cai@example.fi", language="fi")


async def make_company() -> UUID:
    return await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=clock.now())


def short(answers: list[RowAnswer]) -> list[tuple[int, str, int | None]]:
    return [(one.row, str(one.status or one.refused), one.position) for one in answers]


@pytest.mark.promise("P6")
async def test_rows_get_seats_then_turns_and_everybody_is_told_by_whom(store: Settings) -> None:
    offering = session_offering(await make_session(capacity=1))
    company, actor = await make_company(), uuid4()
    group = Group(company, "Rata Oy", actor, Source.COMPANY, (AINO, BO, AINO, CAI))
    answers = await enrol_group(offering, group, settings=store, now=clock.now())
    assert short(answers) == [
        (0, "confirmed", None),
        (1, "waiting", 1),
        (2, "already_signed_up", None),
        (3, "waiting", 2),
    ]
    places = await Place.all().order_by("turn").values_list("person__email", "enrolled_by")
    assert places == [(one.email, actor) for one in (AINO, BO, CAI)]
    mails = await Mail.all()
    assert sorted(mail.address for mail in mails) == [AINO.email, BO.email, CAI.email]
    assert all("Rata Oy" in mail.body_text for mail in mails)
    assert await Entry.filter(act="place-taken", actor_id=actor).count() == 3
    assert len(await companies.employees(company)) == 3


async def test_same_group_again_changes_nothing(store: Settings) -> None:
    offering = session_offering(await make_session())
    group = Group(await make_company(), "Rata Oy", uuid4(), Source.COMPANY, (AINO, BO))
    await enrol_group(offering, group, settings=store, now=clock.now())
    counts = [await model.all().count() for model in (Place, Person, Mail, Entry)]
    answers = await enrol_group(offering, group, settings=store, now=clock.now())
    assert short(answers) == [(0, "already_signed_up", None), (1, "already_signed_up", None)]
    assert [await model.all().count() for model in (Place, Person, Mail, Entry)] == counts


async def test_full_session_without_a_waiting_list_refuses_the_rest(register: Settings) -> None:
    offering = session_offering(await make_session(capacity=1, waiting_open=False))
    group = Group(await make_company(), "Rata Oy", uuid4(), Source.COMPANY, (AINO, BO))
    answers = await enrol_group(offering, group, settings=register, now=clock.now())
    assert short(answers) == [(0, "confirmed", None), (1, "seating_full", None)]
    assert await Mail.all().count() == 1
