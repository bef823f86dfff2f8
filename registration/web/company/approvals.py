"""What others booked for the company, and what waits until a manager approves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.queries import names_of
from registration.companies import queries as companies
from registration.companies.coordinators import coordinators
from registration.edge import (
    Endpoint,
    Posted,
    flash,
    get,
    page_response,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.enrolment import approvals as engine
from registration.enrolment.rules import NotAnApprover, PlaceNotFound
from registration.errors import Conflict, FieldError
from registration.forms import Form
from registration.i18n import N_, _, collation_key, format_moment, format_money, ngettext
from registration.people.rules import clean_text
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.said import Said, said

MOST = 5_000
LONGEST_REASON = 200
CHOOSE = N_("Tick at least one person.")
SAY_WHY = N_("Say in a few words why not: who booked it reads this.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One place that waits. ``mine``: the reader booked it."""

    id: UUID
    name: str
    email: str
    said: Said
    price: str
    by: str
    order_number: str
    until: str


@dataclass(frozen=True, slots=True)
class ApprovalsPage:
    """``approves``: the reader is one of ``approvers``. ``ticked`` are ids."""

    portal: Portal
    waiting: tuple[Waiting, ...]
    total: str
    approves: bool
    approvers: tuple[str, ...]
    form: Form
    ticked: frozenset[str]
    refused: str


async def show(request: Request) -> Response:
    portal = await portal_of(request)
    return await _answer(request, portal, Form(), everything=True)


async def decide(request: Request) -> Response:
    """Those that were ticked are approved, or refused with a reason."""
    portal = await portal_of(request)
    posted = await read_form(request, max_fields=MOST + 10, max_bytes=MOST * 50)
    refuses = posted.get("do") == "refuse"
    reason = str(clean_text(posted.get("reason", "")))[:LONGEST_REASON]
    try:
        ids = _ticked(posted)
    except ValueError:
        raise PlaceNotFound from None
    if not ids or (refuses and not reason):
        error = ("reason", SAY_WHY) if ids else ("place", CHOOSE)
        form = posted.form().with_errors([FieldError(error[0], "missing", error[1])])
        return await _answer(request, portal, form, ticked=posted.many("place"), status=422)
    try:
        number = await _decided(request, portal, ids, reason if refuses else None)
    except Conflict as stopped:
        return await _answer(
            request,
            portal,
            posted.form(),
            ticked=posted.many("place"),
            refused=_(stopped.message, **stopped.params),
            status=409,
        )
    if refuses:
        said_ = ngettext("{num} booking is refused.", "{num} bookings are refused.", number)
    else:
        said_ = ngettext("{num} booking is approved.", "{num} bookings are approved.", number)
    flash(request, "wait" if refuses else "good", said_.format(num=number))
    return redirect(portal.url("/company/approvals"))


def _ticked(posted: Posted) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(UUID(text) for text in posted.many("place")))


async def _decided(
    request: Request, portal: Portal, ids: Sequence[UUID], reason: str | None
) -> int:
    """How many were decided. Raises ``NotAnApprover``, ``PlaceNotFound`` for other companies'."""
    who, now = require(request), clock.now()
    if who.account_id not in await companies.approvers(portal.id, now=now):
        raise NotAnApprover
    if reason is None:
        return await engine.approve(
            ids,
            actor_id=who.account_id,
            company_id=portal.id,
            settings=settings(request),
            now=now,
        )
    return await engine.refuse(
        ids,
        actor_id=who.account_id,
        company_id=portal.id,
        reason=reason,
        settings=settings(request),
        now=now,
    )


async def _answer(
    request: Request,
    portal: Portal,
    form: Form,
    *,
    everything: bool = False,
    ticked: Sequence[str] = (),
    refused: str = "",
    status: int = 200,
) -> Response:
    now = clock.now()
    lines = sorted(
        await engine.waiting_for_approval(portal.id),
        key=lambda line: (line.offering.starts_at, collation_key(line.name), line.id),
    )
    by = await names_of([line.enrolled_by for line in lines if line.enrolled_by])
    named = await companies.approvers(portal.id, now=now)
    known = await coordinators(portal.id, now=now)
    waiting = tuple(
        Waiting(
            line.id,
            line.name,
            line.email,
            said(line.offering),
            format_money(line.price_cents),
            by.get(line.enrolled_by, "") if line.enrolled_by else "",
            line.order_number,
            format_moment(line.until, zone=ZoneInfo(line.offering.zone)) if line.until else "",
        )
        for line in lines
    )
    page = ApprovalsPage(
        portal,
        waiting,
        format_money(sum(line.price_cents for line in lines)),
        require(request).account_id in named,
        tuple(each.name for each in known if each.account_id in named),
        form,
        frozenset(str(each.id) for each in waiting) if everything else frozenset(ticked),
        refused,
    )
    return page_response(request, "company/approvals.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/company/approvals", show, COORDINATORS),
    post("/company/approvals", decide, COORDINATORS),
)
