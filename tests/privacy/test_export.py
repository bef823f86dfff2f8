"""The copy for programs: all of it, nobody else in it, and no more memory for much than for little
(P11)."""

from __future__ import annotations

import tracemalloc
from uuid import UUID, uuid4

import orjson
import pytest

from registration.accounts.rules import Role
from registration.db import connection
from registration.enrolment.employees import enrol_one
from registration.enrolment.models import Place
from registration.ledger.models import Entry
from registration.people.consents import allow
from registration.people.rules import Contact, Purpose
from registration.privacy.export import SCHEMA, export, export_of_account, pieces
from registration.privacy.models import Hold
from registration.privacy.objectable import Ground
from registration.privacy.request_rules import RequestKind
from registration.privacy.requests import note_done
from registration.privacy.restrictions import restrict
from registration.settings import Settings
from tests.builders import NOON, make_account, make_participant, make_person
from tests.enrolment.makers import make_company, make_session
from tests.teaching.makers import enrol, make_school, record

MANY = 20_000
LONG = 2_000


async def _copy(person_id: UUID, **more: object) -> dict[str, object]:
    return await export(person_id, actor_id=None, house="Raide Oy", now=NOON, **more)  # type: ignore[arg-type]  # by their names


@pytest.mark.promise("P11")
async def test_it_says_what_it_is_and_holds_each_part(store: Settings) -> None:
    person, account = await make_participant()
    await allow(
        person.id, [Purpose.NEWSLETTER], language="fi", proven=True, secret=store.secret, now=NOON
    )
    await note_done(RequestKind.ACCESS, person.id, account_id=account, now=NOON)
    await restrict(person.id, Ground.ACCURACY, actor_id=account, now=NOON)
    copy = await _copy(person.id)
    assert list(copy) == [
        "schema", "made_at", "places", "consents", "requests", "restrictions", "seen", "held",
    ]  # fmt: skip
    assert (copy["schema"], copy["made_at"]) == (SCHEMA, NOON.isoformat())
    assert copy["consents"] == [
        {"purpose": "newsletter", "given_at": NOON.isoformat(), "withdrawn_at": None}
    ]
    kinds = [each["kind"] for each in copy["requests"]]  # type: ignore[attr-defined]  # a list
    assert kinds == ["restriction", "access"]
    assert copy["restrictions"] == [
        {
            "kind": "restrict",
            "of": "everything",
            "made_at": NOON.isoformat(),
            "upheld": None,
            "ended_at": None,
        }
    ]


@pytest.mark.promise("P11")
async def test_nobody_else_is_in_it_not_even_as_an_id(store: Settings) -> None:
    company = await make_company()
    clerk = await make_account(Role.COORDINATOR, "kirsi@rata.example", company_id=company)
    contact = Contact("Eero", "Employee", "eero@rata.example", language="en")
    answer = await enrol_one(
        await make_session(seats=3),
        contact,
        company_id=company,
        actor_id=clerk,
        settings=store,
        now=NOON,
    )
    person_id = (await Place.get(id=answer.place_id)).person_id
    copy = await _copy(person_id)
    text = orjson.dumps(copy).decode()
    assert str(clerk) not in text
    assert "kirsi" not in text
    (row,) = copy["held"]["place"]["rows"]  # type: ignore[index]  # as JSON
    assert (row["enrolled_by"], row["company_id"]) == ("coordinator", str(company))
    assert {each["actor_id"] for each in copy["held"]["ledger_entry"]["rows"]} <= {  # type: ignore[index]
        "coordinator",
        None,
    }


async def test_who_recorded_a_result_is_a_trainer(register: Settings) -> None:
    school = await make_school(register)
    taken = await enrol(school)
    await record(school, {"place_id": taken.id, "grade": "4", "completed": True})
    copy = await _copy(taken.person_id)
    (row,) = copy["held"]["outcome"]["rows"]  # type: ignore[index]  # as JSON
    assert row["recorded_by"] == "trainer"
    assert str(school.trainer.account_id) not in orjson.dumps(copy).decode()


async def test_what_is_left_out_is_left_out_and_nothing_else(store: Settings) -> None:
    person = await make_person(company_name="Rata Oy")
    copy = await _copy(person.id, left_out=[("person", person.id, "company_name")])
    (row,) = copy["held"]["person"]["rows"]  # type: ignore[index]  # as JSON
    assert "company_name" not in row
    assert row["first_name"] == "Aino"
    none = await _copy(person.id, left_out=[("person", person.id, "")])
    assert "person" not in none["held"]  # type: ignore[operator]  # as JSON


async def test_a_silent_hold_is_in_no_copy(store: Settings) -> None:
    person = await make_person()
    hold = await Hold.create(
        id=uuid4(),
        person_id=person.id,
        authority="Poliisi",
        reference="RT 1/2026",
        reason="x",
        silent=True,
        review_on=NOON.date(),
        placed_by=uuid4(),
        placed_at=NOON,
    )
    await Entry.create(act="hold-placed", at=NOON, subject_id=person.id, object_id=hold.id)
    text = orjson.dumps(await _copy(person.id)).decode()
    assert "Poliisi" not in text
    assert "hold-placed" not in text


async def test_a_copy_is_on_record_before_its_first_word(store: Settings) -> None:
    person = await make_person()
    stream = pieces(person.id, actor_id=None, house="Raide Oy", now=NOON)
    await anext(stream)
    assert await Entry.filter(act="person-exported", subject_id=person.id).count() == 1
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator


@pytest.mark.promise("P11")
async def test_a_copy_of_forty_megabytes_fits_in_little_memory_and_holds_nobody_up(
    register: Settings,
) -> None:
    person, other = await make_person(), await make_person("Onni", "Virtanen")
    await connection("main").execute_query(
        """
        INSERT INTO ledger_entry (at, act, subject_id, detail)
        WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
        SELECT ?, 'place-changed', ?, '{"codes":["' || printf('%.*c', ?, 'x') || '"]}' FROM counted
        """,
        [MANY, NOON.isoformat(" "), str(person.id), LONG],
    )
    size = longest = asked = 0
    tracemalloc.start()
    async for piece in pieces(person.id, actor_id=None, house="Raide Oy", now=NOON):
        size, longest = size + len(piece), max(longest, len(piece))
        if len(piece) > 100_000 and not asked:
            # Somebody else is served in the middle of it.
            asked = len(await _copy(other.id))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > MANY * LONG
    assert asked == 8
    assert longest < 2_000_000
    assert peak < 16_000_000


@pytest.mark.promise("P11")
async def test_an_account_without_a_person_has_a_copy_too(store: Settings) -> None:
    account = await make_account(Role.STAFF, "sari@raide.example", "Sari Staff")
    same, _login = await make_participant("sari@raide.example")
    stream = export_of_account(account, actor_id=account, house="Raide Oy", now=NOON)
    copy = orjson.loads(b"".join([piece async for piece in stream]))
    (row,) = copy["held"]["account"]["rows"]
    assert (row["name"], row["email"]) == ("Sari Staff", "sari@raide.example")
    assert "person" not in copy["held"]
    assert str(same.id) not in orjson.dumps(copy).decode()
