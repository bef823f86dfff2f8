"""A seat that is offered to one person: said yes or no to, on their own pages or by a mail's link.

The link opens this one place, and only while its offer stands. A GET changes nothing: programs that
look at mail follow links.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catering.rules import asks
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    PageNotFound,
    get,
    identity,
    page_response,
    path_text,
    post,
    read_form,
    redirect,
    settings,
)
from registration.enrolment import queries as enrolment
from registration.enrolment.letters import place_of_token
from registration.enrolment.offers import accept_offer, decline_offer
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceNotFound
from registration.errors import Conflict
from registration.i18n import _, format_moment
from registration.web.calendar import place_url
from registration.web.interests import HEADERS
from registration.web.me import OWN, own_place
from registration.web.offer_state import OfferState, state_of
from registration.web.said import Said, said

MAX_FIELDS = 5
LONGEST_TOKEN = 300
ACCEPT, DECLINE = "accept", "decline"


@dataclass(frozen=True, slots=True)
class OfferPage:
    """``until``: when the offer ends, in the offering's zone; ``position`` on the waiting list.
    ``own``: the reader is on their own pages. ``trouble`` says why nothing was done."""

    said: Said
    state: OfferState
    until: str
    position: int | None
    diet: bool
    calendar_url: str
    action: str
    own: bool
    trouble: str


async def show(request: Request) -> Response:
    return _page(request, await _by_token(request), f"/offers/{_token(request)}")


async def answer(request: Request) -> Response:
    place = await _by_token(request)
    return await _answered(request, place, f"/offers/{_token(request)}")


async def show_own(request: Request) -> Response:
    place = await own_place(request)
    return _page(request, place, _own_path(place.id), own=True)


async def answer_own(request: Request) -> Response:
    place = await own_place(request)
    return await _answered(request, place, _own_path(place.id), own=True)


def _own_path(place_id: UUID) -> str:
    return f"/me/places/{place_id}/offer"


def _token(request: Request) -> str:
    token = path_text(request, "token")
    if len(token) > LONGEST_TOKEN:
        raise PageNotFound
    return token


async def _by_token(request: Request) -> PlaceLine:
    """Raises ``PageNotFound`` for what we never gave, and for a place that is there no more."""
    place_id = place_of_token(_token(request), settings(request))
    if place_id is None:
        raise PageNotFound
    try:
        return await enrolment.place(place_id)
    except PlaceNotFound:
        raise PageNotFound from None


async def _answered(
    request: Request, place: PlaceLine, path: str, *, own: bool = False
) -> Response:
    """To the same page again, which says how it is then; neither yes nor no does nothing."""
    word = (await read_form(request, max_fields=MAX_FIELDS)).get("answer", "")
    who, house, now = identity(request), settings(request), clock.now()
    actor = who.account_id if who and who.person_id == place.person_id else None
    try:
        if word == ACCEPT:
            await accept_offer(place.id, actor_id=actor, settings=house, now=now)
        elif word == DECLINE:
            await decline_offer(place.id, actor_id=actor, settings=house, now=now)
    except Conflict as refused:
        again = await enrolment.place(place.id)
        trouble = _(refused.message, **refused.params)
        return _page(request, again, path, own=own, trouble=trouble)
    return redirect(path)


def _page(
    request: Request, place: PlaceLine, path: str, *, own: bool = False, trouble: str = ""
) -> Response:
    offering, now = place.offering, clock.now()
    state = state_of(place, now=now)
    # What is refused because the offer has ended is said by the page itself.
    told = state is OfferState.ENDED
    page = OfferPage(
        said=said(offering),
        state=state,
        until=format_moment(place.until, zone=ZoneInfo(offering.zone)) if place.until else "",
        position=place.position,
        diet=state is OfferState.YOURS and asks(offering, now=now),
        calendar_url=place_url(place.id, settings(request)),
        action=path,
        own=own,
        trouble="" if told else trouble,
    )
    status = 409 if trouble else 200
    return page_response(request, "me/offer.html", page, status=status, headers=HEADERS)


ROUTES: tuple[Endpoint, ...] = (
    get("/offers/{token}", show, ANYONE, whose=Of.SECRET),
    post("/offers/{token}", answer, ANYONE, whose=Of.SECRET),
    get("/me/places/{id}/offer", show_own, OWN),
    post("/me/places/{id}/offer", answer_own, OWN),
)
