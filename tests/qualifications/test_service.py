"""Certificates issued, corrected, revoked and printed, on real databases."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from certificates.claims import Claims
from certificates.key import certificate_of, make_self_signed
from certificates.verify import State, verify
from registration.catalogue import queries as catalogue
from registration.db import transaction
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceNotFound
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from registration.press import close_press, signing_key
from registration.qualifications import keys
from registration.qualifications.models import Certificate
from registration.qualifications.printing import pdf
from registration.qualifications.queries import (
    CertificateLine,
    by_token,
    certificate,
    certificates,
    certificates_of,
    certificates_of_places,
    qualifications_of_company,
)
from registration.qualifications.rules import (
    CORRECTED,
    NOT_COMPLETED,
    AlreadyRevoked,
    CertificateNotFound,
    CertificateRevoked,
    CertificateState,
    NotCompleted,
    Standing,
)
from registration.qualifications.service import (
    Issued,
    issue,
    issue_due,
    issue_for_session,
    revoke,
)
from registration.settings import BadSetting, Settings
from registration.teaching.queries import assignments_of_session
from tests.teaching.makers import FIRST, LATER, NOW, SECOND, School, enrol, make_school, record


async def settle(school: School, *, now: datetime = LATER) -> Issued:
    return await issue_for_session(
        school.id, actor_id=school.trainer.account_id, settings=school.settings, now=now
    )


async def make_certified(settings: Settings, **training: object) -> tuple[School, CertificateLine]:
    school = await make_school(
        settings, days=2, capacity=50, start=FIRST, agreed=True, recipient_id=None, **training
    )
    taken = await enrol(school, company_name="Banan Oy")
    await record(school, {"place_id": taken.id, "grade": "4", "completed": True})
    await settle(school)
    (line,) = await certificates_of(taken.person_id, now=LATER)
    return school, line


@pytest.mark.promise("P8")
async def test_who_completed_has_a_certificate_that_says_what_was(store: Settings) -> None:
    school, line = await make_certified(
        store, qualifies_for={"fi": "Ratatyö", "en": "Work on the track"}
    )
    recipient = (await catalogue_recipient(school))[0]
    assert line == CertificateLine(
        id=line.id,
        number="2027-000001",
        token=line.token,
        place_id=line.place_id,
        person_id=line.person_id,
        training_id=school.session.training.id,
        language="en",
        person_name="Aino Virtanen",
        company_name="Banan Oy",
        training_title="Track safety",
        qualifies_for="Work on the track",
        grade="4",
        grade_scale=school.session.training.grade_scale,
        length_minutes=840,
        held=(date(2027, 4, 1), date(2027, 4, 2)),
        venue="",
        trainer_organisation=recipient,
        issued_on=date(2027, 4, 2),
        valid_until=date(2032, 4, 2),
        revoked_at=None,
        revoked_because="",
        design="formal",
        status_index=0,
        replaces_id=None,
        reissued_because="",
        replaced_by="",
        state=CertificateState.VALID,
        standing=Standing.VALID,
    )
    (entry,) = await Entry.filter(act="certificate-issued")
    assert (entry.subject_id, entry.object_id, entry.actor_id) == (
        line.person_id,
        line.id,
        school.trainer.account_id,
    )


async def catalogue_recipient(school: School) -> list[str]:
    return [line.recipient for line in await assignments_of_session(school.id)]


async def test_the_holder_is_told_by_mail_with_links(register: Settings) -> None:
    _school, line = await make_certified(register)
    (mail,) = await Mail.filter(template="certificate-issued")
    assert mail.subject == "Your certificate: Track safety"
    for body in (mail.body_text, mail.body_html):
        assert f"{register.base_url}/me" in body
        assert f"{register.base_url}/verify/{line.token}" in body
        assert "2032" in body


async def test_issuing_again_or_at_once_gives_one_certificate(store: Settings) -> None:
    school = await make_school(store)
    for name in ("Bo Öhman", "Aino Virtanen"):
        taken = await enrol(school, name)
        await record(school, {"place_id": taken.id, "completed": True})
    done = await asyncio.gather(*(settle(school) for _time in range(4)))
    assert sorted(len(each.issued) for each in done) == [0, 0, 0, 2]
    assert await settle(school) == Issued()
    rows = await Certificate.all().order_by("number")
    assert [(row.number, row.person_name) for row in rows] == [
        ("2027-000001", "Aino Virtanen"),
        ("2027-000002", "Bo Öhman"),
    ]
    assert await Mail.filter(template="certificate-issued").count() == 2


async def test_sessions_at_once_get_numbers_without_gaps(store: Settings) -> None:
    schools = [await make_school(store) for _each in range(4)]
    for school in schools:
        for name in ("Aino Virtanen", "Bo Öhman", "Cia Dahl"):
            taken = await enrol(school, name)
            await record(school, {"place_id": taken.id, "completed": True})
    await asyncio.gather(*(settle(school) for school in schools))
    numbers = sorted(row.number for row in await Certificate.all())
    assert numbers == [f"2027-{number:06d}" for number in range(1, 13)]


async def test_nothing_before_the_last_day_and_then_by_itself(register: Settings) -> None:
    school = await make_school(register)
    taken = await enrol(school)
    await record(school, {"place_id": taken.id, "completed": True}, now=FIRST)
    moment = timedelta(microseconds=1)
    assert await settle(school, now=SECOND - moment) == Issued()
    with pytest.raises(NotCompleted):
        await issue(taken.id, actor_id=None, settings=register, now=FIRST)
    since = NOW - timedelta(days=60)
    assert await issue_due(register, since=since, now=SECOND - moment) == 0
    assert await issue_due(register, since=since, now=SECOND) == 1
    assert await issue_due(register, since=since, now=SECOND) == 0


async def test_only_the_completed_are_certified(register: Settings) -> None:
    school = await make_school(register)
    failed, absent = await enrol(school), await enrol(school, "Bo Öhman")
    await record(
        school,
        {"place_id": failed.id, "grade": "0", "completed": False},
        {"place_id": absent.id, "no_show": True},
    )
    assert await settle(school) == Issued()
    with pytest.raises(NotCompleted):
        await issue(failed.id, actor_id=None, settings=register, now=LATER)
    with pytest.raises(PlaceNotFound):
        await issue(uuid4(), actor_id=None, settings=register, now=LATER)


async def test_nothing_is_issued_whose_validity_is_over(register: Settings) -> None:
    school = await make_school(register, valid_months=1)
    taken = await enrol(school)
    await record(school, {"place_id": taken.id, "completed": True})
    assert await settle(school, now=LATER + timedelta(days=31)) == Issued()
    assert len((await settle(school, now=LATER + timedelta(days=30))).issued) == 1


async def test_a_correction_revokes_and_replaces(store: Settings) -> None:
    school, first = await make_certified(store)
    await record(school, {"place_id": first.place_id, "grade": "5"})
    done = await settle(school)
    assert (len(done.issued), done.revoked) == (1, (first.id,))
    await record(school, {"place_id": first.place_id, "completed": False})
    assert await settle(school) == Issued(revoked=done.issued)
    lines = await certificates_of(first.person_id, now=LATER)
    assert [(line.number, line.grade, line.state, line.revoked_because) for line in lines] == [
        ("2027-000002", "5", CertificateState.REVOKED, NOT_COMPLETED),
        ("2027-000001", "4", CertificateState.REVOKED, CORRECTED),
    ]
    await record(school, {"place_id": first.place_id, "completed": True})
    assert len((await settle(school)).issued) == 1


@pytest.mark.promise("P8")
async def test_a_certificate_stays_as_it_was_issued(register: Settings) -> None:
    _school, line = await make_certified(register)
    await Person.filter(id=line.person_id).update(last_name="Uusi")
    await settle(_school)
    assert await certificate(line.id, now=LATER) == line


async def test_revoked_once_with_a_reason(store: Settings) -> None:
    _school, line = await make_certified(store)
    await revoke(line.id, " Issued to the wrong person. ", actor_id=None, settings=store, now=LATER)
    found = await by_token(line.token, now=LATER)
    assert (found.state, found.revoked_at, found.revoked_because) == (
        CertificateState.REVOKED,
        LATER,
        "Issued to the wrong person.",
    )
    with pytest.raises(AlreadyRevoked):
        await revoke(line.id, "again", actor_id=None, settings=store, now=LATER)
    with pytest.raises(CertificateNotFound):
        await revoke(uuid4(), "none", actor_id=None, settings=store, now=LATER)
    with pytest.raises(CertificateRevoked):
        await pdf(line.id, settings=store, now=LATER)


async def test_by_token_and_by_place(register: Settings) -> None:
    _school, line = await make_certified(register)
    assert await by_token(line.token, now=LATER) == line
    assert await certificates_of_places([line.place_id, uuid4()], now=LATER) == {
        line.place_id: line
    }
    assert await certificates(now=LATER) == [line]
    for unknown in ("", "0000-0000-0000-0000-0000-0000"):
        with pytest.raises(CertificateNotFound):
            await by_token(unknown, now=LATER)


@pytest.mark.promise("P9")
async def test_a_company_sees_who_is_qualified_until_when(register: Settings) -> None:
    _school, line = await make_certified(register, valid_months=12)
    stranger, company = uuid4(), uuid4()
    async with transaction():
        await Place.filter(id=line.place_id).update(company_id=company)

    async def seen(now: datetime) -> list[tuple[str, str, date | None, CertificateState]]:
        found = await qualifications_of_company(company, [line.person_id, stranger], now=now)
        return [(each.person_name, each.number, each.valid_until, each.state) for each in found]

    last = date(2028, 4, 2)
    name, number = "Aino Virtanen", "2027-000001"
    assert await seen(LATER) == [(name, number, last, CertificateState.VALID)]
    year = timedelta(days=366)
    assert await seen(LATER + year) == [(name, number, last, CertificateState.VALID)]
    later = LATER + year + timedelta(days=1)
    assert await seen(later) == [(name, number, last, CertificateState.EXPIRED)]
    assert await qualifications_of_company(company, [], now=LATER) == []


@pytest.fixture
async def _press() -> AsyncIterator[None]:
    yield
    await close_press()


@pytest.mark.slow
@pytest.mark.usefixtures("_press")
@pytest.mark.promise("P8")
async def test_the_file_is_signed_and_says_what_was_certified(register: Settings) -> None:
    school, line = await make_certified(register)
    printed = await pdf(line.id, settings=register, now=LATER)
    verdict = await asyncio.to_thread(verify, printed, await keys.bundle(register, now=NOW))
    assert (verdict.state, verdict.claims) == (
        State.VALID,
        Claims(
            number="2027-000001",
            person_name="Aino Virtanen",
            training_title="Track safety",
            days=line.held,
            issued_on=line.issued_on,
            valid_until=line.valid_until,
            issuer=register.organisation.name,
            language="en",
            company="Banan Oy",
            grade="4",
            qualifies_for=None,
            verify_url=f"{register.base_url}/verify/{line.token}",
        ),
    )
    assert (await catalogue.session(school.id)).id == school.id


def test_the_key_is_made_once_and_is_its_owners_alone(settings: Settings) -> None:
    first = signing_key(settings)
    assert signing_key(settings).pkcs12 == first.pkcs12
    path = settings.data / "signing.p12"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in settings.data.glob("signing*")] == ["signing.p12"]


def test_a_key_that_is_set_is_used_and_a_broken_one_named(settings: Settings) -> None:
    given = settings.data / "given.p12"
    given.write_bytes(make_self_signed("Given Oy", now=NOW))
    with_key = settings.model_copy(update={"signing_key": given})
    assert certificate_of(signing_key(with_key)).startswith(b"-----BEGIN CERTIFICATE-----")
    assert not (settings.data / "signing.p12").exists()
    given.write_bytes(b"broken")
    with pytest.raises(BadSetting, match="REGISTRATION_SIGNING_KEY"):
        signing_key(with_key)


async def test_what_was_revoked_is_not_issued_again_by_itself(register: Settings) -> None:
    """Neither by the job, nor when somebody else's result is saved; a new result brings a new
    one."""
    school, line = await make_certified(register)
    minute = timedelta(minutes=1)
    await revoke(line.id, "Wrong person", actor_id=None, settings=register, now=LATER + minute)
    assert await settle(school, now=LATER + 2 * minute) == Issued()
    since = LATER - timedelta(days=60)
    assert await issue_due(register, since=since, now=LATER + 2 * minute) == 0
    again = {"place_id": line.place_id, "grade": "5", "completed": True}
    await record(school, again, now=LATER + 3 * minute)
    assert len((await settle(school, now=LATER + 3 * minute)).issued) == 1
