"""Food over the API: meals that are taken, the kitchen's deadline, and the folded sheet."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

import pytest

from tests.api.makers import House, Json, at, event, found, items, make_event, person, refused

DAY = at(240)[:10]
MEALS: list[Json] = [
    {"on": DAY, "kind": "lunch"},
    {"on": DAY, "kind": "dinner", "name": {"fi": "Gaala", "en": "Gala"}},
]
SERIOUS: Json = {"allergies": ["nuts"], "serious": True, "consent": True}


async def feast(house: House, *, diets_until: str | None = None) -> tuple[str, list[str]]:
    """The event's id and those of its meals."""
    made = await make_event(house, catered=True, meals=MEALS, diets_until=diets_until)
    meals = made["meals"]
    assert isinstance(meals, list)
    return str(made["id"]), [str(meal["id"]) for meal in meals]


async def register(house: House, where: str, number: int, diet: Json) -> None:
    given = {"person": person(number), "diet": diet}
    found(await house.post(f"/events/{where}/registrations", given), 201)


async def test_an_event_tells_its_meals_and_the_kitchens_deadline(house: House) -> None:
    until = at(200)
    where, _ids = await feast(house, diets_until=until)
    shown = found(await house.get(f"/events/{where}"))
    meals = shown["meals"]
    assert isinstance(meals, list)
    assert [(meal["kind"], meal["name"]) for meal in meals] == [
        ("lunch", {}),
        ("dinner", {"fi": "Gaala", "en": "Gala"}),
    ]
    assert datetime.fromisoformat(str(shown["diets_until"])) == datetime.fromisoformat(until)
    late = event(catered=True, diets_until=at(241))
    answer = await house.post("/events", late, who="organiser")
    assert refused(answer, 422) == {"diets_until": "kitchen"}
    change: Json = {"meals": MEALS[:1]}
    after = found(await house.call("PATCH", f"/events/{where}", change, who="organiser"))
    assert (after["meals"], after["diets_until"]) == (meals[:1], shown["diets_until"])


async def test_a_guest_says_which_meals_they_take(house: House) -> None:
    where, (lunch, dinner) = await feast(house)
    await register(house, where, 1, {"needs": ["vegan"], "meals": [dinner], "consent": True})
    await register(house, where, 2, {"meals": [lunch]})
    [guest] = items(await house.get(f"/events/{where}/diets", who="organiser"))
    diet = guest["diet"]
    assert isinstance(diet, dict)
    assert (diet["needs"], diet["skipped_meals"]) == (["vegan"], [lunch])
    kitchen = found(await house.get(f"/events/{where}/kitchen", who="organiser"))
    assert kitchen["sheet"] == {"guests": {lunch: 1, dinner: 1}, "plates": []}
    assert (kitchen["guests"], kitchen["with_diet"]) == (2, 1)


async def test_meals_that_are_not_served_are_refused(house: House) -> None:
    where, _meals = await feast(house)
    _other, others = await feast(house)
    for meals, said in (
        ([str(uuid4())], {"diet.meals": "unknown"}),
        (others, {"diet.meals": "unknown"}),
        (["lunch"], {"diet.meals.0": "uuid_parsing"}),
        ([str(uuid4())] * 201, {"diet.meals": "too_long"}),
    ):
        given = {"person": person(), "diet": {"meals": meals}}
        answer = await house.post(f"/events/{where}/registrations", given)
        assert refused(answer, 422) == said
    assert items(await house.get("/registrations", who="staff")) == []


@pytest.mark.promise("P3")
async def test_a_serious_allergy_stands_alone_with_its_own_consent_only(house: House) -> None:
    where, (lunch, dinner) = await feast(house)
    for number in range(3):
        await register(house, where, number, {"needs": ["gluten-free"], "consent": True})
    await register(house, where, 3, SERIOUS)
    sheet = found(await house.get(f"/events/{where}/kitchen", who="organiser"))["sheet"]
    together = {
        "codes": ["gluten-free", "nuts"],
        "apart": True,
        "alone": False,
        "guests": {lunch: 4, dinner: 4},
    }
    assert sheet == {"guests": {lunch: 4, dinner: 4}, "plates": [together]}
    await register(house, where, 4, {**SERIOUS, "contact_consent": True})
    sheet = found(await house.get(f"/events/{where}/kitchen", who="organiser"))["sheet"]
    alone = {
        "codes": ["nuts"],
        "apart": True,
        "alone": True,
        "guests": {lunch: 1, dinner: 1},
    }
    assert sheet == {"guests": {lunch: 5, dinner: 5}, "plates": [alone, together]}
    wrong = {"person": person(9), "diet": {"needs": ["vegan"], "consent": True}}
    wrong["diet"] = {**wrong["diet"], "contact_consent": True}
    answer = await house.post(f"/events/{where}/registrations", wrong)
    assert refused(answer, 422) == {"diet.contact_consent": "not_serious"}


@pytest.mark.promise("P4")
async def test_after_the_kitchens_deadline_a_diet_is_refused_and_the_guest_is_not(
    house: House,
) -> None:
    where, _meals = await feast(house, diets_until=at(-1))
    given = {"person": person(), "diet": SERIOUS}
    answer = await house.post(f"/events/{where}/registrations", given)
    refused(answer, 409)
    assert "The kitchen took the last changes" in answer.text
    found(await house.post(f"/events/{where}/registrations", {"person": person()}), 201)
