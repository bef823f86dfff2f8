"""Moving one's own place to another date of the same training, where a seat is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue.rules import Offering
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
from registration.enrolment.moving import Target, targets, transfer
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import By
from registration.errors import Conflict, FieldError
from registration.forms import Form
from registration.i18n import N_, NATIVE_NAMES, _, format_when, ngettext
from registration.web.cards import days_text
from registration.web.me import OWN, own_id, own_place
from registration.web.said import Said, said

MAX_FIELDS = 5
Choice = tuple[str, str, str]
CHOOSE = N_("Choose the date that you move to.")


@dataclass(frozen=True, slots=True)
class MovePage:
    """``dates``: value, when, and what else is to know of it. ``trouble``: why it was not moved."""

    place_id: UUID
    said: Said
    dates: tuple[Choice, ...]
    form: Form
    trouble: str


async def ask(request: Request) -> Response:
    place = await own_place(request)
    return _page(request, place, await targets(place.id, now=clock.now()), Form())


async def move(request: Request) -> Response:
    who, _person_id = own_id(request)
    place, now = await own_place(request), clock.now()
    posted = await read_form(request, max_fields=MAX_FIELDS)
    open_ = await targets(place.id, now=now)
    wanted = chosen(open_, posted.get("to", ""))
    if wanted is None:
        form = posted.form().with_errors([FieldError("to", "missing", CHOOSE)])
        return _page(request, place, open_, form, status=422)
    try:
        await transfer(
            place.id,
            wanted,
            by=By.PERSON,
            actor_id=who.account_id,
            settings=settings(request),
            now=now,
        )
    except Conflict as refused:
        open_ = await targets(place.id, now=now)
        trouble = _(refused.message, **refused.params)
        return _page(request, place, open_, posted.form(), status=409, trouble=trouble)
    zone = ZoneInfo(wanted.zone)
    when = format_when(*wanted.days[0], zone=zone)
    flash(request, "good", _("Your place is now on {when}. A mail confirms it.", when=when))
    return redirect("/me")


def chosen(open_: Sequence[Target], typed: str) -> Offering | None:
    """The one of these dates whose id was given; only they can be chosen."""
    return next((each.offering for each in open_ if str(each.offering.id) == typed), None)


def date_choices(open_: Sequence[Target]) -> tuple[Choice, ...]:
    return tuple(
        (
            str(each.offering.id),
            days_text(each.offering.days, ZoneInfo(each.offering.zone)),
            _more(each),
        )
        for each in open_
    )


def _more(target: Target) -> str:
    where = said(target.offering).where
    left = ngettext("{num} seat left", "{num} seats left", target.left).format(num=target.left)
    return ", ".join((where, NATIVE_NAMES.get(target.offering.language, ""), left))


def _page(
    request: Request,
    place: PlaceLine,
    open_: Sequence[Target],
    form: Form,
    *,
    status: int = 200,
    trouble: str = "",
) -> Response:
    page = MovePage(place.id, said(place.offering), date_choices(open_), form, trouble)
    return page_response(request, "me/move.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/me/places/{id}/move", ask, OWN),
    post("/me/places/{id}/move", move, OWN),
)
