"""Final results stay as they are until staff reopen them, and every correction is on record."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from registration.accounts.rules import Identity, Role
from registration.catalogue.rules import SessionNotFound
from registration.enrolment import queries as enrolment
from registration.enrolment.rules import PlaceNotFound, PlaceStatus
from registration.forms import parse
from registration.ledger.models import Disclosure, Entry
from registration.privacy.export import export
from registration.qualifications.models import Certificate
from registration.qualifications.service import issue_for_session
from registration.settings import Settings
from registration.teaching import absences, locking, queries
from registration.teaching.history import (
    ChangeLine,
    Stood,
    changed_places,
    changes_of,
    shown_history,
)
from registration.teaching.locking import LockLine, ReopenGiven, locks_of
from registration.teaching.models import Outcome, OutcomeChange, ResultLock
from registration.teaching.rules import (
    NotAllDecided,
    NotHeldYet,
    NotLocked,
    OutcomeRow,
    OutcomesRefused,
    Recorded,
    RecordedMeanwhile,
    ResultsLocked,
)
from registration.teaching.service import assign, lock_results, participants, record_outcomes
from tests.builders import make_account
from tests.teaching.makers import (
    END,
    FIRST,
    LATER,
    NOW,
    SECOND,
    School,
    enrol,
    make_school,
    make_trainer,
    record,
)

BOTH = {"2027-04-01": True, "2027-04-02": True}
MISTAKE = ReopenGiven(because="Two grades were mixed up")


async def make_ruled(settings: Settings) -> School:
    """There on both days with grade 2 it is completed."""
    return await make_school(settings, attendance_percent=100, lowest_grade="2")


async def lock(school: School) -> None:
    await lock_results(school.id, identity=school.trainer, now=LATER)


async def make_staff() -> UUID:
    return await make_account(Role.STAFF, "sirpa@house.example", "Sirpa Staff")


async def test_nothing_is_recorded_while_the_results_are_final(store: Settings) -> None:
    school = await make_school(store)
    place = (await enrol(school)).id
    await record(school, {"place_id": place, "grade": "4", "completed": True})
    await lock(school)
    with pytest.raises(ResultsLocked):
        await record(school, {"place_id": place, "grade": "5"})
    with pytest.raises(ResultsLocked):
        await lock(school)
    with pytest.raises(ResultsLocked):
        await absences.no_show(place, actor_id=None, now=LATER)
    assert [row.grade for row in await Outcome.all()] == ["4"]
    assert (await queries.assigned_session(school.id, school.trainer.account_id, now=LATER)).locked
    people = await participants(school.id, identity=school.trainer, now=LATER)
    assert [each.recorded for each in people] == [Recorded({}, "4", True)]


async def test_staff_reopen_with_a_reason_and_all_of_it_is_on_record(store: Settings) -> None:
    school, staff = await make_school(store), await make_staff()
    place = (await enrol(school)).id
    await record(school, {"place_id": place, "completed": True})
    await lock(school)
    again = LATER + timedelta(hours=1)
    await locking.reopen(school.id, MISTAKE, actor_id=staff, now=again)
    await record(school, {"place_id": place, "grade": "5"}, now=again)
    with pytest.raises(NotLocked):
        await locking.reopen(school.id, MISTAKE, actor_id=staff, now=again)
    await locking.lock(school.id, actor_id=staff, now=again + timedelta(hours=1))
    assert await locks_of(school.id) == (
        LockLine(again + timedelta(hours=1), "Sirpa Staff", None, "", ""),
        LockLine(LATER, "Tuija Trainer", again, "Sirpa Staff", "Two grades were mixed up"),
    )
    acts = await Entry.filter(act__startswith="results").order_by("number")
    assert [(each.act, each.actor_id, each.object_id) for each in acts] == [
        ("results-locked", school.trainer.account_id, school.id),
        ("results-reopened", staff, school.id),
        ("results-locked", staff, school.id),
    ]


async def test_the_trainer_makes_final_what_is_held_and_decided(store: Settings) -> None:
    school = await make_school(store)
    one, two, three = [(await enrol(school, name)).id for name in ("A Yksi", "B Kaksi", "C Kolme")]
    await record(school, {"place_id": one, "completed": False})
    await record(school, {"place_id": two, "no_show": True})
    with pytest.raises(NotHeldYet):
        await lock_results(school.id, identity=school.trainer, now=SECOND - timedelta(seconds=1))
    with pytest.raises(NotAllDecided) as refused:
        await lock(school)
    assert refused.value.params == {"count": 1}
    await record(school, {"place_id": three, "completed": True})
    await lock_results(school.id, identity=school.trainer, now=SECOND)
    assert await ResultLock.all().count() == 1


async def test_staff_make_final_what_is_undecided_too_and_strangers_nothing(
    register: Settings,
) -> None:
    school, staff = await make_school(register), await make_staff()
    await enrol(school)
    with pytest.raises(SessionNotFound):
        await lock_results(school.id, identity=await make_trainer("Sulo"), now=LATER)
    with pytest.raises(SessionNotFound):
        await locking.lock(uuid4(), actor_id=staff, now=LATER)
    await locking.lock(school.id, actor_id=staff, now=FIRST)
    assert await locking.is_locked(school.id)


async def test_a_lock_and_a_grade_at_once_leave_one_answer(store: Settings) -> None:
    school = await make_school(store)
    place = (await enrol(school)).id
    await record(school, {"place_id": place, "completed": True})

    async def grade() -> str:
        try:
            await record(school, {"place_id": place, "grade": "5"})
        except ResultsLocked:
            return "too late"
        return "graded"

    said, _none = await asyncio.gather(grade(), lock(school))
    (row,) = await Outcome.all()
    assert (said, row.grade) in {("too late", ""), ("graded", "5")}


@pytest.mark.promise("P9")
async def test_the_rule_decides_and_its_certificate_follows(store: Settings) -> None:
    school = await make_ruled(store)
    one, two = [(await enrol(school, name)).id for name in ("A Yksi", "B Kaksi")]
    await record(
        school,
        {"place_id": one, "attendance": BOTH, "grade": "3"},
        {"place_id": two, "attendance": {**BOTH, "2027-04-02": False}, "grade": "5"},
    )
    stands = {row.place_id: row.completed for row in await Outcome.all()}
    assert stands == {one: True, two: False}
    assert (await enrolment.place(two)).status is PlaceStatus.ATTENDED
    await issue_for_session(school.id, actor_id=None, settings=store, now=LATER)
    assert [row.place_id for row in await Certificate.filter(current=True)] == [one]
    await record(school, {"place_id": one, "grade": "1"})
    done = await issue_for_session(school.id, actor_id=None, settings=store, now=LATER)
    assert (len(done.issued), len(done.revoked)) == (0, 1)


async def test_an_override_needs_a_reason_and_is_kept_with_it(store: Settings) -> None:
    school = await make_ruled(store)
    place = (await enrol(school)).id
    absent = {"place_id": place, "attendance": {"2027-04-01": True, "2027-04-02": False}}
    with pytest.raises(OutcomesRefused) as refused:
        await record(school, absent | {"grade": "5", "completed": True})
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("rows.0.because", "against_rule")
    ]
    assert await Outcome.all().count() == 0
    await record(school, absent | {"grade": "5", "completed": True, "because": "Made it up later"})
    (row,) = await Outcome.all()
    assert (row.completed, row.overridden_because) == (True, "Made it up later")
    await record(school, {"place_id": place, "attendance": {"2027-04-02": True}})
    (row,) = await Outcome.all()
    assert (row.completed, row.overridden_because) == (True, "")
    (change,) = await changes_of(place)
    assert (change.before.because, change.after.because) == ("Made it up later", "")


async def test_bad_marks_are_named_and_nothing_is_kept(store: Settings) -> None:
    school = await make_ruled(store)
    place = (await enrol(school)).id
    with pytest.raises(OutcomesRefused) as refused:
        await record(
            school,
            {"place_id": place, "grade": "6", "attendance": {"2027-04-03": True}},
            {"place_id": place, "grade": "5"},
            now=FIRST,
        )
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("rows.0.attendance", "day"),
        ("rows.0.grade", "grade"),
        ("rows.1.place_id", "twice"),
    ]
    with pytest.raises(OutcomesRefused) as refused:
        await record(school, {"place_id": place, "attendance": BOTH}, now=FIRST)
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("rows.0.attendance", "day_ahead")
    ]
    assert await Outcome.all().count() == 0


@pytest.mark.promise("P11")
async def test_each_save_that_changes_a_result_is_in_the_history(store: Settings) -> None:
    school = await make_school(store)
    taken = await enrol(school)
    place, first = taken.id, date(2027, 4, 1)
    await record(school, {"place_id": place, "attendance": {"2027-04-01": True}}, now=FIRST)
    assert await changes_of(place) == ()
    await record(school, {"place_id": place, "grade": "3", "completed": True}, now=END)
    await record(school, {"place_id": place, "grade": "3", "completed": True}, now=END)
    await record(school, {"place_id": place, "grade": "4", "attendance": {"2027-04-01": None}})
    who = school.trainer.account_id
    middle = Stood({first: True}, "3", True, False, "")
    assert await changes_of(place) == (
        ChangeLine(LATER, who, "Tuija Trainer", middle, Stood({}, "4", True, False, "")),
        ChangeLine(END, who, "Tuija Trainer", Stood({first: True}, "", None, False, ""), middle),
    )
    held = (await export(taken.person_id, actor_id=None, house="Raide Oy", now=LATER))["held"]
    assert isinstance(held, dict)
    rows = sorted(held["outcome_change"]["rows"], key=lambda row: str(row["changed_at"]))
    assert [(row["grade_before"], row["grade_after"]) for row in rows] == [("", "3"), ("3", "4")]
    assert [row["attendance_after"] for row in rows] == [{"2027-04-01": True}, {}]


@pytest.mark.promise("P15")
async def test_the_trainer_sees_the_history_of_those_they_teach(store: Settings) -> None:
    school, other = await make_school(store), await make_school(store)
    place, theirs = (await enrol(school)).id, (await enrol(other)).id
    await record(school, {"place_id": place, "grade": "3"})
    await record(school, {"place_id": place, "grade": "4"})
    before = await Disclosure.all().count()
    shown = await shown_history(school.id, place, identity=school.trainer, now=LATER)
    assert (shown.name, [each.after.grade for each in shown.changes]) == ("Aino Virtanen", ["4"])
    assert await Disclosure.all().count() == before + 1
    with pytest.raises(PlaceNotFound):
        await shown_history(school.id, theirs, identity=school.trainer, now=LATER)
    with pytest.raises(SessionNotFound):
        await shown_history(other.id, theirs, identity=school.trainer, now=LATER)
    assert await changed_places([place, theirs]) == {place}


async def test_staff_say_who_did_not_come_and_it_is_in_the_history(store: Settings) -> None:
    school, staff = await make_school(store), await make_staff()
    place = (await enrol(school)).id
    await absences.no_show(place, actor_id=staff, now=FIRST)
    assert (await enrolment.place(place)).status is PlaceStatus.NO_SHOW
    assert await changes_of(place) == ()
    await absences.came_after_all(place, actor_id=staff, now=LATER)
    (change,) = await changes_of(place)
    assert (change.by_name, change.before.no_show, change.after.no_show) == (
        "Sirpa Staff",
        True,
        False,
    )


async def test_of_two_trainers_at_once_the_second_is_told_and_the_history_is_whole(
    store: Settings,
) -> None:
    school = await make_ruled(store)
    second = await make_trainer("Timo Trainer")
    await assign(
        school.id,
        second.account_id,
        school.recipient_id,
        agreed=True,
        actor_id=None,
        settings=store,
        now=NOW,
    )
    place = (await enrol(school)).id
    await record(school, {"place_id": place, "attendance": BOTH, "grade": "2"})

    async def grade(who: Identity, text: str) -> str:
        row = parse(OutcomeRow, {"place_id": place, "grade": text, "version": 1})
        try:
            await record_outcomes(school.id, [row], identity=who, now=LATER)
        except RecordedMeanwhile:
            return "told"
        return text

    answers = await asyncio.gather(grade(school.trainer, "3"), grade(second, "1"))
    (kept,) = [answer for answer in answers if answer != "told"]
    (row,) = await Outcome.all()
    assert (row.grade, row.completed, row.version) == (kept, kept == "3", 2)
    assert [each.grade_after for each in await OutcomeChange.all()] == [kept]
