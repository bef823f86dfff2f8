"""What a guest may say about food, how it is kept from leaking, and when it may be said.

The lists are ours to maintain: the needs that Finnish kitchens mark, and the fourteen allergens of
Regulation (EU) No 1169/2011, Annex II.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, NoReturn, SupportsIndex
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from registration.catalogue.rules import MealLine, Offering, State
from registration.errors import Conflict, FieldError, Forbidden, Invalid
from registration.forms import Command, FieldRefused
from registration.i18n import N_
from registration.people.rules import clean_text

LONGEST_OTHER = 500
MOST_CODES = 50
MOST_MEALS = 200
# Which words a guest agreed to; raise these when the words on the form change.
CONSENT_TEXT = "diet-1"
CONTACT_TEXT = "contact-1"
FOLD_BELOW = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its name (a msgid) and the mark that Finnish kitchens print, or none; ``marks``
    are other languages' own, where theirs differ."""

    code: str
    name: str
    mark: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)

    def mark_in(self, language: str) -> str:
        return self.marks.get(language, self.mark)


NEEDS: tuple[Named, ...] = (
    Named("gluten-free", N_("Gluten-free"), "G"),
    Named("lactose-free", N_("Lactose-free"), "L"),
    Named("low-lactose", N_("Low in lactose"), "VL"),
    Named("milk-free", N_("Milk-free"), "M"),
    Named("egg-free", N_("Egg-free")),
    Named("vegetarian", N_("Vegetarian"), "K", {"sv": "V", "en": "V"}),
    Named("vegan", N_("Vegan"), "VE"),
    Named("pescatarian", N_("Fish, no meat")),
    Named("pork-free", N_("No pork")),
    Named("beef-free", N_("No beef")),
    Named("halal", N_("Halal")),
    Named("kosher", N_("Kosher")),
    Named("diabetic", N_("Suitable for diabetics")),
    Named("low-salt", N_("Low in salt")),
    Named("alcohol-free", N_("No alcohol in food")),
)
ALLERGENS: tuple[Named, ...] = (
    Named("gluten", N_("Cereals with gluten")),
    Named("crustaceans", N_("Crustaceans")),
    Named("eggs", N_("Eggs")),
    Named("fish", N_("Fish")),
    Named("peanuts", N_("Peanuts")),
    Named("soybeans", N_("Soybeans")),
    Named("milk", N_("Milk")),
    Named("nuts", N_("Nuts")),
    Named("celery", N_("Celery")),
    Named("mustard", N_("Mustard")),
    Named("sesame", N_("Sesame seeds")),
    Named("sulphites", N_("Sulphites")),
    Named("lupin", N_("Lupin")),
    Named("molluscs", N_("Molluscs")),
)
NEED_CODES = tuple(each.code for each in NEEDS)
ALLERGEN_CODES = tuple(each.code for each in ALLERGENS)
# Marks and near spellings that people and other systems use, in lower case.
_NEED_WORDS: Mapping[str, str] = {
    **{each.mark.lower(): each.code for each in NEEDS if each.mark},
    "v": "vegetarian",
    "dairy-free": "milk-free",
    "no-pork": "pork-free",
}
_ALLERGEN_WORDS: Mapping[str, str] = {
    "celiac": "gluten",
    "wheat": "gluten",
    "egg": "eggs",
    "peanut": "peanuts",
    "soy": "soybeans",
    "soya": "soybeans",
    "dairy": "milk",
    "nut": "nuts",
    "tree-nuts": "nuts",
    "sesame-seeds": "sesame",
    "sulfites": "sulphites",
    "sulphur-dioxide": "sulphites",
    "mollusks": "molluscs",
}


class Reason(StrEnum):
    """Why diets were deleted, as a receipt says it."""

    EVENT_OVER = "event-over"
    EVENT_CANCELLED = "event-cancelled"
    CATERING_DROPPED = "catering-dropped"
    EVENT_GONE = "event-gone"
    REGISTRATION_CANCELLED = "registration-cancelled"
    WITHDRAWN = "withdrawn"
    DAY_OVER = "day-over"


class Step(StrEnum):
    """What a deletion does, in its order; a receipt names those that were looked at again."""

    KEY_DESTROYED = "key-destroyed"
    ROWS_DELETED = "rows-deleted"
    PAGES_SWEPT = "pages-swept"
    LINKS_ENDED = "links-ended"
    LOOKED_AGAIN = "looked-again"


class NotCatered(Invalid):
    message = N_("This event has no catering, so food restrictions are not asked. Leave them out.")

    def __init__(self) -> None:
        super().__init__(FieldError("diet", "not_catered", self.message))


class UnknownMeal(Invalid):
    message = N_("The meals of this event have changed. Look at them again and choose.")

    def __init__(self) -> None:
        super().__init__(FieldError("meals", "unknown", self.message))


class DietsDeleted(Conflict):
    message = N_("The food restrictions of this event were deleted on {date}; the form is closed.")


class DietsClosed(Conflict):
    message = N_("Food restrictions of this event can no longer be given or changed.")


class KitchenClosed(DietsClosed):
    message = N_(
        "The kitchen took the last changes on {date}. Tell the organisers of the event by phone "
        "or e-mail what you cannot eat."
    )


class DietsUnavailable(Conflict):
    message = N_(
        "Food restrictions cannot be kept safely now. Sign up without, and add them later."
    )


class NotYourEvent(Forbidden):
    message = N_("Only those who organise this event see its food restrictions.")


HIDDEN = "<diet>"


class Shown:
    """Base of what must not print, pickle or copy itself."""

    __slots__ = ()

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a diet does not leave the process")

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return HIDDEN


@dataclass(frozen=True, slots=True, repr=False)
class DietShown(Shown):
    """A diet laid open: only for the guest and the organisers of the event (P3).

    ``needs`` and ``allergies`` are codes in the order of the lists; ``consented_at`` is aware, and
    None before it was stored. ``serious``: even traces are dangerous; ``contact``: the organisers
    and the kitchen may ask the guest about that, and the kitchen sees it as a line of its own.
    ``skipped`` are ids of the meals that the guest does not take. Each consent has its own moment
    and the version of the words that were agreed to.
    """

    needs: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    other: str = ""
    serious: bool = False
    consent: bool = True
    consented_at: datetime | None = None
    consent_text: str = ""
    contact: bool = False
    contact_at: datetime | None = None
    contact_text: str = ""
    skipped: tuple[UUID, ...] = ()

    @property
    def restricts(self) -> bool:
        """Whether it says anything of food; skipping a meal alone does not."""
        return bool(self.needs or self.allergies or self.other or self.serious)

    @property
    def apart(self) -> bool:
        """Whether the guest agreed to be told apart from all others, without a name."""
        return self.serious and self.contact

    def without_meals(self, over: Collection[UUID]) -> DietShown:
        """The same, without a word of these meals."""
        values = {name: getattr(self, name) for name in DietShown.__slots__}
        values["skipped"] = tuple(meal for meal in self.skipped if meal not in over)
        return DietShown(**values)


# Whatever walks the fields of dataclasses (``asdict``, orjson, pydantic) finds none here.
del DietShown.__dataclass_fields__


class Diet(Shown):
    """A guest's food restrictions, with explicit consent (GDPR Art. 9(2)(a)). It shows nothing of
    itself: it does not print, log, pickle, copy or serialise. ``reveal`` is the one way in."""

    __slots__ = ("__shown",)

    def __init__(self, shown: DietShown) -> None:
        self.__shown = shown

    def __getstate__(self) -> NoReturn:
        raise TypeError("a diet does not leave the process")

    @staticmethod
    def _open(diet: Diet) -> DietShown:
        return diet.__shown


def reveal(diet: Diet) -> DietShown:
    """What the diet says. Called where it is sealed, and where the guest or an organiser of the
    event reads it; nowhere else."""
    return Diet._open(diet)


def _codes(value: object, known: tuple[str, ...], words: Mapping[str, str], refusal: str) -> object:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple):
        return value
    given: set[str] = set()
    for each in value[: MOST_CODES + 1]:
        word = str(clean_text(each)).lower() if isinstance(each, str) and len(each) <= 80 else "?"
        code = re.sub(r"[\s_]+", "-", word)
        if code:
            given.add(words.get(code, code))
    if len(value) > MOST_CODES or not given <= set(known):
        raise FieldRefused(refusal, code="unknown", known=", ".join(known))
    return tuple(code for code in known if code in given)


def _needs(value: object) -> object:
    return _codes(
        value,
        NEED_CODES,
        _NEED_WORDS,
        N_("Choose from these needs, and write the rest as free text: {known}."),
    )


def _allergies(value: object) -> object:
    return _codes(
        value,
        ALLERGEN_CODES,
        _ALLERGEN_WORDS,
        N_("Choose from these allergens, and write the rest as free text: {known}."),
    )


def _text(value: object) -> object:
    return "" if value is None else clean_text(value)


class DietGiven(Command):
    """A diet as a form or the API gives it; ``diet`` is what we keep of it.

    One that names nothing needs no consent and stores nothing. ``meals``: ids of those that the
    guest takes, absent: all of them; it tells nothing of health and needs no consent.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    needs: Annotated[tuple[str, ...], BeforeValidator(_needs)] = ()
    allergies: Annotated[tuple[str, ...], BeforeValidator(_allergies)] = ()
    other: Annotated[str, Field(max_length=LONGEST_OTHER), BeforeValidator(_text)] = ""
    serious: bool = False
    consent: Annotated[bool, Field(validate_default=True)] = False

    contact_consent: bool = False
    meals: Annotated[tuple[UUID, ...], Field(max_length=MOST_MEALS)] | None = None

    @field_validator("serious", "consent", "contact_consent", mode="before")
    @classmethod
    def _absent(cls, value: object) -> object:
        return False if value is None or value == "" else value

    @field_validator("consent")
    @classmethod
    def _explicit(cls, value: bool, info: ValidationInfo) -> bool:
        if not value and any(info.data.values()):
            raise FieldRefused(
                N_(
                    "Say that we may keep your food restrictions for this event, "
                    "or leave all of them empty."
                ),
                code="consent_needed",
            )
        return value

    @field_validator("contact_consent")
    @classmethod
    def _about_what(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not info.data.get("serious", True):
            raise FieldRefused(
                N_("Say also that even traces are dangerous to you, or leave this empty."),
                code="not_serious",
            )
        return value

    def diet(self, meals: Iterable[MealLine] = ()) -> Diet | None:
        """None when nothing is named and all ``meals`` are taken. Raises ``UnknownMeal``."""
        served = [meal.id for meal in meals]
        taken = set(served if self.meals is None else self.meals)
        if not taken <= set(served):
            raise UnknownMeal
        shown = DietShown(
            self.needs,
            self.allergies,
            self.other,
            self.serious,
            contact=self.contact_consent,
            skipped=tuple(meal for meal in served if meal not in taken),
        )
        return Diet(shown) if shown.restricts or shown.skipped else None

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return []

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__


def may_give(offering: Offering, *, now: datetime) -> bool:
    """Whether the form for food restrictions is open: the event is catered, stands, is not over,
    the kitchen still takes changes, and its diets have not been deleted (P2, P4)."""
    return asks(offering, now=now) and now < kitchen_closes_at(offering)


def kitchen_closes_at(offering: Offering) -> datetime:
    """From when on the kitchen takes no more changes: the event's own deadline, else the end of
    sign-up."""
    return offering.diets_until or offering.closes_at


def asks(offering: Offering, *, now: datetime) -> bool:
    """As ``may_give``, whatever the kitchen's deadline."""
    until = min(offering.ends_at, offering.erase_at or offering.ends_at)
    return (
        offering.kind == "event"
        and offering.catered
        and offering.state is not State.CANCELLED
        and offering.diets_deleted_at is None
        and now < until
    )
