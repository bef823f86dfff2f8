"""A checked list is enrolled; and its rows that were left out, as files to mend and send again."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import get, post, read_form, redirect, require
from registration.edge import settings as settings_of
from registration.enrolment import enrolling, uploads
from registration.enrolment.imports.error_file import REASON_HEADING, error_csv, error_file
from registration.enrolment.uploads import UploadDone, UploadState
from registration.errors import Conflict, Invalid
from registration.i18n import LANGUAGES, _
from registration.web.company import preview
from registration.web.company.lists import own, preview_page
from registration.web.company.order import order_number
from registration.web.company.portal import COORDINATORS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def enrol(request: Request) -> Response:
    """Everybody who is ready gets a place, once however often the button was pressed.

    The first rows at once; with more the answer goes out and the rest follow.
    """
    portal, line = await own(request)
    given = await read_form(request, max_fields=10)
    who = require(request)
    wish = given.get("language", "")
    answer = redirect(f"/company/uploads/{line.id}")
    try:
        order = await order_number(portal.id, given)
    except Invalid as wrong:
        work = await uploads.worklist_of(line)
        form = given.form().with_errors(wrong.errors)
        return await preview_page(request, portal, line, work, order=form, status=422)
    try:
        state = await enrolling.enrol(
            line.id,
            company_id=portal.id,
            actor_id=who.account_id,
            language=wish if wish in LANGUAGES else who.language,
            order_number=order,
            settings=settings_of(request),
            now=clock.now(),
        )
    except UploadDone:
        return answer
    except Conflict as refused:
        work = await uploads.worklist_of(line)
        text = _(refused.message, **refused.params)
        form = given.form()
        return await preview_page(request, portal, line, work, order=form, refused=text, status=409)
    if state is UploadState.ENROLLING:
        answer.background = BackgroundTask(enrolling.go_on, line.id, settings=settings_of(request))
    return answer


async def errors_workbook(request: Request) -> Response:
    """The rows that are not enrolled, with their original columns and the reason."""
    headings, rows, sheet = await _left(request)
    content = error_file(headings, rows, reason_heading=_reason_heading(), sheet_name=sheet)
    headers = {"Content-Disposition": 'attachment; filename="errors.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


async def errors_text(request: Request) -> Response:
    headings, rows, _sheet = await _left(request)
    content = error_csv(headings, rows, reason_heading=_reason_heading())
    headers = {"Content-Disposition": 'attachment; filename="errors.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _reason_heading() -> str:
    return _(REASON_HEADING)


async def _left(
    request: Request,
) -> tuple[Sequence[str], list[tuple[tuple[str, ...], str]], str]:
    _portal, line = await own(request)
    if line.state is UploadState.DONE:
        outcome = await enrolling.outcome_of(line)
        left, headings, sheet = outcome.left, outcome.headings, outcome.sheet
    else:
        work = await uploads.worklist_of(line)
        left, headings, sheet = work.left_rows(), work.layout.headings, work.layout.sheet
    return headings, [(row.cells, preview.reasons_text(row.reasons)) for row in left], sheet


ROUTES = (
    post("/company/uploads/{id}/enrol", enrol, COORDINATORS),
    get("/company/uploads/{id}/errors.xlsx", errors_workbook, COORDINATORS),
    get("/company/uploads/{id}/errors.csv", errors_text, COORDINATORS),
)
