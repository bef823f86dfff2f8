"""An event as a form: local times, meals by day, and when food restrictions go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from registration.catalogue.lines import EventLine
from registration.catalogue.rules import (
    DEFAULT_ZONE,
    MOST_DAYS,
    EventGiven,
    State,
)
from registration.edge import Posted
from registration.errors import FieldError
from registration.forms import Form
from registration.i18n import LANGUAGES, N_, NATIVE_NAMES, _, format_date, format_weekday
from registration.web.meals import MEALS
from registration.web.staff.terms_form import USUAL, terms_given, terms_place, terms_values
from registration.web.staff.typed import Reading, moment_value, text_values

TEXTS = ("title", "summary")
CUSTOM = "custom"
# Where an error stands that a rule found between fields.
BETWEEN = {"window": "closes_at", "meals": "meal", "kitchen": "diets_until"}
# ISO 8601 and what it says; the sixth choice is one's own.
GRACES: tuple[tuple[str, str], ...] = (
    ("PT0S", N_("At once when it ends")),
    ("PT24H", N_("24 hours after the end")),
    ("P2D", N_("2 days after the end")),
    ("P3D", N_("3 days after the end")),
    ("P7D", N_("7 days after the end")),
)
_SECONDS = {0: "PT0S", 86_400: "PT24H", 172_800: "P2D", 259_200: "P3D", 604_800: "P7D"}


@dataclass(frozen=True, slots=True)
class MealDay:
    """A row of the meals: ``day`` for people, ``boxes`` are (value, name of the meal, ticked)."""

    day: str
    boxes: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class MealNamed:
    """A ticked meal that may have a name of its own: ``fields`` are (name of the field, code of the
    language, language)."""

    label: str
    fields: tuple[tuple[str, str, str], ...]


def blank() -> Form:
    return Form(
        values={
            "time_zone": DEFAULT_ZONE,
            "waiting_open": "1",
            "state": State.PUBLISHED.value,
            "erase": "PT24H",
            **USUAL,
        }
    )


def filled(line: EventLine) -> Form:
    zone = ZoneInfo(line.zone)
    erase = _SECONDS.get(line.erase_diets_seconds, CUSTOM)
    values = {
        "slug": line.slug,
        "venue": str(line.venue.id) if line.venue else "",
        "link": line.link,
        "time_zone": line.zone,
        "starts_at": moment_value(line.starts_at, zone),
        "ends_at": moment_value(line.ends_at, zone),
        "opens_at": moment_value(line.opens_at, zone),
        "closes_at": "" if line.closes_at == line.ends_at else moment_value(line.closes_at, zone),
        "capacity": str(line.seats),
        "waiting_open": "1" if line.waiting_open else "",
        "catered": "1" if line.catered else "",
        "diets_until": moment_value(line.diets_until, zone),
        "erase": erase,
        "erase_daily": "1" if line.erase_daily else "",
        "erase_custom": duration_text(line.erase_diets_seconds) if erase == CUSTOM else "",
        "state": line.state.value,
        **text_values("title", line.title),
        **text_values("summary", line.summary),
        **terms_values(line.terms, zone),
    }
    meals = tuple(f"{meal.on.isoformat()}:{meal.kind}" for meal in line.meals)
    for meal, named in zip(meals, line.meals, strict=True):
        values |= {_name_field(meal, code): text for code, text in named.name.items()}
    return Form(values=values, chosen={"meal": meals})


def duration_text(seconds: int) -> str:
    """ISO 8601, as ``PT36H`` or ``P1DT30M``."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    clock = "".join(
        f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if number
    )
    whole = f"P{days}D" if days else "P"
    return f"{whole}T{clock}" if clock else (whole if days else "PT0S")


def event_given(posted: Posted) -> EventGiven:
    """Raises ``Refused`` with all that is wrong, by the form's names."""
    read = Reading(posted)
    zone = read.zone()
    given = read.some(
        slug="slug", venue="venue", link="link", time_zone="time_zone", capacity="capacity"
    )
    given |= {name: read.texts(name) for name in TEXTS}
    catered = "catered" in posted
    given |= {
        "starts_at": read.moment("starts_at", zone, needed=True),
        "ends_at": read.moment("ends_at", zone, needed=True),
        "opens_at": read.moment("opens_at", zone),
        "closes_at": read.moment("closes_at", zone),
        "waiting_open": "waiting_open" in posted,
        "catered": catered,
        "erase_daily": catered and "erase_daily" in posted,
        "meals": _meals_given(posted) if catered else [],
        "diets_until": read.moment("diets_until", zone) if catered else None,
        "state": read.state(),
        **terms_given(read, zone),
    }
    erase = read.text("erase_custom") if read.text("erase") == CUSTOM else read.text("erase")
    if catered:
        given["erase_diets_after"] = erase or "PT24H"
    return read.command(EventGiven, given, place=_placed, rests=("", "starts_at", "ends_at"))


def _meals_given(posted: Posted) -> list[Mapping[str, object]]:
    given: list[Mapping[str, object]] = []
    for each in dict.fromkeys(posted.many("meal")):
        day, _colon, kind = each.partition(":")
        name = {code: posted.get(_name_field(each, code), "").strip() for code in LANGUAGES}
        given.append({"on": day, "kind": kind, "name": name})
    return given


def _name_field(meal: str, code: str) -> str:
    return f"name:{meal}:{code}"


def meals_named(form: Form) -> tuple[MealNamed, ...]:
    """The meals that are ticked, in order."""
    found: list[MealNamed] = []
    for day in meal_days(form):
        for value, name, ticked in day.boxes:
            if ticked:
                fields = tuple(
                    (_name_field(value, code), code, NATIVE_NAMES[code]) for code in LANGUAGES
                )
                found.append(MealNamed(f"{name}, {day.day}", fields))
    return tuple(found)


def _placed(error: FieldError) -> str:
    if name := terms_place(error):
        return name
    first, _dot, code = error.field.partition(".")
    if first in TEXTS:
        return f"{first}_{code or LANGUAGES[0]}"
    if not first:
        return BETWEEN.get(error.code, "ends_at")
    return {"meals": "meal", "erase_diets_after": "erase_custom"}.get(first, first)


def meal_days(form: Form) -> tuple[MealDay, ...]:
    """The event's days as typed, and those of the meals that are ticked."""
    chosen = form.chosen.get("meal", ())
    days = {*_days(form), *_dates(each.partition(":")[0] for each in chosen)}
    return tuple(
        MealDay(
            f"{format_weekday(_noon(day))} {format_date(day)}",
            tuple(
                (f"{day.isoformat()}:{kind}", _(name), f"{day.isoformat()}:{kind}" in chosen)
                for kind, name in MEALS.items()
            ),
        )
        for day in sorted(days)[:MOST_DAYS]
    )


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _days(form: Form) -> Iterable[date]:
    found = list(_dates(form.values.get(name, "")[:10] for name in ("starts_at", "ends_at")))
    if len(found) < 2:
        return found[:1]
    length = (found[1] - found[0]).days
    return [found[0] + timedelta(days=at) for at in range(min(length, MOST_DAYS) + 1)]


def _dates(texts: Iterable[str]) -> Iterable[date]:
    for text in texts:
        try:
            found = date.fromisoformat(text)
        except ValueError:
            continue
        if 1970 <= found.year <= 9000:
            yield found


def graces() -> tuple[tuple[str, str, str], ...]:
    """Value, name, and the same in ISO 8601 beneath."""
    named = [(value, _(name), value) for value, name in GRACES]
    return (*named, (CUSTOM, _("Another time within 7 days"), _("Give it below, as PT36H.")))
