"""A certificate issued anew: what it says, what becomes of the old one, and who is told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from registration.db import transaction
from registration.enrolment.models import Place
from registration.errors import DomainError
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.models import Person
from registration.qualifications.models import Certificate
from registration.qualifications.queries import (
    by_token,
    certificate,
    certificates_of,
    certificates_of_place,
)
from registration.qualifications.reissuing import Correction, Face, correction, reissue
from registration.qualifications.rules import (
    REISSUED,
    AlreadyRevoked,
    CertificateExpired,
    CertificateNotFound,
    CertificateState,
    NotCompleted,
    ReplacedAlready,
    Standing,
)
from registration.qualifications.service import issue_for_session, revoke
from registration.settings import Settings
from registration.teaching.models import Outcome
from tests.qualifications.makers import make_certified
from tests.teaching.makers import LATER, record

REASON = "The name was spelt wrong."


@pytest.mark.promise("P11")
async def test_the_new_one_says_what_is_on_record_now(store: Settings) -> None:
    _school, (old,) = await make_certified(store, qualifies_for={"fi": "Ratatyö", "en": "Track"})
    async with transaction():
        await Person.filter(id=old.person_id).update(
            first_name="Aïno", last_name="Uusi", language="fi", company_name="Toinen Oy"
        )
    found = await correction(old.id, now=LATER)
    assert found == Correction(
        Face("Aino Virtanen", "Banan Oy", "en", "Track safety", "Track", "formal"),
        Face("Aïno Uusi", "Toinen Oy", "fi", "Ratatyön turvallisuus", "Ratatyö", "formal"),
    )
    made = await reissue(old.id, REASON, actor_id=None, settings=store, now=LATER)
    new, before = await certificate(made, now=LATER), await certificate(old.id, now=LATER)
    assert (new.person_name, new.company_name, new.language, new.training_title) == (
        "Aïno Uusi",
        "Toinen Oy",
        "fi",
        "Ratatyön turvallisuus",
    )
    assert (new.held, new.grade, new.valid_until) == (old.held, old.grade, old.valid_until)
    assert (new.replaces_id, new.reissued_because, new.number, new.status_index) == (
        old.id,
        REASON,
        "2027-000002",
        1,
    )
    assert (before.person_name, before.state, before.standing, before.replaced_by) == (
        "Aino Virtanen",
        CertificateState.REVOKED,
        Standing.REPLACED,
        new.number,
    )
    assert before.revoked_because == REISSUED
    assert await certificates_of_place(old.place_id, now=LATER) == [new, before]


async def test_whoever_checks_the_old_one_learns_no_secret_of_the_new(register: Settings) -> None:
    _school, (old,) = await make_certified(register)
    made = await reissue(old.id, REASON, actor_id=None, settings=register, now=LATER)
    new = await certificate(made, now=LATER)
    seen = await by_token(old.token, now=LATER)
    assert new.token != old.token
    assert new.token not in repr(seen)


async def test_the_holder_is_told_and_the_ledger_has_both(register: Settings) -> None:
    _school, (old,) = await make_certified(register)
    actor = uuid4()
    made = await reissue(old.id, REASON, actor_id=actor, settings=register, now=LATER)
    new = await certificate(made, now=LATER)
    (mail,) = await Mail.filter(template="certificate-replaced")
    assert mail.subject == "Your certificate was issued anew: Track safety"
    for body in (mail.body_text, mail.body_html):
        assert old.number in body
        assert new.number in body
        assert f"{register.base_url}/verify/{new.token}" in body
    acts = await Entry.filter(actor_id=actor).order_by("number").values_list("act", "object_id")
    assert [(act, str(about)) for act, about in acts] == [
        ("certificate-revoked", str(old.id)),
        ("certificate-reissued", str(new.id)),
    ]


async def test_two_at_once_issue_one(store: Settings) -> None:
    _school, (old,) = await make_certified(store)
    done = await asyncio.gather(
        *(
            reissue(old.id, REASON, actor_id=uuid4(), settings=store, now=LATER)
            for _time in range(2)
        ),
        return_exceptions=True,
    )
    made = [each for each in done if not isinstance(each, BaseException)]
    refused = [each for each in done if isinstance(each, DomainError)]
    assert (len(made), [type(each) for each in refused]) == (1, [ReplacedAlready])
    assert await Certificate.filter(place_id=old.place_id, current=True).count() == 1
    assert [row.status_index for row in await Certificate.all().order_by("number")] == [0, 1]


async def test_what_does_not_hold_is_not_issued_anew(register: Settings) -> None:
    school, (old, other) = await make_certified(register, "Aino Virtanen", "Bo Öhman")
    with pytest.raises(CertificateNotFound):
        await reissue(uuid4(), REASON, actor_id=None, settings=register, now=LATER)
    after = LATER + timedelta(days=6 * 366)
    with pytest.raises(CertificateExpired):
        await reissue(old.id, REASON, actor_id=None, settings=register, now=after)
    await revoke(old.id, "Wrong person", actor_id=None, settings=register, now=LATER)
    with pytest.raises(AlreadyRevoked):
        await reissue(old.id, REASON, actor_id=None, settings=register, now=LATER)
    await Place.filter(id=other.place_id).update(current=None, status="cancelled")
    with pytest.raises(NotCompleted):
        await reissue(other.id, REASON, actor_id=None, settings=register, now=LATER)
    await Place.filter(id=other.place_id).update(current=True, status="confirmed")
    await Outcome.filter(place_id=other.place_id).update(completed=False)
    with pytest.raises(NotCompleted):
        await correction(other.id, now=LATER)
    assert school.id is not None


async def test_a_corrected_result_is_linked_to_what_it_corrects(register: Settings) -> None:
    school, (old,) = await make_certified(register)
    await record(school, {"place_id": old.place_id, "grade": "5"})
    await issue_for_session(school.id, actor_id=None, settings=register, now=LATER)
    new, before = await certificates_of(old.person_id, now=LATER)
    assert (new.replaces_id, before.standing, before.replaced_by) == (
        old.id,
        Standing.REPLACED,
        new.number,
    )
    assert await Mail.filter(template="certificate-replaced").count() == 1
    await record(school, {"place_id": old.place_id, "completed": False})
    await issue_for_session(school.id, actor_id=None, settings=register, now=LATER)
    (mail,) = await Mail.filter(template="certificate-revoked")
    assert "The training is no longer recorded as completed." in mail.body_text


async def test_reissued_again_and_again_it_is_one_line(register: Settings) -> None:
    _school, (line,) = await make_certified(register)
    for _time in range(3):
        made = await reissue(line.id, REASON, actor_id=None, settings=register, now=LATER)
        line = await certificate(made, now=LATER)
    history = await certificates_of_place(line.place_id, now=LATER)
    assert [each.replaced_by for each in history] == [
        "",
        "2027-000004",
        "2027-000003",
        "2027-000002",
    ]
