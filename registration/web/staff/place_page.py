"""One place, and what staff do with it: answer its offer for the person, look at what the training
needs, move it, name somebody else, note who did not come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

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
    settings,
)
from registration.enrolment.admission import lacks_of
from registration.enrolment.agreeing import UNANSWERED, answers_of
from registration.enrolment.approvals import approve, refuse
from registration.enrolment.moving import MOVABLE, substitute, targets, transfer
from registration.enrolment.offers import accept_offer, decline_offer
from registration.enrolment.queries import PlaceLine, place
from registration.enrolment.rules import (
    AlreadySignedUp,
    Awaits,
    By,
    PlaceStatus,
    ShownTo,
    WhyNeeded,
)
from registration.enrolment.service import SignUp
from registration.errors import DomainError, FieldError
from registration.forms import MESSAGES, Form, Refused
from registration.i18n import N_, _, format_moment
from registration.ledger.looks import look
from registration.people.rules import Source, clean_text
from registration.privacy.restrictions import restricted
from registration.teaching.absences import came_after_all, no_show
from registration.web.contact_form import Option, contact_given, flat, languages
from registration.web.my_move import Choice, chosen, date_choices
from registration.web.said import Said, said
from registration.web.staff.desk import EITHER, STAFF, Again, Desk, again, clean, desk
from registration.web.staff.outcome_part import OutcomePart, outcome_part
from registration.web.staff.people import (
    SOURCES,
    lacking,
    managed_place,
    why_given,
    why_options,
)

LONGEST_REASON = 200
NEW_PERSON = Form(values={"language": "fi"})


@dataclass(frozen=True, slots=True)
class PlacePage:
    """``outcome`` is what is recorded of it. ``restricted``: the person restricted what is done
    with their data, or objected to some of it. ``offered``, ``checks``, ``moves``, ``names``,
    ``missed`` and ``misses`` say what can be done with it now: answering its offer, letting it in
    or not, moving it to one of ``dates``, naming somebody else, taking back that it was missed,
    noting that it was."""

    desk: Desk
    id: UUID
    name: str
    email: str
    company: str
    status: str
    position: int | None
    until: str
    awaits: str
    source: str
    since: str
    said: Said
    back: str
    lacks: tuple[str, ...]
    objects: bool
    restricted: bool
    offered: bool
    checks: bool
    dates: tuple[Choice, ...]
    names: bool
    misses: bool
    missed: bool
    cancels: bool
    outcome: OutcomePart | None
    whys: tuple[Option, ...]
    languages: tuple[Option, ...]
    check: Form
    move: Form
    person: Form


async def show(request: Request) -> Response:
    line = await managed_place(request, path_id(request))
    await look(require(request).account_id, line.offering.id, now=clock.now())
    return await _answer(request, line)


async def offer(request: Request) -> Response:
    line = await managed_place(request, path_id(request))
    word = (await read_form(request)).get("answer", "")
    who, house, now = require(request).account_id, settings(request), clock.now()
    try:
        if word == "accept":
            await accept_offer(line.id, actor_id=who, settings=house, now=now)
            flash(request, "good", _("{name} has the seat.", name=line.name))
        elif word == "decline":
            await decline_offer(line.id, actor_id=who, settings=house, now=now)
            flash(request, "good", _("The seat goes on to who waits next."))
    except DomainError as refused:
        return await _answer(request, await place(line.id), trouble=again(Form(), refused))
    return redirect(_back(line))


async def check(request: Request) -> Response:
    """Staff let the person in, for a reason, or tell why not."""
    line, posted = await managed_place(request, path_id(request)), await read_form(request)
    who, house, now = require(request).account_id, settings(request), clock.now()
    try:
        if posted.get("do") == "refuse":
            reason = _reason(posted)
            await refuse(
                [line.id], actor_id=who, company_id=None, reason=reason, settings=house, now=now
            )
            flash(request, "good", _("{name} is told why there is no place.", name=line.name))
        else:
            await approve(
                [line.id],
                actor_id=who,
                company_id=None,
                why=why_given(posted, needed=False),
                settings=house,
                now=now,
            )
            flash(
                request, "good", _("{name} is let in, and the reason is on record.", name=line.name)
            )
    except DomainError as refused:
        shown = again(posted.form(), lacking(refused))
        return await _answer(request, await place(line.id), check=shown)
    return redirect(_back(line))


def _reason(posted: Posted) -> str:
    reason = str(clean_text(posted.get("reason", "")))
    if not reason:
        raise Refused(FieldError("reason", "missing", MESSAGES["missing"]))
    if len(reason) > LONGEST_REASON:
        most = {"max_length": LONGEST_REASON}
        raise Refused(FieldError("reason", "too_long", MESSAGES["string_too_long"], most))
    return reason


async def move(request: Request) -> Response:
    line, posted = await managed_place(request, path_id(request)), await read_form(request)
    now = clock.now()
    wanted = chosen(await targets(line.id, now=now), posted.get("to", ""))
    try:
        if wanted is None:
            raise Refused(FieldError("to", "missing", N_("Choose the date that it moves to.")))
        await transfer(
            line.id,
            wanted,
            by=By.STAFF,
            actor_id=require(request).account_id,
            why=why_given(posted, "move_why", needed=False),
            settings=settings(request),
            now=now,
        )
    except DomainError as refused:
        shown = again(
            posted.form(), lacking(refused, "move_why"), conflicts={WhyNeeded: "move_why"}
        )
        return await _answer(request, await place(line.id), move=shown)
    flash(request, "good", _("{name} is on the other date now, and is told.", name=line.name))
    return redirect(_back(line))


async def name(request: Request) -> Response:
    """Somebody else has the place."""
    line, posted = await managed_place(request, path_id(request)), await read_form(request)
    who = require(request).account_id
    try:
        spoken = posted.get("language", "") or settings(request).languages[0]
        contact = contact_given(posted, known=None, language=spoken)
        wish = SignUp(
            contact,
            Source.STAFF,
            actor_id=who,
            shown_to=ShownTo.STAFF,
            waived=why_given(posted, "name_why", needed=False),
        )
        await substitute(line.id, wish, settings=settings(request), now=clock.now())
    except Refused as refused:
        shown = again(posted.form(), Refused(*flat(refused.errors)))
        return await _answer(request, line, person=shown)
    except DomainError as refused:
        shown = again(
            posted.form(), lacking(refused, "name_why"), conflicts={AlreadySignedUp: "email"}
        )
        return await _answer(request, await place(line.id), person=shown)
    flash(request, "good", _("{name} has the place now. Both are told.", name=contact.full_name))
    return redirect(_back(line))


async def absent(request: Request) -> Response:
    """That the person did not come, or that they did after all."""
    line = await managed_place(request, path_id(request))
    word = (await read_form(request)).get("do", "")
    who, now = require(request).account_id, clock.now()
    try:
        if word == "excuse":
            await came_after_all(line.id, actor_id=who, now=now)
            flash(
                request,
                "good",
                _("It is no longer noted that {name} did not come.", name=line.name),
            )
        else:
            await no_show(line.id, actor_id=who, now=now)
            flash(request, "good", _("It is noted that {name} did not come.", name=line.name))
    except DomainError as refused:
        return await _answer(request, await place(line.id), trouble=again(Form(), refused))
    return redirect(_back(line))


def _back(line: PlaceLine) -> str:
    return f"/staff/{line.offering.kind}s/{line.offering.id}#people"


async def _answer(
    request: Request,
    line: PlaceLine,
    *,
    trouble: Again | None = None,
    check: Again | None = None,
    move: Again | None = None,
    person: Again | None = None,
) -> Response:
    now, offering = clock.now(), line.offering
    forms = (trouble, check, move, person)
    zone = ZoneInfo(offering.zone)
    stands, session = line.ended_at is None, offering.kind == "session"
    settled = line.status is PlaceStatus.CONFIRMED
    movable = stands and session and line.status in MOVABLE and now < offering.starts_at
    page = PlacePage(
        desk=desk(request, next((each.trouble for each in forms if each and each.trouble), "")),
        id=line.id,
        name=line.name,
        email=line.email,
        company=line.company_name,
        status=line.status.value,
        position=line.position,
        until=format_moment(line.until, zone=zone) if line.until else "",
        awaits=line.awaits.value,
        source=_(SOURCES.get(line.source, line.source)),
        since=format_moment(line.created_at, zone=zone),
        said=said(offering),
        back=_back(line),
        lacks=await _lacks(line, now=now),
        objects=(await answers_of(line.person_id)).get(line.id, UNANSWERED)[1] is not None,
        restricted=line.person_id in await restricted([line.person_id]),
        offered=line.status is PlaceStatus.OFFERED,
        checks=stands and line.awaits is Awaits.CHECK,
        dates=date_choices(await targets(line.id, now=now)) if movable else (),
        names=stands and now < offering.ends_at,
        misses=settled and now >= offering.starts_at,
        missed=line.status is PlaceStatus.NO_SHOW,
        cancels=stands and now < offering.ends_at,
        outcome=await outcome_part(line),
        whys=why_options(),
        languages=languages(settings(request)),
        check=(check or clean(Form())).form,
        move=(move or clean(Form())).form,
        person=(person or clean(NEW_PERSON)).form,
    )
    status = max((each.status for each in forms if each), default=200)
    return page_response(request, "staff/place.html", page, status=status)


async def _lacks(line: PlaceLine, *, now: datetime) -> tuple[str, ...]:
    """What the person lacks now by our records, where that is to be looked at."""
    if line.awaits is not Awaits.CHECK:
        return ()
    found = await lacks_of([line.person_id], line.offering, now=now)
    return tuple(lack.said() for lack in found.get(line.person_id, ()))


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/places/{id}", show, EITHER),
    post("/staff/places/{id}/offer", offer, EITHER),
    post("/staff/places/{id}/check", check, STAFF),
    post("/staff/places/{id}/move", move, STAFF),
    post("/staff/places/{id}/name", name, EITHER),
    post("/staff/places/{id}/absent", absent, EITHER),
)
