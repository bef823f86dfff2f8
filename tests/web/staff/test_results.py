"""Staff see what trainers answered and recorded, by which rule, and whether it is final."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import SessionLine
from registration.i18n import format_date
from registration.settings import Settings
from registration.teaching.locking import is_locked
from registration.teaching.queries import assignments_of_session
from registration.teaching.rules import Invitation
from registration.teaching.service import decline, lock_results
from tests.teaching.makers import School, enrol, make_recipient, make_school, record
from tests.web.staff.conftest import House, error, ticked, value, words

HOUR = timedelta(hours=1)


async def make_today(settings: Settings, **rule: object) -> School:
    """A session of one day that ended two hours ago."""
    start = clock.now() - 9 * HOUR
    return await make_school(
        settings, days=1, capacity=9, start=start, agreed=True, recipient_id=None, **rule
    )


async def test_a_training_has_a_rule_in_its_form(house: House) -> None:
    form = {
        "title_en": "Hot work",
        "hours": "8",
        "grade_scale": "percent",
        "attendance_percent": "80",
        "lowest_grade": "65",
    }
    assert (await house.staff.post("/staff/trainings/new", data=form)).status_code == 303
    (made,) = await catalogue.trainings(published_only=False)
    assert (made.attendance_percent, made.lowest_grade) == (80, "65")
    path = f"/staff/trainings/{made.id}"
    page = await house.staff.get(path)
    assert (value(page, "attendance_percent"), value(page, "lowest_grade")) == ("80", "65")
    wrong = form | {"attendance_percent": "120", "lowest_grade": "pass"}
    answer = await house.staff.post(path, data=wrong)
    assert answer.status_code == 422
    assert error(answer, "lowest_grade") == ["The grade is a whole number from 0 to 100."]
    assert len(error(answer, "attendance_percent")) == 1
    assert value(answer, "lowest_grade") == "pass"


async def test_a_trainer_is_asked_unless_they_have_agreed(house: House) -> None:
    school = await make_school(house.settings, start=clock.now() + 24 * HOUR)
    path = f"/staff/sessions/{school.id}/trainers"
    form = {"account": str(house.trainer_id), "recipient": str(await make_recipient())}
    await house.staff.post(path, data=form)
    lines = {line.account_id: line for line in await assignments_of_session(school.id)}
    assert lines[house.trainer_id].invitation is Invitation.INVITED
    page = await house.staff.get(f"/staff/sessions/{school.id}")
    assert sorted(words(page, "#trainers tbody .badge")) == ["Asked", "Has accepted"]
    sheet = await house.staff.get(f"/staff/sessions/{school.id}/sheet")
    assert "Tea Trainer" not in sheet.text
    await house.staff.post(path, data=form | {"agreed": "1"})
    page = await house.staff.get(f"/staff/sessions/{school.id}")
    assert words(page, "#trainers tbody .badge") == ["Has accepted", "Has accepted"]
    again = await house.staff.post(path, data={"agreed": "1"})
    assert (again.status_code, ticked(again, "agreed")) == (422, ["1"])


async def test_who_declined_is_on_the_first_page_and_the_sessions(house: House) -> None:
    school = await make_school(house.settings, start=clock.now() + 24 * HOUR, agreed=False)
    await decline(school.id, "Away that week", identity=school.trainer, now=clock.now())
    home = await house.staff.get("/staff")
    assert words(home, "#decide .line-list li") == [
        f"Tuija Trainer Track safety {_day(school.session)}Away that week"
    ]
    page = await house.staff.get(f"/staff/sessions/{school.id}")
    assert words(page, "#trainers tbody .when-where") == ["Has declinedAway that week"]


def _day(session: SessionLine) -> str:
    return format_date(session.starts_at, zone=ZoneInfo(session.zone))


async def test_the_session_shows_its_rule_what_stands_against_it_and_corrections(
    house: House,
) -> None:
    school = await make_today(house.settings, attendance_percent=100, lowest_grade="2")
    taken = await enrol(school)
    now, today = clock.now(), school.session.days[0].id
    absent = {"place_id": taken.id, "attendance": {str(today): False}}
    await record(school, absent | {"grade": "4"}, now=now)
    why = "Did it on another date"
    await record(school, {"place_id": taken.id, "completed": True, "because": why}, now=now)
    page = await house.staff.get(f"/staff/sessions/{school.id}")
    assert words(page, "#results .section-head p") == [
        "Completed when present on every day and the grade is 2 or more."
    ]
    assert words(page, "#results tbody tr") == [f"Aino Virtanen Completed {why}"]
    assert words(page, "#results .stack > p") == [
        "1 result was corrected. How, stands on the page of the place."
    ]
    place = await house.staff.get(f"/staff/places/{taken.id}")
    assert words(place, "#result .timeline-title") == ["Result: Not completed → Completed"]
    assert words(place, "#result .timeline-text") == [f"Tuija Trainer. Reason: {why}"]


async def test_final_results_are_reopened_on_the_page(house: House) -> None:
    school = await make_today(house.settings)
    taken = await enrol(school)
    await record(school, {"place_id": taken.id, "completed": True}, now=clock.now())
    await lock_results(school.id, identity=school.trainer, now=clock.now())
    path = f"/staff/sessions/{school.id}"
    page = await house.staff.get(path)
    assert words(page, "#results .banner-title") == ["The results are final"]
    missed = await house.staff.post(f"/staff/places/{taken.id}/absent", data={"do": "miss"})
    assert missed.status_code == 409
    short = await house.staff.post(f"{path}/results/reopen", data={"because": "no"})
    assert (short.status_code, value(short, "because")) == (422, "no")
    assert len(error(short, "because")) == 1
    done = await house.staff.post(f"{path}/results/reopen", data={"because": "Wrong grade"})
    assert done.status_code == 303
    assert not await is_locked(school.id)
    page = await house.staff.get(path)
    assert words(page, "#results .timeline-title") == ["Reopened", "Made final"]
    assert words(page, "#results .timeline-text") == [
        "Sari Staff. Reason: Wrong grade",
        "Tuija Trainer",
    ]
    again = await house.staff.post(f"{path}/results/reopen", data={"because": "Wrong grade"})
    assert again.status_code == 409
    assert (await house.staff.post(f"{path}/results/lock")).status_code == 303
    assert (await house.staff.post(f"{path}/results/lock")).status_code == 409
    assert await is_locked(school.id)
