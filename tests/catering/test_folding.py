"""From a kitchen sheet nobody can be singled out, and from it everybody can be fed."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.catering.folding import (
    CODES,
    Eater,
    Plate,
    by_code,
    covered,
    grouped,
    plates,
    shortest,
)
from registration.catering.rules import FOLD_BELOW

LUNCH, DINNER, SUPPER = MEALS = tuple(UUID(int=number) for number in (1, 2, 3))
SOME = ("gluten-free", "lactose-free", "milk-free", "vegetarian", "vegan", "halal", "nuts", "fish")

codes = st.frozensets(st.sampled_from(SOME), max_size=4)
meals = st.frozensets(st.sampled_from(MEALS))
consenting = st.builds(Eater, codes, meals, st.just(True), st.just(True))
others = st.builds(Eater, codes, meals, st.booleans(), st.just(False))
crowds = st.lists(st.one_of(consenting, others), max_size=24)


def eater(words: str, *at: UUID, apart: bool = False, alone: bool = False) -> Eater:
    return Eater(frozenset(words.split()), frozenset(at or MEALS), apart, alone)


def counted(crowd: list[Eater]) -> list[Eater]:
    """Whom the kitchen cooks for."""
    return [each for each in crowd if each.codes and each.meals]


@pytest.mark.promise("P3")
@given(crowds)
def test_each_group_has_three_guests_who_did_not_agree_to_stand_alone(crowd: list[Eater]) -> None:
    groups = grouped(crowd)
    sizes = [many for group, many in groups if not group.alone]
    hungry = sum(not each.alone for each in counted(crowd))
    assert [many for many in sizes if many < FOLD_BELOW] == []
    assert sum(sizes) == (hungry if hungry >= FOLD_BELOW else 0)
    agreed = Counter(each for each in counted(crowd) if each.alone)
    assert {group: many for group, many in groups if group.alone} == agreed


@pytest.mark.promise("P3")
@given(crowds)
def test_every_number_and_every_difference_is_made_of_whole_groups(crowd: list[Eater]) -> None:
    """The sheet of the groups, each guest replaced by what is said of the group, is the same:
    whatever is computed from it holds for three interchangeable guests at least."""
    groups = grouped(crowd)
    interchangeable = [group for group, many in groups for _each in range(many)]
    assert plates(interchangeable, meals=MEALS) == plates(crowd, meals=MEALS)
    for line in plates(crowd, meals=MEALS):
        sizes = [
            (many, group.meals)
            for group, many in groups
            if (set(group.codes), group.apart, group.alone)
            == (set(line.codes), line.apart, line.alone)
        ]
        assert line.guests == tuple(sum(n for n, at in sizes if meal in at) for meal in MEALS)


@pytest.mark.promise("P3")
@given(st.lists(others, max_size=24), st.data())
def test_a_rare_guest_who_changes_within_the_groups_wish_changes_nothing(
    crowd: list[Eater], data: st.DataObject
) -> None:
    """No combination of fewer than three can be told from the sheet: the guest may as well have
    wished for all that the group's plate offers."""
    groups = [group for group, _many in grouped(crowd)]
    rare = [each for each in counted(crowd) if counted(crowd).count(each) < FOLD_BELOW]
    if not groups or not rare:
        return
    one = data.draw(st.sampled_from(rare))
    fitting = [
        group
        for group in groups
        if covered(one.codes) <= covered(group.codes)
        and one.meals <= group.meals
        and one.apart <= group.apart
    ]
    assert fitting != []
    assert all(many >= FOLD_BELOW for _group, many in grouped(crowd))


@given(crowds)
def test_everybody_is_fed_or_all_are_too_few(crowd: list[Eater]) -> None:
    hungry = [each for each in counted(crowd) if not each.alone]
    lines = [line for line in plates(crowd, meals=MEALS) if not line.alone]
    if len(hungry) < FOLD_BELOW:
        assert lines == []
        return
    for at, meal in enumerate(MEALS):
        for wish in {each.codes for each in hungry}:
            eating = sum(wish <= each.codes and meal in each.meals for each in hungry)
            cooked = sum(
                line.guests[at] for line in lines if wish <= covered(frozenset(line.codes))
            )
            assert cooked >= eating


@given(crowds, st.randoms())
def test_the_order_in_which_guests_signed_up_does_not_show(
    crowd: list[Eater], chance: object
) -> None:
    shuffled = sorted(crowd, key=lambda _each: chance.random())  # type: ignore[attr-defined]
    assert plates(shuffled, meals=MEALS) == plates(crowd, meals=MEALS)


@given(codes)
def test_fewer_words_say_the_same_food(wish: frozenset[str]) -> None:
    assert covered(shortest(wish)) == covered(wish)
    assert shortest(wish) & {"nuts", "fish"} == wish & {"nuts", "fish"}


@given(crowds)
def test_the_counts_by_need_add_up_from_the_lines_alone(crowd: list[Eater]) -> None:
    lines = plates(crowd, meals=MEALS)
    assert by_code(lines) == {
        code: tuple(
            sum(line.guests[at] for line in lines if code in line.codes) for at in range(len(MEALS))
        )
        for code in CODES
        if any(code in line.codes for line in lines)
    }


def test_two_rare_wishes_share_a_plate_that_suits_both() -> None:
    crowd = [eater("gluten-free"), eater("gluten-free"), eater("nuts")]
    assert plates(crowd, meals=MEALS) == (
        Plate(("gluten-free", "nuts"), apart=False, alone=False, guests=(3, 3, 3)),
    )


def test_one_guest_with_everything_is_left_to_the_organisers() -> None:
    assert plates([eater("vegan gluten-free nuts halal")], meals=MEALS) == ()
    assert plates([eater("vegan"), eater("nuts")], meals=MEALS) == ()


def test_the_one_who_skips_dinner_cannot_be_told_from_the_others() -> None:
    crowd = [*[eater("vegan")] * 4, eater("vegan", LUNCH)]
    assert plates(crowd, meals=MEALS) == (
        Plate(("vegan",), apart=False, alone=False, guests=(5, 5, 5)),
    )


def test_three_who_skip_dinner_together_are_believed() -> None:
    crowd = [*[eater("vegan")] * 4, *[eater("vegan", LUNCH)] * 3]
    assert plates(crowd, meals=MEALS) == (
        Plate(("vegan",), apart=False, alone=False, guests=(7, 4, 4)),
    )


def test_a_serious_allergy_stands_alone_with_consent_only() -> None:
    crowd = [*[eater("vegan")] * 3, eater("nuts", LUNCH, apart=True, alone=True)]
    assert plates(crowd, meals=MEALS) == (
        Plate(("nuts",), apart=True, alone=True, guests=(1, 0, 0)),
        Plate(("vegan",), apart=False, alone=False, guests=(3, 3, 3)),
    )
    crowd[-1] = eater("nuts", LUNCH, apart=True)
    assert plates(crowd, meals=MEALS) == (
        Plate(("vegan", "nuts"), apart=True, alone=False, guests=(4, 4, 4)),
    )


def test_the_cheapest_company_is_sought() -> None:
    crowd = [
        *[eater("vegetarian")] * 6,
        *[eater("gluten-free")] * 4,
        *[eater("lactose-free")] * 5,
        *[eater("vegan")] * 2,
        *map(eater, ("gluten-free fish", "nuts milk", "halal", "pork-free", "vegan gluten-free")),
    ]
    assert [(line.codes, line.guests[0]) for line in plates(crowd, meals=MEALS)] == [
        (("vegetarian",), 6),
        (("gluten-free", "fish"), 5),
        (("lactose-free",), 5),
        (("gluten-free", "vegan"), 3),
        (("halal", "milk", "nuts"), 3),
    ]


def test_five_hundred_different_guests_are_folded_without_haste() -> None:
    crowd = [
        eater(f"{CODES[one]} {CODES[other]}", MEALS[one % 3])
        for one in range(len(CODES))
        for other in range(one, len(CODES))
    ]
    assert sum(many for _group, many in grouped(crowd)) == len(crowd)
