"""Feedback from a person's own place: nobody's by default, theirs if they want an answer."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    post,
    read_form,
    redirect,
    settings,
)
from registration.enrolment.queries import PlaceLine
from registration.errors import Conflict, NotFound
from registration.feedback import queries
from registration.feedback.queries import NamedLine, named_of_place, survey_of
from registration.feedback.rules import (
    AlreadyAnswered,
    Way,
    check_open,
    check_place,
)
from registration.feedback.service import answer_from_place, change_named, delete_named
from registration.forms import Form, Refused
from registration.i18n import _
from registration.web.feedback_form import FormPart, filled, form_part, typed
from registration.web.me import OWN, own_place


@dataclass(frozen=True, slots=True)
class MyFeedbackPage:
    """``part`` None: nothing can be given, and ``told`` says why. ``delete``: where what was given
    under the person's name is deleted, or empty."""

    part: FormPart | None
    told: str
    delete: str = ""


async def show(request: Request) -> Response:
    place = await own_place(request)
    line = await named_of_place(place.id)
    if line is not None:
        return await _answer(request, place, filled(line), line)
    try:
        await _check(request, place)
    except (Conflict, NotFound) as refused:
        return _told(request, refused)
    return await _answer(request, place, Form(), None)


async def _check(request: Request, place: PlaceLine) -> None:
    check_place(place.status)
    survey = await survey_of(place.offering.id)
    if await queries.answered([place.id], secret=settings(request).secret):
        raise AlreadyAnswered
    check_open(place.offering, Way.PLACE, closed=survey.closed_at is not None, now=clock.now())


def _told(request: Request, refused: Conflict | NotFound, *, conflict: int = 200) -> Response:
    page = MyFeedbackPage(None, _(refused.message, **refused.params))
    status = 404 if isinstance(refused, NotFound) else conflict
    return page_response(request, "me/feedback.html", page, status=status)


async def save(request: Request) -> Response:
    """A first answer, or what stands in place of one under the person's name."""
    place, posted, now = await own_place(request), await read_form(request), clock.now()
    line = await named_of_place(place.id)
    try:
        given = typed(posted, await survey_of(place.offering.id), named=line is not None)
        if line is not None:
            await change_named(place, given, now=now)
        else:
            await answer_from_place(place, given, settings=settings(request), now=now)
    except Refused as refused:
        form = posted.form().with_errors(refused.errors)
        return await _answer(request, place, form, line, status=422)
    except (Conflict, NotFound) as refused:
        return _told(request, refused, conflict=409)
    if line is not None:
        flash(request, "good", _("Your feedback is changed."))
    elif given.named:
        flash(request, "good", _("Thank you! We read it with your name and answer by mail."))
    else:
        flash(request, "good", _("Thank you! Nobody can tell that this answer is yours."))
    return redirect("/me")


async def delete(request: Request) -> Response:
    """What was given under the person's name is gone."""
    place = await own_place(request)
    await delete_named(place, settings=settings(request))
    flash(request, "good", _("Your feedback is deleted."))
    return redirect("/me")


async def _answer(
    request: Request, place: PlaceLine, form: Form, line: NamedLine | None, *, status: int = 200
) -> Response:
    action = f"/me/places/{place.id}/feedback"
    part = form_part(
        place.offering,
        await survey_of(place.offering.id),
        form,
        action=action,
        person=place.name,
        named=line is not None,
    )
    page = MyFeedbackPage(part, "", f"{action}/delete" if line is not None else "")
    return page_response(request, "me/feedback.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/me/places/{id}/feedback", show, OWN),
    post("/me/places/{id}/feedback", save, OWN),
    post("/me/places/{id}/feedback/delete", delete, OWN),
)
