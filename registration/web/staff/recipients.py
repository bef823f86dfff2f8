"""Trainer organisations: to whom names and companies may go, by which agreement (P7, P16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
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
from registration.i18n import DEFAULT_ZONE, _
from registration.ledger.overview import disclosed_to
from registration.teaching import queries as teaching
from registration.teaching import service
from registration.teaching.pack_lines import Given, given_to_recipients, packs_of_recipient
from registration.teaching.packs import PURPOSE_NAMES
from registration.teaching.queries import RecipientLine
from registration.teaching.rules import EEA, RecipientGiven, RecipientKnown, RecipientNotFound
from registration.web.contact_form import Option, countries
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.packs import PackRow, pack_row
from registration.web.staff.typed import Reading

FIELDS = ("name", "country", "agreement_on", "agreement_until", "safeguard")


@dataclass(frozen=True, slots=True)
class GivenShown:
    """What it was given: packs as (purpose, number); the people in them, counted once a pack; how
    many packs are out, and how many of these should be destroyed by now. ``views``: how often a
    name was shown to its trainers on a page or to a program."""

    packs: tuple[tuple[str, int], ...]
    people: int
    out: int
    ended: int
    views: int = 0


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """``standing``: "valid", "pending" (no agreement in force yet), "expired", or "held" (outside
    the EEA without a safeguard)."""

    line: RecipientLine
    country: str
    standing: str
    given: GivenShown


@dataclass(frozen=True, slots=True)
class RecipientsPage:
    """``ended`` is how many packs should be destroyed by now, in all."""

    desk: Desk
    rows: tuple[RecipientRow, ...]
    ended: int


@dataclass(frozen=True, slots=True)
class RecipientPage:
    desk: Desk
    id: UUID | None
    title: str
    action: str
    form: Form
    countries: tuple[Option, ...]
    standing: str
    given: GivenShown
    packs: tuple[PackRow, ...]


async def show_all(request: Request) -> Response:
    now = clock.now()
    lines = await teaching.recipients()
    given = await given_to_recipients(now=now)
    rows = tuple(
        RecipientRow(
            each,
            dict(countries(each.country)).get(each.country, each.country),
            _standing(each, _today(now)),
            _given_shown(given.get(each.id)),
        )
        for each in lines
    )
    page = RecipientsPage(desk(request), rows, sum(row.given.ended for row in rows))
    return page_response(request, "staff/recipients.html", page)


def _today(now: datetime) -> date:
    return now.astimezone(DEFAULT_ZONE).date()


def _given_shown(given: Given | None, views: int = 0) -> GivenShown:
    if given is None:
        return GivenShown((), 0, 0, 0, views)
    packs = tuple((_(PURPOSE_NAMES[purpose]), number) for purpose, number in given.by_purpose)
    return GivenShown(packs, given.people, given.out, given.ended, views)


async def _views(recipient_id: UUID) -> int:
    shown = await disclosed_to(recipient_id)
    return sum(number for (_purpose, road), number in shown.items() if road != "pack")


def _standing(line: RecipientLine, today: date) -> str:
    if line.agreement_on is None or today < line.agreement_on:
        return "pending"
    if line.agreement_until is not None and today > line.agreement_until:
        return "expired"
    return "valid" if line.country in EEA or line.safeguard else "held"


async def new(request: Request) -> Response:
    return await _answer(request, None, clean(Form(values={"country": "FI"})))


async def add(request: Request) -> Response:
    posted = await read_form(request)
    try:
        await service.add_recipient(
            _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, None, _again(posted, refused))
    flash(request, "good", _("The trainer organisation is added."))
    return redirect("/staff/recipients")


async def _line(request: Request) -> RecipientLine:
    wanted = path_id(request)
    found = [each for each in await teaching.recipients() if each.id == wanted]
    if not found:
        raise RecipientNotFound
    return found[0]


async def edit(request: Request) -> Response:
    line = await _line(request)
    values = {
        "name": line.name,
        "country": line.country,
        "agreement_on": line.agreement_on.isoformat() if line.agreement_on else "",
        "agreement_until": line.agreement_until.isoformat() if line.agreement_until else "",
        "safeguard": line.safeguard,
    }
    return await _answer(request, line, clean(Form(values=values)))


async def change(request: Request) -> Response:
    line = await _line(request)
    posted = await read_form(request)
    try:
        await service.change_recipient(
            line.id, _given(posted), actor_id=require(request).account_id, now=clock.now()
        )
    except DomainError as refused:
        return await _answer(request, line, _again(posted, refused))
    flash(request, "good", _("The trainer organisation is saved. It holds from the next look on."))
    return redirect("/staff/recipients")


def _given(posted: Posted) -> RecipientGiven:
    read = Reading(posted)
    given = read.some(**{name: name for name in FIELDS})
    return read.command(RecipientGiven, given, place=_placed)


def _placed(error: FieldError) -> str:
    return error.field or "agreement_until"


def _again(posted: Posted, refused: DomainError) -> Again:
    return again(posted.form(), refused, conflicts={RecipientKnown: "name"})


async def _answer(request: Request, line: RecipientLine | None, shown: Again) -> Response:
    now = clock.now()
    given = await given_to_recipients(now=now) if line else {}
    packs = await packs_of_recipient(line.id, now=now) if line else []
    page = RecipientPage(
        desk(request, shown.trouble),
        line.id if line else None,
        line.name if line else _("New trainer organisation"),
        f"/staff/recipients/{line.id}" if line else "/staff/recipients/new",
        shown.form,
        countries(shown.form.values.get("country", "")),
        _standing(line, _today(now)) if line else "",
        _given_shown(given.get(line.id), await _views(line.id)) if line else _given_shown(None),
        tuple(pack_row(each, now=now) for each in packs),
    )
    return page_response(request, "staff/recipient.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/recipients", show_all, STAFF),
    get("/staff/recipients/new", new, STAFF),
    post("/staff/recipients/new", add, STAFF),
    get("/staff/recipients/{id}", edit, STAFF),
    post("/staff/recipients/{id}", change, STAFF),
)
