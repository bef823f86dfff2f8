"""Feedback on one session or event, to staff and to its organisers: figures, comments, and those
who want an answer. It stands on a page of its own, never beside a list of people (P18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import Offering
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
    settings,
)
from registration.errors import Conflict, FieldError, NotFound
from registration.feedback.queries import Results, named_of, results
from registration.feedback.rules import MOST_OWN, OWN, QuestionsGiven
from registration.feedback.service import close_survey, set_questions
from registration.forms import Form, Refused
from registration.i18n import LANGUAGES, NATIVE_NAMES, _, text_in
from registration.ledger.looks import look
from registration.web.feedback_form import question_text
from registration.web.feedback_results import ResultsPart, results_part
from registration.web.staff.desk import EITHER, STAFF, Again, Desk, again, clean, desk
from registration.web.staff.events import own_event
from registration.web.staff.typed import Reading


@dataclass(frozen=True, slots=True)
class NamedRow:
    """An answer under a name. ``scores`` are (question, score)."""

    name: str
    email: str
    scores: tuple[tuple[str, int], ...]
    good: str
    better: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """``path`` is this page's, ``back`` that of the session or the event. ``form``: the questions
    of one's own, None once somebody has answered or it is closed."""

    desk: Desk
    title: str
    kind: str
    path: str
    back: str
    part: ResultsPart
    named: tuple[NamedRow, ...]
    form: Form | None
    fields: tuple[str, ...]
    languages: tuple[tuple[str, str], ...]
    own: tuple[str, ...]


async def session_of(request: Request) -> Offering:
    return catalogue.session_offering(await catalogue.session(path_id(request)))


async def event_of(request: Request) -> Offering:
    return catalogue.event_offering(await own_event(request))


async def offering_of(request: Request) -> Offering:
    """Of the path. Raises ``EventNotFound`` also for an organiser of others only."""
    if request.url.path.startswith("/staff/sessions/"):
        return await session_of(request)
    return await event_of(request)


def path_of(offering: Offering) -> str:
    return f"/staff/{offering.kind}s/{offering.id}/feedback"


async def show(request: Request) -> Response:
    return await _answer(request, await offering_of(request))


async def questions(request: Request) -> Response:
    """The survey asks these too, as long as nobody has answered."""
    offering, posted = await offering_of(request), await read_form(request)
    read = Reading(posted)

    def placed(error: FieldError) -> str:
        name, _dot, code = error.field.partition(".")
        return f"{name}_{code or LANGUAGES[0]}"

    try:
        given = read.command(
            QuestionsGiven, {each.value: read.texts(each.value) for each in OWN}, place=placed
        )
        await set_questions(offering, given, actor_id=require(request).account_id, now=clock.now())
    except (Refused, Conflict) as refused:
        return await _answer(request, offering, again(posted.form(), refused))
    flash(request, "good", _("The questions are saved."))
    return redirect(f"{path_of(offering)}#questions")


async def close(request: Request) -> Response:
    offering = await offering_of(request)
    try:
        await close_survey(offering, actor_id=require(request).account_id, now=clock.now())
    except (Conflict, NotFound) as refused:
        return await _answer(
            request, offering, Again(Form(), _(refused.message, **refused.params), 409)
        )
    flash(request, "good", _("Feedback is closed: all that can be shown is shown now."))
    return redirect(path_of(offering))


async def _answer(request: Request, offering: Offering, typed: Again | None = None) -> Response:
    now, given = clock.now(), settings(request)
    found = await results(offering)
    if found.named:  # names are shown: that is a look, as at a list of people
        await look(require(request).account_id, offering.id, now=now)
    part = results_part(offering, found, settings=given, now=now)
    fixed = not found.empty or found.survey.closed_at is not None or now >= found.closes_at
    typed = typed or clean(Form(values=_own_values(found)))
    page = FeedbackPage(
        desk(request, typed.trouble),
        text_in(offering.title),
        offering.kind,
        path_of(offering),
        f"/staff/{offering.kind}s/{offering.id}",
        part,
        await _named(offering, found) if found.named else (),
        None if fixed else typed.form,
        tuple(each.value for each in OWN[:MOST_OWN]),
        tuple((code, NATIVE_NAMES[code]) for code in given.languages),
        tuple(text_in(text) for text in found.survey.own),
    )
    return page_response(request, "staff/feedback.html", page, status=typed.status)


def _own_values(found: Results) -> Mapping[str, str]:
    return {
        f"{question.value}_{code}": text
        for question, texts in zip(OWN, found.survey.own, strict=False)
        for code, text in texts.items()
    }


async def _named(offering: Offering, found: Results) -> tuple[NamedRow, ...]:
    return tuple(
        NamedRow(
            line.name,
            line.email,
            tuple(
                (question_text(question, found.survey, offering.kind), score)
                for question, score in line.scores.items()
                if question in found.survey.questions
            ),
            line.good,
            line.better,
            line.changed_at,
        )
        for line in await named_of(offering.id)
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/sessions/{id}/feedback", show, STAFF),
    post("/staff/sessions/{id}/feedback/questions", questions, STAFF),
    post("/staff/sessions/{id}/feedback/close", close, STAFF),
    get("/staff/events/{id}/feedback", show, EITHER),
    post("/staff/events/{id}/feedback/questions", questions, EITHER),
    post("/staff/events/{id}/feedback/close", close, EITHER),
)
