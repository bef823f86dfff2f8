"""Personal accounts: who they are, since which agreement, with which address (P14).

What an account may do is given and ended in ``grants``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import queries as accounts
from registration.accounts import service
from registration.accounts.helping import HelpLine, help_asked
from registration.accounts.queries import AccountLine, TokenLine
from registration.accounts.rules import (
    SCOPE_ROLES,
    USUAL_GRANT,
    AccountExists,
    EndNeeded,
    LastAdministrator,
    NotToOneself,
    Role,
    SameAddress,
    Scope,
    ScopeNeeded,
    TooLong,
)
from registration.accounts.tokens import revoke_token
from registration.catalogue import queries as catalogue
from registration.catalogue.lines import Sought
from registration.catalogue.rules import State
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
    settings,
)
from registration.edge.answers import ROLE_NAMES
from registration.errors import Conflict, DomainError, FieldError
from registration.forms import Command, Form, Refused
from registration.i18n import DEFAULT_ZONE, N_, _, format_date, text_in
from registration.people.rules import Email, Language, Line, clean_text
from registration.teaching.queries import AssignedSession, assigned_sessions
from registration.web.contact_form import Option
from registration.web.staff.desk import STAFF, Again, Desk, again, clean, desk
from registration.web.staff.granted import (
    AccountRow,
    Part,
    Span,
    account_rows,
    end_of_day,
    parts,
    span_of,
)
from registration.web.staff.typed import Reading, languages

GIVEN_BY_HAND = (Role.STAFF, Role.ORGANISER, Role.COORDINATOR, Role.TRAINER)
PAGE = 100
CONFLICTS: Mapping[type[Conflict], str] = {
    AccountExists: "email",
    ScopeNeeded: "company",
    SameAddress: "email",
    EndNeeded: "until",
    TooLong: "until",
}
NO_COMPANY = N_("A coordinator belongs to a company: say which.")
UNKNOWN_COMPANY = N_("There is no such company.")
Reason = Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=200)]


class AccountGiven(Command):
    email: Email
    name: Line
    role: Role
    reason: Reason
    until: date | None = None
    company: UUID | None = None
    nda_on: date | None = None
    language: Language = "fi"


class AgreementGiven(Command):
    nda_on: date


class AddressGiven(Command):
    email: Email


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """``helped``: requests for help with a login that wait."""

    desk: Desk
    parts: tuple[Part, ...]
    rows: tuple[AccountRow, ...]
    next: str
    helped: tuple[HelpLine, ...]


@dataclass(frozen=True, slots=True)
class NewAccountPage:
    desk: Desk
    form: Form
    roles: tuple[Option, ...]
    companies: tuple[Option, ...]
    languages: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Taught:
    title: str
    path: str
    when: str
    line: AssignedSession


@dataclass(frozen=True, slots=True)
class AccountPage:
    """``mine``: it is the reader's own, to which they give nothing themselves. ``tokens`` stand
    beside their role. ``grant`` is the form that gives access, with what it may be over."""

    desk: Desk
    account: AccountRow
    span: Span | None
    taught: tuple[Taught, ...]
    tokens: tuple[tuple[TokenLine, str], ...]
    help: HelpLine | None
    form: Form
    grant: Form
    roles: tuple[Option, ...]
    companies: tuple[Option, ...]
    events: tuple[Option, ...]
    mine: bool


@dataclass(frozen=True, slots=True)
class AddressPage:
    desk: Desk
    account: AccountLine
    form: Form


async def show_all(request: Request) -> Response:
    after, now = request.query_params.get("after", ""), clock.now()
    try:
        start = UUID(after) if after else None
    except ValueError:
        raise PageNotFound from None
    lines = await accounts.accounts(after=start, limit=PAGE, now=now)
    found = await account_rows(lines, now=now)
    rows = sorted(found, key=lambda row: (row.name.casefold(), row.email))
    more = f"/staff/accounts?after={lines[-1].id}" if len(lines) == PAGE else ""
    page = AccountsPage(
        desk(request), parts("/staff/accounts"), tuple(rows), more, await help_asked(now=now)
    )
    return page_response(request, "staff/accounts.html", page)


def role_options() -> tuple[Option, ...]:
    return tuple((role.value, _(ROLE_NAMES[role])) for role in GIVEN_BY_HAND)


async def company_options() -> tuple[Option, ...]:
    return tuple((str(each.id), each.name) for each in await companies.companies())


def usual_end() -> str:
    """A year from today, as a date field shows it."""
    return (clock.now().astimezone(DEFAULT_ZONE) + USUAL_GRANT).date().isoformat()


async def new(request: Request) -> Response:
    values = {"role": Role.COORDINATOR.value, "language": "fi", "until": usual_end()}
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
            granter=require(request),
            reason=given.reason,
            until=end_of_day(given.until),
            now=clock.now(),
        )
    except DomainError as refused:
        return await _new_answer(request, again(posted.form(), refused, conflicts=CONFLICTS))
    flash(request, "good", _("The account is added. Its holder logs in with the e-mail address."))
    return redirect(f"/staff/accounts/{made}")


async def _given(posted: Posted) -> AccountGiven:
    read = Reading(posted)
    names = ("email", "name", "role", "reason", "until", "company", "nda_on", "language")
    given = read.command(AccountGiven, read.some(**{name: name for name in names}))
    if given.role not in GIVEN_BY_HAND:
        raise Refused(FieldError("role", "role", service.NotByHand.message))
    if given.role is Role.COORDINATOR:
        await check_company(given.company)
    return given


async def check_company(company_id: UUID | None) -> None:
    """Raises ``Refused`` at the form's field when there is none."""
    if company_id is None:
        raise Refused(FieldError("company", "missing", NO_COMPANY))
    if not await companies.names([company_id]):
        raise Refused(FieldError("company", "unknown", UNKNOWN_COMPANY))


async def _new_answer(request: Request, shown: Again) -> Response:
    page = NewAccountPage(
        desk(request, shown.trouble),
        shown.form,
        role_options(),
        await company_options(),
        languages(),
    )
    return page_response(request, "staff/account_form.html", page, status=shown.status)


async def show(request: Request) -> Response:
    return await account_answer(request, await account_line(request))


async def account_line(request: Request) -> AccountLine:
    return await accounts.account(path_id(request), now=clock.now())


async def agree(request: Request) -> Response:
    line, posted = await account_line(request), await read_form(request)
    try:
        read = Reading(posted)
        given = read.command(AgreementGiven, read.some(nda_on="nda_on"))
        await service.sign_agreement(
            line.id, given.nda_on, actor_id=require(request).account_id, now=clock.now()
        )
    except (Refused, LastAdministrator) as refused:
        return await account_answer(request, line, agreement=again(posted.form(), refused))
    flash(request, "good", _("The agreement's date is on record."))
    return redirect(f"/staff/accounts/{line.id}")


async def end(request: Request) -> Response:
    line, who = await account_line(request), require(request)
    if line.id == who.account_id:
        mine = Again(Form(), _("You cannot close your own account. Ask a colleague to do it."), 409)
        return await account_answer(request, line, grant=mine)
    try:
        await service.end_account(line.id, actor_id=who.account_id, now=clock.now())
    except LastAdministrator as refused:
        return await account_answer(request, line, grant=again(Form(), refused))
    flash(request, "good", _("The account is closed, and logged out everywhere."))
    return redirect("/staff/accounts")


async def ask_address(request: Request) -> Response:
    line = await account_line(request)
    return _address_answer(request, line, clean(Form(values={"email": line.email})))


async def change_address(request: Request) -> Response:
    line, posted = await account_line(request), await read_form(request)
    try:
        read = Reading(posted)
        given = read.command(AddressGiven, read.some(email="email"))
        await service.change_address(
            line.id,
            given.email,
            actor_id=require(request).account_id,
            settings=settings(request),
            now=clock.now(),
        )
    except NotToOneself:
        raise
    except DomainError as refused:
        shown = again(posted.form(), refused, conflicts=CONFLICTS)
        return _address_answer(request, line, shown)
    flash(request, "good", _("The address is changed, both addresses are told, and logins ended."))
    return redirect(f"/staff/accounts/{line.id}")


def _address_answer(request: Request, line: AccountLine, shown: Again) -> Response:
    page = AddressPage(desk(request, shown.trouble), line, shown.form)
    return page_response(request, "staff/account_address.html", page, status=shown.status)


async def take_token(request: Request) -> Response:
    line = await account_line(request)
    await revoke_token(
        path_id(request, "token"),
        account_id=line.id,
        actor_id=require(request).account_id,
        now=clock.now(),
    )
    flash(request, "good", _("The token is revoked."))
    return redirect(f"/staff/accounts/{line.id}#tokens")


async def account_answer(
    request: Request,
    line: AccountLine,
    *,
    agreement: Again | None = None,
    grant: Again | None = None,
) -> Response:
    now = clock.now()
    signed = {"nda_on": line.nda_on.isoformat() if line.nda_on else ""}
    agreement = agreement or clean(Form(values=signed))
    usual = {"role": Role.ORGANISER.value, "until": usual_end()}
    grant = grant or clean(Form(values=usual))
    row = (await account_rows([line], now=now))[0]
    waiting = await help_asked(account_id=line.id, now=now)
    page = AccountPage(
        desk(request, agreement.trouble or grant.trouble),
        row,
        span_of(row.grants, now=now),
        tuple(_taught(each) for each in await assigned_sessions(line.id, now=now)),
        tuple(
            (each, _(ROLE_NAMES[SCOPE_ROLES[Scope(each.scope)]]))
            for each in await accounts.tokens_of(line.id, now=now)
        ),
        waiting[0] if waiting else None,
        agreement.form,
        grant.form,
        role_options(),
        await company_options(),
        await _events(),
        line.id == require(request).account_id,
    )
    status = max(agreement.status, grant.status)
    return page_response(request, "staff/account.html", page, status=status)


def _taught(each: AssignedSession) -> Taught:
    return Taught(
        text_in(each.session.training.title),
        f"/staff/sessions/{each.session.id}",
        format_date(each.session.starts_at),
        each,
    )


async def _events() -> tuple[Option, ...]:
    """Those that are not over, drafts too."""
    coming = Sought(since=clock.now(), states=(State.PUBLISHED, State.DRAFT))
    return tuple(
        (str(line.id), f"{text_in(line.title)}, {format_date(line.starts_at)}")
        for line in await catalogue.events(coming)
    )


ROUTES: tuple[Endpoint, ...] = (
    get("/staff/accounts", show_all, STAFF),
    get("/staff/accounts/new", new, STAFF, fresh=True),
    post("/staff/accounts/new", add, STAFF, fresh=True),
    get("/staff/accounts/{id}", show, STAFF, fresh=True),
    post("/staff/accounts/{id}/agreement", agree, STAFF, fresh=True),
    get("/staff/accounts/{id}/address", ask_address, STAFF, fresh=True),
    post("/staff/accounts/{id}/address", change_address, STAFF, fresh=True),
    post("/staff/accounts/{id}/tokens/{token}/revoke", take_token, STAFF, fresh=True),
    post("/staff/accounts/{id}/end", end, STAFF, fresh=True),
)
