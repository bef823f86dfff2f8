"""Seats that the company keeps without names: taken on a session's page, given back there."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue.queries import session_offering
from registration.edge import flash, post, read_form, redirect, require, settings
from registration.enrolment.company_lines import own_seat
from registration.enrolment.holds import give_back, hold_seats
from registration.enrolment.rules import HeldSeatNotFound
from registration.errors import Conflict, FieldError
from registration.forms import Command, Refused, parse
from registration.i18n import _, ngettext
from registration.web.company.order import order_number
from registration.web.company.portal import COORDINATORS, portal_of
from registration.web.company.sessions import session_page
from registration.web.offered import seen_session

MOST = 500


class SeatsGiven(Command):
    number: Annotated[int, Field(ge=1, le=MOST)]


async def hold(request: Request) -> Response:
    portal, line = await portal_of(request), await seen_session(request)
    posted = await read_form(request, max_fields=10)
    try:
        given = parse(SeatsGiven, {"number": posted.get("number", "")})
        order = await order_number(portal.id, posted)
        held = await hold_seats(
            session_offering(line),
            company_id=portal.id,
            actor_id=require(request).account_id,
            number=given.number,
            order_number=order,
            settings=settings(request),
            now=clock.now(),
        )
    except Refused as wrong:
        form = posted.form().with_errors(wrong.errors)
        return await session_page(request, portal, line, seats=form, status=422)
    except Conflict as stopped:
        text = _(stopped.message, **stopped.params)
        form = posted.form().with_errors([FieldError("number", stopped.code, text)])
        return await session_page(request, portal, line, seats=form, status=409)
    said = ngettext("{num} seat is kept for you.", "{num} seats are kept for you.", len(held))
    flash(request, "good", said.format(num=len(held)))
    return redirect(portal.url(f"/company/sessions/{line.id}#seats"))


async def back(request: Request) -> Response:
    """The ticked seats go to others. Raises ``HeldSeatNotFound`` for another company's."""
    portal = await portal_of(request)
    posted = await read_form(request, max_fields=MOST + 10)
    try:
        ids = tuple(dict.fromkeys(UUID(text) for text in posted.many("seat")))
    except ValueError:
        raise HeldSeatNotFound from None
    if not ids:
        raise HeldSeatNotFound
    offering, company_id = await own_seat(ids[0], company_ids=(portal.id,))
    number = await give_back(
        ids,
        company_id=company_id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
    )
    said = ngettext("{num} seat is given back.", "{num} seats are given back.", number)
    flash(request, "good", said.format(num=number))
    return redirect(portal.url(f"/company/sessions/{offering.id}"))


ROUTES = (
    post("/company/sessions/{id}/seats", hold, COORDINATORS),
    post("/company/seats/give-back", back, COORDINATORS),
)
