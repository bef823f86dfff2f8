"""What can be learnt: the list of trainings, a new one, changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import TrainingLine
from registration.catalogue.prerequisites import Need, needs_of
from registration.catalogue.rules import (
    MOST_NEEDS,
    CertificateDesign,
    GradeScale,
    SlugTaken,
    TrainingGiven,
)
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
)
from registration.errors import DomainError, FieldError
from registration.forms import Form, Refused
from registration.i18n import LANGUAGES, N_, _, text_in
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading, hours, languages, text_values

TEXTS = ("title", "topic", "summary", "aims", "qualifies_for")
SCALES: Mapping[GradeScale, str] = {
    GradeScale.PASS_FAIL: N_("Passed or failed"),
    GradeScale.ZERO_TO_FIVE: N_("0 to 5"),
    GradeScale.PERCENT: N_("Per cent, 0 to 100"),
}
DESIGNS: Mapping[CertificateDesign, str] = {
    CertificateDesign.FORMAL: N_("Formal: a sheet to hang on the wall"),
    CertificateDesign.MODERN: N_("Modern: a plain sheet"),
    CertificateDesign.CARD: N_("Card: a permit of the size of a bank card"),
}
# As one word, where they stand beside others.
DESIGN_NAMES: Mapping[str, str] = {
    CertificateDesign.FORMAL: N_("Formal"),
    CertificateDesign.MODERN: N_("Modern"),
    CertificateDesign.CARD: N_("Card"),
}
Option = tuple[str, str]
# Of a need: that it was completed once, or that what it gave is still valid.
ONCE, VALID = "once", "valid"
MORE = "add_need"


@dataclass(frozen=True, slots=True)
class TrainingRow:
    id: UUID
    title: str
    topic: str
    languages: tuple[str, ...]
    hours: str
    scale: str
    valid_months: int | None
    published: bool


@dataclass(frozen=True, slots=True)
class TrainingsPage:
    desk: Desk
    rows: tuple[TrainingRow, ...]
    words: str


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """``id`` None: a new one. ``trainings`` are those that it may need, ``needs`` how many rows
    there are to name them."""

    desk: Desk
    id: UUID | None
    title: str
    action: str
    form: Form
    languages: tuple[Option, ...]
    scales: tuple[Option, ...]
    designs: tuple[Option, ...]
    trainings: tuple[Option, ...]
    needs: int


async def show_all(request: Request) -> Response:
    words = request.query_params.get("q", "").strip()[:200]
    rows = [_row(each) for each in await catalogue.trainings(published_only=False, words=words)]
    return page_response(
        request, "staff/trainings.html", TrainingsPage(desk(request), tuple(rows), words)
    )


def _row(each: TrainingLine) -> TrainingRow:
    return TrainingRow(
        each.id,
        text_in(each.title),
        text_in(each.topic),
        tuple(code for code in LANGUAGES if each.title.get(code)),
        hours(each.length_minutes),
        _(SCALES[each.grade_scale]),
        each.valid_months,
        each.published,
    )


async def new(request: Request) -> Response:
    chosen = {
        "grade_scale": GradeScale.PASS_FAIL.value,
        "certificate_design": CertificateDesign.FORMAL.value,
    }
    form = Form(values={**chosen, "published": "1"})
    return await _answer(request, None, clean(form))


async def add(request: Request) -> Response:
    posted = await read_form(request)
    if posted.get("do") == MORE:
        return await _answer(request, None, clean(posted.form()), more=True)
    try:
        made = await service.add_training(
            _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, None, _again(posted, refused))
    flash(request, "good", _("The training is added. Give it a session, so that people can come."))
    return redirect(f"/staff/sessions/new?training={made}")


async def edit(request: Request) -> Response:
    line = await catalogue.training(path_id(request))
    needs = (await needs_of([line.id])).get(line.id, ())
    return await _answer(request, line, clean(Form(values=_values(line, needs))))


async def change(request: Request) -> Response:
    line = await catalogue.training(path_id(request))
    posted = await read_form(request)
    if posted.get("do") == MORE:
        return await _answer(request, line, clean(posted.form()), more=True)
    try:
        await service.change_training(
            line.id, _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, line, _again(posted, refused))
    flash(request, "good", _("The training is saved."))
    return redirect("/staff/trainings")


PLAIN = (
    "slug",
    "grade_scale",
    "valid_months",
    "attendance_percent",
    "lowest_grade",
    "certificate_design",
)


def _given(posted: Posted) -> TrainingGiven:
    """Raises ``Refused`` with all that is wrong, by the form's names."""
    read = Reading(posted)
    given: dict[str, object] = {name: read.texts(name) for name in TEXTS}
    given |= read.some(**{name: name for name in PLAIN})
    given["length_minutes"] = read.minutes("hours") or 0
    given["published"] = "published" in posted
    rows = [row for row in range(MOST_NEEDS) if read.text(f"need_{row}")]
    given["prerequisites"] = [
        {"training": read.text(f"need_{row}"), "valid": posted.get(f"need_how_{row}") == VALID}
        for row in rows
    ]
    return read.command(TrainingGiven, given, place=partial(_placed, rows=rows))


def _again(posted: Posted, refused: DomainError) -> Again:
    """A need that cannot be is known only when the others are: its row is found again."""
    if isinstance(refused, Refused):
        rows = [row for row in range(MOST_NEEDS) if posted.get(f"need_{row}", "").strip()]
        errors = (replace(each, field=_placed(each, rows=rows)) for each in refused.errors)
        refused = Refused(*errors)
    return again(posted.form(), refused, conflicts={SlugTaken: "slug"})


def _placed(error: FieldError, *, rows: Sequence[int]) -> str:
    """``title.fi`` is the field ``title_fi``; ``title`` alone is its first language's; the second
    of ``prerequisites`` stands in the second of ``rows``."""
    first, _dot, rest = error.field.partition(".")
    if first in TEXTS:
        return f"{first}_{rest or LANGUAGES[0]}"
    if first == "prerequisites" or error.code == "prerequisites":
        number = rest.partition(".")[0]
        at = int(number) if number.isdigit() else 0
        return f"need_{rows[at] if at < len(rows) else 0}"
    return "hours" if first == "length_minutes" else error.field


def _values(line: TrainingLine, needs: Sequence[Need]) -> dict[str, str]:
    values = {
        "slug": line.slug,
        "hours": hours(line.length_minutes),
        "grade_scale": line.grade_scale.value,
        "valid_months": str(line.valid_months or ""),
        "attendance_percent": str(line.attendance_percent or ""),
        "lowest_grade": line.lowest_grade,
        "certificate_design": line.certificate_design.value,
        "published": "1" if line.published else "",
    }
    for name in TEXTS:
        values |= text_values(name, getattr(line, name))
    for row, need in enumerate(needs):
        values |= {
            f"need_{row}": str(need.training_id),
            f"need_how_{row}": VALID if need.valid else ONCE,
        }
    return values


async def _answer(
    request: Request, line: TrainingLine | None, shown: Again, *, more: bool = False
) -> Response:
    """``more``: with one more row for what it needs."""
    others = await catalogue.trainings(published_only=False)
    used = [row for row in range(MOST_NEEDS) if shown.form.values.get(f"need_{row}")]
    page = TrainingPage(
        desk(request, shown.trouble),
        line.id if line else None,
        text_in(line.title) if line else _("New training"),
        f"/staff/trainings/{line.id}" if line else "/staff/trainings/new",
        shown.form,
        languages(),
        tuple((scale.value, _(name)) for scale, name in SCALES.items()),
        tuple((design.value, _(name)) for design, name in DESIGNS.items()),
        tuple(
            (str(each.id), text_in(each.title))
            for each in others
            if line is None or each.id != line.id
        ),
        min(max(used, default=0) + (2 if more and used else 1), MOST_NEEDS),
    )
    return page_response(request, "staff/training.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/trainings", show_all, STAFF),
    get("/staff/trainings/new", new, STAFF),
    post("/staff/trainings/new", add, STAFF),
    get("/staff/trainings/{id}", edit, STAFF),
    post("/staff/trainings/{id}", change, STAFF),
)
