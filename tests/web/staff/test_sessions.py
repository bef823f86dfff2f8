"""Sessions by form: several days, local times, euros; what is wrong stands beside its field."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import Sought
from registration.catalogue.rules import State
from registration.db import transaction
from registration.enrolment import queries as enrolment
from registration.enrolment.models import Place
from registration.enrolment.placing import new_place
from registration.enrolment.rules import PlaceStatus
from registration.mail.queries import outbox
from registration.people.models import Person
from registration.people.rules import Contact, Source
from registration.people.service import new_person
from registration.teaching.queries import assignments_of_session
from registration.teaching.rules import RecipientGiven
from registration.teaching.service import add_recipient
from tests.web.counting import statements
from tests.web.makers import make_session, make_training, make_venue, take_place
from tests.web.staff.conftest import House, error, ticked, value, words

HELSINKI = ZoneInfo("Europe/Helsinki")
YEAR = clock.now().year + 1


def typed(training: UUID, **changes: str) -> dict[str, str]:
    return {
        "training": str(training),
        "day_0": f"{YEAR}-05-04",
        "start_0": "09:00",
        "end_0": "16:00",
        "time_zone": "Europe/Helsinki",
        "language": "fi",
        "capacity": "12",
        "state": "published",
        "do": "save",
    } | changes


async def test_a_new_session_has_its_days_in_local_time_and_its_price_in_cents(
    house: House,
) -> None:
    venue = await make_venue()
    form = typed(
        await make_training(),
        day_1=f"{YEAR}-05-05",
        start_1="08:30",
        end_1="12:00",
        day_2="",
        start_2="09:00",
        price="1 120,50 €",
        venue=str(venue),
        opens_at=f"{YEAR}-01-01T08:00",
        waiting_open="1",
    )
    answer = await house.staff.post("/staff/sessions/new", data=form)
    assert answer.status_code == 303, words(answer, ".error-summary")
    made = await catalogue.session(UUID(answer.headers["location"].rpartition("/")[2]))
    assert [(day.starts_at, day.ends_at) for day in made.days] == [
        (datetime(YEAR, 5, 4, 9, tzinfo=HELSINKI), datetime(YEAR, 5, 4, 16, tzinfo=HELSINKI)),
        (datetime(YEAR, 5, 5, 8, 30, tzinfo=HELSINKI), datetime(YEAR, 5, 5, 12, tzinfo=HELSINKI)),
    ]
    assert (made.price_cents, made.seats, made.waiting_open) == (112050, 12, True)
    assert made.opens_at == datetime(YEAR, 1, 1, 8, tzinfo=HELSINKI)
    assert made.closes_at == made.starts_at
    shown = await house.staff.get(f"/staff/sessions/{made.id}/edit")
    assert [value(shown, name) for name in ("day_1", "start_1", "end_1", "price", "closes_at")] == [
        f"{YEAR}-05-05",
        "08:30",
        "12:00",
        "1120,50",
        "",
    ]


async def test_one_more_day_keeps_what_was_typed_and_saves_nothing(house: House) -> None:
    form = typed(await make_training(), link="not a link", price="abc", do="add_day")
    answer = await house.staff.post("/staff/sessions/new", data=form)
    assert answer.status_code == 200
    assert [value(answer, name) for name in ("day_0", "link", "price", "capacity")] == [
        f"{YEAR}-05-04",
        "not a link",
        "abc",
        "12",
    ]
    assert [value(answer, name) for name in ("day_1", "start_1", "end_1")] == ["", "09:00", "16:00"]
    assert await catalogue.sessions(Sought(states=tuple(State))) == []


def _spring(year: int) -> date:
    """The last Sunday of March: the clocks go forward from 3.00 to 4.00 in Helsinki."""
    last = date(year, 3, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"end_0": "08:00"}, "end_0", "It must end after it starts."),
    ({"day_0": ""}, "day_0", "This is needed."),
    ({"day_0": "4.5.2027"}, "day_0", "Give the day as 2026-04-01."),
    ({"start_0": "9"}, "start_0", "Give the time as 09:00."),
    ({"end_0": ""}, "end_0", "This is needed."),
    (
        {"day_0": _spring(YEAR).isoformat(), "start_0": "03:30"},
        "start_0",
        "The clocks go forward then: there is no such time on that day.",
    ),
    (
        {"day_1": f"{YEAR}-05-03", "start_1": "09:00", "end_1": "16:00"},
        "day_0",
        "The days must be in order and must not overlap.",
    ),
    ({"price": "12,345"}, "price", "Give an amount in euros, as 120 or 120,50."),
    ({"price": "-5"}, "price", "Give an amount in euros, as 120 or 120,50."),
    ({"capacity": "0"}, "capacity", "Give at least 1."),
    ({"capacity": ""}, "capacity", "This is needed."),
    ({"capacity": "many"}, "capacity", "Give a whole number."),
    ({"link": "javascript:alert(1)"}, "link", "Give the link with https:// in front."),
    ({"time_zone": "Mars/Olympus"}, "time_zone", "Give a time zone as Europe/Helsinki."),
    (
        {"closes_at": f"{YEAR}-06-01T09:00"},
        "closes_at",
        "Sign-up must close before the end.",
    ),
    ({"opens_at": "soon"}, "opens_at", "Give a date and a time, as 2026-04-01 and 09:00."),
    ({"venue": "00000000-0000-4000-8000-000000000000"}, "venue", "There is no such venue."),
    ({"training": ""}, "training", "This is needed."),
    ({"state": "cancelled"}, "state", "Choose whether it is published or a draft."),
]


@pytest.mark.parametrize(("changes", "field", "said"), WRONG)
async def test_what_is_wrong_stands_beside_its_field(
    house: House, changes: dict[str, str], field: str, said: str
) -> None:
    form = typed(await make_training()) | changes
    answer = await house.staff.post("/staff/sessions/new", data=form)
    assert answer.status_code == 422
    assert words(answer, ".error-said") == [said]
    if field != "state":
        assert error(answer, field) == [said]
        assert value(answer, field) == (form[field] if field != "venue" else "")
    assert await catalogue.sessions(Sought(states=tuple(State))) == []


async def test_all_that_is_wrong_is_said_at_once(house: House) -> None:
    form = typed(await make_training(), price="x", capacity="x", start_0="x")
    answer = await house.staff.post("/staff/sessions/new", data=form)
    assert [len(error(answer, name)) for name in ("price", "capacity", "start_0")] == [1, 1, 1]
    assert len(words(answer, ".error-said")) == 3


async def test_a_session_cannot_end_in_the_past(house: House) -> None:
    form = typed(await make_training(), day_0="2020-05-04")
    answer = await house.staff.post("/staff/sessions/new", data=form)
    assert answer.status_code == 409
    assert error(answer, "day_0") == ["It would end in the past. Give a later end."]


async def test_fewer_seats_than_people_says_what_to_do(house: House) -> None:
    line = await make_session(capacity=3)
    for _each in range(2):
        await take_place(line, house.settings)
    form = typed(line.training.id, capacity="1")
    answer = await house.staff.post(f"/staff/sessions/{line.id}/edit", data=form)
    assert answer.status_code == 409
    assert error(answer, "capacity") == [
        "2 people hold a seat, so the seats cannot be fewer. Cancel or move some first."
    ]
    assert value(answer, "capacity") == "1"
    assert (await catalogue.session(line.id)).seats == 3


async def test_more_seats_move_the_waiting_list(house: House) -> None:
    line = await make_session(capacity=1)
    for _each in range(3):
        await take_place(line, house.settings)
    form = typed(line.training.id, capacity="2", waiting_open="1")
    await house.staff.post(f"/staff/sessions/{line.id}/edit", data=form)
    page = await house.staff.get(f"/staff/sessions/{line.id}")
    assert words(page, "#people td .badge") == ["Confirmed", "Confirmed"]
    assert words(page, '#people td[data-label="Turn"]') == ["1"]


async def test_cancelling_asks_first_and_happens_once(house: House) -> None:
    line = await make_session()
    await take_place(line, house.settings)
    path = f"/staff/sessions/{line.id}/cancel"
    asked = await house.staff.get(path)
    assert words(asked, ".confirm h1") == ["Cancel this session?"]
    assert (await catalogue.session(line.id)).state is State.PUBLISHED
    assert (await house.staff.post(path)).status_code == 303
    assert (await catalogue.session(line.id)).state is State.CANCELLED
    told = len(await outbox())
    again = await house.staff.post(path)
    assert again.status_code == 409
    assert words(again, "main .banner") == ["This has been cancelled already."]
    assert len(await outbox()) == told
    changed = await house.staff.post(
        f"/staff/sessions/{line.id}/edit", data=typed(line.training.id)
    )
    assert changed.status_code == 409


async def test_a_person_is_added_and_a_place_cancelled(house: House) -> None:
    line = await make_session(capacity=1)
    form = {"first_name": "Aino", "last_name": "Öhman", "email": "aino@example.fi"}
    path = f"/staff/sessions/{line.id}/people"
    assert (await house.staff.post(path, data=form)).status_code == 303
    second = form | {"first_name": "Bo", "email": "bo@example.fi", "language": "sv"}
    assert (await house.staff.post(path, data=second)).status_code == 303
    twice = await house.staff.post(path, data=form)
    assert twice.status_code == 409
    assert len(error(twice, "email")) == 1
    wrong = await house.staff.post(path, data=form | {"email": "no", "phone": "1"})
    assert wrong.status_code == 422
    assert [len(error(wrong, name)) for name in ("email", "phone")] == [1, 1]
    assert value(wrong, "last_name") == "Öhman"
    first, waiting = await enrolment.places_on(line.seating_id)
    assert (first.name, waiting.position) == ("Aino Öhman", 1)
    cancel = f"/staff/places/{first.id}/cancel"
    assert words(await house.staff.get(cancel), ".confirm h1") == ["Cancel this place?"]
    assert (await house.staff.post(cancel)).status_code == 303
    assert (await house.staff.post(cancel)).status_code == 409
    left = await enrolment.places_on(line.seating_id)
    assert [(each.name, each.status.value) for each in left] == [("Bo Öhman", "confirmed")]


async def test_a_trainer_is_assigned_and_the_access_ends(house: House) -> None:
    line = await make_session(starts_at=datetime(YEAR, 5, 4, 6, tzinfo=HELSINKI))
    given = RecipientGiven(name="Turvakoulu Oy", country="FI", agreement_on=date(2026, 1, 1))
    recipient = await add_recipient(given, actor_id=None, now=clock.now())
    path = f"/staff/sessions/{line.id}/trainers"
    form = {"account": str(house.trainer_id), "recipient": str(recipient), "until": f"{YEAR}-06-30"}
    assert (await house.staff.post(path, data=form)).status_code == 303
    (made,) = await assignments_of_session(line.id)
    assert made.ends_at == datetime(YEAR, 7, 1, tzinfo=HELSINKI)
    assert (await house.staff.post(f"{path}/{made.id}/end")).status_code == 303
    assert (await house.staff.post(f"{path}/{made.id}/end")).status_code == 404
    nobody = await house.staff.post(path, data=form | {"account": str(house.staff_id)})
    assert nobody.status_code == 409
    assert len(error(nobody, "account")) == 1
    empty = await house.staff.post(path, data={})
    assert [error(empty, name) for name in ("account", "recipient")] == [["This is needed."]] * 2


async def test_the_sheet_has_a_line_for_each_seat_and_a_column_for_each_day(house: House) -> None:
    line = await make_session(days=2, capacity=2)
    for name in ("Zola", "Åman", "Ahde"):
        contact = Contact("Kim", name, f"{name.lower()}@example.fi".replace("å", "a"))
        await take_place(line, house.settings, contact=contact)
    sheet = await house.staff.get(f"/staff/sessions/{line.id}/sheet")
    assert sorted(words(sheet, ".sheet-table tbody th")) == ["Zola, Kim", "Åman, Kim"]
    assert len(words(sheet, ".sheet-table thead th")) == 5


async def test_the_list_narrows_and_asks_the_same_for_many(house: House) -> None:
    training = await make_training("Rescue work")
    await make_session(training)
    async with statements() as few:
        await house.staff.get("/staff/sessions")
    for number in range(12):
        line = await make_session(training, capacity=number + 1)
        await take_place(line, house.settings)
    async with statements() as many:
        page = await house.staff.get("/staff/sessions")
    assert len(words(page, ".data-table tbody tr")) == 13
    assert len(many) == len(few)
    for query, rows in (("q=rescue", 13), ("q=zzz", 0), ("when=past", 0), ("state=draft", 0)):
        page = await house.staff.get(f"/staff/sessions?{query}")
        assert len(words(page, ".data-table tbody tr")) == rows
    odd = await house.staff.get("/staff/sessions?when=x&state=y&training=z&q=%3C")
    assert odd.status_code == 200
    assert ticked(odd, "state") == []


async def test_a_long_list_of_people_has_pages_and_asks_the_same_for_many(house: House) -> None:
    line = await make_session(capacity=103)
    path = f"/staff/sessions/{line.id}"
    async with transaction():
        people = [
            new_person(
                Contact("Kim", f"L{number:03}", f"k{number}@example.fi"),
                source=Source.STAFF,
                now=clock.now(),
            )
            for number in range(105)
        ]
        await Person.bulk_create(people)
        offering = catalogue.session_offering(line)
        places = [
            new_place(
                offering,
                person.id,
                status=PlaceStatus.CONFIRMED if turn < 103 else PlaceStatus.WAITING,
                turn=turn,
                source=Source.STAFF,
                now=clock.now(),
            )
            for turn, person in enumerate(people)
        ]
        await Place.bulk_create(places[:2])
    async with statements() as few:
        await house.staff.get(path)
    async with transaction():
        await Place.bulk_create(places[2:])
    async with statements() as many:
        first = await house.staff.get(path)
    assert len(many) <= len(few) + 1  # the waiting list is asked for once there is one
    names = words(first, "#people .who-name")
    assert (len(names), names[0], names[-1]) == (100, "Kim L000", "Kim L099")
    last = await house.staff.get(f"{path}?page=2")
    assert words(last, "#people .who-name") == [f"Kim L{number}" for number in range(100, 105)]
    assert words(last, '#people td[data-label="Turn"]') == ["1", "2"]
    for odd in ("99", "0", "-1", "x", "9" * 40):
        page = await house.staff.get(f"{path}?page={odd}")
        assert len(words(page, "#people .who-name")) == (5 if odd == "99" else 100)
