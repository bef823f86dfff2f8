"""Giving access and ending it: by hand, with a reason, never more than one holds (P3, P14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import grants
from registration.accounts.grants import GrantNotFound
from registration.accounts.overview import given_by
from registration.accounts.queries import AccountLine
from registration.accounts.rules import LastAdministrator, Role
from registration.catalogue import queries as catalogue
from registration.catalogue.rules import EventNotFound
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
)
from registration.errors import Conflict, FieldError, Invalid
from registration.forms import Command, Form, Refused
from registration.i18n import N_, _
from registration.web.staff.accounts import (
    CONFLICTS,
    Reason,
    account_answer,
    account_line,
    check_company,
)
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.granted import AccountRow, account_rows, end_of_day
from registration.web.staff.typed import Reading

NO_EVENT = N_("There is no such event.")
MOST_TOO = 200


class GrantGiven(Command):
    role: Role
    reason: Reason
    until: date | None = None
    company: UUID | None = None
    event: UUID | None = None


class EndGiven(Command):
    reason: Reason


@dataclass(frozen=True, slots=True)
class GivenOn:
    """Access that the holder has given to another, and that can end with theirs."""

    grant: UUID
    name: str
    role: str
    over: str


@dataclass(frozen=True, slots=True)
class EndPage:
    desk: Desk
    account: AccountRow
    role: str
    over: str
    action: str
    given: tuple[GivenOn, ...]
    form: Form


async def give(request: Request) -> Response:
    line, posted = await account_line(request), await read_form(request)
    try:
        read = Reading(posted)
        names = ("role", "reason", "until", "company", "event")
        given = read.command(GrantGiven, read.some(**{name: name for name in names}))
        scope_id = await _scope(given)
        await grants.delegate(
            require(request),
            line.id,
            given.role,
            scope_id=scope_id,
            reason=given.reason,
            until=end_of_day(given.until),
            now=clock.now(),
        )
    except (Conflict, Invalid) as refused:
        shown = again(posted.form(), refused, conflicts=CONFLICTS)
        return await account_answer(request, line, grant=shown)
    flash(request, "good", _("The access is given, and the reason is on record."))
    return redirect(f"/staff/accounts/{line.id}")


async def _scope(given: GrantGiven) -> UUID | None:
    """What the role is over. Raises ``Refused``."""
    if given.role is Role.COORDINATOR:
        await check_company(given.company)
        return given.company
    if given.role is Role.ORGANISER and given.event is not None:
        try:
            return (await catalogue.event(given.event)).id
        except EventNotFound:
            raise Refused(FieldError("event", "unknown", NO_EVENT)) from None
    return None


async def ask_end(request: Request) -> Response:
    line = await account_line(request)
    return await _end_answer(request, line, clean(Form()))


async def end(request: Request) -> Response:
    line, posted = await account_line(request), await read_form(request)
    grant_id = _own(line, request)
    try:
        read = Reading(posted)
        given = read.command(EndGiven, read.some(reason="reason"))
        await grants.end_grant(
            grant_id,
            actor_id=require(request).account_id,
            reason=given.reason,
            too=_ids(posted.many("too")),
            now=clock.now(),
        )
    except (Refused, LastAdministrator) as refused:
        return await _end_answer(request, line, again(posted.form(), refused))
    flash(request, "good", _("This access has ended."))
    return redirect(f"/staff/accounts/{line.id}")


def _own(line: AccountLine, request: Request) -> UUID:
    """The grant of the path, if it is the account's and stands. Raises ``GrantNotFound``."""
    grant_id, now = path_id(request, "grant"), clock.now()
    for each in line.grants:
        if each.id == grant_id and (each.ends_at is None or each.ends_at > now):
            return grant_id
    raise GrantNotFound


def _ids(texts: tuple[str, ...]) -> list[UUID]:
    found: list[UUID] = []
    for text in texts[:MOST_TOO]:
        try:
            found.append(UUID(text))
        except ValueError:
            raise GrantNotFound from None
    return found


async def _end_answer(request: Request, line: AccountLine, shown: Again) -> Response:
    now, grant_id = clock.now(), _own(line, request)
    (row,) = await account_rows([line], now=now)
    (ending,) = [each for each in row.grants if each.id == grant_id]
    theirs = await account_rows(await given_by(line.id, now=now), now=now)
    page = EndPage(
        desk(request, shown.trouble),
        row,
        ending.role,
        ending.over,
        ending.end,
        tuple(
            GivenOn(each.id, other.name, each.role, each.over)
            for other in theirs
            for each in other.grants
        ),
        shown.form,
    )
    return page_response(request, "staff/grant_end.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    post("/staff/accounts/{id}/grants", give, STAFF, fresh=True),
    get("/staff/accounts/{id}/grants/{grant}/end", ask_end, STAFF, fresh=True),
    post("/staff/accounts/{id}/grants/{grant}/end", end, STAFF, fresh=True),
)
