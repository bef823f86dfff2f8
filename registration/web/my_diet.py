"""What a guest said about food: shown to that guest, changed, withdrawn, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.overview import holders
from registration.accounts.rules import Role
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.catering.rules import (
    DietsClosed,
    asks,
    kitchen_closes_at,
    may_give,
    reveal,
)
from registration.catering.service import change_diet, diet_of
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    post,
    read_form,
    redirect,
    settings,
)
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceNotFound
from registration.errors import Conflict, Invalid
from registration.forms import Form
from registration.i18n import _, format_moment
from registration.web.diet_form import (
    DietChoices,
    diet_choices,
    diet_form,
    diet_given,
    diet_words,
    empty_diet_form,
)
from registration.web.me import OWN, own_place
from registration.web.meals import meal_label
from registration.web.offered import DietsGone, diets_gone
from registration.web.said import Said, said

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class DietPage:
    """``choices`` None: nothing can be given any more; ``gone`` then says that all was deleted,
    ``closed`` that the kitchen takes no more changes, ``kept`` what it goes by and ``organisers``
    (name, e-mail address) whom to tell. ``lost``: something was given and cannot be read."""

    place_id: UUID
    said: Said
    form: Form
    choices: DietChoices | None
    gone: DietsGone | None
    held: bool
    lost: bool
    closed: str
    kept: tuple[tuple[str, str], ...]
    organisers: tuple[tuple[str, str], ...]
    goes: str
    refused: str


async def _catered_place(request: Request) -> PlaceLine:
    place = await own_place(request)
    if not place.offering.catered:
        raise PlaceNotFound
    return place


async def diet_page(request: Request) -> Response:
    place = await _catered_place(request)
    diet = await diet_of(place.id, settings=settings(request))
    offering = place.offering
    form = diet_form(reveal(diet), offering) if diet else empty_diet_form(offering)
    lost = place.diet_token is not None and diet is None
    return await _page(request, place, form, lost=lost)


async def save_diet(request: Request) -> Response:
    place = await _catered_place(request)
    posted = await read_form(request)
    try:
        diet = diet_given(posted, place.offering)
        await change_diet(place.id, diet, settings=settings(request), now=clock.now())
    except Invalid as wrong:
        form = posted.form().with_errors(wrong.errors)
        return await _page(request, place, form, status=422)
    except Conflict as conflict:
        refused = _(conflict.message, **conflict.params)
        return await _page(request, place, posted.form(), status=409, refused=refused)
    flash(request, "good", _("Your food restrictions are saved.") if diet else _withdrawn())
    return redirect("/me")


async def withdraw_diet(request: Request) -> Response:
    place = await _catered_place(request)
    await change_diet(place.id, None, settings=settings(request), now=clock.now())
    flash(request, "good", _withdrawn())
    return redirect("/me")


def _withdrawn() -> str:
    return _("Your food restrictions are deleted.")


async def _page(
    request: Request,
    place: PlaceLine,
    form: Form,
    *,
    lost: bool = False,
    status: int = 200,
    refused: str = "",
) -> Response:
    offering, now = place.offering, clock.now()
    is_open = place.ended_at is None and may_give(offering, now=now)
    late = place.ended_at is None and not is_open and asks(offering, now=now)
    gone = await diets_gone(await catalogue.event(offering.id))
    if not is_open and not late and gone is None and not refused:
        refused = _(DietsClosed.message)
    page = DietPage(
        place_id=place.id,
        said=said(offering),
        form=form,
        choices=diet_choices(offering) if is_open else None,
        gone=gone,
        held=place.diet_token is not None,
        lost=lost and is_open,
        closed=_moment(kitchen_closes_at(offering), offering) if late else "",
        kept=await _kept(request, place) if late else (),
        organisers=await _organisers(offering.id) if late else (),
        goes=_moment(offering.erase_at or offering.ends_at, offering),
        refused=refused,
    )
    return page_response(request, "me/diet.html", page, status=status, headers=NO_STORE)


def _moment(moment: datetime, offering: Offering) -> str:
    return format_moment(moment, zone=ZoneInfo(offering.zone))


async def _kept(request: Request, place: PlaceLine) -> tuple[tuple[str, str], ...]:
    """What the guest has said, as (what, words)."""
    diet = await diet_of(place.id, settings=settings(request))
    if diet is None:
        return ()
    shown = reveal(diet)
    meals = [meal_label(meal) for meal in place.offering.meals if meal.id not in shown.skipped]
    serious = _("Yes") if shown.serious else ""
    lines = (
        (_("Food that suits me"), ", ".join(diet_words(shown.needs))),
        (_("I am allergic to"), ", ".join(diet_words(shown.allergies))),
        (_("Even traces are dangerous to me"), serious),
        (_("Something else the kitchen should know"), shown.other),
        (_("Meals that I take"), ", ".join(meals) if shown.skipped else ""),
    )
    return tuple(line for line in lines if line[1])


async def _organisers(event_id: UUID) -> tuple[tuple[str, str], ...]:
    held = await holders(Role.ORGANISER, scope_id=event_id, now=clock.now())
    return tuple((each.name, each.email) for each in held if each.in_force)


ROUTES: tuple[Endpoint, ...] = (
    get("/me/places/{id}/diet", diet_page, OWN),
    post("/me/places/{id}/diet", save_diet, OWN),
    post("/me/places/{id}/diet/withdraw", withdraw_diet, OWN),
)
