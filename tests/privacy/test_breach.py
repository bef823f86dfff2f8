"""After a breach: whose data could an account have seen between then and then (Art. 33, 34)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.accounts.grants import grant
from registration.accounts.models import Account, ApiToken, Grant, Login
from registration.accounts.rules import Role
from registration.catering.deletion import delete_due
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company, employ
from registration.db import transaction
from registration.forms import Refused
from registration.ledger.looks import look
from registration.ledger.models import Entry
from registration.ledger.rules import Act, Basis
from registration.ledger.service import Shown, disclose, record
from registration.people.models import Person
from registration.people.rules import Source
from registration.privacy.breach import (
    Exposure,
    SuspectNotFound,
    check_period,
    exposure,
    suspect_of,
    to_tell,
)
from registration.privacy.breach import Source as Suspected
from registration.privacy.datamap.columns import Kind
from registration.settings import Settings
from registration.teaching.handing import make_pack
from registration.teaching.models import Pack
from registration.teaching.rules import PackFormat, PackPurpose
from tests.builders import make_account, make_person
from tests.catering.makers import DUE, diet, event_given, make_event, make_guest
from tests.catering.makers import NOW as BEFORE
from tests.teaching.makers import NOW, enrol, make_school

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
THEN = NOW - 30 * DAY


async def exposed(
    wanted: UUID,
    *,
    since: datetime = NOW - HOUR,
    until: datetime = NOW + DAY,
    now: datetime = NOW + 7 * DAY,
) -> Exposure:
    """Of the day around ``NOW``, asked a week later."""
    return await exposure(await suspect_of(wanted), since, until, actor_id=None, now=now)


@pytest.mark.promise("P15")
async def test_what_an_account_did_see_is_counted_by_person_and_field(store: Settings) -> None:
    aino = await make_person(now=THEN)
    eino = await make_person("Eino", "Salo", "eino@example.fi", now=THEN)
    actor = await make_account(Role.COORDINATOR, company_id=uuid4(), now=THEN)
    for person, hours in ((aino, 0), (aino, 1), (eino, 2), (eino, 90)):
        shown = Shown(person.id, ("name", "email"), "administration", Basis.CONTRACT, "api", actor)
        await disclose([shown], now=NOW + hours * HOUR)
    await record(Act.PERSON_EXPORTED, now=NOW, actor_id=actor, subject_id=aino.id)
    found = await exposed(actor)
    [line] = found.seen
    assert (line.fields, line.road, line.persons, line.times) == (("name", "email"), "api", 2, 3)
    assert (line.first, line.last) == (NOW, NOW + 2 * HOUR)
    assert [(each.act, each.about, each.persons) for each in found.looks] == [
        (Act.PERSON_EXPORTED, aino.id, 1)
    ]
    assert (found.persons_seen, found.persons_reached, found.everybody) == (2, 2, False)
    asked = await Entry.get(act="exposure-asked")
    assert (asked.subject_id, asked.actor_id) == (actor, None)


@pytest.mark.promise("P14")
async def test_staff_could_have_seen_everybody_who_was_known(store: Settings) -> None:
    for number in range(3):
        await make_person("Aino", f"Salo{number}", f"a{number}@example.fi", now=THEN)
    await make_person("Later", "Person", "later@example.fi", now=NOW + 3 * DAY)
    staff = await make_account(now=THEN)
    found = await exposed(staff)
    assert (found.everybody, found.persons_reached, found.persons_seen) == (True, 3, 0)
    assert Kind.CONTACT in found.kinds
    assert Kind.DIET not in found.kinds
    suspect = await suspect_of(staff)
    told = [
        line
        async for line in to_tell(suspect, NOW - HOUR, NOW + DAY, actor_id=None, now=NOW + 7 * DAY)
    ]
    assert sorted(line.email for line in told) == [f"a{n}@example.fi" for n in range(3)]
    assert await Entry.filter(act="ledger-exported", subject_id=staff).count() == 1


@pytest.mark.promise("P14")
async def test_a_grant_counts_only_as_long_as_it_was_held_under_an_agreement(
    store: Settings,
) -> None:
    await make_person(now=THEN)
    staff = await make_account(now=THEN)
    await Grant.filter(account_id=staff).update(ends_at=NOW)
    [line] = (await exposed(staff)).reaches
    assert (line.since, line.until, line.persons) == (NOW - HOUR, NOW, 1)
    assert (await exposed(staff, since=NOW + HOUR)).persons_reached == 0
    await Account.filter(id=staff).update(nda_on=None)
    assert (await exposed(staff)).reaches == ()
    await Account.filter(id=staff).update(nda_on=date(2020, 1, 1), ended_at=NOW - 2 * HOUR)
    assert (await exposed(staff)).reaches == ()


@pytest.mark.promise("P6")
async def test_a_coordinator_could_have_seen_the_companys_people(store: Settings) -> None:
    company = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=THEN)
    people = [await make_person("Aino", f"Salo{n}", f"a{n}@example.fi", now=THEN) for n in range(4)]
    async with transaction():
        await employ(company, [each.id for each in people[:3]], source=Source.COMPANY, now=THEN)
    coordinator = await make_account(Role.COORDINATOR, company_id=company, nda_on=None, now=THEN)
    found = await exposed(coordinator)
    assert (found.persons_reached, found.everybody) == (3, False)
    assert [(line.role, line.scope_id, line.persons) for line in found.reaches] == [
        (Role.COORDINATOR, company, 3)
    ]


@pytest.mark.promise("P3")
async def test_food_restrictions_are_counted_by_event_held_and_deleted(register: Settings) -> None:
    one = await make_event(event_given())
    other = await make_event(event_given(starts_at=BEFORE + 20 * DAY))
    for event, guests in ((one, 2), (other, 1)):
        for number in range(guests):
            await make_guest(event, diet(f"d{number}"), settings=register, now=BEFORE + HOUR)
    organiser = await make_account(Role.ORGANISER, now=BEFORE)
    for event in (one, other):
        await grant(organiser, Role.ORGANISER, scope_id=event.id, now=BEFORE + 2 * HOUR)
    await look(organiser, one.id, now=BEFORE + 3 * HOUR)
    await delete_due(register, now=DUE)
    found = await exposed(organiser, since=BEFORE + HOUR, until=BEFORE + DAY, now=BEFORE + 60 * DAY)
    counted = {line.event_id: (line.held, line.deleted) for line in found.diets}
    assert counted == {one.id: (0, 2), other.id: (1, 0)}
    assert Kind.DIET in found.kinds
    assert (found.persons_seen, found.persons_reached) == (2, 3)
    later = await exposed(organiser, since=DUE + HOUR, until=DUE + DAY, now=BEFORE + 60 * DAY)
    assert {line.event_id: (line.held, line.deleted) for line in later.diets} == {other.id: (1, 0)}


@pytest.mark.promise("P7")
async def test_a_trainer_and_a_pack_show_the_people_of_the_session(register: Settings) -> None:
    school = await make_school(register)
    for name in ("Aino Virtanen", "Eino Salo"):
        await enrol(school, name)
    await make_pack(
        school.id, PackPurpose.ATTENDANCE, PackFormat.CSV, identity=school.trainer,
        settings=register, now=NOW + 2 * HOUR,
    )  # fmt: skip
    trainer = school.trainer.account_id
    found = await exposed(trainer, since=NOW, until=NOW + DAY)
    assert (found.persons_seen, found.persons_reached) == (2, 2)
    assert Kind.CONTACT not in found.kinds
    pack = await Pack.first()
    assert pack is not None
    of_pack = await exposed(pack.id, since=NOW, until=NOW + DAY)
    assert (of_pack.suspect.source, of_pack.persons_seen, of_pack.reaches) == (
        Suspected.PACK,
        2,
        (),
    )


async def test_a_token_and_a_login_count_only_while_they_lived(store: Settings) -> None:
    await make_person(now=THEN)
    account = await make_account(now=THEN)
    token, staff_token = [
        await ApiToken.create(
            id=uuid4(), account_id=account, secret_hash=b"x" * 32, created_at=NOW,
            scope=scope, expires_at=NOW + 9 * DAY, revoked_at=revoked,
        )
        for scope, revoked in (("organiser", None), ("staff", NOW + HOUR))
    ]  # fmt: skip
    login = await Login.create(
        id=uuid4(), account_id=account, secret_hash=b"x" * 32, created_at=NOW,
        seen_at=NOW, expires_at=NOW + HOUR,
    )  # fmt: skip
    assert (await exposed(token.id)).persons_reached == 0
    for one in (staff_token.id, login.id):
        [line] = (await exposed(one)).reaches
        assert (line.since, line.until, line.persons) == (NOW, NOW + HOUR, 1)
    with pytest.raises(SuspectNotFound):
        await suspect_of(uuid4())


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (HOUR, 2 * HOUR, "since"),
        (-HOUR, -2 * HOUR, "until"),
        (-HOUR, -HOUR, "until"),
        (-900 * DAY, -HOUR, "until"),
    ],
    ids=["to-come", "reversed", "empty", "too-long"],
)
def test_a_time_that_makes_no_sense_is_refused(
    since: timedelta, until: timedelta, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_period(NOW + since, NOW + until, now=NOW)
    assert [error.field for error in refused.value.errors] == [field]


async def test_it_works_with_many_people(store: Settings) -> None:
    """Read a thousand at a time: here 2,500, each once."""
    first = await make_person(now=THEN)
    await Person.bulk_create(
        [
            Person(
                id=uuid4(), first_name="A", last_name=str(n), email=f"{n}@example.fi",
                name_key=f"a {n}", language="fi", source="self", created_at=THEN, changed_at=THEN,
            )
            for n in range(2_499)
        ],
        batch_size=500,
    )  # fmt: skip
    staff = await make_account(now=THEN)
    gone = uuid4()
    shown = Shown(gone, ("name",), "administration", Basis.CONTRACT, "page", staff)
    await disclose([shown], now=NOW)
    suspect = await suspect_of(staff)
    told = [
        line
        async for line in to_tell(suspect, NOW - HOUR, NOW + DAY, actor_id=None, now=NOW + 7 * DAY)
    ]
    assert len({line.person_id for line in told}) == len(told) == 2_501
    assert [(line.person_id, line.name) for line in told if line.seen] == [(gone, "")]
    assert first.id in {line.person_id for line in told}
