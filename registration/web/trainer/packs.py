"""The files that a trainer takes along, one purpose each, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.edge import (
    Endpoint,
    Of,
    PageNotFound,
    flash,
    get,
    page_response,
    path_id,
    path_text,
    post,
    redirect,
    require,
    roles,
    settings,
)
from registration.i18n import N_, _, format_moment, ngettext, text_in
from registration.teaching import returning
from registration.teaching.handing import make_pack
from registration.teaching.keeping import KEPT_AFTER, PackState
from registration.teaching.pack_lines import PackLine, packs_of_trainer
from registration.teaching.packs import FIELD_NAMES, PURPOSE_NAMES
from registration.teaching.returning import PACKS_PATH
from registration.teaching.rules import PACKS, PackFormat, PackPurpose
from registration.web.cards import days_text

TRAINERS = roles(Role.TRAINER)
WHAT_FOR = {
    PackPurpose.ATTENDANCE: N_("To call the roll and to have it signed."),
    PackPurpose.CERTIFICATE: N_("To make out certificates for those who completed."),
    PackPurpose.PERMIT: N_("To make out permits for those who completed."),
}
FORMAT_NAMES = {
    PackFormat.XLSX: "Excel",
    PackFormat.PDF: "PDF",
    PackFormat.CSV: "CSV",
    PackFormat.JSON: "JSON",
}


@dataclass(frozen=True, slots=True)
class PackCard:
    """``fields`` are (what, why); ``files`` are (label, address)."""

    title: str
    what_for: str
    how_long: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TakenRow:
    """A pack that was taken. ``action`` confirms that it is destroyed; empty when that is done."""

    title: str
    format: str
    people: int
    taken: str
    until: str
    destroyed: str
    state: PackState
    action: str


@dataclass(frozen=True, slots=True)
class TakenOf:
    """The packs of one session. ``ended`` are those to destroy; ``action`` confirms all of them."""

    title: str
    when: str
    recipient: str
    rows: tuple[TakenRow, ...]
    ended: int
    action: str


@dataclass(frozen=True, slots=True)
class TakenPage:
    sessions: tuple[TakenOf, ...]
    ended: int


def cards(session_id: UUID) -> tuple[PackCard, ...]:
    return tuple(
        PackCard(
            _(PURPOSE_NAMES[purpose]),
            _(WHAT_FOR[purpose]),
            _how_long(purpose),
            tuple((_(FIELD_NAMES[each.field]), _(each.reason)) for each in PACKS[purpose]),
            tuple(
                (label, f"/trainer/sessions/{session_id}/packs/{purpose}.{format}")
                for format, label in FORMAT_NAMES.items()
            ),
        )
        for purpose in PackPurpose
    )


def _how_long(purpose: PackPurpose) -> str:
    if purpose not in KEPT_AFTER:
        return _("You may keep it until your access to the session ends.")
    days = KEPT_AFTER[purpose].days
    return _("You may keep it for {days} days after the session.", days=days)


async def download(request: Request) -> Response:
    try:
        purpose = PackPurpose(path_text(request, "purpose"))
        format = PackFormat(path_text(request, "format"))
    except ValueError:
        raise PageNotFound from None
    made = await make_pack(
        path_id(request),
        purpose,
        format,
        identity=require(request),
        settings=settings(request),
        now=clock.now(),
    )
    return Response(
        made.content,
        media_type=made.media_type,
        headers={"Content-Disposition": f'attachment; filename="{made.file_name}"'},
    )


async def show_taken(request: Request) -> Response:
    """What this trainer took, also of sessions that are no longer open to them; nobody who is in
    a pack is named."""
    lines = await packs_of_trainer(require(request).account_id, now=clock.now())
    by_session: dict[UUID, list[PackLine]] = {}
    for line in lines:
        by_session.setdefault(line.session.id, []).append(line)
    groups = [_taken(each) for each in by_session.values()]
    groups.sort(key=lambda each: not each.ended)
    page = TakenPage(tuple(groups), sum(each.ended for each in groups))
    return page_response(request, "trainer/packs.html", page)


def _taken(lines: Sequence[PackLine]) -> TakenOf:
    session = lines[0].session
    zone = ZoneInfo(session.zone)
    rows = tuple(_row(line, zone) for line in lines)
    return TakenOf(
        title=text_in(session.training.title),
        when=days_text([(day.starts_at, day.ends_at) for day in session.days], zone),
        recipient=", ".join(dict.fromkeys(line.recipient for line in lines)),
        rows=rows,
        ended=sum(row.state in {PackState.ENDED, PackState.OVERDUE} for row in rows),
        action=f"/trainer/sessions/{session.id}/packs/destroyed",
    )


def _row(line: PackLine, zone: ZoneInfo) -> TakenRow:
    return TakenRow(
        title=_(PURPOSE_NAMES[line.purpose]),
        format=FORMAT_NAMES[line.format],
        people=line.people,
        taken=format_moment(line.made_at, zone=zone),
        until=format_moment(line.ends_at, zone=zone),
        destroyed=_moment(line.destroyed_at, zone),
        state=line.state,
        action="" if line.destroyed_at else f"{PACKS_PATH}/{line.id}/destroyed",
    )


def _moment(given: datetime | None, zone: ZoneInfo) -> str:
    return format_moment(given, zone=zone) if given else ""


async def confirm(request: Request) -> Response:
    await returning.confirm_destroyed(path_id(request), identity=require(request), now=clock.now())
    flash(request, "good", _("Thank you. It is on record that the pack is destroyed."))
    return redirect(PACKS_PATH)


async def confirm_ended(request: Request) -> Response:
    done = await returning.confirm_ended(
        path_id(request), identity=require(request), now=clock.now()
    )
    said = ngettext(
        "Thank you. It is on record that {num} pack is destroyed.",
        "Thank you. It is on record that {num} packs are destroyed.",
        done,
    )
    flash(request, "good", said.format(num=done))
    return redirect(PACKS_PATH)


ROUTES: tuple[Endpoint, ...] = (
    get(PACKS_PATH, show_taken, TRAINERS, whose=Of.ACCOUNT),
    post("/trainer/packs/{id}/destroyed", confirm, TRAINERS, whose=Of.ACCOUNT),
    post("/trainer/sessions/{id}/packs/destroyed", confirm_ended, TRAINERS),
    get("/trainer/sessions/{id}/packs/{purpose}.{format}", download, TRAINERS, fresh=True),
)
