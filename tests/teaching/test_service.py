"""Who sees what for how long, and what is recorded, on real databases."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from registration.accounts.rules import Held, Identity, Role
from registration.accounts.service import add_account
from registration.catalogue.rules import SessionNotFound
from registration.enrolment import queries as enrolment
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.enrolment.service import cancel
from registration.errors import Forbidden
from registration.forms import parse
from registration.ledger.models import Disclosure, Entry
from registration.settings import Settings
from registration.teaching import queries
from registration.teaching.handing import make_pack
from registration.teaching.models import Attendance, Outcome
from registration.teaching.queries import Stage
from registration.teaching.rules import (
    AssignmentEnded,
    AssignmentNotFound,
    NoAgreement,
    NoSafeguard,
    NotATrainer,
    OutcomeRow,
    OutcomesRefused,
    PackFormat,
    PackPurpose,
    RecipientGiven,
    RecipientKnown,
    RecipientNotFound,
    Recorded,
    RecordedMeanwhile,
)
from registration.teaching.service import (
    add_recipient,
    assign,
    change_recipient,
    end_assignment,
    participants,
    record_outcomes,
)
from tests.teaching.makers import (
    END,
    FIRST,
    LATER,
    NOW,
    School,
    enrol,
    make_recipient,
    make_school,
    make_session,
    make_trainer,
    record,
)

MOMENT = timedelta(microseconds=1)


async def also_teaches(school: School, who: Identity) -> None:
    await assign(
        school.id,
        who.account_id,
        school.recipient_id,
        agreed=True,
        actor_id=None,
        settings=school.settings,
        now=NOW,
    )


async def seen(school: School) -> list[tuple[str, str]]:
    people = await participants(school.id, identity=school.trainer, now=LATER)
    return [(each.name, each.company) for each in people]


@pytest.mark.promise("P7")
async def test_a_trainer_sees_names_and_companies_of_those_who_have_a_seat(store: Settings) -> None:
    school = await make_school(store)
    await enrol(school, "Bo Öhman", company_name="Banan Ab", phone="+358401234567")
    await enrol(school, "Aino Virtanen", street="Ratakatu 1")
    gone = await enrol(school, "Carl Gone")
    await cancel(gone.id, actor_id=None, settings=store, now=NOW)
    assert await seen(school) == [("Aino Virtanen", ""), ("Bo Öhman", "Banan Ab")]


async def test_who_waits_is_not_shown(store: Settings) -> None:
    session = await make_session(capacity=1)
    trainer = await make_trainer()
    recipient_id = await make_recipient()
    await assign(
        session.id,
        trainer.account_id,
        recipient_id,
        agreed=True,
        actor_id=None,
        settings=store,
        now=NOW,
    )
    school = School(session, trainer, recipient_id, store)
    await enrol(school, "Aino Virtanen")
    waiting = await enrol(school, "Bo Öhman")
    assert waiting.status is PlaceStatus.WAITING
    assert await seen(school) == [("Aino Virtanen", "")]


@pytest.mark.promise("P15")
async def test_every_look_is_on_record_for_each_person(store: Settings) -> None:
    school = await make_school(store)
    taken = [await enrol(school, name) for name in ("Aino Virtanen", "Bo Öhman")]
    for _look in range(2):
        await participants(school.id, identity=school.trainer, now=LATER, road="api")
    rows = await Disclosure.all()
    assert sorted(
        (row.person_id, row.purpose, row.road, row.fields_shown, row.recipient_id, row.object_id)
        for row in rows
    ) == sorted(
        (each.person_id, "teaching", "api", "name,company", school.recipient_id, school.id)
        for each in taken
        for _look in range(2)
    )


async def test_another_trainers_session_is_not_there(register: Settings) -> None:
    school = await make_school(register)
    stranger = await make_trainer("Sulo Stranger")
    staff = Identity(school.trainer.account_id, "", "en", None, (Held(Role.STAFF, None),))
    for who in (stranger, staff):
        with pytest.raises(SessionNotFound):
            await participants(school.id, identity=who, now=LATER)
        with pytest.raises(SessionNotFound):
            await record_outcomes(school.id, [], identity=who, now=LATER)
        with pytest.raises(SessionNotFound):
            await make_pack(
                school.id,
                PackPurpose.PERMIT,
                PackFormat.CSV,
                identity=who,
                settings=register,
                now=LATER,
            )
    assert await Disclosure.all().count() == 0


async def refused(school: School, kind: type[Forbidden]) -> None:
    """Neither look, record nor pack, and nothing of it is on record as given."""
    before = await Disclosure.all().count()
    with pytest.raises(kind):
        await participants(school.id, identity=school.trainer, now=LATER)
    with pytest.raises(kind):
        await record(school, {"place_id": str(uuid4()), "completed": True})
    for purpose in PackPurpose:
        with pytest.raises(kind):
            await make_pack(
                school.id,
                purpose,
                PackFormat.JSON,
                identity=school.trainer,
                settings=school.settings,
                now=LATER,
            )
    assert await Disclosure.all().count() == before


@pytest.mark.promise("P7")
async def test_nothing_is_shown_after_the_assignment(register: Settings) -> None:
    school = await make_school(register)
    (assignment,) = await queries.assignments_of_session(school.id)
    assert assignment.ends_at == END + timedelta(days=14)
    await end_assignment(assignment.id, actor_id=None, now=LATER)
    await refused(school, AssignmentEnded)
    with pytest.raises(AssignmentNotFound):
        await end_assignment(assignment.id, actor_id=None, now=LATER)


@pytest.mark.promise("P7")
async def test_access_ends_at_the_moment_it_was_given_for(register: Settings) -> None:
    school = await make_school(register)
    await assign(
        school.id,
        school.trainer.account_id,
        school.recipient_id,
        ends_at=LATER,
        actor_id=None,
        settings=register,
        now=NOW,
    )
    assert await participants(school.id, identity=school.trainer, now=LATER - MOMENT) == ()
    await refused(school, AssignmentEnded)
    assert len(await queries.assignments_of_session(school.id)) == 1


@pytest.mark.promise("P15")
async def test_nothing_is_shown_without_an_agreement(register: Settings) -> None:
    school = await make_school(register)
    given = {"name": "Koulu Oy", "country": "FI"}
    await change_recipient(
        school.recipient_id, parse(RecipientGiven, given), actor_id=None, now=NOW
    )
    await refused(school, NoAgreement)
    ended = given | {"agreement_on": date(2027, 1, 1), "agreement_until": date(2027, 4, 1)}
    await change_recipient(
        school.recipient_id, parse(RecipientGiven, ended), actor_id=None, now=NOW
    )
    await refused(school, NoAgreement)


@pytest.mark.promise("P16")
async def test_outside_the_eea_nothing_until_a_safeguard_is_recorded(
    register: Settings,
) -> None:
    school = await make_school(register)
    given = {"name": "Rail Ltd", "country": "GB", "agreement_on": date(2027, 1, 1)}
    await change_recipient(
        school.recipient_id, parse(RecipientGiven, given), actor_id=None, now=NOW
    )
    await enrol(school)
    await refused(school, NoSafeguard)
    safe = given | {"safeguard": "Standard clauses, 1.3.2027"}
    await change_recipient(school.recipient_id, parse(RecipientGiven, safe), actor_id=None, now=NOW)
    assert await seen(school) == [("Aino Virtanen", "")]


async def test_recipients_are_known_by_name(register: Settings) -> None:
    recipient_id = await make_recipient("Raidekoulu Oy")
    given = parse(RecipientGiven, {"name": "Raidekoulu Oy", "country": "SE"})
    with pytest.raises(RecipientKnown):
        await add_recipient(given, actor_id=None, now=NOW)
    other = parse(RecipientGiven, {"name": "Muu Oy", "country": "SE"})
    with pytest.raises(RecipientNotFound):
        await change_recipient(uuid4(), other, actor_id=None, now=NOW)
    assert [line.country for line in await queries.recipients()] == ["FI"]
    assert await queries.recipient_names([recipient_id, uuid4()]) == {recipient_id: "Raidekoulu Oy"}


async def test_only_a_trainer_is_assigned_and_only_for_a_known_organisation(
    register: Settings,
) -> None:
    school = await make_school(register)
    staff = await add_account(
        "staff@house.example", "Staff", Role.STAFF, nda_on=date(2027, 1, 1), now=NOW
    )
    with pytest.raises(NotATrainer):
        await assign(
            school.id, staff, school.recipient_id, actor_id=None, settings=register, now=NOW
        )
    with pytest.raises(RecipientNotFound):
        await assign(
            school.id,
            school.trainer.account_id,
            uuid4(),
            actor_id=None,
            settings=register,
            now=NOW,
        )
    with pytest.raises(SessionNotFound):
        await assign(
            uuid4(),
            school.trainer.account_id,
            school.recipient_id,
            actor_id=None,
            settings=register,
            now=NOW,
        )


async def stands(school: School, place_id: UUID) -> tuple[Recorded, int]:
    people = await participants(school.id, identity=school.trainer, now=LATER)
    return next((each.recorded, each.version) for each in people if each.place_id == place_id)


@pytest.mark.promise("P9")
async def test_outcomes_are_recorded_bit_by_bit(store: Settings) -> None:
    school = await make_school(store)
    place = (await enrol(school)).id
    first, second = school.days
    await record(school, {"place_id": place, "attendance": {str(first): True}}, now=FIRST)
    assert (await enrolment.place(place)).status is PlaceStatus.CONFIRMED
    await record(school, {"place_id": place, "attendance": {"2027-04-02": False}, "grade": "3"})
    await record(school, {"place_id": place, "completed": True, "version": 2})
    assert await stands(school, place) == (Recorded({first: True, second: False}, "3", True), 3)
    assert (await enrolment.place(place)).status is PlaceStatus.ATTENDED
    await record(school, {"place_id": place, "attendance": {"2027-04-02": None}, "grade": ""})
    assert await stands(school, place) == (Recorded({first: True}, "", True), 4)
    entries = await Entry.filter(act="outcome-recorded").order_by("number")
    assert [(each.object_id, each.actor_id) for each in entries] == [
        (place, school.trainer.account_id)
    ] * 4


async def test_recording_the_same_again_changes_nothing(register: Settings) -> None:
    school = await make_school(register)
    place = (await enrol(school)).id
    row = {"place_id": place, "attendance": {"2027-04-01": True}, "grade": "4", "completed": True}
    await record(school, row)
    before = await Entry.all().count()
    await record(school, row, now=LATER + timedelta(minutes=1))
    assert await Entry.all().count() == before
    assert [row.recorded_at for row in await Outcome.all()] == [LATER]


async def test_no_show_only_if_the_trainer_says_so(register: Settings) -> None:
    school = await make_school(register)
    place = (await enrol(school)).id
    absent = {"2027-04-01": False, "2027-04-02": False}
    await record(school, {"place_id": place, "attendance": absent, "completed": False})
    assert (await enrolment.place(place)).status is PlaceStatus.CONFIRMED
    await record(school, {"place_id": place, "no_show": True})
    assert (await enrolment.place(place)).status is PlaceStatus.NO_SHOW
    assert (await stands(school, place))[0].no_show is True
    came = {"2027-04-01": True}
    await record(
        school, {"place_id": place, "no_show": False, "attendance": came, "completed": True}
    )
    assert (await enrolment.place(place)).status is PlaceStatus.ATTENDED


async def test_one_wrong_row_stops_all_and_each_is_named(store: Settings) -> None:
    school = await make_school(store)
    good, bad = (await enrol(school)).id, (await enrol(school, "Bo Öhman")).id
    with pytest.raises(OutcomesRefused) as caught:
        await record(
            school,
            {"place_id": good, "grade": "5", "completed": True},
            {"place_id": bad, "grade": "6", "attendance": {"2027-04-03": True}},
            {"place_id": uuid4(), "completed": True},
            {"place_id": good, "grade": "1"},
        )
    assert [(error.field, error.code) for error in caught.value.errors] == [
        ("rows.1.attendance", "day"),
        ("rows.1.grade", "grade"),
        ("rows.2.place_id", "unknown"),
        ("rows.3.place_id", "twice"),
    ]
    assert (await Outcome.all().count(), await Attendance.all().count()) == (0, 0)
    assert (await enrolment.place(good)).status is PlaceStatus.CONFIRMED


async def test_another_sessions_place_is_unknown(register: Settings) -> None:
    school, other = await make_school(register), await make_school(register)
    place = (await enrol(other)).id
    with pytest.raises(OutcomesRefused):
        await record(school, {"place_id": place, "completed": True})
    assert await Outcome.all().count() == 0


async def test_two_trainers_at_once_the_second_is_told(store: Settings) -> None:
    school = await make_school(store)
    second = await make_trainer("Timo Trainer")
    await also_teaches(school, second)
    place, other = (await enrol(school)).id, (await enrol(school, "Bo Öhman")).id

    told: list[tuple[tuple[UUID, ...], list[str]]] = []

    async def grade(who: Identity, text: str) -> str:
        rows = [
            parse(OutcomeRow, {"place_id": place, "grade": text, "version": 0}),
            parse(OutcomeRow, {"place_id": other, "grade": text, "version": 0}),
        ]
        try:
            await record_outcomes(school.id, rows, identity=who, now=LATER)
        except RecordedMeanwhile as conflict:
            told.append((conflict.places, [error.field for error in conflict.errors]))
            return "told"
        return text

    answers = await asyncio.gather(grade(school.trainer, "3"), grade(second, "4"))
    (kept,) = [answer for answer in answers if answer != "told"]
    assert sorted(answers) == [kept, "told"]
    assert told == [((place, other), ["rows.0.version", "rows.1.version"])]
    assert [row.grade for row in await Outcome.all()] == [kept, kept]


async def test_two_trainers_with_different_people_do_not_meet(store: Settings) -> None:
    school = await make_school(store)
    second = await make_trainer("Timo Trainer")
    await also_teaches(school, second)
    mine, theirs = (await enrol(school)).id, (await enrol(school, "Bo Öhman")).id

    def row(place: UUID) -> OutcomeRow:
        return parse(OutcomeRow, {"place_id": place, "completed": True, "version": 0})

    await asyncio.gather(
        record_outcomes(school.id, [row(mine)], identity=school.trainer, now=LATER),
        record_outcomes(school.id, [row(theirs)], identity=second, now=LATER),
    )
    assert [place.status for place in await Place.all()] == ["attended", "attended"]


async def test_the_list_of_sessions_says_where_each_stands(store: Settings) -> None:
    school = await make_school(store)
    place, other = (await enrol(school)).id, (await enrol(school, "Bo Öhman")).id

    async def stage(now: datetime) -> tuple[Stage, int, int]:
        (each,) = await queries.assigned_sessions(school.trainer.account_id, now=now)
        return each.stage, each.people, each.decided

    assert await stage(FIRST - timedelta(days=2)) == (Stage.AHEAD, 2, 0)
    assert await stage(NOW) == (Stage.TODAY, 2, 0)
    assert await stage(FIRST + timedelta(hours=13)) == (Stage.TODAY, 2, 0)
    assert await stage(FIRST + timedelta(hours=16)) == (Stage.TODAY, 2, 0)
    assert await stage(LATER) == (Stage.TO_RECORD, 2, 0)
    await record(school, {"place_id": place, "completed": True})
    assert await stage(LATER) == (Stage.TO_RECORD, 2, 1)
    await record(school, {"place_id": other, "no_show": True})
    assert await stage(LATER) == (Stage.DONE, 2, 2)
    assert await stage(END + timedelta(days=14)) == (Stage.CLOSED, 2, 2)
    (each,) = await queries.assigned_sessions(
        school.trainer.account_id, now=END + timedelta(days=14)
    )
    assert each.refusal == AssignmentEnded.message


async def test_outcomes_of_places_without_a_record_are_there_too(register: Settings) -> None:
    school = await make_school(register)
    place, other = (await enrol(school)).id, (await enrol(school, "Bo Öhman")).id
    await record(school, {"place_id": place, "grade": "2"})
    found = await queries.outcomes_of([place, other])
    assert {key: (line.recorded.grade, line.version) for key, line in found.items()} == {
        place: ("2", 1),
        other: ("", 0),
    }
