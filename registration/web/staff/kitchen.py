"""What the kitchen cooks by, and the food restrictions themselves: for that event's organisers,
each look on record (P3, P4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue.lines import EventLine
from registration.catalogue.queries import event_offering
from registration.catering.links import (
    LinkGiven,
    LinkLine,
    latest_end,
    links_of,
    make_link,
    revoke_link,
)
from registration.catering.rules import NotCatered, NotYourEvent, kitchen_closes_at, reveal
from registration.catering.service import GuestDiet, diets_of_event
from registration.catering.sheets import (
    Handed,
    Road,
    Sheet,
    Untold,
    changes,
    hand_out,
    last_handed,
    sheet_of,
)
from registration.edge import (
    Endpoint,
    Of,
    flash,
    get,
    language,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import DomainError
from registration.forms import Form
from registration.i18n import LANGUAGES, N_, _, format_moment, ngettext, text_in
from registration.press import SheetDocument, SheetTable, print_sheet
from registration.web.diet_form import diet_words
from registration.web.kitchen_sheet import (
    Changed,
    document,
    facts,
    notes,
    said_changes,
    spreadsheet,
    tables,
)
from registration.web.meals import meal_label
from registration.web.said import Said, said_of
from registration.web.staff.desk import EITHER, Again, Desk, again, clean, desk
from registration.web.staff.event_page import DietsSaid, diets_said
from registration.web.staff.events import own_event
from registration.web.staff.typed import Reading

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROADS: Mapping[Road, str] = {
    Road.PRINT: N_("shown for printing"),
    Road.PDF: N_("as PDF"),
    Road.XLSX: N_("as a spreadsheet"),
    Road.CATERER: N_("opened by the caterer"),
}


@dataclass(frozen=True, slots=True)
class GuestRow:
    """``lost``: what was given cannot be read any more."""

    name: str
    company: str
    needs: tuple[str, ...]
    allergies: tuple[str, ...]
    other: str
    serious: bool
    contact: bool
    meals: str
    lost: bool


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since a version left the house. ``late``: the kitchen had closed its list."""

    version: int
    when: str
    road: str
    changes: tuple[Changed, ...]
    late: bool


@dataclass(frozen=True, slots=True)
class KitchenPage:
    """``tables`` empty: the food restrictions were deleted. ``until``: how long guests change what
    they said, ``closed`` that this is over. ``untold`` is what the sheet leaves out, in words;
    ``made`` the address of a link that was made just now: it is shown once."""

    desk: Desk
    id: UUID
    title: str
    back: str
    diets: DietsSaid
    facts: tuple[tuple[str, str], ...]
    tables: tuple[SheetTable, ...]
    notes: tuple[str, ...]
    until: str
    closed: bool
    since: Since | None
    untold: tuple[str, ...]
    links: Sequence[LinkLine]
    link_end: str
    zone: ZoneInfo
    form: Form
    made: str


@dataclass(frozen=True, slots=True)
class PrintPage:
    sheet: SheetDocument
    ends: str


@dataclass(frozen=True, slots=True)
class DietsPage:
    """``guests`` None: the food restrictions were deleted."""

    desk: Desk
    title: str
    said: Said
    id: UUID
    back: str
    diets: DietsSaid
    guests: tuple[GuestRow, ...] | None


async def _catered(request: Request) -> tuple[EventLine, DietsSaid]:
    """Raises ``EventNotFound``, ``NotYourEvent``, ``NotCatered``."""
    line = await own_event(request)
    if not require(request).organises(line.id):
        raise NotYourEvent
    found = await diets_said(line, now=clock.now())
    if found is None:
        raise NotCatered
    return line, found


async def kitchen(request: Request) -> Response:
    return await _kitchen(request)


async def _kitchen(request: Request, *, form: Again | None = None, made: str = "") -> Response:
    line, found = await _catered(request)
    form = form or clean(Form())
    who, now, zone = require(request), clock.now(), ZoneInfo(line.zone)
    sheet, untold, since = None, Untold(), None
    if not found.gone:
        house = settings(request)
        sheet, untold = await sheet_of(line.id, identity=who, settings=house, now=now)
        last = await last_handed(line, settings=house, now=now)
        since = _since(last, sheet, line, now=now) if last else None
    closes = kitchen_closes_at(event_offering(line))
    page = KitchenPage(
        desk=desk(request, form.trouble),
        id=line.id,
        title=text_in(line.title),
        back=f"/staff/events/{line.id}",
        diets=found,
        facts=facts(line),
        tables=tables(sheet) if sheet else (),
        notes=notes(),
        until=format_moment(closes, zone=zone),
        closed=now >= closes,
        since=since,
        untold=_untold(untold),
        links=() if found.gone else await links_of(line.id, identity=who, now=now),
        link_end=format_moment(latest_end(line), zone=zone),
        zone=zone,
        form=form.form,
        made=made,
    )
    return page_response(request, "staff/kitchen.html", page, status=form.status, headers=NO_STORE)


def _since(last: Handed, sheet: Sheet, line: EventLine, *, now: datetime) -> Since:
    return Since(
        version=last.version,
        when=format_moment(last.made_at, zone=ZoneInfo(line.zone)),
        road=_(ROADS[last.road]),
        changes=said_changes(changes(last.sheet, sheet), sheet),
        late=now >= kitchen_closes_at(event_offering(line)),
    )


def _untold(untold: Untold) -> tuple[str, ...]:
    said = (
        (
            untold.rare,
            ngettext(
                "{num} guest has wishes of their own: too few for the sheet.",
                "{num} guests have wishes of their own: too few for the sheet.",
                untold.rare,
            ),
        ),
        (
            untold.own_words,
            ngettext(
                "{num} guest wrote something in their own words.",
                "{num} guests wrote something in their own words.",
                untold.own_words,
            ),
        ),
        (
            untold.serious,
            ngettext(
                "{num} guest has a serious allergy and did not agree to a line of their own.",
                "{num} guests have a serious allergy and did not agree to a line of their own.",
                untold.serious,
            ),
        ),
        (
            untold.lost,
            ngettext(
                "What {num} guest said cannot be read any more. Ask them to give it again.",
                "What {num} guests said cannot be read any more. Ask them to give it again.",
                untold.lost,
            ),
        ),
    )
    return tuple(text.format(num=number) for number, text in said if number)


async def _document(request: Request, road: Road) -> SheetDocument:
    line, _found = await _catered(request)
    who, now = require(request), clock.now()
    handed = await hand_out(line.id, road, identity=who, settings=settings(request), now=now)
    return document(handed, line, by=who.name, now=now, language=language(request))


async def kitchen_print(request: Request) -> Response:
    page = PrintPage(await _document(request, Road.PRINT), "")
    return page_response(request, "kitchen/sheet.html", page, headers=NO_STORE)


async def kitchen_pdf(request: Request) -> Response:
    content = await print_sheet(await _document(request, Road.PDF), settings=settings(request))
    return _file(content, "application/pdf", "kitchen.pdf", shown="inline")


async def kitchen_xlsx(request: Request) -> Response:
    content = spreadsheet(await _document(request, Road.XLSX))
    return _file(content, XLSX, "kitchen.xlsx")


def _file(content: bytes, kind: str, name: str, *, shown: str = "attachment") -> Response:
    disposition = {"Content-Disposition": f'{shown}; filename="{name}"'}
    return Response(content, media_type=kind, headers={**NO_STORE, **disposition})


async def make_caterer_link(request: Request) -> Response:
    line, _found = await _catered(request)
    posted = await read_form(request)
    try:
        read = Reading(posted)
        ends_at = read.moment("ends_at", ZoneInfo(line.zone))
        given = read.command(LinkGiven, {"caterer": read.text("caterer"), "ends_at": ends_at})
        secret = await make_link(line.id, given, identity=require(request), now=clock.now())
    except DomainError as refused:
        return await _kitchen(request, form=again(posted.form(), refused))
    spoken = posted.get("language", "")
    query = f"?lang={spoken}" if spoken in LANGUAGES else ""
    made = f"{settings(request).base_url}/kitchen/{secret}{query}"
    return await _kitchen(request, made=made)


async def end_caterer_link(request: Request) -> Response:
    line, _found = await _catered(request)
    await revoke_link(line.id, path_id(request, "link"), identity=require(request), now=clock.now())
    flash(request, "good", _("The link leads nowhere any more."))
    return redirect(f"/staff/events/{line.id}/kitchen#caterers")


async def diets(request: Request) -> Response:
    line, found = await _catered(request)
    guests = None
    if not found.gone:
        guests = await diets_of_event(
            line.id,
            identity=require(request),
            road="page",
            settings=settings(request),
            now=clock.now(),
        )
    page = DietsPage(
        desk(request),
        text_in(line.title),
        said_of(line),
        line.id,
        f"/staff/events/{line.id}",
        found,
        None if guests is None else tuple(_guest(each, line) for each in guests),
    )
    return page_response(request, "staff/diets.html", page, headers=NO_STORE)


def _guest(guest: GuestDiet, line: EventLine) -> GuestRow:
    if guest.diet is None:
        return GuestRow(guest.name, guest.company, (), (), "", False, False, "", True)
    shown = reveal(guest.diet)
    taken = [meal_label(meal) for meal in line.meals if meal.id not in shown.skipped]
    return GuestRow(
        guest.name,
        guest.company,
        diet_words(shown.needs),
        diet_words(shown.allergies),
        shown.other,
        shown.serious,
        shown.contact,
        "; ".join(taken) if shown.skipped else _("All of them"),
        False,
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/events/{id}/kitchen", kitchen, EITHER, whose=Of.EVENT, fresh=True),
    get("/staff/events/{id}/kitchen/print", kitchen_print, EITHER, whose=Of.EVENT, fresh=True),
    get("/staff/events/{id}/kitchen.pdf", kitchen_pdf, EITHER, whose=Of.EVENT, fresh=True),
    get("/staff/events/{id}/kitchen.xlsx", kitchen_xlsx, EITHER, whose=Of.EVENT, fresh=True),
    post("/staff/events/{id}/kitchen/links", make_caterer_link, EITHER, whose=Of.EVENT, fresh=True),
    post(
        "/staff/events/{id}/kitchen/links/{link}/end",
        end_caterer_link,
        EITHER,
        whose=Of.EVENT,
        fresh=True,
    ),
    get("/staff/events/{id}/diets", diets, EITHER, whose=Of.EVENT, fresh=True),
)
