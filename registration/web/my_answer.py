"""What a person says to a place that a company took for them (P6)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import Endpoint, flash, get, page_response, post, read_form, redirect
from registration.enrolment.objections import NothingToAnswer, answer_enrolment
from registration.enrolment.queries import PlaceLine
from registration.i18n import _
from registration.web.me import OWN, own_id, own_place
from registration.web.said import Said, said

MAX_FIELDS = 5
AGREES, OBJECTS = "agrees", "objects"


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """``refused`` says why there is nothing to answer."""

    place_id: UUID
    said: Said
    company: str
    refused: str


async def ask(request: Request) -> Response:
    return _page(request, await own_place(request))


async def answer(request: Request) -> Response:
    who, _person_id = own_id(request)
    place = await own_place(request)
    word = (await read_form(request, max_fields=MAX_FIELDS)).get("answer", "")
    if word not in {AGREES, OBJECTS}:
        return _page(request, place, status=422)
    try:
        await answer_enrolment(
            place.id, agrees=word == AGREES, actor_id=who.account_id, now=clock.now()
        )
    except NothingToAnswer as refused:
        return _page(request, place, refused=_(refused.message), status=409)
    if word == AGREES:
        flash(request, "good", _("Thank you. You said that the place is right."))
    else:
        flash(request, "wait", _("Thank you. We look at it with the company, and write to you."))
    return redirect("/me")


def _page(request: Request, place: PlaceLine, *, refused: str = "", status: int = 200) -> Response:
    if place.company_id is None or place.ended_at is not None:
        refused = refused or _(NothingToAnswer.message)
    page = AnswerPage(place.id, said(place.offering), place.company_name, refused)
    return page_response(request, "me/answer.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/me/places/{id}/answer", ask, OWN),
    post("/me/places/{id}/answer", answer, OWN),
)
