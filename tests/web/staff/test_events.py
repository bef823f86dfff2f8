"""Events by form, their organisers, and what is said of their food restrictions."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import EventLine, Sought
from registration.catalogue.queries import event_offering
from registration.catalogue.rules import State
from registration.catering.deletion import delete_due
from registration.catering.rules import Diet, DietGiven
from registration.catering.service import register_guest
from registration.enrolment.service import SignUp
from registration.ledger.queries import disclosures
from registration.people.rules import Contact, Source
from registration.web.staff.event_form import duration_text
from tests.builders import make_account
from tests.web.counting import statements
from tests.web.makers import make_event, take_place
from tests.web.staff.conftest import House, error, ticked, value, words

HELSINKI = ZoneInfo("Europe/Helsinki")
YEAR = clock.now().year + 1


def typed(**changes: str) -> dict[str, str]:
    return {
        "title_fi": "Kevätseminaari",
        "title_en": "Spring seminar",
        "starts_at": f"{YEAR}-12-01T09:00",
        "ends_at": f"{YEAR}-12-02T16:00",
        "time_zone": "Europe/Helsinki",
        "capacity": "40",
        "catered": "1",
        "erase": "PT24H",
        "state": "published",
        "do": "save",
    } | changes


async def _made(location: str) -> EventLine:
    return await catalogue.event(UUID(location.rpartition("/")[2]))


async def test_a_new_event_has_its_meals_and_its_deadline(house: House) -> None:
    meals = [f"{YEAR}-12-01:lunch", f"{YEAR}-12-02:coffee"]
    answer = await house.staff.post("/staff/events/new", data=typed() | {"meal": meals})
    assert answer.status_code == 303, words(answer, ".error-summary")
    made = await _made(answer.headers["location"])
    assert made.title == {"fi": "Kevätseminaari", "en": "Spring seminar"}
    assert made.ends_at == datetime(YEAR, 12, 2, 16, tzinfo=HELSINKI)
    assert made.erase_at == datetime(YEAR, 12, 3, 16, tzinfo=HELSINKI)
    assert [f"{meal.on}:{meal.kind}" for meal in made.meals] == meals
    page = await house.staff.get(f"/staff/events/{made.id}")
    assert words(page, ".deadline-when") == [f"Food restrictions go on 3.12.{YEAR} 16:00"]
    form = await house.staff.get(f"/staff/events/{made.id}/edit")
    assert ticked(form, "meal") == meals
    assert ticked(form, "erase") == ["PT24H"]


@pytest.mark.parametrize(
    ("erase", "custom", "seconds"),
    [("PT0S", "", 0), ("P7D", "PT1H", 604_800), ("custom", "PT36H", 129_600)],
)
async def test_the_time_of_deletion_is_chosen_or_written(
    house: House, erase: str, custom: str, seconds: int
) -> None:
    form = typed(erase=erase, erase_custom=custom)
    answer = await house.staff.post("/staff/events/new", data=form)
    made = await _made(answer.headers["location"])
    assert made.erase_diets_seconds == seconds
    again = await house.staff.get(f"/staff/events/{made.id}/edit")
    expected = (erase, "" if erase != "custom" else duration_text(seconds))
    assert (value(again, "erase"), value(again, "erase_custom")) == expected


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "PT0S"), (86_400, "P1D"), (129_600, "P1DT12H"), (5_400, "PT1H30M"), (1, "PT1S")],
)
def test_a_duration_is_written_in_iso(seconds: int, text: str) -> None:
    assert duration_text(seconds) == text


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"ends_at": f"{YEAR}-11-30T09:00"}, "ends_at", "It must end after it starts."),
    ({"starts_at": ""}, "starts_at", "This is needed."),
    ({"title_fi": "", "title_en": ""}, "title_fi", "Give the text in at least one language."),
    ({"title_en": "x" * 301}, "title_en", "Use at most 300 characters."),
    ({"erase": "custom", "erase_custom": "later"}, "erase_custom", "Give a duration, as PT24H."),
    (
        {"erase": "custom", "erase_custom": "P8D"},
        "erase_custom",
        "Food restrictions go at the end or within 7 days of it: give PT0S to P7D.",
    ),
    (
        {"slug": "Not A Slug"},
        "slug",
        "Use small letters, digits and single hyphens, as first-aid-2027.",
    ),
]


@pytest.mark.parametrize(("changes", "field", "said"), WRONG)
async def test_what_is_wrong_stands_beside_its_field(
    house: House, changes: dict[str, str], field: str, said: str
) -> None:
    form = typed() | changes
    answer = await house.staff.post("/staff/events/new", data=form)
    assert answer.status_code == 422
    assert words(answer, ".error-said") == [said]
    assert error(answer, field) == [said]
    assert value(answer, field) == form[field]
    assert await catalogue.events(Sought(states=tuple(State))) == []


async def test_a_meal_beside_the_event_is_refused_and_stays_ticked(house: House) -> None:
    form = typed(meal=f"{YEAR}-12-24:dinner")
    answer = await house.staff.post("/staff/events/new", data=form)
    assert answer.status_code == 422
    assert words(answer, ".error-said") == ["Each meal is on a day of the event."]
    assert ticked(answer, "meal") == [f"{YEAR}-12-24:dinner"]
    hostile = await house.staff.post("/staff/events/new", data=typed(meal="<b>:x"))
    assert hostile.status_code == 422
    assert words(hostile, ".error-said") == ["Give a date, as 2026-04-01."]


async def test_the_days_of_the_meals_are_shown_without_saving(house: House) -> None:
    answer = await house.staff.post("/staff/events/new", data=typed(do="meals", capacity="x"))
    assert answer.status_code == 200
    days = words(answer, ".meal-table tbody th")
    assert [day.split()[-1] for day in days] == [f"1.12.{YEAR}", f"2.12.{YEAR}"]
    assert value(answer, "capacity") == "x"
    assert await catalogue.events(Sought(states=tuple(State))) == []


async def test_an_address_in_use_and_an_end_in_the_past_are_conflicts(house: House) -> None:
    await make_event(slug="spring")
    taken = await house.staff.post("/staff/events/new", data=typed(slug="spring"))
    assert (taken.status_code, len(error(taken, "slug"))) == (409, 1)
    past = typed(starts_at="2020-01-01T09:00", ends_at="2020-01-01T10:00")
    over = await house.staff.post("/staff/events/new", data=past)
    assert (over.status_code, len(error(over, "ends_at"))) == (409, 1)


async def test_an_organiser_organises_what_they_create(house: House) -> None:
    answer = await house.organiser.post("/staff/events/new", data=typed())
    assert answer.status_code == 303
    page = await house.organiser.get(answer.headers["location"])
    assert words(page, "#organisers tbody th .who-name") == ["Olli Organiser"]
    assert (await house.organiser.get(f"{answer.headers['location']}/diets")).status_code == 200
    mine = await house.staff.post("/staff/events/new", data=typed(title_fi="Toinen"))
    other = await house.staff.get(mine.headers["location"])
    assert words(other, "#organisers .banner") == ["Nobody organises this event yet."]


async def test_organisers_are_added_with_a_reason_and_taken_away(house: House) -> None:
    event = await make_event()
    path = f"/staff/events/{event.id}"
    give = f"{path}/organisers"
    missing = await house.staff.post(give, data={"account": "olli@example.fi", "reason": " "})
    assert (missing.status_code, error(missing, "reason")) == (422, ["This is needed."])
    unknown = await house.staff.post(give, data={"account": "no@example.fi", "reason": "x"})
    assert (unknown.status_code, len(error(unknown, "account"))) == (422, 1)
    form = {"account": "OLLI@example.fi", "reason": "runs the buffet"}
    assert (await house.staff.post(give, data=form)).status_code == 303
    page = await house.organiser.get(path)
    assert "runs the buffet" in words(page, "#organisers td")
    other = await make_event(slug="other")
    ends = [each for each in page.text.split('"') if each.endswith("/end")]
    elsewhere = ends[0].replace(str(event.id), str(other.id))
    assert (await house.staff.post(elsewhere)).status_code == 404
    assert (await house.staff.post(ends[0])).status_code == 303
    assert (await house.organiser.get(path)).status_code == 404


async def test_an_organiser_without_an_agreement_is_shown_as_such(house: House) -> None:
    event = await make_event()
    await make_account(Role.TRAINER, "uusi@example.fi", "Uusi Henkilö", nda_on=None)
    form = {"account": "uusi@example.fi", "reason": "helps"}
    await house.staff.post(f"/staff/events/{event.id}/organisers", data=form)
    page = await house.staff.get(f"/staff/events/{event.id}")
    assert words(page, "#organisers td .badge") == ["No agreement yet"]


def _diet() -> Diet:
    diet = DietGiven(needs=("vegan",), allergies=("nuts",), other="<b>no kiwi</b>", consent=True)
    made = diet.diet()
    assert made is not None
    return made


async def _guest(event: EventLine, house: House, number: int) -> None:
    contact = Contact("Guest", f"Number{number}", f"g{number}@example.fi", language="en")
    await register_guest(
        event_offering(event),
        SignUp(contact, Source.SELF),
        _diet(),
        settings=house.settings,
        now=clock.now(),
    )


@pytest.mark.promise("P3")
async def test_each_look_at_food_restrictions_is_on_record(house: House) -> None:
    event = await make_event()
    await house.organise(event.id)
    for number in range(3):
        await _guest(event, house, number)
    page = await house.organiser.get(f"/staff/events/{event.id}/diets")
    assert words(page, ".data-table tbody th .who-name") == [
        "Guest Number0",
        "Guest Number1",
        "Guest Number2",
    ]
    assert "&lt;b&gt;no kiwi&lt;/b&gt;" in page.text
    assert "<b>no kiwi" not in page.text
    assert words(page, ".banner-title") == ["That you looked is on record"]
    seen = await disclosures()
    assert [(each.actor_id, each.purpose) for each in seen] == [
        (house.organiser_id, "catering")
    ] * 3
    kitchen = await house.organiser.get(f"/staff/events/{event.id}/kitchen")
    assert words(kitchen, ".sheet-table tbody th") == [
        "All guests",
        "of these without a plate listed below",
        "Vegan, no nuts",
        "Vegan",
        "no nuts",
    ]
    assert words(kitchen, ".sheet-table tbody td") == ["3", "–", "VE", "3", "VE", "3", "", "3"]
    assert "Number0" not in kitchen.text


@pytest.mark.promise("P4")
async def test_after_the_deletion_the_pages_say_when_and_show_the_receipt(house: House) -> None:
    event = await make_event()
    await house.organise(event.id)
    await _guest(event, house, 1)
    assert event.erase_at is not None
    await delete_due(house.settings, now=event.erase_at + timedelta(minutes=1))
    for page in ("", "/diets", "/kitchen"):
        answer = await house.organiser.get(f"/staff/events/{event.id}{page}")
        assert answer.status_code == 200
        (when,) = words(answer, ".deadline-when")
        assert when.startswith("Food restrictions were deleted on ")
        (receipt,) = words(answer, ".deadline .quiet")
        assert ": 1 deleted, " in receipt
        assert words(answer, ".sheet-table") == []
    listed = await house.staff.get("/staff/ledger")
    assert words(listed, ".data-table tbody th") == ["Safety day"]
    assert words(listed, ".data-table .badge") == ["1 minute late"]


async def test_an_event_without_catering_has_no_kitchen(house: House) -> None:
    event = await make_event(catered=False)
    await house.organise(event.id)
    page = await house.organiser.get(f"/staff/events/{event.id}")
    assert words(page, ".deadline") == []
    assert (await house.organiser.get(f"/staff/events/{event.id}/diets")).status_code == 422


async def test_cancelling_says_that_food_restrictions_go_and_happens_once(house: House) -> None:
    event = await make_event()
    await house.organise(event.id)
    path = f"/staff/events/{event.id}/cancel"
    asked = await house.organiser.get(path)
    assert "All food restrictions for it are deleted at once." in words(asked, ".confirm p")
    assert (await house.organiser.post(path)).status_code == 303
    assert (await house.organiser.post(path)).status_code == 409
    page = await house.organiser.get(f"/staff/events/{event.id}")
    assert words(page, ".banner-title") == ["This event is cancelled"]
    assert words(page, "#add") == []


async def test_lists_ask_the_same_for_many(house: House) -> None:
    event = await make_event()
    await take_place(event, house.settings)
    paths = ("/staff/events", f"/staff/events/{event.id}", "/staff")
    await house.staff.get(f"/staff/events/{event.id}")  # the look is recorded once an hour
    few: list[int] = []
    for path in paths:
        async with statements() as asked:
            await house.staff.get(path)
        few.append(len(asked))
    for number in range(8):
        await take_place(event, house.settings)
        await make_event(slug=f"more-{number}")
    many: list[int] = []
    for path in paths:
        async with statements() as asked:
            await house.staff.get(path)
        many.append(len(asked))
    assert many == few
