"""The form of feedback for whoever has its address: from a mail, or by the code in the room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import segno
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    get,
    limit,
    page_response,
    path_text,
    post,
    read_form,
    redirect,
    settings,
)
from registration.edge.limits import MISSED_LINKS, Limit, check_limit
from registration.enrolment import queries as enrolment
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceNotFound
from registration.errors import Conflict, NotFound
from registration.feedback import queries, tickets
from registration.feedback.queries import offering_of, survey_of
from registration.feedback.rules import (
    AlreadyAnswered,
    SurveyNotFound,
    Way,
    check_open,
    check_place,
    closes_at,
)
from registration.feedback.service import answer_by_code, answer_from_place
from registration.feedback.tickets import Leads
from registration.forms import Form, Refused
from registration.i18n import _, format_date
from registration.web.feedback_form import FormPart, form_part, typed
from registration.web.said import Said, said

# The address is a secret: nobody stores it, no search engine keeps it, no link passes it on. (With
# "no-referrer" the form would be sent with "Origin: null" and refused.)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "strict-origin",
}
# A whole class answers from one room, and so from one address.
IN_A_ROOM = Limit("feedback", 300, timedelta(minutes=10))
LONGEST_PAGE = 64


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """``part`` None: nothing can be given here, and ``told`` says why."""

    part: FormPart | None
    told: str


@dataclass(frozen=True, slots=True)
class ScreenPage:
    """What is shown on the wall: the code, and its address in letters."""

    said: Said
    picture: str
    address: str
    until: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where an address leads: ``place`` None: to whoever is in the room."""

    token: str
    offering: Offering
    place: PlaceLine | None

    @property
    def way(self) -> Way:
        return Way.PLACE if self.place else Way.CODE


async def find(request: Request) -> Found:
    """Raises ``SurveyNotFound`` for an address that was never given or is not any more."""
    check_limit(request, MISSED_LINKS)
    token = path_text(request, "token")
    ticket = tickets.read(token, settings(request).secret)
    if ticket is None:
        await limit(request, MISSED_LINKS)
        raise SurveyNotFound
    if ticket.leads is not Leads.PLACE:
        kind = "session" if ticket.leads is Leads.SESSION else "event"
        return Found(token, await offering_of(kind, ticket.id), None)
    try:
        place = await enrolment.place(ticket.id)
    except PlaceNotFound:
        raise SurveyNotFound from None
    return Found(token, place.offering, place)


async def show(request: Request) -> Response:
    try:
        found = await find(request)
        await _check(request, found)
    except (Conflict, NotFound) as refused:
        return told(request, refused)
    return await _answer(request, found, Form(token=uuid4().hex))


async def _check(request: Request, found: Found) -> None:
    """Raises what stands in the way before anything is typed."""
    survey = await survey_of(found.offering.id)
    check_open(found.offering, found.way, closed=survey.closed_at is not None, now=clock.now())
    if found.place is None:
        return
    check_place(found.place.status)
    if await queries.answered([found.place.id], secret=settings(request).secret):
        raise AlreadyAnswered


def told(request: Request, refused: Conflict | NotFound, *, conflict: int = 200) -> Response:
    """Why nothing can be given here, without a form; ``conflict`` is the status of that."""
    page = FeedbackPage(None, _(refused.message, **refused.params))
    status = 404 if isinstance(refused, NotFound) else conflict
    return page_response(request, "feedback/form.html", page, status=status, headers=HEADERS)


async def answer(request: Request) -> Response:
    await limit(request, IN_A_ROOM)
    posted, now = await read_form(request), clock.now()
    try:
        found = await find(request)
        given = typed(posted, await survey_of(found.offering.id))
        if found.place is not None:
            await answer_from_place(found.place, given, settings=settings(request), now=now)
        else:
            seats = await _seats(found.offering)
            await answer_by_code(
                found.offering,
                given.model_copy(update={"named": False}),
                page=posted.get("token", "")[:LONGEST_PAGE] or uuid4().hex,
                seats=seats,
                settings=settings(request),
                now=now,
            )
    except Refused as refused:
        form = Form(posted.form().values, token=posted.get("token", "")[:LONGEST_PAGE])
        return await _answer(request, found, form.with_errors(refused.errors), status=422)
    except (Conflict, NotFound) as refused:
        return told(request, refused, conflict=409)
    return redirect("/feedback/thanks")


async def _seats(offering: Offering) -> int:
    if offering.kind == "session":
        return (await catalogue.session(offering.id)).seats
    return (await catalogue.event(offering.id)).seats


async def _answer(request: Request, found: Found, form: Form, *, status: int = 200) -> Response:
    part = form_part(
        found.offering,
        await survey_of(found.offering.id),
        form,
        action=f"/feedback/{found.token}",
        person=found.place.name if found.place else "",
    )
    page = FeedbackPage(part, "")
    return page_response(request, "feedback/form.html", page, status=status, headers=HEADERS)


async def thanks(request: Request) -> Response:
    return page_response(request, "feedback/thanks.html", None)


async def screen(request: Request) -> Response:
    """For the wall of the room: whoever has the address may show it there."""
    try:
        found = await _of_room(request)
    except SurveyNotFound as refused:
        return told(request, refused)
    page = ScreenPage(
        said(found.offering),
        f"/feedback/{found.token}/code.svg",
        f"{settings(request).base_url}/feedback/{found.token}",
        format_date(closes_at(found.offering)),
    )
    return page_response(request, "feedback/screen.html", page, headers=HEADERS)


async def code(request: Request) -> Response:
    """The address of the form as a QR code. Raises ``SurveyNotFound``."""
    found = await _of_room(request)
    held = BytesIO()
    address = f"{settings(request).base_url}/feedback/{found.token}"
    segno.make(address, error="m").save(
        held, kind="svg", scale=10, border=4, dark="#000", light="#fff", omitsize=True
    )
    return Response(held.getvalue(), media_type="image/svg+xml", headers=HEADERS)


async def _of_room(request: Request) -> Found:
    found = await find(request)
    if found.place is not None:
        raise SurveyNotFound
    return found


ROUTES: tuple[Endpoint, ...] = (
    get("/feedback/thanks", thanks, ANYONE),
    get("/feedback/{token}", show, ANYONE, whose=Of.SECRET),
    post("/feedback/{token}", answer, ANYONE, whose=Of.SECRET),
    get("/feedback/{token}/screen", screen, ANYONE, whose=Of.SECRET),
    get("/feedback/{token}/code.svg", code, ANYONE, whose=Of.SECRET),
)
