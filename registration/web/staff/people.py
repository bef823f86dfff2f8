"""Who holds a place: as lines of a list, one more by form, and a place cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

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
    redirect,
    require,
    settings,
)
from registration.enrolment import queries as enrolment
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceStatus, Taken
from registration.enrolment.service import SignUp, cancel, sign_up
from registration.errors import DomainError
from registration.i18n import N_, _, text_in
from registration.people.rules import Source
from registration.qualifications.queries import certificates_of_places
from registration.web.contact_form import contact_given
from registration.web.said import Said, said
from registration.web.staff.desk import EITHER, Desk, check_event, desk, is_staff
from registration.web.staff.desk import said as message

SOURCES: Mapping[str, str] = {
    Source.SELF: N_("Signed up"),
    Source.COMPANY: N_("By the company"),
    Source.IMPORT: N_("By the company, from a file"),
    Source.API: N_("By another system"),
    Source.STAFF: N_("By staff"),
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A current place; ``cancel`` is the address that asks, empty when it is too late.
    ``certificate`` is (address, number)."""

    name: str
    email: str
    company: str
    status: str
    position: int | None
    source: str
    since: datetime
    cancel: str
    certificate: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class CancelPlacePage:
    desk: Desk
    name: str
    status: str
    said: Said
    action: str
    back: str


async def person_rows(lines: Sequence[PlaceLine], *, now: datetime) -> tuple[PersonRow, ...]:
    """Confirmed by name, then those who wait in their order; one query more than none."""
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
                f"/staff/places/{line.id}/cancel" if now < line.offering.ends_at else "",
                (f"/staff/certificates/{found.id}.pdf", found.number) if found else None,
            )
        )
    return tuple(rows)


async def add_person(request: Request, offering: Offering, posted: Posted) -> Taken:
    """The person who was typed holds a place, and hears of it. Raises ``Refused`` and what
    ``sign_up`` raises."""
    language = posted.get("language", "")
    contact = contact_given(posted, known=None, language=language or settings(request).languages[0])
    wish = SignUp(contact=contact, source=Source.STAFF, actor_id=require(request).account_id)
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


async def _place(request: Request, place_id: UUID) -> PlaceLine:
    """Raises ``PlaceNotFound``, ``EventNotFound``, ``NotYours``."""
    place, who = await enrolment.place(place_id), require(request)
    if place.offering.kind == "event":
        check_event(who, place.offering.id)
    elif not is_staff(who):
        raise NotYours
    return place


async def ask_cancel(request: Request) -> Response:
    return _ask(request, await _place(request, path_id(request)))


def _ask(request: Request, place: PlaceLine, trouble: str = "") -> Response:
    page = CancelPlacePage(
        desk(request, trouble),
        place.name,
        place.status.value,
        said(place.offering),
        f"/staff/places/{place.id}/cancel",
        _back(place.offering),
    )
    return page_response(request, "staff/cancel_place.html", page, status=409 if trouble else 200)


async def cancel_place(request: Request) -> Response:
    place = await _place(request, path_id(request))
    try:
        await cancel(
            place.id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        return _ask(request, place, message(refused))
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
