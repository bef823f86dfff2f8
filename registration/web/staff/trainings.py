"""What can be learnt: the list of trainings, a new one, changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue import service
from registration.catalogue.lines import TrainingLine
from registration.catalogue.rules import GradeScale, SlugTaken, TrainingGiven
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
from registration.forms import Form
from registration.i18n import LANGUAGES, N_, _, text_in
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading, hours, languages, text_values

TEXTS = ("title", "topic", "summary", "aims", "qualifies_for")
SCALES: Mapping[GradeScale, str] = {
    GradeScale.PASS_FAIL: N_("Passed or failed"),
    GradeScale.ZERO_TO_FIVE: N_("0 to 5"),
    GradeScale.PERCENT: N_("Per cent, 0 to 100"),
}
Option = tuple[str, str]


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
    """``id`` None: a new one."""

    desk: Desk
    id: UUID | None
    title: str
    action: str
    form: Form
    languages: tuple[Option, ...]
    scales: tuple[Option, ...]


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
    form = Form(values={"grade_scale": GradeScale.PASS_FAIL.value, "published": "1"})
    return _answer(request, None, "", clean(form))


async def add(request: Request) -> Response:
    posted = await read_form(request)
    try:
        made = await service.add_training(
            _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return _answer(request, None, "", _again(posted, refused))
    flash(request, "good", _("The training is added. Give it a session, so that people can come."))
    return redirect(f"/staff/sessions/new?training={made}")


async def edit(request: Request) -> Response:
    line = await catalogue.training(path_id(request))
    return _answer(request, line.id, text_in(line.title), clean(Form(values=_values(line))))


async def change(request: Request) -> Response:
    line = await catalogue.training(path_id(request))
    posted = await read_form(request)
    try:
        await service.change_training(
            line.id, _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return _answer(request, line.id, text_in(line.title), _again(posted, refused))
    flash(request, "good", _("The training is saved."))
    return redirect("/staff/trainings")


def _given(posted: Posted) -> TrainingGiven:
    """Raises ``Refused`` with all that is wrong, by the form's names."""
    read = Reading(posted)
    given: dict[str, object] = {name: read.texts(name) for name in TEXTS}
    given |= read.some(slug="slug", grade_scale="grade_scale", valid_months="valid_months")
    given["length_minutes"] = read.minutes("hours") or 0
    given["published"] = "published" in posted
    return read.command(TrainingGiven, given, place=_placed)


def _again(posted: Posted, refused: DomainError) -> Again:
    return again(posted.form(), refused, conflicts={SlugTaken: "slug"})


def _placed(error: FieldError) -> str:
    """``title.fi`` is the field ``title_fi``; ``title`` alone is its first language's."""
    first, _dot, code = error.field.partition(".")
    if first in TEXTS:
        return f"{first}_{code or LANGUAGES[0]}"
    return "hours" if first == "length_minutes" else first


def _values(line: TrainingLine) -> dict[str, str]:
    values = {
        "slug": line.slug,
        "hours": hours(line.length_minutes),
        "grade_scale": line.grade_scale.value,
        "valid_months": str(line.valid_months or ""),
        "published": "1" if line.published else "",
    }
    for name in TEXTS:
        values |= text_values(name, getattr(line, name))
    return values


def _answer(request: Request, training_id: UUID | None, title: str, shown: Again) -> Response:
    page = TrainingPage(
        desk(request, shown.trouble),
        training_id,
        title or _("New training"),
        f"/staff/trainings/{training_id}" if training_id else "/staff/trainings/new",
        shown.form,
        languages(),
        tuple((scale.value, _(name)) for scale, name in SCALES.items()),
    )
    return page_response(request, "staff/training.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/trainings", show_all, STAFF),
    get("/staff/trainings/new", new, STAFF),
    post("/staff/trainings/new", add, STAFF),
    get("/staff/trainings/{id}", edit, STAFF),
    post("/staff/trainings/{id}", change, STAFF),
)
