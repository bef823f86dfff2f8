"""Companies that are checked, the people who book for them, and who asks to be a customer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration import db
from registration.accounts.grants import GrantNotFound
from registration.accounts.models import Grant
from registration.accounts.rules import Held, Identity, Role
from registration.companies import applications, queries
from registration.companies.coordinators import coordinators, end_coordinator, name_approvers
from registration.companies.models import Application
from registration.companies.rules import (
    APPLICATION_KEPT,
    ApplicationAnswered,
    ApplicationGiven,
    ApproverNotCoordinator,
    CompanyGiven,
    CompanyKnown,
    LastCoordinator,
    NothingToVerify,
    VatKnown,
)
from registration.companies.service import (
    add_company,
    change_company,
    employ,
    end_employment,
    verify_company,
)
from registration.mail.models import Mail
from registration.people.rules import Source
from registration.settings import Settings
from tests.builders import NOON, make_account, make_person

ASKED = {
    "company": "Uusi Oy",
    "business_id": "0112038-9",
    "name": "Essi Esi",
    "email": "essi@uusi.example",
    "language": "en",
}


def staff(account_id: UUID) -> Identity:
    return Identity(account_id, "Sari", "en", None, (Held(Role.STAFF, None),))


async def make_coordinators(company_id: UUID, *names: str) -> list[UUID]:
    return [
        await make_account(
            Role.COORDINATOR, f"{name}@example.fi", name, company_id=company_id, nda_on=None
        )
        for name in names
    ]


async def test_a_changed_number_has_to_be_checked_anew(store: Settings) -> None:
    given = CompanyGiven(name="Rata Oy", business_id="0112038-9")
    company_id = await add_company(given, actor_id=None, now=NOON)
    checker = uuid4()
    await verify_company(company_id, actor_id=checker, now=NOON)
    line = await queries.company(company_id)
    assert (line.verified_at, line.verified_by, line.vat_number) == (NOON, checker, "FI01120389")
    moved = CompanyGiven(name="Rata Oy", business_id="0112038-9", city="Oulu")
    await change_company(company_id, moved, actor_id=None, now=NOON)
    assert (await queries.company(company_id)).verified_at == NOON
    other = CompanyGiven(name="Rata Oy", business_id="1572860-0")
    await change_company(company_id, other, actor_id=None, now=NOON)
    line = await queries.company(company_id)
    assert (line.verified_at, line.verified_by) == (None, None)


async def test_one_company_has_one_number(store: Settings) -> None:
    finnish = CompanyGiven(name="Rata Oy", business_id="0112038-9")
    await add_company(finnish, actor_id=None, now=NOON)
    swedish = CompanyGiven(name="Spår Ab", vat_number="SE556188840401")
    await add_company(swedish, actor_id=None, now=NOON)
    with pytest.raises(CompanyKnown):
        await add_company(finnish, actor_id=None, now=NOON)
    for again in (swedish, CompanyGiven(name="Rata Oy", vat_number="FI01120389")):
        with pytest.raises(VatKnown):
            await add_company(again, actor_id=None, now=NOON)
    bare = await add_company(CompanyGiven(name="Nimi Oy"), actor_id=None, now=NOON)
    with pytest.raises(NothingToVerify):
        await verify_company(bare, actor_id=uuid4(), now=NOON)


async def test_approvers_are_coordinators_as_long_as_they_are(register: Settings) -> None:
    company_id = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=NOON)
    kaisa, olli = await make_coordinators(company_id, "kaisa", "olli")
    assert await queries.approvers(company_id, now=NOON) == frozenset()
    await name_approvers(company_id, [kaisa], actor_id=olli, now=NOON)
    assert await queries.approvers(company_id, now=NOON) == {kaisa}
    with pytest.raises(ApproverNotCoordinator):
        await name_approvers(company_id, [uuid4()], actor_id=olli, now=NOON)
    await Grant.filter(account_id=kaisa).update(ends_at=NOON + timedelta(days=1))
    assert await queries.approvers(company_id, now=NOON + timedelta(days=2)) == frozenset()


@pytest.mark.promise("P14")
async def test_the_last_coordinator_stays_even_when_two_end_each_other(store: Settings) -> None:
    company_id = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=NOON)
    kaisa, olli = await make_coordinators(company_id, "kaisa", "olli")
    grants = {row.account_id: row.id for row in await Grant.filter(scope_id=company_id)}
    with pytest.raises(GrantNotFound):
        await end_coordinator(company_id, uuid4(), actor_id=kaisa, now=NOON)
    results = await asyncio.gather(
        end_coordinator(company_id, grants[olli], actor_id=kaisa, now=NOON),
        end_coordinator(company_id, grants[kaisa], actor_id=olli, now=NOON),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in results) == ["LastCoordinator", "NoneType"]
    left = await coordinators(company_id, now=NOON + timedelta(seconds=1))
    assert len(left) == 1
    with pytest.raises(LastCoordinator):
        await end_coordinator(company_id, left[0].grant_id, actor_id=kaisa, now=NOON)


async def test_an_application_is_kept_once_and_accepted_once(register: Settings) -> None:
    given = ApplicationGiven.model_validate(ASKED)
    for _time in range(2):
        await applications.apply(given, now=NOON)
    (line,) = await applications.open_applications()
    who = staff(await make_account())
    company_id = await applications.accept(
        line.id, company_id=None, granter=who, reason="asked", settings=register, now=NOON
    )
    made = await queries.company(company_id)
    assert (made.name, made.business_id, made.verified_at) == ("Uusi Oy", "0112038-9", None)
    assert [each.email for each in await coordinators(company_id, now=NOON)] == [
        "essi@uusi.example"
    ]
    (mail,) = await Mail.filter(template="customer-accepted")
    assert "/login/" in mail.body_text
    with pytest.raises(ApplicationAnswered):
        await applications.refuse(
            line.id, actor_id=who.account_id, reason="no", settings=register, now=NOON
        )


async def test_accepting_for_a_known_company_makes_no_second_one(register: Settings) -> None:
    known = CompanyGiven(name="Uusi Oy", business_id="0112038-9")
    company_id = await add_company(known, actor_id=None, now=NOON)
    await applications.apply(ApplicationGiven.model_validate(ASKED), now=NOON)
    (line,) = await applications.open_applications()
    found = await queries.same_number(line.number)
    assert found is not None
    made = await applications.accept(
        line.id,
        company_id=found.id,
        granter=staff(await make_account()),
        reason="asked",
        settings=register,
        now=NOON,
    )
    assert made == company_id
    assert len(await queries.companies()) == 1


async def test_a_refused_application_is_answered_and_goes_in_its_time(register: Settings) -> None:
    await applications.apply(ApplicationGiven.model_validate(ASKED), now=NOON)
    (line,) = await applications.open_applications()
    await applications.refuse(
        line.id, actor_id=uuid4(), reason="No such company.", settings=register, now=NOON
    )
    (mail,) = await Mail.filter(template="customer-refused")
    assert "No such company." in mail.body_text
    assert await applications.drop_due(now=NOON + APPLICATION_KEPT - timedelta(seconds=1)) == 0
    assert await applications.drop_due(now=NOON + APPLICATION_KEPT) == 1
    assert await Application.all().count() == 0


@pytest.mark.promise("P6")
async def test_who_leaves_works_for_the_company_until_then(register: Settings) -> None:
    company_id = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=NOON)
    aino = await make_person()
    end = NOON + timedelta(days=30)
    async with db.transaction():
        await employ(company_id, [aino.id], source=Source.COMPANY, now=NOON)
        await end_employment(company_id, aino.id, until=end, actor_id=uuid4(), now=NOON)
        await employ(company_id, [aino.id], source=Source.COMPANY, now=NOON)
    still = [await queries.employees(company_id, now=at) for at in (NOON, end)]
    assert still == [[aino.id], []]
