"""What staff's programs may call beside the catalogue: companies, trainer organisations, accounts,
places, and what is on record."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from registration import clock
from registration.accounts import queries as accounts
from registration.accounts import service as accounts_service
from registration.accounts.rules import Role
from registration.api.changes import changed, company_now, recipient_now
from registration.api.company import OFFICE, company_of
from registration.api.exchange import answer, asked, read_body
from registration.api.idempotency import once
from registration.api.operation import Operation
from registration.api.paging import Page, PageQuery, after_id, page, page_of
from registration.api.places import Enrolment, Registration
from registration.api.records import Account, Disclosure, Receipt, Recipient
from registration.api.shapes import Company, Made
from registration.api.staff import STAFF
from registration.api.wanted import (
    AccountWanted,
    EnrolmentsQuery,
    RegistrationsQuery,
    needed,
    unknown,
)
from registration.catalogue import queries as catalogue
from registration.companies import queries as companies
from registration.companies import service as companies_service
from registration.companies.rules import CompanyGiven, CompanyNotFound
from registration.edge import Access, path_id, require, settings
from registration.edge.routes import Handler
from registration.enrolment import queries as enrolment
from registration.enrolment.company_lines import places_found
from registration.enrolment.queries import PlaceLine
from registration.enrolment.rules import PlaceStatus
from registration.forms import parse
from registration.i18n import N_
from registration.ledger import queries as ledger
from registration.ledger.looks import look
from registration.ledger.rules import Basis
from registration.ledger.service import Shown, disclose
from registration.teaching import queries as teaching
from registration.teaching import service as teaching_service
from registration.teaching.queries import RecipientLine
from registration.teaching.rules import RecipientGiven, RecipientNotFound

SHOWN_FIELDS = ("name", "email", "company")


class ReceiptsQuery(PageQuery):
    event: UUID | None = None


class DisclosuresQuery(PageQuery):
    """``person``: only what was shown of this person, the newest first, in one page."""

    person: UUID | None = None


async def list_companies(request: Request) -> Response:
    part = page_of(
        await companies.companies(),
        asked(request, PageQuery),
        key=lambda line: (line.name.casefold(), str(line.id)),
    )
    items = tuple(Company.of(line) for line in part.items)
    return answer(Page[Company](items=items, next=part.next))


async def show_company(request: Request) -> Response:
    return answer(Company.of(await companies.company(path_id(request))))


async def add_company(request: Request) -> Response:
    given = parse(CompanyGiven, await read_body(request))
    return await once(request, partial(_company_added, request, given))


async def _company_added(request: Request, given: CompanyGiven) -> tuple[int, BaseModel]:
    made = await companies_service.add_company(
        given, actor_id=require(request).account_id, now=clock.now()
    )
    return 201, Made(id=made)


async def change_company(request: Request) -> Response:
    line = await companies.company(path_id(request))
    given = await read_body(request)
    wanted = parse(CompanyGiven, changed(request, company_now(line), given))
    await companies_service.change_company(
        line.id, wanted, actor_id=require(request).account_id, now=clock.now()
    )
    return answer(Company.of(await companies.company(line.id)))


async def list_recipients(request: Request) -> Response:
    part = page_of(
        await teaching.recipients(),
        asked(request, PageQuery),
        key=lambda line: (line.name.casefold(), str(line.id)),
    )
    items = tuple(Recipient.of(line) for line in part.items)
    return answer(Page[Recipient](items=items, next=part.next))


async def add_recipient(request: Request) -> Response:
    given = parse(RecipientGiven, await read_body(request))
    return await once(request, partial(_recipient_added, request, given))


async def _recipient_added(request: Request, given: RecipientGiven) -> tuple[int, BaseModel]:
    made = await teaching_service.add_recipient(
        given, actor_id=require(request).account_id, now=clock.now()
    )
    return 201, Made(id=made)


async def change_recipient(request: Request) -> Response:
    line = await _recipient(path_id(request))
    given = await read_body(request)
    wanted = parse(RecipientGiven, changed(request, recipient_now(line), given))
    await teaching_service.change_recipient(
        line.id, wanted, actor_id=require(request).account_id, now=clock.now()
    )
    return answer(Recipient.of(await _recipient(line.id)))


async def _recipient(recipient_id: UUID) -> RecipientLine:
    for line in await teaching.recipients():
        if line.id == recipient_id:
            return line
    raise RecipientNotFound


async def list_accounts(request: Request) -> Response:
    query = asked(request, PageQuery)
    lines = await accounts.accounts(after=after_id(query), limit=query.limit + 1, now=clock.now())
    part = page(lines, query.limit, key=lambda line: (str(line.id),))
    zone = settings(request).time_zone
    items = tuple(Account.of(line, zone) for line in part.items)
    return answer(Page[Account](items=items, next=part.next))


async def add_account(request: Request) -> Response:
    wanted = parse(AccountWanted, await read_body(request))
    if Role(wanted.role) is Role.COORDINATOR:
        await _check_company(wanted.company)
    return await once(request, partial(_account_added, request, wanted))


async def _check_company(company_id: UUID | None) -> None:
    """Raises ``Refused`` when there is none."""
    if company_id is None:
        raise needed("company")
    try:
        await companies.company(company_id)
    except CompanyNotFound:
        raise unknown("company", CompanyNotFound.message) from None


async def _account_added(request: Request, wanted: AccountWanted) -> tuple[int, BaseModel]:
    made = await accounts_service.add_account(
        wanted.email,
        wanted.name,
        Role(wanted.role),
        company_id=wanted.company,
        nda_on=wanted.nda_on,
        language=wanted.language,
        granter=require(request),
        reason=wanted.reason,
        until=wanted.until,
        now=clock.now(),
    )
    return 201, Made(id=made)


async def list_enrolments(request: Request) -> Response:
    """The company's own, without e-mail addresses; for staff all, on record."""
    query = asked(request, EnrolmentsQuery)
    is_staff = Role.STAFF in require(request).roles
    seating = (await catalogue.session(query.session)).seating_id if query.session else None
    if is_staff:
        lines = await enrolment.places(
            kind="session", after=after_id(query), limit=query.limit + 1, seating_id=seating
        )
    else:
        company = await company_of(request, query.company)
        lines = await places_found(
            company.id,
            after=after_id(query),
            limit=query.limit + 1,
            seating_id=seating,
            status=PlaceStatus(query.status) if query.status else None,
            person_id=query.person,
            order_number=query.order_number,
        )
    part = page(lines, query.limit, key=lambda line: (str(line.id),))
    if is_staff:
        await _on_record(request, part.items)
    items = tuple(Enrolment.of(line, with_email=is_staff) for line in part.items)
    return answer(Page[Enrolment](items=items, next=part.next))


async def list_registrations(request: Request) -> Response:
    query = asked(request, RegistrationsQuery)
    seating = (await catalogue.event(query.event)).seating_id if query.event else None
    lines = await enrolment.places(
        kind="event", after=after_id(query), limit=query.limit + 1, seating_id=seating
    )
    part = page(lines, query.limit, key=lambda line: (str(line.id),))
    await _on_record(request, part.items)
    items = tuple(Registration.of(line) for line in part.items)
    return answer(Page[Registration](items=items, next=part.next))


async def _on_record(request: Request, lines: Sequence[PlaceLine]) -> None:
    """That staff looked is on record, person by person (P15), and as one look at a list (P14)."""
    now, who = clock.now(), require(request).account_id
    shown = {line.offering.id for line in lines}
    await look(who, shown.pop() if len(shown) == 1 else None, now=now)
    await disclose(
        [
            Shown(
                person_id=line.person_id,
                fields=SHOWN_FIELDS,
                purpose="administration",
                basis=Basis.CONTRACT,
                road="api",
                actor_id=who,
                object_id=line.offering.id,
            )
            for line in lines
        ],
        now=now,
    )


async def list_receipts(request: Request) -> Response:
    query = asked(request, ReceiptsQuery)
    lines = await ledger.receipts(
        event_id=query.event, after=after_id(query), limit=query.limit + 1
    )
    part = page(lines, query.limit, key=lambda line: (str(line.id),))
    zone = settings(request).time_zone
    items = tuple(Receipt.of(line, zone) for line in part.items)
    return answer(Page[Receipt](items=items, next=part.next))


async def list_disclosures(request: Request) -> Response:
    query = asked(request, DisclosuresQuery)
    zone = settings(request).time_zone
    if query.person is not None:
        found = await ledger.disclosures_of(query.person, limit=query.limit)
        shown = tuple(Disclosure.of(line, zone) for line in found)
        return answer(Page[Disclosure](items=shown, next=None))
    lines = await ledger.disclosures(after=after_id(query), limit=query.limit + 1)
    part = page(lines, query.limit, key=lambda line: (str(line.id),))
    items = tuple(Disclosure.of(line, zone) for line in part.items)
    return answer(Page[Disclosure](items=items, next=part.next))


def _listed(
    path: str,
    handler: Handler,
    summary: str,
    shown: type[BaseModel],
    *,
    query: type[BaseModel] = PageQuery,
    access: Access = STAFF,
) -> Operation:
    return Operation(
        method="GET",
        path=path,
        handler=handler,
        access=access,
        who="staff",
        summary=summary,
        query=query,
        answers=(shown,),
    )


def _added(path: str, handler: Handler, summary: str, body: type[BaseModel]) -> Operation:
    return Operation(
        method="POST",
        path=path,
        handler=handler,
        access=STAFF,
        who="staff",
        summary=summary,
        bodies=(body,),
        answers=(Made,),
        status=201,
        conflicts=True,
    )


def _changes(
    path: str, handler: Handler, summary: str, body: type[BaseModel], shown: type[BaseModel]
) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            method=method,
            path=path,
            handler=handler,
            access=STAFF,
            who="staff",
            summary=summary,
            bodies=(body,),
            answers=(shown,),
            conflicts=True,
        )
        for method in ("PATCH", "PUT")
    )


OPERATIONS: tuple[Operation, ...] = (
    _listed(
        "/enrolments",
        list_enrolments,
        N_("Places on sessions: a company's own, or all for staff"),
        Page[Enrolment],
        query=EnrolmentsQuery,
        access=OFFICE,
    ),
    _listed(
        "/registrations",
        list_registrations,
        N_("Places at events; never their diets"),
        Page[Registration],
        query=RegistrationsQuery,
    ),
    _listed("/companies", list_companies, N_("Companies, by name"), Page[Company]),
    Operation(
        method="GET",
        path="/companies/{id}",
        handler=show_company,
        access=STAFF,
        who="staff",
        summary=N_("One company"),
        answers=(Company,),
    ),
    _added("/companies", add_company, N_("Add a company"), CompanyGiven),
    *_changes(
        "/companies/{id}",
        change_company,
        N_("Change a company: PATCH some of it, PUT all of it"),
        CompanyGiven,
        Company,
    ),
    _listed(
        "/recipients",
        list_recipients,
        N_("Trainer organisations, which may be given data under an agreement"),
        Page[Recipient],
    ),
    _added("/recipients", add_recipient, N_("Add a trainer organisation"), RecipientGiven),
    *_changes(
        "/recipients/{id}",
        change_recipient,
        N_("Change a trainer organisation: PATCH some of it, PUT all of it"),
        RecipientGiven,
        Recipient,
    ),
    _listed("/accounts", list_accounts, N_("Personal accounts, with their roles"), Page[Account]),
    _added(
        "/accounts",
        add_account,
        N_("Add a personal account, or a role to one"),
        AccountWanted,
    ),
    _listed(
        "/receipts",
        list_receipts,
        N_("Proofs that food restrictions were deleted"),
        Page[Receipt],
        query=ReceiptsQuery,
    ),
    _listed(
        "/disclosures",
        list_disclosures,
        N_("Whose data was shown or sent to whom, what for"),
        Page[Disclosure],
        query=DisclosuresQuery,
    ),
)
