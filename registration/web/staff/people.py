"""Who holds a place: as lines of a list, one more by form, and a place cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue.rules import Offering
from registration.edge import (
    Endpoint,
    NotYours,
    Posted,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.enrolment import queries as enrolment
from registration.enrolment.listing import PeoplePage
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import (
    ENDED,
    MISSING,
    Awaits,
    By,
    Lack,
    PlaceStatus,
    PrerequisitesMissing,
    ShownTo,
    Taken,
    Why,
    WhyNeeded,
)
from registration.enrolment.service import SignUp, cancel, sign_up
from registration.errors import DomainError, FieldError
from registration.forms import Form, Refused
from registration.i18n import N_, _, format_date, format_moment, text_in
from registration.people.rules import Source
from registration.qualifications.queries import certificates_of_places
from registration.web.contact_form import Option, contact_given
from registration.web.said import Said, said
from registration.web.staff.desk import (
    EITHER,
    Again,
    Desk,
    again,
    check_event,
    clean,
    desk,
    is_staff,
)

SOURCES: Mapping[str, str] = {
    Source.SELF: N_("Signed up"),
    Source.COMPANY: N_("By the company"),
    Source.IMPORT: N_("By the company, from a file"),
    Source.API: N_("By another system"),
    Source.STAFF: N_("By staff"),
}


AWAITED: Mapping[Awaits, str] = {
    Awaits.NOTHING: "",
    Awaits.APPROVAL: N_("Waits for the company's approval"),
    Awaits.CHECK: N_("Look at what the training needs"),
}
WHYS: Mapping[Why, str] = {
    Why.SHOWN: N_("Proof from elsewhere was seen"),
    Why.EQUIVALENT: N_("Other training or experience counts as much"),
    Why.BOOKED: N_("It will be completed before"),
    Why.OUR_FAULT: N_("It was our mistake"),
    Why.AGREED: N_("It was agreed with the person or the company"),
}


def why_options() -> tuple[Option, ...]:
    return tuple((why.value, _(label)) for why, label in WHYS.items())


def why_given(posted: Mapping[str, str], field: str = "why", *, needed: bool = True) -> Why | None:
    """Raises ``Refused`` for a reason that is none of those to choose from."""
    typed = posted.get(field, "")
    if not typed and not needed:
        return None
    if typed not in set(Why):
        raise Refused(FieldError(field, "missing", N_("Choose the reason.")))
    return Why(typed)


PEOPLE_ON_PAGE = 100


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A current place; ``path`` is its own page, ``cancel`` the address that asks, empty when it
    is too late. ``until``: when its offer or its hold ends; ``note`` what stands in its way.
    ``certificate`` is (address, number)."""

    name: str
    email: str
    company: str
    status: str
    position: int | None
    source: str
    since: datetime
    until: str
    note: str
    path: str
    cancel: str
    certificate: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class CancelPlacePage:
    """``late``: the last day to cancel has passed, so that a reason is needed."""

    desk: Desk
    name: str
    status: str
    said: Said
    action: str
    back: str
    late: bool
    whys: tuple[Option, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class People:
    """A page of them, and the addresses of its neighbours, empty where there is none."""

    rows: tuple[PersonRow, ...]
    next_url: str
    prev_url: str


async def people_shown(
    request: Request, found: PeoplePage, *, passed: Mapping[UUID, str], now: datetime
) -> People:
    """``passed`` says by place why seats go to others before."""
    path, number = request.url.path, found.number
    return People(
        await _rows(found.people, passed=passed, now=now),
        f"{path}?page={number + 1}#people" if number < found.pages else "",
        f"{path}?page={number - 1}#people" if number > 1 else "",
    )


async def _rows(
    lines: Sequence[PlaceLine], *, passed: Mapping[UUID, str], now: datetime
) -> tuple[PersonRow, ...]:
    certificates = await certificates_of_places([line.id for line in lines], now=now)
    rows: list[PersonRow] = []
    for line in lines:
        found = certificates.get(line.id)
        rows.append(
            PersonRow(
                line.name,
                line.email,
                line.company_name,
                line.status.value,
                line.position,
                _(SOURCES.get(line.source, line.source)),
                line.created_at,
                format_moment(line.until, zone=ZoneInfo(line.offering.zone)) if line.until else "",
                passed.get(line.id) or _(AWAITED[line.awaits]),
                f"/staff/places/{line.id}",
                f"/staff/places/{line.id}/cancel" if now < line.offering.ends_at else "",
                (f"/staff/certificates/{found.id}", found.number) if found else None,
            )
        )
    return tuple(rows)


async def add_person(request: Request, offering: Offering, posted: Posted) -> Taken:
    """The person who was typed holds a place, and hears of it; with a reason also without what
    the training needs. Raises ``Refused`` and what ``sign_up`` raises."""
    language = posted.get("language", "")
    contact = contact_given(posted, known=None, language=language or settings(request).languages[0])
    wish = SignUp(
        contact=contact,
        source=Source.STAFF,
        actor_id=require(request).account_id,
        shown_to=ShownTo.STAFF,
        waived=why_given(posted, needed=False),
    )
    taken = await sign_up(offering, wish, settings=settings(request), now=clock.now())
    if taken.status is PlaceStatus.WAITING:
        said_so = _(
            "{name} is on the waiting list, as number {position}.",
            name=contact.full_name,
            position=taken.position or 1,
        )
        flash(request, "wait", said_so)
    else:
        flash(request, "good", _("{name} has a place.", name=contact.full_name))
    return taken


def lacking(refused: DomainError, field: str = "why") -> DomainError:
    """What is missing stands beside the reason by which staff can let the person in anyway."""
    if not isinstance(refused, PrerequisitesMissing) or not refused.lacks:
        return refused
    return Refused(*(_lacking(lack, field) for lack in refused.lacks))


def _lacking(lack: Lack, field: str) -> FieldError:
    named = {"training": text_in(lack.title)}
    if lack.ended_on is None:
        return FieldError(field, "missing", MISSING, named)
    return FieldError(field, "ended", ENDED, {**named, "day": format_date(lack.ended_on)})


async def managed_place(request: Request, place_id: UUID) -> PlaceLine:
    """Raises ``PlaceNotFound``, ``EventNotFound``, ``NotYours``."""
    place, who = await enrolment.place(place_id), require(request)
    if place.offering.kind == "event":
        check_event(who, place.offering.id)
    elif not is_staff(who):
        raise NotYours
    return place


async def ask_cancel(request: Request) -> Response:
    return _ask(request, await managed_place(request, path_id(request)), clean(Form()))


def _ask(request: Request, place: PlaceLine, shown: Again) -> Response:
    last = place.offering.terms.cancels_until
    page = CancelPlacePage(
        desk(request, shown.trouble),
        place.name,
        place.status.value,
        said(place.offering),
        f"/staff/places/{place.id}/cancel",
        _back(place.offering),
        last is not None and clock.now() >= last and place.status is PlaceStatus.CONFIRMED,
        why_options(),
        shown.form,
    )
    return page_response(request, "staff/cancel_place.html", page, status=shown.status)


async def cancel_place(request: Request) -> Response:
    place = await managed_place(request, path_id(request))
    posted = await read_form(request)
    try:
        await cancel(
            place.id,
            by=By.STAFF,
            why=why_given(posted, needed=False),
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        shown = again(posted.form(), refused, conflicts={WhyNeeded: "why"})
        return _ask(request, place, shown)
    title = text_in(place.offering.title)
    text = _("The place of {name} on {title} is cancelled.", name=place.name, title=title[:100])
    flash(request, "good", text)
    return redirect(_back(place.offering))


def _back(offering: Offering) -> str:
    return f"/staff/{offering.kind}s/{offering.id}"


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/places/{id}/cancel", ask_cancel, EITHER),
    post("/staff/places/{id}/cancel", cancel_place, EITHER),
)
