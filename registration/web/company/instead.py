"""Who is to have a seat: somebody who works for the company, or a new person. For a place that goes
to somebody else, and for a seat that gets its name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.catalogue.rules import Offering
from registration.edge import (
    Endpoint,
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
from registration.enrolment import employees
from registration.enrolment.company_lines import contacts, own_seat
from registration.enrolment.holds import name_seat
from registration.errors import Conflict
from registration.forms import Form, Refused
from registration.i18n import _
from registration.people.rules import Contact, PersonNotFound
from registration.qualifications import workforce
from registration.qualifications.workforce import Name, Wanted
from registration.web.company.home import LONGEST_SEARCH
from registration.web.company.places import own_place
from registration.web.company.portal import COORDINATORS, Portal, portal_of
from registration.web.contact_form import Option, contact_given, countries, flat, languages
from registration.web.said import Said, said

SHOWN = 20
Put = Callable[[Contact], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Seat:
    """What is to be given: ``heading`` and ``lead`` say it, ``put`` gives it and says so."""

    portal: Portal
    offering: Offering
    action: str
    heading: str
    lead: str
    button: str
    put: Put

    @property
    def back(self) -> str:
        return self.portal.url(f"/company/sessions/{self.offering.id}")


@dataclass(frozen=True, slots=True)
class InsteadPage:
    """``people`` are the first of those found by ``words``, ``more`` were found besides."""

    portal: Portal
    said: Said
    action: str
    back: str
    heading: str
    lead: str
    button: str
    people: tuple[Name, ...]
    more: int
    words: str
    form: Form
    countries: tuple[Option, ...]
    languages: tuple[Option, ...]
    refused: str


async def _show(request: Request, seat: Seat) -> Response:
    start = Form(values={"language": require(request).language})
    return await _page(request, seat, start)


async def _give(request: Request, seat: Seat) -> Response:
    given = await read_form(request, max_fields=30)
    try:
        if "person" in given:
            contact = await _employee(seat.portal, given["person"])
        else:
            contact = contact_given(given, known=None, language=require(request).language)
        text = await seat.put(contact)
    except Refused as wrong:
        form = given.form().with_errors(flat(wrong.errors))
        return await _page(request, seat, form, status=422)
    except Conflict as refused:
        text = _(refused.message, **refused.params)
        return await _page(request, seat, given.form(), refused=text, status=409)
    flash(request, "good", text)
    return redirect(seat.back)


async def _employee(portal: Portal, text: str) -> Contact:
    """Raises ``PersonNotFound`` for who does not work for the company."""
    try:
        person_id = UUID(text)
    except ValueError:
        raise PersonNotFound from None
    return (await contacts(portal.id, [person_id], now=clock.now()))[person_id]


async def _page(
    request: Request, seat: Seat, form: Form, *, refused: str = "", status: int = 200
) -> Response:
    words = " ".join(request.query_params.get("q", "")[:LONGEST_SEARCH].split())
    wanted = Wanted(words=words, to_enrol=True)
    found = await workforce.names(seat.portal.id, wanted, now=clock.now())
    page = InsteadPage(
        portal=seat.portal,
        said=said(seat.offering),
        action=seat.action,
        back=seat.back,
        heading=seat.heading,
        lead=seat.lead,
        button=seat.button,
        people=tuple(found[:SHOWN]),
        more=max(0, len(found) - SHOWN),
        words=words,
        form=form,
        countries=countries(form.values.get("country", "")),
        languages=languages(settings(request)),
        refused=refused,
    )
    return page_response(request, "company/instead.html", page, status=status)


async def _substitution(request: Request) -> Seat:
    portal, line = await own_place(request)
    who = require(request)

    async def put(contact: Contact) -> str:
        await employees.substitute(
            line,
            contact,
            company_id=portal.id,
            actor_id=who.account_id,
            settings=settings(request),
            now=clock.now(),
        )
        return _("{new} comes instead of {old}.", new=contact.full_name, old=line.name)

    return Seat(
        portal,
        line.offering,
        f"/company/places/{line.id}/substitute",
        _("Somebody else instead of {name}", name=line.name),
        _("The new person takes over the place, and both get a mail about it."),
        _("Give the place to this person"),
        put,
    )


async def _naming(request: Request) -> Seat:
    who = require(request)
    held_id = path_id(request)
    offering, company_id = await own_seat(held_id, company_ids=who.companies)
    portal = await portal_of(request, company_id)

    async def put(contact: Contact) -> str:
        answer = await name_seat(
            held_id,
            contact,
            company_id=portal.id,
            actor_id=who.account_id,
            settings=settings(request),
            now=clock.now(),
        )
        if answer.awaits:
            return _("The seat is kept for {name} until it is approved.", name=contact.full_name)
        return _("{name} has a place.", name=contact.full_name)

    return Seat(
        portal,
        offering,
        f"/company/seats/{held_id}/name",
        _("Who has this seat?"),
        _("The person gets a mail that says that {company} enrolled them.", company=portal.name),
        _("Give the seat to this person"),
        put,
    )


async def substitute_form(request: Request) -> Response:
    return await _show(request, await _substitution(request))


async def substitute(request: Request) -> Response:
    return await _give(request, await _substitution(request))


async def name_form(request: Request) -> Response:
    return await _show(request, await _naming(request))


async def name(request: Request) -> Response:
    return await _give(request, await _naming(request))


ROUTES: tuple[Endpoint, ...] = (
    get("/company/places/{id}/substitute", substitute_form, COORDINATORS),
    post("/company/places/{id}/substitute", substitute, COORDINATORS),
    get("/company/seats/{id}/name", name_form, COORDINATORS),
    post("/company/seats/{id}/name", name, COORDINATORS),
)
