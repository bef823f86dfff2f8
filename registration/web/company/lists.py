"""An uploaded list: looked at, mended, thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.companies import queries as companies
from registration.edge import (
    Posted,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
)
from registration.edge import settings as settings_of
from registration.enrolment import uploads
from registration.enrolment.imports.fields import LABELS, Field
from registration.enrolment.queries import occupancies
from registration.enrolment.uploads import UploadDone, UploadLine, UploadState
from registration.enrolment.worklist import Answer, RowState, Worklist
from registration.errors import Invalid
from registration.forms import Form
from registration.i18n import _, ngettext
from registration.web.company import preview, results
from registration.web.company.columns import FieldTwice, choice_given, reading_view
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.company.preview import Part, PreviewPage, part_of
from registration.web.contact_form import languages
from registration.web.paging import page_number
from registration.web.said import said_of

MOST_FIELDS = 2_000
T = TypeVar("T")


async def own(request: Request) -> tuple[Portal, UploadLine]:
    """The list of the address and its company. Raises ``UploadNotFound`` for others' lists."""
    line = await uploads.upload(
        path_id(request), company_ids=require(request).companies, now=clock.now()
    )
    return await portal_of(request, line.company_id), line


async def show(request: Request) -> Response:
    portal, line = await own(request)
    if line.state is UploadState.DONE:
        return await results.result(request, portal, line)
    if line.state is UploadState.ENROLLING:
        return await results.progress(request, portal, line)
    return await preview_page(request, portal, line, await uploads.worklist_of(line))


async def preview_page(
    request: Request,
    portal: Portal,
    line: UploadLine,
    work: Worklist,
    *,
    order: Form | None = None,
    refused: str = "",
    columns_refused: str = "",
    status: int = 200,
) -> Response:
    session = await catalogue.session(line.session_id)
    seats = await occupancies({session.seating_id: session.seats})
    already = await uploads.placed_already(portal.id, line.session_id)
    path = f"/company/uploads/{line.id}"
    editing = page_number(request, "edit") if "edit" in request.query_params else 0

    asked, cards_part = _part(request, path, preview.cards_of(work, editing), "asked", "answer")
    cards = [preview.card_of(row, work) for row in asked]
    notes, notes_part = _part(request, path, preview.notes_of(work), "notes", "notes")
    ready, ready_part = _part(request, path, work.in_state(RowState.READY), "page", "ready")
    left, left_part = _part(request, path, preview.left_of(work), "left", "left")
    page = PreviewPage(
        portal=portal,
        line=line,
        said=said_of(session),
        session_path=portal.url(f"/company/sessions/{line.session_id}"),
        path=path,
        counts=preview.counts_of(work, already, seats[session.seating_id]),
        editing=any(row.row_number == editing for row in work.rows),
        cards=tuple(cards),
        cards_part=cards_part,
        form=preview.form_of(cards),
        order=order or Form(),
        order_needed=(await companies.company(portal.id)).order_needed,
        kinds=tuple(map(preview.kind_view, work.kinds)),
        notes=notes,
        notes_part=notes_part,
        ready=tuple(preview.ready_row(row, work, already) for row in ready),
        ready_part=ready_part,
        left=tuple(map(preview.left_row, left)),
        left_part=left_part,
        reading=reading_view(work.layout),
        languages=languages(settings_of(request)),
        language=require(request).language,
        waiting_open=session.waiting_open,
        refused=refused,
        columns_refused=columns_refused,
    )
    return page_response(request, "company/preview.html", page, status=status)


def _part(
    request: Request, path: str, items: Sequence[T], name: str, anchor: str
) -> tuple[tuple[T, ...], Part]:
    size = preview.CARDS_ON_PAGE if name == "asked" else preview.ROWS_ON_PAGE
    return part_of(items, page_number(request, name), size, path, name, anchor)


async def columns(request: Request) -> Response:
    """The list is read again as its sheet, headings or columns were chosen on the page."""
    portal, line = await own(request)
    given = await read_form(request, max_fields=MOST_FIELDS)
    try:
        choice = choice_given(given)
        await uploads.read_again(line.id, choice, company_id=portal.id, now=clock.now())
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    except FieldTwice as twice:
        label = _(LABELS[Field(str(twice.errors[0].params["field"]))])
        text = _(twice.message, field=label)
        work = await uploads.worklist_of(line)
        return await preview_page(request, portal, line, work, columns_refused=text, status=422)
    except Invalid as wrong:
        text = _(wrong.message, **wrong.params)
        work = await uploads.worklist_of(line)
        return await preview_page(request, portal, line, work, columns_refused=text, status=422)
    return redirect(f"/company/uploads/{line.id}")


async def rows(request: Request) -> Response:
    """The rows that the form showed are as it says."""
    portal, line = await own(request)
    given = await read_form(request, max_fields=MOST_FIELDS)
    mends = preview.mends_given(given)
    try:
        work = await uploads.mend(line.id, mends, company_id=portal.id, now=clock.now())
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    answered = {mend.row_number for mend in mends if mend.answer is not None}
    sent = answered or {mend.row_number for mend in mends}
    waiting = sum(row.row_number in sent for row in work.in_state(RowState.TO_ANSWER))
    if waiting:
        text = ngettext(
            "{num} row still needs an answer.", "{num} rows still need an answer.", waiting
        )
        flash(request, "wait", text.format(num=waiting))
    elif mends:
        flash(request, "good", _("Saved."))
    return redirect(f"/company/uploads/{line.id}{_back(given, work)}")


def _back(given: Posted, work: Worklist) -> str:
    """Where on the page the person was."""
    page = given.get("page", "")
    if page.isascii() and page.isdecimal() and len(page) < 7:
        return f"?page={page}#ready"
    if Answer.IN.value in given:
        return "#left"
    return "#answer" if work.in_state(RowState.TO_ANSWER) else ""


async def proposals(request: Request) -> Response:
    """All rows that are asked the same have the same yes; without a kind, all that is proposed."""
    portal, line = await own(request)
    given = await read_form(request, max_fields=10)
    wanted = given.get("kind", "")
    try:
        work = await uploads.worklist_of(line)
        codes = (
            [one.code for one in work.kinds if one.code == wanted]
            if wanted
            else [one.code for one in work.kinds if one.code.endswith("_mended")]
        )
        await uploads.accept_kinds(line.id, codes, company_id=portal.id, now=clock.now())
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    if codes:
        flash(request, "good", _("Saved."))
    return redirect(f"/company/uploads/{line.id}")


async def discard(request: Request) -> Response:
    portal, line = await own(request)
    try:
        await uploads.discard(line.id, company_id=portal.id, now=clock.now())
    except UploadDone:
        return redirect(f"/company/uploads/{line.id}")
    flash(request, "good", _("The list is deleted. Nobody was enrolled by it."))
    return redirect(portal.url(f"/company/sessions/{line.session_id}"))


ROUTES = (
    get("/company/uploads/{id}", show, COORDINATORS),
    post("/company/uploads/{id}/columns", columns, COORDINATORS),
    post("/company/uploads/{id}/rows", rows, COORDINATORS),
    post("/company/uploads/{id}/proposals", proposals, COORDINATORS),
    post("/company/uploads/{id}/discard", discard, COORDINATORS),
)
