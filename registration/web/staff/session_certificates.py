"""The certificates of one session: who holds one, issuing what is missing, all files at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from registration import clock
from registration.catalogue import queries as catalogue
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    path_id,
    post,
    redirect,
    require,
    settings,
)
from registration.errors import Conflict
from registration.i18n import _, ngettext, text_in
from registration.ledger.looks import look
from registration.qualifications import handing_out, printing, service, telling
from registration.qualifications.holders import Held, Holder, holders
from registration.qualifications.printing import Progress
from registration.web.said import Said, said_of
from registration.web.staff.desk import STAFF, Desk, desk, said


@dataclass(frozen=True, slots=True)
class HoldersPage:
    """``missing`` have completed and hold none. ``early``: certificates are given from the last
    day on, ``from_at``."""

    desk: Desk
    id: UUID
    title: str
    said: Said
    path: str
    rows: tuple[Holder, ...]
    certified: int
    missing: int
    early: bool
    from_at: datetime
    files: Progress


async def show(request: Request) -> Response:
    return await _answer(request)


async def _answer(request: Request, *, trouble: str = "", status: int = 200) -> Response:
    now, given = clock.now(), settings(request)
    line = await catalogue.session(path_id(request))
    await look(require(request).account_id, line.id, now=now)
    found = await holders(line.id, settings=given, now=now)
    page = HoldersPage(
        desk=desk(request, trouble),
        id=line.id,
        title=text_in(line.training.title),
        said=said_of(line),
        path=_path(line.id),
        rows=tuple(found),
        certified=sum(each.held is Held.CERTIFIED for each in found),
        missing=sum(each.held is Held.MISSING for each in found),
        early=now < line.days[-1].starts_at,
        from_at=line.days[-1].starts_at,
        files=await printing.progress(line.id, settings=given, now=now),
    )
    return page_response(request, "staff/session_certificates.html", page, status=status)


def _path(session_id: UUID) -> str:
    return f"/staff/sessions/{session_id}/certificates"


async def issue(request: Request) -> Response:
    session_id = path_id(request)
    done = await service.issue_for_session(
        session_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    if done.issued:
        text = ngettext(
            "{num} certificate was issued, and its holder was told by mail.",
            "{num} certificates were issued, and their holders were told by mail.",
            len(done.issued),
        ).format(num=len(done.issued))
        flash(request, "good", text)
    else:
        flash(request, "info", _("Nothing was missing, or its validity would be over by now."))
    return redirect(_path(session_id))


async def prepare(request: Request) -> Response:
    """The files are ordered; they are printed after the answer, and by whoever goes on if this
    process does not."""
    session_id = path_id(request)
    try:
        await printing.order(session_id, actor_id=require(request).account_id, now=clock.now())
    except Conflict as refused:
        return await _answer(request, trouble=said(refused), status=409)
    answer = redirect(f"{_path(session_id)}#files")
    answer.background = BackgroundTask(printing.go_on, session_id, settings=settings(request))
    return answer


async def files(request: Request) -> Response:
    """All that are ready, in one archive."""
    line = await catalogue.session(path_id(request))
    try:
        pieces = await handing_out.archive(
            line.id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        return await _answer(request, trouble=said(refused), status=409)
    name = f"{line.training.slug}-{line.starts_at.date().isoformat()}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


async def resend(request: Request) -> Response:
    session_id = path_id(request)
    told = await telling.resend_session(
        session_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    sent = ngettext("{num} mail is on its way.", "{num} mails are on their way.", told.sent)
    texts = [sent.format(num=told.sent)]
    if told.just_now:
        text = ngettext(
            "{num} person had it within the last hour and is left in peace.",
            "{num} people had it within the last hour and are left in peace.",
            told.just_now,
        )
        texts.append(text.format(num=told.just_now))
    if told.unreachable:
        text = ngettext(
            "{num} person has no address on record.",
            "{num} people have no address on record.",
            told.unreachable,
        )
        texts.append(text.format(num=told.unreachable))
    flash(request, "good" if told.sent else "info", " ".join(texts))
    return redirect(_path(session_id))


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/sessions/{id}/certificates", show, STAFF),
    post("/staff/sessions/{id}/certificates/issue", issue, STAFF),
    post("/staff/sessions/{id}/certificates/prepare", prepare, STAFF),
    post("/staff/sessions/{id}/certificates/resend", resend, STAFF),
    get("/staff/sessions/{id}/certificates/files.zip", files, STAFF, fresh=True),
)
