"""A person's own erasure."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts.rules import Identity, Role
from registration.edge import (
    Endpoint,
    NotYours,
    forget_identity,
    get,
    page_response,
    post,
    read_form,
    require,
    roles,
    settings,
)
from registration.edge.answers import ROLE_NAMES
from registration.edge.cookies import login_line
from registration.errors import Conflict
from registration.i18n import _
from registration.privacy.erasure import Stays, erase, what_stays
from registration.privacy.request_rules import RequestKind
from registration.privacy.requests import note_done


@dataclass(frozen=True, slots=True)
class ErasePage:
    """``roles`` in words; ``unconfirmed``: the box was not ticked; ``refused``: why not now."""

    stays: Stays
    roles: tuple[str, ...]
    unconfirmed: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class ErasedPage:
    """``mailed``: the same is on its way by mail."""

    stays: Stays
    mailed: bool


def _own(request: Request) -> tuple[Identity, UUID]:
    who = require(request)
    if who.person_id is None:
        raise NotYours
    return who, who.person_id


async def show_erase(request: Request) -> Response:
    return await _erase_page(request)


async def _erase_page(
    request: Request, *, unconfirmed: bool = False, refused: str = "", status: int = 200
) -> Response:
    _who, person_id = _own(request)
    stays = await what_stays(
        person_id, now=clock.now(), schedule=settings(request).organisation.retention
    )
    page = ErasePage(
        stays=stays,
        roles=tuple(_(ROLE_NAMES[role]) for role in stays.roles),
        unconfirmed=unconfirmed,
        refused=refused,
    )
    return page_response(request, "privacy/erase.html", page, status=status)


async def do_erase(request: Request) -> Response:
    """The answer is the page that says what stays: there is no login any more to show it later."""
    who, person_id = _own(request)
    posted = await read_form(request)
    if posted.get("sure") != "1":
        return await _erase_page(request, unconfirmed=True, status=422)
    house = settings(request)
    try:
        erased = await erase(person_id, actor_id=who.account_id, settings=house, now=clock.now())
    except Conflict as conflict:
        refused = _(conflict.message, **conflict.params)
        return await _erase_page(request, refused=refused, status=409)
    await note_done(RequestKind.ERASURE, person_id, account_id=who.account_id, now=clock.now())
    forget_identity(request)
    mailed = bool(house.smtp_url or house.demo)
    response = page_response(request, "privacy/erased.html", ErasedPage(erased.stays, mailed))
    response.headers.append("Set-Cookie", login_line(house, ""))
    return response


PARTICIPANT = roles(Role.PARTICIPANT)

ROUTES: tuple[Endpoint, ...] = (
    get("/me/erase", show_erase, PARTICIPANT, fresh=True),
    post("/me/erase", do_erase, PARTICIPANT, fresh=True),
)
