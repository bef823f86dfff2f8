"""What the meals of an event are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from registration.catalogue.rules import MealKind, MealLine
from registration.i18n import N_, _, format_weekday, text_in

MEALS: Mapping[str, str] = {
    MealKind.BREAKFAST: N_("Breakfast"),
    MealKind.LUNCH: N_("Lunch"),
    MealKind.COFFEE: N_("Coffee"),
    MealKind.DINNER: N_("Dinner"),
    MealKind.EVENING: N_("Evening snack"),
}


def meal_name(meal: MealLine) -> str:
    """Its own name, else what its kind is called."""
    return text_in(meal.name) or (_(MEALS[meal.kind]) if meal.kind else _("Food"))


def meal_day(meal: MealLine) -> str:
    """``Tue 14.4.``"""
    noon = datetime(meal.on.year, meal.on.month, meal.on.day, 12, tzinfo=UTC)
    return f"{format_weekday(noon)} {meal.on.day}.{meal.on.month}."


def meal_label(meal: MealLine) -> str:
    """``Lunch, Tue 14.4.``; one without a kind stands for all food of the event."""
    return f"{meal_name(meal)}, {meal_day(meal)}" if meal.kind else meal_name(meal)
