"""Grades from a spreadsheet: read line by line, looked at, and only then saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.catalogue.rules import GradeScale
from registration.edge import (
    Endpoint,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    roles,
)
from registration.errors import DomainError, FieldError
from registration.forms import Form
from registration.i18n import N_, _, ngettext, text_in
from registration.teaching.packs import grade_words
from registration.teaching.pasted import Named, PastedLine, PasteTooLong, read_pasted
from registration.teaching.rules import NotAccepted, ResultsLocked
from registration.teaching.service import Participant
from registration.web.trainer.page import Shown, read_shown
from registration.web.trainer.told import by_script, told, told_refusal
from registration.web.trainer.typed import TypedRow, row_of

MAX_TEXT = 400 * 1024
NOTHING = N_("There is no line with a grade in it. Paste a column of grades, or names and grades.")


@dataclass(frozen=True, slots=True)
class Preview:
    """A line that was pasted; ``name`` is whom it means, ``grade`` what it gives and ``before``
    what is on record, in words. ``typed`` is what would be saved, None when nothing would."""

    number: int
    said: str
    name: str
    before: str
    grade: str
    fault: str
    typed: TypedRow | None


@dataclass(frozen=True, slots=True)
class PastePage:
    """``lines`` is empty until something was pasted."""

    title: str
    back: str
    path: str
    scale: GradeScale
    form: Form
    lines: tuple[Preview, ...] = ()

    @property
    def fills(self) -> int:
        return sum(line.typed is not None for line in self.lines)

    @property
    def faults(self) -> int:
        return sum(bool(line.fault) for line in self.lines)


async def show(request: Request) -> Response:
    session_id = path_id(request)
    try:
        shown = await read_shown(request, session_id, now=clock.now())
    except NotAccepted:
        return redirect(f"/trainer/sessions/{session_id}/invitation")
    if shown.assigned.locked:
        raise ResultsLocked
    return page_response(request, "trainer/paste.html", _page(shown, Form()))


async def read(request: Request) -> Response:
    """Nothing is saved here: a page shows the lines to be confirmed, a script fills its cells."""
    posted = await read_form(request, max_bytes=MAX_TEXT * 3)
    try:
        shown = await read_shown(request, path_id(request), now=clock.now())
        lines = _read(shown, posted.get("text", ""), posted.get("start", ""))
    except PasteTooLong as refused:
        if by_script(request):
            return told_refusal(refused)
        page = _page(shown, posted.form().with_errors([_at_text(refused.message)]))
        return page_response(request, "trainer/paste.html", page, status=422)
    except DomainError as refused:
        if by_script(request):
            return told_refusal(refused)
        raise
    if by_script(request):
        return _told(shown, lines)
    if not lines:
        page = _page(shown, posted.form().with_errors([_at_text(NOTHING)]))
        return page_response(request, "trainer/paste.html", page, status=422)
    page = replace(_page(shown, posted.form()), lines=_previews(shown, lines))
    return page_response(request, "trainer/paste.html", page)


def _at_text(message: str) -> FieldError:
    return FieldError("text", "paste", message)


def _read(shown: Shown, text: str, start: str) -> tuple[PastedLine, ...]:
    """``start`` is the place of whom the first line of a single column means."""
    ids = [str(each.place_id) for each in shown.people]
    return read_pasted(
        text,
        [Named(each.place_id, each.name) for each in shown.people],
        scale=shown.assigned.session.training.grade_scale,
        start=ids.index(start) if start in ids else 0,
    )


def _page(shown: Shown, form: Form) -> PastePage:
    training = shown.assigned.session.training
    return PastePage(
        text_in(training.title), shown.path, f"{shown.path}/paste", training.grade_scale, form
    )


def _previews(shown: Shown, lines: Sequence[PastedLine]) -> tuple[Preview, ...]:
    people = {each.place_id: each for each in shown.people}
    return tuple(_preview(shown, line, people) for line in lines)


def _preview(shown: Shown, line: PastedLine, people: Mapping[UUID, Participant]) -> Preview:
    scale = shown.assigned.session.training.grade_scale
    meant = people.get(line.place_id) if line.place_id else None
    row = row_of(meant, shown.days) if meant else None
    differs = row is not None and line.fills and row.grade != line.grade
    return Preview(
        line.number,
        line.said,
        meant.name if meant else "",
        grade_words(row.grade, scale) if row else "",
        grade_words(line.grade, scale) if line.fills else line.typed,
        _(line.fault) if line.fault else "",
        replace(row, grade=line.grade) if row and differs else None,
    )


def _told(shown: Shown, lines: Sequence[PastedLine]) -> Response:
    """Every line with the place it means, and the faults once more, said as a list."""
    names = {each.place_id: each.name for each in shown.people}
    fills = sum(line.fills for line in lines)
    faults = [
        f"{_whose(line, names)}{f' ({line.typed})' if line.typed else ''}: {_(line.fault)}"
        for line in lines
        if line.fault
    ]
    text = ngettext("Filled in: {num} grade.", "Filled in: {num} grades.", fills)
    said = f"{text.format(num=fills)} {_('Nothing is saved yet.')}" if lines else _(NOTHING)
    rows = [
        {
            "place": str(line.place_id) if line.place_id else "",
            "grade": line.grade,
            "typed": line.typed,
            "fault": bool(line.fault),
        }
        for line in lines
        if line.fills or line.fault
    ]
    return told({"text": said, "lines": rows, "faults": faults})


def _whose(line: PastedLine, names: Mapping[UUID, str]) -> str:
    number = _("Line {number}", number=line.number)
    name = names.get(line.place_id, line.said) if line.place_id else line.said
    return f"{number}, {name}" if name else number


TRAINER = roles(Role.TRAINER)

ROUTES: tuple[Endpoint, ...] = (
    get("/trainer/sessions/{id}/paste", show, TRAINER),
    post("/trainer/sessions/{id}/paste", read, TRAINER, max_body=MAX_TEXT * 3),
)
