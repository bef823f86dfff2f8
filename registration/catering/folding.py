"""What a kitchen may be told, so that it can cook and nobody is singled out.

The rule: a sheet is counted from groups, never from guests. Guests of one group are the same on
it: the same plate at the same meals. A group has three guests or more; rarer wishes are brought
together under a plate that suits them all (without gluten *and* without nuts) at all the meals that
any of them takes. So each guest is fed, and since every number is a sum of whole groups, adding
and subtracting numbers, also those of different meals, never leads to fewer than three. (Sweeney's
k-anonymity by generalisation, k = 3.) Fewer than three guests in all are left out: the organisers
tell the kitchen of them, and the sheet does not say whether there are any.

Alone stands who agreed to it: a serious allergy with the consent to be contacted about it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from registration.catering.rules import ALLERGEN_CODES, FOLD_BELOW, NEED_CODES

CODES = (*NEED_CODES, *ALLERGEN_CODES)
_ORDER: Mapping[str, int] = {code: at for at, code in enumerate(CODES)}
_MEATLESS = frozenset({"pescatarian", "pork-free", "beef-free"})
_MILK_FREE = frozenset({"lactose-free", "low-lactose"})
# Who cooks the first has cooked the others too. Only needs: an allergen is always spelt out.
IMPLIED: Mapping[str, frozenset[str]] = {
    "vegan": _MEATLESS | _MILK_FREE | {"vegetarian", "milk-free", "egg-free"},
    "vegetarian": _MEATLESS,
    "pescatarian": frozenset({"pork-free", "beef-free"}),
    "milk-free": _MILK_FREE,
    "lactose-free": frozenset({"low-lactose"}),
    "halal": frozenset({"pork-free", "alcohol-free"}),
    "kosher": frozenset({"pork-free"}),
}


@dataclass(frozen=True, slots=True)
class Eater:
    """One guest with restrictions, as the kitchen needs to know. ``apart``: traces are dangerous;
    ``alone``: agreed to stand in a line of their own; ``meals`` are those that they take."""

    codes: frozenset[str]
    meals: frozenset[UUID]
    apart: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Plate:
    """A line of the sheet: food that suits all of ``codes``, for so many guests at each meal.
    ``codes`` are in the order of the lists, ``guests`` in that of the meals."""

    codes: tuple[str, ...]
    apart: bool
    alone: bool
    guests: tuple[int, ...]


Group = tuple[Eater, int]


@lru_cache(maxsize=8192)
def covered(given: frozenset[str]) -> frozenset[str]:
    """All that is suited by food that suits ``given``."""
    return given.union(*(IMPLIED.get(code, frozenset()) for code in given))


def shortest(given: frozenset[str]) -> frozenset[str]:
    """The same food with fewer words."""
    return given - {other for code in given for other in IMPLIED.get(code, frozenset())}


def grouped(eaters: Iterable[Eater], *, least: int = FOLD_BELOW) -> list[Group]:
    """What is said of each group, and how many it has: ``least`` or more, but for those alone.

    Every guest is in a group whose food suits them, at all the meals that they take; all are left
    out if they are fewer than ``least``. The order of the guests does not matter.
    """
    alone: Counter[Eater] = Counter()
    groups: Counter[Eater] = Counter()
    for eater in eaters:
        if not eater.codes or not eater.meals:
            continue
        if eater.alone:
            alone[eater] += 1
        else:
            groups[replace(eater, codes=shortest(eater.codes))] += 1
    ordered = sorted(groups.items(), key=lambda group: _key(group[0]))
    for group, many in _brought_together(ordered, least):
        alone[group] += many
    return sorted(alone.items(), key=lambda group: (-group[1], _key(group[0])))


def _brought_together(groups: Sequence[Group], least: int) -> Iterable[Group]:
    """The cheapest pair of which one is too small is joined, again and again."""
    alive: dict[int, Group] = {}
    pairs: list[tuple[int, int, int]] = []

    def add(number: int, group: Group) -> None:
        for other, (eater, many) in alive.items():
            if min(many, group[1]) < least:
                heappush(pairs, (_burden(group, (eater, many)), other, number))
        alive[number] = group

    for number, group in enumerate(groups):
        add(number, group)
    fresh = count(len(alive))
    while pairs:
        _cost, one, other = heappop(pairs)
        if one in alive and other in alive:
            (eater, many), (another, more) = alive.pop(one), alive.pop(other)
            add(next(fresh), (_joined(eater, another), many + more))
    return [group for group in alive.values() if group[1] >= least]


def _joined(one: Eater, other: Eater) -> Eater:
    return Eater(
        shortest(one.codes | other.codes), one.meals | other.meals, one.apart or other.apart
    )


def _burden(one: Group, other: Group) -> int:
    """What it costs to bring two groups together: restrictions that guests do not have, and meals
    that nobody eats."""
    both = _joined(one[0], other[0])
    return sum(
        many
        * (
            len(covered(both.codes) - covered(each.codes))
            + 2 * len(both.meals - each.meals)
            + (both.apart and not each.apart)
        )
        for each, many in (one, other)
    )


def _key(eater: Eater) -> tuple[object, ...]:
    return (
        sorted(_ORDER[code] for code in eater.codes),
        eater.apart,
        eater.alone,
        sorted(eater.meals),
    )


def plates(
    eaters: Iterable[Eater], *, meals: Sequence[UUID], least: int = FOLD_BELOW
) -> tuple[Plate, ...]:
    """The lines of the sheet: those who stand alone first, then the most frequent."""
    counts: dict[tuple[tuple[str, ...], bool, bool], list[int]] = {}
    for group, many in grouped(eaters, least=least):
        line = (tuple(sorted(group.codes, key=_ORDER.__getitem__)), group.apart, group.alone)
        numbers = counts.setdefault(line, [0] * len(meals))
        for at, meal in enumerate(meals):
            numbers[at] += many if meal in group.meals else 0
    made = [Plate(*line, tuple(numbers)) for line, numbers in counts.items()]
    return tuple(sorted(made, key=lambda plate: (not plate.alone, -max(plate.guests), plate.codes)))


def by_code(lines: Iterable[Plate]) -> dict[str, tuple[int, ...]]:
    """How many plates must suit each need and allergy, in the order of the lists: added up from
    the sheet's own lines, so that it tells nothing more."""
    found: dict[str, tuple[int, ...]] = {}
    for line in lines:
        for code in line.codes:
            before = found.get(code, (0,) * len(line.guests))
            found[code] = tuple(a + b for a, b in zip(before, line.guests, strict=True))
    return {code: found[code] for code in CODES if code in found}
