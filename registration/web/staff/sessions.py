"""Dated runs of trainings: the list, a new one, changes, cancelling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import SessionLine, Sought, TrainingLine
from registration.catalogue.rules import EndsInThePast, State, TooFewSeats
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
from registration.enrolment.changes import cancel_session, change_session
from registration.enrolment.queries import Occupancy, occupancies
from registration.errors import Conflict, DomainError
from registration.i18n import N_, NATIVE_NAMES, _, text_in
from registration.web.cards import days_text
from registration.web.said import Said, said_of
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk, said
from registration.web.staff.session_form import (
    SessionForm,
    blank,
    filled,
    one_day_more,
    session_given,
    typed,
)
from registration.web.staff.typed import languages, zones
from registration.web.standing import DateTile, date_tile_of

Option = tuple[str, str]
TIMES: tuple[Option, ...] = (
    ("", N_("Now and later")),
    ("past", N_("Over")),
    ("all", N_("All times")),
)
STATES: tuple[Option, ...] = (
    ("", N_("Every state")),
    (State.PUBLISHED.value, N_("Published")),
    (State.DRAFT.value, N_("Draft")),
    (State.CANCELLED.value, N_("Called off")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A session or an event in a list. ``state`` is what a badge shows."""

    path: str
    title: str
    tile: DateTile
    when: str
    where: str
    language: str
    state: str
    occupancy: Occupancy


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list: the words, and (name, label, options, chosen) of each choice."""

    words: str
    selects: tuple[tuple[str, str, tuple[Option, ...], str], ...]

    @property
    def narrowed(self) -> bool:
        return bool(self.words) or any(chosen for *_rest, chosen in self.selects)


@dataclass(frozen=True, slots=True)
class SessionsPage:
    desk: Desk
    filters: Filters
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SessionFormPage:
    """``id`` None: a new one. ``days`` counts the rows of days."""

    desk: Desk
    id: UUID | None
    title: str
    action: str
    back: str
    form: SessionForm
    trainings: tuple[Option, ...]
    venues: tuple[Option, ...]
    languages: tuple[Option, ...]
    zones: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class CancelPage:
    """``people`` will be told; ``kind`` is session or event."""

    desk: Desk
    kind: str
    title: str
    said: Said
    people: int
    diets: bool
    action: str
    back: str


async def show_all(request: Request) -> Response:
    now = clock.now()
    words, sought, chosen = read_filters(request, now=now)
    training = request.query_params.get("training", "")
    known = [(str(each.id), text_in(each.title)) for each in await _trainings()]
    chosen_training = training if training in dict(known) else ""
    if chosen_training:
        sought = Sought(
            since=sought.since,
            until=sought.until,
            states=sought.states,
            words=words,
            training=UUID(chosen_training),
        )
    lines = await catalogue.sessions(sought)
    if chosen[0] == "past":
        lines.reverse()
    seats = await occupancies({line.seating_id: line.seats for line in lines})
    options = (("", _("Every training")), *known)
    selects = (("training", _("Training"), options, chosen_training), *time_selects(*chosen))
    page = SessionsPage(
        desk(request),
        Filters(words, selects),
        tuple(session_row(line, seats[line.seating_id], now=now) for line in lines),
    )
    return page_response(request, "staff/sessions.html", page)


def read_filters(request: Request, *, now: datetime) -> tuple[str, Sought, tuple[str, str]]:
    """The words, what they and the choices mean, and the choices of time and state."""
    asked = request.query_params
    words = asked.get("q", "").strip()[:200]
    when = asked.get("when", "") if asked.get("when", "") in dict(TIMES) else ""
    state = asked.get("state", "") if asked.get("state", "") in dict(STATES) else ""
    sought = Sought(
        words=words,
        since=now if not when else None,
        until=now if when == "past" else None,
        states=(State(state),) if state else tuple(State),
    )
    return words, sought, (when, state)


def time_selects(when: str, state: str) -> tuple[tuple[str, str, tuple[Option, ...], str], ...]:
    return (
        ("when", _("Time"), tuple((value, _(label)) for value, label in TIMES), when),
        ("state", _("State"), tuple((value, _(label)) for value, label in STATES), state),
    )


def session_row(line: SessionLine, seats: Occupancy, *, now: datetime) -> Row:
    days = [(day.starts_at, day.ends_at) for day in line.days]
    return Row(
        path=f"/staff/sessions/{line.id}",
        title=text_in(line.training.title),
        tile=date_tile_of(line.starts_at, zone=line.zone),
        when=days_text(days, ZoneInfo(line.zone)),
        where=said_of(line).where,
        language=NATIVE_NAMES.get(line.language, ""),
        state=shown_state(line.state, line.ends_at, now=now),
        occupancy=seats,
    )


def shown_state(state: State, ends_at: datetime, *, now: datetime) -> str:
    """What the badge says: a published one that is over is closed."""
    over = state is State.PUBLISHED and now >= ends_at
    return "closed" if over else state.value


async def new(request: Request) -> Response:
    training = request.query_params.get("training", "")
    return await _answer(request, None, blank(training), clean(blank(training).form))


async def add(request: Request) -> Response:
    posted, now = await read_form(request), clock.now()
    if posted.get("do") == "add_day":
        more = one_day_more(posted)
        return await _answer(request, None, more, clean(more.form))
    try:
        made = await service.add_session(
            session_given(posted), actor_id=require(request).account_id, now=now
        )
    except DomainError as refused:
        return await _refused(request, None, typed(posted), refused)
    flash(request, "good", _("The session is added."))
    return redirect(f"/staff/sessions/{made}")


async def edit(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    return await _answer(request, line, filled(line), clean(filled(line).form))


async def change(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    posted, now = await read_form(request), clock.now()
    if posted.get("do") == "add_day":
        more = one_day_more(posted)
        return await _answer(request, line, more, clean(more.form))
    try:
        await change_session(
            line.id,
            session_given(posted),
            actor_id=require(request).account_id,
            settings=settings(request),
            now=now,
        )
    except DomainError as refused:
        return await _refused(request, line, typed(posted), refused)
    flash(request, "good", _("The session is saved. Whoever holds a place hears of a new time."))
    return redirect(f"/staff/sessions/{line.id}")


async def _refused(
    request: Request, line: SessionLine | None, shown: SessionForm, refused: DomainError
) -> Response:
    at_fault: dict[type[Conflict], str] = {
        TooFewSeats: "capacity",
        EndsInThePast: f"day_{shown.days - 1}",
    }
    return await _answer(request, line, shown, again(shown.form, refused, conflicts=at_fault))


async def _answer(
    request: Request, line: SessionLine | None, shown: SessionForm, answer: Again
) -> Response:
    page = SessionFormPage(
        desk(request, answer.trouble),
        line.id if line else None,
        _("Change the session") if line else _("New session"),
        f"/staff/sessions/{line.id}/edit" if line else "/staff/sessions/new",
        f"/staff/sessions/{line.id}" if line else "/staff/sessions",
        SessionForm(answer.form, shown.days),
        tuple((str(each.id), text_in(each.title)) for each in await _trainings()),
        await venue_options(),
        languages(),
        zones(shown.form.values.get("time_zone", "")),
    )
    return page_response(request, "staff/session_form.html", page, status=answer.status)


async def _trainings() -> list[TrainingLine]:
    return await catalogue.trainings(published_only=False)


async def venue_options() -> tuple[Option, ...]:
    return tuple((str(each.id), each.where) for each in await catalogue.venues())


async def ask_cancel(request: Request) -> Response:
    return await _cancel_page(request, await catalogue.session(path_id(request)))


async def _cancel_page(request: Request, line: SessionLine, trouble: str = "") -> Response:
    seats = (await occupancies({line.seating_id: line.seats}))[line.seating_id]
    page = CancelPage(
        desk(request, trouble),
        "session",
        text_in(line.training.title),
        said_of(line),
        seats.taken + seats.waiting,
        False,
        f"/staff/sessions/{line.id}/cancel",
        f"/staff/sessions/{line.id}",
    )
    return page_response(request, "staff/cancel.html", page, status=409 if trouble else 200)


async def cancel(request: Request) -> Response:
    line = await catalogue.session(path_id(request))
    try:
        await cancel_session(
            line.id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except DomainError as refused:
        return await _cancel_page(request, line, said(refused))
    flash(request, "good", _("The session is cancelled, and everybody on it is told."))
    return redirect(f"/staff/sessions/{line.id}")


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/sessions", show_all, STAFF),
    get("/staff/sessions/new", new, STAFF),
    post("/staff/sessions/new", add, STAFF),
    get("/staff/sessions/{id}/edit", edit, STAFF),
    post("/staff/sessions/{id}/edit", change, STAFF),
    get("/staff/sessions/{id}/cancel", ask_cancel, STAFF),
    post("/staff/sessions/{id}/cancel", cancel, STAFF),
)
