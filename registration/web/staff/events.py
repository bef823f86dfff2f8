"""Dated gatherings: the list, a new one, changes, cancelling. An organiser has their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.grants import grant
from registration.accounts.rules import Identity, Role
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import EventLine
from registration.catalogue.rules import EndsInThePast, EventGiven, SlugTaken, TooFewSeats
from registration.catering.foresight import foresee
from registration.db import transaction
from registration.edge import (
    Endpoint,
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
from registration.enrolment.changes import cancel_event, change_event
from registration.enrolment.queries import Occupancy, occupancies
from registration.errors import Conflict, DomainError
from registration.forms import Form
from registration.i18n import _, format_when, text_in
from registration.web.said import said_of
from registration.web.staff.deletions import Warned, warned
from registration.web.staff.desk import (
    EITHER,
    Again,
    Desk,
    again,
    check_event,
    clean,
    desk,
    is_staff,
    said,
)
from registration.web.staff.event_form import (
    MealDay,
    MealNamed,
    blank,
    event_given,
    filled,
    graces,
    meal_days,
    meals_named,
)
from registration.web.staff.sessions import (
    CancelPage,
    Filters,
    Option,
    Row,
    read_filters,
    shown_state,
    time_selects,
    venue_options,
)
from registration.web.staff.typed import languages, zones
from registration.web.standing import date_tile_of

CONFLICTS: Mapping[type[Conflict], str] = {
    TooFewSeats: "capacity",
    EndsInThePast: "ends_at",
    SlugTaken: "slug",
}


@dataclass(frozen=True, slots=True)
class EventRow:
    """``diets_go_at`` is the deadline of its food restrictions, ``diets_gone_at`` when they
    were deleted; both None without catering."""

    row: Row
    diets_go_at: datetime | None
    diets_gone_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True)
class EventsPage:
    desk: Desk
    filters: Filters
    rows: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class EventFormPage:
    """``id`` None: a new one."""

    desk: Desk
    id: UUID | None
    title: str
    action: str
    back: str
    form: Form
    languages: tuple[Option, ...]
    venues: tuple[Option, ...]
    zones: tuple[Option, ...]
    meals: tuple[MealDay, ...]
    named: tuple[MealNamed, ...]
    graces: tuple[tuple[str, str, str], ...]
    foreseen: Warned | None = None


async def show_all(request: Request) -> Response:
    now, who = clock.now(), require(request)
    words, sought, chosen = read_filters(request, now=now)
    lines = visible(await catalogue.events(sought), who)
    if chosen[0] == "past":
        lines.reverse()
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    rows = [event_row(line, seats[line.seating_id], who, now=now) for line in lines]
    page = EventsPage(desk(request), Filters(words, time_selects(*chosen)), tuple(rows))
    return page_response(request, "staff/events.html", page)


def visible(lines: list[EventLine], who: Identity) -> list[EventLine]:
    """All for staff; for others those that they organise."""
    return [line for line in lines if is_staff(who) or who.organises(line.id)]


def event_row(line: EventLine, seats: Occupancy, who: Identity, *, now: datetime) -> EventRow:
    row = Row(
        path=f"/staff/events/{line.id}",
        title=text_in(line.title),
        tile=date_tile_of(line.starts_at, zone=line.zone),
        when=format_when(line.starts_at, line.ends_at, zone=ZoneInfo(line.zone)),
        where=said_of(line).where,
        language="",
        state=shown_state(line.state, line.ends_at, now=now),
        occupancy=seats,
    )
    return EventRow(row, line.erase_at, line.diets_deleted_at, who.organises(line.id))


async def new(request: Request) -> Response:
    return await _answer(request, None, clean(blank()))


async def add(request: Request) -> Response:
    posted, who = await read_form(request), require(request)
    if posted.get("do") == "meals":
        return await _answer(request, None, clean(posted.form()))
    try:
        made = await _add(event_given(posted), who, now=clock.now())
    except DomainError as refused:
        return await _answer(request, None, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(request, "good", _("The event is added."))
    return redirect(f"/staff/events/{made}")


async def _add(given: EventGiven, who: Identity, *, now: datetime) -> UUID:
    """An organiser organises what they create; staff say who does."""
    async with transaction():
        made = await service.add_event(given, actor_id=who.account_id, now=now)
        if Role.ORGANISER in who.roles:
            await grant(
                who.account_id,
                Role.ORGANISER,
                scope_id=made,
                granted_by=who.account_id,
                reason=_("Created the event"),
                now=now,
            )
    return made


async def own_event(request: Request) -> EventLine:
    """The event of the path. Raises ``EventNotFound``, also for an organiser of others only."""
    event_id = path_id(request)
    check_event(require(request), event_id)
    return await catalogue.event(event_id)


async def edit(request: Request) -> Response:
    line = await own_event(request)
    return await _answer(request, line, clean(filled(line)))


async def change(request: Request) -> Response:
    line, posted = await own_event(request), await read_form(request)
    if posted.get("do") == "meals":
        return await _answer(request, line, clean(posted.form()))
    now = clock.now()
    try:
        given = event_given(posted)
        foreseen = await foresee(line, given, now=now)
        if foreseen is not None and posted.get("foreseen") != foreseen.mark:
            return await _answer(request, line, clean(posted.form()), warned(foreseen, line))
        await change_event(
            line.id,
            given,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=now,
            past=foreseen is not None and foreseen.past,
        )
    except DomainError as refused:
        return await _answer(request, line, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(request, "good", _("The event is saved. Whoever holds a place hears of a new time."))
    return redirect(f"/staff/events/{line.id}")


async def _answer(
    request: Request, line: EventLine | None, shown: Again, foreseen: Warned | None = None
) -> Response:
    page = EventFormPage(
        desk(request, shown.trouble),
        line.id if line else None,
        _("Change the event") if line else _("New event"),
        f"/staff/events/{line.id}/edit" if line else "/staff/events/new",
        f"/staff/events/{line.id}" if line else "/staff/events",
        shown.form,
        languages(),
        await venue_options(),
        zones(shown.form.values.get("time_zone", "")),
        meal_days(shown.form),
        meals_named(shown.form),
        graces(),
        foreseen,
    )
    return page_response(request, "staff/event_form.html", page, status=shown.status)


async def ask_cancel(request: Request) -> Response:
    return await _cancel_page(request, await own_event(request))


async def _cancel_page(request: Request, line: EventLine, trouble: str = "") -> Response:
    seats = (await occupancies({line.seating_id: line.seats}))[line.seating_id]
    page = CancelPage(
        desk(request, trouble),
        "event",
        text_in(line.title),
        said_of(line),
        seats.taken + seats.waiting,
        line.catered and line.diets_deleted_at is None,
        f"/staff/events/{line.id}/cancel",
        f"/staff/events/{line.id}",
    )
    return page_response(request, "staff/cancel.html", page, status=409 if trouble else 200)


async def cancel(request: Request) -> Response:
    line = await own_event(request)
    try:
        await cancel_event(
            line.id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        return await _cancel_page(request, line, said(refused))
    flash(request, "good", _("The event is cancelled, and everybody on it is told."))
    return redirect(f"/staff/events/{line.id}")


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/events", show_all, EITHER),
    get("/staff/events/new", new, EITHER),
    post("/staff/events/new", add, EITHER),
    get("/staff/events/{id}/edit", edit, EITHER),
    post("/staff/events/{id}/edit", change, EITHER),
    get("/staff/events/{id}/cancel", ask_cancel, EITHER),
    post("/staff/events/{id}/cancel", cancel, EITHER),
)
