"""Signing up for a session or an event: page, form, confirmation; three requests in all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import uuid4
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from registration import db
from registration.accounts.proven import address_proven
from registration.catalogue.lines import SessionLine
from registration.catering.rules import Diet, asks, kitchen_closes_at
from registration.catering.service import register_guest
from registration.edge import (
    ANYONE,
    Endpoint,
    Posted,
    get,
    identity,
    language,
    page_response,
    post,
    read_form,
    settings,
)
from registration.enrolment.queries import Occupancy
from registration.enrolment.rules import (
    AlreadySignedUp,
    PrerequisitesMissing,
    ShownTo,
    SubmissionReused,
    Taken,
)
from registration.enrolment.service import SignUp, sign_up
from registration.errors import Conflict, FieldError, Invalid
from registration.forms import Form, Refused
from registration.i18n import N_, _, format_moment
from registration.people import queries as people
from registration.people.rules import Contact, Purpose, Source
from registration.people.service import correct
from registration.people.wording import CURRENT
from registration.web.calendar import place_url
from registration.web.contact_form import (
    ADDRESS,
    Option,
    contact_given,
    contact_values,
    countries,
    flat,
    languages,
)
from registration.web.diet_form import (
    DIET_FIELDS,
    DietChoices,
    diet_choices,
    diet_given,
    empty_diet_form,
)
from registration.web.kept import fill, is_anybody, mark, moment, zipped
from registration.web.offered import occupancy_of
from registration.web.public import Needed, needed_before
from registration.web.said import Said, said_of
from registration.web.standing import (
    Standing,
    overlap_text,
    standing_of,
    standing_text,
    tentative_text,
    terms_texts,
)
from registration.web.wanted import Wanted, wanted_event, wanted_session

NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
TRAP = "website"
OPTIONAL_CONSENTS = (Purpose.NEWSLETTER, Purpose.SURVEYS)
_SUBMISSION = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class SignUpPage:
    """``known``: who signs up is logged in, so that name and address stand. ``refused`` says why
    the sending was refused as a whole, ``lacks`` what must be completed first, ``look_at_me`` that
    ``/me`` tells more. ``offers``: a freed seat is offered, not given. ``diet``: the choices where
    food restrictions can be given, else None; ``kitchen_closed`` then says since when the kitchen
    takes none, where it did. ``consents``: each that can be ticked, with its words."""

    said: Said
    form: Form
    action: str
    occupancy: Occupancy
    standing: Standing
    standing_text: str
    known: bool
    refused: str
    lacks: tuple[str, ...]
    look_at_me: bool
    needs: tuple[Needed, ...]
    offers: bool
    tentative: str
    terms: tuple[str, ...]
    countries: tuple[Option, ...]
    languages: tuple[Option, ...]
    diet: DietChoices | None
    kitchen_closed: str
    consents: tuple[Option, ...]
    shows_form: bool

    @property
    def address_open(self) -> bool:
        """Whether the part for the postal address starts unfolded: something stands in it."""
        return self._touched(ADDRESS)

    @property
    def diet_open(self) -> bool:
        return self._touched(DIET_FIELDS)

    def _touched(self, names: tuple[str, ...]) -> bool:
        return any(self.form.values.get(name) or self.form.errors.get(name) for name in names)


@dataclass(frozen=True, slots=True)
class ConfirmationPage:
    """``position``: of who waits, in the queue; else empty. ``until``: when the place's hold ends,
    in its own zone; ``awaits`` what it still needs. ``overlaps``: what a person who is logged in
    has at the same time."""

    said: Said
    status: str
    position: str
    until: str
    awaits: str
    overlaps: tuple[str, ...]
    tentative: str
    offer_hours: int | None
    email: str
    calendar_url: str
    catered: bool
    known: bool


async def enrol_form(request: Request) -> Response:
    return await _empty_form(request, await wanted_session(request))


async def enrol(request: Request) -> Response:
    return await _submit(request, await wanted_session(request))


async def register_form(request: Request) -> Response:
    return await _empty_form(request, await wanted_event(request))


async def register(request: Request) -> Response:
    return await _submit(request, await wanted_event(request))


async def _empty_form(request: Request, wanted: Wanted) -> Response:
    """For a visitor whom we do not know only the token differs from the last one's form."""
    if is_anybody(request):
        return await _kept_form(request, wanted)
    contact = await known_contact(request)
    values = contact_values(contact) if contact else {"language": language(request)}
    form = replace(empty_diet_form(wanted.offering, values=values), token=uuid4().hex)
    return await _form_page(request, wanted, form, known=contact is not None)


async def _kept_form(request: Request, wanted: Wanted) -> Response:
    forms = moment(request, "forms", str)
    spoken = language(request)

    async def make() -> str:
        form = empty_diet_form(wanted.offering, values={"language": spoken})
        form = replace(form, token=mark("token"))
        response = await _form_page(request, wanted, form, known=False)
        return bytes(response.body).decode()

    page = await forms.get((request.url.path, request.url.query, spoken, db.generation()), make)
    return zipped(request, HTMLResponse(fill(page, {"token": uuid4().hex}), headers=NO_STORE))


async def _submit(request: Request, wanted: Wanted) -> Response:
    posted = await read_form(request)
    contact = await known_contact(request)
    token = posted.get("token", "")
    token = token if _SUBMISSION.match(token) else uuid4().hex
    form = replace(posted.form(), token=token)
    try:
        check_trap(posted)
        wish, diet = _wish(request, posted, known=contact, token=token, wanted=wanted)
        taken = await _take(wanted, wish, diet, request=request, known=contact)
    except Invalid as wrong:
        again = without_trap(form).with_errors(flat(wrong.errors))
        return await _form_page(request, wanted, again, known=contact is not None, status=422)
    except Conflict as conflict:
        if isinstance(conflict, SubmissionReused):
            form = replace(form, token=uuid4().hex)
        read = wanted_event if wanted.offering.kind == "event" else wanted_session
        wanted = await read(request, fresh=True)
        return await _form_page(
            request, wanted, form, known=contact is not None, status=409, conflict=conflict
        )
    own = {
        "email": wish.contact.email,
        "calendar": place_url(taken.id, settings(request)),
        "position": str(taken.position or ""),
    }
    if is_anybody(request) and not taken.overlaps:
        return await _kept_confirmation(request, wanted, taken, own)
    page = _confirmation(wanted, taken, own, known=contact is not None)
    return page_response(request, "signup/confirmation.html", page, headers=NO_STORE)


async def _kept_confirmation(
    request: Request, wanted: Wanted, taken: Taken, own: Mapping[str, str]
) -> Response:
    """Of those whom we do not know many are told the same but for what is their ``own``."""
    key = (
        *(request.url.path, request.url.query, language(request), db.generation()),
        *(taken.status, taken.until, taken.awaits),
    )

    async def make() -> str:
        marks = {name: mark(name) if value else "" for name, value in own.items()}
        page = _confirmation(wanted, taken, marks, known=False)
        return bytes(page_response(request, "signup/confirmation.html", page).body).decode()

    page = await moment(request, "confirmations", str).get(key, make)
    return HTMLResponse(fill(page, own), headers=NO_STORE)


def _confirmation(
    wanted: Wanted, taken: Taken, own: Mapping[str, str], *, known: bool
) -> ConfirmationPage:
    zone = ZoneInfo(wanted.offering.zone)
    return ConfirmationPage(
        said=said_of(wanted.line),
        status=taken.status.value,
        position=own["position"],
        until=format_moment(taken.until, zone=zone) if taken.until else "",
        awaits=taken.awaits.value,
        overlaps=tuple(overlap_text(each) for each in taken.overlaps),
        tentative=tentative_text(wanted.line),
        offer_hours=wanted.offering.terms.offer_hours,
        email=own["email"],
        calendar_url=own["calendar"],
        catered=wanted.asks_diet,
        known=known,
    )


async def _take(
    wanted: Wanted,
    wish: SignUp,
    diet: Diet | None,
    *,
    request: Request,
    known: Contact | None,
) -> Taken:
    who, now, house = identity(request), wanted.now, settings(request)
    if known and who and who.person_id and wish.contact != known:
        await correct(who.person_id, wish.contact, actor_id=who.account_id, now=now)
    if wish.consents and known and who and who.person_id:
        wish = replace(wish, proven=await address_proven(who.account_id, who.person_id))
    if wanted.offering.kind == "event":
        return await register_guest(wanted.offering, wish, diet, settings=house, now=now)
    return await sign_up(wanted.offering, wish, settings=house, now=now)


def _wish(
    request: Request, posted: Posted, *, known: Contact | None, token: str, wanted: Wanted
) -> tuple[SignUp, Diet | None]:
    """Raises ``Refused`` with the errors of every part at once."""
    errors: list[FieldError] = []
    contact = diet = None
    try:
        contact = contact_given(posted, known=known, language=language(request))
    except Invalid as wrong:
        errors += wrong.errors
    try:
        if wanted.offering.kind == "event":
            diet = diet_given(posted, wanted.offering)
    except Invalid as wrong:
        errors += wrong.errors
    if contact is None or errors:
        raise Refused(*errors)
    consents = tuple(purpose for purpose in OPTIONAL_CONSENTS if posted.get(purpose.value) == "1")
    who = identity(request)
    wish = SignUp(
        contact,
        Source.SELF,
        consents=consents,
        submission=token,
        shown_to=ShownTo.PERSON if known else ShownTo.NOBODY,
        logged_in=who.person_id if who else None,
        read_in=language(request),
    )
    return wish, diet


def check_trap(posted: Posted) -> None:
    """People do not see the field; programs that fill in every field do. A person whose browser
    filled it in sends the form again, and it is empty then."""
    if posted.get(TRAP):
        raise Refused(
            FieldError("", "trap", N_("A hidden field was filled in. It is empty now: send again."))
        )


def without_trap(form: Form) -> Form:
    return replace(form, values={**form.values, TRAP: ""})


async def _form_page(
    request: Request,
    wanted: Wanted,
    form: Form,
    *,
    known: bool,
    status: int = 200,
    conflict: Conflict | None = None,
) -> Response:
    occupancy = await occupancy_of(wanted.line)
    standing = standing_of(wanted.line, occupancy, now=wanted.now)
    page = SignUpPage(
        said=said_of(wanted.line),
        form=form,
        action=wanted.action,
        occupancy=occupancy,
        standing=standing,
        standing_text=standing_text(standing, wanted.line),
        known=known,
        refused=_(conflict.message, **conflict.params) if conflict else "",
        lacks=tuple(lack.said() for lack in conflict.lacks)
        if isinstance(conflict, PrerequisitesMissing)
        else (),
        look_at_me=isinstance(conflict, AlreadySignedUp),
        needs=await needed_before(wanted.line.training.id)
        if isinstance(wanted.line, SessionLine)
        else (),
        offers=wanted.offering.terms.offer_hours is not None,
        tentative=tentative_text(wanted.line),
        terms=terms_texts(wanted.line),
        countries=countries(form.values.get("country", "")),
        languages=languages(settings(request)),
        diet=diet_choices(wanted.offering) if wanted.asks_diet else None,
        kitchen_closed=_kitchen_closed(wanted),
        consents=tuple(
            (purpose.value, CURRENT[purpose].text(language(request)))
            for purpose in OPTIONAL_CONSENTS
        ),
        shows_form=standing.takes_people or status != 200,
    )
    return page_response(request, "signup/form.html", page, status=status, headers=NO_STORE)


def _kitchen_closed(wanted: Wanted) -> str:
    if wanted.asks_diet or not asks(wanted.offering, now=wanted.now):
        return ""
    closed = kitchen_closes_at(wanted.offering)
    return format_moment(closed, zone=ZoneInfo(wanted.offering.zone))


async def known_contact(request: Request) -> Contact | None:
    who = identity(request)
    return await people.contact(who.person_id) if who and who.person_id else None


ROUTES: tuple[Endpoint, ...] = (
    get("/sessions/{id}/enrol", enrol_form, ANYONE, name="enrol"),
    post("/sessions/{id}/enrol", enrol, ANYONE),
    get("/events/{slug}/register", register_form, ANYONE, name="register"),
    post("/events/{slug}/register", register, ANYONE),
)
