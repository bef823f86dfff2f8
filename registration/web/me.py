"""A participant's own pages: places, certificates, calendar, logins. Only ever their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.assurance import How
from registration.accounts.rules import Identity, Role
from registration.catering.rules import asks, may_give
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    redirect,
    require,
    roles,
    settings,
)
from registration.enrolment import queries as enrolment
from registration.enrolment.agreeing import answers_of
from registration.enrolment.links import enrolled_path
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import NotCancellable, PlaceNotFound
from registration.enrolment.service import cancel
from registration.i18n import _
from registration.mail.bounces import dead_address
from registration.people import queries as people
from registration.people.rules import PersonNotFound
from registration.qualifications import queries as qualifications
from registration.qualifications.queries import CertificateLine
from registration.web.calendar import person_url, place_url
from registration.web.said import Said, said
from registration.web.standing import DateTile, date_tile_of

OWN = roles(Role.PARTICIPANT)


@dataclass(frozen=True, slots=True)
class MyPlace:
    """``company`` is the one that took the place, or empty; ``asks_diet``: food restrictions can
    be given or changed now; ``answer_url``: where to say yes or no to being enrolled."""

    id: UUID
    said: Said
    tile: DateTile
    status: str
    position: int | None
    company: str
    calendar_url: str
    asks_diet: bool
    holds_diet: bool
    can_cancel: bool
    answer_url: str = ""


@dataclass(frozen=True, slots=True)
class HomePage:
    """``by_link``: the person came by a mailed link, and is told of quicker ways;
    ``mail_returns``: mail to them came back."""

    name: str
    suggestions: int
    upcoming: tuple[MyPlace, ...]
    past: tuple[MyPlace, ...]
    certificates: tuple[CertificateLine, ...]
    calendar_url: str
    by_link: bool
    mail_returns: bool = False


@dataclass(frozen=True, slots=True)
class CancelPage:
    place: MyPlace
    refused: str


def own_id(request: Request) -> tuple[Identity, UUID]:
    """Who asks, and as which person. Raises ``PersonNotFound`` for an account without one."""
    who = require(request)
    if who.person_id is None:
        raise PersonNotFound
    return who, who.person_id


async def own_place(request: Request) -> PlaceLine:
    """The place of the address. Raises ``PlaceNotFound``, also for other people's."""
    _who, person_id = own_id(request)
    place = await enrolment.place(path_id(request))
    if place.person_id != person_id:
        raise PlaceNotFound
    return place


async def home(request: Request) -> Response:
    who, person_id = own_id(request)
    now = clock.now()
    contact = await people.contact(person_id)
    subscribed = await people.subscription(person_id)
    answers = await answers_of(person_id)
    places = [
        _asked(_my(place, request, now=now), place, answers, request)
        for place in await enrolment.places_of_person(person_id)
    ]
    coming = [place for place in places if place.can_cancel]
    page = HomePage(
        name=contact.first_name,
        suggestions=len(await people.suggestions(person_id)),
        upcoming=tuple(sorted(coming, key=lambda place: place.tile[3])),
        past=tuple(place for place in places if not place.can_cancel),
        certificates=tuple(await qualifications.certificates_of(person_id, now=now)),
        calendar_url=settings(request).base_url
        + person_url(person_id, settings(request), number=subscribed.number),
        by_link=who.how == How.LINK,
        mail_returns=await dead_address(contact.email, settings=settings(request)) is not None,
    )
    return page_response(request, "me/home.html", page)


async def cancel_form(request: Request) -> Response:
    place = _my(await own_place(request), request, now=clock.now())
    refused = "" if place.can_cancel else _(NotCancellable.message)
    return page_response(request, "me/cancel.html", CancelPage(place, refused))


async def cancel_place(request: Request) -> Response:
    who, _person_id = own_id(request)
    place, now = await own_place(request), clock.now()
    try:
        await cancel(place.id, actor_id=who.account_id, settings=settings(request), now=now)
    except NotCancellable as refusal:
        page = CancelPage(_my(place, request, now=now), _(refusal.message))
        return page_response(request, "me/cancel.html", page, status=409)
    flash(request, "good", _("Your place is cancelled. A mail confirms it."))
    return redirect("/me")


def _asked(
    shown: MyPlace,
    place: PlaceLine,
    answers: Mapping[UUID, tuple[datetime | None, datetime | None]],
    request: Request,
) -> MyPlace:
    """With the way to answer, if a company took the place and nothing was said to that yet."""
    if not shown.can_cancel or answers.get(place.id) != (None, None):
        return shown
    return replace(shown, answer_url=enrolled_path(place.id, place.email, settings(request)))


def _my(place: PlaceLine, request: Request, *, now: datetime) -> MyPlace:
    offering = place.offering
    stands = place.ended_at is None
    held = place.diet_token is not None
    return MyPlace(
        id=place.id,
        said=said(offering),
        tile=date_tile_of(offering.starts_at, zone=offering.zone),
        status=place.status.value,
        position=place.position,
        company=place.company_name if place.company_id else "",
        calendar_url=place_url(place.id, settings(request)),
        asks_diet=stands and (may_give(offering, now=now) or (held and asks(offering, now=now))),
        holds_diet=held,
        can_cancel=stands and now < offering.ends_at,
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/me", home, OWN, name="me"),
    get("/me/places/{id}/cancel", cancel_form, OWN),
    post("/me/places/{id}/cancel", cancel_place, OWN),
)
