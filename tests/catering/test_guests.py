"""Giving, changing, withdrawing and seeing diets."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from registration.catering import store as dietary
from registration.catering.models import SealedDiet, Vault
from registration.catering.rules import (
    DietsClosed,
    DietsUnavailable,
    NotCatered,
    NotYourEvent,
    may_give,
)
from registration.catering.service import (
    Counted,
    KitchenCounts,
    change_diet,
    diet_of,
    diets_of_event,
    kitchen_counts,
    let_go_of_diets,
    register_guest,
    take_back,
)
from registration.enrolment.models import Place
from registration.enrolment.rules import PlaceNotFound, SeatingFull
from registration.ledger.models import Disclosure, Entry
from registration.ledger.queries import receipts
from registration.settings import Settings
from tests.catering.makers import (
    END,
    NOW,
    SECOND,
    diet,
    event_given,
    make_event,
    make_guest,
    organiser_of,
    said,
    wish,
)


async def test_a_guest_reads_the_diet_that_was_given(store: Settings) -> None:
    event = await make_event()
    taken = await make_guest(event, diet("no coriander"), settings=store)
    assert said(await diet_of(taken.id, settings=store)) == said(diet("no coriander"))


async def test_a_guest_without_a_diet_leaves_the_dietary_store_untouched(store: Settings) -> None:
    event = await make_event()
    taken = await make_guest(event, None, settings=store)
    assert await diet_of(taken.id, settings=store) is None
    assert (await Vault.all().count(), await SealedDiet.all().count()) == (0, 0)


@pytest.mark.promise("P2")
async def test_a_diet_for_an_event_without_catering_is_refused_at_its_field(
    store: Settings,
) -> None:
    event = await make_event(event_given(catered=False))
    with pytest.raises(NotCatered) as raised:
        await make_guest(event, diet(), settings=store)
    assert [(error.field, error.code) for error in raised.value.errors] == [("diet", "not_catered")]
    assert (await Place.all().count(), await Vault.all().count()) == (0, 0)


async def test_a_refused_sign_up_keeps_no_diet(store: Settings) -> None:
    event = await make_event(event_given(capacity=1, waiting_open=False))
    await make_guest(event, diet("one"), settings=store)
    with pytest.raises(SeatingFull):
        await make_guest(event, diet("two"), settings=store)
    assert await SealedDiet.all().count() == 1


async def test_a_repeated_submission_keeps_the_first_diet(store: Settings) -> None:
    event = await make_event()
    form = wish(submission="form-1")
    first = await register_guest(event, form, diet("first"), settings=store, now=NOW)
    again = await register_guest(event, form, diet("second"), settings=store, now=NOW)
    assert again == replace(first, repeated=True)
    assert said(await diet_of(first.id, settings=store)) == said(diet("first"))
    assert await SealedDiet.all().count() == 1


async def test_many_first_diets_at_once_share_one_key(store: Settings) -> None:
    event = await make_event()
    taken = await asyncio.gather(
        *[make_guest(event, diet(f"guest {number}"), settings=store) for number in range(12)]
    )
    vault = await Vault.get(event_id=event.id)
    files = sorted(path.name for path in store.keys_folder.glob("*.key"))
    read = [said(await diet_of(each.id, settings=store)) for each in taken]
    assert files == [f"{vault.key_id}.key"]
    assert read == [said(diet(f"guest {number}")) for number in range(12)]


async def test_key_files_are_for_their_owner_alone(store: Settings) -> None:
    await make_guest(await make_event(), diet(), settings=store)
    [key] = store.keys_folder.glob("*.key")
    assert (key.stat().st_mode & 0o777, key.stat().st_size) == (0o600, 32)
    assert store.keys_folder.stat().st_mode & 0o777 == 0o700


async def test_a_short_diet_and_a_long_one_look_the_same(store: Settings) -> None:
    event = await make_event()
    await make_guest(event, diet(""), settings=store)
    await make_guest(event, diet("x" * 120, allergies="nuts,milk", serious=True), settings=store)
    assert len({len(row.content) for row in await SealedDiet.all()}) == 1


async def test_changing_replaces_what_was_said(store: Settings) -> None:
    event = await make_event()
    taken = await make_guest(event, diet("before"), settings=store)
    await change_diet(taken.id, diet("after"), settings=store, now=NOW)
    assert said(await diet_of(taken.id, settings=store)) == said(diet("after"))
    assert await SealedDiet.all().count() == 1


async def test_a_diet_can_be_added_later_even_twice_at_once(store: Settings) -> None:
    event = await make_event()
    taken = await make_guest(event, None, settings=store)
    await asyncio.gather(
        *[change_diet(taken.id, diet("late"), settings=store, now=NOW) for _each in range(2)]
    )
    assert said(await diet_of(taken.id, settings=store)) == said(diet("late"))
    assert await SealedDiet.all().count() == 1


@pytest.mark.promise("P4")
async def test_withdrawing_deletes_at_once_and_leaves_a_receipt(store: Settings) -> None:
    event = await make_event()
    taken = await make_guest(event, diet("mine"), settings=store)
    await change_diet(taken.id, None, settings=store, now=NOW + SECOND)
    await change_diet(taken.id, None, settings=store, now=NOW + 2 * SECOND)
    given = [(line.event_id, line.reason, line.diets) for line in await receipts()]
    assert given == [(event.id, "withdrawn", 1)]
    assert await SealedDiet.all().count() == 0
    assert (await Place.get(id=taken.id)).diet_token is None
    assert await diet_of(taken.id, settings=store) is None


@pytest.mark.promise("P11")
async def test_an_erased_person_leaves_no_diet_at_any_event(store: Settings) -> None:
    first, second = await make_event(), await make_event()
    form = wish()
    taken = await register_guest(first, form, diet("one"), settings=store, now=NOW)
    await register_guest(second, form, diet("two"), settings=store, now=NOW)
    await make_guest(first, diet("another"), settings=store)
    places = await let_go_of_diets(taken.person_id)
    assert await take_back(places, settings=store, now=NOW) == 2
    assert await let_go_of_diets(taken.person_id) == []
    assert await SealedDiet.all().count() == 1


async def test_the_form_is_closed_when_the_event_is_over(store: Settings) -> None:
    event = await make_event()
    taken = await make_guest(event, None, settings=store)
    assert (may_give(event, now=END - SECOND), may_give(event, now=END)) == (True, False)
    with pytest.raises(DietsClosed):
        await change_diet(taken.id, diet(), settings=store, now=END)


async def test_a_place_that_is_not_there_has_no_diet(store: Settings) -> None:
    with pytest.raises(PlaceNotFound):
        await change_diet(uuid4(), diet(), settings=store, now=NOW)
    with pytest.raises(PlaceNotFound):
        await diet_of(uuid4(), settings=store)


async def test_without_its_key_a_diet_is_lost_and_none_is_taken(store: Settings) -> None:
    event = await make_event()
    await make_guest(event, diet("lost"), settings=store)
    [key] = store.keys_folder.glob("*.key")
    key.unlink()
    organiser = organiser_of(event.id)
    [guest] = await diets_of_event(
        event.id, identity=organiser, road="api", settings=store, now=NOW
    )
    assert guest.diet is None
    with pytest.raises(DietsUnavailable):
        await make_guest(event, diet("new"), settings=store)


@pytest.mark.promise("P3")
async def test_only_the_events_own_organisers_see_its_diets(store: Settings) -> None:
    event, another = await make_event(), await make_event()
    await make_guest(event, diet("mine"), settings=store)
    for stranger in (organiser_of(another.id), organiser_of()):
        with pytest.raises(NotYourEvent):
            await diets_of_event(event.id, identity=stranger, road="page", settings=store, now=NOW)
        with pytest.raises(NotYourEvent):
            await kitchen_counts(event.id, identity=stranger, settings=store, now=NOW)
    assert (await Disclosure.all().count(), await Entry.filter(act="diets-seen").count()) == (0, 0)


@pytest.mark.promise("P3")
async def test_every_look_is_on_record_for_each_guest(store: Settings) -> None:
    event = await make_event()
    taken = [await make_guest(event, diet(f"word {number}"), settings=store) for number in range(3)]
    await make_guest(event, None, settings=store)
    organiser = organiser_of(event.id)
    seen = await diets_of_event(event.id, identity=organiser, road="page", settings=store, now=NOW)
    shown = await Disclosure.all()
    assert {guest.person_id: said(guest.diet) for guest in seen} == {
        each.person_id: said(diet(f"word {number}")) for number, each in enumerate(taken)
    }
    assert sorted(
        (row.person_id, row.actor_id, row.fields_shown, row.purpose, row.basis, row.road)
        for row in shown
    ) == sorted(
        (one.person_id, organiser.account_id, "name,diet", "catering", "explicit-consent", "page")
        for one in taken
    )
    looked = await Entry.get(act="diets-seen")
    assert (looked.object_id, looked.actor_id) == (event.id, organiser.account_id)


async def test_the_kitchen_gets_numbers_and_rare_plates_are_folded(store: Settings) -> None:
    event = await make_event(event_given(capacity=7))
    for _guest in range(3):
        await make_guest(event, diet(needs="vegan", allergies="nuts"), settings=store)
    await make_guest(event, diet("no coriander", needs="halal", serious=True), settings=store)
    await make_guest(event, diet(needs="vegan"), settings=store)
    await make_guest(event, None, settings=store)
    await make_guest(event, None, settings=store)
    waiting = await make_guest(event, diet(needs="kosher"), settings=store)
    assert waiting.position == 1
    assert await kitchen_counts(
        event.id, identity=organiser_of(event.id), settings=store, now=NOW
    ) == KitchenCounts(
        event_id=event.id,
        guests=7,
        with_diet=5,
        needs=(Counted(("vegan",), 4), Counted(("halal",), 1)),
        allergies=(Counted(("nuts",), 3),),
        combinations=(Counted(("vegan", "nuts"), 3),),
        other_combinations=2,
        other=1,
        serious=1,
        lost=0,
    )


@pytest.mark.promise("P5")
async def test_a_ciphertext_opens_only_for_its_own_guest_and_event(store: Settings) -> None:
    event = await make_event()
    one = await make_guest(event, diet("one"), settings=store)
    two = await make_guest(event, diet("two"), settings=store)
    tokens = [(await Place.get(id=each.id)).diet_token for each in (one, two)]
    first, second = [await SealedDiet.get(token=token) for token in tokens]
    first.content, second.content = second.content, first.content
    await first.save()
    await second.save()
    assert await dietary.opened(event.id, settings=store) == {}
