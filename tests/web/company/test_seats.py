"""Seats without names, other dates, several places at once."""

from __future__ import annotations

from registration.enrolment.models import HeldSeat, Place
from tests.web.company.conftest import Office, words
from tests.web.company.test_book import crew
from tests.web.makers import make_session

AINO = {"first_name": "Aino", "last_name": "Virta", "email": "aino@example.fi", "language": "en"}


async def test_seats_are_kept_named_and_given_back(office: Office) -> None:
    (anna,) = await crew(office.company, "Anna")
    kept = {"number": "3", "order_number": "PO-9"}
    assert (await office.coordinator.post(f"{office.path}/seats", data=kept)).status_code == 303
    first, second, third = [str(seat.id) for seat in await HeldSeat.all()]
    form = f"/company/seats/{first}/name"
    assert words(await office.coordinator.get(f"{form}?q=ann"), ".who-name") == ["Anna Ek"]
    named = await office.coordinator.post(form, data={"person": str(anna)})
    assert named.headers["location"] == office.path
    place = await Place.get()
    assert (place.person_id, place.order_number, place.status) == (anna, "PO-9", "confirmed")
    assert (await office.coordinator.post(form, data=AINO)).status_code == 404
    new = await office.coordinator.post(f"/company/seats/{second}/name", data=AINO)
    assert new.status_code == 303
    given = await office.coordinator.post("/company/seats/give-back", data={"seat": third})
    assert given.headers["location"] == office.path
    assert await HeldSeat.all().count() == 0


async def test_more_seats_than_are_free_and_nonsense_are_refused(office: Office) -> None:
    small = await make_session(capacity=2)
    path = f"/company/sessions/{small.id}/seats"
    answers = [
        await office.coordinator.post(path, data={"number": number})
        for number in ("3", "0", "-1", "501", "many", "9" * 400)
    ]
    assert [answer.status_code for answer in answers] == [409, 422, 422, 422, 422, 422]
    assert await HeldSeat.all().count() == 0


async def test_another_companys_seat_is_not_there(office: Office) -> None:
    await office.coordinator.post(f"{office.path}/seats", data={"number": "1"})
    seat = await HeldSeat.get()
    form = f"/company/seats/{seat.id}/name"
    answers = [
        await office.stranger.get(form),
        await office.stranger.post(form, data=AINO),
        await office.stranger.post("/company/seats/give-back", data={"seat": str(seat.id)}),
        await office.coordinator.post("/company/seats/give-back", data={}),
        await office.coordinator.post("/company/seats/give-back", data={"seat": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert await HeldSeat.all().count() == 1


async def test_a_place_moves_to_another_date(office: Office) -> None:
    (anna,) = await crew(office.company, "Anna")
    later = await make_session(office.session.training.id, capacity=5)
    await office.coordinator.post(f"{office.path}/book", data={"do": "enrol", "person": str(anna)})
    path = f"/company/places/{(await Place.get()).id}/transfer"
    page = await office.coordinator.get(path)
    assert words(page, "h1") == ["Another date for Anna Ek"]
    assert f'value="{later.id}"' in page.text
    assert (await office.coordinator.post(path, data={"to": "x"})).status_code == 422
    assert (await office.stranger.post(path, data={"to": str(later.id)})).status_code == 404
    other = await make_session()
    refused = await office.coordinator.post(path, data={"to": str(other.id)})
    assert refused.status_code == 409
    moved = await office.coordinator.post(path, data={"to": str(later.id)})
    assert moved.headers["location"] == f"/company/sessions/{later.id}"
    assert (await Place.get(current=True)).seating_id == later.seating_id


async def test_several_places_are_cancelled_after_a_look(office: Office) -> None:
    ids = await crew(office.company, "Anna", "Bo", "Cai")
    people = {"do": "enrol", "person": [str(each) for each in ids]}
    await office.coordinator.post(f"{office.path}/book", data=people)
    places = [str(place.id) for place in await Place.all().order_by("turn")]
    path = "/company/places/cancel"
    asked = await office.coordinator.post(path, data={"place": places[:2]})
    assert (words(asked, "h1"), await Place.filter(current=True).count()) == (
        ["Cancel 2 places?"],
        3,
    )
    others = [
        await office.stranger.post(path, data={"place": places, "do": "cancel"}),
        await office.coordinator.post(path, data={"place": "nonsense", "do": "cancel"}),
    ]
    assert [answer.status_code for answer in others] == [404, 404]
    done = await office.coordinator.post(path, data={"place": places[:2], "do": "cancel"})
    assert done.headers["location"] == office.path
    again = await office.coordinator.post(path, data={"place": places, "do": "cancel"})
    assert again.status_code == 409
    assert words(again, ".banner-title") == ["1 place is cancelled, these stand"]
    assert await Place.filter(current=True).count() == 0
