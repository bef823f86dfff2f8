"""What a company told us of somebody it enrolled, before that person: right, wrong, or unwanted.

Opened by the link in the mail, without a login. Nothing happens until a form is sent: mail scanners
follow links.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    Posted,
    check_limit,
    flash,
    get,
    limit,
    page_response,
    path_text,
    post,
    read_form,
    redirect,
    settings,
)
from registration.edge.call import call_of
from registration.edge.limits import MISSED_LOOKUPS
from registration.enrolment.agreeing import (
    LINK_LIFE,
    LONGEST_REASON,
    AlreadyObjected,
    Enrolled,
    EnrolledLinkEnded,
    agree,
    object_to,
    open_link,
)
from registration.enrolment.service import cancel
from registration.errors import Conflict, Invalid
from registration.forms import Form
from registration.i18n import N_, _, speaking
from registration.people.rules import Contact, Source, show_phone
from registration.privacy.held_codes import FIELDS
from registration.settings import Organisation
from registration.web.contact_form import (
    Option,
    contact_given,
    contact_values,
    countries,
    flat,
    languages,
)
from registration.web.said import Said, said

# As of the pages of certificates: the address is a secret, and shows somebody's data.
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "strict-origin",
}
# Where the data came from (GDPR Art. 14 (2) (f)).
SOURCES: Mapping[str, str] = {
    Source.COMPANY: N_("a form that the company filled in"),
    Source.IMPORT: N_("a list that the company sent us"),
    Source.API: N_("the company's own system"),
}


@dataclass(frozen=True, slots=True)
class Differs:
    """A field that the company gave differently from what we know."""

    field: str
    label: str
    now: str
    value: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EnrolledPage:
    """``ends_at``: when the link ends. ``trouble``: why nothing was done."""

    action: str
    said: Said
    status: str
    stands: bool
    company: str
    source: str
    email: str
    organisation: Organisation
    form: Form
    differs: tuple[Differs, ...]
    countries: tuple[Option, ...]
    languages: tuple[Option, ...]
    agreed_at: datetime | None
    objected_at: datetime | None
    ends_at: datetime
    trouble: str


async def show(request: Request) -> Response:
    return await _opened(request, _show)


async def _show(request: Request, enrolled: Enrolled) -> Response:
    return _answer(request, enrolled, Form(values=contact_values(enrolled.contact)))


async def _opened(
    request: Request, work: Callable[[Request, Enrolled], Awaitable[Response]]
) -> Response:
    """What ``work`` does with what the link opens, in the language of the person whom it was sent
    to unless the reader has chosen another."""
    check_limit(request, MISSED_LOOKUPS)
    token = path_text(request, "token")
    try:
        enrolled = await open_link(token, settings=settings(request), now=clock.now())
    except EnrolledLinkEnded:
        await limit(request, MISSED_LOOKUPS)
        return page_response(request, "public/link_ended.html", None, status=404, headers=HEADERS)
    call = call_of(request.scope)
    if not call.chosen and enrolled.contact.language in settings(request).languages:
        call.language = enrolled.contact.language
    with speaking(call.language):
        return await work(request, enrolled)


def _answer(
    request: Request, enrolled: Enrolled, form: Form, *, status: int = 200, trouble: str = ""
) -> Response:
    place, values = enrolled.place, contact_values(enrolled.contact)
    page = EnrolledPage(
        action=f"/enrolled/{path_text(request, 'token')}",
        said=said(place.offering),
        status=place.status.value,
        stands=enrolled.stands,
        company=enrolled.company.name,
        source=_(SOURCES.get(place.source, SOURCES[Source.COMPANY])),
        email=enrolled.contact.email,
        organisation=settings(request).organisation,
        form=form,
        differs=tuple(
            Differs(
                line.field,
                _(FIELDS[line.field]),
                values[line.field],
                show_phone(line.value) if line.field == "phone" else line.value,
                line.suggested_at,
            )
            for line in enrolled.suggestions
        ),
        countries=countries(form.values.get("country", "")),
        languages=languages(settings(request)),
        agreed_at=enrolled.agreed_at,
        objected_at=enrolled.objected_at,
        ends_at=min(place.created_at + LINK_LIFE, place.offering.ends_at),
        trouble=trouble,
    )
    return page_response(request, "public/enrolled.html", page, status=status, headers=HEADERS)


async def confirm(request: Request) -> Response:
    return await _opened(request, _confirm)


async def _confirm(request: Request, enrolled: Enrolled) -> Response:
    posted = await read_form(request)
    try:
        contact = contact_of(posted, enrolled)
        await agree(enrolled, contact, now=clock.now())
    except Invalid as wrong:
        form = posted.form().with_errors(flat(wrong.errors))
        return _answer(request, enrolled, form, status=422)
    except Conflict as conflict:
        trouble = _(conflict.message, **conflict.params)
        return _answer(request, enrolled, posted.form(), status=409, trouble=trouble)
    with speaking(contact.language):
        flash(request, "good", _("Thank you. What we hold of you is as you say."))
    return redirect(f"/enrolled/{path_text(request, 'token')}")


def contact_of(posted: Posted, enrolled: Enrolled) -> Contact:
    """What was typed, with the other data that was ticked. The e-mail address stays: another one
    takes a login. Raises ``Refused``."""
    known = enrolled.contact
    fixed = [(name, value) for name, value in posted.items() if name != "email"]
    typed = contact_given(
        Posted([*fixed, ("email", known.email)]), known=None, language=known.language
    )
    ticked = set(posted.many("take"))
    taken = {
        line.field: line.value
        for line in enrolled.suggestions
        if line.field in ticked and getattr(typed, line.field) == getattr(known, line.field)
    }
    return replace(typed, **taken)


async def refuse(request: Request) -> Response:
    return await _opened(request, _refuse)


async def _refuse(request: Request, enrolled: Enrolled) -> Response:
    """Objects, and gives the place up as well if that was ticked."""
    posted, now = await read_form(request), clock.now()
    known = Form(values=contact_values(enrolled.contact))
    reason = posted.get("reason", "").strip()
    if len(reason) > LONGEST_REASON:
        form = Form(values={**known.values, "reason": reason})
        trouble = _("Use at most {max_length} characters.", max_length=LONGEST_REASON)
        return _answer(request, enrolled, form, status=422, trouble=trouble)
    try:
        await object_to(enrolled, reason, settings=settings(request), now=now)
        said_so = _("Your objection is on record. We and the company have been told.")
    except AlreadyObjected as already:
        if "give_up" not in posted:
            return _answer(request, enrolled, known, status=409, trouble=_(already.message))
        said_so = ""
    if "give_up" in posted and enrolled.stands:
        try:
            await cancel(
                enrolled.place.id,
                actor_id=enrolled.place.person_id,
                settings=settings(request),
                now=now,
            )
            said_so = f"{said_so} {_('Your place is cancelled. A mail confirms it.')}".strip()
        except Conflict as conflict:
            flash(request, "bad", _(conflict.message, **conflict.params))
    if said_so:
        flash(request, "good", said_so)
    return redirect(f"/enrolled/{path_text(request, 'token')}")


ROUTES: tuple[Endpoint, ...] = (
    get("/enrolled/{token}", show, ANYONE, whose=Of.SECRET),
    post("/enrolled/{token}", confirm, ANYONE, whose=Of.SECRET),
    post("/enrolled/{token}/object", refuse, ANYONE, whose=Of.SECRET),
)
