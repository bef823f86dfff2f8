"""Places that wait for somebody's yes: a company's approver, or staff who check records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.catalogue.rules import Offering
from registration.companies.service import employ
from registration.db import transaction
from registration.enrolment import admission
from registration.enrolment.approvals import (
    approve,
    refuse,
    to_check,
    waiting_for_approval,
)
from registration.enrolment.changes import cancel_session
from registration.enrolment.filling import settle_due
from registration.enrolment.groups import enrol_group
from registration.enrolment.models import Place
from registration.enrolment.queries import counts, place
from registration.enrolment.rules import (
    Awaits,
    Lack,
    NotAnApprover,
    NothingToApprove,
    PlaceNotFound,
    PlaceStatus,
    PrerequisitesMissing,
    ShownTo,
    Why,
)
from registration.enrolment.service import sign_up
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.rules import Source
from registration.settings import Settings
from tests.builders import NOON, make_person
from tests.enrolment.makers import (
    STARTS,
    group_of,
    make_approver,
    make_company,
    make_session,
    take,
    wish,
)

HELD, CONFIRMED, WAITING = PlaceStatus.HELD, PlaceStatus.CONFIRMED, PlaceStatus.WAITING
NEEDED = UUID(int=7)
LACK = Lack(NEEDED, {"en": "Electrical safety", "fi": "Sähköturvallisuus"})


async def test_a_seat_is_kept_and_the_employee_told_when_it_is_approved(store: Settings) -> None:
    offering, company = await make_session(seats=2), await make_company()
    boss, junior = await make_approver(company), uuid4()
    group = group_of(company, junior, 1, 2, 3)
    answers = await enrol_group(offering, group, settings=store, now=NOON)
    assert [each.status for each in answers] == [HELD, HELD, WAITING]
    monday = datetime.fromisoformat("2026-04-06T09:00:00+00:00")  # Wednesday and three workdays
    assert answers[0].until == monday
    assert await counts([offering.seating_id]) == {offering.seating_id: (2, 1)}
    (mail,) = await Mail.all()
    assert (mail.template, mail.account_id) == ("company-approval", boss)
    assert "2 enrolments" in mail.body_text
    ids = [each.place_id for each in answers if each.place_id]
    assert [line.id for line in await waiting_for_approval(company)] == ids
    who = {"company_id": company, "settings": store, "now": NOON}
    with pytest.raises(NotAnApprover):
        await approve(ids, actor_id=junior, **who)  # type: ignore[arg-type]
    assert await approve(ids, actor_id=boss, **who) == 3  # type: ignore[arg-type]
    assert [(await place(each)).status for each in ids] == [CONFIRMED, CONFIRMED, WAITING]
    told = await Mail.exclude(template="company-approval")
    assert sorted(mail.template for mail in told) == [
        "place-confirmed",
        "place-confirmed",
        "place-waiting",
    ]
    with pytest.raises(NothingToApprove):
        await approve(ids, actor_id=boss, **who)  # type: ignore[arg-type]


async def test_an_approver_needs_no_approval(store: Settings) -> None:
    offering, company = await make_session(), await make_company()
    boss = await make_approver(company)
    (answer,) = await enrol_group(offering, group_of(company, boss, 1), settings=store, now=NOON)
    assert (answer.status, answer.awaits) == (CONFIRMED, Awaits.NOTHING)


async def test_refused_or_forgotten_the_seat_goes_on_and_only_the_company_hears(
    store: Settings,
) -> None:
    offering, company = await make_session(seats=1), await make_company()
    boss = await make_approver(company)
    other = await make_approver(company, "toinen@rata.example")
    (held,) = await enrol_group(offering, group_of(company, uuid4(), 1), settings=store, now=NOON)
    waiting = await take(offering, 2, store)
    assert held.place_id
    assert await refuse(
        [held.place_id],
        actor_id=boss,
        company_id=company,
        reason="No budget",
        settings=store,
        now=NOON,
    ) == 1  # fmt: skip
    assert (await place(waiting.id)).status is CONFIRMED
    (mail,) = await Mail.filter(template="company-refused")
    assert mail.account_id == other
    assert "No budget" in mail.body_text
    assert await Mail.filter(template="place-refused").count() == 0
    assert "No budget" not in "".join(entry.detail for entry in await Entry.all())
    second = await make_session(seats=1)
    (late,) = await enrol_group(second, group_of(company, uuid4(), 3), settings=store, now=NOON)
    assert late.until
    assert await settle_due(store, now=late.until) == 1
    assert late.place_id
    assert (await place(late.place_id)).status is PlaceStatus.CANCELLED
    assert await Mail.filter(template="company-refused").count() == 3


async def test_others_places_cannot_be_approved(store: Settings) -> None:
    offering, company, another = await make_session(), await make_company(), await make_company()
    boss = await make_approver(another)
    await make_approver(company, "muu@rata.example")
    (held,) = await enrol_group(offering, group_of(company, uuid4(), 1), settings=store, now=NOON)
    assert held.place_id
    with pytest.raises(PlaceNotFound):
        await approve([held.place_id], actor_id=boss, company_id=another, settings=store, now=NOON)


@pytest.fixture
def lacking() -> Iterator[set[UUID]]:
    """Every session needs another training; these persons do have it, from elsewhere."""
    able: set[UUID] = set()

    async def needs(offering: Offering) -> bool:
        return offering.kind == "session"

    async def check(
        person_ids: Sequence[UUID], offering: Offering, now: datetime, company_id: UUID | None
    ) -> Mapping[UUID, tuple[Lack, ...]]:
        return {each: (LACK,) for each in person_ids if company_id or each not in able}

    before, kept = list(admission._checks), dict(admission._needs)
    admission._checks[:] = []
    admission._needs.clear()
    admission.register(check, needs=needs)
    yield able
    admission._checks[:] = before
    admission._needs.clear()
    admission._needs.update(kept)


async def test_of_a_typed_name_the_answer_tells_nothing(
    store: Settings, lacking: set[UUID]
) -> None:
    offering = await make_session(seats=5)
    known = await make_person("Guest1", "Nieminen", "guest1@example.fi")
    lacking.add(known.id)
    answers = [await take(offering, number, store) for number in (1, 2)]
    assert [(each.status, each.awaits, each.overlaps) for each in answers] == [
        (HELD, Awaits.CHECK, ())
    ] * 2
    assert await Mail.filter(template="place-held").count() == 2
    checked = {each.line.id: each.lacks for each in await to_check(now=NOON)}
    assert checked == {answers[0].id: (), answers[1].id: (LACK,)}


async def test_who_is_logged_in_is_told_what_is_missing(
    store: Settings, lacking: set[UUID]
) -> None:
    offering = await make_session(seats=5)
    person = await make_person("Guest1", "Nieminen", "guest1@example.fi")
    mine = wish(1, shown_to=ShownTo.PERSON, logged_in=person.id)
    with pytest.raises(PrerequisitesMissing) as refused:
        await sign_up(offering, mine, settings=store, now=NOON)
    assert refused.value.lacks == (LACK,)
    typed = wish(2, shown_to=ShownTo.PERSON, logged_in=person.id)
    assert (await sign_up(offering, typed, settings=store, now=NOON)).status is HELD
    lacking.add(person.id)
    assert (await sign_up(offering, mine, settings=store, now=NOON)).status is CONFIRMED


async def test_staff_take_somebody_nevertheless_and_the_ledger_says_why(
    store: Settings, lacking: set[UUID]
) -> None:
    offering, staff = await make_session(seats=5), uuid4()
    theirs = wish(1, shown_to=ShownTo.STAFF, actor_id=staff)
    with pytest.raises(PrerequisitesMissing):
        await sign_up(offering, theirs, settings=store, now=NOON)
    waived = replace(theirs, waived=Why.SHOWN)
    taken = await sign_up(offering, waived, settings=store, now=NOON)
    assert taken.status is CONFIRMED
    (entry,) = await Entry.filter(object_id=taken.id)
    assert entry.detail == '{"codes":["confirmed","self","shown"]}'
    held = await take(offering, 2, store)
    with pytest.raises(PrerequisitesMissing):
        await approve([held.id], actor_id=staff, company_id=None, settings=store, now=NOON)
    await approve(
        [held.id], actor_id=staff, company_id=None, settings=store, now=NOON, why=Why.EQUIVALENT
    )
    assert (await place(held.id)).status is CONFIRMED


async def test_a_coordinator_is_told_of_who_agreed_only(
    store: Settings, lacking: set[UUID]
) -> None:
    offering, company = await make_session(seats=5), await make_company()
    known = await make_person("Guest1", "Nieminen", "guest1@example.fi")
    lacking.add(known.id)
    before = await enrol_group(
        await make_session(seats=5), group_of(company, uuid4(), 1), settings=store, now=NOON
    )
    async with transaction():
        await Place.filter(id=before[0].place_id).update(agreed_at=NOON)
        await Mail.all().delete()
    lacking.clear()
    stranger = await make_person("Guest2", "Nieminen", "guest2@example.fi")
    typed = await make_person("Guest3", "Nieminen", "guest3@example.fi")
    lacking.add(stranger.id)
    async with transaction():  # said by the company alone
        await employ(company, [typed.id], source=Source.COMPANY, now=NOON)
    group = group_of(company, uuid4(), 1, 2, 3)
    answers = await enrol_group(offering, group, settings=store, now=NOON)
    assert [(each.status, each.refused, each.awaits) for each in answers] == [
        (None, "prerequisites_missing", Awaits.NOTHING),
        (HELD, "", Awaits.CHECK),
        (HELD, "", Awaits.CHECK),
    ]
    assert answers[0].lacks == (LACK,)
    assert await Mail.all().count() == 0
    boss = await make_approver(company)
    ids = [each.place_id for each in answers if each.place_id]
    await approve(ids, actor_id=uuid4(), company_id=None, settings=store, now=NOON, why=Why.BOOKED)
    rows = await Place.filter(id__in=ids)
    assert {(row.status, row.awaits) for row in rows} == {("held", "approval")}
    later = NOON + timedelta(hours=1)
    await approve(ids, actor_id=boss, company_id=company, settings=store, now=later)
    assert {row.status for row in await Place.filter(id__in=ids)} == {"confirmed"}
    assert later < STARTS


async def test_called_off_the_company_hears_of_places_that_waited(store: Settings) -> None:
    offering, company = await make_session(seats=1), await make_company()
    boss = await make_approver(company)
    await enrol_group(offering, group_of(company, uuid4(), 1, 2), settings=store, now=NOON)
    await cancel_session(offering.id, actor_id=None, settings=store, now=NOON)
    assert await counts([offering.seating_id]) == {}
    (mail,) = await Mail.filter(template="company-refused")
    assert mail.account_id == boss
    assert "2 enrolments" in mail.body_text
    assert "This will not take place." in mail.body_text
    assert await Mail.exclude(account_id=boss).count() == 0
