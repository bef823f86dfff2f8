"""An uploaded list: looked at, mended, enrolled, thrown away; and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.edge import (
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
from registration.enrolment import uploads
from registration.enrolment.imports.error_file import error_file
from registration.enrolment.imports.fields import LABELS, Field
from registration.enrolment.queries import occupancies
from registration.enrolment.uploads import Outcome, UploadDone, UploadLine, UploadState
from registration.enrolment.worklist import RowState, Worklist
from registration.errors import Conflict, Invalid
from registration.i18n import LANGUAGES, _, ngettext
from registration.web.company import preview
from registration.web.company.home import page_number
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.company.preview import PlainRow, PreviewPage
from registration.web.contact_form import languages
from registration.web.said import Said, said_of

MOST_FIELDS = 2_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LEFT_ON_PAGE = 200


@dataclass(frozen=True, slots=True)
class ResultPage:
    portal: Portal
    line: UploadLine
    said: Said
    session_path: str
    path: str
    outcome: Outcome
    left: tuple[PlainRow, ...]
    more_left: int


async def _own(request: Request) -> tuple[Portal, UploadLine]:
    """The list of the address and its company. Raises ``UploadNotFound`` for others' lists."""
    line = await uploads.upload(
        path_id(request), company_ids=require(request).companies, now=clock.now()
    )
    return await portal_of(request, line.company_id), line


async def show(request: Request) -> Response:
    portal, line = await _own(request)
    if line.state is UploadState.DONE:
        return await _result(request, portal, line)
    return await _preview(request, portal, line, await uploads.worklist_of(line))


async def _preview(
    request: Request,
    portal: Portal,
    line: UploadLine,
    work: Worklist,
    *,
    refused: str = "",
    columns_refused: str = "",
    status: int = 200,
) -> Response:
    session = await catalogue.session(line.session_id)
    seats = await occupancies({session.seating_id: session.seats})
    already = await uploads.placed_already(portal.id, line.session_id)
    path = f"/company/uploads/{line.id}"
    cards, more_cards = preview.cards_of(work, page_number(request, "edit"))
    notes = preview.notes_of(work)
    ready = work.in_state(RowState.READY)
    pages = max(1, -(-len(ready) // preview.READY_ON_PAGE))
    number = min(max(1, page_number(request)), pages)
    first = (number - 1) * preview.READY_ON_PAGE
    layout = work.layout
    page = PreviewPage(
        portal=portal,
        line=line,
        said=said_of(session),
        session_path=portal.url(f"/company/sessions/{line.session_id}"),
        path=path,
        counts=preview.counts_of(work, already, seats[session.seating_id]),
        cards=tuple(cards),
        form=preview.form_of(cards),
        more_cards=more_cards,
        notes=tuple(notes[: preview.NOTES_ON_PAGE]),
        more_notes=max(0, len(notes) - preview.NOTES_ON_PAGE),
        ready=tuple(preview.ready_rows(ready[first : first + preview.READY_ON_PAGE], already)),
        next_url=f"{path}?page={number + 1}#ready" if number < pages else "",
        prev_url=f"{path}?page={number - 1}#ready" if number > 1 else "",
        left_out=tuple(map(preview.left_out_row, work.in_state(RowState.LEFT_OUT))),
        skipped=tuple(map(preview.skipped_row, work.skipped)),
        columns=preview.columns_of(layout),
        meanings=preview.meanings(),
        sheets=(layout.sheet, *layout.other_sheets) if layout.other_sheets else (),
        header_row=layout.header_row,
        missing=tuple(_(LABELS[field]) for field in layout.missing),
        understood=preview.understood(layout),
        name_order_unsure=layout.name_order_unsure,
        languages=languages(settings(request)),
        language=require(request).language,
        waiting_open=session.waiting_open,
        refused=refused,
        columns_refused=columns_refused,
        drop_at=line.drop_at,
    )
    return page_response(request, "company/preview.html", page, status=status)


async def _result(request: Request, portal: Portal, line: UploadLine) -> Response:
    outcome = await uploads.outcome_of(line)
    session = await catalogue.session(line.session_id)
    left = [
        PlainRow(row.row_number, preview.first_cells(row.cells), preview.reasons_text(row.reasons))
        for row in outcome.left[:LEFT_ON_PAGE]
    ]
    page = ResultPage(
        portal=portal,
        line=line,
        said=said_of(session),
        session_path=portal.url(f"/company/sessions/{line.session_id}"),
        path=f"/company/uploads/{line.id}",
        outcome=outcome,
        left=tuple(left),
        more_left=max(0, len(outcome.left) - LEFT_ON_PAGE),
    )
    return page_response(request, "company/result.html", page)


async def columns(request: Request) -> Response:
    """The file is read again as its columns, or its sheet, were chosen on the page."""
    portal, line = await _own(request)
    given = await read_form(request, max_fields=MOST_FIELDS)
    sheet = given.get("sheet") or None
    other_sheet = sheet is not None and sheet != given.get("sheet-before", sheet)
    try:
        await uploads.read_again(
            line.id,
            company_id=portal.id,
            mapping=None if other_sheet else preview.mapping_given(given),
            sheet=sheet,
            now=clock.now(),
        )
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    except preview.FieldTwice as twice:
        label = _(LABELS[Field(str(twice.errors[0].params["field"]))])
        text = _(twice.message, field=label)
        work = await uploads.worklist_of(line)
        return await _preview(request, portal, line, work, columns_refused=text, status=422)
    except Invalid as wrong:
        text = _(wrong.message, **wrong.params)
        work = await uploads.worklist_of(line)
        return await _preview(request, portal, line, work, columns_refused=text, status=422)
    return redirect(f"/company/uploads/{line.id}")


async def rows(request: Request) -> Response:
    """The rows that the form showed are as it says."""
    portal, line = await _own(request)
    given = await read_form(request, max_fields=MOST_FIELDS)
    mends = preview.mends_given(given)
    try:
        work = await uploads.mend(line.id, mends, company_id=portal.id, now=clock.now())
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    sent = {mend.row_number for mend in mends}
    waiting = sum(row.row_number in sent for row in work.in_state(RowState.TO_ANSWER))
    if waiting:
        text = ngettext(
            "{num} row still needs an answer.", "{num} rows still need an answer.", waiting
        )
        flash(request, "wait", text.format(num=waiting))
    elif mends:
        flash(request, "good", _("Saved."))
    return redirect(f"/company/uploads/{line.id}")


async def proposals(request: Request) -> Response:
    portal, line = await _own(request)
    try:
        await uploads.accept_proposals(line.id, company_id=portal.id, now=clock.now())
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    flash(request, "good", _("The proposed corrections are used."))
    return redirect(f"/company/uploads/{line.id}")


async def enrol(request: Request) -> Response:
    """Everybody who is ready has a place, once however often the button was pressed."""
    portal, line = await _own(request)
    given = await read_form(request, max_fields=10)
    who = require(request)
    wish = given.get("language", "")
    try:
        await uploads.enrol(
            line.id,
            company_id=portal.id,
            actor_id=who.account_id,
            language=wish if wish in LANGUAGES else who.language,
            settings=settings(request),
            now=clock.now(),
        )
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    except Conflict as refused:
        work = await uploads.worklist_of(line)
        text = _(refused.message, **refused.params)
        return await _preview(request, portal, line, work, refused=text, status=409)
    return redirect(f"/company/uploads/{line.id}")


async def discard(request: Request) -> Response:
    portal, line = await _own(request)
    try:
        await uploads.discard(line.id, company_id=portal.id, now=clock.now())
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    flash(request, "good", _("The list is deleted. Nobody was enrolled by it."))
    return redirect(portal.url(f"/company/sessions/{line.session_id}"))


async def errors(request: Request) -> Response:
    """The rows that are not enrolled, with their original columns and the reason."""
    _portal, line = await _own(request)
    if line.state is UploadState.DONE:
        outcome = await uploads.outcome_of(line)
        left, headings, sheet = outcome.left, outcome.headings, outcome.sheet
    else:
        work = await uploads.worklist_of(line)
        left, headings, sheet = work.left_rows(), work.layout.headings, work.layout.sheet
    content = error_file(
        headings,
        [(row.cells, preview.reasons_text(row.reasons)) for row in left],
        reason_heading=_("Why this row was left out"),
        sheet_name=sheet,
    )
    headers = {"Content-Disposition": 'attachment; filename="errors.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


ROUTES = (
    get("/company/uploads/{id}", show, COORDINATORS),
    get("/company/uploads/{id}/errors.xlsx", errors, COORDINATORS),
    post("/company/uploads/{id}/columns", columns, COORDINATORS),
    post("/company/uploads/{id}/rows", rows, COORDINATORS),
    post("/company/uploads/{id}/proposals", proposals, COORDINATORS),
    post("/company/uploads/{id}/enrol", enrol, COORDINATORS),
    post("/company/uploads/{id}/discard", discard, COORDINATORS),
)
