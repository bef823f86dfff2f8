"""An employee leaves: from which day, and what becomes of the places ahead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.companies.rules import EndTooFar, Leaving
from registration.edge import (
    Endpoint,
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
from registration.enrolment.leaving import leave
from registration.errors import Conflict, FieldError
from registration.forms import MESSAGES, Form
from registration.i18n import DEFAULT_ZONE, N_, _
from registration.qualifications import workforce
from registration.qualifications.workforce import HeldPlace, Worker
from registration.web.company.portal import COORDINATORS, Portal, portal_of

FARTHEST = timedelta(days=731)
CHOOSE = N_("Say what becomes of this place.")


@dataclass(frozen=True, slots=True)
class LeavePage:
    portal: Portal
    worker: Worker
    places: tuple[HeldPlace, ...]
    action: str
    back: str
    form: Form
    refused: str


async def show(request: Request) -> Response:
    portal, now = await portal_of(request), clock.now()
    one = await workforce.worker(portal.id, path_id(request), now=now)
    start = Form(values={"last_day": now.astimezone(DEFAULT_ZONE).date().isoformat()})
    return _page(request, portal, one, start, now=now)


async def end(request: Request) -> Response:
    """The choices are done, and the employment ends; all of it or nothing."""
    portal, now = await portal_of(request), clock.now()
    one = await workforce.worker(portal.id, path_id(request), now=now)
    posted = await read_form(request, max_fields=200)
    last_day, errors = _last_day(posted, now=now)
    choices = _choices(posted, one, after=last_day, now=now, errors=errors)
    if errors or last_day is None:
        form = posted.form().with_errors(errors)
        return _page(request, portal, one, form, now=now, status=422)
    try:
        await leave(
            portal.id,
            one.name.person_id,
            until=_midnight_after(last_day),
            cancelled=[each for each, choice in choices.items() if choice is Leaving.CANCEL],
            actor_id=require(request).account_id,
            settings=settings(request),
            now=now,
        )
    except Conflict as refused:
        text = _(refused.message, **refused.params)
        return _page(request, portal, one, posted.form(), now=now, refused=text, status=409)
    flash(request, "good", _("{name} leaves on {day}.", name=one.name.full, day=_said(last_day)))
    given = [each for each, choice in choices.items() if choice is Leaving.SUBSTITUTE]
    if given:
        flash(request, "wait", _("Now choose who takes over the place."))
        return redirect(f"/company/places/{given[0]}/substitute")
    return redirect(portal.url("/company/people"))


def _said(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"


def _last_day(posted: Posted, *, now: datetime) -> tuple[date | None, list[FieldError]]:
    text = posted.get("last_day", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, [FieldError("last_day", "date_parsing", MESSAGES["date_parsing"])]
    today = now.astimezone(DEFAULT_ZONE).date()
    if not today - FARTHEST <= day <= today + FARTHEST:
        return None, [FieldError("last_day", "end_too_far", EndTooFar.message)]
    return day, []


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=DEFAULT_ZONE)


def _choices(
    posted: Posted, one: Worker, *, after: date | None, now: datetime, errors: list[FieldError]
) -> Mapping[UUID, Leaving]:
    """By place ahead of the last day what is to become of it. A place that is not the person's is
    no choice: it is not looked at."""
    chosen: dict[UUID, Leaving] = {}
    for place in ahead(one, now=now):
        name = f"place_{place.id}"
        text = posted.get(name, "")
        begins = place.offering.starts_at.astimezone(DEFAULT_ZONE).date()
        if after is not None and begins <= after:
            continue
        if text not in set(Leaving):
            errors.append(FieldError(name, "missing", CHOOSE))
        else:
            chosen[place.id] = Leaving(text)
    return chosen


def ahead(one: Worker, *, now: datetime) -> tuple[HeldPlace, ...]:
    """The current places on what has not begun."""
    return tuple(
        place
        for place in reversed(one.places)
        if place.current and place.offering.starts_at > now and place.offering.kind == "session"
    )


def _page(
    request: Request,
    portal: Portal,
    one: Worker,
    form: Form,
    *,
    now: datetime,
    refused: str = "",
    status: int = 200,
) -> Response:
    path = f"/company/people/{one.name.person_id}"
    page = LeavePage(
        portal,
        one,
        ahead(one, now=now),
        portal.url(f"{path}/leave"),
        portal.url(path),
        form,
        refused,
    )
    return page_response(request, "company/leave.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/company/people/{id}/leave", show, COORDINATORS),
    post("/company/people/{id}/leave", end, COORDINATORS),
)
