"""The mail that we sent a person: that it was, never what it said."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import Endpoint, flash, get, page_response, post, redirect, settings
from registration.i18n import _
from registration.mail.bounces import Dead, dead_address, try_again
from registration.mail.overview import log
from registration.people import queries as people
from registration.web.mail_words import MailRow, mail_row
from registration.web.me import OWN, own_id


@dataclass(frozen=True, slots=True)
class MyMailPage:
    """``dead``: mail to ``email`` came back, if it did."""

    email: str
    dead: Dead | None
    rows: tuple[MailRow, ...]


async def show(request: Request) -> Response:
    _who, person_id = own_id(request)
    contact = await people.contact(person_id)
    page = MyMailPage(
        contact.email,
        await dead_address(contact.email, settings=settings(request)),
        tuple(mail_row(line) for line in await log(person_ids=[person_id])),
    )
    return page_response(request, "me/mail.html", page)


async def again(request: Request) -> Response:
    """The person says that the address works: the next mail goes there."""
    _who, person_id = own_id(request)
    contact = await people.contact(person_id)
    if await try_again(contact.email, settings=settings(request), now=clock.now()):
        flash(request, "good", _("We write to this address again from the next mail on."))
    return redirect("/me/mail")


ROUTES: tuple[Endpoint, ...] = (
    get("/me/mail", show, OWN),
    post("/me/mail/again", again, OWN),
)
