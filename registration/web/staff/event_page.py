"""One event: its guests, its organisers, and the deadline of its food restrictions (P3, P4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import queries as accounts
from registration.accounts.grants import GrantNotFound, delegate, end_grant
from registration.accounts.overview import Holder, holders
from registration.accounts.rules import (
    LONGEST_GRANT,
    AccountNotFound,
    MayNotGrant,
    NotToOneself,
    Role,
)
from registration.catalogue.lines import EventLine
from registration.catalogue.queries import event_offering
from registration.catalogue.rules import State
from registration.catering.lost import ask_again, lost_diets
from registration.edge import (
    Endpoint,
    Of,
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
from registration.enrolment.listing import people_on
from registration.enrolment.rules import AlreadySignedUp
from registration.errors import DomainError, FieldError
from registration.forms import Command, Form, Refused
from registration.i18n import N_, _, format_moment, ngettext, text_in
from registration.ledger.looks import look
from registration.ledger.queries import ReceiptLine, receipts
from registration.people.rules import Email, clean_text
from registration.web.contact_form import Option, flat, languages
from registration.web.paging import page_number
from registration.web.said import Said, said_of
from registration.web.staff.desk import EITHER, Again, Desk, again, clean, desk
from registration.web.staff.events import own_event
from registration.web.staff.people import PEOPLE_ON_PAGE, People, add_person, people_shown
from registration.web.staff.seating import SeatingPart, seating_part
from registration.web.staff.sessions import shown_state
from registration.web.staff.typed import Reading

AFTER_EVENT = timedelta(days=30)
NO_ACCOUNT = N_("There is no account with this address. Staff can add one first.")


class OrganiserGiven(Command):
    account: Email
    reason: Annotated[str, BeforeValidator(clean_text), Field(max_length=200)]


@dataclass(frozen=True, slots=True)
class DietsSaid:
    """What is said of an event's food restrictions: when they go, or went; ``late``: they should
    be gone and are not. Times are written in the event's zone."""

    go: str
    gone: str
    late: bool
    receipts: tuple[ReceiptLine, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    """``mine``: the reader organises it, and may see food restrictions. ``lost`` are then the names
    of guests whose food restrictions are not there any more, and who can be asked again."""

    desk: Desk
    id: UUID
    path: str
    title: str
    state: str
    said: Said
    opens_at: datetime | None
    closes_at: datetime
    seating: SeatingPart
    over: bool
    mine: bool
    diets: DietsSaid | None
    lost: tuple[str, ...]
    people: People
    person: Form
    languages: tuple[Option, ...]
    organisers: tuple[Holder, ...]
    organiser: Form


async def show(request: Request) -> Response:
    line = await own_event(request)
    await look(require(request).account_id, line.id, now=clock.now())
    return await _answer(request, line)


async def add(request: Request) -> Response:
    line, posted = await own_event(request), await read_form(request)
    try:
        await add_person(request, event_offering(line), posted)
    except Refused as refused:
        shown = again(posted.form(), Refused(*flat(refused.errors)))
        return await _answer(request, line, person=shown)
    except DomainError as refused:
        shown = again(posted.form(), refused, conflicts={AlreadySignedUp: "email"})
        return await _answer(request, line, person=shown)
    return redirect(f"/staff/events/{line.id}#people")


async def give(request: Request) -> Response:
    line, posted = await own_event(request), await read_form(request)
    now = clock.now()
    try:
        read = Reading(posted)
        given = read.command(OrganiserGiven, read.some(account="account", reason="reason"))
        found = await accounts.account_ids(given.account)
        if not found:
            raise Refused(FieldError("account", "unknown", NO_ACCOUNT))
        await delegate(
            require(request),
            found[0],
            Role.ORGANISER,
            scope_id=line.id,
            reason=given.reason,
            until=organised_until(line, now=now),
            now=now,
        )
    except (NotToOneself, MayNotGrant) as refused:
        wrong = Refused(FieldError("account", refused.code, refused.message))
        return await _answer(request, line, organiser=again(posted.form(), wrong))
    except AccountNotFound as refused:
        wrong = Refused(FieldError("account", refused.code, NO_ACCOUNT))
        return await _answer(request, line, organiser=again(posted.form(), wrong))
    except DomainError as refused:
        return await _answer(request, line, organiser=again(posted.form(), refused))
    flash(request, "good", _("The organiser is added, and the reason is on record."))
    return redirect(f"/staff/events/{line.id}#organisers")


def organised_until(line: EventLine, *, now: datetime) -> datetime:
    """An organiser has the event until a month after it, or 13 months at the most."""
    return min(max(line.ends_at, now) + AFTER_EVENT, now + LONGEST_GRANT)


async def take(request: Request) -> Response:
    line, now = await own_event(request), clock.now()
    grant_id = path_id(request, "grant")
    known = await holders(Role.ORGANISER, scope_id=line.id, now=now)
    if grant_id not in {each.grant_id for each in known}:
        raise GrantNotFound
    who = require(request)
    await end_grant(grant_id, actor_id=who.account_id, now=now)
    flash(request, "good", _("This person no longer organises the event."))
    mine = any(each.grant_id == grant_id and each.account_id == who.account_id for each in known)
    if mine and Role.STAFF not in who.roles:
        return redirect("/staff/events")
    return redirect(f"/staff/events/{line.id}#organisers")


async def ask_lost(request: Request) -> Response:
    """Whose food restrictions were lost is asked again, once each."""
    line = await own_event(request)
    asked = await ask_again(
        line.id, identity=require(request), settings=settings(request), now=clock.now()
    )
    said = ngettext("{num} guest is asked by mail.", "{num} guests are asked by mail.", asked)
    flash(request, "good", said.format(num=asked))
    return redirect(f"/staff/events/{line.id}")


async def diets_said(line: EventLine, *, now: datetime) -> DietsSaid | None:
    """None for an event that never asked."""
    given = tuple(await receipts(event_id=line.id))
    if not line.catered and not given:
        return None
    zone = ZoneInfo(line.zone)
    gone = line.diets_deleted_at
    return DietsSaid(
        format_moment(line.erase_at, zone=zone) if line.erase_at else "",
        format_moment(gone, zone=zone) if gone else "",
        gone is None and line.erase_at is not None and now >= line.erase_at,
        given,
    )


async def _answer(
    request: Request,
    line: EventLine,
    *,
    person: Again | None = None,
    organiser: Again | None = None,
) -> Response:
    now = clock.now()
    person = person or clean(Form(values={"language": "fi"}))
    organiser = organiser or clean(Form())
    people = await people_on(line.seating_id, size=PEOPLE_ON_PAGE, number=page_number(request))
    seating, passed = await seating_part(line, people.counts)
    mine = require(request).organises(line.id)
    lost = await lost_diets(line, now=now) if mine else []
    page = EventPage(
        desk=desk(request, person.trouble or organiser.trouble),
        id=line.id,
        path=f"/events/{line.slug}",
        title=text_in(line.title),
        state=shown_state(line.state, line.ends_at, now=now),
        said=said_of(line),
        opens_at=line.opens_at,
        closes_at=line.closes_at,
        seating=seating,
        over=now >= line.ends_at or line.state is State.CANCELLED,
        mine=mine,
        diets=await diets_said(line, now=now),
        lost=tuple(place.name for place in lost),
        people=await people_shown(request, people, passed=passed, now=now),
        person=person.form,
        languages=languages(settings(request)),
        organisers=tuple(await holders(Role.ORGANISER, scope_id=line.id, now=now)),
        organiser=organiser.form,
    )
    status = max(person.status, organiser.status)
    return page_response(request, "staff/event.html", page, status=status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/events/{id}", show, EITHER),
    post("/staff/events/{id}/people", add, EITHER),
    post("/staff/events/{id}/ask-again", ask_lost, EITHER, whose=Of.EVENT),
    post("/staff/events/{id}/organisers", give, EITHER, fresh=True),
    post("/staff/events/{id}/organisers/{grant}/end", take, EITHER, fresh=True),
)
