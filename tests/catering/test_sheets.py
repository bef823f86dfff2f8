"""The kitchen sheet as it leaves the house, its versions, and the caterer's link."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from registration.accounts.rules import Identity
from registration.catalogue import queries as catalogue
from registration.catalogue import service as catalogue_service
from registration.catalogue.rules import Offering
from registration.catering.deletion import delete_due
from registration.catering.folding import Plate
from registration.catering.links import (
    CatererLinkNotFound,
    LinkEndsWrong,
    LinkGiven,
    links_of,
    make_link,
    open_link,
    revoke_link,
)
from registration.catering.models import CatererLink, HandedSheet
from registration.catering.rules import (
    Diet,
    DietGiven,
    KitchenClosed,
    NotCatered,
    NotYourEvent,
    UnknownMeal,
    reveal,
)
from registration.catering.service import change_diet, diet_of, diets_of_event
from registration.catering.sheets import Change, Road, changes, hand_out, last_handed, sheet_of
from registration.enrolment.changes import cancel_event
from registration.errors import FieldError
from registration.forms import Refused, parse
from registration.ledger.models import Disclosure, Entry
from registration.settings import Settings
from tests.catering.makers import (
    DUE,
    END,
    NOW,
    SECOND,
    START,
    diet,
    event_given,
    make_event,
    make_guest,
    offering_of,
    organiser_of,
)

DAY = START.date().isoformat()
MEALS = [
    {"on": DAY, "kind": "dinner", "name": {"en": "Gala dinner"}},
    {"on": DAY, "kind": "lunch"},
]
HOUR = timedelta(hours=1)


async def event_with_meals() -> Offering:
    return await make_event(event_given(meals=MEALS))


def leaving_out(event: Offering, *kinds: str, **said: object) -> Diet:
    taken = [meal.id for meal in event.meals if meal.kind not in kinds]
    made = parse(DietGiven, {"meals": taken, **said}).diet(event.meals)
    assert made is not None
    return made


async def test_meals_are_served_in_the_order_of_the_day_and_keep_their_ids(
    register: Settings,
) -> None:
    event = await event_with_meals()
    assert [(meal.kind, meal.name) for meal in event.meals] == [
        ("lunch", {}),
        ("dinner", {"en": "Gala dinner"}),
    ]
    given = event_given(meals=[{"on": DAY, "kind": "lunch", "name": "Buffet"}])
    await catalogue_service.change_event(event.id, given, actor_id=None, now=NOW)
    [lunch] = (await offering_of(event.id)).meals
    assert (lunch.id, lunch.name) == (event.meals[0].id, {"fi": "Buffet"})


@pytest.mark.promise("P5")
async def test_a_guest_who_leaves_out_a_meal_is_kept_sealed_without_a_consent(
    store: Settings,
) -> None:
    event = await event_with_meals()
    taken = await make_guest(event, leaving_out(event, "dinner"), settings=store)
    kept = await diet_of(taken.id, settings=store)
    assert kept is not None
    shown = reveal(kept)
    assert (shown.skipped, shown.restricts, shown.consented_at) == (
        (event.meals[1].id,),
        False,
        None,
    )
    organiser = organiser_of(event.id)
    told = await diets_of_event(event.id, identity=organiser, road="api", settings=store, now=NOW)
    sheet, _untold = await sheet_of(event.id, identity=organiser, settings=store, now=NOW)
    assert (told, sheet.guests, sheet.plates) == ([], (1, 0), ())


def test_all_meals_and_nothing_else_need_no_record() -> None:
    assert parse(DietGiven, {"meals": []}).diet(()) is None
    assert parse(DietGiven, {}).diet(()) is None


def test_meals_of_another_event_are_refused() -> None:
    with pytest.raises(UnknownMeal) as raised:
        parse(DietGiven, {"meals": [str(uuid4())]}).diet(())
    [error] = raised.value.errors
    assert (error.field, error.code) == ("meals", "unknown")


async def test_a_meal_that_is_taken_off_the_menu_takes_the_choice_along(store: Settings) -> None:
    event = await event_with_meals()
    chosen = leaving_out(event, "dinner", needs="vegan", consent=True)
    await make_guest(event, chosen, settings=store)
    given = event_given(meals=MEALS[1:])
    await catalogue_service.change_event(event.id, given, actor_id=None, now=NOW)
    sheet, _untold = await sheet_of(
        event.id, identity=organiser_of(event.id), settings=store, now=NOW
    )
    assert ([meal.kind for meal in sheet.meals], sheet.guests) == (["lunch"], (1,))


async def test_each_consent_has_its_moment_and_its_words(store: Settings) -> None:
    event = await make_event()
    serious = diet(allergies="nuts", serious=True, contact_consent=True)
    taken = await make_guest(event, serious, settings=store)
    kept = await diet_of(taken.id, settings=store)
    assert kept is not None
    shown = reveal(kept)
    assert (shown.consented_at, shown.consent_text) == (NOW, "diet-1")
    assert (shown.contact_at, shown.contact_text, shown.apart) == (NOW, "contact-1", True)


def test_contact_is_for_serious_allergies_only() -> None:
    with pytest.raises(Refused) as raised:
        parse(DietGiven, {"needs": "vegan", "consent": True, "contact_consent": True})
    assert [error.code for error in raised.value.errors] == ["not_serious"]


@pytest.mark.promise("P4")
async def test_after_the_kitchens_deadline_nothing_changes_but_withdrawing_deletes(
    store: Settings,
) -> None:
    until = START - 48 * HOUR
    event = await make_event(event_given(diets_until=until))
    taken = await make_guest(event, diet("mine"), settings=store)
    with pytest.raises(KitchenClosed) as raised:
        await change_diet(taken.id, diet("late"), settings=store, now=until)
    assert raised.value.params == {"date": "9.3.2027 11:00"}
    with pytest.raises(KitchenClosed):
        await make_guest(event, diet("later"), settings=store, now=until + SECOND)
    await change_diet(taken.id, None, settings=store, now=until + SECOND)
    assert await diet_of(taken.id, settings=store) is None


def test_the_kitchens_deadline_is_not_after_the_start() -> None:
    with pytest.raises(Refused) as raised:
        event_given(diets_until=START + SECOND)
    assert [error.code for error in raised.value.errors] == ["kitchen"]


async def fill(event: Offering, settings: Settings) -> Identity:
    for _guest in range(3):
        await make_guest(event, diet(needs="gluten-free"), settings=settings)
    serious = diet(needs="", allergies="nuts", serious=True, contact_consent=True)
    await make_guest(event, serious, settings=settings)
    await make_guest(event, None, settings=settings)
    return organiser_of(event.id)


async def test_the_sheet_counts_by_meal_and_tells_the_organisers_the_rest(store: Settings) -> None:
    event = await event_with_meals()
    organiser = await fill(event, store)
    await make_guest(event, diet("by hand", needs=""), settings=store)
    sheet, untold = await sheet_of(event.id, identity=organiser, settings=store, now=NOW)
    assert sheet.guests == (6, 6)
    assert sheet.plates == (
        Plate(("nuts",), apart=True, alone=True, guests=(1, 1)),
        Plate(("gluten-free",), apart=False, alone=False, guests=(3, 3)),
    )
    assert (sheet.ordinary, untold.own_words, untold.rare) == ((2, 2), 1, 0)


@pytest.mark.promise("P3")
async def test_only_organisers_of_the_event_get_sheets_and_links(store: Settings) -> None:
    event, another = await make_event(), await make_event()
    stranger = organiser_of(another.id)
    given = LinkGiven(caterer="Kitchen")
    with pytest.raises(NotYourEvent):
        await sheet_of(event.id, identity=stranger, settings=store, now=NOW)
    with pytest.raises(NotYourEvent):
        await hand_out(event.id, Road.PDF, identity=stranger, settings=store, now=NOW)
    with pytest.raises(NotYourEvent):
        await make_link(event.id, given, identity=stranger, now=NOW)
    with pytest.raises(NotYourEvent):
        await links_of(event.id, identity=stranger, now=NOW)
    with pytest.raises(NotYourEvent):
        await revoke_link(event.id, uuid4(), identity=stranger, now=NOW)
    assert await HandedSheet.all().count() == 0


async def test_two_organisers_who_print_at_once_hold_the_same_version(store: Settings) -> None:
    event = await event_with_meals()
    organiser = await fill(event, store)
    handed = await asyncio.gather(
        *[
            hand_out(event.id, Road.PDF, identity=organiser, settings=store, now=NOW)
            for _each in range(4)
        ]
    )
    assert [each.version for each in handed] == [1] * 4
    assert await HandedSheet.all().count() == 1


async def test_what_changed_since_the_last_sheet_is_known_by_meal_and_need(
    store: Settings,
) -> None:
    event = await event_with_meals()
    organiser = await fill(event, store)
    await hand_out(event.id, Road.PDF, identity=organiser, settings=store, now=NOW)
    lunch_only = leaving_out(event, "dinner")
    await make_guest(event, diet(needs="gluten-free"), settings=store)
    await make_guest(event, lunch_only, settings=store)
    line = await catalogue.event(event.id)
    last = await last_handed(line, settings=store, now=NOW)
    assert last is not None
    sheet, _untold = await sheet_of(event.id, identity=organiser, settings=store, now=NOW)
    lunch, dinner = sheet.meals
    assert changes(last.sheet, sheet) == (
        Change(lunch, "", 5, 7),
        Change(lunch, "gluten-free", 3, 4),
        Change(dinner, "", 5, 6),
        Change(dinner, "gluten-free", 3, 4),
    )
    assert [change.code for change in changes(last.sheet, sheet, least=3)] == ["", ""]
    again = await hand_out(event.id, Road.XLSX, identity=organiser, settings=store, now=NOW + HOUR)
    assert (again.version, again.road, again.made_at) == (2, Road.XLSX, NOW + HOUR)


@pytest.mark.promise("P5")
async def test_a_version_is_sealed_like_a_diet(store: Settings) -> None:
    event = await event_with_meals()
    organiser = await fill(event, store)
    await hand_out(event.id, Road.PDF, identity=organiser, settings=store, now=NOW)
    [row] = await HandedSheet.all()
    assert b"gluten" not in bytes(row.content)
    [key] = store.keys_folder.glob("*.key")
    key.write_bytes(bytes(32))
    assert await last_handed(await catalogue.event(event.id), settings=store, now=NOW) is None


async def link_to(event: Offering, organiser: Identity, **given: object) -> str:
    return await make_link(
        event.id, parse(LinkGiven, {"caterer": "Kitchen", **given}), identity=organiser, now=NOW
    )


@pytest.mark.promise("P15")
async def test_each_opening_of_a_link_is_on_record_without_any_guest(store: Settings) -> None:
    event = await event_with_meals()
    organiser = await fill(event, store)
    secret = await link_to(event, organiser)
    first = await open_link(secret, settings=store, now=NOW)
    again = await open_link(secret, settings=store, now=NOW + HOUR)
    assert (first.handed.version, first.before, again.caterer) == (1, None, "Kitchen")
    assert again.before == replace(first.handed)
    [line] = await links_of(event.id, identity=organiser, now=NOW)
    assert (line.openings, line.opened_at, line.in_use) == (2, NOW + HOUR, True)
    opened = await Entry.filter(act="caterer-link-opened")
    assert [(row.object_id, row.actor_id, row.subject_id) for row in opened] == [
        (event.id, None, None)
    ] * 2
    assert await Disclosure.all().count() == 0


async def test_a_link_is_kept_as_a_hash_and_cannot_be_guessed(store: Settings) -> None:
    event = await make_event()
    secret = await link_to(event, organiser_of(event.id))
    [row] = await CatererLink.all()
    assert secret not in str(vars(row))
    for guess in (secret[:-1], f"{secret}x", row.secret_hash, "", "ö"):
        with pytest.raises(CatererLinkNotFound):
            await open_link(guess, settings=store, now=NOW)


async def test_a_link_ends_a_day_after_the_event_and_never_after_the_diets(store: Settings) -> None:
    event = await make_event(event_given(erase_diets_after="P7D"))
    organiser = organiser_of(event.id)
    secret = await link_to(event, organiser)
    [line] = await links_of(event.id, identity=organiser, now=NOW)
    assert line.ends_at == END + timedelta(days=1)
    await open_link(secret, settings=store, now=line.ends_at - SECOND)
    with pytest.raises(CatererLinkNotFound):
        await open_link(secret, settings=store, now=line.ends_at)
    with pytest.raises(LinkEndsWrong):
        await link_to(event, organiser, ends_at=END + timedelta(days=7) + SECOND)
    with pytest.raises(LinkEndsWrong):
        await link_to(event, organiser, ends_at=NOW)


async def test_a_revoked_link_and_one_of_a_cancelled_event_lead_nowhere(store: Settings) -> None:
    event = await make_event()
    organiser = organiser_of(event.id)
    one, other = [await link_to(event, organiser) for _each in range(2)]
    lines = await links_of(event.id, identity=organiser, now=NOW)
    for line in (lines[0], lines[0]):
        await revoke_link(event.id, line.id, identity=organiser, now=NOW)
    revoked = [row.revoked_at for row in await CatererLink.all() if row.id == lines[0].id]
    assert (revoked, await Entry.filter(act="caterer-link-revoked").count()) == ([NOW], 1)
    still = 0
    for secret in (one, other):
        try:
            await open_link(secret, settings=store, now=NOW)
            still += 1
        except CatererLinkNotFound:
            continue
    assert still == 1
    await cancel_event(event.id, actor_id=None, settings=store, now=NOW)
    for secret in (one, other):
        with pytest.raises(CatererLinkNotFound):
            await open_link(secret, settings=store, now=NOW)


async def test_another_events_link_is_not_revoked_here(store: Settings) -> None:
    event, another = await make_event(), await make_event()
    organiser = organiser_of(event.id, another.id)
    await link_to(event, organiser)
    [line] = await links_of(event.id, identity=organiser, now=NOW)
    with pytest.raises(CatererLinkNotFound):
        await revoke_link(another.id, line.id, identity=organiser, now=NOW)


async def test_an_event_without_catering_has_no_link(store: Settings) -> None:
    event = await make_event(event_given(catered=False))
    with pytest.raises(NotCatered):
        await link_to(event, organiser_of(event.id))


@pytest.mark.promise("P4")
async def test_links_and_versions_go_with_the_diets(store: Settings) -> None:
    event = await event_with_meals()
    stays = await make_event(event_given(starts_at=START + timedelta(days=10)))
    organiser = await fill(event, store)
    for each in (event, stays):
        secret = await link_to(each, organiser_of(each.id))
        await open_link(secret, settings=store, now=NOW)
    assert await delete_due(store, now=DUE) == 1
    left: list[UUID] = [row.event_id for row in await CatererLink.all()]
    sheets: list[UUID] = [row.event_id for row in await HandedSheet.all()]
    assert (left, sheets) == ([stays.id], [stays.id])
    assert await links_of(event.id, identity=organiser, now=DUE) == []


def test_a_field_error_says_until_when() -> None:
    [error] = LinkEndsWrong("1.4.2027 9:00").errors
    assert error == FieldError(
        "ends_at",
        "window",
        "The link must end after now, and by {latest}, when food restrictions go.",
        {"latest": "1.4.2027 9:00"},
    )
