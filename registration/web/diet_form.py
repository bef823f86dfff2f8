"""The fields of a guest's food restrictions, in the sign-up and on the guest's own page.

They never stand in an address, and pages that show them are stored by no cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
)
from registration.edge import Posted
from registration.forms import Form, parse
from registration.i18n import _, format_moment

Option = tuple[str, str]
DIET_FIELDS = ("needs", "allergies", "other", "serious", "consent", "diet")


@dataclass(frozen=True, slots=True)
class DietChoices:
    """``deleted_at`` is when all of it is deleted, as a text."""

    needs: tuple[Option, ...]
    allergies: tuple[Option, ...]
    longest_other: int
    deleted_at: str


def diet_choices(offering: Offering) -> DietChoices:
    gone = offering.erase_at or offering.ends_at
    return DietChoices(
        needs=_options(NEEDS),
        allergies=_options(ALLERGENS),
        longest_other=LONGEST_OTHER,
        deleted_at=format_moment(gone, zone=ZoneInfo(offering.zone)),
    )


def diet_given(posted: Posted) -> Diet | None:
    """None when nothing is named. Raises ``Refused``, by the fields' names."""
    return parse(
        DietGiven,
        {
            "needs": list(posted.many("needs")),
            "allergies": list(posted.many("allergies")),
            "other": posted.get("other", ""),
            "serious": posted.get("serious", ""),
            "consent": posted.get("consent", ""),
        },
    ).diet()


def diet_form(shown: DietShown) -> Form:
    """The fields as they were filled in before; the consent that was given stands."""
    return Form(
        values={
            "other": shown.other,
            "serious": "1" if shown.serious else "",
            "consent": "1" if shown.consent else "",
        },
        chosen={"needs": shown.needs, "allergies": shown.allergies},
    )


def diet_words(codes: Sequence[str]) -> tuple[str, ...]:
    """Codes of needs and allergens as the reader calls them."""
    names = {each.code: each.name for each in (*NEEDS, *ALLERGENS)}
    return tuple(_(names.get(code, code)) for code in codes)


def _options(named: Sequence[Named]) -> tuple[Option, ...]:
    return tuple(
        (each.code, f"{_(each.name)} ({each.mark})" if each.mark else _(each.name))
        for each in named
    )
