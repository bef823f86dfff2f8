"""The fields of a guest's food restrictions, in the sign-up and on the guest's own page.

They never stand in an address, and pages that show them are stored by no cache.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from registration.catalogue.rules import Offering
from registration.catering.rules import (
    ALLERGENS,
    LONGEST_OTHER,
    NEEDS,
    Diet,
    DietGiven,
    DietShown,
    Named,
    kitchen_closes_at,
)
from registration.edge import Posted
from registration.forms import Form, parse
from registration.i18n import _, format_moment, language
from registration.web.meals import meal_label

Option = tuple[str, str]
DIET_FIELDS = (
    "needs",
    "allergies",
    "other",
    "serious",
    "contact_consent",
    "consent",
    "diet",
)


@dataclass(frozen=True, slots=True)
class DietChoices:
    """``deleted_at`` is when all of it is deleted, ``until`` how long it can be changed, in the
    event's zone. ``meals`` are (id, label)."""

    meals: tuple[Option, ...]
    needs: tuple[Option, ...]
    allergies: tuple[Option, ...]
    longest_other: int
    deleted_at: str
    until: str


def diet_choices(offering: Offering) -> DietChoices:
    gone = offering.erase_at or offering.ends_at
    zone = ZoneInfo(offering.zone)
    return DietChoices(
        meals=tuple((str(meal.id), meal_label(meal)) for meal in offering.meals),
        needs=_options(NEEDS),
        allergies=_options(ALLERGENS),
        longest_other=LONGEST_OTHER,
        deleted_at=format_moment(gone, zone=zone),
        until=format_moment(min(kitchen_closes_at(offering), gone, offering.ends_at), zone=zone),
    )


def diet_given(posted: Posted, offering: Offering) -> Diet | None:
    """None when nothing is named and every meal is taken. Raises ``Refused``, by the fields' names,
    and ``UnknownMeal`` when a meal was taken off the menu since the form was shown."""
    given = parse(
        DietGiven,
        {
            "meals": _taken(posted, offering),
            "needs": list(posted.many("needs")),
            "allergies": list(posted.many("allergies")),
            "other": posted.get("other", ""),
            "serious": posted.get("serious", ""),
            "contact_consent": posted.get("contact_consent", ""),
            "consent": posted.get("consent", ""),
        },
    )
    return given.diet(offering.meals)


def _taken(posted: Posted, offering: Offering) -> list[str] | None:
    """Ids of the meals that the guest takes: what was ticked, and what the form did not show yet.
    None when the form showed no meals."""
    shown = posted.many("meal_shown")
    if not shown:
        return None
    new = [str(meal.id) for meal in offering.meals if str(meal.id) not in shown]
    return [*posted.many("meals"), *new]


def empty_diet_form(offering: Offering, *, values: Mapping[str, str] | None = None) -> Form:
    """Nothing is named; every meal is ticked."""
    return Form(values=values or {}, chosen={"meals": _ids(offering, skipped=())})


def _ids(offering: Offering, *, skipped: Collection[UUID]) -> tuple[str, ...]:
    return tuple(str(meal.id) for meal in offering.meals if meal.id not in skipped)


def diet_form(shown: DietShown, offering: Offering) -> Form:
    """The fields as they were filled in before; the consents that were given stand."""
    return Form(
        values={
            "other": shown.other,
            "serious": "1" if shown.serious else "",
            "contact_consent": "1" if shown.contact else "",
            "consent": "1" if shown.consented_at else "",
        },
        chosen={
            "needs": shown.needs,
            "allergies": shown.allergies,
            "meals": _ids(offering, skipped=shown.skipped),
        },
    )


def diet_words(codes: Sequence[str]) -> tuple[str, ...]:
    """Codes of needs and allergens as the reader calls them."""
    names = {each.code: each.name for each in (*NEEDS, *ALLERGENS)}
    return tuple(_(names.get(code, code)) for code in codes)


def _options(named: Sequence[Named]) -> tuple[Option, ...]:
    return tuple((each.code, _marked(_(each.name), each.mark_in(language()))) for each in named)


def _marked(name: str, mark: str) -> str:
    return f"{name} ({mark})" if mark else name
