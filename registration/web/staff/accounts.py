"""Personal accounts: who has which role, over what, since which agreement (P14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import queries as accounts
from registration.accounts import service
from registration.accounts.queries import AccountLine, GrantLine
from registration.accounts.rules import AccountExists, Role, ScopeNeeded
from registration.accounts.service import GrantNotFound
from registration.catalogue import queries as catalogue
from registration.companies import queries as companies
from registration.edge import (
    Endpoint,
    PageNotFound,
    Posted,
    flash,
    get,
    page_response,
    path_id,
    post,
    read_form,
    redirect,
    require,
)
from registration.edge.answers import ROLE_NAMES
from registration.errors import Conflict, DomainError, FieldError
from registration.forms import Command, Form, Refused
from registration.i18n import N_, _, text_in
from registration.people.rules import Email, Language, Line
from registration.web.contact_form import Option
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.typed import Reading, languages

GIVEN_BY_HAND = (Role.STAFF, Role.ORGANISER, Role.COORDINATOR, Role.TRAINER)
PAGE = 100
CONFLICTS: Mapping[type[Conflict], str] = {AccountExists: "email", ScopeNeeded: "company"}
NO_COMPANY = N_("A coordinator belongs to a company: say which.")
UNKNOWN_COMPANY = N_("There is no such company.")


class AccountGiven(Command):
    email: Email
    name: Line
    role: Role
    company: UUID | None = None
    nda_on: date | None = None
    language: Language = "fi"


class AgreementGiven(Command):
    nda_on: date


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role and what it is over, in words. ``standing``: valid, pending (no agreement), or
    closed (ended); ``end`` is the address that ends it, or empty."""

    role: str
    over: str
    reason: str
    since: datetime
    until: datetime | None
    standing: str
    end: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    id: UUID
    name: str
    email: str
    nda_on: date | None
    ended_at: datetime | None
    grants: tuple[GrantRow, ...]

    @property
    def standing_grants(self) -> tuple[GrantRow, ...]:
        return tuple(each for each in self.grants if each.standing != "closed")


@dataclass(frozen=True, slots=True)
class AccountsPage:
    desk: Desk
    rows: tuple[AccountRow, ...]
    next: str


@dataclass(frozen=True, slots=True)
class NewAccountPage:
    desk: Desk
    form: Form
    roles: tuple[Option, ...]
    companies: tuple[Option, ...]
    languages: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """``mine``: it is the reader's own, which they cannot close."""

    desk: Desk
    account: AccountRow
    form: Form
    mine: bool


async def show_all(request: Request) -> Response:
    after = request.query_params.get("after", "")
    try:
        start = UUID(after) if after else None
    except ValueError:
        raise PageNotFound from None
    lines = await accounts.accounts(after=start, limit=PAGE, now=clock.now())
    rows = sorted(await _rows(lines), key=lambda row: (row.name.casefold(), row.email))
    more = f"/staff/accounts?after={lines[-1].id}" if len(lines) == PAGE else ""
    return page_response(
        request, "staff/accounts.html", AccountsPage(desk(request), tuple(rows), more)
    )


async def _rows(lines: Sequence[AccountLine]) -> list[AccountRow]:
    """Two queries more, however many accounts."""
    scopes = {each.scope_id for line in lines for each in line.grants if each.scope_id}
    names = dict(await companies.names(list(scopes)))
    events = await catalogue.events_by_id(list(scopes - set(names)))
    names |= {found: text_in(event.title) for found, event in events.items()}
    return [
        AccountRow(
            line.id,
            line.name,
            line.email,
            line.nda_on,
            line.ended_at,
            tuple(_grant(line, each, names) for each in line.grants),
        )
        for line in lines
    ]


def _grant(line: AccountLine, each: GrantLine, names: Mapping[UUID, str]) -> GrantRow:
    ended = line.ended_at is not None or (each.ends_at is not None and not each.in_force)
    standing = "valid" if each.in_force and not line.ended_at else "closed" if ended else "pending"
    return GrantRow(
        _(ROLE_NAMES[each.role]),
        names.get(each.scope_id, "") if each.scope_id else "",
        each.reason,
        each.starts_at,
        each.ends_at,
        standing,
        "" if standing == "closed" else f"/staff/accounts/{line.id}/grants/{each.id}/end",
    )


async def new(request: Request) -> Response:
    values = {"role": Role.COORDINATOR.value, "language": "fi"}
    return await _new_answer(request, clean(Form(values=values)))


async def add(request: Request) -> Response:
    posted = await read_form(request)
    try:
        given = await _given(posted)
        made = await service.add_account(
            given.email,
            given.name,
            given.role,
            company_id=given.company,
            nda_on=given.nda_on,
            language=given.language,
            granted_by=require(request).account_id,
            now=clock.now(),
        )
    except DomainError as refused:
        return await _new_answer(request, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(request, "good", _("The account is added. Its holder logs in with the e-mail address."))
    return redirect(f"/staff/accounts/{made}")


async def _given(posted: Posted) -> AccountGiven:
    read = Reading(posted)
    names = ("email", "name", "role", "company", "nda_on", "language")
    given = read.command(AccountGiven, read.some(**{name: name for name in names}))
    if given.role not in GIVEN_BY_HAND:
        raise Refused(FieldError("role", "role", service.NotByHand.message))
    if given.role is Role.COORDINATOR:
        if given.company is None:
            raise Refused(FieldError("company", "missing", NO_COMPANY))
        if not await companies.names([given.company]):
            raise Refused(FieldError("company", "unknown", UNKNOWN_COMPANY))
    return given


async def _new_answer(request: Request, shown: Again) -> Response:
    page = NewAccountPage(
        desk(request, shown.trouble),
        shown.form,
        tuple((role.value, _(ROLE_NAMES[role])) for role in GIVEN_BY_HAND),
        tuple((str(each.id), each.name) for each in await companies.companies()),
        languages(),
    )
    return page_response(request, "staff/account_form.html", page, status=shown.status)


async def show(request: Request) -> Response:
    line = await _account(request)
    nda = line.nda_on.isoformat() if line.nda_on else ""
    return await _answer(request, line, clean(Form(values={"nda_on": nda})))


async def _account(request: Request) -> AccountLine:
    return await accounts.account(path_id(request), now=clock.now())


async def agree(request: Request) -> Response:
    line, posted = await _account(request), await read_form(request)
    try:
        read = Reading(posted)
        given = read.command(AgreementGiven, read.some(nda_on="nda_on"))
    except Refused as refused:
        return await _answer(request, line, again(posted.form(), refused))
    await service.sign_agreement(
        line.id, given.nda_on, actor_id=require(request).account_id, now=clock.now()
    )
    flash(request, "good", _("The agreement's date is on record."))
    return redirect(f"/staff/accounts/{line.id}")


async def end_grant(request: Request) -> Response:
    line, grant_id = await _account(request), path_id(request, "grant")
    if grant_id not in {each.id for each in line.grants}:
        raise GrantNotFound
    await service.end_grant(grant_id, actor_id=require(request).account_id, now=clock.now())
    flash(request, "good", _("This access has ended."))
    return redirect(f"/staff/accounts/{line.id}")


async def end(request: Request) -> Response:
    line, who = await _account(request), require(request)
    if line.id == who.account_id:
        mine = Again(Form(), _("You cannot close your own account. Ask a colleague to do it."), 409)
        return await _answer(request, line, mine)
    await service.end_account(line.id, actor_id=who.account_id, now=clock.now())
    flash(request, "good", _("The account is closed, and logged out everywhere."))
    return redirect("/staff/accounts")


async def _answer(request: Request, line: AccountLine, shown: Again) -> Response:
    page = AccountPage(
        desk(request, shown.trouble),
        (await _rows([line]))[0],
        shown.form,
        line.id == require(request).account_id,
    )
    return page_response(request, "staff/account.html", page, status=shown.status)


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/accounts", show_all, STAFF),
    get("/staff/accounts/new", new, STAFF),
    post("/staff/accounts/new", add, STAFF),
    get("/staff/accounts/{id}", show, STAFF),
    post("/staff/accounts/{id}/agreement", agree, STAFF),
    post("/staff/accounts/{id}/grants/{grant}/end", end_grant, STAFF),
    post("/staff/accounts/{id}/end", end, STAFF),
)
