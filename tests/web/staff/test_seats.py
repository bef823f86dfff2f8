"""What staff see and do with seats: the queue, offers, checks, moves, absences, decisions."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import TrainingGiven
from registration.companies.rules import CompanyGiven
from registration.companies.service import add_company
from registration.enrolment import queries as enrolment
from registration.enrolment.groups import Group, enrol_group
from registration.enrolment.holds import hold_seats
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceStatus
from registration.enrolment.service import cancel
from registration.people.rules import Contact, Source
from registration.settings import Settings
from tests.web.counting import statements
from tests.web.makers import DAY, make_event, make_session, make_training, soon, take_place
from tests.web.staff.conftest import House, error, value, words

HOUR = timedelta(hours=1)
PERSON = {
    "first_name": "Eero",
    "last_name": "Eronen",
    "email": "eero@example.fi",
    "language": "en",
}


async def status_of(place_id: UUID) -> PlaceStatus:
    return (await enrolment.place(place_id)).status


async def crew(line: SessionLine, company_id: UUID, number: int, house: House) -> None:
    people = tuple(
        Contact(f"Crew{each}", "Niemi", f"crew{each}@rata.example") for each in range(number)
    )
    group = Group(company_id, "Rata Oy", house.staff_id, Source.COMPANY, people)
    offering = catalogue.session_offering(line)
    await enrol_group(offering, group, settings=house.settings, now=clock.now())


async def test_the_queue_stands_in_order_and_says_who_is_passed_over(house: House) -> None:
    line = await make_session(capacity=3, company_quota=1)
    company = await add_company(CompanyGiven(name="Rata Oy"), actor_id=None, now=clock.now())
    await crew(line, company, 2, house)
    await take_place(line, house.settings)
    offering = catalogue.session_offering(await catalogue.session(line.id))
    other = await add_company(CompanyGiven(name="Kisko Oy"), actor_id=None, now=clock.now())
    await hold_seats(
        offering,
        company_id=other,
        actor_id=house.staff_id,
        number=1,
        order_number="PO-1",
        settings=house.settings,
        now=clock.now(),
    )
    await take_place(line, house.settings)
    page = await house.staff.get(f"/staff/sessions/{line.id}")
    assert words(page, 'td[data-label="Turn"]') == ["1", "2"]
    notes = words(page, '#people td[data-label="Company"] .quiet')
    assert notes == ["Passed over: the company has as many seats as it may, 1."]
    labels = words(page, ".seats-table tbody th")
    assert dict(zip(labels, words(page, ".seats-table td"), strict=True)) == {
        "Confirmed": "2",
        "Without a name": "1",
        "Free": "0",
        "Waiting": "2",
    }
    unnamed = words(page, '#people th[data-label="Company"], #people td[data-label="Order number"]')
    assert unnamed == ["Kisko Oy", "PO-1"]


async def test_the_drawing_fills_its_width(house: House) -> None:
    line = await make_session(capacity=2)
    for _each in range(3):
        await take_place(line, house.settings)
    page = await house.staff.get(f"/staff/sessions/{line.id}")
    drawn = page.text.split("seats-chart")[1].split("</svg>")[0]
    assert 'class="seats-confirmed" x="0.0" y="1" width="66.67"' in drawn
    assert 'class="seats-waiting" x="66.67" y="1" width="33.33"' in drawn
    assert 'd="M66.67 0v10"' in drawn


async def test_pages_of_seats_ask_the_same_for_few_and_for_many(house: House) -> None:
    line = await make_session(capacity=4, company_quota=2, offer_hours=12)
    for _each in range(6):
        await take_place(line, house.settings)
    await house.staff.get(f"/staff/sessions/{line.id}")  # this look is on record, the next folds
    counts = []
    for more in (0, 12):
        for _each in range(more):
            await take_place(line, house.settings)
        async with statements() as seen:
            assert (await house.staff.get(f"/staff/sessions/{line.id}")).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


async def offered(house: House) -> UUID:
    line = await make_session(capacity=1, offer_hours=24)
    first = await take_place(line, house.settings)
    second = await take_place(line, house.settings)
    await cancel(first.id, actor_id=None, settings=house.settings, now=clock.now())
    return second.id


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("accept", PlaceStatus.CONFIRMED),
        ("decline", PlaceStatus.CANCELLED),
        ("maybe", PlaceStatus.OFFERED),
        ("", PlaceStatus.OFFERED),
    ],
)
async def test_staff_answer_an_offer_for_who_called(
    house: House, answer: str, status: PlaceStatus
) -> None:
    place = await offered(house)
    page = await house.staff.get(f"/staff/places/{place}")
    assert "They take the seat" in words(page, "button")
    await house.staff.post(f"/staff/places/{place}/offer", data={"answer": answer})
    assert await status_of(place) is status


async def test_an_offer_that_ended_is_refused_in_words(house: House) -> None:
    place = await offered(house)
    await Place.filter(id=place).update(until=clock.now() - HOUR)
    late = await house.staff.post(f"/staff/places/{place}/offer", data={"answer": "accept"})
    assert late.status_code == 409
    assert words(late, ".banner")[0].startswith("The offer has ended")


async def held(house: House) -> UUID:
    needed = await make_training("First aid", slug="first-aid")
    given = {"title": {"en": "Lead"}, "prerequisites": [{"training": needed}]}
    lead = await catalogue_service.add_training(
        TrainingGiven.model_validate(given), actor_id=None, now=clock.now()
    )
    line = await make_session(lead)
    return (await take_place(line, house.settings)).id


async def test_staff_let_in_with_a_reason_only(house: House) -> None:
    place = await held(house)
    home = await house.staff.get("/staff")
    assert words(home, "#decide li a") == ["Guest Person"]
    assert words(home, "#decide li > .quiet") == ["First aid must be completed first."]
    check = f"/staff/places/{place}/check"
    without = await house.staff.post(check, data={"do": "approve"})
    assert (without.status_code, error(without, "why")) == (
        422,
        ["First aid must be completed first."],
    )
    for wrong in ("because", "x" * 500, "'; --"):
        answer = await house.staff.post(check, data={"do": "approve", "why": wrong})
        assert (answer.status_code, error(answer, "why")) == (422, ["Choose the reason."])
    assert await status_of(place) is PlaceStatus.HELD
    done = await house.staff.post(check, data={"do": "approve", "why": "shown"})
    assert done.status_code == 303
    assert await status_of(place) is PlaceStatus.CONFIRMED
    again = await house.staff.post(check, data={"do": "approve", "why": "shown"})
    assert again.status_code == 409


async def test_who_is_not_admitted_is_told_why(house: House) -> None:
    place = await held(house)
    check = f"/staff/places/{place}/check"
    for reason, said in (("", "This is needed."), ("x" * 201, "Use at most 200 characters.")):
        answer = await house.staff.post(check, data={"do": "refuse", "reason": reason})
        assert (answer.status_code, error(answer, "reason")) == (422, [said])
    done = await house.staff.post(
        check, data={"do": "refuse", "reason": "First aid first, please."}
    )
    assert (done.status_code, await status_of(place)) == (303, PlaceStatus.CANCELLED)


async def test_the_form_takes_a_person_without_what_is_needed_for_a_reason(house: House) -> None:
    place = await held(house)
    session = (await enrolment.place(place)).offering.id
    path = f"/staff/sessions/{session}/people"
    refused = await house.staff.post(path, data=PERSON)
    assert (refused.status_code, error(refused, "why")) == (
        422,
        ["First aid must be completed first."],
    )
    assert value(refused, "email") == "eero@example.fi"
    assert (await house.staff.post(path, data={**PERSON, "why": "agreed"})).status_code == 303


async def test_a_place_moves_and_is_given_to_somebody_else(house: House) -> None:
    training = await make_training()
    here, there = [await make_session(training, starts_at=soon(days=days)) for days in (10, 20)]
    place = (await take_place(here, house.settings)).id
    for wrong in ("", str(uuid4()), str(here.id)):
        answer = await house.staff.post(f"/staff/places/{place}/move", data={"to": wrong})
        assert (answer.status_code, words(answer, ".field-error")) == (
            422,
            ["Choose the date that it moves to."],
        )
    moved = await house.staff.post(f"/staff/places/{place}/move", data={"to": str(there.id)})
    assert moved.status_code == 303
    (new,) = await enrolment.places_on(there.seating_id)
    assert new.moved_from == place
    bad = await house.staff.post(f"/staff/places/{new.id}/name", data={**PERSON, "email": "eero"})
    assert (bad.status_code, len(error(bad, "email"))) == (422, 1)
    given = await house.staff.post(f"/staff/places/{new.id}/name", data=PERSON)
    assert given.status_code == 303
    assert [each.email for each in await enrolment.places_on(there.seating_id)] == [
        "eero@example.fi"
    ]


async def test_absence_is_noted_once_it_has_begun_and_taken_back(house: House) -> None:
    began = clock.now() - HOUR
    line = await make_session(starts_at=began, made_at=began - DAY, closes_at=began + HOUR / 2)
    place = (await take_place(line, house.settings, at=began - HOUR)).id
    path = f"/staff/places/{place}/absent"
    await house.staff.post(path, data={"do": "miss"})
    assert await status_of(place) is PlaceStatus.NO_SHOW
    await house.staff.post(path, data={"do": "excuse"})
    assert await status_of(place) is PlaceStatus.CONFIRMED
    ahead = (await take_place(await make_session(), house.settings)).id
    early = await house.staff.post(f"/staff/places/{ahead}/absent", data={"do": "miss"})
    assert early.status_code == 409


async def test_after_the_last_day_staff_cancel_with_a_reason(house: House) -> None:
    line = await make_session(cancels_until=clock.now() - HOUR)
    place = (await take_place(line, house.settings)).id
    path = f"/staff/places/{place}/cancel"
    assert value(await house.staff.get(path), "why") == ""
    without = await house.staff.post(path)
    assert (without.status_code, len(error(without, "why"))) == (409, 1)
    wrong = await house.staff.post(path, data={"why": "because"})
    assert wrong.status_code == 422
    assert (await house.staff.post(path, data={"why": "agreed"})).status_code == 303
    assert await status_of(place) is PlaceStatus.CANCELLED


async def test_what_is_tentative_is_decided_once(house: House) -> None:
    soonest = soon(days=3)
    line = await make_session(
        starts_at=soonest, minimum=5, decide_by=clock.now() - HOUR, made_at=clock.now() - DAY
    )
    event = await make_event()
    await house.organise(event.id)
    home = await house.staff.get("/staff")
    assert "0 of at least 5" in words(home, "#decide li > .quiet")
    page = await house.staff.get(f"/staff/sessions/{line.id}")
    assert "Run it anyway" in words(page, "button")
    for _each in range(2):
        done = await house.staff.post(f"/staff/sessions/{line.id}/run")
        assert done.status_code == 303
    assert (await catalogue.session(line.id)).terms.tentative is False
    assert (await house.organiser.post(f"/staff/events/{event.id}/run")).status_code == 303
    assert (await house.organiser.post(f"/staff/sessions/{line.id}/run")).status_code == 403


async def test_what_nobody_was_on_is_deleted_and_the_rest_refused(house: House) -> None:
    empty, taken = await make_session(), await make_session()
    place = await take_place(taken, house.settings)
    await cancel(place.id, actor_id=None, settings=house.settings, now=clock.now())
    event = await make_event()
    for path in (f"/staff/sessions/{empty.id}", f"/staff/events/{event.id}"):
        assert "Delete it" in words(await house.staff.get(f"{path}/delete"), "button")
        assert (await house.staff.get(path)).status_code == 200
        assert (await house.staff.post(f"{path}/delete")).status_code == 303
        for again in (path, f"{path}/delete"):
            assert (await house.staff.get(again)).status_code == 404
        assert (await house.staff.post(f"{path}/delete")).status_code == 404
    refused = await house.staff.post(f"/staff/sessions/{taken.id}/delete")
    assert refused.status_code == 409
    assert "Call it off" in words(refused, ".banner")[0]
    assert (await house.staff.get(f"/staff/sessions/{taken.id}")).status_code == 200


async def test_an_event_with_a_guest_cannot_be_deleted(house: House) -> None:
    event = await make_event()
    await house.organise(event.id)
    await take_place(event, house.settings)
    path = f"/staff/events/{event.id}/delete"
    assert (await house.organiser.post(path)).status_code == 409
    other = await make_event(slug="other")
    assert (await house.organiser.post(f"/staff/events/{other.id}/delete")).status_code == 404


@pytest.mark.parametrize("do", ["offer", "check", "move", "name", "absent"])
async def test_unknown_places_are_not_found(house: House, do: str) -> None:
    for wrong in (str(uuid4()), "1", "x" * 300):
        answer = await house.staff.post(f"/staff/places/{wrong}/{do}", data={})
        assert answer.status_code == 404


async def test_an_organiser_reaches_the_places_of_their_events_only(
    house: House, settings: Settings
) -> None:
    mine, other = await make_event(slug="mine"), await make_event(slug="other")
    session = await make_session()
    await house.organise(mine.id)
    places = [(await take_place(line, settings)).id for line in (mine, other, session)]
    shown = [(await house.organiser.get(f"/staff/places/{each}")).status_code for each in places]
    assert shown == [200, 404, 403]
    client: httpx.AsyncClient = house.organiser
    named = [
        (await client.post(f"/staff/places/{each}/name", data=PERSON)).status_code
        for each in places
    ]
    assert named == [303, 404, 403]
