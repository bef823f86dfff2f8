"""A no that somebody told staff: looked up and noted by typing the address.

Only a keyed hash of each address is kept, so that they cannot be listed. The address is posted: it
belongs in no address bar and no log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    Endpoint,
    Posted,
    flash,
    get,
    page_response,
    post,
    read_form,
    require,
    settings,
)
from registration.errors import FieldError, Invalid
from registration.forms import FieldRefused, Form, Refused
from registration.i18n import N_, _
from registration.people import queries as people
from registration.people.allowing import SENT, Channel, NoFrom, key_of
from registration.people.prohibitions import forbid
from registration.people.rules import Purpose
from registration.web.contact_form import Option
from registration.web.my_consents import CHANNELS, LABELS
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.news import Part, parts

LONGEST = 254
# As they stand after "Noted": how the no came.
SOURCES: Mapping[str, str] = {
    NoFrom.PAGE: N_("by the person, on their own page"),
    NoFrom.LINK: N_("by the link in a mail"),
    NoFrom.STAFF: N_("by staff"),
}


@dataclass(frozen=True, slots=True)
class NoRow:
    label: str
    since: datetime
    source: str


@dataclass(frozen=True, slots=True)
class ProhibitionsPage:
    """``asked``: an address was looked up, and ``rows`` are what it is closed to."""

    desk: Desk
    parts: tuple[Part, ...]
    form: Form
    channels: tuple[Option, ...]
    purposes: tuple[Option, ...]
    asked: bool
    rows: tuple[NoRow, ...]


async def show(request: Request) -> Response:
    return await _page(request, clean(Form(values={"channel": Channel.EMAIL.value})))


async def look_or_forbid(request: Request) -> Response:
    """What an address is closed to; with ``do=forbid`` it is closed to what was ticked first."""
    posted = await read_form(request)
    try:
        channel, address = _address(request, posted)
        if posted.get("do") == "forbid":
            await forbid(
                address,
                _purposes(posted),
                channel,
                source=NoFrom.STAFF,
                secret=settings(request).secret,
                actor_id=require(request).account_id,
                now=clock.now(),
            )
            flash(request, "good", _("It is noted. Nothing of this goes there any more."))
    except Invalid as refused:
        return await _page(request, again(posted.form(), refused))
    return await _page(request, clean(posted.form()), (channel, address))


def _address(request: Request, posted: Posted) -> tuple[Channel, str]:
    """Raises ``Refused``."""
    given = posted.get("channel", "")
    channel = Channel(given) if given in set(Channel) else Channel.EMAIL
    address = posted.get("address", "").strip()[:LONGEST]
    if not any(char.isalnum() for char in address):
        raise Refused(FieldError("address", "missing", N_("Write the address.")))
    try:
        key_of(channel, address, secret=settings(request).secret)
    except FieldRefused as wrong:
        raise Refused(FieldError("address", wrong.code, wrong.message, wrong.params)) from None
    return channel, address


def _purposes(posted: Posted) -> list[Purpose]:
    """Raises ``Refused``."""
    chosen = posted.many("purpose")
    purposes = [purpose for purpose in SENT if purpose.value in chosen]
    if not purposes:
        raise Refused(FieldError("purpose", "missing", N_("Tick what the person does not want.")))
    return purposes


async def _page(
    request: Request, shown: Again, asked: tuple[Channel, str] | None = None
) -> Response:
    rows: tuple[NoRow, ...] = ()
    if asked:
        channel, address = asked
        key = key_of(channel, address, secret=settings(request).secret)
        rows = tuple(
            NoRow(_(LABELS[no.purpose]), no.since, _(SOURCES[no.source]))
            for no in await people.noes([key])
            if no.channel is channel
        )
    page = ProhibitionsPage(
        desk(request, shown.trouble),
        parts(request),
        shown.form,
        tuple((each.value, _(CHANNELS[each])) for each in Channel),
        tuple((each.value, _(LABELS[each])) for each in SENT),
        asked is not None,
        rows,
    )
    return page_response(request, "staff/prohibitions.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/mail/prohibitions", show, STAFF),
    post("/staff/mail/prohibitions", look_or_forbid, STAFF),
)
