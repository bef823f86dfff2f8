"""What a diet may be, and that it does not leak."""

from __future__ import annotations

import copy
import json
import pickle
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter

import registration
from registration.catering.rules import DietGiven, reveal
from registration.errors import FieldError
from registration.forms import Refused, parse
from tests.catering.makers import diet, said

FULL = {
    "needs": ["gluten-free", "vegan"],
    "allergies": ["nuts"],
    "other": "no coriander",
    "serious": False,
    "consent": True,
}


def refused(given: dict[str, object]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as raised:
        parse(DietGiven, given)
    return [(error.field, error.code) for error in raised.value.errors]


def test_a_diet_is_kept_as_given() -> None:
    shown = said(parse(DietGiven, FULL).diet())
    assert shown is not None
    assert (shown.needs, shown.allergies, shown.other, shown.serious) == (
        ("gluten-free", "vegan"),
        ("nuts",),
        "no coriander",
        False,
    )


@pytest.mark.parametrize(
    "empty", [{}, {"needs": [], "allergies": None, "other": "  ", "consent": False}]
)
def test_an_empty_diet_needs_no_consent_and_is_nothing(empty: dict[str, object]) -> None:
    assert parse(DietGiven, empty).diet() is None


@pytest.mark.parametrize(
    "named", [{"needs": ["vegan"]}, {"allergies": ["milk"]}, {"other": "x"}, {"serious": True}]
)
def test_a_diet_without_explicit_consent_is_refused_at_the_consent(
    named: dict[str, object],
) -> None:
    assert refused(named) == [("consent", "consent_needed")]


def test_kitchen_marks_and_near_spellings_are_understood() -> None:
    given = {"needs": "G, VL ,VE", "allergies": ["Soy", "tree nuts"], "consent": "on"}
    shown = said(parse(DietGiven, given).diet())
    assert shown is not None
    assert (shown.needs, shown.allergies) == (
        ("gluten-free", "low-lactose", "vegan"),
        ("soybeans", "nuts"),
    )


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"needs": ["moonfood"], "consent": True}, [("needs", "unknown")]),
        ({"allergies": [7], "consent": True}, [("allergies", "unknown")]),
        ({"needs": ["vegan"] * 51, "consent": True}, [("needs", "unknown")]),
        ({"other": "x" * 100_000, "consent": True}, [("other", "string_too_long")]),
        ({"other": {"a": 1}, "consent": True}, [("other", "string_type")]),
        ({"needs": {"a": 1}, "consent": True}, [("needs", "tuple_type")]),
        ({"meal": "x"}, [("meal", "extra_forbidden")]),
    ],
)
def test_bad_diets_are_refused_by_field(
    given: dict[str, object], wrong: list[tuple[str, str]]
) -> None:
    assert refused(given) == wrong


def test_a_refusal_names_what_is_known_and_not_what_was_typed() -> None:
    with pytest.raises(Refused) as raised:
        parse(DietGiven, {"allergies": ["Mörkösana"], "consent": True})
    [error] = raised.value.errors
    assert error == FieldError(
        "allergies",
        "unknown",
        "Choose from these allergens, and write the rest as free text: {known}.",
        {
            "known": "gluten, crustaceans, eggs, fish, peanuts, soybeans, milk, nuts, celery, "
            "mustard, sesame, sulphites, lupin, molluscs"
        },
    )


@pytest.mark.promise("P5")
def test_a_diet_prints_nothing_of_itself() -> None:
    secret = diet("Salasana-17")
    given = parse(DietGiven, {**FULL, "other": "Salasana-17"})
    texts = [repr(secret), str(secret), f"{secret}", f"{secret!r:>9}", f"{reveal(secret)}"]
    texts += [repr(given), str(given), f"{[given]}", repr(reveal(secret))]
    assert [text.strip() for text in texts] == ["<diet>"] * 7 + ["[<diet>]", "<diet>"]


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    "leak",
    [
        pickle.dumps,
        copy.copy,
        copy.deepcopy,
        json.dumps,
        orjson.dumps,
        vars,
        lambda each: each.__getstate__(),
        lambda each: TypeAdapter(dict[str, Any]).dump_json({"diet": each}),
        lambda each: each.other,
    ],
)
def test_a_diet_does_not_leave_by_any_common_road(leak: Any) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)):
        leak(diet("Salasana-17"))


@pytest.mark.promise("P5")
def test_a_diet_is_laid_open_at_few_places_only() -> None:
    root = Path(registration.__file__).parent
    callers = {
        path.relative_to(root).parts[0]
        for path in root.rglob("*.py")
        if re.search(r"\breveal\(", path.read_text(encoding="utf-8"))
    }
    assert callers - {"web", "api"} == {"catering"}


def test_serious_is_a_diet_by_itself() -> None:
    shown = said(diet(needs="", serious=True))
    assert shown is not None
    assert shown.serious is True
