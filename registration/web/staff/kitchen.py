"""What the kitchen cooks by, and the food restrictions themselves: for that event's organisers,
each look on record (P3, P4)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue.lines import EventLine
from registration.catering import queries as catering
from registration.catering.rules import Named, NotCatered, NotYourEvent, reveal
from registration.catering.service import (
    Counted,
    GuestDiet,
    KitchenCounts,
    diets_of_event,
    kitchen_counts,
)
from registration.edge import Endpoint, Of, get, page_response, require, settings
from registration.i18n import _, format_date, text_in
from registration.web.said import Said, said_of
from registration.web.staff.desk import EITHER, Desk, desk
from registration.web.staff.event_form import MEALS
from registration.web.staff.event_page import DietsSaid, diets_said
from registration.web.staff.events import own_event


@dataclass(frozen=True, slots=True)
class Plate:
    """``what`` in words; ``marks`` as kitchens print them, or empty."""

    what: str
    marks: str
    guests: int


@dataclass(frozen=True, slots=True)
class GuestRow:
    """``lost``: what was given cannot be read any more."""

    name: str
    company: str
    needs: tuple[str, ...]
    allergies: tuple[str, ...]
    other: str
    serious: bool
    lost: bool


@dataclass(frozen=True, slots=True)
class KitchenPage:
    """``counts`` None: the food restrictions were deleted."""

    desk: Desk
    title: str
    said: Said
    back: str
    diets: DietsSaid
    meals: tuple[tuple[str, str], ...]
    counts: KitchenCounts | None
    needs: tuple[Plate, ...]
    allergies: tuple[Plate, ...]
    plates: tuple[Plate, ...]


@dataclass(frozen=True, slots=True)
class DietsPage:
    """``guests`` None: the food restrictions were deleted."""

    desk: Desk
    title: str
    said: Said
    id: UUID
    back: str
    diets: DietsSaid
    guests: tuple[GuestRow, ...] | None


async def _catered(request: Request) -> tuple[EventLine, DietsSaid]:
    """Raises ``EventNotFound``, ``NotYourEvent``, ``NotCatered``."""
    line = await own_event(request)
    if not require(request).organises(line.id):
        raise NotYourEvent
    found = await diets_said(line, now=clock.now())
    if found is None:
        raise NotCatered
    return line, found


async def kitchen(request: Request) -> Response:
    line, found = await _catered(request)
    counts = None
    if not found.gone:
        counts = await kitchen_counts(
            line.id, identity=require(request), settings=settings(request), now=clock.now()
        )
    page = KitchenPage(
        desk=desk(request),
        title=text_in(line.title),
        said=said_of(line),
        back=f"/staff/events/{line.id}",
        diets=found,
        meals=_meals(line),
        counts=counts,
        needs=_plates(counts.needs) if counts else (),
        allergies=_plates(counts.allergies) if counts else (),
        plates=_plates(counts.combinations, mixed=True) if counts else (),
    )
    return page_response(request, "staff/kitchen.html", page)


async def diets(request: Request) -> Response:
    line, found = await _catered(request)
    guests = None
    if not found.gone:
        guests = await diets_of_event(
            line.id,
            identity=require(request),
            road="page",
            settings=settings(request),
            now=clock.now(),
        )
    page = DietsPage(
        desk(request),
        text_in(line.title),
        said_of(line),
        line.id,
        f"/staff/events/{line.id}",
        found,
        None if guests is None else tuple(_guest(each) for each in guests),
    )
    return page_response(request, "staff/diets.html", page)


def _meals(line: EventLine) -> tuple[tuple[str, str], ...]:
    """(day, its meals in the order of the day)."""
    found: dict[str, list[str]] = {}
    order = {kind.value: at for at, kind in enumerate(MEALS)}
    names = {kind.value: name for kind, name in MEALS.items()}
    for meal in sorted(line.meals, key=lambda each: (each.on, order.get(each.kind, 99))):
        found.setdefault(format_date(meal.on), []).append(_(names.get(meal.kind, meal.kind)))
    return tuple((day, ", ".join(kinds)) for day, kinds in found.items())


def _plates(counted: tuple[Counted, ...], *, mixed: bool = False) -> tuple[Plate, ...]:
    """``mixed``: needs and allergies stand side by side, so each allergy says that it is one."""
    needs = {each.code: each for each in catering.needs_list()}
    known = {each.code: each for each in catering.allergens_list()} | needs
    return tuple(
        Plate(
            ", ".join(
                _(known[code].name) if code in needs else _allergy(known[code], mixed=mixed)
                for code in each.codes
            ),
            " ".join(known[code].mark for code in each.codes if known[code].mark),
            each.guests,
        )
        for each in counted
    )


def _allergy(named: Named, *, mixed: bool) -> str:
    name = _(named.name)
    return _("allergy: {allergen}", allergen=name.lower()) if mixed else name


def _guest(guest: GuestDiet) -> GuestRow:
    if guest.diet is None:
        return GuestRow(guest.name, guest.company, (), (), "", False, True)
    shown = reveal(guest.diet)
    needs = {each.code: each.name for each in catering.needs_list()}
    allergens = {each.code: each.name for each in catering.allergens_list()}
    return GuestRow(
        guest.name,
        guest.company,
        tuple(_(needs[code]) for code in shown.needs),
        tuple(_(allergens[code]) for code in shown.allergies),
        shown.other,
        shown.serious,
        False,
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/events/{id}/kitchen", kitchen, EITHER, whose=Of.EVENT, fresh=True),
    get("/staff/events/{id}/diets", diets, EITHER, whose=Of.EVENT, fresh=True),
)
