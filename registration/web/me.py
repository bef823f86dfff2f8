"""A participant's own pages: places, certificates, calendar, logins. Only ever their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

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
from registration.enrolment.agreeing import UNANSWERED, Answers, answers_of
from registration.enrolment.interests import InterestLine, interests_of
from registration.enrolment.links import enrolled_path
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import (
    Awaits,
    By,
    NotCancellable,
    PlaceNotFound,
    PlaceStatus,
    TooLateToCancel,
)
from registration.enrolment.service import cancel
from registration.feedback.queries import askable, named_places
from registration.i18n import _, format_moment, ngettext, text_in
from registration.mail.bounces import dead_address
from registration.people import queries as people
from registration.people.rules import PersonNotFound
from registration.qualifications import queries as qualifications
from registration.qualifications.queries import CertificateLine
from registration.web.calendar import person_url, place_url
from registration.web.offer_state import OfferState, state_of
from registration.web.said import Said, said
from registration.web.standing import DateTile, date_tile_of, tentative_text

OWN = roles(Role.PARTICIPANT)
NO_ANSWERS: Answers = {}


@dataclass(frozen=True, slots=True)
class MyPlace:
    """``company`` is the one that took the place, or empty; ``asks_diet``: food restrictions can
    be given or changed now. ``until``: when its offer or its hold ends, in its zone; ``awaits``
    what it waits for. ``notes`` say what happens next, a sentence each. ``moves``: it can be moved
    to another date. ``answer_url``: where to say yes or no to a place that a company took;
    ``objects``: the person said no. ``feedback``: "asked" when it can be given now, "given" when it
    was, under the person's name."""

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
    moves: bool
    until: str
    awaits: str
    answer_url: str
    objects: bool
    notes: tuple[str, ...]
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class MyInterest:
    """A training of whose new dates the person wants to hear; until ``ends``."""

    title: str
    path: str
    ends: datetime
    end: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """``by_link``: the person came by a mailed link, and is told of quicker ways. ``offers`` are
    the seats that wait for an answer, the first to end first; ``mail_returns``: mail to them came
    back."""

    name: str
    suggestions: int
    offers: tuple[MyPlace, ...]
    interests: tuple[MyInterest, ...]
    upcoming: tuple[MyPlace, ...]
    past: tuple[MyPlace, ...]
    certificates: tuple[CertificateLine, ...]
    calendar_url: str
    by_link: bool
    mail_returns: bool = False


@dataclass(frozen=True, slots=True)
class CancelPage:
    """``late``: until when it could have been cancelled here, or empty; then ``call`` are the ways
    to reach the office, as (what to show, address)."""

    place: MyPlace
    refused: str
    late: str
    call: tuple[tuple[str, str], ...]


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
    lines = await enrolment.places_of_person(person_id)
    said_so = await answers_of(person_id)
    offers = [line for line in lines if state_of(line, now=now) is OfferState.OPEN]
    offers.sort(key=lambda line: (line.until or now, line.id))
    places = [my_place(line, request, said_so, now=now) for line in lines if line not in offers]
    coming = [place for place in places if place.can_cancel]
    given = await named_places(person_id)
    asked = await askable(lines, secret=settings(request).secret, now=now)
    page = HomePage(
        name=contact.first_name,
        suggestions=len(await people.suggestions(person_id)),
        offers=tuple(my_place(line, request, now=now) for line in offers),
        interests=tuple(_interest(each) for each in await interests_of(person_id)),
        upcoming=tuple(sorted(coming, key=lambda place: place.tile[3])),
        past=tuple(
            replace(
                place,
                feedback="given" if place.id in given else "asked" if place.id in asked else "",
            )
            for place in places
            if not place.can_cancel
        ),
        certificates=tuple(await qualifications.certificates_of(person_id, now=now)),
        calendar_url=settings(request).base_url
        + person_url(person_id, settings(request), number=subscribed.number),
        by_link=who.how == How.LINK,
        mail_returns=await dead_address(contact.email, settings=settings(request)) is not None,
    )
    return page_response(request, "me/home.html", page)


def _interest(line: InterestLine) -> MyInterest:
    return MyInterest(
        text_in(line.title),
        f"/trainings/{line.slug}",
        line.drop_at,
        f"/me/interests/{line.id}/end",
    )


async def cancel_form(request: Request) -> Response:
    place, now = await own_place(request), clock.now()
    refused = "" if my_place(place, request, now=now).can_cancel else _(NotCancellable.message)
    return _cancel_page(request, place, refused, now=now)


def _cancel_page(
    request: Request, line: PlaceLine, refused: str, *, now: datetime, status: int = 200
) -> Response:
    offering, house = line.offering, settings(request).organisation
    last = offering.terms.cancels_until
    late = last is not None and now >= last and line.status is PlaceStatus.CONFIRMED
    reach = [(house.phone, f"tel:{house.phone}")] if house.phone else []
    page = CancelPage(
        my_place(line, request, now=now),
        refused,
        format_moment(last, zone=ZoneInfo(offering.zone)) if late and last and not refused else "",
        (*reach, (house.email, f"mailto:{house.email}")),
    )
    return page_response(request, "me/cancel.html", page, status=status)


async def cancel_place(request: Request) -> Response:
    who, _person_id = own_id(request)
    place, now = await own_place(request), clock.now()
    try:
        await cancel(
            place.id,
            by=By.PERSON,
            actor_id=who.account_id,
            settings=settings(request),
            now=now,
        )
    except TooLateToCancel:
        return _cancel_page(request, place, "", now=now, status=409)
    except NotCancellable as refusal:
        return _cancel_page(request, place, _(refusal.message), now=now, status=409)
    flash(request, "good", _("Your place is cancelled. A mail confirms it."))
    return redirect("/me")


def my_place(
    place: PlaceLine, request: Request, answers: Answers = NO_ANSWERS, *, now: datetime
) -> MyPlace:
    offering = place.offering
    stands = place.ended_at is None
    held = place.diet_token is not None
    zone = ZoneInfo(offering.zone)
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
        moves=offering.kind == "session"
        and place.status in {PlaceStatus.CONFIRMED, PlaceStatus.WAITING}
        and now < offering.starts_at,
        until=format_moment(place.until, zone=zone) if place.until else "",
        awaits=place.awaits.value,
        answer_url=_answer_url(place, answers, request, now=now),
        objects=stands and answers.get(place.id, UNANSWERED)[1] is not None,
        notes=tuple(_notes(place, now=now)) if stands and now < offering.starts_at else (),
    )


def _answer_url(place: PlaceLine, answers: Answers, request: Request, *, now: datetime) -> str:
    """The way to answer, if a company took the place and nothing was said to that yet."""
    stands = place.ended_at is None and now < place.offering.ends_at
    if not stands or place.company_id is None or answers.get(place.id) != UNANSWERED:
        return ""
    return enrolled_path(place.id, place.email, settings(request))


def _notes(place: PlaceLine, *, now: datetime) -> Iterator[str]:
    """What is not settled about the place, and what happens next."""
    offering = place.offering
    until = format_moment(place.until, zone=ZoneInfo(offering.zone)) if place.until else ""
    if place.status is PlaceStatus.HELD and place.awaits is Awaits.APPROVAL:
        yield _("It waits for your company's approval until {until}.", until=until)
    elif place.status is PlaceStatus.HELD:
        yield _("We look at what the training needs before it is yours, by {until}.", until=until)
    elif place.status is PlaceStatus.WAITING and offering.terms.offer_hours:
        said_so = ngettext(
            "When it is your turn, we offer you the seat by mail: you have {num} hour to answer.",
            "When it is your turn, we offer you the seat by mail: you have {num} hours to answer.",
            offering.terms.offer_hours,
        )
        yield said_so.format(num=offering.terms.offer_hours)
    elif place.status is PlaceStatus.WAITING:
        yield _("When a seat is free and it is your turn, it is yours, and we write to you.")
    if unsure := tentative_text(offering):
        yield unsure
    last = offering.terms.cancels_until
    if place.status is PlaceStatus.CONFIRMED and last is not None and now < last:
        when = format_moment(last, zone=ZoneInfo(offering.zone))
        yield _("You can cancel by yourself until {when}.", when=when)


ROUTES: tuple[Endpoint, ...] = (
    get("/me", home, OWN, name="me"),
    get("/me/places/{id}/cancel", cancel_form, OWN),
    post("/me/places/{id}/cancel", cancel_place, OWN),
)
