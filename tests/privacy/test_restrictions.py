"""Restricting and objecting: it holds at once, a human decides, the person is told (P11)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration.companies.models import Employment
from registration.enrolment.interests import tell_interested, tell_me
from registration.enrolment.models import Interest, Place
from registration.ledger.models import Entry
from registration.mail.models import Mail
from registration.people.limits import Limits, limits_of
from registration.people.models import Suggestion
from registration.people.rules import Contact, PersonNotFound, Source
from registration.people.service import suggest
from registration.privacy.objectable import BY_OTHER_MEANS, USES, Ground, on_interest
from registration.privacy.request_rules import RequestKind
from registration.privacy.requests import requests_of
from registration.privacy.restrictions import (
    AlreadyDecided,
    AlreadyRestricted,
    NothingToObject,
    RestrictionNotFound,
    decide,
    lift,
    object_to,
    restrict,
    restricted,
    restrictions,
    restrictions_of,
    waiting_restrictions,
)
from registration.qualifications.queries import qualifications_of_company
from registration.qualifications.service import issue_for_session
from registration.qualifications.workforce import Qualified, Wanted, names, worker
from registration.settings import Settings
from tests.builders import NOON, make_participant, make_person
from tests.enrolment.makers import make_company, make_training
from tests.enrolment.makers import make_session as make_offering
from tests.teaching.makers import LATER, NOW, enrol, make_school, record

SOON = LATER + timedelta(days=1)


async def _earned_elsewhere(settings: Settings) -> tuple[UUID, UUID, UUID]:
    """(person, company, place): a certificate that the person earned by themselves, and a place
    that the company took and they agreed to."""
    school, other = await make_school(settings), await make_school(settings)
    taken = await enrol(school)
    await record(school, {"place_id": taken.id, "grade": "4", "completed": True})
    await issue_for_session(school.id, actor_id=None, settings=settings, now=LATER)
    company = await make_company()
    await Employment.create(
        id=uuid4(), company_id=company, person_id=taken.person_id, source="company", since=NOW
    )
    place = await Place.create(
        id=uuid4(),
        seating_id=other.session.seating_id,
        person_id=taken.person_id,
        company_id=company,
        status="confirmed",
        turn=1,
        source="company",
        agreed_at=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    return taken.person_id, company, place.id


async def _seen_by(company: UUID, person: UUID) -> tuple[int, int]:
    """How many qualifications the company is told of: in its list, and by its search."""
    told = await qualifications_of_company(company, [person], now=SOON)
    found = await names(company, Wanted(qualified=Qualified.VALID), now=SOON)
    return len(told), len(found)


def test_each_use_that_rests_on_our_interest_can_be_objected_to() -> None:
    assert on_interest() == set(USES) | set(BY_OTHER_MEANS)


@pytest.mark.promise("P11")
@pytest.mark.promise("P15")
async def test_who_objects_is_hidden_from_the_company_at_once_but_for_what_it_took(
    store: Settings,
) -> None:
    person, company, place = await _earned_elsewhere(store)
    assert await _seen_by(company, person) == (1, 1)
    made = await object_to(person, "employment", because="Mine", actor_id=person, now=SOON)
    assert await _seen_by(company, person) == (0, 0)
    shown = await worker(company, person, now=SOON)
    assert [each.id for each in shown.places] == [place]
    await lift(made, person_id=person, actor_id=person, now=SOON)
    assert await _seen_by(company, person) == (1, 1)


async def test_denied_it_ends_and_upheld_it_stays(store: Settings) -> None:
    person, company, _place = await _earned_elsewhere(store)
    for upheld, seen in ((False, (1, 1)), (True, (0, 0))):
        made = await object_to(person, "employment", actor_id=person, now=SOON)
        assert await waiting_restrictions() == 1
        await decide(made, upheld=upheld, because="Reason", actor_id=None, settings=store, now=SOON)
        assert await waiting_restrictions() == 0
        assert await _seen_by(company, person) == seen
        with pytest.raises(AlreadyDecided):
            await decide(made, upheld=True, because="", actor_id=None, settings=store, now=SOON)
    lines = await restrictions_of(person)
    assert [(line.upheld, line.in_force) for line in lines].count((True, True)) == 1
    assert len(await restrictions(waiting=False)) == 2
    letters = await Mail.filter(template="restriction-decided")
    assert len(letters) == 2
    assert all("Reason" in letter.body_text for letter in letters)
    codes = [entry.detail for entry in await Entry.filter(act="restriction-decided")]
    assert ["denied" in code for code in codes] == [True, False]


async def test_what_others_propose_is_deleted_and_no_longer_kept(store: Settings) -> None:
    person = await make_person()
    await suggest(person.id, {"phone": "+358401"}, source=Source.COMPANY, now=NOON)
    await object_to(person.id, "suggestion", actor_id=person.id, now=NOON)
    assert await Suggestion.all().count() == 0
    await suggest(person.id, {"phone": "+358402"}, source=Source.COMPANY, now=NOON)
    assert await Suggestion.all().count() == 0


@pytest.mark.promise("P11")
async def test_a_restriction_of_all_reaches_each_use(store: Settings) -> None:
    person, company, _place = await _earned_elsewhere(store)
    listed = await names(company, Wanted(to_enrol=True), now=SOON)
    assert [each.person_id for each in listed] == [person]
    await restrict(person, Ground.ACCURACY, actor_id=person, now=SOON)
    assert await limits_of(person) == Limits(SOON, SOON, SOON)
    assert await _seen_by(company, person) == (0, 0)
    assert await names(company, Wanted(to_enrol=True), now=SOON) == []
    assert [each.person_id for each in await names(company, Wanted(), now=SOON)] == [person]


async def test_who_restricted_gets_no_news_of_dates(store: Settings) -> None:
    training = await make_training()
    for number, name in enumerate(("Aino", "Onni")):
        contact = Contact(name, "Virtanen", f"{name.lower()}@example.fi", language="en")
        await tell_me(
            contact,
            training,
            source=Source.SELF,
            settings=store,
            now=NOON - timedelta(minutes=number + 1),
        )
    first = await Interest.all().order_by("created_at").first()
    assert first is not None
    await restrict(first.person_id, Ground.CLAIMS, actor_id=None, now=NOON)
    await make_offering(training=training)
    assert await tell_interested(store, now=NOON + timedelta(hours=1)) == 1
    assert await Mail.filter(template="interest-open", person_id=first.person_id).count() == 0


async def test_two_at_once_are_one(store: Settings) -> None:
    person, account = await make_participant()
    answers = await asyncio.gather(
        *(restrict(person.id, Ground.UNLAWFUL, actor_id=account, now=NOON) for _each in range(3)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in answers) == [
        "AlreadyRestricted",
        "AlreadyRestricted",
        "UUID",
    ]
    assert len((await restricted([person.id]))[person.id]) == 1
    asked = await requests_of(person.id)
    assert [each.kind for each in asked] == [RequestKind.RESTRICTION]


async def test_only_ones_own_is_lifted_and_twice_is_once(store: Settings) -> None:
    aino, onni = await make_person(), await make_person("Onni", "Virtanen")
    made = await restrict(aino.id, Ground.ACCURACY, actor_id=aino.id, now=NOON)
    with pytest.raises(RestrictionNotFound):
        await lift(made, person_id=onni.id, actor_id=onni.id, now=NOON)
    for _each in range(2):
        await lift(made, person_id=aino.id, actor_id=aino.id, now=NOON)
    assert await restricted([aino.id, onni.id]) == {}
    assert await limits_of(aino.id) == Limits()
    assert await Entry.filter(act="restriction-lifted").count() == 1


async def test_what_is_nothing_to_object_to_is_refused(store: Settings) -> None:
    person = await make_person()
    for scope in ("certificate", "", "x" * 500):
        with pytest.raises(NothingToObject):
            await object_to(person.id, scope, actor_id=None, now=NOON)
    with pytest.raises(PersonNotFound):
        await restrict(uuid4(), Ground.ACCURACY, actor_id=None, now=NOON)
    await object_to(person.id, "suggestion", because="ä" * 5_000, actor_id=None, now=NOON)
    with pytest.raises(AlreadyRestricted):
        await object_to(person.id, "suggestion", actor_id=None, now=NOON)
    (line,) = await restrictions_of(person.id)
    assert line.because == "ä" * 1_000
