"""Packs that should be destroyed by now and are not confirmed, by trainer organisation (P7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
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
)
from registration.errors import DomainError
from registration.forms import Form, parse
from registration.i18n import _, format_date, format_moment, text_in
from registration.teaching import returning
from registration.teaching.keeping import PackState
from registration.teaching.pack_lines import PackLine, pack_line, packs_to_confirm
from registration.teaching.packs import PURPOSE_NAMES
from registration.teaching.returning import DestroyedGiven
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.trainer.packs import FORMAT_NAMES


@dataclass(frozen=True, slots=True)
class PackRow:
    """``days`` is how long ago it was to be destroyed, 0 on that day; ``asked`` and ``destroyed``
    are empty while that has not happened."""

    id: UUID
    trainer: str
    training: str
    session_path: str
    title: str
    format: str
    people: int
    taken: str
    until: str
    days: int
    asked: str
    destroyed: str
    how: str
    state: PackState


@dataclass(frozen=True, slots=True)
class OfRecipient:
    name: str
    path: str
    rows: tuple[PackRow, ...]


@dataclass(frozen=True, slots=True)
class PacksPage:
    desk: Desk
    recipients: tuple[OfRecipient, ...]
    overdue: int


@dataclass(frozen=True, slots=True)
class PackPage:
    desk: Desk
    row: PackRow
    recipient: str
    path: str
    form: Form


def pack_row(line: PackLine, *, now: datetime) -> PackRow:
    session = line.session
    zone = ZoneInfo(session.zone)
    return PackRow(
        id=line.id,
        trainer=line.trainer,
        training=f"{text_in(session.training.title)}, {format_date(session.starts_at, zone=zone)}",
        session_path=f"/staff/sessions/{session.id}",
        title=_(PURPOSE_NAMES[line.purpose]),
        format=FORMAT_NAMES[line.format],
        people=line.people,
        taken=format_moment(line.made_at),
        until=format_moment(line.ends_at),
        days=max(0, (now - line.ends_at).days),
        asked=format_moment(line.asked_at) if line.asked_at else "",
        destroyed=format_moment(line.destroyed_at) if line.destroyed_at else "",
        how=line.destroyed_how,
        state=line.state,
    )


async def show_all(request: Request) -> Response:
    now = clock.now()
    lines = await packs_to_confirm(now=now)
    by_recipient: dict[UUID, list[PackLine]] = {}
    for line in lines:
        by_recipient.setdefault(line.recipient_id, []).append(line)
    recipients = tuple(
        OfRecipient(
            found[0].recipient,
            f"/staff/recipients/{recipient_id}",
            tuple(pack_row(line, now=now) for line in found),
        )
        for recipient_id, found in by_recipient.items()
    )
    overdue = sum(line.state is PackState.OVERDUE for line in lines)
    return page_response(request, "staff/packs.html", PacksPage(desk(request), recipients, overdue))


async def show(request: Request) -> Response:
    line = await pack_line(path_id(request), now=clock.now())
    return _answer(request, line, clean(Form()))


async def note(request: Request) -> Response:
    now = clock.now()
    line = await pack_line(path_id(request), now=now)
    posted = await read_form(request)
    try:
        given = parse(DestroyedGiven, {"told": posted.get("told", "")})
        await returning.note_destroyed(
            line.id, given, actor_id=require(request).account_id, now=now
        )
    except DomainError as refused:
        return _answer(request, line, again(posted.form(), refused))
    flash(request, "good", _("It is on record that the pack is destroyed."))
    return redirect("/staff/packs")


def _answer(request: Request, line: PackLine, shown: Again) -> Response:
    page = PackPage(
        desk(request, shown.trouble),
        pack_row(line, now=clock.now()),
        line.recipient,
        f"/staff/recipients/{line.recipient_id}",
        shown.form,
    )
    return page_response(request, "staff/pack.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/packs", show_all, STAFF),
    get("/staff/packs/{id}", show, STAFF),
    post("/staff/packs/{id}", note, STAFF),
)
