"""The privacy notice, and a person's own erasure."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Role
from registration.edge import (
    ANYONE,
    Endpoint,
    NotYours,
    flash,
    get,
    page_response,
    post,
    read_form,
    redirect,
    require,
    roles,
    settings,
)
from registration.i18n import _
from registration.privacy.erasure import erase, what_stays
from registration.privacy.notice import notice
from registration.web.kept import kept


@dataclass(frozen=True, slots=True)
class ErasePage:
    """``stays``: how many completed trainings a duty keeps; ``unconfirmed``: the box was not
    ticked."""

    stays: int
    unconfirmed: bool = False


async def show_notice(request: Request) -> Response:
    said = notice(settings(request).organisation)
    return page_response(request, "privacy/notice.html", said)


async def show_erase(request: Request) -> Response:
    who = require(request)
    if who.person_id is None:
        raise NotYours
    page = ErasePage(await what_stays(who.person_id))
    return page_response(request, "privacy/erase.html", page)


async def do_erase(request: Request) -> Response:
    who = require(request)
    if who.person_id is None:
        raise NotYours
    posted = await read_form(request)
    if posted.get("sure") != "1":
        page = ErasePage(await what_stays(who.person_id), unconfirmed=True)
        return page_response(request, "privacy/erase.html", page, status=422)
    await erase(who.person_id, actor_id=who.account_id, settings=settings(request), now=clock.now())
    flash(request, "good", _("Your data has been deleted. You have been logged out."))
    return redirect("/")


PARTICIPANT = roles(Role.PARTICIPANT)

ROUTES: tuple[Endpoint, ...] = (
    get("/privacy", kept(show_notice), ANYONE),
    get("/me/erase", show_erase, PARTICIPANT, fresh=True),
    post("/me/erase", do_erase, PARTICIPANT, fresh=True),
)
