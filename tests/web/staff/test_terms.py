"""The terms in staff's forms, and what a training needs: kept, shown, wrong beside its field."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration.catalogue import queries as catalogue
from registration.catalogue.prerequisites import needs_of
from registration.catalogue.rules import Terms
from tests.web.counting import statements
from tests.web.makers import make_event, make_session, make_training, soon
from tests.web.staff.conftest import House, error, value, words

TYPED = {
    "offer_hours": "24",
    "company_quota": "4",
    "minimum": "3",
    "remind_hours": "72",
}


def local(days: float) -> str:
    return (soon(days=0) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")


async def typed(training: str, **changes: str) -> dict[str, str]:
    day = (soon(days=30)).date().isoformat()
    given = {"training": training, "day_0": day, "start_0": "09:00", "end_0": "16:00"}
    more = {"language": "fi", "time_zone": "UTC", "capacity": "10", "state": "published"}
    return {**given, **more, "do": "save", **changes}


async def test_terms_are_kept_and_shown_again(house: House) -> None:
    training = str(await make_training())
    moments = {"decide_by": local(20), "cancels_until": local(21), "names_until": local(22)}
    form = await typed(training, **TYPED, **moments)
    answer = await house.staff.post("/staff/sessions/new", data=form)
    assert answer.status_code == 303
    page = await house.staff.get(answer.headers["location"] + "/edit")
    assert {name: value(page, name) for name in (*TYPED, *moments)} == {**TYPED, **moments}
    assert len(words(page, "details.details[open]")) == 3
    saved = await house.staff.post(
        answer.headers["location"] + "/edit", data=await typed(training, remind_hours="")
    )
    assert saved.status_code == 303
    session_id = UUID(answer.headers["location"].rpartition("/")[2])
    assert (await catalogue.session(session_id)).terms == Terms()


async def test_a_new_form_is_calm(house: House) -> None:
    for path in ("/staff/sessions/new", "/staff/events/new"):
        page = await house.staff.get(path)
        assert words(page, "details.details[open]") == []
        assert value(page, "remind_hours") == "48"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("offer_hours", "0"),
        ("offer_hours", "337"),
        ("offer_hours", "a day"),
        ("company_quota", "-1"),
        ("company_quota", "11"),
        ("minimum", "11"),
        ("minimum", "9" * 40),
        ("remind_hours", "721"),
        ("remind_hours", "1e3"),
        ("decide_by", "soon"),
        ("decide_by", "2027-13-01T09:00"),
        ("cancels_until", "9999-12-31T23:59"),
        ("names_until", "<script>"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_unfolded(
    house: House, field: str, given: str
) -> None:
    training = str(await make_training())
    form = await typed(training, **{field: given})
    answer = await house.staff.post("/staff/sessions/new", data=form)
    assert answer.status_code == 422
    assert len(error(answer, field)) == 1
    assert value(answer, field) == given
    assert len(words(answer, "details.details[open]")) == 1


async def test_the_event_form_has_them_too(house: House) -> None:
    event = await make_event(catered=False)
    edit = f"/staff/events/{event.id}/edit"
    page = await house.staff.get(edit)
    names = ("title_en", "slug", "time_zone", "starts_at", "ends_at", "capacity", "state", "erase")
    form = {name: value(page, name) for name in names}
    wrong = await house.staff.post(edit, data={**form, "decide_by": local(2)})
    assert (wrong.status_code, len(error(wrong, "decide_by"))) == (422, 1)
    assert (await house.staff.post(edit, data={**form, **TYPED})).status_code == 303
    after = (await catalogue.event(event.id)).terms
    assert (after.offer_hours, after.company_quota, after.minimum) == (24, 4, 3)


async def test_what_a_training_needs_is_chosen_in_its_form(house: House) -> None:
    first, second = await make_training("Aid", slug="aid"), await make_training("Zinc", slug="zinc")
    lead = await make_training("Lead", slug="lead")
    path = f"/staff/trainings/{lead}"
    form = {"title_en": "Lead", "grade_scale": "pass_fail", "published": "1"}
    more = await house.staff.post(
        path, data={**form, "need_0": str(second), "need_how_0": "valid", "do": "add_need"}
    )
    assert value(more, "need_0") == str(second)
    assert len(words(more, ".need-row")) == 2
    rows = {"need_0": str(second), "need_how_0": "valid", "need_2": str(first)}
    assert (await house.staff.post(path, data={**form, **rows})).status_code == 303
    found = (await needs_of([lead]))[lead]
    assert [(need.training_id, need.valid) for need in found] == [(first, False), (second, True)]
    page = await house.staff.get(path)
    assert [value(page, f"need_{row}") for row in (0, 1)] == [str(first), str(second)]
    assert value(page, "need_how_1") == "valid"
    circle = {"title_en": "Aid", "grade_scale": "pass_fail", "need_3": str(lead)}
    refused = await house.staff.post(f"/staff/trainings/{first}", data=circle)
    assert (refused.status_code, len(error(refused, "need_3"))) == (422, 1)


@pytest.mark.parametrize("given", ["x", "<b>", "0" * 4000])
async def test_made_up_needs_are_refused_in_their_row(house: House, given: str) -> None:
    form = {"title_en": "Lead", "grade_scale": "pass_fail", "need_1": given}
    answer = await house.staff.post("/staff/trainings/new", data=form)
    assert (answer.status_code, len(error(answer, "need_1"))) == (422, 1)
    unknown = await house.staff.post("/staff/trainings/new", data={**form, "need_1": str(uuid4())})
    assert (unknown.status_code, len(error(unknown, "need_1"))) == (422, 1)


async def test_lists_ask_the_same_for_few_and_for_many(house: House) -> None:
    training = await make_training()
    counts = []
    for more in (2, 12):
        for number in range(more):
            await make_session(training, minimum=3, starts_at=soon(days=10 + number))
        async with statements() as seen:
            assert (await house.staff.get("/staff")).status_code == 200
            assert (await house.staff.get("/staff/sessions")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
