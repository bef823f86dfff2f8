"""Stopping mail by the link in it: one button for people, one request for their mail program.

Opening the link changes nothing, for scanners open links. What is sent to it stops that mail at
once, wherever it was sent from and whoever is logged in (RFC 8058); sent again, it stays stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.edge import (
    ANYONE,
    Endpoint,
    Of,
    Unreadable,
    get,
    language,
    page_response,
    path_text,
    read_form,
    settings,
)
from registration.i18n import N_, _
from registration.mail.stopping import Stop, read_stop
from registration.people.allowing import PURPOSE_OF, SENT, NoFrom
from registration.people.prohibitions import forbid_key, standing_at
from registration.people.rules import Purpose

MAX_FIELDS = 10
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
# As they stand after "Stop" and "You get no more".
NAMES: Mapping[Purpose, str] = {
    Purpose.NEWSLETTER: N_("newsletters"),
    Purpose.SURVEYS: N_("surveys"),
    Purpose.MARKETING: N_("offers"),
}


@dataclass(frozen=True, slots=True)
class StopPage:
    """``what`` is stopped or would be, empty for a link that is none of ours; ``others``: what else
    goes to the address, by purpose and name."""

    what: str
    done: bool
    others: tuple[tuple[str, str], ...]
    action: str


async def ask(request: Request) -> Response:
    stop = _stop(request)
    return await _page(request, stop, {PURPOSE_OF[stop.purpose]} if stop else set(), done=False)


async def stop_it(request: Request) -> Response:
    """Whatever the request holds: that it came to this address says all."""
    stop = _stop(request)
    if stop is None:
        return await _page(request, None, set(), done=False)
    purposes = {PURPOSE_OF[stop.purpose]}
    try:
        also = (await read_form(request, max_fields=MAX_FIELDS)).many("also")
        purposes |= {purpose for purpose in SENT if purpose.value in also}
    except Unreadable:
        pass  # no form of ours, so it adds nothing
    ordered = [purpose for purpose in SENT if purpose in purposes]
    await forbid_key(stop.address_hash, ordered, source=NoFrom.LINK, now=clock.now())
    return await _page(request, stop, purposes, done=True)


def _stop(request: Request) -> Stop | None:
    return read_stop(path_text(request, "token"), settings(request))


async def _page(
    request: Request, stop: Stop | None, purposes: set[Purpose], *, done: bool
) -> Response:
    standing = await standing_at(stop.address_hash) if stop else set()
    page = StopPage(
        ", ".join(_(NAMES[purpose]) for purpose in SENT if purpose in purposes),
        done,
        tuple(
            (purpose.value, _(NAMES[purpose]))
            for purpose in SENT
            if purpose in standing and purpose not in purposes
        ),
        f"{request.url.path}?lang={language(request)}",
    )
    return page_response(
        request, "public/unsubscribe.html", page, headers=HEADERS, status=200 if stop else 404
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/unsubscribe/{token}", ask, ANYONE, whose=Of.SECRET),
    Endpoint(
        path="/unsubscribe/{token}",
        handler=stop_it,
        access=ANYONE,
        methods=("POST",),
        whose=Of.SECRET,
        from_anywhere=True,
    ),
)
