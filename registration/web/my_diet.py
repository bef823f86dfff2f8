"""What a guest said about food: shown to that guest, changed, withdrawn, or gone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catering.rules import DietsClosed, may_give, reveal
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
from registration.i18n import _
from registration.web.diet_form import DietChoices, diet_choices, diet_form, diet_given
from registration.web.me import OWN, own_place
from registration.web.offered import DietsGone, diets_gone
from registration.web.said import Said, said

NO_STORE = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class DietPage:
    """``choices`` None: nothing can be given any more; ``gone`` then says that all was deleted.
    ``lost``: something had been given and cannot be read."""

    place_id: UUID
    said: Said
    form: Form
    choices: DietChoices | None
    gone: DietsGone | None
    held: bool
    lost: bool
    refused: str


async def _catered_place(request: Request) -> PlaceLine:
    place = await own_place(request)
    if not place.offering.catered:
        raise PlaceNotFound
    return place


async def diet_page(request: Request) -> Response:
    place = await _catered_place(request)
    diet = await diet_of(place.id, settings=settings(request))
    form = diet_form(reveal(diet)) if diet else Form()
    lost = place.diet_token is not None and diet is None
    return await _page(request, place, form, lost=lost)


async def save_diet(request: Request) -> Response:
    place = await _catered_place(request)
    posted = await read_form(request)
    try:
        diet = diet_given(posted)
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
    is_open = place.ended_at is None and may_give(place.offering, now=clock.now())
    gone = await diets_gone(await catalogue.event(place.offering.id))
    if not is_open and gone is None and not refused:
        refused = _(DietsClosed.message)
    page = DietPage(
        place_id=place.id,
        said=said(place.offering),
        form=form,
        choices=diet_choices(place.offering) if is_open else None,
        gone=gone,
        held=place.diet_token is not None,
        lost=lost and is_open,
        refused=refused,
    )
    return page_response(request, "me/diet.html", page, status=status, headers=NO_STORE)


ROUTES: tuple[Endpoint, ...] = (
    get("/me/places/{id}/diet", diet_page, OWN),
    post("/me/places/{id}/diet", save_diet, OWN),
    post("/me/places/{id}/diet/withdraw", withdraw_diet, OWN),
)
