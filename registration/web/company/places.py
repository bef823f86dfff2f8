"""Employees' places: given up, one or several, or moved to another date. All of it asks first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue import queries as catalogue
from registration.catalogue.queries import session_offering
from registration.catalogue.rules import SessionNotFound
from registration.edge import (
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
from registration.enrolment import moving, roster, service
from registration.enrolment.company_lines import own_places
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import By, PlaceNotFound, PlaceStatus
from registration.errors import Conflict, FieldError
from registration.forms import Form
from registration.i18n import N_, _, ngettext
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.said import Said, said

MOST = 5_000
CHOOSE_DATE = N_("Choose a date.")
CHOOSE_PEOPLE = N_("Tick at least one person first.")


@dataclass(frozen=True, slots=True)
class CancelPage:
    portal: Portal
    said: Said
    name: str
    waiting: bool
    action: str
    back: str
    refused: str


@dataclass(frozen=True, slots=True)
class SeveralPage:
    """``kept`` are names whose place stands, each with why."""

    portal: Portal
    said: Said
    places: tuple[PlaceLine, ...]
    action: str
    back: str
    kept: tuple[tuple[str, str], ...]
    done: int


@dataclass(frozen=True, slots=True)
class Date:
    """Another date to choose: its session's id, when and where it is, and how many seats it has."""

    id: str
    text: str
    detail: str


@dataclass(frozen=True, slots=True)
class TransferPage:
    portal: Portal
    said: Said
    name: str
    dates: tuple[Date, ...]
    action: str
    back: str
    form: Form
    refused: str


async def own_place(request: Request) -> tuple[Portal, PlaceLine]:
    """The place of the address and its company. Raises ``PlaceNotFound`` for others' places."""
    line = await roster.own_place(path_id(request), company_ids=require(request).companies)
    if line.company_id is None:
        raise PlaceNotFound
    return await portal_of(request, line.company_id), line


def _back(portal: Portal, line: PlaceLine) -> str:
    return portal.url(f"/company/sessions/{line.offering.id}")


async def cancel_form(request: Request) -> Response:
    portal, line = await own_place(request)
    return _cancel_page(request, portal, line)


async def cancel(request: Request) -> Response:
    portal, line = await own_place(request)
    try:
        await _cancel(request, line)
    except Conflict as refused:
        text = _(refused.message, **refused.params)
        return _cancel_page(request, portal, line, refused=text, status=409)
    flash(request, "good", _("The place of {name} is cancelled.", name=line.name))
    return redirect(_back(portal, line))


async def _cancel(request: Request, line: PlaceLine) -> None:
    await service.cancel(
        line.id,
        actor_id=require(request).account_id,
        settings=settings(request),
        now=clock.now(),
        by=By.COORDINATOR,
    )


def _cancel_page(
    request: Request, portal: Portal, line: PlaceLine, *, refused: str = "", status: int = 200
) -> Response:
    page = CancelPage(
        portal=portal,
        said=said(line.offering),
        name=line.name,
        waiting=line.status is PlaceStatus.WAITING,
        action=f"/company/places/{line.id}/cancel",
        back=_back(portal, line),
        refused=refused,
    )
    return page_response(request, "company/cancel.html", page, status=status)


async def cancel_several(request: Request) -> Response:
    """Those ticked on a session's page: asked about first (``do`` is not "cancel"), then cancelled
    one by one; what could not be is said by name."""
    posted = await read_form(request, max_fields=MOST + 10, max_bytes=MOST * 50)
    lines = await _ticked(request, posted.many("place"))
    if not lines:
        session_id = posted.get("session", "")
        portal = await portal_of(request)
        flash(request, "bad", _(CHOOSE_PEOPLE))
        return redirect(portal.url(f"/company/sessions/{_uuid(session_id)}"))
    portal = await portal_of(request, lines[0].company_id)
    if posted.get("do") != "cancel":
        return _several_page(request, portal, lines)
    kept: list[tuple[str, str]] = []
    left: list[PlaceLine] = []
    for line in lines:
        try:
            await _cancel(request, line)
        except Conflict as refused:
            kept.append((line.name, _(refused.message, **refused.params)))
            left.append(line)
    done = len(lines) - len(kept)
    if kept:
        return _several_page(request, portal, lines, kept=kept, done=done, status=409)
    said_ = ngettext("{num} place is cancelled.", "{num} places are cancelled.", done)
    flash(request, "good", said_.format(num=done))
    return redirect(_back(portal, lines[0]))


async def _ticked(request: Request, texts: Sequence[str]) -> list[PlaceLine]:
    """Raises ``PlaceNotFound`` when one of them is not a place of one of the caller's companies on
    one session."""
    ids = [_uuid(text) for text in dict.fromkeys(texts)]
    lines = await own_places(ids, company_ids=require(request).companies)
    if len({(line.company_id, line.offering.id) for line in lines}) > 1:
        raise PlaceNotFound
    return lines


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise PlaceNotFound from None


def _several_page(
    request: Request,
    portal: Portal,
    lines: Sequence[PlaceLine],
    *,
    kept: Sequence[tuple[str, str]] = (),
    done: int = 0,
    status: int = 200,
) -> Response:
    page = SeveralPage(
        portal=portal,
        said=said(lines[0].offering),
        places=tuple(lines),
        action="/company/places/cancel",
        back=_back(portal, lines[0]),
        kept=tuple(kept),
        done=done,
    )
    return page_response(request, "company/cancel_several.html", page, status=status)


async def transfer_form(request: Request) -> Response:
    portal, line = await own_place(request)
    return await _transfer_page(request, portal, line, Form())


async def transfer(request: Request) -> Response:
    portal, line = await own_place(request)
    posted = await read_form(request, max_fields=10)
    try:
        to = await catalogue.session(UUID(posted.get("to", "")))
    except (ValueError, SessionNotFound):
        form = posted.form().with_errors([FieldError("to", "missing", CHOOSE_DATE)])
        return await _transfer_page(request, portal, line, form, status=422)
    try:
        await moving.transfer(
            line.id,
            session_offering(to),
            by=By.COORDINATOR,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except Conflict as refused:
        text = _(refused.message, **refused.params)
        return await _transfer_page(request, portal, line, posted.form(), refused=text, status=409)
    flash(request, "good", _("{name} has a place on the other date.", name=line.name))
    return redirect(portal.url(f"/company/sessions/{to.id}"))


async def _transfer_page(
    request: Request,
    portal: Portal,
    line: PlaceLine,
    form: Form,
    *,
    refused: str = "",
    status: int = 200,
) -> Response:
    found = await moving.targets(line.id, now=clock.now())
    dates = []
    for each in found:
        there = said(each.offering)
        seats = ngettext("{num} seat left", "{num} seats left", each.left).format(num=each.left)
        detail = ", ".join(part for part in (there.where, there.price, seats) if part)
        dates.append(Date(str(each.offering.id), "; ".join(there.whens), detail))
    page = TransferPage(
        portal=portal,
        said=said(line.offering),
        name=line.name,
        dates=tuple(dates),
        action=f"/company/places/{line.id}/transfer",
        back=_back(portal, line),
        form=form,
        refused=refused,
    )
    return page_response(request, "company/transfer.html", page, status=status)


ROUTES = (
    post("/company/places/cancel", cancel_several, COORDINATORS),
    get("/company/places/{id}/cancel", cancel_form, COORDINATORS),
    post("/company/places/{id}/cancel", cancel, COORDINATORS),
    get("/company/places/{id}/transfer", transfer_form, COORDINATORS),
    post("/company/places/{id}/transfer", transfer, COORDINATORS),
)
