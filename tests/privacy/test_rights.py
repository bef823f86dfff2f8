"""What a person can see, take away and delete (P11, P13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import pytest

from registration.enrolment.models import Place
from registration.enrolment.queries import counts
from registration.enrolment.service import sign_up
from registration.mail.models import Mail
from registration.people.models import Consent, Person
from registration.people.rules import PersonNotFound, Purpose
from registration.privacy.erasure import StillRunning, erase, what_stays
from registration.privacy.export import export
from registration.privacy.rules import Why
from registration.settings import Settings
from registration.teaching.models import Outcome
from tests.builders import NOON, make_participant
from tests.enrolment.makers import STARTS, make_session, wish

MARK = "Xyzzyläinen"
AFTER = STARTS + timedelta(days=30)


async def _signed_up(settings: Settings) -> tuple[UUID, UUID]:
    """(person, place) of somebody whose every field bears the mark."""
    offering = await make_session(seats=3)
    asked = wish(1, consents=(Purpose.NEWSLETTER,))
    contact = replace(
        asked.contact,
        last_name=MARK,
        street=f"{MARK}tie 1",
        city=f"{MARK}lä",
        phone="+358401230000",
    )
    taken = await sign_up(offering, replace(asked, contact=contact), settings=settings, now=NOON)
    await make_participant(email="somebody.else@example.fi")
    return taken.person_id, taken.id


async def _complete(place_id: UUID) -> None:
    await Outcome.create(
        id=uuid4(), place_id=place_id, completed=True, recorded_by=uuid4(), recorded_at=NOON
    )


@pytest.mark.promise("P11")
async def test_the_export_has_everything_in_words(store: Settings) -> None:
    person_id, _place = await _signed_up(store)
    held = await export(person_id, actor_id=None, house="Raide Oy", now=NOON)
    text = orjson.dumps(held).decode()
    for said in (MARK, "+358401230000", f"{MARK}tie 1", "newsletter", "confirmed"):
        assert said in text
    assert "somebody.else@example.fi" not in text


async def test_only_who_is_held_can_be_exported(store: Settings) -> None:
    with pytest.raises(PersonNotFound):
        await export(uuid4(), actor_id=None, house="Raide Oy", now=NOON)


@pytest.mark.promise("P11")
@pytest.mark.promise("P13")
async def test_an_erased_person_is_in_no_file_of_the_register(register: Settings) -> None:
    person_id, place_id = await _signed_up(register)
    erased = await erase(person_id, actor_id=None, settings=register, now=NOON)
    assert erased.kept == 0
    assert await Person.filter(id=person_id).count() == 0
    assert await Place.filter(id=place_id).count() == 0
    assert await Consent.all().count() == 0
    assert await Mail.filter(person_id=person_id).count() == 0
    assert await Person.all().count() == 1
    assert _files_with(register.data, MARK) == []


async def test_an_erased_persons_seat_is_free(store: Settings) -> None:
    person_id, place_id = await _signed_up(store)
    seating = (await Place.get(id=place_id)).seating_id
    await erase(person_id, actor_id=None, settings=store, now=NOON)
    assert (await counts([seating])).get(seating, (0, 0)) == (0, 0)


@pytest.mark.promise("P8")
async def test_a_completed_training_stays_with_the_name_and_nothing_else(store: Settings) -> None:
    person_id, place_id = await _signed_up(store)
    await _complete(place_id)
    stays = await what_stays(person_id, now=AFTER)
    assert [line.why for line in stays.kept] == [Why.DUTY]
    erased = await erase(person_id, actor_id=None, settings=store, now=AFTER)
    assert erased.kept == 1
    person = await Person.get(id=person_id)
    assert (person.last_name, person.email, person.phone, person.street, person.city) == (
        MARK,
        "",
        "",
        "",
        "",
    )
    assert await Place.filter(id=place_id).count() == 1


async def test_erasing_again_changes_nothing(store: Settings) -> None:
    person_id, place_id = await _signed_up(store)
    await _complete(place_id)
    first = await erase(person_id, actor_id=None, settings=store, now=AFTER)
    assert await erase(person_id, actor_id=None, settings=store, now=AFTER) == first


async def test_nobody_is_erased_in_the_middle_of_a_session(store: Settings) -> None:
    person_id, _place = await _signed_up(store)
    with pytest.raises(StillRunning):
        await erase(person_id, actor_id=None, settings=store, now=STARTS + timedelta(hours=1))


def _files_with(folder: Path, mark: str) -> list[str]:
    found = mark.encode()
    return [
        path.name for path in folder.rglob("*") if path.is_file() and found in path.read_bytes()
    ]
