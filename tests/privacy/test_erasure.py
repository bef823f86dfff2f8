"""One person is erased: what stays and why, two with one address, lists, and who they are besides
(P8, P11, P13)."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration import clock
from registration.accounts.models import Account
from registration.accounts.rules import Role
from registration.accounts.service import participant_account
from registration.catalogue.models import Session, SessionDay
from registration.companies.models import Application, Company
from registration.db import transaction
from registration.enrolment import enrolling
from registration.enrolment.enrolling import STEP
from registration.enrolment.models import Place, Upload
from registration.enrolment.service import sign_up
from registration.enrolment.uploads import UploadState, unpacked
from registration.enrolment.worklist import Worklist
from registration.ledger.models import Entry
from registration.mail.models import DeadAddress, Mail
from registration.mail.rules import MailPurpose
from registration.mail.sending import send_due
from registration.people.consents import refuse
from registration.people.models import Consent, Person
from registration.people.rules import PersonNotFound, Purpose
from registration.privacy import erasure_jobs
from registration.privacy.erasure import erase, what_stays
from registration.privacy.holds import HoldEnded, HoldGiven, lift_hold, place_hold
from registration.privacy.models import Gone, RightsRequest
from registration.privacy.rules import Why
from registration.settings import Settings
from registration.teaching.models import Outcome
from tests.builders import NOON, make_account, make_participant, make_person
from tests.conftest import Inbox
from tests.enrolment.makers import make_session, wish
from tests.enrolment.test_enrolling import Office, employees, named
from tests.privacy.filler import fill
from tests.privacy.past import session_ended

CLERK = UUID(int=7)
AFTER = NOON + timedelta(days=60)


async def hold(person_id: UUID, **more: object) -> UUID:
    given: dict[str, object] = {
        "authority": "Traficom",
        "reference": uuid4().hex,
        "reason": "An accident is looked into",
        "review_on": (NOON + timedelta(days=90)).date(),
    }
    wanted = HoldGiven.model_validate(given | more)
    return await place_hold(person_id, wanted, actor_id=CLERK, today=NOON.date(), now=NOON)


@pytest.mark.promise("P13")
async def test_what_stays_is_told_with_its_reason_but_for_what_must_not_be(store: Settings) -> None:
    person = await fill(proven=True)
    await hold(person.id, table="consent", reference="TR 7")
    await hold(person.id, table="employment", silent=True)
    told = await what_stays(person.id, now=NOON)
    assert [(line.why, line.count) for line in told.kept] == [(Why.DUTY, 1), (Why.HOLD, 1)]
    assert told.kept[1].because == (
        "Traficom requires it, under the reference TR 7: An accident is looked into"
    )
    erased = await erase(person.id, actor_id=None, settings=store, now=NOON)
    assert [line.why for line in erased.stays.kept] == [Why.DUTY, Why.HOLD]
    assert await Consent.filter(person_id=person.id).count() == 1


@pytest.mark.promise("P13")
async def test_who_is_wholly_held_is_let_in_and_found_no_more(store: Settings) -> None:
    person = await fill(consent__withdrawn_at=None, login__revoked_at=None)
    line = await hold(person.id, silent=True)
    address = (await Person.get(id=person.id)).email
    await erase(person.id, actor_id=None, settings=store, now=NOON)
    account = await Account.get(person_id=person.id)
    assert (account.ended_at, account.login_email) == (NOON, None)
    assert await Consent.filter(person_id=person.id, withdrawn_at=NOON).count() == 1
    kept = await Person.get(id=person.id)
    assert (kept.email, kept.name_key) == (address, str(person.id))
    anew = await make_person(kept.first_name, kept.last_name, address)
    assert anew.id != person.id
    await lift_hold(line, HoldEnded(because="over"), actor_id=CLERK, now=NOON)
    await erasure_jobs.finish(store)
    assert not await Account.filter(person_id=person.id).exists()
    assert await Person.filter(id=anew.id).count() == 1
    assert (await Person.get(id=person.id)).email == ""  # the certificate's holder, by name only
    assert await Gone.filter(subject_id=person.id, waits=False).count() == 1


@pytest.mark.promise("P8")
async def test_a_training_is_kept_for_as_long_as_it_must_be_proved(store: Settings) -> None:
    person = await fill(proven=True, certificate__valid_until=(NOON - timedelta(days=900)).date())
    told = await what_stays(person.id, now=NOON)
    assert told.kept == ()
    await erase(person.id, actor_id=None, settings=store, now=NOON)
    assert not await Person.filter(id=person.id).exists()


async def test_what_is_not_invoiced_yet_stays_without_a_name(store: Settings) -> None:
    ended = NOON - timedelta(days=3)
    seating = await session_ended(ended)
    session = await Session.get(seating_id=seating)
    await SessionDay.create(
        id=uuid4(), session_id=session.id, starts_at=session.starts_at, ends_at=ended
    )
    company = await Company.create(id=uuid4(), name="Rata Oy", created_at=NOON)
    person = await make_person()
    place = uuid4()
    await Place.create(
        id=place, seating_id=seating, person_id=person.id, status="attended", turn=1,
        source="company", company_id=company.id, price_cents=10_000, created_at=NOON,
        changed_at=NOON, order_number="Ainon tilaus",
    )  # fmt: skip
    told = await what_stays(person.id, now=NOON)
    assert [line.why for line in told.kept] == [Why.NEEDED]
    await erase(person.id, actor_id=None, settings=store, now=NOON)
    row = await Person.get(id=person.id)
    assert (row.first_name, row.last_name, row.email, row.company_name) == ("", "", "", "")
    assert (await Place.get(id=place)).order_number == ""
    async with transaction():
        await Place.filter(id=place).update(invoice_id=uuid4())
    await erasure_jobs.finish(store)
    assert not await Person.filter(id=person.id).exists()


@pytest.mark.promise("P11")
async def test_two_with_one_address_are_never_mixed(store: Settings) -> None:
    offering = await make_session(seats=5)
    asked = wish(1, consents=(Purpose.NEWSLETTER,))
    first = await sign_up(offering, asked, settings=store, now=NOON)
    other = replace(asked.contact, first_name="Seppo", last_name="Sisar")
    second = await sign_up(offering, replace(asked, contact=other), settings=store, now=NOON)
    for name in ("Guest1 Nieminen", "Seppo Sisar"):
        await Application.create(
            id=uuid4(), company_name="Oy", name=name, email=asked.contact.email, language="en",
            asked_at=NOON, drop_at=AFTER,
        )  # fmt: skip
    assert (await what_stays(first.person_id, now=NOON)).shared is True
    mails = await Mail.filter(person_id=second.person_id).values()
    await erase(first.person_id, actor_id=None, settings=store, now=NOON)
    assert await Person.all().values_list("id", flat=True) == [second.person_id]
    assert await Place.all().values_list("id", flat=True) == [second.id]
    assert await Mail.filter(person_id=second.person_id).values() == mails
    assert await Mail.exclude(person_id=second.person_id).count() == 0
    assert [row.name for row in await Application.all()] == ["Seppo Sisar"]
    assert await Consent.filter(person_id=second.person_id).count() == 1


async def test_accounts_for_work_at_the_same_address_stay(store: Settings) -> None:
    person, own = await make_participant("kaisa@example.fi")
    coordinator = await make_account(
        Role.COORDINATOR, "kaisa@example.fi", company_id=uuid4(), nda_on=None
    )
    trainer = await make_account(Role.TRAINER, "kaisa.t@example.fi")
    told = await what_stays(person.id, now=NOON)
    assert told.roles == (Role.COORDINATOR,)
    await erase(person.id, actor_id=None, settings=store, now=NOON)
    left = {UUID(str(each)) for each in await Account.all().values_list("id", flat=True)}
    assert left == {coordinator, trainer}
    assert own not in left


async def _erase_named(number: int, settings: Settings) -> None:
    person = await Person.get(last_name=named(number))
    await erase(person.id, actor_id=None, settings=settings, now=clock.now())


@pytest.mark.promise("P11")
@pytest.mark.parametrize("number", [0, STEP - 1, STEP, STEP + 4], ids=str)
async def test_an_erasure_during_an_import_leaves_the_person_out(
    store: Settings, number: int
) -> None:
    office = await Office(store).open(employees(STEP + 5))
    if number >= STEP:  # on record from before; a row of the step to come
        await make_person("Eeva", named(number), f"e{number}@example.fi", now=clock.now())
    assert await office.enrol() is UploadState.ENROLLING
    going = await enrolling._order(office.upload, await _work(office.upload))
    await _erase_named(number, store)
    assert await enrolling._step(going, settings=store, now=clock.now()) is None
    await office.go_on()
    assert await Person.filter(last_name=named(number)).count() == 0
    assert await Place.all().count() == STEP + 4
    line = await office.line()
    assert (line.state, line.enrolled) == (UploadState.DONE, STEP + 5 - (number >= STEP))
    assert f"e{number}@".encode() not in zlib.decompress(await _bytes(office.upload))


async def test_who_is_listed_after_the_erasure_is_somebody_new(store: Settings) -> None:
    office = await Office(store).open(employees(3))
    await office.enrol()
    before = await Person.get(last_name=named(1))
    await erase(before.id, actor_id=None, settings=store, now=clock.now())
    again = await office.receive(employees(2, mark=""))
    await office.enrol(again)
    after = await Person.get(last_name=named(1))
    assert after.id != before.id
    await erasure_jobs.finish(store)
    assert await Person.filter(id=after.id).count() == 1


async def test_an_open_list_loses_the_row_and_no_other(store: Settings) -> None:
    office = await Office(store).open(employees(3))
    person = await make_person("Eeva", named(1), "e1@example.fi", now=clock.now())
    await make_person("Eeva", named(2), "e1@example.fi", now=clock.now())
    await erase(person.id, actor_id=None, settings=store, now=clock.now())
    row = await Upload.get(id=office.upload)
    for held in (bytes(row.reading or b""), bytes(row.kept or b"")):
        text = zlib.decompress(held).decode()
        assert [f"e{number}@example.fi" in text for number in range(3)] == [True, False, True]
    await office.enrol()
    names = await Place.all().values_list("person__last_name", flat=True)
    assert sorted(map(str, names)) == [named(0), named(2)]


async def _bytes(upload: UUID) -> bytes:
    row = await Upload.get(id=upload)
    return bytes(row.reading or b"")


async def _work(upload: UUID) -> Worklist:
    return unpacked(await _bytes(upload))


async def test_the_last_mail_is_sent_and_leaves_nothing(
    store: Settings, mail_server: tuple[str, Inbox]
) -> None:
    url, inbox = mail_server
    settings = store.model_copy(update={"smtp_url": url})
    person, _account = await make_participant("aino@example.fi")
    await erase(person.id, actor_id=None, settings=settings, now=clock.now())
    [mail] = await Mail.all()
    assert (mail.template, mail.purpose, mail.person_id) == (
        "erased",
        MailPurpose.RIGHTS.value,
        None,
    )
    assert await send_due(settings) == 1
    assert [message["Subject"] for message in inbox.messages] == [
        "Your data at Pohjan Raide Oy is deleted"
    ]
    await erasure_jobs.finish(settings)
    assert await Mail.all().count() == 0
    assert await DeadAddress.all().count() == 0


async def test_without_a_mail_server_no_last_mail_is_left(store: Settings) -> None:
    person = await make_person()
    await erase(person.id, actor_id=None, settings=store, now=NOON)
    assert await Mail.all().count() == 0


async def test_what_was_asked_of_us_stays_without_who_asked(store: Settings) -> None:
    person = await fill(certified=False)
    before = await RightsRequest.get(id=person.rows["rights_request"])
    await erase(person.id, actor_id=None, settings=store, now=NOON)
    after = await RightsRequest.get(id=before.id)
    assert (after.kind, after.received_at, after.person_id) == (
        before.kind, before.received_at, person.id,
    )  # fmt: skip
    assert (after.asker_name, after.asked, after.identity_seen) == ("", "", "")


async def test_a_consent_of_who_is_erased_is_withdrawn_in_vain(store: Settings) -> None:
    person = await make_person()
    await erase(person.id, actor_id=None, settings=store, now=NOON)
    entries = await Entry.all().count()
    with pytest.raises(PersonNotFound):
        await refuse(person.id, [Purpose.NEWSLETTER], secret=store.secret, now=NOON)
    assert await Consent.all().count() == 0
    assert await Person.all().count() == 0
    assert await Entry.all().count() == entries


async def test_what_comes_in_at_the_last_moment_goes_too(store: Settings) -> None:
    person = await make_person()
    now = clock.now()
    await erase(person.id, actor_id=None, settings=store, now=now)
    await Mail.create(
        id=uuid4(), template="place-changed", purpose="place", person_id=person.id, language="en",
        address="aino@example.fi", subject="x", body_text="x", body_html="x", queued_at=now,
    )  # fmt: skip
    await participant_account(uuid4(), "bo@example.fi", "Bo", "en", now)
    await erasure_jobs.finish(store)
    assert await Mail.all().count() == 0
    assert await Account.all().count() == 1


async def test_a_place_of_a_company_can_be_given_up_after_its_last_day(store: Settings) -> None:
    offering = await make_session(seats=1, cancels_until=NOON - timedelta(days=1))
    taken = await sign_up(offering, wish(1), settings=store, now=NOON - timedelta(days=2))
    await erase(taken.person_id, actor_id=None, settings=store, now=NOON)
    assert await Place.all().count() == 0


async def test_an_outcome_that_is_no_completion_is_no_reason(store: Settings) -> None:
    taken = await sign_up(await make_session(), wish(1), settings=store, now=NOON)
    await Outcome.create(
        id=uuid4(), place_id=taken.id, completed=False, recorded_by=CLERK, recorded_at=NOON
    )
    await erase(taken.person_id, actor_id=None, settings=store, now=AFTER)
    assert await Person.all().count() == 0
