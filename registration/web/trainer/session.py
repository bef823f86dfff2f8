"""One session, to its trainer: attendance by day, grades, results, and the packs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue.rules import GradeScale
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
    roles,
    settings,
)
from registration.errors import DomainError, FieldError, Invalid
from registration.forms import Form, parse
from registration.i18n import _, ngettext
from registration.qualifications import service as qualifications
from registration.qualifications.service import Issued
from registration.teaching import queries as teaching
from registration.teaching import service
from registration.teaching.rules import (
    MOST_ROWS,
    DayOf,
    NotAccepted,
    OutcomesGiven,
    RecordedMeanwhile,
    ResultsLocked,
)
from registration.web.trainer.page import Row, Trouble, days_in, page_of, read_shown
from registration.web.trainer.typed import TypedRow, completed, present_on, read_rows, row_of

MAX_BODY = 4 * 1024 * 1024
FIELDS_OF_ROW = {
    "attendance": "d",
    "grade": "g",
    "completed": "r",
    "no_show": "r",
    "because": "b",
}


async def show(request: Request) -> Response:
    """Whoever has not accepted yet is led to the invitation."""
    now, session_id = clock.now(), path_id(request)
    try:
        shown = await read_shown(request, session_id, now=now)
    except NotAccepted:
        return redirect(f"/trainer/sessions/{session_id}/invitation")
    rows = [shown.row(each, row_of(each, shown.days)) for each in shown.people]
    return page_response(request, "trainer/session.html", page_of(shown, rows, now=now))


async def save(request: Request) -> Response:
    """All changed lines are saved, or none and the page says which stand in the way."""
    session_id, who, now = path_id(request), require(request), clock.now()
    posted = await read_form(request, max_fields=MOST_ROWS * 12, max_bytes=MAX_BODY)
    assigned = await teaching.assigned_session(session_id, who.account_id, now=now)
    days = days_in(assigned.session)
    rows = _wished(posted, days, assigned.session.training.grade_scale)
    changed = [row for row in rows if row.changed]
    try:
        if changed:
            given = parse(OutcomesGiven, {"rows": [row.asked(days) for row in changed]})
            await service.record_outcomes(session_id, given.rows, identity=who, now=now)
    except (Invalid, RecordedMeanwhile, ResultsLocked) as refused:
        return await _again(request, session_id, rows, changed, refused, now=now)
    done = await qualifications.issue_for_session(
        session_id, actor_id=who.account_id, settings=settings(request), now=now
    )
    _tell(request, len(changed), done)
    return redirect(f"/trainer/sessions/{session_id}")


def _wished(posted: Posted, days: Sequence[DayOf], scale: GradeScale) -> list[TypedRow]:
    """What was typed, with what the button that was pressed adds to it."""
    rows = read_rows(posted, days)
    wish, _dash, day = posted.get("do", "").partition("-")
    if wish == "present" and day.isascii() and day.isdigit():
        return present_on(rows, int(day[:3]))
    return completed(rows, days, scale) if wish == "complete" else rows


def _tell(request: Request, changed: int, done: Issued) -> None:
    if not changed:
        flash(request, "info", _("Nothing was changed, so nothing was saved."))
    else:
        said = ngettext("Saved: {num} person.", "Saved: {num} people.", changed)
        flash(request, "good", said.format(num=changed))
    tell_issued(request, done)


def tell_issued(request: Request, done: Issued) -> None:
    """How many certificates came and went with what was just done."""
    if done.issued:
        said = ngettext(
            "{num} certificate was issued, and its holder was told by mail.",
            "{num} certificates were issued, and their holders were told by mail.",
            len(done.issued),
        )
        flash(request, "good", said.format(num=len(done.issued)))
    if done.revoked:
        said = ngettext(
            "{num} certificate was revoked, since its result was corrected.",
            "{num} certificates were revoked, since their results were corrected.",
            len(done.revoked),
        )
        flash(request, "wait", said.format(num=len(done.revoked)))


async def _again(
    request: Request,
    session_id: UUID,
    rows: Sequence[TypedRow],
    changed: Sequence[TypedRow],
    refused: Invalid | RecordedMeanwhile | ResultsLocked,
    *,
    now: datetime,
) -> Response:
    """The page with what was typed. A line that somebody else recorded meanwhile shows what they
    wrote."""
    shown = await read_shown(request, session_id, now=now)
    typed = {row.place_id: row for row in rows}
    meanwhile = refused.places if isinstance(refused, RecordedMeanwhile) else ()
    positions = {str(each.place_id): at for at, each in enumerate(shown.people)}
    found: Sequence[FieldError] = getattr(refused, "errors", ())
    errors = _placed(found, changed, positions, shown.days)
    lines: list[Row] = []
    for at, each in enumerate(shown.people):
        stands = row_of(each, shown.days)
        mine = typed.get(str(each.place_id), stands)
        own = {name: texts for name, texts in errors.items() if _line_of(name) == at}
        line = stands if each.place_id in meanwhile else mine
        lines.append(shown.row(each, line, **own))
    late = isinstance(refused, RecordedMeanwhile | ResultsLocked)
    trouble = Trouble("wait" if late else "bad", _said(refused))
    summary = {
        name: [f"{lines[_line_of(name)].name}: {text}" for text in texts] if name else texts
        for name, texts in errors.items()
    }
    page = page_of(shown, lines, now=now, form=Form(errors=summary), trouble=trouble)
    return page_response(request, "trainer/session.html", page, status=409 if late else 422)


def _said(refused: DomainError) -> str:
    return _(refused.message, **refused.params)


def _line_of(name: str) -> int:
    digits = name[1:].partition("-")[0]
    return int(digits) if digits.isdigit() else -1


def _placed(
    errors: Sequence[FieldError],
    changed: Sequence[TypedRow],
    positions: Mapping[str, int],
    days: Sequence[DayOf],
) -> dict[str, list[str]]:
    """Texts by the name of the field on the page; "" for a line that is not there any more."""
    found: dict[str, list[str]] = {}
    for error in errors:
        parts = (*error.field.split("."), "", "", "")
        index = int(parts[1]) if parts[1].isdigit() else len(changed)
        at = positions.get(changed[index].place_id) if index < len(changed) else None
        kind = FIELDS_OF_ROW.get(parts[2], "d")
        name = "" if at is None else f"{kind}{at}" + ("-0" if kind == "d" and days else "")
        found.setdefault(name, []).append(_(error.message, **error.params))
    return found


ROUTES: tuple[Endpoint, ...] = (
    get("/trainer/sessions/{id}", show, roles(Role.TRAINER)),
    post("/trainer/sessions/{id}", save, roles(Role.TRAINER), max_body=MAX_BODY),
)
