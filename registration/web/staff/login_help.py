"""Help for somebody who has lost a second factor: one checks who they are, another confirms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import helping
from registration.accounts.helping import HelpLine
from registration.accounts.queries import AccountLine, names_of
from registration.accounts.rules import HelpNotFound, IdentityCheck
from registration.edge import (
    Endpoint,
    flash,
    get,
    page_response,
    post,
    read_form,
    redirect,
    require,
    settings,
)
from registration.errors import DomainError
from registration.forms import Command, Form
from registration.i18n import N_, _
from registration.web.contact_form import Option
from registration.web.staff.accounts import account_line
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading

WAYS: Mapping[IdentityCheck, str] = {
    IdentityCheck.SEEN: N_("I saw the person, and know them or looked at their document"),
    IdentityCheck.CALLED_BACK: N_("I called back a number that we already had"),
    IdentityCheck.VIDEO: N_("I saw the person on video, and know them"),
}


class CheckGiven(Command):
    how: IdentityCheck


@dataclass(frozen=True, slots=True)
class HelpPage:
    """``help`` None: nobody asked. ``mine``: the reader checked it, so another must confirm;
    ``own``: it is the reader's own account."""

    desk: Desk
    account: AccountLine
    help: HelpLine | None
    asked_by: str
    checked_by: str
    checked_how: str
    mine: bool
    own: bool
    ways: tuple[Option, ...]
    form: Form


async def show(request: Request) -> Response:
    return await _answer(request, await account_line(request), clean(Form()))


async def ask(request: Request) -> Response:
    line, who = await account_line(request), require(request)
    await helping.ask_help(line.id, asked_by=who.account_id, now=clock.now())
    return redirect(f"/staff/accounts/{line.id}/help")


async def check(request: Request) -> Response:
    line, posted = await account_line(request), await read_form(request)
    try:
        given = Reading(posted).command(CheckGiven, Reading(posted).some(how="how"))
        await helping.check_identity(
            (await _waiting(line)).id,
            given.how,
            actor_id=require(request).account_id,
            now=clock.now(),
        )
    except HelpNotFound:
        raise
    except DomainError as refused:
        return await _answer(request, line, again(posted.form(), refused))
    flash(request, "good", _("It is on record how you checked. Another administrator confirms."))
    return redirect(f"/staff/accounts/{line.id}/help")


async def confirm(request: Request) -> Response:
    line = await account_line(request)
    try:
        await helping.confirm_help(
            (await _waiting(line)).id,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except HelpNotFound:
        raise
    except DomainError as refused:
        return await _answer(request, line, again(Form(), refused))
    flash(request, "good", _("The second factors are gone, and the person is told by mail."))
    return redirect(f"/staff/accounts/{line.id}")


async def refuse(request: Request) -> Response:
    line = await account_line(request)
    await helping.refuse_help(
        (await _waiting(line)).id, actor_id=require(request).account_id, now=clock.now()
    )
    flash(request, "info", _("The request is closed. Nothing was changed."))
    return redirect(f"/staff/accounts/{line.id}")


async def _waiting(line: AccountLine) -> HelpLine:
    """Raises ``HelpNotFound``."""
    found = await helping.help_asked(account_id=line.id, now=clock.now())
    if not found:
        raise HelpNotFound
    return found[0]


async def _answer(request: Request, line: AccountLine, shown: Again) -> Response:
    me = require(request).account_id
    found = await helping.help_asked(account_id=line.id, now=clock.now())
    waiting = found[0] if found else None
    names = (
        await names_of(each for each in (waiting.asked_by, waiting.checked_by) if each)
        if waiting
        else {}
    )
    how = waiting.checked_how if waiting else ""
    page = HelpPage(
        desk(request, shown.trouble),
        line,
        waiting,
        names.get(waiting.asked_by, "–") if waiting and waiting.asked_by else "",
        names.get(waiting.checked_by, "–") if waiting and waiting.checked_by else "",
        _(WAYS[IdentityCheck(how)]) if how else "",
        waiting is not None and waiting.checked_by == me,
        line.id == me,
        tuple((way.value, _(text)) for way, text in WAYS.items()),
        shown.form,
    )
    return page_response(request, "staff/login_help.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/accounts/{id}/help", show, STAFF, fresh=True),
    post("/staff/accounts/{id}/help", ask, STAFF, fresh=True),
    post("/staff/accounts/{id}/help/check", check, STAFF, fresh=True),
    post("/staff/accounts/{id}/help/confirm", confirm, STAFF, fresh=True),
    post("/staff/accounts/{id}/help/refuse", refuse, STAFF, fresh=True),
)
