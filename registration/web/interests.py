"""Who wants to hear of new dates of a training: asking, and ending it, here or by a mail's link.

The answer is the same for everybody, so that it tells nothing of who is known (P11).
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import TrainingLine
from registration.catalogue.rules import TrainingNotFound
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    PageNotFound,
    flash,
    get,
    language,
    page_response,
    path_id,
    path_text,
    post,
    read_form,
    redirect,
    settings,
)
from registration.enrolment.interests import (
    InterestLine,
    forget_by_token,
    forget_interest,
    interests_of,
    look_at_token,
    tell_me,
)
from registration.errors import Invalid
from registration.i18n import _, text_in
from registration.people.rules import Source
from registration.web.contact_form import contact_given, flat
from registration.web.me import OWN, own_id
from registration.web.public import training_answer
from registration.web.signup import check_trap, known_contact, without_trap

MAX_FIELDS = 10
LONGEST_TOKEN = 300
# The address is a secret of one person's: nobody stores it, no search engine keeps it.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class EndPage:
    """``ended``: it is done, or was before."""

    title: str
    path: str
    action: str
    ended: bool


async def _training(request: Request) -> TrainingLine:
    line = await catalogue.training_by_slug(path_text(request, "slug"))
    if not line.published:
        raise TrainingNotFound
    return line


async def ask(request: Request) -> Response:
    line = await _training(request)
    posted = await read_form(request, max_fields=MAX_FIELDS)
    contact = await known_contact(request)
    try:
        check_trap(posted)
        given = contact or contact_given(posted, known=None, language=language(request))
    except Invalid as wrong:
        form = without_trap(posted.form()).with_errors(flat(wrong.errors))
        return await training_answer(request, line, form, status=422)
    await tell_me(given, line.id, source=Source.SELF, settings=settings(request), now=clock.now())
    flash(
        request, "good", _("We write to you as soon as a date opens. The mail says how to end it.")
    )
    return redirect(f"/trainings/{line.slug}")


async def ask_end(request: Request) -> Response:
    return _page(request, await _by_token(request), ended=False)


async def end(request: Request) -> Response:
    """Sent twice, it is ended once and answered twice."""
    await read_form(request, max_fields=MAX_FIELDS)
    line = await _by_token(request)
    await forget_by_token(_token(request), settings=settings(request))
    return _page(request, line, ended=True)


def _token(request: Request) -> str:
    token = path_text(request, "token")
    if len(token) > LONGEST_TOKEN:
        raise PageNotFound
    return token


async def _by_token(request: Request) -> InterestLine | None:
    """None when it has ended, or was never ours: the answer is the same."""
    return await look_at_token(_token(request), settings=settings(request))


def _page(request: Request, line: InterestLine | None, *, ended: bool) -> Response:
    page = EndPage(
        text_in(line.title) if line else "",
        f"/trainings/{line.slug}" if line else "/",
        f"/interest/{_token(request)}",
        ended or line is None,
    )
    return page_response(request, "public/interest.html", page, headers=HEADERS)


async def end_own(request: Request) -> Response:
    _who, person_id = own_id(request)
    wanted = path_id(request)
    own = next((each for each in await interests_of(person_id) if each.id == wanted), None)
    if own is None:
        raise PageNotFound
    await forget_interest(person_id, own.training_id)
    flash(request, "good", _("You will not hear of new dates of this training any more."))
    return redirect("/me#interests")


ROUTES: tuple[Endpoint, ...] = (
    post("/trainings/{slug}/interest", ask, ANYONE),
    get("/interest/{token}", ask_end, ANYONE, whose=Of.SECRET),
    post("/interest/{token}", end, ANYONE, whose=Of.SECRET),
    post("/me/interests/{id}/end", end_own, OWN),
)
