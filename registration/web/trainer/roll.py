"""The roll of one day, called from a phone: each tap is saved by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue.lines import SessionLine
from registration.catalogue.rules import State
from registration.edge import (
    Endpoint,
    PageNotFound,
    Posted,
    Unreadable,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    roles,
)
from registration.errors import DomainError, Invalid
from registration.i18n import _, ngettext, text_in
from registration.teaching import queries as teaching
from registration.teaching import service
from registration.teaching.roll import Marked, MarkedMeanwhile, Tap, mark_day
from registration.teaching.rules import (
    DayOf,
    NotAccepted,
    OutcomeRow,
    RecordedMeanwhile,
    ResultsLocked,
)
from registration.teaching.service import Participant
from registration.web.trainer.page import Shown, day_labels, days_in, read_shown
from registration.web.trainer.told import by_script, refusal_text, told, told_refusal
from registration.web.trainer.typed import ABSENT, PRESENT

MARKS = {PRESENT: True, ABSENT: False}
TEXTS = {True: PRESENT, False: ABSENT, None: ""}
REST = "rest"


@dataclass(frozen=True, slots=True)
class RollDay:
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class RollRow:
    """``mark`` is "1", "0" or "" for nothing yet; ``trouble`` says why a tap was not saved."""

    place_id: UUID
    name: str
    company: str
    mark: str
    version: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class RollPage:
    """``key`` is the name under which a browser keeps unsent taps. ``closed`` says why nothing can
    be tapped, or is empty; ``ahead``: the day has not come, so that nobody can have been there."""

    title: str
    path: str
    back: str
    key: str
    day: date
    label: str
    days: tuple[RollDay, ...]
    rows: tuple[RollRow, ...]
    closed: str
    ahead: bool

    def count(self, mark: str) -> int:
        return sum(row.mark == mark for row in self.rows)


def _path(session_id: UUID) -> str:
    return f"/trainer/sessions/{session_id}/roll"


def _address(session_id: UUID, day: DayOf) -> str:
    return f"{_path(session_id)}?{urlencode({'day': day.on.isoformat()})}"


def chosen_day(days: Sequence[DayOf], asked: str, *, today: date) -> DayOf:
    """The day that is asked for; else today's, the latest that has begun, or the first. Raises
    ``PageNotFound`` for one that is not the session's."""
    if asked:
        found = next((day for day in days if day.on.isoformat() == asked), None)
        if found is None:
            raise PageNotFound
        return found
    return next((day for day in reversed(days) if day.on <= today), days[0])


def _today(session: SessionLine, now: datetime) -> date:
    return now.astimezone(ZoneInfo(session.zone)).date()


async def show(request: Request) -> Response:
    now, session_id = clock.now(), path_id(request)
    try:
        shown = await read_shown(request, session_id, now=now)
    except NotAccepted:
        return redirect(f"/trainer/sessions/{session_id}/invitation")
    today = _today(shown.assigned.session, now)
    day = chosen_day(shown.days, request.query_params.get("day", ""), today=today)
    return page_response(request, "trainer/roll.html", _page(shown, day, today=today))


def _page(
    shown: Shown, day: DayOf, *, today: date, trouble: tuple[str, str] = ("", "")
) -> RollPage:
    session = shown.assigned.session
    labels = day_labels(session, shown.days)
    return RollPage(
        title=text_in(session.training.title),
        path=_path(session.id),
        back=shown.path,
        key=f"roll/{shown.assigned.assignment_id}",
        day=day.on,
        label=labels[shown.days.index(day)],
        days=tuple(
            RollDay(label, _address(session.id, each), each == day)
            for each, label in zip(shown.days, labels, strict=True)
        ),
        rows=tuple(_row(each, day, trouble) for each in shown.people),
        closed=_closed(shown),
        ahead=day.on > today,
    )


def _closed(shown: Shown) -> str:
    if shown.assigned.session.state is State.CANCELLED:
        return _("This session has been cancelled")
    return _(ResultsLocked.message) if shown.assigned.locked else ""


def _row(person: Participant, day: DayOf, trouble: tuple[str, str]) -> RollRow:
    mark = TEXTS[person.recorded.attendance.get(day.id)]
    place, text = trouble
    said = text if place == str(person.place_id) else ""
    return RollRow(person.place_id, person.name, person.company, mark, person.version, said)


async def save(request: Request) -> Response:
    """One tap, or with ``mark`` "rest" all others as present. A page comes back to the same row, a
    script hears what stands."""
    now, session_id, who = clock.now(), path_id(request), require(request)
    posted = await read_form(request)
    assigned = await teaching.assigned_session(session_id, who.account_id, now=now)
    day = chosen_day(
        days_in(assigned.session),
        posted.get("day", ""),
        today=_today(assigned.session, now),
    )
    if posted.get("mark") == REST:
        return await _rest(request, session_id, day, now=now)
    tap = _tap(posted, day)
    try:
        stands = await mark_day(session_id, tap, identity=who, now=now)
    except (MarkedMeanwhile, Invalid, ResultsLocked, RecordedMeanwhile) as refused:
        if by_script(request):
            return told_refusal(refused, **_stands(refused))
        return await _again(request, tap, refused, now=now)
    except DomainError as refused:
        if by_script(request):
            return told_refusal(refused)
        raise
    if by_script(request):
        return told(_told(stands))
    return redirect(f"{_address(session_id, day)}#p-{tap.place_id}")


def _tap(posted: Posted, day: DayOf) -> Tap:
    """Raises ``Unreadable`` for what no page of ours sends."""
    version = posted.get("version", "")
    if posted.get("mark") not in MARKS or not (version.isascii() and version.isdigit()):
        raise Unreadable
    try:
        place_id = UUID(posted.get("place", ""))
    except ValueError:
        raise Unreadable from None
    return Tap(place_id, day, MARKS[posted["mark"]], int(version[:9]))


def _told(stands: Marked) -> dict[str, object]:
    return {"mark": TEXTS[stands.present], "version": stands.version}


def _stands(refused: DomainError) -> dict[str, object]:
    return _told(refused.stands) if isinstance(refused, MarkedMeanwhile) else {}


async def _again(request: Request, tap: Tap, refused: DomainError, *, now: datetime) -> Response:
    """The roll with what stands, and beside the row why the tap was not saved."""
    shown = await read_shown(request, path_id(request), now=now)
    trouble = (str(tap.place_id), refusal_text(refused))
    page = _page(shown, tap.day, today=_today(shown.assigned.session, now), trouble=trouble)
    status = 422 if isinstance(refused, Invalid) else 409
    return page_response(request, "trainer/roll.html", page, status=status)


async def _rest(request: Request, session_id: UUID, day: DayOf, *, now: datetime) -> Response:
    """Everybody of whom nothing is said for that day was there."""
    who = require(request)
    people = await service.participants(session_id, identity=who, now=now)
    rows = [
        OutcomeRow(place_id=each.place_id, attendance={str(day.id): True}, version=each.version)
        for each in people
        if day.id not in each.recorded.attendance and not each.recorded.no_show
    ]
    try:
        await service.record_outcomes(session_id, rows, identity=who, now=now)
    except (Invalid, RecordedMeanwhile, ResultsLocked) as refused:
        flash(request, "bad", refusal_text(refused))
    else:
        said = ngettext("Saved: {num} person.", "Saved: {num} people.", len(rows))
        flash(request, "good", said.format(num=len(rows)))
    return redirect(_address(session_id, day))


TRAINER = roles(Role.TRAINER)

ROUTES: tuple[Endpoint, ...] = (
    get("/trainer/sessions/{id}/roll", show, TRAINER),
    post("/trainer/sessions/{id}/roll", save, TRAINER),
)
