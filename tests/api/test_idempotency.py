"""A POST with a key is done once, however often and however fast it is sent."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from registration import db
from registration.catalogue.models import Training
from registration.catalogue.rules import TrainingGiven
from registration.catalogue.service import add_training
from registration.db import transaction
from registration.enrolment import answers
from registration.enrolment.answers import Answer, KeyReused, answer_once, drop_old
from registration.enrolment.models import Place, StoredAnswer
from registration.forms import parse
from registration.settings import Settings
from tests.api.makers import NOW, House, found, make_event, make_session, person, refused


async def test_a_repeat_has_the_same_answer(house: House) -> None:
    session = await make_session(house)
    path, key = f"/sessions/{session['id']}/enrolments", str(uuid4())
    first = await house.post(path, {"person": person(1)}, key=key)
    again = await house.post(path, {"person": person(1)}, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert await Place.all().count() == 1


async def test_the_same_key_with_other_content(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    found(await house.post(path, {"person": person(1)}, key="one"), 201)
    answer = await house.post(path, {"person": person(2)}, key="one")
    assert refused(answer, 422) == {"Idempotency-Key": "key_reused"}
    assert await Place.all().count() == 1


async def test_a_key_is_the_callers_and_the_addresss_own(house: House) -> None:
    one, other = await make_session(house), await make_session(house)
    for session in (one, other):
        path = f"/sessions/{session['id']}/enrolments"
        for who, number in (("", 1), ("company", 2), ("company2", 3)):
            given = {"person": person(number)}
            found(await house.post(path, given, key="same", who=who), 201)
    assert await Place.all().count() == 6


async def test_without_a_key_each_call_counts(house: House) -> None:
    for _call in range(2):
        given = {"title": {"fi": "Sama"}}
        found(await house.post("/trainings", given, who="staff"), 201)
    for _call in range(2):
        found(await house.post("/trainings", given, who="staff", key="k"), 201)
    assert await Training.all().count() == 3


async def test_a_refusal_frees_the_key(house: House) -> None:
    session = await make_session(house, capacity=1, waiting_open=False)
    path = f"/sessions/{session['id']}/enrolments"
    found(await house.post(path, {"person": person(1)}), 201)
    assert refused(await house.post(path, {"person": person(2)}, key="k"), 409) == {}
    found(await house.call("PATCH", f"/sessions/{session['id']}", {"capacity": 2}, who="staff"))
    found(await house.post(path, {"person": person(2)}, key="k"), 201)


async def test_many_at_once_are_done_once(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    sent = [house.post(path, {"person": person(1)}, key="rush") for _call in range(12)]
    answers_given = await asyncio.gather(*sent)
    codes = [answer.status_code for answer in answers_given]
    assert set(codes) <= {201, 409}
    assert codes.count(201) >= 1
    assert len({answer.content for answer in answers_given if answer.status_code == 201}) == 1
    late = {a.json()["code"] for a in answers_given if a.status_code == 409}
    assert late <= {"still_running"}
    assert await Place.all().count() == 1


async def test_a_group_is_enrolled_once(house: House) -> None:
    session = await make_session(house)
    path, given = f"/sessions/{session['id']}/enrolments", {"people": [person(1), person(2)]}
    first = await house.post(path, given, who="company", key="k")
    again = await house.post(path, given, who="company", key="k")
    assert found(first, 201) == found(again, 201)
    assert first.json()["confirmed"] == 2


async def test_when_the_answer_was_lost_the_place_is_still_the_same(house: House) -> None:
    session = await make_session(house)
    path = f"/sessions/{session['id']}/enrolments"
    first = found(await house.post(path, {"person": person(1)}, key="k"), 201)
    async with transaction():
        await StoredAnswer.all().delete()
    assert found(await house.post(path, {"person": person(1)}, key="k"), 201) == first


@pytest.mark.promise("P5")
async def test_nothing_of_a_person_is_kept_with_the_answer(house: House) -> None:
    made = await make_event(house, catered=True)
    given = {
        "person": person(1),
        "diet": {"other": "Marked-Food", "needs": ["vegan"], "consent": True},
    }
    found(await house.post(f"/events/{made['id']}/registrations", given, key="my-key"), 201)
    account = {"email": "new@house.example", "name": "Nea New", "role": "trainer"}
    found(await house.post("/accounts", account, who="staff", key="other-key"), 201)
    rows = await StoredAnswer.all()
    text = "".join(f"{row.key}{row.request_digest}{row.body}" for row in rows).lower()
    assert len(rows) == 2
    for word in ("aino", "virtanen", "marked", "vegan", "my-key", "nea", "house.example"):
        assert word not in text


@pytest.mark.parametrize("key", ["", " ", "a" * 256])
async def test_what_is_no_key(house: House, key: str) -> None:
    given = {"title": {"fi": "Sama"}}
    answer = await house.post("/trainings", given, who="staff", key=key)
    assert answer.status_code == (201 if key == "" else 400)


async def test_old_answers_go(house: House) -> None:
    found(await house.post("/trainings", {"title": {"fi": "A"}}, who="staff", key="k"), 201)
    assert await drop_old(now=NOW) == 0
    assert await drop_old(now=NOW + 2 * answers.KEPT_FOR) == 1


async def test_two_processes_at_once(postgres: Settings) -> None:
    """Another process stores its answer while this one is at work: that answer counts."""
    await db.connect(postgres)
    key, digest = "k" * 64, "d" * 64
    other = await asyncpg.connect(postgres.database_url)

    async def overtaken() -> Answer:
        await add_training(parse(TrainingGiven, {"title": "Mine"}), actor_id=None, now=NOW)
        await other.execute(
            "INSERT INTO stored_answer (key, request_digest, status, body, created_at) "
            "VALUES ($1, $2, 201, 'theirs', $3)",
            key,
            digest,
            NOW,
        )
        return Answer(201, "mine")

    try:
        assert await answer_once(key, digest, overtaken, now=NOW) == Answer(201, "theirs", True)
        assert await Training.all().count() == 0
        with pytest.raises(KeyReused):
            await answer_once(key, "e" * 64, overtaken, now=NOW)
    finally:
        await other.close()
        await db.disconnect()
