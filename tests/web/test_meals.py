"""What a guest says of food and meals: in the sign-up, and on the guest's own page."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser
from starlette.applications import Starlette

from registration import clock
from registration.accounts.grants import grant
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import EventLine
from registration.catalogue.models import Event
from registration.catalogue.rules import EventGiven
from registration.catering.models import SealedDiet
from registration.catering.rules import Diet, DietShown, reveal
from registration.catering.service import change_diet, diet_of
from registration.db import transaction
from registration.enrolment.models import Place
from registration.forms import parse
from registration.mail.models import Mail
from registration.people.rules import Contact
from registration.settings import Settings
from tests.builders import log_in, make_account, make_participant
from tests.conftest import browser
from tests.web.makers import HOUR, make_event, soon, take_place

MINE = Contact("Aino", "Virtanen", "aino@example.fi", language="en")


async def feast(*, kinds: tuple[str, ...] = ("lunch", "dinner")) -> EventLine:
    start = soon()
    given = parse(
        EventGiven,
        {
            "title": {"en": "Feast"},
            "slug": "feast",
            "starts_at": start,
            "ends_at": start + 8 * HOUR,
            "capacity": 20,
            "catered": True,
            "meals": [{"on": start.date(), "kind": kind} for kind in kinds],
            "diets_until": start - 2 * HOUR,
        },
    )
    return await catalogue.event(await service.add_event(given, actor_id=None, now=clock.now()))


async def close_the_kitchen(event: EventLine) -> None:
    async with transaction():
        await Event.filter(id=event.id).update(diets_until=clock.now() - HOUR)


def filled(**more: object) -> dict[str, object]:
    return {
        "first_name": "Aino",
        "last_name": "Virtanen",
        "email": "aino@example.fi",
        "language": "en",
        "token": uuid4().hex,
        **more,
    }


def meals_of(event: EventLine) -> list[str]:
    return [str(meal.id) for meal in event.meals]


def shown(response: httpx.Response, selector: str) -> list[str]:
    tree = LexborHTMLParser(response.text)
    return [" ".join(node.text().split()) for node in tree.css(selector)]


async def kept(settings: Settings) -> DietShown | None:
    [place] = await Place.all()
    diet = await diet_of(place.id, settings=settings)
    return reveal(diet) if diet else None


async def test_the_form_ticks_every_meal_and_all_of_them_need_no_record(
    client: httpx.AsyncClient,
) -> None:
    event = await feast()
    form = await client.get("/events/feast/register")
    tree = LexborHTMLParser(form.text)
    ticked = [node.attributes["value"] for node in tree.css("input[name=meals][checked]")]
    assert ticked == meals_of(event)
    sent = filled(meal_shown=meals_of(event), meals=meals_of(event))
    answer = await client.post("/events/feast/register", data=sent)
    assert (answer.status_code, await SealedDiet.all().count()) == (200, 0)


async def test_what_is_unticked_is_left_out_and_needs_no_consent(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    event = await feast()
    lunch, dinner = meals_of(event)
    sent = filled(meal_shown=[lunch, dinner], meals=[lunch])
    assert (await client.post("/events/feast/register", data=sent)).status_code == 200
    said = await kept(settings)
    assert said is not None
    assert (said.skipped, said.consented_at) == ((UUID(dinner),), None)


async def test_a_meal_that_came_while_the_form_was_open_is_taken(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    event = await feast()
    lunch, _dinner = meals_of(event)
    sent = filled(meal_shown=[lunch], meals=[lunch])
    await client.post("/events/feast/register", data=sent)
    [place] = await Place.all()
    assert place.diet_token is None


@pytest.mark.parametrize("stranger", [str(UUID(int=7)), "lunch", "<script>", "=1+1"])
async def test_a_meal_of_another_event_or_none_is_refused_beside_the_meals(
    client: httpx.AsyncClient, stranger: str
) -> None:
    event = await feast()
    sent = filled(meal_shown=meals_of(event), meals=[stranger])
    answer = await client.post("/events/feast/register", data=sent)
    assert answer.status_code == 422
    assert await Place.all().count() == 0
    assert "<script>" not in answer.text.replace('<script type="module"', "")


async def test_contact_needs_its_own_tick_and_a_serious_allergy(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await feast()
    sent = filled(needs=["vegan"], contact_consent="1", consent="1")
    answer = await client.post("/events/feast/register", data=sent)
    assert (answer.status_code, len(shown(answer, "#f-contact_consent-error"))) == (422, 1)
    sent = filled(allergies=["nuts"], serious="1", consent="1")
    assert (await client.post("/events/feast/register", data=sent)).status_code == 200
    said = await kept(settings)
    assert said is not None
    assert (said.serious, said.contact, said.contact_at) == (True, False, None)


@pytest.mark.promise("P2")
async def test_what_is_too_long_or_without_catering_is_refused(client: httpx.AsyncClient) -> None:
    await feast()
    long = filled(other="x" * 100_000, consent="1")
    answer = await client.post("/events/feast/register", data=long)
    assert answer.status_code in {413, 422}
    await make_event(catered=False, slug="plain")
    sent = filled(needs=["vegan"], consent="1")
    answer = await client.post("/events/plain/register", data=sent)
    assert (answer.status_code, await Place.all().count()) == (422, 0)


async def test_words_of_a_guest_are_text_everywhere(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    await feast()
    words = "=HYPERLINK(1) <script>alert(1)</script>"
    sent = filled(other=words, consent="1")
    assert (await client.post("/events/feast/register", data=sent)).status_code == 200
    said = await kept(settings)
    assert said is not None
    assert said.other == words
    assert [mail.subject for mail in await Mail.all() if "HYPERLINK" in mail.body_text] == []


@pytest.mark.promise("P4")
async def test_after_the_kitchens_deadline_the_sign_up_asks_nothing_and_says_why(
    client: httpx.AsyncClient,
) -> None:
    event = await feast()
    await close_the_kitchen(event)
    form = await client.get("/events/feast/register")
    assert shown(form, "input[name=needs]") == []
    assert "The kitchen took its last changes on" in form.text
    sent = filled(needs=["vegan"], consent="1")
    answer = await client.post("/events/feast/register", data=sent)
    assert (answer.status_code, await Place.all().count()) == (409, 0)
    assert "Tell the organisers of the event" in answer.text
    assert (await client.post("/events/feast/register", data=filled())).status_code == 200


@pytest.mark.promise("P4")
async def test_after_the_deadline_the_guest_sees_what_is_kept_whom_to_tell_and_may_withdraw(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    event = await feast()
    _person, account = await make_participant()
    organiser = await make_account(Role.ORGANISER, "olli@example.fi", "Olli Organiser")
    await grant(organiser, Role.ORGANISER, scope_id=event.id, now=clock.now())
    place = await take_place(event, settings, contact=MINE)
    diet = Diet(DietShown(("vegan",), ("nuts",), "no kiwi", serious=True))
    await change_diet(place.id, diet, settings=settings, now=clock.now())
    await close_the_kitchen(event)
    await log_in(client, account)
    path = f"/me/places/{place.id}/diet"
    page = await client.get(path)
    assert "Olli Organiser, olli@example.fi" in " ".join(shown(page, ".banner li"))
    assert shown(page, "main dd") == ["Vegan", "Nuts", "Yes", "no kiwi"]
    assert shown(page, "input[name=needs]") == []
    refused = await client.post(path, data={"needs": ["halal"], "consent": "1"})
    assert refused.status_code == 409
    said = await diet_of(place.id, settings=settings)
    assert said is not None
    assert reveal(said).needs == ("vegan",)
    assert (await client.post(f"{path}/withdraw")).status_code == 303
    assert await diet_of(place.id, settings=settings) is None


async def test_anothers_diet_can_be_neither_seen_nor_changed(
    client: httpx.AsyncClient, app: Starlette, settings: Settings
) -> None:
    event = await feast()
    place = await take_place(event, settings, contact=MINE)
    other = await take_place(event, settings)
    _person, account = await make_participant()
    async with browser(app) as mine:
        await log_in(mine, account)
        assert (await mine.get(f"/me/places/{place.id}/diet")).status_code == 200
        for path in ("diet", "diet/withdraw"):
            answer = await mine.post(f"/me/places/{other.id}/{path}", data={"needs": ["vegan"]})
            assert answer.status_code == 404
    assert await SealedDiet.all().count() == 0


async def test_the_own_page_keeps_the_meals_that_were_left_out(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    event = await feast()
    _person, account = await make_participant()
    place = await take_place(event, settings, contact=MINE)
    await log_in(client, account)
    lunch, dinner = meals_of(event)
    path = f"/me/places/{place.id}/diet"
    sent = {"meal_shown": [lunch, dinner], "meals": [dinner]}
    assert (await client.post(path, data=sent)).status_code == 303
    page = await client.get(path)
    tree = LexborHTMLParser(page.text)
    assert [node.attributes["value"] for node in tree.css("input[name=meals][checked]")] == [dinner]
    assert tree.css("input[name=consent][checked]") == []
    await service.change_event(
        event.id,
        parse(
            EventGiven,
            {
                "title": {"en": "Feast"},
                "starts_at": event.starts_at,
                "ends_at": event.ends_at,
                "capacity": 20,
                "catered": True,
                "meals": [{"on": event.meals[0].on, "kind": "dinner"}],
            },
        ),
        actor_id=None,
        now=clock.now() + timedelta(seconds=1),
    )
    gone = await client.post(path, data=sent | {"meals": [lunch]})
    assert (gone.status_code, len(shown(gone, "#f-meals-error"))) == (422, 1)
