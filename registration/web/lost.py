"""Somebody who is logged in by link, and has lost the second factor, asks for help here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import helping
from registration.edge import (
    LOGGED_IN,
    Endpoint,
    Of,
    get,
    page_response,
    post,
    redirect,
    require,
    settings,
)


@dataclass(frozen=True, slots=True)
class LostPage:
    """``until``: when the request ends that was made already; None: there is none."""

    until: datetime | None
    contact: str
    phone: str


async def show(request: Request) -> Response:
    found = await helping.help_asked(account_id=require(request).account_id, now=clock.now())
    house = settings(request).organisation
    page = LostPage(found[0].expires_at if found else None, house.email, house.phone)
    return page_response(request, "login/lost.html", page)


async def ask(request: Request) -> Response:
    await helping.ask_help(require(request).account_id, now=clock.now())
    return redirect("/login/lost")


ROUTES: tuple[Endpoint, ...] = (
    get("/login/lost", show, LOGGED_IN, whose=Of.ACCOUNT),
    post("/login/lost", ask, LOGGED_IN, whose=Of.ACCOUNT),
)
